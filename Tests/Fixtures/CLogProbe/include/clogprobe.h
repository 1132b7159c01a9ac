// fork(), which Swift does not import, and signal handlers that Swift code fills in.
#ifndef CLOGPROBE_H
#define CLOGPROBE_H

#include <sys/types.h>

pid_t probe_fork(void);
// Waits for a child; its exit status, or 128 and the signal that ended it.
int probe_wait(pid_t child);
// Calls `handler` on SIGPROF, every `microseconds` of processor time that the process uses.
void probe_profile(void (*_Nonnull handler)(int), int microseconds);
void probe_profile_end(void);

#endif
