/* What the scripted provider asks of the adapter that loaded it. */
#ifndef MAPI4LINUX_SEAM_H
#define MAPI4LINUX_SEAM_H

#ifdef __cplusplus
extern "C" {
#endif

/* Returns what the entry point of a service (`kind` 's'), or an address book ('a') or store ('m')
   of it, answers to `call`. `slot` names the library of the service. */
__attribute__((visibility("default"))) unsigned seam_ask(const char *slot, char kind,
                                                         const char *call, unsigned flags);

#ifdef __cplusplus
}
#endif

#endif
