/* The functions of a mapi32.dll, or of libmapi_logon.so, on the kit. Its profiles are those of the machine: the scenario
   has to describe them. One client, since a process is one client of MAPI. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/mapi_logon_adapter.h"
#include "../shim/mapi_logon_mapi.h"

enum { SESSIONS = 4096 };
/* The sessions of this world, by handle; `held` until their Release. */
static struct { IMAPISession *pointer; bool held; } sessions[SESSIONS];
static uint64_t count;
static unsigned initialized;

#ifdef _WIN32 /* two functions of windows.h, whose names are those of our header */
__declspec(dllimport) void *GetModuleHandleA(const char *name);
__declspec(dllimport) void *GetProcAddress(void *module, const char *name);
#endif

/* The shim begins a new world for whoever asks; another mapi32.dll keeps the one that it has. */
static void forget(void)
{
#ifdef _WIN32
    void *shim = GetModuleHandleA("mapi-logon.dll");
    if (!shim) shim = GetModuleHandleA("mapi32.dll");
    void (*anew)(void) = shim ? (void (*)(void))(uintptr_t)GetProcAddress(shim, "MapiLogonNewWorld") : NULL;
    if (anew) anew();
#else
    MapiLogonNewWorld();
#endif
}

static const char *make_world(const struct ml_world *world)
{
    (void)world;
    for (uint64_t i = 0; i < count; i++)
        if (sessions[i].held) sessions[i].pointer->lpVtbl->Release(sessions[i].pointer);
    for (; initialized > 0; initialized--) MAPIUninitialize();
    count = 0;
    forget();
    return NULL;
}

static IMAPISession *session_of(const struct ml_call *call)
{
    return call->session > 0 && call->session <= count ? sessions[call->session - 1].pointer : NULL;
}

static ml_result initialize(struct ml_call *call)
{
    (void)call;
    HRESULT result = MAPIInitialize(NULL);
    if (SUCCEEDED(result)) initialized++;
    return (ml_result)result;
}
static ml_result uninitialize(struct ml_call *call)
{
    (void)call;
    MAPIUninitialize(); /* says nothing */
    if (initialized == 0) return (ml_result)MAPI_E_NOT_INITIALIZED;
    initialized--;
    return S_OK;
}
static ml_result logon(struct ml_call *call)
{
    IMAPISession *session = NULL;
    HRESULT result = MAPILogonEx(0, call->profile, call->password, call->flags & ~MAPI_UNICODE, &session);
    if (FAILED(result)) return (ml_result)result;
    if (count == SESSIONS) return (ml_result)MAPI_E_NOT_ENOUGH_MEMORY;
    sessions[count].pointer = session;
    sessions[count].held = true;
    call->session = ++count;
    return (ml_result)result;
}

/* A call on the session; one that is released or was never obtained has no pointer to call. */
#define ON_SESSION(name, ...)                                                                                          \
    static ml_result name(struct ml_call *call)                                                                        \
    {                                                                                                                  \
        IMAPISession *own = session_of(call);                                                                          \
        if (!own) return (ml_result)MAPI_E_INVALID_OBJECT;                                                             \
        __VA_ARGS__                                                                                                    \
    }
#define OPENS(type, ...)                                                                                               \
    type *opened = NULL;                                                                                               \
    HRESULT result = __VA_ARGS__;                                                                                      \
    if (SUCCEEDED(result) && opened) opened->lpVtbl->Release(opened);                                                  \
    return (ml_result)result;

ON_SESSION(logoff, return (ml_result)own->lpVtbl->Logoff(own, 0, call->flags, 0);)
/* Release says nothing of errors. */
ON_SESSION(release, if (initialized == 0) return (ml_result)MAPI_E_NOT_INITIALIZED;
           sessions[call->session - 1].held = false; own->lpVtbl->Release(own); return S_OK;)
ON_SESSION(open_store, OPENS(IMsgStore, own->lpVtbl->OpenMsgStore(own, 0, (uint32_t)strlen(call->store), call->store, NULL, 0, &opened)))
ON_SESSION(open_address_book, OPENS(IAddrBook, own->lpVtbl->OpenAddressBook(own, 0, NULL, 0, &opened)))
ON_SESSION(identity, uint32_t size; void *entry = NULL; HRESULT result = own->lpVtbl->QueryIdentity(own, &size, &entry);
           if (SUCCEEDED(result)) MAPIFreeBuffer(entry); return (ml_result)result;)

/* Reports the rows of a table, and releases it. */
static void report_rows(IMAPITable *table)
{
    static const struct { uint32_t count, tags[2]; } columns = {2, {PR_DISPLAY_NAME_A, PR_STATUS_CODE}};
    SRowSet *rows = NULL;
    table->lpVtbl->SetColumns(table, (const SPropTagArray *)&columns, 0);
    while (SUCCEEDED(table->lpVtbl->QueryRows(table, 16, 0, &rows)) && rows->cRows > 0) {
        for (uint32_t i = 0; i < rows->cRows; i++) {
            const SPropValue *values = rows->aRow[i].lpProps;
            const char *status = values[1].ulPropTag != PR_STATUS_CODE          ? NULL
                                 : values[1].Value.l & (int32_t)STATUS_FAILURE ? "failure"
                                 : values[1].Value.l & (int32_t)STATUS_OFFLINE ? "offline"
                                                                               : "available";
            ml_row(values[0].ulPropTag == PR_DISPLAY_NAME_A ? values[0].Value.lpszA : "", status);
            MAPIFreeBuffer(rows->aRow[i].lpProps);
        }
        MAPIFreeBuffer(rows);
        rows = NULL;
    }
    if (rows) MAPIFreeBuffer(rows);
    table->lpVtbl->Release(table);
}
#define SHOWS(method)                                                                                                  \
    IMAPITable *table = NULL;                                                                                          \
    HRESULT result = own->lpVtbl->method(own, 0, &table);                                                              \
    if (SUCCEEDED(result)) report_rows(table);                                                                         \
    return (ml_result)result;
ON_SESSION(stores_table, SHOWS(GetMsgStoresTable))
ON_SESSION(status_table, SHOWS(GetStatusTable))

static ml_result delete_profile(struct ml_call *call)
{
    IProfAdmin *admin = NULL;
    HRESULT result = MAPIAdminProfiles(0, &admin);
    if (FAILED(result)) return (ml_result)result;
    result = admin->lpVtbl->DeleteProfile(admin, call->profile, 0);
    admin->lpVtbl->Release(admin);
    return (ml_result)result;
}

int main(void)
{
    static const struct ml_system system = {
        .name = "mapi32",
        .version = "1",
        .world = make_world,
        .initialize = initialize,
        .uninitialize = uninitialize,
        .logon = logon,
        .logoff = logoff,
        .release = release,
        .open_store = open_store,
        .open_address_book = open_address_book,
        .status_table = status_table,
        .stores_table = stores_table,
        .identity = identity,
        .delete_profile = delete_profile,
        .one_client = true,
    };
    return ml_run(&system);
}
