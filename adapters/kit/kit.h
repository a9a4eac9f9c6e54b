/* What the two halves of the kit share: the call that a thread is in, and messages to the tool. */
#ifndef MAPI_LOGON_KIT_H
#define MAPI_LOGON_KIT_H

#include "json.h"
#include "mapi_logon_adapter.h"

struct open_call {
    const char *client;
    uint64_t id;
    const struct json *preset; /* NULL: questions are asked */
    struct json_out events, rows;
    struct json_out waiting; /* lines to be sent before the next message of the call */
};

/* The call that this thread is in, or NULL. */
extern _Thread_local struct open_call *current;

struct json_out message(const char *op);
/* A message that belongs to the current call. */
struct json_out of_call(const char *op);
/* Sends a message and frees it. */
void send_message(struct json_out *out);
void send_text(const char *op, const char *text, const char *detail);

#endif
