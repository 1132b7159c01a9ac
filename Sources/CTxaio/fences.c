#include "txaio.h"

#include <errno.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

uint8_t txaio_fences;

#if defined(__linux__) && defined(SYS_membarrier)
// Of linux/membarrier.h, which need not be there.
#define MEMBARRIER_CMD_GLOBAL 1
#define MEMBARRIER_CMD_PRIVATE_EXPEDITED 8
#define MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED 16

static bool is_done(int command) { return syscall(SYS_membarrier, command, 0, 0) == 0; }

void txaio_fences_begin(void) {
    if (__atomic_load_n(&txaio_fences, __ATOMIC_RELAXED)) return;
    // To try it tells more than the kernel's list: a filter of system calls may let one pass and not the other.
    if (is_done(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) && is_done(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
        __atomic_store_n(&txaio_fences, 1, __ATOMIC_RELEASE);
}

void txaio_fence_threads(void) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&txaio_fences, __ATOMIC_RELAXED)) return;
    if (is_done(MEMBARRIER_CMD_PRIVATE_EXPEDITED)) return;
    // A child of fork() may have to register anew.
    if (is_done(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) && is_done(MEMBARRIER_CMD_PRIVATE_EXPEDITED)) return;
    if (is_done(MEMBARRIER_CMD_GLOBAL)) return;
    // It was forbidden meanwhile. From now on threads see to it themselves; what they stored before then is in the cache
    // long before this wait is over.
    __atomic_store_n(&txaio_fences, 0, __ATOMIC_SEQ_CST);
    struct timespec wait = {0, 50000000};
    while (nanosleep(&wait, &wait) != 0 && errno == EINTR) continue;
}
#else
void txaio_fences_begin(void) {}
void txaio_fence_threads(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
#endif
