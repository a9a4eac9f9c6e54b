/* What `--fault NAME` breaks: an identifier, its name, the clause broken, and what the subsystem
 * then does. */
#ifndef REFERENCE_FAULTS_H
#define REFERENCE_FAULTS_H

#include <stdbool.h>

/* clang-format off */
#define FAULTS(X) \
    X(INITIALIZED_BY_NATURE, "initialized-by-nature", "INI-1", \
      "calls succeed without MAPIInitialize") \
    X(UNINITIALIZE_TWICE, "uninitialize-twice", "INI-2", "MAPIUninitialize counts twice") \
    X(INITIALIZE_ONCE, "initialize-once", "INI-2", "a nested MAPIInitialize does not count") \
    X(LONG_NAME, "long-name", "PAR-5", \
      "a profile name of more than 64 characters is no parameter error") \
    X(PASSWORD_TAKEN, "password-taken", "PAR-6", "a password is no parameter error") \
    X(BOTH_UI_FLAGS, "both-ui-flags", "FLG-20", "MAPI_LOGON_UI goes with MAPI_PASSWORD_UI") \
    X(ANY_FLAGS, "any-flags", "T-4", "undefined flags are no parameter error") \
    X(NO_MUTEX, "no-mutex", "MTX-1", "logons are not serialised") \
    X(LEAK_MUTEX, "leak-mutex", "MTX-5", "a logon to an unknown profile keeps the mutex") \
    X(TIMEOUT_UNASKED, "timeout-unasked", "MTX-4", "MAPI_E_TIMEOUT without MAPI_TIMEOUT_SHORT") \
    X(WAIT_UNASKED, "wait-unasked", "MTX-3", "MAPI_TIMEOUT_SHORT waits without limit") \
    X(NEW_SESSION_JOINS, "new-session-joins", "FLW-2", "MAPI_NEW_SESSION joins a shared session") \
    X(NEVER_JOIN, "never-join", "FLW-4", "a shared session is not joined") \
    X(JOIN_INDIVIDUAL, "join-individual", "SES-10", \
      "a session without MAPI_ALLOW_OTHERS is joined") \
    X(JOIN_CHECKS_NAME, "join-checks-name", "PAR-8", \
      "joining under an unknown profile name fails") \
    X(JOIN_STARTS, "join-starts", "SHR-10", "a join starts providers that are not logged on") \
    X(DEFAULT_UNASKED, "default-unasked", "PRF-9", \
      "the default profile is taken without MAPI_USE_DEFAULT") \
    X(DEFAULT_WINS, "default-wins", "FLW-6", "MAPI_USE_DEFAULT beats the profile name") \
    X(UNKNOWN_NAME_CODE, "unknown-name-code", "T-18", "MAPI_E_NOT_FOUND for an unknown profile") \
    X(NO_SECOND_TRY, "no-second-try", "RTY-1", "the first failure disables") \
    X(THIRD_TRY, "third-try", "RTY-5", "a step is tried three times") \
    X(NEVER_DISABLE, "never-disable", "DIS-1", "the second failure disables nothing") \
    X(START_SIBLINGS, "start-siblings", "DIS-4", "the rest of a disabled service is started") \
    X(KEEP_SIBLINGS, "keep-siblings", "DIS-8", \
      "stores of a disabled service that were logged on stay usable") \
    X(STOP_AT_LOSS, "stop-at-loss", "DIS-11", \
      "no service is started after one that was disabled") \
    X(LOSS_FAILS, "loss-fails", "RES-7", \
      "a disabled service fails the logon with the code of its provider") \
    X(EMPTY_FAILS, "empty-fails", "AMB-10", "a logon that disabled every service fails") \
    X(DISABLED_OUTLIVES, "disabled-outlives", "DIS-2", \
      "a service stays disabled in later sessions") \
    X(SKIP_DISABLES, "skip-disables", "PRV-52", "MAPI_E_FAILONEPROVIDER disables the service") \
    X(SKIP_RETRIES, "skip-retries", "RTY-10", "MAPI_E_FAILONEPROVIDER is tried again") \
    X(DEFERRED_DEAD, "deferred-dead", "T-72", "a provider once put off is never tried again") \
    X(WARNING_FAILS, "warning-fails", "PRV-51", "MAPI_W_ERRORS_RETURNED is a failure") \
    X(SKIP_ENTRY_POINT, "skip-entry-point", "PRV-53", \
      "MAPI_E_UNCONFIGURED does not call the entry point") \
    X(ENTRY_POINT_ALWAYS, "entry-point-always", "T-48", "every failure calls the entry point") \
    X(LOGON_WITHOUT_INIT, "logon-without-init", "T-37", "Logon is called after Init failed") \
    X(INIT_AGAIN, "init-again", "T-48", "the second try of Logon starts with Init") \
    X(STORES_FIRST, "stores-first", "PRV-2", "stores are started before address books") \
    X(EAGER_TRANSPORTS, "eager-transports", "PRV-4", "transports are started by every logon") \
    X(MAIL_ANYWAY, "mail-anyway", "STA-17", \
      "MAPI_NO_MAIL does not keep transports from starting") \
    X(OPEN_DISABLED, "open-disabled", "OPN-20", "OpenMsgStore succeeds on a disabled service") \
    X(ASK_DISABLED, "ask-disabled", "DIS-6", \
      "OpenMsgStore asks the provider of a disabled service") \
    X(UNKNOWN_STORE, "unknown-store", "INV-51", \
      "OpenMsgStore answers S_OK for a store that the session lacks") \
    X(DEAD_AFTER_OPEN, "dead-after-open", "DIS-11", \
      "a session is dead after a failed OpenMsgStore") \
    X(BOOK_HIDES_LOSS, "book-hides-loss", "OPN-2", \
      "OpenAddressBook answers S_OK without all its providers") \
    X(BOOK_FAILS, "book-fails", "OPN-1", "OpenAddressBook fails if a provider is lost") \
    X(IDENTITY_OF_DISABLED, "identity-of-disabled", "OPN-23", \
      "QueryIdentity counts a disabled service") \
    X(ROWS_OF_DISABLED, "rows-of-disabled", "OPN-25", "the stores table lists disabled services") \
    X(ROWS_REVERSED, "rows-reversed", "OPN-12", "the stores table is not in profile order") \
    X(LOGOFF_ENDS_ALL, "logoff-ends-all", "SHR-13", "one Logoff ends every attachment") \
    X(USABLE_AFTER_LOGOFF, "usable-after-logoff", "OFF-4", "a session works on after Logoff") \
    X(SHARED_OUTLIVES, "shared-outlives", "T-81", "a closed session can still be joined") \
    X(JOINABLE_AFTER_SHARED, "joinable-after-shared", "T-77", \
      "MAPI_LOGOFF_SHARED leaves the session joinable") \
    X(SILENT_FAILURE, "silent-failure", "RTY-1", "no failure dialog is shown") \
    X(DIALOG_UNASKED, "dialog-unasked", "RTY-6", "failure dialogs are shown without UI flags") \
    X(DECLINE_RETRIES, "decline-retries", "AMB-7", "a declined offer is a retry") \
    X(CRASH, "crash", "DIS-1", "disabling a service crashes") \
    X(HANG, "hang", "LIV-1", "OpenMsgStore of an unknown store never returns") \
    X(DIE_IN_QUESTION, "die-in-question", "LIV-1", \
      "the process exits when a provider answers MAPI_E_VERSION")
/* clang-format on */

#define FAULT_IDENTIFIER(id, name, clause, text) id,
enum fault { FAULTLESS, FAULTS(FAULT_IDENTIFIER) };

extern enum fault chosen_fault;

static inline bool fault(enum fault f)
{
    return f == chosen_fault;
}

/* Returns false if there is no fault of that name. */
bool choose_fault(const char *name);
void list_faults(void);

#endif
