/* The world of a `world` message as the structures that a system reads. */
#ifndef MAPI_LOGON_WORLD_H
#define MAPI_LOGON_WORLD_H

#include "json.h"
#include "mapi_logon_adapter.h"

/* Texts point into `message`, which must outlive the world. Returns NULL if memory is out. Free
 * with `world_free`. */
struct ml_world *world_read(const struct json *message);
void world_free(struct ml_world *world);

#endif
