/* The monitor, initialisation counts and the profile store. */
#include "subsystem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct ml_world *the_world;
static struct profile *profiles;

static pthread_mutex_t monitor = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;

static struct client {
    struct client *next;
    unsigned initialized;
    char name[];
} * clients;

void enter(void)
{
    pthread_mutex_lock(&monitor);
}

void leave(void)
{
    pthread_mutex_unlock(&monitor);
}

void changed(void)
{
    pthread_cond_broadcast(&change);
}

bool wait_for_change(unsigned milliseconds, int64_t *deadline)
{
    if (!milliseconds)
        return pthread_cond_wait(&change, &monitor) == 0;
    struct timespec t;
    if (!*deadline) {
        clock_gettime(CLOCK_REALTIME, &t);
        *deadline = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + milliseconds;
    }
    t = (struct timespec){.tv_sec = *deadline / 1000, .tv_nsec = *deadline % 1000 * 1000000};
    return pthread_cond_timedwait(&change, &monitor, &t) == 0;
}

struct ml_answer ask(const char *who, const char *call, uint32_t flags, bool ui)
{
    leave();
    struct ml_answer answer = ml_ask(who, call, flags, ui);
    if (fault(DIE_IN_QUESTION) && answer.result == MAPI_E_VERSION)
        _Exit(7);
    enter();
    return answer;
}

struct ml_user dialog(const char *kind, const char *of, ml_result code)
{
    leave();
    struct ml_user user = ml_dialog(kind, of, code);
    enter();
    return user;
}

static struct client *client_of(const char *name)
{
    struct client *c = clients;
    while (c && strcmp(c->name, name) != 0)
        c = c->next;
    if (!c) {
        c = calloc(1, sizeof *c + strlen(name) + 1);
        if (!c)
            abort();
        memcpy(c->name, name, strlen(name));
        c->next = clients;
        clients = c;
    }
    return c;
}

bool initialized(const char *client)
{
    return client_of(client)->initialized || fault(INITIALIZED_BY_NATURE); /* INI-1 */
}

ml_result initialize(struct ml_call *call)
{
    enter();
    struct client *c = client_of(call->client);
    if (!(c->initialized && fault(INITIALIZE_ONCE)))
        c->initialized++; /* INI-2, INI-3 */
    leave();
    return S_OK;
}

ml_result uninitialize(struct ml_call *call)
{
    enter();
    struct client *c = client_of(call->client);
    bool was = c->initialized;
    if (was)
        c->initialized--; /* INI-2 */
    if (fault(UNINITIALIZE_TWICE) && c->initialized)
        c->initialized--;
    if (was && !c->initialized)
        end_attachments(call->client); /* INI-12, INV-57 */
    leave();
    return was ? S_OK : MAPI_E_NOT_INITIALIZED;
}

struct profile *profile_of(const char *name)
{
    for (size_t i = 0; i < the_world->profiles; i++)
        if (strcmp(the_world->profile[i].name, name) == 0 && !profiles[i].marked)
            return profiles + i;
    return NULL;
}

ml_result delete_profile(struct ml_call *call)
{
    enter();
    ml_result r = initialized(call->client) ? S_OK : MAPI_E_NOT_INITIALIZED;
    struct profile *p = r ? NULL : profile_of(call->profile ? call->profile : "");
    if (p)
        p->marked = true; /* PRF-12: sessions on it go on */
    else if (!r)
        r = MAPI_E_NOT_FOUND;
    leave();
    return r;
}

static void forget_world(void)
{
    drop_everything();
    for (struct client *c = clients, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    clients = NULL;
    for (size_t i = 0; the_world && i < the_world->profiles; i++) {
        free(profiles[i].configured);
        free(profiles[i].removed);
    }
    free(profiles);
}

const char *make_world(const struct ml_world *world)
{
    enter();
    forget_world();
    the_world = world;
    profiles = calloc(world->profiles + 1, sizeof *profiles);
    for (size_t i = 0; profiles && i < world->profiles; i++) {
        struct profile *p = profiles + i;
        p->is = world->profile + i;
        p->configured = calloc(p->is->services + 1, sizeof *p->configured);
        p->removed = calloc(p->is->services + 1, sizeof *p->removed);
        p->marked = p->is->state == ML_DELETED;
        if (!p->configured || !p->removed)
            abort();
        for (size_t j = 0; j < p->is->services; j++)
            p->configured[j] = p->is->service[j].complete;
    }
    leave();
    return profiles ? NULL : "memory";
}
