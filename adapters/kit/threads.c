/* The threads of the kit: the main one, and one for each client.
 *
 * Whichever waits for a message reads, one at a time. So the next call and the answers of the only
 * client in a call reach its thread without another in between. */
#include "threads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct client {
    struct client *next;
    pthread_t thread;
    struct box box;
    bool in_call;
    char name[];
};

/* How often the main thread looks after the tool while the only call is inside the system, which
 * may never return. */
enum { LOOK_MS = 100 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct box main_box = {.come = PTHREAD_COND_INITIALIZER};
static struct client *clients;
static struct question *questions;
static size_t open, asking; /* calls, and questions in them */
static bool reading;        /* a thread reads, or the main one handles what it was handed */

/* The thread of the only call reads next, unless it waits for an answer already. */
static bool must_read(void)
{
    return open != 1 || asking;
}

static void put(struct box *box, struct json *m)
{
    box->message = m;
    pthread_cond_signal(&box->come);
}

static void close_box(struct box *box)
{
    box->closed = true;
    pthread_cond_signal(&box->come);
}

static void read_message(void)
{
    reading = true;
    pthread_mutex_unlock(&lock);
    bool ended;
    struct json *m = next_message(&ended);
    pthread_mutex_lock(&lock);
    if (ended)
        close_box(&main_box);
    else if (m && !hand_over(m))
        put(&main_box, m);
    else
        reading = false;
}

/* Waits in vain for at most LOOK_MS. */
static bool look(struct box *box)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += LOOK_MS * 1000000L;
    t.tv_sec += t.tv_nsec / 1000000000L;
    t.tv_nsec %= 1000000000L;
    return pthread_cond_timedwait(&box->come, &lock, &t) == ETIMEDOUT;
}

/* The next message in the box, or NULL if none will come. */
static struct json *take(struct box *box)
{
    bool late = false;
    while (!box->message && !box->closed) {
        if (!reading && (late || must_read()))
            read_message(), late = false;
        else if (box == &main_box)
            late = look(box);
        else
            pthread_cond_wait(&box->come, &lock);
    }
    struct json *m = box->message;
    box->message = NULL;
    return m;
}

/* The main thread reads on for one that has stopped. */
static void let_read(void)
{
    if (!reading && must_read())
        pthread_cond_signal(&main_box.come);
}

struct json *take_errand(void)
{
    pthread_mutex_lock(&lock);
    reading = false;
    struct json *m = take(&main_box);
    pthread_mutex_unlock(&lock);
    return m;
}

static void *live(void *argument)
{
    struct client *c = argument;
    struct json *call;
    pthread_mutex_lock(&lock);
    while ((call = take(&c->box))) {
        let_read();
        pthread_mutex_unlock(&lock);
        struct json_out returned = make(call);
        free(call);
        pthread_mutex_lock(&lock);
        c->in_call = false; /* before the tool may send the next one */
        open--;
        pthread_mutex_unlock(&lock);
        send_message(&returned);
        pthread_mutex_lock(&lock);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

static struct client *new_client(const char *name)
{
    struct client *c = calloc(1, sizeof *c + strlen(name) + 1);
    if (!c)
        return NULL;
    memcpy(c->name, name, strlen(name));
    pthread_cond_init(&c->box.come, NULL);
    if (pthread_create(&c->thread, NULL, live, c) != 0)
        return free(c), NULL;
    c->next = clients;
    return clients = c;
}

const char *begin(const char *client, struct json *call)
{
    struct client *c = clients;
    while (c && strcmp(c->name, client) != 0)
        c = c->next;
    c = c ? c : new_client(client);
    if (!c)
        return "no thread for the client";
    if (c->in_call)
        return "call of a client that is in a call";
    c->in_call = true;
    open++;
    put(&c->box, call);
    return NULL;
}

void number(struct question *q, uint64_t *counter)
{
    pthread_mutex_lock(&lock);
    q->number = ++*counter;
    pthread_cond_init(&q->box.come, NULL);
    q->next = questions;
    questions = q;
    pthread_mutex_unlock(&lock);
}

struct json *answer_to(struct question *q)
{
    pthread_mutex_lock(&lock);
    asking++;
    struct json *answer = take(&q->box);
    asking--;
    struct question **link = &questions;
    while (*link != q)
        link = &(*link)->next;
    *link = q->next;
    let_read();
    pthread_mutex_unlock(&lock);
    pthread_cond_destroy(&q->box.come);
    return answer;
}

bool answered(const char *kind, struct json *answer)
{
    struct question *q = questions;
    while (q && (strcmp(q->kind, kind) != 0 || q->number != json_number(answer, kind, 0) ||
                 q->box.message))
        q = q->next;
    if (q)
        put(&q->box, answer);
    return q;
}

bool any_call_open(void)
{
    pthread_mutex_lock(&lock);
    const bool any = open;
    pthread_mutex_unlock(&lock);
    return any;
}

void end_clients(void)
{
    pthread_mutex_lock(&lock);
    for (struct client *c = clients; c; c = c->next)
        close_box(&c->box);
    struct client *c = clients;
    clients = NULL;
    pthread_mutex_unlock(&lock);
    for (struct client *next; c; c = next) {
        next = c->next;
        pthread_join(c->thread, NULL);
        pthread_cond_destroy(&c->box.come);
        free(c);
    }
}
