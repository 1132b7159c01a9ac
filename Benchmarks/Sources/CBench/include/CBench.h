// What a benchmark needs of the machine: its cycle counter, and the means to keep a compiler from removing work.
#ifndef CBENCH_H
#define CBENCH_H

#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

// The counter before and after what is timed; the latter waits until that is done.
static inline __attribute__((always_inline)) uint64_t bench_cycles_before(void) {
#if defined(__x86_64__)
    return __rdtsc();
#elif defined(__aarch64__)
    uint64_t value;
    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(value));
    return value;
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
#endif
}

static inline __attribute__((always_inline)) uint64_t bench_cycles_after(void) {
#if defined(__x86_64__)
    unsigned processor;
    return __rdtscp(&processor);
#else
    return bench_cycles_before();
#endif
}

// To the compiler all memory may be read and changed here, and `address` is used.
static inline __attribute__((always_inline)) void bench_use(const void *_Nullable address) {
    __asm__ volatile("" : : "r"(address) : "memory");
}

// Gives memory that nobody uses back to the system.
void bench_trim(void);

#endif
