/* Configuration and provider logon, with second try and disabling (Q10 to Q17). */
#include "subsystem.h"

#include <signal.h>

enum { TRIES = 2 }; /* RTY-5 */

static bool ui(const struct session *s)
{
    return ui_allowed(s->flags, MAPI_LOGON_UI | MAPI_SERVICE_UI_ALWAYS);
}

/* The failed try `k` of a step: informs and offers (Q15). True if the step has a further try. */
static bool offer(struct session *s, const char *of, int k, ml_result code, size_t *configured)
{
    int tries = fault(NO_SECOND_TRY) ? 1 : fault(THIRD_TRY) ? 3 : TRIES;
    if (k >= tries)
        return false;
    if (fault(SILENT_FAILURE) || !(ui(s) || fault(DIALOG_UNASKED)))
        return true;                                   /* T-50 */
    struct ml_user user = dialog("failure", of, code); /* T-45 */
    if (user.choice == ML_CORRECT && user.completed && configured)
        s->profile->configured[*configured] = true;
    return user.choice != ML_DECLINE || fault(DECLINE_RETRIES); /* T-49 */
}

static ml_result disable(struct session *s, size_t service, ml_result code)
{
    if (fault(CRASH))
        raise(SIGSEGV);
    s->lost = code;
    if (!fault(NEVER_DISABLE))
        s->state[service] = DISABLED; /* T-54 */
    if (fault(DISABLED_OUTLIVES))
        s->profile->configured[service] = false;
    return code;
}

static ml_result try_configuration(struct session *s, size_t service)
{
    if (s->profile->configured[service])
        return S_OK; /* T-28 */
    if (!ui(s))
        return MAPI_E_UNCONFIGURED; /* T-30, T-31 */
    struct ml_answer a = ask(s->profile->is->service[service].name, "CONFIGURE",
                             SERVICE_UI_ALLOWED, true); /* T-29 */
    if (FAILED(a.result))
        return a.result;                           /* T-33, T-34 */
    s->profile->configured[service] = a.completed; /* T-32 */
    return a.completed ? S_OK : MAPI_E_UNCONFIGURED;
}

void configure(struct session *s, size_t service)
{
    for (int k = 1;; k++) {
        ml_result r = try_configuration(s, service);
        if (!FAILED(r))
            return;
        if (!offer(s, s->profile->is->service[service].name, k, r, &service)) {
            disable(s, service, r); /* T-31, T-34 */
            return;
        }
    }
}

void force_configuration(struct session *s)
{
    const struct ml_profile *p = s->profile->is;
    for (size_t i = 0; i < p->services; i++) {
        if (p->service[i].entry_point == ML_NO_ENTRY_POINT || s->state[i] == ABSENT)
            continue; /* SVC-20 */
        struct ml_answer a =
            ask(p->service[i].name, "CONFIGURE", SERVICE_UI_ALWAYS, true); /* SVC-25 */
        if (a.completed)
            s->profile->configured[i] = true; /* T-26 */
    }
}

/* The entry point of a provider (Q13). */
static ml_result load(struct session *s, const struct ml_provider *p)
{
    return ask(p->name, "Init", s->flags & MAPI_NT_SERVICE, ui(s)).result; /* PRV-17 */
}

/* The logon method of a provider (Q14). */
static ml_result log_on(struct session *s, const struct ml_provider *p)
{
    uint32_t flags = ui(s) ? 0 : NO_DIALOG; /* PRV-23 */
    if (p->kind == ML_TRANSPORT)
        flags |= LOGON_NO_INBOUND | LOGON_NO_OUTBOUND; /* T-70 */
    return ask(p->name, "Logon", flags, ui(s)).result;
}

/* What the second try begins with (Q16): the service's entry point, if the first answered
 * MAPI_E_UNCONFIGURED. */
static bool entry_point_cancelled(struct session *s, const struct ml_provider *p, ml_result before)
{
    const struct ml_service *service = s->profile->is->service + p->service;
    if ((before != MAPI_E_UNCONFIGURED && !fault(ENTRY_POINT_ALWAYS)) || fault(SKIP_ENTRY_POINT))
        return false;
    if (service->entry_point == ML_NO_ENTRY_POINT)
        return false; /* SVC-20 */
    struct ml_answer a =
        ask(service->name, "CONFIGURE", ui(s) ? SERVICE_UI_ALLOWED : 0, ui(s)); /* T-51, SVC-16 */
    return a.result == MAPI_E_USER_CANCEL; /* T-53; whatever else it answers, T-52 */
}

static bool put_off(ml_result r)
{
    return r == MAPI_E_FAILONEPROVIDER && !fault(SKIP_DISABLES) &&
           !fault(SKIP_RETRIES); /* PRV-52 */
}

ml_result start(struct session *s, size_t provider)
{
    const struct ml_provider *p = s->profile->is->provider + provider;
    bool loaded = false;
    ml_result r = S_OK;
    for (int k = 1;; k++) {
        if (k > 1 && entry_point_cancelled(s, p, r)) {
            r = MAPI_E_USER_CANCEL;
        } else {
            if (!loaded || fault(INIT_AGAIN))
                r = load(s, p);
            else
                r = S_OK;
            loaded |= !FAILED(r);
            if (loaded || fault(LOGON_WITHOUT_INIT))
                r = log_on(s, p);
            if (!FAILED(r) && !(r && fault(WARNING_FAILS))) {
                s->run[provider] = LOGGED_ON; /* T-40 */
                return r;
            }
            if (put_off(r)) {
                s->run[provider] = DEFERRED; /* T-41 */
                return r;
            }
        }
        if ((r == MAPI_E_FAILONEPROVIDER && fault(SKIP_DISABLES)) ||
            !offer(s, p->name, k, r, NULL))
            return disable(s, p->service, r); /* T-44 */
    }
}

bool critical_lost(const struct session *s)
{
    const struct ml_profile *p = s->profile->is;
    for (size_t i = 0; !s->open && i < p->services; i++)
        if (s->state[i] == DISABLED && p->service[i].critical)
            return true;
    return false;
}

void start_kind(struct session *s, enum ml_kind kind)
{
    const struct ml_profile *p = s->profile->is;
    for (size_t i = 0; i < p->providers; i++) {
        if (p->provider[i].kind != kind || s->run[i] == LOGGED_ON)
            continue;
        const enum state *state = s->state + p->provider[i].service;
        if (*state == ABSENT || (*state == DISABLED && !fault(START_SIBLINGS)))
            continue; /* T-36 */
        start(s, i);
        if (critical_lost(s) || (*state == DISABLED && fault(STOP_AT_LOSS)))
            break;
    }
}
