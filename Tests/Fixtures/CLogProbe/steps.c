#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "clogprobe.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static void (*step_handler)(int);
static volatile long steps, wanted;
static __thread volatile int is_masked;
static pthread_key_t end_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// In place of the C library's: a trap that is held back would end the process. The handler is not called where a signal could
// not have come.
int pthread_sigmask(int how, const sigset_t *set, sigset_t *old) {
    sigset_t copy;
    if (set) {
        copy = *set;
        if (how == SIG_SETMASK) is_masked = sigismember(&copy, SIGUSR1);
        sigdelset(&copy, SIGTRAP);
    }
    return syscall(SYS_rt_sigprocmask, how, set ? &copy : NULL, old, 8) == 0 ? 0 : 22;
}

static void trapped(int number, siginfo_t *info, void *context) {
    (void)info;
    if (steps++ < wanted) return;
#if defined(__x86_64__)
    // No more of them: a trap costs a thousand instructions.
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x100ll;
#endif
    if (!is_masked) step_handler(number);
}

void probe_step_at(long step, void (*handler)(int)) {
    struct sigaction action;
    sigset_t none;
    // Whoever started the program may have had all of them held back, and threads inherit that.
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    step_handler = handler;
    wanted = steps + step;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = trapped;
    action.sa_flags = SA_RESTART | SA_SIGINFO;
    sigaction(SIGTRAP, &action, NULL);
}

#if defined(__x86_64__)
void probe_step_begin(void) {
    __asm__ volatile("sub $128, %%rsp; pushfq; orq $0x100, (%%rsp); popfq; add $128, %%rsp" ::: "memory", "cc");
}
void probe_step_end(void) {
    __asm__ volatile("sub $128, %%rsp; pushfq; andq $~0x100, (%%rsp); popfq; add $128, %%rsp" ::: "memory", "cc");
}
#else
void probe_step_begin(void) {}
void probe_step_end(void) {}
#endif

static void ended(void *argument) {
    (void)argument;
    probe_step_end();
}
static void make(void) { pthread_key_create(&end_key, ended); }
void probe_step_until_exit(void) {
    pthread_once(&once, make);
    pthread_setspecific(end_key, (void *)1);
    probe_step_begin();
}

// More than a thread keeps for itself, so that it takes the lock of all.
void probe_churn(void) {
    void *volatile first = malloc(3000), *volatile second = malloc(5000);
    free(first);
    free(second);
}

int probe_tid(void) { return (int)syscall(SYS_gettid); }
