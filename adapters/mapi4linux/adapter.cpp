// An adapter for kopano-core's mapi4linux. A service of the world gets a slot: a copy of the
// scripted provider that has the same kinds of providers.
#include <kopano/platform.h>
#include <mapicode.h>
#include <mapitags.h>
#include <mapiutil.h>
#include <mapix.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "mapi_logon_adapter.h"
#include "seam.h"

namespace
{

// Which providers of the world a slot plays.
struct Slot {
    std::string service, book, store;
};

std::map<std::string, Slot> slots;
std::mutex lock; // of the sessions
std::map<uint64_t, IMAPISession *> sessions;
bool initialized;

const TCHAR *text(const char *utf8)
{
    return reinterpret_cast<const TCHAR *>(utf8);
}

IMAPISession *session_of(const ml_call *call)
{
    const std::lock_guard<std::mutex> hold(lock);
    const auto found = sessions.find(call->session);
    return found == sessions.end() ? nullptr : found->second;
}

void forget()
{
    for (const auto &s : sessions)
        s.second->Release();
    sessions.clear();
    slots.clear();
    if (initialized)
        MAPIUninitialize();
    initialized = false;
}

// Fills a free slot for a service, or says why there is none.
const char *take_slot(const ml_profile &profile, size_t service, std::string *name)
{
    Slot wanted{profile.service[service].name, "", ""};
    for (size_t i = 0; i < profile.providers; i++) {
        const auto &provider = profile.provider[i];
        if (provider.service != service)
            continue;
        auto &place = provider.kind == ML_ADDRESS_BOOK ? wanted.book : wanted.store;
        if (provider.kind == ML_TRANSPORT)
            return "provider.kind = transport";
        if (!place.empty())
            return "two providers of one kind in a service";
        place = provider.name;
    }
    for (const char *letter = wanted.book.empty()    ? "MNOP"
                              : wanted.store.empty() ? "WXYZ"
                                                     : "ABCD";
         *letter; letter++) {
        *name = std::string(1, *letter);
        if (slots.emplace(*name, wanted).second)
            return nullptr;
    }
    return "more than 4 services of one shape";
}

const char *make_profile(IProfAdmin *admin, const ml_profile &profile)
{
    if (profile.password)
        return "profile.password";
    if (profile.state == ML_DAMAGED)
        return "profile.state = damaged";
    if (profile.state == ML_DELETED)
        return nullptr;
    IMsgServiceAdmin *services = nullptr;
    if (FAILED(admin->CreateProfile(text(profile.name), nullptr, 0, 0)) ||
        FAILED(admin->AdminServices(text(profile.name), nullptr, 0, 0, &services)))
        return "profile.name";
    const char *lacks = nullptr;
    for (size_t i = 0; i < profile.services && !lacks; i++) {
        std::string slot;
        if (!profile.service[i].complete)
            lacks = "service.data = missing";
        else if (!(lacks = take_slot(profile, i, &slot)) &&
                 FAILED(services->CreateMsgService(text(slot.c_str()), text(slot.c_str()), 0, 0)))
            lacks = "service";
    }
    IMAPITable *table = nullptr; // runs the entry points with MSG_SERVICE_CREATE
    if (!lacks && !FAILED(services->GetProviderTable(0, &table)))
        table->Release();
    services->Release();
    return lacks;
}

const char *make_world(const ml_world *world)
{
    static std::map<std::string, bool> made; // all profiles of earlier worlds
    forget();
    if (world->max_sessions)
        return "max_sessions";
    MAPIINIT_0 init{0, 0};
    initialized = !FAILED(MAPIInitialize(&init));
    IProfAdmin *admin = nullptr;
    if (!initialized || FAILED(MAPIAdminProfiles(0, &admin)))
        return "MAPIAdminProfiles";
    for (const auto &old : made)
        admin->DeleteProfile(text(old.first.c_str()), 0);
    made.clear();
    const char *lacks = nullptr;
    for (size_t i = 0; i < world->profiles && !lacks; i++) {
        made[world->profile[i].name] = true;
        lacks = make_profile(admin, world->profile[i]);
    }
    if (!lacks && world->default_profile)
        admin->SetDefaultProfile(text(world->default_profile), 0);
    admin->Release();
    return lacks;
}

ml_result logon(ml_call *call)
{
    static std::atomic<uint64_t> handles;
    IMAPISession *session = nullptr;
    const auto result =
        MAPILogonEx(0, text(call->profile), text(call->password), call->flags, &session);
    if (FAILED(result) || !session)
        return result;
    const std::lock_guard<std::mutex> hold(lock);
    call->session = call->identity = ++handles;
    for (const auto &other : sessions)
        if (other.second == session)
            call->identity = other.first; // the first handle of the same session
    sessions[call->session] = session;
    return result;
}

ml_result logoff(ml_call *call)
{
    const auto session = session_of(call);
    return session ? session->Logoff(0, call->flags, 0) : MAPI_E_INVALID_OBJECT;
}

ml_result release(ml_call *call)
{
    const auto session = session_of(call);
    {
        const std::lock_guard<std::mutex> hold(lock);
        sessions.erase(call->session);
    }
    if (session)
        session->Release();
    return hrSuccess;
}

// The rows of the session's stores: identifier and name.
HRESULT store_rows(IMAPISession *session, SRowSet **rows)
{
    SizedSPropTagArray(2, columns) = {2, {PR_ENTRYID, PR_DISPLAY_NAME_A}};
    IMAPITable *table = nullptr;
    auto result = session->GetMsgStoresTable(0, &table);
    if (FAILED(result))
        return result;
    table->SetColumns(columns, 0);
    const auto read = table->QueryRows(64, 0, rows);
    table->Release();
    return FAILED(read) ? read : result;
}

// The store of the world that a row stands for.
std::string store_of(const SRow &row)
{
    if (row.lpProps[1].ulPropTag != PR_DISPLAY_NAME_A)
        return "?";
    const auto slot = slots.find(row.lpProps[1].Value.lpszA);
    return slot == slots.end() ? row.lpProps[1].Value.lpszA : slot->second.store;
}

// An identifier that no session knows.
ml_result open_unknown(IMAPISession *session, IMsgStore **store)
{
    char raw[32] = "nobody knows this store";
    ULONG size = 0;
    ENTRYID *id = nullptr;
    auto result = WrapStoreEntryID(0, text("none.so"), sizeof raw,
                                   reinterpret_cast<ENTRYID *>(raw), &size, &id);
    if (!FAILED(result))
        result = session->OpenMsgStore(0, size, id, nullptr, 0, store);
    MAPIFreeBuffer(id);
    return result;
}

ml_result open_store(ml_call *call)
{
    const auto session = session_of(call);
    SRowSet *rows = nullptr;
    IMsgStore *store = nullptr;
    if (!session)
        return MAPI_E_INVALID_OBJECT;
    auto result = store_rows(session, &rows);
    if (FAILED(result))
        return result;
    unsigned i = 0;
    while (i < rows->cRows && store_of(rows->aRow[i]) != call->store)
        i++;
    if (i < rows->cRows) {
        const auto &id = rows->aRow[i].lpProps[0].Value.bin;
        result = session->OpenMsgStore(0, id.cb, reinterpret_cast<ENTRYID *>(id.lpb), nullptr, 0,
                                       &store);
    } else {
        result = open_unknown(session, &store);
    }
    FreeProws(rows);
    if (store)
        store->Release();
    return result;
}

ml_result open_address_book(ml_call *call)
{
    const auto session = session_of(call);
    IAddrBook *book = nullptr;
    const auto result =
        session ? session->OpenAddressBook(0, nullptr, 0, &book) : MAPI_E_INVALID_OBJECT;
    if (book)
        book->Release();
    return result;
}

ml_result status_table(ml_call *call)
{
    const auto session = session_of(call);
    IMAPITable *table = nullptr;
    const auto result = session ? session->GetStatusTable(0, &table) : MAPI_E_INVALID_OBJECT;
    if (table)
        table->Release();
    return result;
}

ml_result stores_table(ml_call *call)
{
    const auto session = session_of(call);
    SRowSet *rows = nullptr;
    const auto result = session ? store_rows(session, &rows) : MAPI_E_INVALID_OBJECT;
    for (unsigned i = 0; !FAILED(result) && i < rows->cRows; i++)
        ml_row(store_of(rows->aRow[i]).c_str(), nullptr);
    FreeProws(rows);
    return result;
}

ml_result identity(ml_call *call)
{
    const auto session = session_of(call);
    ULONG size = 0;
    ENTRYID *id = nullptr;
    const auto result = session ? session->QueryIdentity(&size, &id) : MAPI_E_INVALID_OBJECT;
    MAPIFreeBuffer(id);
    return result;
}

ml_result delete_profile(ml_call *call)
{
    IProfAdmin *admin = nullptr;
    auto result = MAPIAdminProfiles(0, &admin);
    if (FAILED(result))
        return result;
    result = admin->DeleteProfile(text(call->profile), 0);
    admin->Release();
    return result;
}

} // namespace

unsigned seam_ask(const char *slot, char kind, const char *call, unsigned flags)
{
    const auto found = slots.find(slot);
    if (found == slots.end())
        return hrSuccess; // a world goes down
    const auto &who = kind == 'a'   ? found->second.book
                      : kind == 'm' ? found->second.store
                                    : found->second.service;
    return ml_ask(who.c_str(), call, flags, false).result;
}

int main()
{
    ml_system system{};
    system.name = "kopano-core mapi4linux";
    system.version = "11.0.2";
    system.world = make_world;
    // No MAPIInitialize: it counts for the process, and clients are threads here.
    system.logon = logon;
    system.logoff = logoff;
    system.release = release;
    system.open_store = open_store;
    system.open_address_book = open_address_book;
    system.status_table = status_table;
    system.stores_table = stores_table;
    system.identity = identity;
    system.delete_profile = delete_profile;
    system.providers = true;
    system.identities = true;
    return ml_run(&system);
}
