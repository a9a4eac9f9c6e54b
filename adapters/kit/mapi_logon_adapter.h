/* The adapter kit: fill in `struct ml_system`, call `ml_run`, and `mapi-logon drive` can hold your
   MAPI against the specification. The kit speaks the protocol (docs/drive-protocol.md); your
   functions make the calls.

   Each client of the tool is a thread. Its calls come one after the other; those of different
   clients overlap. */
#ifndef MAPI_LOGON_ADAPTER_H
#define MAPI_LOGON_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An HRESULT. */
typedef uint32_t ml_result;

enum ml_kind { ML_ADDRESS_BOOK, ML_MESSAGE_STORE, ML_TRANSPORT };
enum ml_state { ML_VALID, ML_DAMAGED, ML_DELETED };
enum ml_entry_point { ML_DIALOG, ML_PROGRAMMATIC, ML_NO_ENTRY_POINT };

struct ml_provider {
    const char *name;
    enum ml_kind kind;
    size_t service; /* index into the services of the profile */
};

struct ml_service {
    const char *name;
    bool complete; /* its configuration is in the profile */
    enum ml_entry_point entry_point;
    bool critical; /* losing it fails the logon */
    bool identity; /* its providers can supply the primary identity */
};

struct ml_profile {
    const char *name;
    enum ml_state state;
    bool password; /* its credentials need the password dialog */
    size_t services, providers;
    struct ml_service *service;   /* in profile order */
    struct ml_provider *provider; /* in profile order */
};

struct ml_world {
    size_t profiles;
    struct ml_profile *profile;
    const char *default_profile; /* NULL: none */
    size_t max_sessions;         /* 0: no limit */
    unsigned short_timeout_ms;   /* after it a logon with MAPI_TIMEOUT_SHORT gives up */
};

/* One call of one client. What the call does not have is NULL or 0. */
struct ml_call {
    const char *client;
    const char *profile;  /* MAPILogonEx, DeleteProfile */
    const char *password; /* MAPILogonEx */
    uint32_t flags;       /* MAPILogonEx, Logoff */
    const char *store;    /* OpenMsgStore: the name of its provider */
    const char *service;  /* RemoveService */
    uint64_t session;     /* a handle, unique in its world, not 0; set by a MAPILogonEx that
                             succeeds */
    uint64_t identity;    /* the session behind the handle, not 0: a number or an address; set by a
                             MAPILogonEx that succeeds, if `identities` */
};

typedef ml_result (*ml_function)(struct ml_call *call);

struct ml_system {
    const char *name, *version;
    /* Forgets the world before, with all that is open, and makes this one. Returns NULL, or what
       of it the system cannot have (`profile.password`). The world stays in memory until the next
       one is made. */
    const char *(*world)(const struct ml_world *world);
    /* What MAPI answers; NULL if the system cannot make this call. For clients that are initialised
     * when a world begins the kit calls `initialize`; without it all clients are, in every
     * scenario, and those that would call MAPIInitialize make their other calls alone. */
    ml_function initialize, uninitialize, logon, logoff, release, open_store, open_address_book,
        status_table, stores_table, identity, delete_profile, remove_service;
    bool one_client; /* calls must not overlap */
    bool providers;  /* every entry point and logon method of a provider goes through `ml_ask` */
    bool dialogs;    /* every dialog of MAPI goes through `ml_dialog` */
    bool identities; /* `logon` sets `identity` */
};

/* Talks to the tool until it says `bye`. Returns what `main` should. */
int ml_run(const struct ml_system *system);

struct ml_answer {
    ml_result result;
    bool completed; /* CONFIGURE: the data are in the profile from now on */
};

/* Asks what a provider (`Init`, `Logon`) or a service (`CREATE`, `CONFIGURE`, `DELETE`) answers to
   MAPI. `flags` are those that MAPI passed; `ui` says whether they allow a dialog. To be called by
   the thread that the kit made the call on; on any other, and while a world goes up or down, the
   answer is S_OK. */
struct ml_answer ml_ask(const char *who, const char *call, uint32_t flags, bool ui);

/* Reports that MAPI called a provider and expects no answer: `Logoff`, `Shutdown`, `Release`. */
void ml_saw(const char *provider, const char *call);

enum ml_choice {
    ML_CANCEL,
    ML_PICK,
    ML_SUPPLY,
    ML_SUPPLY_INCOMPLETE,
    ML_RETRY,
    ML_CORRECT,
    ML_DECLINE,
    ML_CONFIRM,
    ML_REFUSE
};

struct ml_user {
    enum ml_choice choice;
    char profile[260]; /* ML_PICK: which */
    bool completed;    /* ML_CORRECT: the data of the service are in the profile from now on */
};

/* Shows a dialog of MAPI: `profile`, `password`, `failure` or `logoff`. `of` and `code` tell which
   provider or service failed how; NULL and 0 for the others. */
struct ml_user ml_dialog(const char *kind, const char *of, ml_result code);

/* Adds a row to the table that the call returns. `status` is `available`, `offline`, `failure`, or
   NULL in the table of stores. */
void ml_row(const char *name, const char *status);

/* A remark that the tool shows. */
void ml_note(const char *text);

#ifdef __cplusplus
}
#endif

#endif
