/* Lines between tool and adapter. Standard output belongs to the protocol: whatever a system
   prints goes to standard error instead. */
#ifndef MAPI_LOGON_LINES_H
#define MAPI_LOGON_LINES_H

#include "json.h"

enum { LONGEST_LINE = 1 << 20 };

/* Moves standard output away. False: it cannot be done. */
bool lines_open(void);
/* The next line, ended with a NUL, or NULL at the end of input. A line that is too long comes with
   the length LONGEST_LINE + 1, and no text of it is usable. */
const char *lines_read(size_t *length);
/* Sends complete lines and frees them; from any thread. The process ends if nobody reads any more.
 */
void lines_send(struct json_out *lines);

#endif
