/* A client of Extended MAPI with a planted fault: `client FAULT [PROFILE]`, and `client bench N [PROFILE]`. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mapi_logon_mapi.h"

static const char *fault = "tidy", *profile = "Work";
static int is(const char *name) { return strcmp(fault, name) == 0; }

static HRESULT log_on(IMAPISession **session)
{
    uint32_t flags = MAPI_EXTENDED | MAPI_NEW_SESSION | MAPI_NO_MAIL;
    if (is("careless")) flags = 0;
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

/* Logs on, opens the stores, logs off. */
static int visit(void)
{
    IMAPISession *session = NULL;
    int complete;
    HRESULT result = log_on(&session);
    if (is("storming"))
        while (FAILED(result)) result = log_on(&session);
    if (FAILED(result) && is("hanging"))
        for (;;) pause();
    if (FAILED(result) && is("crashing")) return (int)session->lpVtbl->Release(session);
    if (FAILED(result)) return 1;
    open_stores(session, &complete);
    if (!complete && is("forgetful")) exit(1); /* neither Logoff nor Release nor MAPIUninitialize */
    if (!is("careless")) session->lpVtbl->Logoff(session, 0, 0, 0);
    if (is("impatient")) open_stores(session, &complete);
    session->lpVtbl->Release(session);
    return 0;
}

static void *visit_in_thread(void *unused)
{
    for (int i = 0; i < 2; i++) visit();
    return unused;
}

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
    if (argc > 1) fault = argv[1];
    if (is("bench") && argc > 2) count = atoi(argv[2]), argc--, argv++;
    if (argc > 2) profile = argv[2];
    if (is("silent")) return 0;
    if (FAILED(MAPIInitialize(NULL))) return 1;
    if (is("threads")) {
        for (int i = 0; i < 50; i++) pthread_create(&threads[i], NULL, visit_in_thread, NULL);
        for (int i = 0; i < 50; i++) pthread_join(threads[i], NULL);
    } else {
        status = is("bench") ? bench(count) : is("sharing") ? share() : visit();
    }
    MAPIUninitialize();
    return status;
}
