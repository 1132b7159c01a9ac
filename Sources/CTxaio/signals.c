#define _GNU_SOURCE
#include "txaio_file.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// Of Linux 6.18; C libraries learn of it later.
#define WRITE_WITHOUT_SIGNAL 0x100

ssize_t txaio_write_quietly(int descriptor, const void *bytes, size_t count) {
#if defined(__linux__) && defined(SYS_pwritev2)
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    // A position of -1 (in two halves on machines of 32 bits) is the file's own.
    return syscall(SYS_pwritev2, descriptor, &part, 1L, -1L, -1L, WRITE_WITHOUT_SIGNAL);
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

static uint32_t reopen_count;
static struct sigaction before_hangup;

uint32_t txaio_reopen_count(void) { return __atomic_load_n(&reopen_count, __ATOMIC_RELAXED); }
void txaio_request_reopen(void) { __atomic_fetch_add(&reopen_count, 1, __ATOMIC_RELAXED); }

static void hung_up(int signal, siginfo_t *information, void *context) {
    txaio_request_reopen();
    if (before_hangup.sa_flags & SA_SIGINFO) {
        before_hangup.sa_sigaction(signal, information, context);
    } else if (before_hangup.sa_handler != SIG_DFL && before_hangup.sa_handler != SIG_IGN) {
        before_hangup.sa_handler(signal);
    }
}

int txaio_reopen_on_hangup(void) {
    struct sigaction before;
    if (sigaction(SIGHUP, NULL, &before) != 0) return errno;
    if (before.sa_flags & SA_SIGINFO && before.sa_sigaction == hung_up) return 0;
    // Known before the handler can run that looks at it.
    before_hangup = before;
    struct sigaction ours = {.sa_sigaction = hung_up, .sa_flags = SA_RESTART | SA_SIGINFO};
    sigemptyset(&ours.sa_mask);
    return sigaction(SIGHUP, &ours, NULL) == 0 ? 0 : errno;
}

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
    int descriptor = __atomic_load_n(&mine->descriptor, __ATOMIC_RELAXED);
    // A full pipe wakes as well.
    if (descriptor >= 0 && write(descriptor, "", 1) < 0) errno = error;
    errno = error;
    if (mine->before.sa_flags & SA_SIGINFO) {
        mine->before.sa_sigaction(signal, information, context);
    } else if (mine->before.sa_handler != SIG_DFL && mine->before.sa_handler != SIG_IGN) {
        mine->before.sa_handler(signal);
    }
}

int txaio_wake_on_signal(int signal, int descriptor) {
    watched_signal *mine = find_watched(signal);
    if (mine == NULL) return EINVAL;
    struct sigaction before;
    if (sigaction(signal, NULL, &before) != 0) return errno;
    __atomic_store_n(&mine->descriptor, descriptor, __ATOMIC_RELAXED);
    if (before.sa_flags & SA_SIGINFO && before.sa_sigaction == woken) return 0;
    if (!(before.sa_flags & SA_SIGINFO) && before.sa_handler == SIG_IGN) return 0;
    // Known before the handler can run that looks at it.
    mine->before = before;
    struct sigaction ours = {.sa_sigaction = woken, .sa_flags = SA_RESTART | SA_SIGINFO};
    sigemptyset(&ours.sa_mask);
    return sigaction(signal, &ours, NULL) == 0 ? 0 : errno;
}

uint32_t txaio_take_signals(int signal) {
    watched_signal *mine = find_watched(signal);
    return mine == NULL ? 0 : __atomic_exchange_n(&mine->count, 0, __ATOMIC_RELAXED);
}
