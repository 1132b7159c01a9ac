#define _GNU_SOURCE
#include "txaio_fatal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SIGNALS = 6, STACK = 128 << 10 };
static const int signals[SIGNALS] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE};

static struct sigaction former[SIGNALS];
static bool taken[SIGNALS];
static uint8_t is_installed;
static int64_t most_wait;
static txaio_ring *first_watched;     // only grows
static uint32_t delivering;           // threads that deliver
static uint32_t backlogs;             // of queues that have yet to deliver what came before their start
static uint32_t is_waiting;           // 1 from the first fatal signal on, 2 once its wait is over
static _Thread_local TXAIO_INITIAL_EXEC bool delivers_here;
static _Thread_local TXAIO_INITIAL_EXEC bool waits_here;
static _Thread_local TXAIO_INITIAL_EXEC void *own_stack;

// ---------------------------------------------------------------------------------------------------- in the handler

static void pause_briefly(void) {
    struct timespec span = {.tv_nsec = 200000};
    nanosleep(&span, NULL);
}

static bool is_drained(const txaio_ring *ring, uint64_t *ends, int count) {
    for (int i = 0; ring && i < count; ring = ring->next_watched, i++) {
        if (txaio_ring_done(ring) < ends[i]) return false;
    }
    return true;
}

// Waits until what was committed when it began has been handed over. What other threads commit meanwhile is not waited for,
// so that a busy process ends as well; of more rings than it can remember, all must be empty at one moment.
static void wait_for_delivery(int64_t deadline, uint32_t own) {
    enum { MOST = 512 };
    uint64_t ends[MOST];
    const txaio_ring *watched = __atomic_load_n(&first_watched, __ATOMIC_ACQUIRE);
    int count = 0;
    const txaio_ring *rest = watched;
    for (; rest && count < MOST; rest = rest->next_watched) ends[count++] = txaio_ring_written(rest);
    while (txaio_monotonic_clock() < deadline && __atomic_load_n(&delivering, __ATOMIC_ACQUIRE) > own) {
        bool is_done = __atomic_load_n(&backlogs, __ATOMIC_ACQUIRE) == 0 && is_drained(watched, ends, count);
        for (const txaio_ring *other = rest; is_done && other; other = other->next_watched) {
            is_done = txaio_ring_done(other) == txaio_ring_written(other);
        }
        if (is_done) return;
        pause_briefly();
    }
}

static void give_back(void) {
    for (int i = 0; i < SIGNALS; i++) {
        if (taken[i]) sigaction(signals[i], &former[i], NULL);
    }
}

// Whether the instruction that caused the signal causes it again when the handler returns.
static bool comes_by_itself(int number, const siginfo_t *info) {
    if (info->si_code <= 0 || number == SIGTRAP || number == SIGABRT) return false;
#if defined(BUS_MCEERR_AO)
    if (number == SIGBUS && info->si_code == BUS_MCEERR_AO) return false;
#endif
    return true;
}

// It is blocked until the handler returns, and then comes to this thread with all that it told the first time.
static void send_again(int number, siginfo_t *info) {
#if defined(__linux__)
    if (syscall(SYS_rt_tgsigqueueinfo, getpid(), (pid_t)syscall(SYS_gettid), number, info) == 0) return;
#else
    (void)info;
#endif
    raise(number);
}

static void handle(int number, siginfo_t *info, void *context) {
    (void)context;
    int error = errno;
    // What the delivering thread was about to do it does no more; and a fault in here must not be waited for by itself.
    uint32_t own = delivers_here ? 1 : 0;
    if (!waits_here && __atomic_load_n(&delivering, __ATOMIC_ACQUIRE) > own) {
        waits_here = true;
        int64_t deadline = txaio_monotonic_clock() + most_wait;
        uint32_t none = 0;
        if (__atomic_compare_exchange_n(&is_waiting, &none, 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            wait_for_delivery(deadline, own);
            __atomic_store_n(&is_waiting, 2, __ATOMIC_RELEASE);
        } else {
            // Another thread's signal ends the process once its wait is over: until then this one's must not.
            while (__atomic_load_n(&is_waiting, __ATOMIC_ACQUIRE) == 1 && txaio_monotonic_clock() < deadline) {
                pause_briefly();
            }
        }
    }
    give_back();
    if (!comes_by_itself(number, info)) send_again(number, info);
    errno = error;
}

// ---------------------------------------------------------------------------------------------------- before it

int txaio_fatal_install(int64_t limit) {
    uint8_t none = 0;
    if (!__atomic_compare_exchange_n(&is_installed, &none, 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return 0;
    most_wait = limit;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&action.sa_mask);
    int fault = 0;
    for (int i = 0; i < SIGNALS; i++) {
        // All is known of a signal before its first can come.
        if (sigaction(signals[i], NULL, &former[i]) != 0) {
            fault = errno;
            continue;
        }
        if (!(former[i].sa_flags & SA_SIGINFO) && former[i].sa_handler == SIG_IGN) continue;
        taken[i] = true;
        if (sigaction(signals[i], &action, NULL) != 0) {
            fault = errno;
            taken[i] = false;
        }
    }
    txaio_fatal_cover_thread();
    return fault;
}

void txaio_fatal_cover_thread(void) {
    if (!__atomic_load_n(&is_installed, __ATOMIC_ACQUIRE) || own_stack) return;
    stack_t stack;
    memset(&stack, 0, sizeof stack);
    if (sigaltstack(NULL, &stack) != 0 || !(stack.ss_flags & SS_DISABLE)) return;
    void *memory = txaio_map(STACK);
    if (!memory) return;
    stack.ss_sp = memory;
    stack.ss_size = STACK;
    stack.ss_flags = 0;
    if (sigaltstack(&stack, NULL) == 0) own_stack = memory;
    else munmap(memory, STACK);
}

void txaio_fatal_uncover_thread(void) {
    if (!own_stack) return;
    stack_t stack;
    memset(&stack, 0, sizeof stack);
    // Somebody else's by now is left to them.
    if (sigaltstack(NULL, &stack) == 0 && stack.ss_sp == own_stack) {
        stack.ss_flags = SS_DISABLE;
        if (sigaltstack(&stack, NULL) != 0) return;
    }
    munmap(own_stack, STACK);
    own_stack = NULL;
}

void txaio_fatal_watch(txaio_ring *ring) {
    ring->next_watched = __atomic_load_n(&first_watched, __ATOMIC_ACQUIRE);
    while (!__atomic_compare_exchange_n(
        &first_watched, &ring->next_watched, ring, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    }
}

void txaio_fatal_delivery_begins(void) { __atomic_add_fetch(&delivering, 1, __ATOMIC_ACQ_REL); }

void txaio_fatal_backlog(bool is_there) {
    __atomic_add_fetch(&backlogs, is_there ? 1 : (uint32_t)-1, __ATOMIC_ACQ_REL);
}

void txaio_fatal_delivers(bool delivers) {
    if (delivers == delivers_here) return;
    delivers_here = delivers;
    if (!delivers) __atomic_sub_fetch(&delivering, 1, __ATOMIC_ACQ_REL);
}

void txaio_fatal_after_fork(void) {
    __atomic_store_n(&first_watched, NULL, __ATOMIC_RELEASE);
    __atomic_store_n(&delivering, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&backlogs, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&is_waiting, 0, __ATOMIC_RELEASE);
    delivers_here = false;
}
