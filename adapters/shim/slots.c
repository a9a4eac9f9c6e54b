/* The numbers of all slots against the headers that come with mingw-w64: compiled for Windows, never linked. */
#define COBJMACROS
#include <stddef.h>
#include <windows.h>
#include <mapix.h>

#define SLOT(interface, number, method)                                                                                \
    _Static_assert(offsetof(interface##Vtbl, method) == (number) * sizeof(void *), #interface "::" #method);
#include "slots.h"
