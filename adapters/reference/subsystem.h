/* A small MAPI subsystem: one process, clients are threads, one lock around its state (the
   monitor). Whoever waits (for a provider, the user, the mutex or a turn) leaves the monitor
   first. Ids are clauses of the specification. */
#ifndef REFERENCE_SUBSYSTEM_H
#define REFERENCE_SUBSYSTEM_H

#include "../kit/mapi_logon_adapter.h"
#include "../kit/mapi_logon_codes.h"
#include "faults.h"

struct profile {
    const struct ml_profile *is;
    bool *configured; /* of each service: its data are in the profile */
    bool *removed;    /* of each service: not in later sessions (OPN-14) */
    bool marked;      /* for deletion (PRF-12) */
};

enum state { ENABLED, DISABLED, ABSENT };
enum run { NOT_STARTED, LOGGED_ON, DEFERRED };

struct session {
    struct session *next; /* in the order they opened */
    uint64_t number;
    struct profile *profile;
    uint32_t flags; /* of the logon that established it: they rule its dialogs for life */
    bool shareable;
    bool open;      /* its logon has succeeded */
    bool busy;      /* a call is on it: calls on one session take turns */
    bool dead;      /* only by a fault */
    ml_result lost; /* what cost the last service that was disabled; only faults look at it */
    unsigned attachments;
    enum state *state; /* of each service */
    enum run *run;     /* of each provider */
};

/* What one S_OK of MAPILogonEx gave to a client (RES-9). */
struct attachment {
    struct attachment *next;
    uint64_t number;
    char *client;
    uint32_t flags;
    struct session *session;
};

/* subsystem.c */
void enter(void);
void leave(void);
/* Leaves the monitor until something changes, or `milliseconds` after the first wait with the same
   `*deadline`, which starts at 0; false when that time is over. 0 milliseconds: no limit. */
bool wait_for_change(unsigned milliseconds, int64_t *deadline);
void changed(void);
bool initialized(const char *client);
ml_result initialize(struct ml_call *call);
ml_result uninitialize(struct ml_call *call);
ml_result delete_profile(struct ml_call *call);
/* NULL for a profile that does not exist, or is marked for deletion (PRF-13). */
struct profile *profile_of(const char *name);
const char *make_world(const struct ml_world *world);
extern const struct ml_world *the_world;
/* Questions and dialogs, outside the monitor. */
struct ml_answer ask(const char *who, const char *call, uint32_t flags, bool ui);
struct ml_user dialog(const char *kind, const char *of, ml_result code);

/* logon.c */
ml_result logon(struct ml_call *call);
static inline bool ui_allowed(uint32_t flags, uint32_t by)
{
    return flags & by && !(flags & MAPI_NT_SERVICE);
}

/* start.c */
void configure(struct session *s, size_t service);
/* Returns the code of the last try: a success, MAPI_E_FAILONEPROVIDER if the provider was put off,
   or the failure that disabled its service. */
ml_result start(struct session *s, size_t provider);
/* Has the logon that establishes the session lost a service that it cannot do without? (T-55) */
bool critical_lost(const struct session *s);
void force_configuration(struct session *s);
/* Starts the providers of a kind that are not logged on, in profile order. */
void start_kind(struct session *s, enum ml_kind kind);

/* session.c */
extern struct session *sessions, *current_shared;
struct session *new_session(struct profile *profile, uint32_t flags);
/* Gives the session to the client of the logon: a new handle. */
void attach(struct session *s, struct ml_call *logon);
void shut_down(struct session *s);
/* Ends all that a client still holds, as Release does. */
void end_attachments(const char *client);
void drop_everything(void);
ml_result logoff(struct ml_call *call);
ml_result release(struct ml_call *call);
ml_result open_store(struct ml_call *call);
ml_result open_address_book(struct ml_call *call);
ml_result status_table(struct ml_call *call);
ml_result stores_table(struct ml_call *call);
ml_result identity(struct ml_call *call);
ml_result remove_service(struct ml_call *call);

#endif
