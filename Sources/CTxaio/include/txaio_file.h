// System calls of the file emitter that Swift does not reach: a write without a signal, handlers of signals, a filter run
// as a child process. No policy lives here.
#ifndef TXAIO_FILE_H
#define TXAIO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// write() that raises no SIGPIPE (Linux 6.18 and later); fails with EOPNOTSUPP, EINVAL or ENOSYS where the kernel has no
// such thing, before it has written anything.
ssize_t txaio_write_quietly(int descriptor, const void *_Nullable bytes, size_t count);

// Where SIGXFSZ would end the process, has it do nothing instead: a write beyond a limit then fails with EFBIG.
// Another handling stays, and programs that are executed get the default.
void txaio_survive_file_limits(void);

// How often log files were asked to be opened anew.
uint32_t txaio_reopen_count(void);
// Asks for it; may be called in a signal handler.
void txaio_request_reopen(void);
// Does so on each SIGHUP from now on, then calls the handler that was there before. Returns 0 or an errno.
int txaio_reopen_on_hangup(void);

// Has each such signal write a byte into `descriptor` from now on and be counted, then calls the handler that was there
// before. A signal that is ignored stays so. Returns 0 or an errno; SIGHUP, SIGUSR1 and SIGUSR2 can be had.
int txaio_wake_on_signal(int signal, int descriptor);
// No signal writes into that descriptor from then on: it can be closed. Not for signal handlers.
void txaio_wake_no_more(int descriptor);
// How many such signals came since the last call.
uint32_t txaio_take_signals(int signal);

// Starts a program, found on PATH, with descriptors `input` and `output` (3 or above) as its standard streams, an empty
// environment, no other descriptor, no signal held back, and the least priority. Returns 0 or an errno.
int txaio_start_filter(const char *_Nonnull program, const char *_Nonnull argument, int input, int output,
                       pid_t *_Nonnull child);
// Waits for that child alone: its exit status, 128 and more for a signal, -1 where nobody can know it any more.
int txaio_wait_for_child(pid_t child);

#ifdef __cplusplus
}
#endif
#endif
