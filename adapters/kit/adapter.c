/* The adapter's side of the protocol: messages of the tool. */
#include "lines.h"
#include "mapi_logon_codes.h"
#include "threads.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

static const struct ml_system *sut;
static struct json *world_message;
static struct ml_world *world;
static const char *line; /* the one read last; no other is read before it is handled */

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

struct json_out make(const struct json *m)
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
    return begin(name, m);
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

/* Frees a message that is wrong, and says so. */
static void reject(const char *wrong, struct json *m)
{
    if (!wrong)
        return;
    send_text("error", wrong, line);
    free(m);
}

struct json *next_message(bool *ended)
{
    size_t length;
    const char *wrong = "line of more than 1 MiB";
    line = lines_read(&length);
    if ((*ended = !line))
        return NULL;
    if (length > LONGEST_LINE)
        line = NULL;
    struct json *m = line ? json_parse(line, length, &wrong) : NULL;
    if (!m)
        reject(wrong, NULL);
    return m;
}

bool hand_over(struct json *m)
{
    const char *op = json_text(m, "op", ""), *wrong;
    if (strcmp(op, "call") == 0)
        wrong = call(m);
    else if (strcmp(op, "answer") == 0)
        wrong = answered("ask", m) ? NULL : "answer to no open question";
    else if (strcmp(op, "user") == 0)
        wrong = answered("dialog", m) ? NULL : "answer to no open dialog";
    else
        return false;
    reject(wrong, m);
    return true;
}

int ml_run(const struct ml_system *system)
{
    static const struct ml_world nothing;
    sut = system;
    if (!lines_open())
        return 1;
    for (struct json *m; (m = take_errand());) {
        const char *op = json_text(m, "op", "");
        if (strcmp(op, "bye") == 0) {
            free(m);
            break;
        }
        reject(strcmp(op, "world") == 0   ? make_world(m)
               : strcmp(op, "hello") == 0 ? hello(m)
                                          : "unknown op",
               m);
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
