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
