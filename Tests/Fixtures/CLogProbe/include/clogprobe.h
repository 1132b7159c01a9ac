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

// Calls `handler` once, as a signal's would be, at one of the instructions that follow on a thread between the next two.
void probe_step_at(long step, void (*_Nonnull handler)(int));
void probe_step_begin(void);
void probe_step_end(void);
// Goes on until the thread's end.
void probe_step_until_exit(void);
int probe_tid(void);
// Takes memory from malloc and gives it back.
void probe_churn(void);

#endif
