/* A client that makes the calls it is given, whatever they return: `scripted PROFILE PASSWORD FLAGS CALL…`. `-` as PROFILE
   or PASSWORD is NULL; calls are written as in scenarios, and made on the session obtained last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapi_logon_mapi.h"

static const void *or_null(const char *word) { return strcmp(word, "-") == 0 ? NULL : word; }

static HRESULT on_session(IMAPISession *session, const char *call, const char *target)
{
    uint32_t size = 0;
    void *entry = NULL;
    IUnknown *opened = NULL;
    if (strcmp(call, "OpenMsgStore") == 0)
        session->lpVtbl->OpenMsgStore(session, 0, (uint32_t)strlen(target), target, NULL, 0, (IMsgStore **)&opened);
    else if (strcmp(call, "OpenAddressBook") == 0)
        session->lpVtbl->OpenAddressBook(session, 0, NULL, 0, (IAddrBook **)&opened);
    else if (strcmp(call, "GetStatusTable") == 0)
        session->lpVtbl->GetStatusTable(session, 0, (IMAPITable **)&opened);
    else if (strcmp(call, "GetMsgStoresTable") == 0)
        session->lpVtbl->GetMsgStoresTable(session, 0, (IMAPITable **)&opened);
    else if (strcmp(call, "QueryIdentity") == 0)
        session->lpVtbl->QueryIdentity(session, &size, &entry);
    else if (strcmp(call, "Logoff") == 0)
        return session->lpVtbl->Logoff(session, 0, (uint32_t)strtoul(target, NULL, 0), 0);
    else if (strcmp(call, "RemoveService") == 0) {
        IMsgServiceAdmin *admin;
        char uid[16] = "";
        strncpy(uid, target, sizeof uid);
        session->lpVtbl->AdminServices(session, 0, &admin);
        admin->lpVtbl->DeleteMsgService(admin, uid);
        opened = (IUnknown *)admin;
    } else {
        fprintf(stderr, "unknown call %s\n", call);
        exit(64);
    }
    if (opened) opened->lpVtbl->Release(opened);
    return S_OK;
}

int main(int argc, char **argv)
{
    enum { MOST = 16 };
    IMAPISession *held[MOST];
    int count = 0;
    for (int i = 4; i < argc; i++) {
        char *call = argv[i], *target = strchr(call, ':');
        if (target) *target++ = 0;
        if (strcmp(call, "MAPIInitialize") == 0) MAPIInitialize(NULL);
        else if (strcmp(call, "MAPIUninitialize") == 0) MAPIUninitialize();
        else if (strcmp(call, "MAPILogonEx") == 0) {
            IMAPISession *session;
            HRESULT result = MAPILogonEx(0, or_null(argv[1]), or_null(argv[2]),
                                         (uint32_t)strtoul(argv[3], NULL, 0), &session);
            if (SUCCEEDED(result) && count < MOST) held[count++] = session;
        } else if (strcmp(call, "DeleteProfile") == 0) {
            IProfAdmin *admin;
            if (FAILED(MAPIAdminProfiles(0, &admin))) continue;
            admin->lpVtbl->DeleteProfile(admin, target, 0);
            admin->lpVtbl->Release(admin);
        } else if (count > 0 && strcmp(call, "Release") == 0) {
            IMAPISession *last = held[--count];
            last->lpVtbl->Release(last);
        } else if (count > 0) {
            IMAPISession *last = held[count - 1];
            HRESULT result = on_session(last, call, target ? target : "");
            if (strcmp(call, "Logoff") == 0 && SUCCEEDED(result)) { /* the one before is the last that is held */
                memmove(held + 1, held, (size_t)(count - 1) * sizeof *held);
                held[0] = last;
            }
        }
    }
    return 0;
}
