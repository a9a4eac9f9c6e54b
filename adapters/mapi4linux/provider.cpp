// A message service with an address book and a store, or one of them, that answer what the tool
// decides.
#include <kopano/platform.h>
#include <kopano/ECGuid.h>
#include <kopano/ECUnknown.h>
#include <edkmdb.h>
#include <mapicode.h>
#include <mapiguid.h>
#include <mapispi.h>
#include <mapitags.h>
#include <mapiutil.h>
#include <mapix.h>

#include <dlfcn.h>

#include <cstring>
#include <string>

#include "seam.h"

namespace
{

// The name of this copy, without its folder and ending.
const std::string &slot()
{
    static const std::string name = [] {
        Dl_info info{};
        dladdr(reinterpret_cast<void *>(&slot), &info);
        const std::string path = info.dli_fname;
        const auto start = path.rfind('/') + 1;
        return path.substr(start, path.rfind('.') - start);
    }();
    return name;
}

HRESULT ask(char kind, const char *call, unsigned flags)
{
    return seam_ask(slot().c_str(), kind, call, flags);
}

template <class Interface> class Counted : public virtual Interface
{
    unsigned references = 1;

  public:
    virtual ~Counted() = default;
    ULONG AddRef() override
    {
        return ++references;
    }
    ULONG Release() override
    {
        const auto left = --references;
        if (!left)
            delete this;
        return left;
    }
    HRESULT QueryInterface(const IID &, void **out) override
    {
        *out = static_cast<Interface *>(this);
        AddRef();
        return hrSuccess;
    }
};

class Store final : public KC::ECUnknown, public IMsgStore
{
  public:
    ULONG AddRef() override
    {
        return ECUnknown::AddRef();
    }
    ULONG Release() override
    {
        return ECUnknown::Release();
    }
    HRESULT QueryInterface(const IID &refiid, void **lppInterface) override
    {
        REGISTER_INTERFACE3(ECUnknown, KC::ECUnknown, this);
        REGISTER_INTERFACE2(IMsgStore, this);
        REGISTER_INTERFACE3(IMAPIProp, IMAPIProp, this);
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    }
    // A store that only has to be opened.
    HRESULT GetProps(const SPropTagArray *, ULONG, ULONG *, SPropValue **) override
    {
        return none();
    }
    HRESULT Advise(ULONG, const ENTRYID *, ULONG, IMAPIAdviseSink *, ULONG *) override
    {
        return none();
    }
    HRESULT Unadvise(ULONG) override
    {
        return none();
    }
    HRESULT CompareEntryIDs(ULONG, const ENTRYID *, ULONG, const ENTRYID *, ULONG,
                            ULONG *) override
    {
        return none();
    }
    HRESULT OpenEntry(ULONG, const ENTRYID *, const IID *, ULONG, ULONG *, IUnknown **) override
    {
        return none();
    }
    HRESULT SetReceiveFolder(const TCHAR *, ULONG, ULONG, const ENTRYID *) override
    {
        return none();
    }
    HRESULT GetReceiveFolder(const TCHAR *, ULONG, ULONG *, ENTRYID **, TCHAR **) override
    {
        return none();
    }
    HRESULT GetReceiveFolderTable(ULONG, IMAPITable **) override
    {
        return none();
    }
    HRESULT StoreLogoff(ULONG *) override
    {
        return hrSuccess;
    }
    HRESULT AbortSubmit(ULONG, const ENTRYID *, ULONG) override
    {
        return none();
    }
    HRESULT GetOutgoingQueue(ULONG, IMAPITable **) override
    {
        return none();
    }
    HRESULT SetLockState(IMessage *, ULONG) override
    {
        return none();
    }
    HRESULT FinishedMsg(ULONG, ULONG, const ENTRYID *) override
    {
        return none();
    }
    HRESULT NotifyNewMail(const NOTIFICATION *) override
    {
        return none();
    }

  private:
    static HRESULT none()
    {
        return MAPI_E_NO_SUPPORT;
    }
};

class StoreProvider final : public Counted<IMSProvider>
{
  public:
    HRESULT Shutdown(ULONG *) override
    {
        return hrSuccess;
    }
    HRESULT Logon(IMAPISupport *, ULONG_PTR, const TCHAR *, ULONG, const ENTRYID *, ULONG flags,
                  const IID *, ULONG *, BYTE **, MAPIERROR **, IMSLogon **,
                  IMsgStore **out) override
    {
        const auto result = ask('m', "Logon", flags);
        if (FAILED(result))
            return result;
        auto store = new Store;
        store->AddRef();
        *out = store;
        return result;
    }
    HRESULT CompareStoreIDs(ULONG, const ENTRYID *, ULONG, const ENTRYID *, ULONG,
                            ULONG *) override
    {
        return MAPI_E_NO_SUPPORT;
    }
};

class BookLogon final : public Counted<IABLogon>
{
  public:
    HRESULT GetLastError(HRESULT, ULONG, MAPIERROR **) override
    {
        return MAPI_E_NO_SUPPORT;
    }
    HRESULT Logoff(ULONG) override
    {
        return hrSuccess;
    }
    HRESULT OpenEntry(ULONG, const ENTRYID *, const IID *, ULONG, ULONG *, IUnknown **) override
    {
        return MAPI_E_NO_SUPPORT;
    }
    HRESULT Advise(ULONG, const ENTRYID *, ULONG, IMAPIAdviseSink *, ULONG *) override
    {
        return MAPI_E_NO_SUPPORT;
    }
    HRESULT PrepareRecips(ULONG, const SPropTagArray *, ADRLIST *) override
    {
        return MAPI_E_NO_SUPPORT;
    }
};

class BookProvider final : public Counted<IABProvider>
{
  public:
    HRESULT Shutdown(ULONG *) override
    {
        return hrSuccess;
    }
    HRESULT Logon(IMAPISupport *, ULONG_PTR, const TCHAR *, unsigned flags, unsigned *, BYTE **,
                  MAPIERROR **, IABLogon **out) override
    {
        const auto result = ask('a', "Logon", flags);
        if (!FAILED(result))
            *out = new BookLogon;
        return result;
    }
};

// Writes the identifier by which MAPI finds the store to the profile section of its provider.
HRESULT identify(IProviderAdmin *admin, const MAPIUID *uid)
{
    struct {
        ULONG flags;
        MAPIUID provider;
        char name[16];
    } raw{};
    raw.provider = *uid;
    strncpy(raw.name, slot().c_str(), sizeof raw.name - 1);
    ULONG size = 0;
    ENTRYID *id = nullptr;
    const auto library = slot() + ".so";
    auto result = WrapStoreEntryID(0, reinterpret_cast<const TCHAR *>(library.c_str()), sizeof raw,
                                   reinterpret_cast<ENTRYID *>(&raw), &size, &id);
    if (FAILED(result))
        return result;
    IProfSect *section = nullptr;
    result = admin->OpenProfileSection(uid, nullptr, MAPI_MODIFY, &section);
    if (!FAILED(result)) {
        SPropValue p[4]{};
        p[0].ulPropTag = PR_ENTRYID;
        p[0].Value.bin = {size, reinterpret_cast<BYTE *>(id)};
        p[1].ulPropTag = PR_RECORD_KEY;
        p[1].Value.bin = {sizeof raw.provider, reinterpret_cast<BYTE *>(&raw.provider)};
        p[2].ulPropTag = PR_DISPLAY_NAME_A;
        p[2].Value.lpszA = const_cast<char *>(slot().c_str());
        p[3].ulPropTag = PR_DEFAULT_STORE;
        p[3].Value.b = true;
        result = section->SetProps(4, p, nullptr);
        section->Release();
    }
    MAPIFreeBuffer(id);
    return result;
}

HRESULT configure(IProviderAdmin *admin)
{
    IMAPITable *table = nullptr;
    auto result = admin->GetProviderTable(0, &table);
    if (FAILED(result))
        return result;
    SRowSet *rows = nullptr;
    result = table->QueryRows(8, 0, &rows);
    table->Release();
    for (unsigned i = 0; !FAILED(result) && i < rows->cRows; i++) {
        const auto &row = rows->aRow[i];
        const auto type = PpropFindProp(row.lpProps, row.cValues, PR_RESOURCE_TYPE);
        const auto uid = PpropFindProp(row.lpProps, row.cValues, PR_PROVIDER_UID);
        if (uid && type && type->Value.ul == MAPI_STORE_PROVIDER)
            result = identify(admin, reinterpret_cast<const MAPIUID *>(uid->Value.bin.lpb));
    }
    FreeProws(rows);
    return result;
}

} // namespace

#define EXPORT extern "C" __attribute__((visibility("default"))) HRESULT

EXPORT MSGServiceEntry(HINSTANCE, IMalloc *, IMAPISupport *, ULONG, ULONG flags, ULONG context,
                       ULONG, SPropValue *, IProviderAdmin *admin, MAPIERROR **)
{
    const char *call = context == MSG_SERVICE_CREATE      ? "CREATE"
                       : context == MSG_SERVICE_CONFIGURE ? "CONFIGURE"
                       : context == MSG_SERVICE_DELETE    ? "DELETE"
                                                          : nullptr;
    const auto result = call ? ask('s', call, flags) : hrSuccess;
    if (FAILED(result) || (context != MSG_SERVICE_CREATE && context != MSG_SERVICE_CONFIGURE))
        return result;
    return configure(admin);
}

#ifndef WITHOUT_STORE
EXPORT MSProviderInit(HINSTANCE, IMalloc *, ALLOCATEBUFFER *, ALLOCATEMORE *, FREEBUFFER *,
                      ULONG flags, ULONG, ULONG *version, IMSProvider **out)
{
    const auto result = ask('m', "Init", flags);
    *version = CURRENT_SPI_VERSION;
    if (!FAILED(result))
        *out = new StoreProvider;
    return result;
}
#endif

#ifndef WITHOUT_BOOK
EXPORT ABProviderInit(HINSTANCE, IMalloc *, ALLOCATEBUFFER *, ALLOCATEMORE *, FREEBUFFER *,
                      ULONG flags, ULONG, ULONG *version, IABProvider **out)
{
    const auto result = ask('a', "Init", flags);
    *version = CURRENT_SPI_VERSION;
    if (!FAILED(result))
        *out = new BookProvider;
    return result;
}
#endif
