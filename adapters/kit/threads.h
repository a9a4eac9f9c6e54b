/* Threads, what they wait for, and which of them reads. */
#ifndef MAPI_LOGON_THREADS_H
#define MAPI_LOGON_THREADS_H

#include "kit.h"

#include <pthread.h>

/* Where a thread finds what it waits for. */
struct box {
    struct json *message;
    bool closed;
    pthread_cond_t come;
};

/* A question or a dialog, on the stack of the thread that waits for the answer. */
struct question {
    struct question *next;
    const char *kind; /* `ask` or `dialog`, also the key of its number */
    uint64_t number;
    struct box box;
};

/* The next message for the main thread, which no thread reads beyond; NULL at the end of input. */
struct json *take_errand(void);

/* Gives a question the next number, and waits until it is answered. The caller frees the answer. */
void number(struct question *q, uint64_t *counter);
struct json *answer_to(struct question *q);

bool any_call_open(void);
/* Ends the threads of all clients; none is in a call. */
void end_clients(void);

/* For the thread that reads, when a message has come: both own it if nothing is wrong. `begin`
 * returns what is; `answered` is false if nobody waits for that number. */
const char *begin(const char *client, struct json *call);
bool answered(const char *kind, struct json *answer);

/* What adapter.c does: reads a message, NULL if it was wrong; hands it to the thread of a client,
 * unless it is one for the main thread; makes a call, and returns the message that it returned. */
struct json *next_message(bool *ended);
bool hand_over(struct json *m);
struct json_out make(const struct json *call);

#endif
