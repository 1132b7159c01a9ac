// System calls of the file emitter that Swift does not reach: a write without a signal, handlers of signals, a filter run
// as a child process. No policy lives here.
#ifndef TXAIO_FILE_H
#define TXAIO_FILE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

#include "txaio.h"

#ifdef __cplusplus
extern "C" {
#endif

// Of Linux 6.18; C libraries learn of it later.
#define TXAIO_WRITE_WITHOUT_SIGNAL 0x100

// One write() of a line, quiet where it is to raise no SIGPIPE: how many bytes it took, or below 0 where it failed. The
// kernel is called directly: the C library's functions lie elsewhere, are reached by an indirect jump, and are points where
// a thread may be cancelled, which whoever holds a lock should not be.
TXAIO_INLINE intptr_t txaio_write_at_once(int descriptor, bool quiet, const void *_Nullable bytes, size_t count);

// One send() of a datagram that neither waits nor signals, in the same way: 0 or the errno.
TXAIO_INLINE int txaio_send_at_once(int descriptor, const void *_Nullable bytes, size_t count);

// write() that raises no SIGPIPE (Linux 6.18 and later); fails with EOPNOTSUPP, EINVAL or ENOSYS where the kernel has no
// such thing, before it has written anything.
ssize_t txaio_write_quietly(int descriptor, const void *_Nullable bytes, size_t count);

// Where SIGXFSZ would end the process, has it do nothing instead: a write beyond a limit then fails with EFBIG.
// Another handling stays, and programs that are executed get the default.
void txaio_survive_file_limits(void);

// Has the file system find room for bytes of a file beyond its end; the file's size stays. Returns 0 or an errno: ENOTSUP for
// any file system but ext4, on which it was measured (XFS does so by itself, btrfs would no longer compress, tmpfs would take
// memory); ENOSPC where there is not room for 64 times as much, as what is set aside is kept from others.
int txaio_set_aside(int descriptor, int64_t offset, int64_t count);

// How often log files were asked to be opened anew.
extern uint32_t txaio_reopen_requests;
TXAIO_INLINE uint32_t txaio_reopen_count(void) { return __atomic_load_n(&txaio_reopen_requests, __ATOMIC_RELAXED); }
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

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__)) && defined(__LP64__) && defined(SYS_pwritev2)
// What it returned, below 0 an errno's negative.
TXAIO_INLINE long txaio_call_kernel(long number, long first, const void *_Nullable second, long third, long fourth,
                                    long fifth, long sixth) {
#if defined(__x86_64__)
    register long r10 __asm__("r10") = fourth, r8 __asm__("r8") = fifth, r9 __asm__("r9") = sixth;
    __asm__ volatile("syscall"
                     : "+a"(number)
                     : "D"(first), "S"(second), "d"(third), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return number;
#else
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = first, x1 __asm__("x1") = (long)second;
    register long x2 __asm__("x2") = third, x3 __asm__("x3") = fourth, x4 __asm__("x4") = fifth, x5 __asm__("x5") = sixth;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
#endif
}
TXAIO_INLINE intptr_t txaio_write_at_once(int descriptor, bool quiet, const void *_Nullable bytes, size_t count) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    // What follows the third is nothing to write().
    return txaio_call_kernel(quiet ? SYS_pwritev2 : SYS_write, descriptor, quiet ? (const void *)&part : bytes,
                             quiet ? 1 : (long)count, -1, -1, TXAIO_WRITE_WITHOUT_SIGNAL);
}
TXAIO_INLINE int txaio_send_at_once(int descriptor, const void *_Nullable bytes, size_t count) {
    long sent = txaio_call_kernel(SYS_sendto, descriptor, bytes, (long)count, MSG_NOSIGNAL | MSG_DONTWAIT, 0, 0);
    return sent < 0 ? (int)-sent : 0;
}
#else
TXAIO_INLINE intptr_t txaio_write_at_once(int descriptor, bool quiet, const void *_Nullable bytes, size_t count) {
    return quiet ? txaio_write_quietly(descriptor, bytes, count) : write(descriptor, bytes, count);
}
TXAIO_INLINE int txaio_send_at_once(int descriptor, const void *_Nullable bytes, size_t count) {
#if defined(__APPLE__)
    int flags = MSG_DONTWAIT;
#else
    int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
#endif
    return send(descriptor, bytes, count, flags) < 0 ? errno : 0;
}
#endif

#ifdef __cplusplus
}
#endif
#endif
