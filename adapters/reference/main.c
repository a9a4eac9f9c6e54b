/* A small MAPI logon subsystem, written from the specification alone, behind the adapter kit. */
#include "subsystem.h"

#include <stdio.h>
#include <string.h>

static int usage(void)
{
    fputs("usage: reference [--fault NAME] | --list-faults\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static const struct ml_system reference = {
        .name = "reference",
        .version = "1",
        .world = make_world,
        .initialize = initialize,
        .uninitialize = uninitialize,
        .logon = logon,
        .logoff = logoff,
        .release = release,
        .open_store = open_store,
        .open_address_book = open_address_book,
        .status_table = status_table,
        .stores_table = stores_table,
        .identity = identity,
        .delete_profile = delete_profile,
        .remove_service = remove_service,
        .providers = true,
        .dialogs = true,
        .identities = true,
    };
    for (int i = 1; i < argc; i += 2) {
        if (strcmp(argv[i], "--list-faults") == 0)
            return list_faults(), 0;
        if (i + 1 == argc)
            return usage();
        if (strcmp(argv[i], "--fault") != 0)
            return usage();
        if (!choose_fault(argv[i + 1])) {
            fprintf(stderr, "no fault \"%s\"; see --list-faults\n", argv[i + 1]);
            return 2;
        }
    }
    return ml_run(&reference);
}
