/* Tables and the buffers that they return. The names of rows come from the tool; the identifier of an entry is the name
   itself. */
#include <stdlib.h>
#include <string.h>

#include "object.h"

static atomic_long buffers;

/* A buffer, and the buffers that go with it. */
typedef struct Block { struct Block *next; uint64_t kind; } Block;
_Static_assert(sizeof(Block) == 16, "what follows is aligned as malloc aligns");
#define HEAD UINT64_C(0x4D41504948454144)
#define MORE UINT64_C(0x4D4150494D4F5245)

static Block *block(uint32_t size, uint64_t kind)
{
    Block *made = malloc(sizeof *made + size);
    if (made) *made = (Block){NULL, kind};
    return made;
}
/* A buffer that goes with another. */
static void *more(uint32_t size, void *parent)
{
    Block *head = (Block *)parent - 1, *made = head->kind == HEAD ? block(size, MORE) : NULL;
    if (!made) return NULL;
    made->next = head->next;
    head->next = made;
    return made + 1;
}

EXPORT HRESULT MAPIAllocateBuffer(uint32_t size, void **buffer)
{
    Block *made = block(size, HEAD);
    *buffer = made ? made + 1 : NULL;
    if (made) buffers++;
    return made ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}
EXPORT HRESULT MAPIAllocateMore(uint32_t size, void *parent, void **buffer)
{
    *buffer = parent ? more(size, parent) : NULL;
    return !parent ? E_INVALIDARG : *buffer ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}
EXPORT uint32_t MAPIFreeBuffer(void *buffer)
{
    Block *next, *at = (Block *)buffer - 1;
    if (!buffer) return 0;
    if (at->kind != HEAD) {
        unmodelled("MAPIFreeBuffer of what MAPIAllocateBuffer did not return");
        return (uint32_t)E_INVALIDARG;
    }
    buffers--;
    for (; at; at = next) {
        next = at->next;
        at->kind = 0;
        free(at);
    }
    return 0;
}
EXPORT void FreeProws(SRowSet *rows)
{
    for (uint32_t i = 0; rows && i < rows->cRows; i++) MAPIFreeBuffer(rows->aRow[i].lpProps);
    MAPIFreeBuffer(rows);
}
EXPORT void FreePadrlist(ADRLIST *list)
{
    for (uint32_t i = 0; list && i < list->cEntries; i++) MAPIFreeBuffer(list->aEntries[i].rgPropVals);
    MAPIFreeBuffer(list);
}

long buffers_left(void) { return buffers; }
void buffers_forget(void) { buffers = 0; }

/* ---- tables ---- */

enum { ROWS = 64, COLUMNS = 32, NAME = 256 };
static IMAPITableVtbl *methods;
typedef struct {
    Object head;
    char names[ROWS][NAME];
    uint32_t status[ROWS], rows, at, columns[COLUMNS], width;
} Table;

static int digit(char c) { return c >= 'A' ? (c & 7) + 9 : c - '0'; }

const char *value_of(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    return at ? at + strlen(key) : NULL;
}

void *new_table(uint32_t number, const char *line)
{
    static const uint32_t usual[] = {PR_ENTRYID, PR_DISPLAY_NAME_A};
    Table *made = new_object(methods, number, sizeof *made);
    const char *at = value_of(line, " rows=");
    memcpy(made->columns, usual, sizeof usual);
    made->width = 2;
    while (at && *at && *at != ' ' && made->rows < ROWS) {
        char *name = made->names[made->rows];
        for (size_t i = 0; *at && *at != ',' && *at != ':' && *at != ' '; at++) {
            int byte = *at;
            if (byte == '%' && at[1] && at[2]) {
                byte = digit(at[1]) << 4 | digit(at[2]);
                at += 2;
            }
            if (i < NAME - 1) name[i++] = (char)byte;
        }
        made->status[made->rows++] = *at == ':' ? (uint32_t)strtoul(at + 1, NULL, 10) : 0;
        while (*at && *at != ',' && *at != ' ') at++;
        if (*at == ',') at++;
    }
    return made;
}

static HRESULT table_columns(IMAPITable *this, const SPropTagArray *columns, uint32_t flags)
{
    Table *own = (Table *)this;
    (void)flags;
    if (!columns) return E_INVALIDARG;
    own->width = columns->cValues < COLUMNS ? columns->cValues : COLUMNS;
    memcpy(own->columns, columns->aulPropTag, own->width * sizeof own->columns[0]);
    return S_OK;
}
static HRESULT table_count(IMAPITable *this, uint32_t flags, uint32_t *count)
{
    (void)flags;
    *count = ((Table *)this)->rows;
    return S_OK;
}
static HRESULT table_seek(IMAPITable *this, uintptr_t from, int32_t by, int32_t *sought)
{
    Table *own = (Table *)this;
    int64_t start = from == BOOKMARK_BEGINNING ? 0 : from == BOOKMARK_END ? own->rows : own->at, to = start + by;
    own->at = to < 0 ? 0 : to > own->rows ? own->rows : (uint32_t)to;
    if (sought) *sought = (int32_t)(own->at - start);
    return S_OK;
}

/* The characters of a UTF-8 text as UTF-16, in a buffer of the row. */
static void *widened(const char *text, void *row)
{
    MapiChar *to, *wide = more((uint32_t)((strlen(text) + 1) * sizeof *wide), row);
    if (!wide) abort();
    for (to = wide; *text;) {
        unsigned byte = (unsigned char)*text++, more = byte < 0xC0 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
        unsigned c = more ? byte & (0x3Fu >> more) : byte;
        for (; more > 0 && *text; more--) c = c << 6 | ((unsigned char)*text++ & 63);
        if (c >= 0x10000) {
            *to++ = (MapiChar)(0xD7C0 + (c >> 10));
            c = 0xDC00 | (c & 0x3FF);
        }
        *to++ = (MapiChar)c;
    }
    *to = 0;
    return wide;
}
static void *copied(const char *text, size_t size, void *row)
{
    void *copy = more((uint32_t)size, row);
    if (!copy) abort();
    return memcpy(copy, text, size);
}

static void fill(SPropValue *to, uint32_t tag, const Table *own, uint32_t at, void *row)
{
    const char *name = own->names[at];
    if (tag == PR_STATUS_CODE && own->status[at] == 0) tag = (tag & 0xFFFF0000u) | PT_NULL;
    to->ulPropTag = tag;
    to->dwAlignPad = 0;
    switch (tag) {
    case PR_ENTRYID:
        to->Value.bin.cb = (uint32_t)strlen(name);
        to->Value.bin.lpb = copied(name, strlen(name) + 1, row);
        break;
    case PR_SERVICE_UID: /* 16 bytes, as far as the name goes */
        to->Value.bin.cb = 16;
        to->Value.bin.lpb = copied(name, 16, row);
        break;
    case PR_DISPLAY_NAME_A: to->Value.lpszA = copied(name, strlen(name) + 1, row); break;
    case PR_DISPLAY_NAME_W: to->Value.lpszW = widened(name, row); break;
    case PR_DEFAULT_PROFILE: to->Value.b = own->status[at] == 1; break;
    case PR_DEFAULT_STORE: to->Value.b = at == 0; break;
    case PR_STATUS_CODE: to->Value.l = (int32_t)own->status[at]; break;
    default:
        to->ulPropTag = (tag & 0xFFFF0000u) | PT_ERROR;
        to->Value.err = MAPI_E_NOT_FOUND;
    }
}

static HRESULT table_rows(IMAPITable *this, int32_t most, uint32_t flags, SRowSet **out)
{
    Table *own = (Table *)this;
    uint32_t count = own->rows - own->at;
    SRowSet *set;
    (void)flags;
    *out = NULL;
    if (most < 0) return unmodelled("IMAPITable::QueryRows backwards");
    if ((uint32_t)most < count) count = (uint32_t)most;
    if (FAILED(MAPIAllocateBuffer((uint32_t)(sizeof *set + count * sizeof(SRow)), (void **)&set)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    set->cRows = count;
    for (uint32_t i = 0; i < count; i++, own->at++) {
        SRow *row = &set->aRow[i];
        row->ulAdrEntryPad = 0;
        row->cValues = own->width;
        if (FAILED(MAPIAllocateBuffer(own->width * (uint32_t)sizeof(SPropValue), (void **)&row->lpProps))) abort();
        for (uint32_t c = 0; c < own->width; c++) fill(&row->lpProps[c], own->columns[c], own, own->at, row->lpProps);
    }
    *out = set;
    return S_OK;
}

EXPORT HRESULT HrQueryAllRows(IMAPITable *table, const SPropTagArray *columns, void *restriction, void *order,
                              int32_t most, SRowSet **rows)
{
    if (restriction || order) return unmodelled("HrQueryAllRows with a restriction or an order");
    if (columns) table->lpVtbl->SetColumns(table, columns, 0);
    table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL);
    return table->lpVtbl->QueryRows(table, most ? most : ROWS, 0, rows);
}

void table_methods(IMAPITableVtbl *own)
{
    methods = own;
    own->SetColumns = table_columns;
    own->GetRowCount = table_count;
    own->SeekRow = table_seek;
    own->QueryRows = table_rows;
}
