#include "faults.h"

#include <stdio.h>
#include <string.h>

enum fault chosen_fault = FAULTLESS;

#define FAULT_ROW(id, name, clause, text) {id, name, clause, text},
static const struct {
    enum fault fault;
    const char *name, *clause, *text;
} faults[] = {FAULTS(FAULT_ROW)};
enum { COUNT = sizeof faults / sizeof *faults };

bool choose_fault(const char *name)
{
    for (int i = 0; i < COUNT; i++) {
        if (strcmp(faults[i].name, name) == 0) {
            chosen_fault = faults[i].fault;
            return true;
        }
    }
    return false;
}

void list_faults(void)
{
    for (int i = 0; i < COUNT; i++)
        printf("%-22s %-7s %s\n", faults[i].name, faults[i].clause, faults[i].text);
}
