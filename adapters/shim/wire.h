/* One line to the tool and one back, over a connection for each thread; all that differs between systems.

   MAPI_LOGON_PORT and MAPI_LOGON_TOKEN say at which loopback port the tool listens and what proves that it asked for this
   process; MAPI_LOGON_LOCAL the local socket (Linux, abstract) that does the same at half the cost. The first line of a
   connection is

       hello 1 TOKEN PROCESS THREAD

   then each call is a line of words: the name of the call, and `key=value`, letters other than A-Z a-z 0-9 . _ - as
   %XX of their UTF-8 bytes. What is absent is not there: no `profile` is NULL, `profile=` the empty string.

       MAPIInitialize                       DeleteProfile profile=
       MAPIUninitialize                     Logoff session= flags=
       MAPILogonEx profile= password=1 flags=
       OpenMsgStore session= store=         RemoveService session= service=
       Release, OpenAddressBook, GetStatusTable, GetMsgStoresTable, QueryIdentity, GetLastError session=
       GetMsgServiceTable, GetProviderTable session= or profile=
       AdminServices profile=               GetProfileTable
       world                                nothing that was called before has been called

   The tool answers the result, 8 hexadecimal digits, and `session=` or `rows=` where there are any. Rows are parted by
   commas; a row of the status table is NAME:STATUS, the default
   profile NAME:1. Three lines are not answered:

       unmodelled WHAT                      a method that the model does not have was called
       crash code=N                         the process ends by an exception of Windows
       bye buffers=N                        the process ends, N buffers are not freed                                 */
#ifndef MAPI_LOGON_WIRE_H
#define MAPI_LOGON_WIRE_H

#include <stdint.h>

enum { WIRE_LINE = 16384 };

/* Sends a line and waits for the answer, which takes its place; 0 if there is no tool. */
int wire_ask(char line[WIRE_LINE]);
/* Sends a line. */
void wire_tell(char line[WIRE_LINE]);
/* Has this process made a connection? */
int wire_was_used(void);
/* Runs `begun` in a process that was forked, once it is alone. */
void wire_on_fork(void (*begun)(void));
/* A text of the system's code page as UTF-16, at most `most` characters with the last. */
void wire_widen(const char *text, uint16_t *wide, int most);

#endif
