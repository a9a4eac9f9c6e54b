/* Sessions, attachments and the calls on them. */
#include "subsystem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct session *sessions, *current_shared;
static struct attachment *attachments;

static void *zeroed(size_t count, size_t size)
{
    void *p = calloc(count + 1, size);
    if (!p)
        abort();
    return p;
}

struct session *new_session(struct profile *profile, uint32_t flags)
{
    static uint64_t numbers;
    struct session *s = zeroed(1, sizeof *s), **last = &sessions;
    s->number = ++numbers;
    s->profile = profile;
    s->flags = flags;
    s->shareable = flags & MAPI_ALLOW_OTHERS;                   /* SHR-6 */
    s->state = zeroed(profile->is->services, sizeof *s->state); /* OFF-21: all ENABLED */
    for (size_t i = 0; i < profile->is->services; i++)
        if (profile->removed[i])
            s->state[i] = ABSENT;
    s->run = zeroed(profile->is->providers, sizeof *s->run);
    while (*last)
        last = &(*last)->next;
    *last = s;
    return s;
}

void attach(struct session *s, struct ml_call *logon)
{
    static uint64_t handles;
    struct attachment *a = zeroed(1, sizeof *a);
    a->client = zeroed(strlen(logon->client), 1);
    memcpy(a->client, logon->client, strlen(logon->client));
    a->number = logon->session = ++handles; /* INV-10 */
    logon->identity = s->number;
    a->flags = logon->flags;
    a->session = s;
    a->next = attachments;
    attachments = a;
    s->attachments++;
}

/* T-80 and T-81. */
void shut_down(struct session *s)
{
    static const enum ml_kind order[] = {ML_TRANSPORT, ML_ADDRESS_BOOK,
                                         ML_MESSAGE_STORE};                          /* AMB-49 */
    static const char *const calls[] = {"Logoff", "Release", "Shutdown", "Release"}; /* OFF-11 */
    const struct ml_profile *p = s->profile->is;
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < p->providers; i++)
            for (int c = 0; c < 4 && p->provider[i].kind == order[k] && s->run[i] == LOGGED_ON;
                 c++)
                ml_saw(p->provider[i].name, calls[c]); /* DIS-8: quarantined ones as well */
    struct session **link = &sessions;
    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
    if (current_shared == s)
        current_shared = NULL;
    free(s->state);
    free(s->run);
    free(s);
}

static void detach(struct attachment *a)
{
    struct attachment **link = &attachments;
    while (*link != a)
        link = &(*link)->next;
    *link = a->next;
    a->session->attachments--;
    free(a->client);
    free(a);
}

void drop_everything(void)
{
    while (attachments)
        detach(attachments);
    while (sessions)
        shut_down(sessions);
}

static struct attachment *find(const struct ml_call *c)
{
    struct attachment *a = attachments;
    while (a && (a->number != c->session || strcmp(a->client, c->client) != 0))
        a = a->next;
    return a;
}

/* The attachment that a call acts through, when its turn on the session has come. */
static struct attachment *take_turn(const struct ml_call *c, ml_result *r)
{
    struct attachment *a;
    *r = S_OK;
    if (!initialized(c->client))
        return *r = MAPI_E_NOT_INITIALIZED, NULL; /* INI-12 */
    while ((a = find(c)) && a->session->busy)
        wait_for_change(0, NULL);
    if (!a || a->session->dead)
        return *r = MAPI_E_INVALID_OBJECT, NULL; /* T-82, RES-9 */
    a->session->busy = true;
    return a;
}

static ml_result give_turn(struct attachment *a, ml_result r)
{
    a->session->busy = false;
    changed();
    return r;
}

/* T-78 and T-79. */
static void end_attachment(struct attachment *a)
{
    struct session *s = a->session;
    detach(a);
    for (struct attachment *o = attachments, *next; o && fault(LOGOFF_ENDS_ALL); o = next) {
        next = o->next;
        if (o->session == s)
            detach(o);
    }
    if (!s->attachments && !(s->shareable && fault(SHARED_OUTLIVES)))
        shut_down(s);
}

void end_attachments(const char *client)
{
    for (struct attachment *a = attachments; a;) {
        const bool its = strcmp(a->client, client) == 0;
        if (its)
            end_attachment(a);
        a = its ? attachments : a->next;
    }
}

ml_result logoff(struct ml_call *c)
{
    enter();
    ml_result r;
    struct attachment *a = take_turn(c, &r);
    if (a && c->flags & MAPI_LOGOFF_UI && dialog("logoff", NULL, S_OK).choice != ML_CONFIRM)
        r = MAPI_E_USER_CANCEL; /* T-76 */
    if (a)
        give_turn(a, r);
    if (a && !r) {
        if (c->flags & MAPI_LOGOFF_SHARED && current_shared == a->session &&
            !fault(JOINABLE_AFTER_SHARED))
            current_shared = NULL; /* T-77 */
        if (!fault(USABLE_AFTER_LOGOFF))
            end_attachment(a);
    }
    leave();
    return r;
}

ml_result release(struct ml_call *c)
{
    enter();
    ml_result r;
    struct attachment *a = take_turn(c, &r);
    if (a) {
        give_turn(a, S_OK);
        end_attachment(a); /* T-83 */
    }
    leave();
    return r == MAPI_E_INVALID_OBJECT ? S_OK : r; /* OFF-4 */
}

static size_t store_of(const struct ml_profile *p, const char *name)
{
    size_t i = 0;
    while (i < p->providers &&
           (p->provider[i].kind != ML_MESSAGE_STORE || strcmp(p->provider[i].name, name) != 0))
        i++;
    return i;
}

static ml_result store_result(struct session *s, const char *name)
{
    const struct ml_profile *p = s->profile->is;
    const size_t i = store_of(p, name);
    const enum state state = i == p->providers ? ABSENT : s->state[p->provider[i].service];
    if (state == ABSENT && fault(HANG)) {
        leave();
        for (;;)
            pause();
    }
    if (state == ABSENT)
        return fault(UNKNOWN_STORE) ? S_OK : MAPI_E_NOT_FOUND; /* INV-51 */
    const bool reached = fault(ASK_DISABLED) || (s->run[i] == LOGGED_ON && fault(KEEP_SIBLINGS));
    if (state == DISABLED && !reached)
        return fault(OPEN_DISABLED) ? S_OK : MAPI_E_LOGON_FAILED; /* OPN-20 */
    if (s->run[i] == LOGGED_ON)
        return S_OK; /* OPN-6 */
    if (s->run[i] == DEFERRED && fault(DEFERRED_DEAD))
        return MAPI_E_FAILONEPROVIDER;
    return start(s, i); /* T-72 */
}

ml_result open_store(struct ml_call *c)
{
    enter();
    ml_result r;
    struct attachment *a = take_turn(c, &r);
    if (a) {
        r = store_result(a->session, c->store ? c->store : "");
        a->session->dead = FAILED(r) && fault(DEAD_AFTER_OPEN);
        give_turn(a, r);
    }
    leave();
    return r;
}

ml_result open_address_book(struct ml_call *c)
{
    enter();
    ml_result r;
    struct attachment *a = take_turn(c, &r);
    if (a) {
        const struct ml_profile *p = a->session->profile->is;
        start_kind(a->session, ML_ADDRESS_BOOK);
        for (size_t i = 0; i < p->providers; i++) {
            const enum state state = a->session->state[p->provider[i].service];
            bool runs = a->session->run[i] == LOGGED_ON && state == ENABLED;
            if (p->provider[i].kind == ML_ADDRESS_BOOK && state != ABSENT && !runs)
                r = MAPI_W_ERRORS_RETURNED; /* OPN-2, OPN-22 */
        }
        if (r && fault(BOOK_HIDES_LOSS))
            r = S_OK;
        if (r && fault(BOOK_FAILS))
            r = MAPI_E_NOT_FOUND;
        give_turn(a, r);
    }
    leave();
    return r;
}

ml_result status_table(struct ml_call *c)
{
    enter();
    ml_result r;
    struct attachment *a = take_turn(c, &r);
    if (a) {
        const bool mail = !(a->flags & MAPI_NO_MAIL);
        if (mail || fault(MAIL_ANYWAY))
            start_kind(a->session, ML_TRANSPORT);               /* PRV-9 */
        ml_row("MAPI_SUBSYSTEM", "available");                  /* STA-1 */
        ml_row("MAPI_SPOOLER", mail ? "available" : "failure"); /* STA-18 */
        ml_row("MAPI_AB", "available");
        const struct ml_profile *p = a->session->profile->is;
        for (size_t i = 0; i < p->providers; i++) {
            const enum state state = a->session->state[p->provider[i].service];
            if (a->session->run[i] == LOGGED_ON &&
                (mail || p->provider[i].kind != ML_TRANSPORT)) /* STA-17 */
                ml_row(p->provider[i].name,
                       state == ENABLED ? "available" : "failure"); /* STA-12 */
        }
        give_turn(a, r);
    }
    leave();
    return r;
}

ml_result stores_table(struct ml_call *c)
{
    enter();
    ml_result r;
    struct attachment *a = take_turn(c, &r);
    if (a) {
        const struct ml_profile *p = a->session->profile->is;
        for (size_t k = 0; k < p->providers; k++) {
            size_t i = fault(ROWS_REVERSED) ? p->providers - 1 - k : k;
            const enum state state = a->session->state[p->provider[i].service];
            bool listed =
                state == ENABLED || (state == DISABLED && fault(ROWS_OF_DISABLED)); /* OPN-25 */
            if (p->provider[i].kind == ML_MESSAGE_STORE && listed)
                ml_row(p->provider[i].name, NULL); /* OPN-12 */
        }
        give_turn(a, r);
    }
    leave();
    return r;
}

ml_result identity(struct ml_call *c)
{
    enter();
    ml_result r;
    struct attachment *a = take_turn(c, &r);
    if (a) {
        const struct ml_profile *p = a->session->profile->is;
        r = MAPI_W_NO_SERVICE; /* OPN-13 */
        for (size_t i = 0; i < p->providers; i++) {
            size_t service = p->provider[i].service;
            bool counts =
                a->session->state[service] == ENABLED || fault(IDENTITY_OF_DISABLED); /* OPN-23 */
            if (p->service[service].identity && a->session->run[i] == LOGGED_ON && counts)
                r = S_OK;
        }
        give_turn(a, r);
    }
    leave();
    return r;
}

ml_result remove_service(struct ml_call *c)
{
    enter();
    ml_result r;
    struct attachment *a = take_turn(c, &r);
    if (a) {
        struct profile *p = a->session->profile;
        size_t i = 0;
        while (i < p->is->services && (p->removed[i] || strcmp(p->is->service[i].name,
                                                               c->service ? c->service : "") != 0))
            i++;
        if (i < p->is->services)
            p->removed[i] = true; /* OPN-14: from the next session on */
        else
            r = MAPI_E_NOT_FOUND;
        give_turn(a, r);
    }
    leave();
    return r;
}
