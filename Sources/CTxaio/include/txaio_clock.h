// The time of an event from the processor's cycle counter, held against the system's clocks.
//
// Between two calibrations time is a straight line over cycles. A calibration joins the next line to the end of the last, and
// works an error below TXAIO_CLOCK_STEP off by the slope: time does not go back. A larger error is a clock that was set: it is
// followed at once. Rates come from the monotonic clock, which nobody sets.
#ifndef TXAIO_CLOCK_H
#define TXAIO_CLOCK_H

#include "txaio.h"

#define TXAIO_CLOCK_STEP 1000000        // nanoseconds; what exceeds it is no drift
#define TXAIO_CLOCK_SPAN 100000000      // nanoseconds until a line is calibrated anew by whoever reads it
#define TXAIO_CLOCK_FIRST_SPAN 10000000 // nanoseconds until the first line

// Where a clock's time comes from; tests have their own.
typedef struct txaio_clock_source {
    int64_t (*_Nonnull wall)(void *_Nullable context);      // nanoseconds since 1970
    int64_t (*_Nonnull monotonic)(void *_Nullable context); // nanoseconds
    uint64_t (*_Nonnull cycles)(void *_Nullable context);
    void *_Nullable context;
} txaio_clock_source;

typedef struct txaio_clock_line {
    uint64_t cycles; // where it begins
    int64_t time;
    uint64_t factor; // nanoseconds a cycle, times 2^32
} txaio_clock_line;

typedef struct txaio_clock {
    // One cache line, which all readers share. The line in force is that of the sequence's lowest bit; the other is the one
    // that a calibration writes.
    uint64_t sequence;
    txaio_clock_line lines[2];
    uint64_t span; // cycles that a line is good for; 0: there is none
    // The calibration's own.
    uint32_t is_busy;
    uint32_t is_off;      // the counter is not to be relied on
    uint32_t is_anchored; // there is a first sample
    uint32_t strikes;
    uint64_t rate; // as measured: the factor without what works off an error
    uint64_t anchor_cycles;
    int64_t anchor_monotonic;
    uint64_t best_width; // cycles that the quickest sample took
    txaio_clock_source source;
} txaio_clock;

// The process's.
extern txaio_clock txaio_clock_state;

// Begins a clock without any calibration; `counts` is false where the counter is not invariant.
void txaio_clock_begin(txaio_clock *_Nonnull clock, txaio_clock_source source, bool counts);
// Calibrates where the line is older than `span` nanoseconds; at once, and no system call.
void txaio_clock_refresh(txaio_clock *_Nonnull clock, int64_t span);
// The time where there is no line, or none that is good any more.
int64_t txaio_clock_slow(txaio_clock *_Nonnull clock);
// In a child process: whoever calibrated in the parent is not there.
void txaio_clock_after_fork(void);

TXAIO_INLINE txaio_clock *_Nonnull txaio_clock_current(void) { return &txaio_clock_state; }

TXAIO_INLINE uint64_t txaio_clock_cycles(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t cycles;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(cycles));
    return cycles;
#else
    return 0;
#endif
}

// The line in force.
TXAIO_INLINE txaio_clock_line txaio_clock_line_now(const txaio_clock *_Nonnull clock) {
    for (;;) {
        uint64_t sequence = __atomic_load_n(&clock->sequence, __ATOMIC_ACQUIRE);
        const txaio_clock_line *from = &clock->lines[sequence & 1];
        txaio_clock_line line;
        line.cycles = __atomic_load_n(&from->cycles, __ATOMIC_RELAXED);
        line.time = __atomic_load_n(&from->time, __ATOMIC_RELAXED);
        line.factor = __atomic_load_n(&from->factor, __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        // It was written over only where two calibrations have begun meanwhile.
        if (__builtin_expect(__atomic_load_n(&clock->sequence, __ATOMIC_RELAXED) == sequence, 1)) return line;
    }
}

// Nanoseconds since 1970 at a reading of the counter; false where the line is not good for that.
TXAIO_INLINE bool txaio_clock_convert(txaio_clock *_Nonnull clock, uint64_t cycles, int64_t *_Nonnull time) {
    txaio_clock_line line = txaio_clock_line_now(clock);
    uint64_t passed = cycles - line.cycles;
    *time = line.time + (int64_t)((passed * line.factor) >> 32);
    return __builtin_expect(passed < __atomic_load_n(&clock->span, __ATOMIC_RELAXED), 1);
}
TXAIO_INLINE int64_t txaio_clock_time(txaio_clock *_Nonnull clock, uint64_t cycles) {
    int64_t time;
    return txaio_clock_convert(clock, cycles, &time) ? time : txaio_clock_slow(clock);
}

// A thread's next event is never before its last, unless the clock was set back meanwhile.
TXAIO_INLINE int64_t txaio_clock_after_last(txaio_thread *_Nonnull thread, int64_t time) {
    int64_t last = thread->last_time;
    if (__builtin_expect(time < last, 0) && last - time < 2 * TXAIO_CLOCK_STEP) return last;
    thread->last_time = time;
    return time;
}
// The time of a thread's next event.
TXAIO_INLINE int64_t txaio_clock_next(txaio_thread *_Nonnull thread) {
    return txaio_clock_after_last(thread, txaio_clock_time(&txaio_clock_state, txaio_clock_cycles()));
}

#endif
