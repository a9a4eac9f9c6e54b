#include "world.h"

#include <stdlib.h>
#include <string.h>

static size_t count(const struct json *list)
{
    size_t n = 0;
    for (const struct json *e = list ? list->first : NULL; e; e = e->next)
        n++;
    return n;
}

/* The position of a member's text in `words`, which ends with NULL; 0 if it is none of them. */
static int word(const struct json *object, const char *key, const char *const *words)
{
    const char *text = json_text(object, key, words[0]);
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    return 0;
}

static void read_provider(struct ml_provider *p, const struct json *from, size_t service)
{
    static const char *const kinds[] = {"address-book", "message-store", "transport", NULL};
    p->name = json_text(from, "name", "");
    p->kind = (enum ml_kind)word(from, "kind", kinds);
    p->service = service;
}

static void read_service(struct ml_service *s, const struct json *from)
{
    static const char *const entry_points[] = {"dialog", "programmatic", "none", NULL};
    s->name = json_text(from, "name", "");
    s->complete = json_true(from, "complete");
    s->entry_point = (enum ml_entry_point)word(from, "entry_point", entry_points);
    s->critical = json_true(from, "critical");
    s->identity = json_true(from, "identity");
}

static bool read_profile(struct ml_profile *p, const struct json *from)
{
    static const char *const states[] = {"valid", "damaged", "deleted", NULL};
    const struct json *services = json_member(from, "services");
    p->name = json_text(from, "name", "");
    p->state = (enum ml_state)word(from, "state", states);
    p->password = json_true(from, "password");
    p->services = count(services);
    for (const struct json *s = services ? services->first : NULL; s; s = s->next)
        p->providers += count(json_member(s, "providers"));
    p->service = calloc(p->services + 1, sizeof *p->service);
    p->provider = calloc(p->providers + 1, sizeof *p->provider);
    if (!p->service || !p->provider)
        return false;
    size_t i = 0, j = 0;
    for (const struct json *s = services ? services->first : NULL; s; s = s->next, i++) {
        read_service(p->service + i, s);
        const struct json *providers = json_member(s, "providers");
        for (const struct json *q = providers ? providers->first : NULL; q; q = q->next)
            read_provider(p->provider + j++, q, i);
    }
    return true;
}

struct ml_world *world_read(const struct json *message)
{
    const struct json *profiles = json_member(message, "profiles");
    struct ml_world *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->profiles = count(profiles);
    w->profile = calloc(w->profiles + 1, sizeof *w->profile);
    bool complete = w->profile;
    const struct json *from = profiles ? profiles->first : NULL;
    for (size_t i = 0; complete && from; i++, from = from->next)
        complete = read_profile(w->profile + i, from);
    w->default_profile = json_text(message, "default_profile", NULL);
    w->max_sessions = json_number(message, "max_sessions", 0);
    w->short_timeout_ms = (unsigned)json_number(message, "short_timeout_ms", 1000);
    if (complete)
        return w;
    world_free(w);
    return NULL;
}

void world_free(struct ml_world *world)
{
    if (!world)
        return;
    for (size_t i = 0; world->profile && i < world->profiles; i++) {
        free(world->profile[i].service);
        free(world->profile[i].provider);
    }
    free(world->profile);
    free(world);
}
