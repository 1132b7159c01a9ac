#define _GNU_SOURCE
#include "txaio_file.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t txaio_write_quietly(int descriptor, const void *bytes, size_t count) {
#if defined(__linux__) && defined(SYS_pwritev2)
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    // A position of -1 (in two halves on machines of 32 bits) is the file's own.
    return syscall(SYS_pwritev2, descriptor, &part, 1L, -1L, -1L, TXAIO_WRITE_WITHOUT_SIGNAL);
#else
    (void)descriptor, (void)bytes, (void)count;
    errno = ENOSYS;
    return -1;
#endif
}

static void do_nothing(int signal) { (void)signal; }

void txaio_survive_file_limits(void) {
    struct sigaction before;
    if (sigaction(SIGXFSZ, NULL, &before) != 0 || before.sa_flags & SA_SIGINFO || before.sa_handler != SIG_DFL) return;
    struct sigaction quiet = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};
    sigemptyset(&quiet.sa_mask);
    sigaction(SIGXFSZ, &quiet, NULL);
}

// Puts a handler in front of the one that is there, which `before` then holds. Returns 0 or an errno.
static int put_before(int signal, void (*handler)(int, siginfo_t *, void *), struct sigaction *before, bool if_ignored) {
    struct sigaction found;
    if (sigaction(signal, NULL, &found) != 0) return errno;
    if (found.sa_flags & SA_SIGINFO && found.sa_sigaction == handler) return 0;
    if (!if_ignored && !(found.sa_flags & SA_SIGINFO) && found.sa_handler == SIG_IGN) return 0;
    // Known before the handler can run that looks at it.
    *before = found;
    struct sigaction ours = {.sa_sigaction = handler, .sa_flags = SA_RESTART | SA_SIGINFO};
    sigemptyset(&ours.sa_mask);
    return sigaction(signal, &ours, NULL) == 0 ? 0 : errno;
}

static void pass_on(const struct sigaction *before, int signal, siginfo_t *information, void *context) {
    if (before->sa_flags & SA_SIGINFO) {
        before->sa_sigaction(signal, information, context);
    } else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN) {
        before->sa_handler(signal);
    }
}

uint32_t txaio_reopen_requests;
static struct sigaction before_hangup;

void txaio_request_reopen(void) { __atomic_fetch_add(&txaio_reopen_requests, 1, __ATOMIC_RELAXED); }

static void hung_up(int signal, siginfo_t *information, void *context) {
    txaio_request_reopen();
    pass_on(&before_hangup, signal, information, context);
}

int txaio_reopen_on_hangup(void) { return put_before(SIGHUP, hung_up, &before_hangup, true); }

typedef struct {
    int signal;
    int descriptor;
    uint32_t count;
    struct sigaction before;
} watched_signal;

static watched_signal watched[] = {
    {.signal = SIGHUP, .descriptor = -1},
    {.signal = SIGUSR1, .descriptor = -1},
    {.signal = SIGUSR2, .descriptor = -1},
};
// Handlers that are at work on a descriptor.
static uint32_t waking;

static watched_signal *find_watched(int signal) {
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        if (watched[i].signal == signal) return &watched[i];
    }
    return NULL;
}

static void woken(int signal, siginfo_t *information, void *context) {
    int error = errno;
    watched_signal *mine = find_watched(signal);
    if (mine == NULL) return;
    __atomic_fetch_add(&mine->count, 1, __ATOMIC_RELAXED);
    if (signal == SIGHUP) txaio_request_reopen();
    __atomic_fetch_add(&waking, 1, __ATOMIC_SEQ_CST);
    int descriptor = __atomic_load_n(&mine->descriptor, __ATOMIC_SEQ_CST);
    if (descriptor >= 0) {
        // A full pipe wakes as well.
        ssize_t ignored = write(descriptor, "", 1);
        (void)ignored;
    }
    __atomic_fetch_sub(&waking, 1, __ATOMIC_SEQ_CST);
    errno = error;
    pass_on(&mine->before, signal, information, context);
}

int txaio_wake_on_signal(int signal, int descriptor) {
    watched_signal *mine = find_watched(signal);
    if (mine == NULL) return EINVAL;
    __atomic_store_n(&mine->descriptor, descriptor, __ATOMIC_SEQ_CST);
    return put_before(signal, woken, &mine->before, false);
}

void txaio_wake_no_more(int descriptor) {
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        int expected = descriptor;
        __atomic_compare_exchange_n(&watched[i].descriptor, &expected, -1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }
    while (__atomic_load_n(&waking, __ATOMIC_SEQ_CST) != 0) sched_yield();
}

uint32_t txaio_take_signals(int signal) {
    watched_signal *mine = find_watched(signal);
    return mine == NULL ? 0 : __atomic_exchange_n(&mine->count, 0, __ATOMIC_RELAXED);
}
