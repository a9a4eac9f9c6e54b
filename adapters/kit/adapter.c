/* The adapter's side of the protocol: messages of the tool, and a thread for each client. */
#include "kit.h"
#include "lines.h"
#include "mapi_logon_codes.h"
#include "world.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct client {
    struct client *next;
    pthread_t thread;
    pthread_cond_t come;
    struct json *call; /* the call it is in, or NULL */
    bool leave;
    char name[];
};

static const struct ml_system *sut;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct client *clients;
static struct json *world_message;
static struct ml_world *world;

static const struct {
    const char *name;
    size_t function;
} calls[] = {
    {"MAPIInitialize", offsetof(struct ml_system, initialize)},
    {"MAPIUninitialize", offsetof(struct ml_system, uninitialize)},
    {"MAPILogonEx", offsetof(struct ml_system, logon)},
    {"Logoff", offsetof(struct ml_system, logoff)},
    {"Release", offsetof(struct ml_system, release)},
    {"OpenMsgStore", offsetof(struct ml_system, open_store)},
    {"OpenAddressBook", offsetof(struct ml_system, open_address_book)},
    {"GetStatusTable", offsetof(struct ml_system, status_table)},
    {"GetMsgStoresTable", offsetof(struct ml_system, stores_table)},
    {"QueryIdentity", offsetof(struct ml_system, identity)},
    {"DeleteProfile", offsetof(struct ml_system, delete_profile)},
    {"RemoveService", offsetof(struct ml_system, remove_service)},
};
enum { CALLS = sizeof calls / sizeof *calls };

static ml_function function_at(size_t call)
{
    ml_function f;
    memcpy(&f, (const char *)sut + calls[call].function, sizeof f);
    return f;
}

/* The system's function for the call of that name, or NULL. */
static ml_function function_of(const char *name)
{
    for (size_t i = 0; i < CALLS; i++)
        if (strcmp(calls[i].name, name) == 0)
            return function_at(i);
    return NULL;
}

static void put_list(struct json_out *out, const char *key, struct json_out *elements)
{
    json_open(out, key, '[');
    if (elements->used)
        json_put_raw(out, NULL, json_ended(elements));
    json_close(out, ']');
}

/* Makes a call of the system, on the thread of its client. Returns the message that it returned.
 */
static struct json_out make(const struct json *m)
{
    const struct json *args = json_member(m, "args"), *preset = json_member(m, "preset");
    const ml_function f = function_of(json_text(m, "call", ""));
    struct open_call open = {
        .client = json_text(m, "client", ""),
        .id = json_number(m, "id", 0),
        .preset = preset && preset->type == JSON_OBJECT ? preset : NULL,
    };
    struct ml_call c = {
        .client = open.client,
        .profile = json_text(args, "profile", NULL),
        .password = json_text(args, "password", NULL),
        .flags = (uint32_t)json_number(args, "flags", 0),
        .store = json_text(args, "store", NULL),
        .service = json_text(args, "service", NULL),
        .session = json_number(args, "session", 0),
    };
    current = &open;
    const ml_result result = f(&c);
    struct json_out out = of_call("returned");
    current = NULL;
    json_put_code(&out, "result", result);
    if (f == sut->logon && !FAILED(result)) {
        json_put_number(&out, "session", c.session);
        if (sut->identities)
            json_put_number(&out, "identity", c.identity);
    }
    if (open.preset)
        put_list(&out, "provider_events", &open.events);
    if (!FAILED(result) && (f == sut->stores_table || open.rows.used))
        put_list(&out, "rows", &open.rows);
    free(open.events.bytes);
    free(open.rows.bytes);
    return out;
}

static void *live(void *argument)
{
    struct client *c = argument;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (!c->call && !c->leave)
            pthread_cond_wait(&c->come, &lock);
        if (c->leave)
            break;
        struct json *call = c->call;
        pthread_mutex_unlock(&lock);
        struct json_out returned = make(call);
        pthread_mutex_lock(&lock);
        c->call = NULL; /* before the tool may send the next one */
        pthread_mutex_unlock(&lock);
        send_message(&returned);
        free(call);
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
    pthread_cond_init(&c->come, NULL);
    c->next = clients;
    clients = c;
    if (pthread_create(&c->thread, NULL, live, c) == 0)
        return c;
    clients = c->next;
    free(c);
    return NULL;
}

/* Each of these returns what is wrong with the message, or NULL. `call` keeps the message if
 * nothing is. */
static const char *call(struct json *m)
{
    const char *name = json_text(m, "client", NULL), *what = json_text(m, "call", "");
    if (!world)
        return "call before the first world";
    if (!name)
        return "call without client";
    if (!function_of(what)) {
        struct json_out out = message("unsupported");
        json_put_number(&out, "id", json_number(m, "id", 0));
        json_put_text(&out, "what", what);
        send_message(&out);
        free(m);
        return NULL;
    }
    pthread_mutex_lock(&lock);
    struct client *c = clients;
    while (c && strcmp(c->name, name) != 0)
        c = c->next;
    c = c ? c : new_client(name);
    const char *wrong = !c        ? "no thread for the client"
                        : c->call ? "call of a client that is in a call"
                                  : NULL;
    if (!wrong) {
        c->call = m;
        pthread_cond_signal(&c->come);
    }
    pthread_mutex_unlock(&lock);
    return wrong;
}

static bool any_call_open(void)
{
    bool any = false;
    pthread_mutex_lock(&lock);
    for (struct client *c = clients; c; c = c->next)
        any |= c->call != NULL;
    pthread_mutex_unlock(&lock);
    return any;
}

/* Ends the threads of all clients; none is in a call. */
static void end_clients(void)
{
    pthread_mutex_lock(&lock);
    for (struct client *c = clients; c; c = c->next) {
        c->leave = true;
        pthread_cond_signal(&c->come);
    }
    struct client *c = clients;
    clients = NULL;
    pthread_mutex_unlock(&lock);
    for (struct client *next; c; c = next) {
        next = c->next;
        pthread_join(c->thread, NULL);
        pthread_cond_destroy(&c->come);
        free(c);
    }
}

/* Replaces the world, which the system may look at until it has the next one. */
static const char *replace_world(struct ml_world *next, struct json *m)
{
    const char *lacks = sut->world(next);
    world_free(world);
    free(world_message);
    world = next;
    world_message = m;
    return lacks;
}

static const char *make_world(struct json *m)
{
    if (any_call_open())
        return "world while a call is open";
    struct ml_world *next = world_read(m);
    if (!next)
        return "out of memory";
    end_clients();
    const char *lacks = replace_world(next, m);
    const struct json *foreign = json_member(m, "providers");
    if (!lacks && foreign && foreign->first)
        lacks = "providers of no service";
    const struct json *list = json_member(m, "clients");
    for (const struct json *c = list ? list->first : NULL; c && !lacks && sut->initialize;
         c = c->next) {
        struct ml_call first = {.client = json_text(c, "name", "")};
        if (json_true(c, "initialized") && FAILED(sut->initialize(&first)))
            lacks = "MAPIInitialize";
    }
    struct json_out out = message(lacks ? "unsupported" : "ready");
    json_put_number(&out, "id", json_number(m, "id", 0));
    if (lacks)
        json_put_text(&out, "what", lacks);
    send_message(&out);
    return NULL;
}

static const char *hello(struct json *m)
{
    const struct json *versions = json_member(m, "protocol");
    const struct json *v = versions ? versions->first : NULL;
    while (v && v->number != 1)
        v = v->next;
    if (!v)
        return "hello without protocol version 1";
    struct json_out out = message("hello");
    json_put_number(&out, "id", json_number(m, "id", 0));
    json_put_number(&out, "protocol", 1);
    json_put_text(&out, "system", sut->name);
    json_put_text(&out, "version", sut->version);
    json_open(&out, "calls", '[');
    for (size_t i = 0; i < CALLS; i++)
        if (function_at(i))
            json_put_text(&out, NULL, calls[i].name);
    json_close(&out, ']');
    json_put_text(&out, "clients", sut->one_client ? "one" : "threads");
    json_open(&out, "controls", '{');
    json_put_text(&out, "providers", sut->providers ? "live" : "none");
    json_put_text(&out, "dialogs", sut->dialogs ? "scripted" : "none");
    json_close(&out, '}');
    json_open(&out, "observes", '{');
    json_put_raw(&out, "provider_calls", sut->providers ? "true" : "false");
    json_put_raw(&out, "session_identity", sut->identities ? "true" : "false");
    json_close(&out, '}');
    send_message(&out);
    free(m);
    return NULL;
}

/* Handles one message, and keeps or frees it. Returns what is wrong with it. */
static const char *handle(struct json *m, bool *end)
{
    const char *op = json_text(m, "op", "");
    const char *wrong = "unknown op";
    if (strcmp(op, "call") == 0)
        wrong = call(m);
    else if (strcmp(op, "answer") == 0)
        wrong = answered("ask", m) ? NULL : "answer to no open question";
    else if (strcmp(op, "user") == 0)
        wrong = answered("dialog", m) ? NULL : "answer to no open dialog";
    else if (strcmp(op, "world") == 0)
        wrong = make_world(m);
    else if (strcmp(op, "hello") == 0)
        wrong = hello(m);
    else if (strcmp(op, "bye") == 0)
        wrong = NULL, *end = true, free(m);
    if (wrong)
        free(m);
    return wrong;
}

int ml_run(const struct ml_system *system)
{
    static const struct ml_world nothing;
    const char *line;
    size_t length;
    bool end = false;
    sut = system;
    if (!lines_open())
        return 1;
    while (!end && (line = lines_read(&length))) {
        const char *wrong = "line of more than 1 MiB";
        struct json *m = length > LONGEST_LINE ? NULL : json_parse(line, length, &wrong);
        if (m)
            wrong = handle(m, &end);
        if (wrong)
            send_text("error", wrong, length > LONGEST_LINE ? NULL : line);
    }
    if (any_call_open())
        _Exit(0); /* no call can be taken back */
    end_clients();
    if (world) {
        sut->world(&nothing);
        world_free(world);
        free(world_message);
    }
    return 0;
}
