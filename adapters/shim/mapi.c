/* A MAPI subsystem that decides nothing: every call goes to the tool, and returns what the tool says. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object.h"
#include "wire.h"

/* ---- lines ---- */

/* Asks the tool; its answer takes the place of the line. */
static HRESULT ask(char line[WIRE_LINE], const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(line, WIRE_LINE - 1, format, values);
    va_end(values);
    if (!wire_ask(line)) {
        line[0] = 0;
        return MAPI_E_CALL_FAILED;
    }
    return (HRESULT)strtoul(line, NULL, 16);
}

/* Most characters of a name that are sent: beyond every limit that the documentation knows. */
enum { NAME = 256 };
typedef char Word[NAME * 3 * 3 + 16];

static size_t add_byte(char *word, size_t at, unsigned byte)
{
    int plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                byte == '.' || byte == '_' || byte == '-';
    return at + (size_t)(plain ? sprintf(word + at, "%c", (int)byte) : sprintf(word + at, "%%%02X", byte));
}

static size_t add_character(char *word, size_t at, unsigned c)
{
    if (c < 0x80) return add_byte(word, at, c);
    if (c < 0x800) return add_byte(word, add_byte(word, at, 0xC0 | c >> 6), 0x80 | (c & 63));
    if (c < 0x10000) at = add_byte(word, at, 0xE0 | c >> 12);
    else at = add_byte(word, add_byte(word, at, 0xF0 | c >> 18), 0x80 | (c >> 12 & 63));
    return add_byte(word, add_byte(word, at, 0x80 | (c >> 6 & 63)), 0x80 | (c & 63));
}

/* ` key=text`, or nothing for NULL. */
static const char *word(Word to, const char *key, const void *text, int unicode)
{
    const MapiChar *wide = text;
    to[0] = 0;
    if (!text) return to;
    size_t at = (size_t)sprintf(to, " %s=", key);
#ifdef _WIN32
    MapiChar widened[NAME + 1];
    if (!unicode) {
        wire_widen(text, widened, NAME + 1);
        wide = widened;
        unicode = 1;
    }
#endif
    for (int i = 0; i < NAME && (unicode ? wide[i] : ((const unsigned char *)text)[i]); i++) {
        unsigned c = unicode ? wide[i] : ((const unsigned char *)text)[i];
        if (!unicode) {
            at = add_byte(to, at, c);
            continue;
        }
        if (c >= 0xD800 && c < 0xDC00 && wide[i + 1] >= 0xDC00 && wide[i + 1] < 0xE000)
            c = 0x10000 + ((c & 0x3FF) << 10) + (wide[++i] & 0x3FF);
        at = add_character(to, at, c);
    }
    return to;
}

/* ---- objects ---- */

HRESULT unmodelled(const char *what)
{
    char line[WIRE_LINE];
    snprintf(line, sizeof line, "unmodelled %s", what);
    wire_tell(line);
    return MAPI_E_NO_SUPPORT;
}

#define SLOT(interface, number, method)                                                                                \
    static HRESULT interface##_##method(void *object)                                                                  \
    {                                                                                                                  \
        (void)object;                                                                                                  \
        return unmodelled(#interface "::" #method);                                                                    \
    }
#include "slots.h"
#undef SLOT
#define SLOT(interface, number, method)                                                                                \
    _Static_assert(offsetof(interface##Vtbl, method) == (number) * sizeof(void *), #interface "::" #method);
#include "slots.h"
#undef SLOT

/* The methods of an interface, by number and by name. */
typedef HRESULT (*Slot)(void *);
#define TABLE(interface)                                                                                               \
    static union {                                                                                                     \
        interface##Vtbl named;                                                                                         \
        Slot slots[sizeof(interface##Vtbl) / sizeof(Slot)];                                                            \
    } interface##_methods
TABLE(IMAPISession);
TABLE(IMAPITable);
TABLE(IMsgStore);
TABLE(IAddrBook);
TABLE(IProfAdmin);
TABLE(IMsgServiceAdmin);

void *new_object(const void *methods, uint32_t number, size_t size)
{
    Object *made = calloc(1, size);
    if (!made) abort();
    made->methods = methods;
    made->references = 1;
    made->number = number;
    return made;
}

static HRESULT query(void *this, const void *iid, void **out)
{
    (void)iid; /* interfaces are not told apart: a client asks for the one that it uses */
    if (!out) return E_INVALIDARG;
    ((Object *)this)->references++;
    *out = this;
    return S_OK;
}
static uint32_t add_reference(void *this) { return (uint32_t)++((Object *)this)->references; }
static uint32_t release(void *this)
{
    int left = --((Object *)this)->references;
    if (left == 0) free(this);
    return (uint32_t)left;
}
static HRESULT nothing_known(void *this, HRESULT result, uint32_t flags, void **error)
{
    (void)this, (void)result, (void)flags;
    if (error) *error = NULL;
    return S_OK;
}

/* Administration of a profile: of that of a session, or of one by its name, as lines have it. */
typedef struct { Object head; Word of; } Admin;

/* ---- sessions ---- */

#define NUMBER(this) (((const Object *)(this))->number)

static HRESULT new_table_of(uint32_t number, const char *call, const char *of, IMAPITable **out)
{
    char line[WIRE_LINE];
    HRESULT result = ask(line, "%s%s", call, of);
    *out = SUCCEEDED(result) ? new_table(number, line) : NULL;
    return result;
}
static HRESULT table_of(void *this, const char *call, IMAPITable **out)
{
    char of[32];
    snprintf(of, sizeof of, " session=%u", NUMBER(this));
    return new_table_of(NUMBER(this), call, of, out);
}
static HRESULT session_stores(IMAPISession *this, uint32_t flags, IMAPITable **out)
{
    (void)flags;
    return table_of(this, "GetMsgStoresTable", out);
}
static HRESULT session_status(IMAPISession *this, uint32_t flags, IMAPITable **out)
{
    (void)flags;
    return table_of(this, "GetStatusTable", out);
}
static HRESULT session_store(IMAPISession *this, uintptr_t window, uint32_t size, const void *entry, const void *iid,
                             uint32_t flags, IMsgStore **store)
{
    char line[WIRE_LINE], name[NAME] = "";
    Word store_word;
    (void)window, (void)iid, (void)flags;
    if (entry) memcpy(name, entry, size < NAME ? size : NAME - 1);
    word(store_word, "store", name, 0);
    HRESULT result = ask(line, "OpenMsgStore session=%u%s", NUMBER(this), store_word);
    *store = SUCCEEDED(result) ? new_object(&IMsgStore_methods, NUMBER(this), sizeof(Object)) : NULL;
    return result;
}
static HRESULT session_book(IMAPISession *this, uintptr_t window, const void *iid, uint32_t flags, IAddrBook **book)
{
    char line[WIRE_LINE];
    (void)window, (void)iid, (void)flags;
    HRESULT result = ask(line, "OpenAddressBook session=%u", NUMBER(this));
    *book = SUCCEEDED(result) ? new_object(&IAddrBook_methods, NUMBER(this), sizeof(Object)) : NULL;
    return result;
}
static HRESULT session_identity(IMAPISession *this, uint32_t *size, void **entry)
{
    char line[WIRE_LINE];
    HRESULT result = ask(line, "QueryIdentity session=%u", NUMBER(this));
    *size = 0;
    *entry = NULL;
    return result;
}
static HRESULT session_logoff(IMAPISession *this, uintptr_t window, uint32_t flags, uint32_t reserved)
{
    char line[WIRE_LINE];
    (void)window, (void)reserved;
    return ask(line, "Logoff session=%u flags=%u", NUMBER(this), flags);
}
static HRESULT session_error(IMAPISession *this, HRESULT result, uint32_t flags, void **error)
{
    char line[WIRE_LINE];
    (void)result, (void)flags;
    if (error) *error = NULL;
    return ask(line, "GetLastError session=%u", NUMBER(this));
}
static HRESULT session_services(IMAPISession *this, uint32_t flags, IMsgServiceAdmin **admin)
{
    (void)flags;
    Admin *made = new_object(&IMsgServiceAdmin_methods, NUMBER(this), sizeof *made);
    snprintf(made->of, sizeof made->of, " session=%u", NUMBER(this));
    *admin = (IMsgServiceAdmin *)made;
    return S_OK;
}
/* A session is kept for good, so that calls after the last Release are seen. */
static uint32_t session_release(IMAPISession *this)
{
    char line[WIRE_LINE];
    int left = --((Object *)this)->references;
    if (left == 0) ask(line, "Release session=%u", NUMBER(this));
    return left < 0 ? 0 : (uint32_t)left;
}

static HRESULT services_table(IMsgServiceAdmin *this, uint32_t flags, IMAPITable **out)
{
    (void)flags;
    return new_table_of(NUMBER(this), "GetMsgServiceTable", ((Admin *)this)->of, out);
}
static HRESULT services_providers(IMsgServiceAdmin *this, uint32_t flags, IMAPITable **out)
{
    (void)flags;
    return new_table_of(NUMBER(this), "GetProviderTable", ((Admin *)this)->of, out);
}
static HRESULT services_delete(IMsgServiceAdmin *this, const void *uid)
{
    char line[WIRE_LINE], name[17] = "";
    Word service;
    if (!uid) return E_INVALIDARG;
    if (NUMBER(this) == 0) return unmodelled("IMsgServiceAdmin::DeleteMsgService without a session");
    memcpy(name, uid, 16);
    word(service, "service", name, 0);
    return ask(line, "RemoveService session=%u%s", NUMBER(this), service);
}
static HRESULT profiles_delete(IProfAdmin *this, const void *name, uint32_t flags)
{
    char line[WIRE_LINE];
    Word profile;
    (void)this;
    return ask(line, "DeleteProfile%s", word(profile, "profile", name, (flags & MAPI_UNICODE) != 0));
}

static HRESULT profiles_table(IProfAdmin *this, uint32_t flags, IMAPITable **out)
{
    (void)this, (void)flags;
    return new_table_of(0, "GetProfileTable", "", out);
}
static HRESULT profiles_services(IProfAdmin *this, const void *name, const void *password, uintptr_t window,
                                 uint32_t flags, IMsgServiceAdmin **admin)
{
    char line[WIRE_LINE];
    Admin *made = new_object(&IMsgServiceAdmin_methods, 0, sizeof *made);
    (void)this, (void)password, (void)window;
    word(made->of, "profile", name, (flags & MAPI_UNICODE) != 0);
    HRESULT result = ask(line, "AdminServices%s", made->of);
    *admin = SUCCEEDED(result) ? (IMsgServiceAdmin *)made : NULL;
    if (FAILED(result)) free(made);
    return result;
}

/* ---- what is exported ---- */

EXPORT HRESULT MAPIInitialize(void *init)
{
    char line[WIRE_LINE];
    (void)init;
    return ask(line, "MAPIInitialize");
}
EXPORT void MAPIUninitialize(void)
{
    char line[WIRE_LINE];
    ask(line, "MAPIUninitialize");
}
EXPORT HRESULT MAPILogonEx(uintptr_t window, const void *profile, const void *password, uint32_t flags,
                           IMAPISession **session)
{
    char line[WIRE_LINE];
    Word name;
    int unicode = (flags & MAPI_UNICODE) != 0;
    int secret = password && (unicode ? *(const MapiChar *)password != 0 : *(const char *)password != 0);
    (void)window;
    HRESULT result = ask(line, "MAPILogonEx%s%s flags=%u", word(name, "profile", profile, unicode),
                         secret ? " password=1" : "", flags);
    const char *number = value_of(line, " session=");
    if (session)
        *session = SUCCEEDED(result) && number
                       ? new_object(&IMAPISession_methods, (uint32_t)strtoul(number, NULL, 10), sizeof(Object))
                       : NULL;
    return result;
}
EXPORT HRESULT MAPIAdminProfiles(uint32_t flags, IProfAdmin **admin)
{
    (void)flags;
    *admin = new_object(&IProfAdmin_methods, 0, sizeof(Object));
    return S_OK;
}
EXPORT void MapiLogonNewWorld(void)
{
    char line[WIRE_LINE];
    ask(line, "world");
}
EXPORT HRESULT ScInitMapiUtil(uint32_t flags)
{
    (void)flags;
    return S_OK;
}
EXPORT void DeinitMapiUtil(void) {}

EXPORT uint32_t UlAddRef(void *object) { return object ? ((IUnknown *)object)->lpVtbl->AddRef(object) : 0; }
EXPORT uint32_t UlRelease(void *object) { return object ? ((IUnknown *)object)->lpVtbl->Release(object) : 0; }
/* ---- the ends of the library's life ---- */

#define GENERAL(function) ((Slot)(void (*)(void))(function))
#define COMMON(methods, last_error)                                                                                    \
    (methods).slots[0] = GENERAL(query);                                                                               \
    (methods).slots[1] = GENERAL(add_reference);                                                                       \
    (methods).slots[2] = GENERAL(release);                                                                             \
    (methods).slots[3] = GENERAL(last_error);

static void __attribute__((constructor)) begins(void)
{
#define SLOT(interface, number, method) interface##_methods.slots[number] = interface##_##method;
#include "slots.h"
    COMMON(IMAPISession_methods, session_error)
    COMMON(IMAPITable_methods, nothing_known)
    COMMON(IMsgStore_methods, nothing_known)
    COMMON(IAddrBook_methods, nothing_known)
    COMMON(IProfAdmin_methods, nothing_known)
    COMMON(IMsgServiceAdmin_methods, nothing_known)
    IMAPISession_methods.named.Release = session_release;
    IMAPISession_methods.named.GetMsgStoresTable = session_stores;
    IMAPISession_methods.named.OpenMsgStore = session_store;
    IMAPISession_methods.named.OpenAddressBook = session_book;
    IMAPISession_methods.named.GetStatusTable = session_status;
    IMAPISession_methods.named.QueryIdentity = session_identity;
    IMAPISession_methods.named.Logoff = session_logoff;
    IMAPISession_methods.named.AdminServices = session_services;
    IMsgServiceAdmin_methods.named.GetMsgServiceTable = services_table;
    IMsgServiceAdmin_methods.named.DeleteMsgService = services_delete;
    IMsgServiceAdmin_methods.named.GetProviderTable = services_providers;
    IProfAdmin_methods.named.DeleteProfile = profiles_delete;
    IProfAdmin_methods.named.GetProfileTable = profiles_table;
    IProfAdmin_methods.named.AdminServices = profiles_services;
    table_methods(&IMAPITable_methods.named);
    wire_on_fork(buffers_forget);
}

static void __attribute__((destructor)) ends(void)
{
    char line[WIRE_LINE];
    long left = buffers_left();
    if (!wire_was_used()) return;
    snprintf(line, sizeof line, "bye buffers=%ld", left < 0 ? 0 : left);
    wire_tell(line);
}
