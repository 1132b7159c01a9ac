// The monotonic clock from the processor's cycle counter, to within TXAIO_ESTIMATE_ERROR: for half of what the system's clock
// costs, for those who ask that one where so much makes a difference.
//
// A line begins at an exact sample and has the slope that was measured between the last two. There is one only where the last
// two slopes agree, and for TXAIO_ESTIMATE_SPAN at most. A sample is off by half of its width, so the slope by no more than both
// samples' widths over the time between them; a clock that is slewed goes faster or slower by 500 ppm at most, 20 us over a
// line's span. That makes 26 us at worst, taken twice.
#ifndef TXAIO_ESTIMATE_H
#define TXAIO_ESTIMATE_H

#include "txaio_clock.h"

#define TXAIO_ESTIMATE_ERROR 50000          // nanoseconds
#define TXAIO_ESTIMATE_SPAN 20000000        // nanoseconds for which a line is good
#define TXAIO_ESTIMATE_LEAST 10000000       // nanoseconds between samples, for a slope
#define TXAIO_ESTIMATE_MOST 1000000000      // after so many the machine may have slept: no slope
#define TXAIO_ESTIMATE_WIDTH 2000           // nanoseconds that a sample may take
#define TXAIO_ESTIMATE_NONE INT64_MIN       // there is no line

typedef struct txaio_estimate {
    // One cache line, which all readers share. Odd while a line is being written: then readers do without.
    uint64_t sequence;
    uint64_t cycles; // where it begins
    int64_t time;
    uint64_t factor; // nanoseconds a cycle, times 2^32
    uint64_t span;   // cycles that it is good for; 0: there is none
    // The calibration's own.
    uint32_t is_busy;
    uint32_t is_on;       // the counter can be relied on
    uint32_t is_anchored; // there is a sample
    uint64_t rate;        // the last slope; 0: there is none
    uint64_t anchor_cycles;
    int64_t anchor_time;
    txaio_clock_source source;
} txaio_estimate;

// The process's.
extern txaio_estimate txaio_estimate_state;

// Begins one without any line; `counts` is false where the counter is not to be relied on.
void txaio_estimate_begin(txaio_estimate *_Nonnull estimate, txaio_clock_source source, bool counts);
// Finds out, once, whether the process's counter can be relied on: whether the kernel keeps its own time by it.
void txaio_estimate_prepare(void);
// The exact time, by the system's clock; makes the next line where that is due.
int64_t txaio_estimate_exact(txaio_estimate *_Nonnull estimate);
// In a child process: whoever was writing a line in the parent is not there.
void txaio_estimate_after_fork(void);

TXAIO_INLINE txaio_estimate *_Nonnull txaio_estimate_current(void) { return &txaio_estimate_state; }

// The time at a reading of the counter, or TXAIO_ESTIMATE_NONE.
TXAIO_INLINE int64_t txaio_estimate_time(const txaio_estimate *_Nonnull estimate, uint64_t cycles) {
    // Acquiring: what is read below is of this sequence or a later one.
    uint64_t sequence = __atomic_load_n(&estimate->sequence, __ATOMIC_ACQUIRE);
    uint64_t passed = cycles - __atomic_load_n(&estimate->cycles, __ATOMIC_RELAXED);
    int64_t time = __atomic_load_n(&estimate->time, __ATOMIC_RELAXED);
    uint64_t factor = __atomic_load_n(&estimate->factor, __ATOMIC_RELAXED);
    uint64_t span = __atomic_load_n(&estimate->span, __ATOMIC_RELAXED);
    // Where one of these was of a later line, so is what follows.
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    bool is_whole = !(sequence & 1) && __atomic_load_n(&estimate->sequence, __ATOMIC_RELAXED) == sequence;
    // A counter before the line's beginning has passed more than any span.
    if (__builtin_expect(!is_whole || passed >= span, 0)) return TXAIO_ESTIMATE_NONE;
    return time + (int64_t)((passed * factor) >> 32);
}

#endif
