/* A client of Extended MAPI with a planted fault: `client FAULT [PROFILE]`, and `client bench N [PROFILE]`. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef _WIN32
#include <process.h>
#else
#include <sys/wait.h>
#endif
#include <unistd.h>

#include "mapi_logon_mapi.h"

static const char *program, *fault = "tidy", *profile = "Work";
static int is(const char *name) { return strcmp(fault, name) == 0; }

static HRESULT log_on(IMAPISession **session)
{
    uint32_t flags = MAPI_EXTENDED | MAPI_NEW_SESSION | MAPI_NO_MAIL;
    if (is("careless")) flags = 0;
    if (is("service")) flags = MAPI_EXTENDED | MAPI_NEW_SESSION | MAPI_NT_SERVICE;
    return MAPILogonEx(0, profile, NULL, flags, session);
}

/* Opens every store of the table; `complete` is 0 where there is none or one cannot be opened. */
static HRESULT open_stores(IMAPISession *session, int *complete)
{
    IMAPITable *table = NULL;
    SRowSet *rows = NULL;
    HRESULT result = session->lpVtbl->GetMsgStoresTable(session, 0, &table);
    *complete = 0;
    if (FAILED(result)) return result;
    result = HrQueryAllRows(table, NULL, NULL, NULL, 0, &rows);
    table->lpVtbl->Release(table);
    if (FAILED(result)) return result;
    *complete = rows->cRows > 0;
    for (uint32_t i = 0; i < rows->cRows; i++) {
        IMsgStore *store = NULL;
        SBinary entry = rows->aRow[i].lpProps[0].Value.bin;
        HRESULT opened = session->lpVtbl->OpenMsgStore(session, 0, entry.cb, entry.lpb, NULL, 0, &store);
        if (opened == MAPI_W_ERRORS_RETURNED && !is("careless"))
            session->lpVtbl->GetLastError(session, opened, 0, NULL);
        if (FAILED(opened)) *complete = 0;
        if (store) store->lpVtbl->Release(store);
    }
    if (!is("leaking")) FreeProws(rows);
    return S_OK;
}

/* Opens the address book, and asks what is wrong with it, or not. */
static void open_book(IMAPISession *session)
{
    IAddrBook *book = NULL;
    HRESULT opened = session->lpVtbl->OpenAddressBook(session, 0, NULL, 0, &book);
    if (opened == MAPI_W_ERRORS_RETURNED && is("asking")) session->lpVtbl->GetLastError(session, opened, 0, NULL);
    if (book) book->lpVtbl->Release(book);
}

/* Logs on, opens the stores, logs off. */
static int visit(void)
{
    IMAPISession *session = NULL;
    int complete;
    HRESULT result = log_on(&session);
    if (is("storming"))
        while (FAILED(result)) result = log_on(&session);
    if (FAILED(result) && is("hanging"))
        for (;;) sleep(1);
    if (FAILED(result) && is("crashing")) return (int)session->lpVtbl->Release(session);
    if (FAILED(result)) return 1;
    open_stores(session, &complete);
    if (!complete && is("forgetful")) exit(1); /* neither Logoff nor Release nor MAPIUninitialize */
    if (is("asking") || is("ignoring")) open_book(session);
    if (is("closing"))
        for (int i = 0; i < 1024; i++) close(i);
    if (!is("careless")) session->lpVtbl->Logoff(session, 0, is("dismissive") ? MAPI_LOGOFF_SHARED : 0, 0);
    if (is("impatient")) open_stores(session, &complete);
    session->lpVtbl->Release(session);
    if (is("clinging")) session->lpVtbl->Logoff(session, 0, 0, 0);
    return 0;
}

/* Logs on again and again until every store can be opened. */
static int wait_for_stores(void)
{
    for (int tries = 1, complete = 0;; tries++) {
        IMAPISession *session = NULL;
        if (SUCCEEDED(log_on(&session))) {
            open_stores(session, &complete);
            session->lpVtbl->Logoff(session, 0, 0, 0);
            session->lpVtbl->Release(session);
        }
        if (complete) return printf("%d tries\n", tries) < 0 || fflush(stdout) != 0;
    }
}

/* Reads every table of profile administration: the default profile, its services and providers. */
static int administer(void)
{
    static const struct { uint32_t count, tags[2]; } columns = {2, {PR_DISPLAY_NAME_A, PR_DEFAULT_PROFILE}};
    IProfAdmin *profiles = NULL;
    IMsgServiceAdmin *services = NULL;
    IMAPITable *tables[3] = {NULL};
    HRESULT result = MAPIAdminProfiles(0, &profiles);
    if (SUCCEEDED(result)) result = profiles->lpVtbl->GetProfileTable(profiles, 0, &tables[0]);
    if (SUCCEEDED(result)) result = profiles->lpVtbl->AdminServices(profiles, profile, NULL, 0, 0, &services);
    if (SUCCEEDED(result)) result = services->lpVtbl->GetMsgServiceTable(services, 0, &tables[1]);
    if (SUCCEEDED(result)) result = services->lpVtbl->GetProviderTable(services, 0, &tables[2]);
    for (int t = 0; t < 3 && tables[t]; t++) {
        SRowSet *rows = NULL;
        HrQueryAllRows(tables[t], (const SPropTagArray *)&columns, NULL, NULL, 0, &rows);
        for (uint32_t i = 0; rows && i < rows->cRows; i++)
            printf("%s%s\n", rows->aRow[i].lpProps[0].Value.lpszA,
                   t == 0 && rows->aRow[i].lpProps[1].Value.b ? " (default)" : "");
        FreeProws(rows);
        tables[t]->lpVtbl->Release(tables[t]);
    }
    if (services) services->lpVtbl->Release(services);
    if (profiles) profiles->lpVtbl->Release(profiles);
    fflush(stdout);
    return FAILED(result);
}

static void *visit_in_thread(void *unused)
{
    for (int i = 0; i < 2; i++) visit();
    return unused;
}

#ifdef _WIN32
/* A child that does as its parent does. */
static int share(void) { return (int)_spawnl(_P_WAIT, program, program, "tidy", profile, NULL) + visit(); }
#else
/* A child that uses the session of its parent. */
static int share(void)
{
    IMAPISession *session = NULL;
    uint32_t size;
    void *entry;
    if (FAILED(log_on(&session))) return 1;
    pid_t child = fork();
    if (child == 0) {
        session->lpVtbl->QueryIdentity(session, &size, &entry);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    session->lpVtbl->Logoff(session, 0, 0, 0);
    session->lpVtbl->Release(session);
    return 0;
}
#endif

static int bench(int count)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < count; i++) {
        IMAPISession *session = NULL;
        if (FAILED(log_on(&session))) return 1;
        session->lpVtbl->Logoff(session, 0, 0, 0);
        session->lpVtbl->Release(session);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double took = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    printf("%d calls in %.2f s: %.0f calls/s\n", 3 * count, took, 3 * count / took);
    return 0;
}

int main(int argc, char **argv)
{
    pthread_t threads[50];
    int status = 0, count = 0;
    program = argv[0];
    if (argc > 1) fault = argv[1];
    if (is("bench") && argc > 2) count = atoi(argv[2]), argc--, argv++;
    if (argc > 2) profile = argv[2];
    if (is("silent")) return 0;
    if (FAILED(MAPIInitialize(NULL))) return 1;
    if (is("threads")) {
        for (int i = 0; i < 50; i++) pthread_create(&threads[i], NULL, visit_in_thread, NULL);
        for (int i = 0; i < 50; i++) pthread_join(threads[i], NULL);
    } else {
        status = is("bench")           ? bench(count)
                 : is("sharing")       ? share()
                 : is("administering") ? administer()
                 : is("waiting")       ? wait_for_stores()
                                       : visit();
    }
    MAPIUninitialize();
    return status;
}
