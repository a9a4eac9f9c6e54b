/* What a system says during a call: questions, dialogs, rows, remarks. */
#include "lines.h"
#include "mapi_logon_codes.h"
#include "threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Thread_local struct open_call *current;

struct json_out message(const char *op)
{
    struct json_out out = {0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "op", op);
    return out;
}

void send_message(struct json_out *out)
{
    json_end_line(out);
    lines_send(out);
}

void send_text(const char *op, const char *text, const char *detail)
{
    struct json_out out = message(op);
    char whole[400];
    snprintf(whole, sizeof whole, "%s%s%.200s", text, detail ? ": " : "", detail ? detail : "");
    for (char *at = whole + strlen(text); detail && *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?'; /* a line that is not understood need not be UTF-8 */
    json_put_text(&out, "text", whole);
    send_message(&out);
}

void ml_note(const char *text)
{
    send_text("note", text, NULL);
}

struct json_out of_call(const char *op)
{
    struct json_out out = current->waiting;
    current->waiting = (struct json_out){0};
    json_open(&out, NULL, '{');
    json_put_text(&out, "op", op);
    json_put_number(&out, "id", current->id);
    json_put_text(&out, "client", current->client);
    return out;
}

static ml_result code(const char *text)
{
    return (ml_result)strtoul(text, NULL, 16);
}

/* Numbers the message, sends it and waits for its answer, which the caller frees. */
static struct json *question(struct json_out *out, const char *kind, uint64_t *counter)
{
    struct question q = {.kind = kind};
    number(&q, counter);
    json_put_number(out, kind, q.number);
    send_message(out);
    return answer_to(&q);
}

static struct ml_answer preset(const char *provider, const char *call)
{
    char key[600];
    snprintf(key, sizeof key, "%s/%s", provider, call);
    ml_result result = code(json_text(current->preset, key, "0"));
    json_open(&current->events, NULL, '{');
    json_put_text(&current->events, "provider", provider);
    json_put_text(&current->events, "call", call);
    json_put_code(&current->events, "result", result);
    json_close(&current->events, '}');
    return (struct ml_answer){.result = result};
}

struct ml_answer ml_ask(const char *who, const char *call, uint32_t flags, bool ui)
{
    static uint64_t asked;
    const bool of_provider = strcmp(call, "Init") == 0 || strcmp(call, "Logon") == 0;
    if (!current)
        return (struct ml_answer){.result = S_OK};
    if (of_provider && current->preset)
        return preset(who, call);
    struct json_out out = of_call("ask");
    json_put_text(&out, "call", call);
    json_put_text(&out, of_provider ? "provider" : "service", who);
    json_open(&out, "args", '{');
    json_put_number(&out, "flags", flags);
    json_put_raw(&out, "ui", ui ? "true" : "false");
    json_close(&out, '}');
    struct json *answer = question(&out, "ask", &asked);
    struct ml_answer a = {code(json_text(answer, "result", "0")), json_true(answer, "completed")};
    free(answer);
    return a;
}

void ml_saw(const char *provider, const char *call)
{
    if (!current)
        return;
    struct json_out out = of_call("saw");
    json_put_text(&out, "provider", provider);
    json_put_text(&out, "call", call);
    json_end_line(&out);
    current->waiting = out; /* nothing is answered: it may go with the next line */
}

struct ml_user ml_dialog(const char *kind, const char *of, ml_result result)
{
    static const char *const choices[] = {"cancel", "pick",    "supply",  "supply-incomplete",
                                          "retry",  "correct", "decline", "confirm",
                                          "refuse"};
    static uint64_t shown;
    struct ml_user user = {.choice = ML_CANCEL};
    if (!current)
        return user;
    struct json_out out = of_call("dialog");
    json_put_text(&out, "kind", kind);
    if (of) {
        json_put_text(&out, "of", of);
        json_put_code(&out, "code", result);
    }
    struct json *answer = question(&out, "dialog", &shown);
    for (int i = ML_CANCEL; i <= ML_REFUSE; i++)
        if (strcmp(choices[i], json_text(answer, "answer", "cancel")) == 0)
            user.choice = (enum ml_choice)i;
    snprintf(user.profile, sizeof user.profile, "%s", json_text(answer, "profile", ""));
    user.completed = json_true(answer, "completed");
    free(answer);
    return user;
}

void ml_row(const char *name, const char *status)
{
    if (!current)
        return;
    json_open(&current->rows, NULL, '{');
    json_put_text(&current->rows, "name", name);
    if (status)
        json_put_text(&current->rows, "status", status);
    json_close(&current->rows, '}');
}
