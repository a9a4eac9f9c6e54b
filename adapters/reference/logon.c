/* MAPILogonEx: parameters, mutex, choice of session and profile, credentials, and the order of
 * what starts. */
#include "subsystem.h"

#include <string.h>

static bool mutex_held;

/* Characters of a UTF-8 text. */
static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += (*text & 0xc0) != 0x80;
    return n;
}

static bool parameters_valid(const struct ml_call *c)
{
    const uint32_t both = MAPI_LOGON_UI | MAPI_PASSWORD_UI;
    if (c->profile && characters(c->profile) > 64 && !fault(LONG_NAME))
        return false; /* PAR-5 */
    if (c->password && *c->password && !fault(PASSWORD_TAKEN))
        return false; /* PAR-6, AMB-29 */
    if ((c->flags & both) == both && !fault(BOTH_UI_FLAGS))
        return false; /* FLG-20 */
    return !(c->flags & ~MAPI_LOGON_FLAGS) || fault(ANY_FLAGS);
}

static ml_result take_mutex(uint32_t flags)
{
    int64_t deadline = 0;
    bool may_fail = (flags & MAPI_TIMEOUT_SHORT && !fault(WAIT_UNASKED)) || fault(TIMEOUT_UNASKED);
    while (mutex_held && !fault(NO_MUTEX))
        if (!wait_for_change(may_fail ? the_world->short_timeout_ms : 0, &deadline) && mutex_held)
            return MAPI_E_TIMEOUT; /* T-7 */
    mutex_held = true;             /* T-6 */
    return S_OK;
}

static void give_mutex(void)
{
    mutex_held = false;
    changed();
}

/* Q5 and Q6. Returns S_OK with the name, or the result of the call. */
static ml_result choose_name(const struct ml_call *c, struct ml_user *user, const char **name)
{
    const bool use_default =
        (c->flags & MAPI_USE_DEFAULT || fault(DEFAULT_UNASKED)) && the_world->default_profile;
    if (c->profile && *c->profile && !(use_default && fault(DEFAULT_WINS))) {
        *name = c->profile; /* T-11 */
    } else if (use_default) {
        *name = the_world->default_profile; /* T-12 */
    } else if (!ui_allowed(c->flags, MAPI_LOGON_UI)) {
        return MAPI_E_LOGON_FAILED; /* T-14 */
    } else {
        *user = dialog("profile", NULL, S_OK); /* T-13 */
        if (user->choice != ML_PICK)
            return MAPI_E_USER_CANCEL; /* T-16 */
        *name = user->profile;         /* T-15 */
    }
    return S_OK;
}

/* Q7 to Q9. */
static ml_result open_profile(uint32_t flags, struct profile *p)
{
    if (!p)
        return fault(UNKNOWN_NAME_CODE) ? MAPI_E_NOT_FOUND : MAPI_E_LOGON_FAILED; /* T-18 */
    if (p->is->state != ML_VALID)
        return MAPI_E_LOGON_FAILED; /* T-18 */
    if (!p->is->password)
        return S_OK; /* T-19 */
    if (!ui_allowed(flags, MAPI_PASSWORD_UI))
        return MAPI_E_LOGON_FAILED;                       /* T-20 */
    struct ml_user user = dialog("password", NULL, S_OK); /* T-21 */
    if (user.choice == ML_SUPPLY)
        return S_OK;                                                            /* T-22 */
    return user.choice == ML_CANCEL ? MAPI_E_USER_CANCEL : MAPI_E_LOGON_FAILED; /* T-23, T-24 */
}

static bool all_disabled(const struct session *s)
{
    size_t enabled = 0, disabled = 0;
    for (size_t i = 0; i < s->profile->is->services; i++) {
        enabled += s->state[i] == ENABLED;
        disabled += s->state[i] == DISABLED;
    }
    return disabled && !enabled;
}

/* Q10 to Q18: configuration, then the providers. */
static ml_result start_all(struct session *s)
{
    const bool books_first = !fault(STORES_FIRST);
    if (s->flags & MAPI_SERVICE_UI_ALWAYS && ui_allowed(s->flags, MAPI_SERVICE_UI_ALWAYS))
        force_configuration(s); /* T-25 */
    for (size_t i = 0; i < s->profile->is->services && !critical_lost(s); i++)
        if (s->state[i] == ENABLED)
            configure(s, i); /* T-27 */
    if (!critical_lost(s))
        start_kind(s, books_first ? ML_ADDRESS_BOOK : ML_MESSAGE_STORE); /* PRV-2 */
    if (!critical_lost(s))
        start_kind(s, books_first ? ML_MESSAGE_STORE : ML_ADDRESS_BOOK);
    const bool download = s->flags & MAPI_FORCE_DOWNLOAD && !(s->flags & MAPI_NO_MAIL);
    if (!critical_lost(s) && (download || fault(EAGER_TRANSPORTS)))
        start_kind(s, ML_TRANSPORT); /* PRV-9 */
    if (critical_lost(s))
        return MAPI_E_LOGON_FAILED; /* T-55 */
    if (fault(LOSS_FAILS) && s->lost)
        return s->lost;
    return fault(EMPTY_FAILS) && all_disabled(s) ? MAPI_E_LOGON_FAILED : S_OK;
}

static ml_result establish(struct ml_call *c)
{
    size_t open = 0;
    for (struct session *s = sessions; s; s = s->next)
        open++;
    if (the_world->max_sessions && open >= the_world->max_sessions)
        return MAPI_E_LOGON_FAILED; /* T-10a */
    struct ml_user user;
    const char *name = NULL;
    ml_result r = choose_name(c, &user, &name);
    struct profile *p = r ? NULL : profile_of(name);
    if (!r)
        r = open_profile(c->flags, p);
    if (r)
        return r;
    struct session *s = new_session(p, c->flags); /* T-10 */
    r = start_all(s);
    if (r) {
        shut_down(s); /* T-60 */
        return r;
    }
    s->open = true; /* T-59 */
    if (s->shareable)
        current_shared = s; /* SHR-6e, AMB-17 */
    attach(s, c);
    return S_OK;
}

static ml_result join(struct ml_call *c, struct session *s)
{
    if (fault(JOIN_CHECKS_NAME) && c->profile && !profile_of(c->profile))
        return MAPI_E_LOGON_FAILED;
    if (fault(JOIN_STARTS)) {
        start_kind(s, ML_ADDRESS_BOOK);
        start_kind(s, ML_MESSAGE_STORE);
    }
    attach(s, c); /* T-9 */
    return S_OK;
}

/* The session that a call without MAPI_NEW_SESSION gets (Q4). */
static struct session *joinable(uint32_t flags)
{
    if (fault(NEVER_JOIN) || (flags & MAPI_NEW_SESSION && !fault(NEW_SESSION_JOINS)))
        return NULL;                                           /* FLW-2 */
    return fault(JOIN_INDIVIDUAL) ? sessions : current_shared; /* FLW-3, FLW-4 */
}

ml_result logon(struct ml_call *c)
{
    enter();
    ml_result r = S_OK;
    if (!initialized(c->client))
        r = MAPI_E_NOT_INITIALIZED; /* T-2 */
    else if (!parameters_valid(c))
        r = MAPI_E_LOGON_FAILED; /* T-4 */
    else
        r = take_mutex(c->flags);
    if (!r) {
        struct session *shared = joinable(c->flags);
        r = shared ? join(c, shared) : establish(c);
        if (!(fault(LEAK_MUTEX) && r && c->profile && !profile_of(c->profile)))
            give_mutex(); /* MTX-5 */
    }
    leave();
    return r;
}
