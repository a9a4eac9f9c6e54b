/* What the files of the shim share: objects, tables, buffers. */
#ifndef MAPI_LOGON_OBJECT_H
#define MAPI_LOGON_OBJECT_H

#include <stdatomic.h>

#include "mapi_logon_mapi.h"

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* An object of any interface; `number` is that of its session. */
typedef struct { const void *methods; atomic_int references; uint32_t number; } Object;

void *new_object(const void *methods, uint32_t number, size_t size);
/* Says that a method was called that the model does not have; MAPI_E_NO_SUPPORT. */
HRESULT unmodelled(const char *what);

/* A table of the rows in an answer of the tool, with the methods that `table_methods` was given. */
void *new_table(uint32_t number, const char *line);
void table_methods(IMAPITableVtbl *methods);
/* The value of a key in an answer. */
const char *value_of(const char *line, const char *key);

/* How many buffers are not freed; and forgets them. */
long buffers_left(void);
void buffers_forget(void);

#endif
