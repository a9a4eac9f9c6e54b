/* Extended MAPI as far as session logon needs it: numbers, structures and the order of methods, facts of the public
   documentation. For 64-bit systems, where one calling convention serves all methods. */
#ifndef MAPI_LOGON_MAPI_H
#define MAPI_LOGON_MAPI_H

#include <stddef.h>
#include <stdint.h>

_Static_assert(sizeof(void *) == 8, "a 64-bit system");

/* Strings of MAPI_UNICODE have 16 bits a character on every system: u"Work". */
typedef uint16_t MapiChar;
typedef int32_t HRESULT;

#define S_OK ((HRESULT)0x00000000)
#define E_INVALIDARG ((HRESULT)0x80070057)
#define E_NOINTERFACE ((HRESULT)0x80004002)
#define MAPI_W_NO_SERVICE ((HRESULT)0x00040203)
#define MAPI_W_ERRORS_RETURNED ((HRESULT)0x00040380)
#define MAPI_E_CALL_FAILED ((HRESULT)0x80004005)
#define MAPI_E_NOT_ENOUGH_MEMORY ((HRESULT)0x8007000E)
#define MAPI_E_NO_SUPPORT ((HRESULT)0x80040102)
#define MAPI_E_UNKNOWN_FLAGS ((HRESULT)0x80040106)
#define MAPI_E_INVALID_OBJECT ((HRESULT)0x80040108)
#define MAPI_E_NOT_FOUND ((HRESULT)0x8004010F)
#define MAPI_E_LOGON_FAILED ((HRESULT)0x80040111)
#define MAPI_E_NOT_INITIALIZED ((HRESULT)0x80040605)
#define SUCCEEDED(result) ((HRESULT)(result) >= 0)
#define FAILED(result) ((HRESULT)(result) < 0)

/* MAPILogonEx */
#define MAPI_LOGON_UI 0x00000001u
#define MAPI_NEW_SESSION 0x00000002u
#define MAPI_ALLOW_OTHERS 0x00000008u
#define MAPI_EXPLICIT_PROFILE 0x00000010u
#define MAPI_EXTENDED 0x00000020u
#define MAPI_USE_DEFAULT 0x00000040u
#define MAPI_FORCE_DOWNLOAD 0x00001000u
#define MAPI_SERVICE_UI_ALWAYS 0x00002000u
#define MAPI_NO_MAIL 0x00008000u
#define MAPI_NT_SERVICE 0x00010000u
#define MAPI_PASSWORD_UI 0x00020000u
#define MAPI_TIMEOUT_SHORT 0x00100000u
#define MAPI_BG_SESSION 0x00200000u
#define MAPI_UNICODE 0x80000000u

/* Logoff */
#define MAPI_LOGOFF_SHARED 0x00000001u
#define MAPI_LOGOFF_UI 0x00000002u

/* Property tags: an identifier and a type. */
#define PT_NULL 0x0001u
#define PT_LONG 0x0003u
#define PT_ERROR 0x000Au
#define PT_BOOLEAN 0x000Bu
#define PT_STRING8 0x001Eu
#define PT_UNICODE 0x001Fu
#define PT_BINARY 0x0102u
#define PR_ENTRYID 0x0FFF0102u
#define PR_DISPLAY_NAME_A 0x3001001Eu
#define PR_DISPLAY_NAME_W 0x3001001Fu
#define PR_DEFAULT_STORE 0x3400000Bu
#define PR_DEFAULT_PROFILE 0x3D04000Bu
#define PR_SERVICE_UID 0x3D0C0102u
#define PR_STATUS_CODE 0x3E040003u

/* PR_STATUS_CODE */
#define STATUS_AVAILABLE 0x00000001u
#define STATUS_OFFLINE 0x00000002u
#define STATUS_FAILURE 0x00000004u

/* IMAPITable::SeekRow */
#define BOOKMARK_BEGINNING 0u
#define BOOKMARK_CURRENT 1u
#define BOOKMARK_END 2u

typedef struct { uint32_t ulVersion, ulFlags; } MAPIINIT_0;
typedef struct { uint32_t cValues; uint32_t aulPropTag[]; } SPropTagArray;
typedef struct { uint32_t cb; unsigned char *lpb; } SBinary;
typedef struct {
    uint32_t ulPropTag, dwAlignPad;
    union { int32_t l; uint16_t b; char *lpszA; MapiChar *lpszW; SBinary bin; HRESULT err; int64_t whole; } Value;
} SPropValue;
typedef struct { uint32_t ulAdrEntryPad, cValues; SPropValue *lpProps; } SRow;
typedef struct { uint32_t cRows; SRow aRow[]; } SRowSet;
typedef struct { uint32_t ulReserved1, cValues; SPropValue *rgPropVals; } ADRENTRY;
typedef struct { uint32_t cEntries; ADRENTRY aEntries[]; } ADRLIST;

_Static_assert(sizeof(SPropValue) == 24 && sizeof(SRow) == 16 && offsetof(SRowSet, aRow) == 8, "as on Windows");

typedef struct IUnknown IUnknown;
typedef struct IMAPISession IMAPISession;
typedef struct IMAPITable IMAPITable;
typedef struct IMsgStore IMsgStore;
typedef struct IAddrBook IAddrBook;
typedef struct IProfAdmin IProfAdmin;
typedef struct IMsgServiceAdmin IMsgServiceAdmin;

/* The first methods of every interface, and a method that nobody is expected to call. */
#define MAPI_UNKNOWN_METHODS(This)                                                                                     \
    HRESULT (*QueryInterface)(This *, const void *iid, void **object);                                                 \
    uint32_t (*AddRef)(This *);                                                                                        \
    uint32_t (*Release)(This *);                                                                                       \
    HRESULT (*GetLastError)(This *, HRESULT result, uint32_t flags, void **error);
#define MAPI_UNUSED(This, Method) HRESULT (*Method)(This *);
#define MAPI_PROP_METHODS(This)                                                                                        \
    MAPI_UNUSED(This, SaveChanges) MAPI_UNUSED(This, GetProps) MAPI_UNUSED(This, GetPropList)                          \
    MAPI_UNUSED(This, OpenProperty) MAPI_UNUSED(This, SetProps) MAPI_UNUSED(This, DeleteProps)                         \
    MAPI_UNUSED(This, CopyTo) MAPI_UNUSED(This, CopyProps) MAPI_UNUSED(This, GetNamesFromIDs)                          \
    MAPI_UNUSED(This, GetIDsFromNames)

typedef struct {
    HRESULT (*QueryInterface)(IUnknown *, const void *iid, void **object);
    uint32_t (*AddRef)(IUnknown *);
    uint32_t (*Release)(IUnknown *);
} IUnknownVtbl;

typedef struct {
    MAPI_UNKNOWN_METHODS(IMAPISession)
    HRESULT (*GetMsgStoresTable)(IMAPISession *, uint32_t flags, IMAPITable **table);
    HRESULT (*OpenMsgStore)(IMAPISession *, uintptr_t window, uint32_t size, const void *entry, const void *iid,
                            uint32_t flags, IMsgStore **store);
    HRESULT (*OpenAddressBook)(IMAPISession *, uintptr_t window, const void *iid, uint32_t flags, IAddrBook **book);
    MAPI_UNUSED(IMAPISession, OpenProfileSection)
    HRESULT (*GetStatusTable)(IMAPISession *, uint32_t flags, IMAPITable **table);
    MAPI_UNUSED(IMAPISession, OpenEntry) MAPI_UNUSED(IMAPISession, CompareEntryIDs)
    MAPI_UNUSED(IMAPISession, Advise) MAPI_UNUSED(IMAPISession, Unadvise)
    MAPI_UNUSED(IMAPISession, MessageOptions) MAPI_UNUSED(IMAPISession, QueryDefaultMessageOpt)
    MAPI_UNUSED(IMAPISession, EnumAdrTypes)
    HRESULT (*QueryIdentity)(IMAPISession *, uint32_t *size, void **entry);
    HRESULT (*Logoff)(IMAPISession *, uintptr_t window, uint32_t flags, uint32_t reserved);
    MAPI_UNUSED(IMAPISession, SetDefaultStore)
    HRESULT (*AdminServices)(IMAPISession *, uint32_t flags, IMsgServiceAdmin **admin);
    MAPI_UNUSED(IMAPISession, ShowForm) MAPI_UNUSED(IMAPISession, PrepareForm)
} IMAPISessionVtbl;

typedef struct {
    MAPI_UNKNOWN_METHODS(IMAPITable)
    MAPI_UNUSED(IMAPITable, Advise) MAPI_UNUSED(IMAPITable, Unadvise) MAPI_UNUSED(IMAPITable, GetStatus)
    HRESULT (*SetColumns)(IMAPITable *, const SPropTagArray *columns, uint32_t flags);
    MAPI_UNUSED(IMAPITable, QueryColumns)
    HRESULT (*GetRowCount)(IMAPITable *, uint32_t flags, uint32_t *count);
    HRESULT (*SeekRow)(IMAPITable *, uintptr_t from, int32_t by, int32_t *sought);
    MAPI_UNUSED(IMAPITable, SeekRowApprox) MAPI_UNUSED(IMAPITable, QueryPosition) MAPI_UNUSED(IMAPITable, FindRow)
    MAPI_UNUSED(IMAPITable, Restrict) MAPI_UNUSED(IMAPITable, CreateBookmark) MAPI_UNUSED(IMAPITable, FreeBookmark)
    MAPI_UNUSED(IMAPITable, SortTable) MAPI_UNUSED(IMAPITable, QuerySortOrder)
    HRESULT (*QueryRows)(IMAPITable *, int32_t most, uint32_t flags, SRowSet **rows);
    MAPI_UNUSED(IMAPITable, Abort) MAPI_UNUSED(IMAPITable, ExpandRow) MAPI_UNUSED(IMAPITable, CollapseRow)
    MAPI_UNUSED(IMAPITable, WaitForCompletion) MAPI_UNUSED(IMAPITable, GetCollapseState)
    MAPI_UNUSED(IMAPITable, SetCollapseState)
} IMAPITableVtbl;

typedef struct {
    MAPI_UNKNOWN_METHODS(IMsgStore) MAPI_PROP_METHODS(IMsgStore)
    MAPI_UNUSED(IMsgStore, Advise) MAPI_UNUSED(IMsgStore, Unadvise) MAPI_UNUSED(IMsgStore, CompareEntryIDs)
    MAPI_UNUSED(IMsgStore, OpenEntry) MAPI_UNUSED(IMsgStore, SetReceiveFolder)
    MAPI_UNUSED(IMsgStore, GetReceiveFolder) MAPI_UNUSED(IMsgStore, GetReceiveFolderTable)
    MAPI_UNUSED(IMsgStore, StoreLogoff) MAPI_UNUSED(IMsgStore, AbortSubmit)
    MAPI_UNUSED(IMsgStore, GetOutgoingQueue) MAPI_UNUSED(IMsgStore, SetLockState)
    MAPI_UNUSED(IMsgStore, FinishedMsg) MAPI_UNUSED(IMsgStore, NotifyNewMail)
} IMsgStoreVtbl;

typedef struct {
    MAPI_UNKNOWN_METHODS(IAddrBook) MAPI_PROP_METHODS(IAddrBook)
    MAPI_UNUSED(IAddrBook, OpenEntry) MAPI_UNUSED(IAddrBook, CompareEntryIDs) MAPI_UNUSED(IAddrBook, Advise)
    MAPI_UNUSED(IAddrBook, Unadvise) MAPI_UNUSED(IAddrBook, CreateOneOff) MAPI_UNUSED(IAddrBook, NewEntry)
    MAPI_UNUSED(IAddrBook, ResolveName) MAPI_UNUSED(IAddrBook, Address) MAPI_UNUSED(IAddrBook, Details)
    MAPI_UNUSED(IAddrBook, RecipOptions) MAPI_UNUSED(IAddrBook, QueryDefaultRecipOpt)
    MAPI_UNUSED(IAddrBook, GetPAB) MAPI_UNUSED(IAddrBook, SetPAB) MAPI_UNUSED(IAddrBook, GetDefaultDir)
    MAPI_UNUSED(IAddrBook, SetDefaultDir) MAPI_UNUSED(IAddrBook, GetSearchPath)
    MAPI_UNUSED(IAddrBook, SetSearchPath) MAPI_UNUSED(IAddrBook, PrepareRecips)
} IAddrBookVtbl;

typedef struct {
    MAPI_UNKNOWN_METHODS(IProfAdmin)
    HRESULT (*GetProfileTable)(IProfAdmin *, uint32_t flags, IMAPITable **table);
    MAPI_UNUSED(IProfAdmin, CreateProfile)
    HRESULT (*DeleteProfile)(IProfAdmin *, const void *name, uint32_t flags);
    MAPI_UNUSED(IProfAdmin, ChangeProfilePassword) MAPI_UNUSED(IProfAdmin, CopyProfile)
    MAPI_UNUSED(IProfAdmin, RenameProfile) MAPI_UNUSED(IProfAdmin, SetDefaultProfile)
    HRESULT (*AdminServices)(IProfAdmin *, const void *name, const void *password, uintptr_t window, uint32_t flags,
                             IMsgServiceAdmin **admin);
} IProfAdminVtbl;

typedef struct {
    MAPI_UNKNOWN_METHODS(IMsgServiceAdmin)
    HRESULT (*GetMsgServiceTable)(IMsgServiceAdmin *, uint32_t flags, IMAPITable **table);
    MAPI_UNUSED(IMsgServiceAdmin, CreateMsgService)
    HRESULT (*DeleteMsgService)(IMsgServiceAdmin *, const void *uid);
    MAPI_UNUSED(IMsgServiceAdmin, CopyMsgService) MAPI_UNUSED(IMsgServiceAdmin, RenameMsgService)
    MAPI_UNUSED(IMsgServiceAdmin, ConfigureMsgService) MAPI_UNUSED(IMsgServiceAdmin, OpenProfileSection)
    MAPI_UNUSED(IMsgServiceAdmin, MsgServiceTransportOrder) MAPI_UNUSED(IMsgServiceAdmin, AdminProviders)
    MAPI_UNUSED(IMsgServiceAdmin, SetPrimaryIdentity)
    HRESULT (*GetProviderTable)(IMsgServiceAdmin *, uint32_t flags, IMAPITable **table);
} IMsgServiceAdminVtbl;

struct IUnknown { const IUnknownVtbl *lpVtbl; };
struct IMAPISession { const IMAPISessionVtbl *lpVtbl; };
struct IMAPITable { const IMAPITableVtbl *lpVtbl; };
struct IMsgStore { const IMsgStoreVtbl *lpVtbl; };
struct IAddrBook { const IAddrBookVtbl *lpVtbl; };
struct IProfAdmin { const IProfAdminVtbl *lpVtbl; };
struct IMsgServiceAdmin { const IMsgServiceAdminVtbl *lpVtbl; };

HRESULT MAPIInitialize(void *init);
void MAPIUninitialize(void);
HRESULT MAPILogonEx(uintptr_t window, const void *profile, const void *password, uint32_t flags,
                    IMAPISession **session);
HRESULT MAPIAdminProfiles(uint32_t flags, IProfAdmin **admin);
HRESULT MAPIAllocateBuffer(uint32_t size, void **buffer);
HRESULT MAPIAllocateMore(uint32_t size, void *parent, void **buffer);
uint32_t MAPIFreeBuffer(void *buffer);
HRESULT ScInitMapiUtil(uint32_t flags);
void DeinitMapiUtil(void);
void FreeProws(SRowSet *rows);
void FreePadrlist(ADRLIST *list);
/* Of the shim alone: begins a new world, in which nothing has been called yet. */
void MapiLogonNewWorld(void);
uint32_t UlAddRef(void *object);
uint32_t UlRelease(void *object);
HRESULT HrQueryAllRows(IMAPITable *table, const SPropTagArray *columns, void *restriction, void *order, int32_t most,
                       SRowSet **rows);

#endif
