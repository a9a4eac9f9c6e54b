/* The smallest adapter: a MAPI that lets everybody in and has nothing to offer. Begin with a copy
 * of this file. */
#include "mapi_logon_adapter.h"
#include "mapi_logon_codes.h"

static const char *make_world(const struct ml_world *world)
{
    (void)world;
    return NULL;
}

static ml_result initialize(struct ml_call *call)
{
    (void)call;
    return S_OK;
}

static ml_result logon(struct ml_call *call)
{
    static uint64_t handles; /* one client at a time, see below */
    call->session = ++handles;
    return S_OK;
}

static ml_result logoff(struct ml_call *call)
{
    (void)call;
    return S_OK;
}

int main(void)
{
    static const struct ml_system system = {
        .name = "example",
        .version = "1",
        .world = make_world,
        .initialize = initialize,
        .logon = logon,
        .logoff = logoff,
        .one_client = true,
    };
    return ml_run(&system);
}
