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

// Calls itself until the stack has no more room.
int probe_overflow(int depth);
// Raises a signal on the calling thread.
void probe_raise(int number);

#endif
