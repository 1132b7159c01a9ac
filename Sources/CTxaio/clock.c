#include "txaio_clock.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

static int64_t real_wall(void *context) {
    (void)context;
    return txaio_wall_clock();
}
static int64_t real_monotonic(void *context) {
    (void)context;
    return txaio_monotonic_clock();
}
static uint64_t real_cycles(void *context) {
    (void)context;
    return txaio_clock_cycles();
}

txaio_clock txaio_clock_state __attribute__((aligned(64))) = {
    .source = {real_wall, real_monotonic, real_cycles, NULL},
    .best_width = UINT64_MAX,
};

// Before any thread logs: the counter's rate must not depend on the processor's.
__attribute__((constructor)) static void look_at_counter(void) {
    bool counts = false;
#if defined(__x86_64__)
    unsigned a, b, c, d;
    counts = __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & (1u << 8));
#elif defined(__aarch64__)
    counts = true;
#endif
    txaio_clock_state.is_off = !counts;
}

void txaio_clock_begin(txaio_clock *clock, txaio_clock_source source, bool counts) {
    memset(clock, 0, sizeof *clock);
    clock->source = source;
    clock->best_width = UINT64_MAX;
    clock->is_off = !counts;
}

void txaio_clock_after_fork(void) { __atomic_store_n(&txaio_clock_state.is_busy, 0, __ATOMIC_RELEASE); }

// ---------------------------------------------------------------------------------------------------- calibration

typedef struct sample {
    uint64_t cycles, width;
    int64_t monotonic, wall;
} sample;

// All three clocks at one moment, as near as may be: whoever is interrupted in between tries again.
static sample take_sample(txaio_clock *clock) {
    const txaio_clock_source *source = &clock->source;
    sample best = {.width = UINT64_MAX};
    for (int attempt = 0; attempt < 4; attempt++) {
        sample next;
        uint64_t before = source->cycles(source->context);
        next.monotonic = source->monotonic(source->context);
        next.wall = source->wall(source->context);
        next.width = source->cycles(source->context) - before;
        next.cycles = before + next.width / 2;
        if (next.width < best.width) best = next;
        if (best.width / 2 <= clock->best_width) break;
    }
    if (best.width < clock->best_width) clock->best_width = best.width;
    return best;
}

static void publish(txaio_clock *clock, uint64_t cycles, int64_t time, uint64_t factor) {
    uint64_t sequence = clock->sequence + 1;
    txaio_clock_line *line = &clock->lines[sequence & 1];
    // Whoever sees the new values here sees the sequence of the last calibration too.
    __atomic_thread_fence(__ATOMIC_RELEASE);
    __atomic_store_n(&line->cycles, cycles, __ATOMIC_RELAXED);
    __atomic_store_n(&line->time, time, __ATOMIC_RELAXED);
    __atomic_store_n(&line->factor, factor, __ATOMIC_RELAXED);
    __atomic_store_n(&clock->sequence, sequence, __ATOMIC_RELEASE);
}

static uint64_t in_cycles(int64_t nanoseconds, uint64_t rate) { return ((uint64_t)nanoseconds << 32) / rate; }

// Begins with a new first sample: the system's clock is asked until there is a line.
static void anchor(txaio_clock *clock, const sample *now) {
    __atomic_store_n(&clock->span, 0, __ATOMIC_RELAXED);
    clock->is_anchored = 1;
    clock->anchor_cycles = now->cycles;
    clock->anchor_monotonic = now->monotonic;
}

// The rate since the last sample; 0 where it is none.
static uint64_t measured_rate(const txaio_clock *clock, const sample *now) {
    uint64_t cycles = now->cycles - clock->anchor_cycles;
    int64_t passed = now->monotonic - clock->anchor_monotonic;
    if (passed <= 0 || cycles == 0 || cycles >> 62) return 0;
    unsigned __int128 rate = ((unsigned __int128)passed << 32) / cycles;
    // A counter slower than 4 MHz, or faster than any.
    return rate >> 40 || rate < 1 << 20 ? 0 : (uint64_t)rate;
}

static void calibrate(txaio_clock *clock) {
    sample now = take_sample(clock);
    if (!clock->is_anchored) return anchor(clock, &now);
    uint64_t span = clock->span, rate = measured_rate(clock, &now);
    int64_t waited = now.monotonic - clock->anchor_monotonic;
    if (span == 0 && waited >= 0 && waited < TXAIO_CLOCK_FIRST_SPAN) return;
    if (span == 0 && rate != 0) {
        publish(clock, now.cycles, now.wall, rate);
    } else {
        uint64_t difference = rate > clock->rate ? rate - clock->rate : clock->rate - rate;
        if (rate == 0 || difference > clock->rate / 1000) {
            // A counter that was stopped, or set: once may be a machine that slept, more often it is of no use.
            clock->strikes += 4;
            if (clock->strikes > 16) __atomic_store_n(&clock->is_off, 1, __ATOMIC_RELAXED);
            return anchor(clock, &now);
        }
        if (clock->strikes > 0) clock->strikes--;
        // Where the old line ends; what works off an error does so for its span only.
        const txaio_clock_line *line = &clock->lines[clock->sequence & 1];
        uint64_t passed = now.cycles - line->cycles, steep = passed < span ? passed : span;
        unsigned __int128 travelled = (unsigned __int128)steep * line->factor + (unsigned __int128)(passed - steep) * clock->rate;
        int64_t end = line->time + (int64_t)(travelled >> 32);
        int64_t error = (int64_t)((uint64_t)now.wall - (uint64_t)end);
        if (error > -TXAIO_CLOCK_STEP && error < TXAIO_CLOCK_STEP) {
            int64_t correction = error * ((int64_t)1 << 32) / (int64_t)in_cycles(TXAIO_CLOCK_SPAN, rate);
            publish(clock, now.cycles, end, (uint64_t)((int64_t)rate + correction));
        } else {
            publish(clock, now.cycles, now.wall, rate);
        }
    }
    clock->rate = rate;
    clock->anchor_cycles = now.cycles;
    clock->anchor_monotonic = now.monotonic;
    __atomic_store_n(&clock->span, in_cycles(TXAIO_CLOCK_SPAN, rate), __ATOMIC_RELAXED);
}

// One thread calibrates, the others need not wait for it.
static bool try_calibrate(txaio_clock *clock) {
    if (__atomic_exchange_n(&clock->is_busy, 1, __ATOMIC_ACQUIRE)) return false;
    calibrate(clock);
    __atomic_store_n(&clock->is_busy, 0, __ATOMIC_RELEASE);
    return true;
}

void txaio_clock_refresh(txaio_clock *clock, int64_t nanoseconds) {
    if (__atomic_load_n(&clock->is_off, __ATOMIC_RELAXED)) return;
    uint64_t span = __atomic_load_n(&clock->span, __ATOMIC_RELAXED);
    uint64_t passed = clock->source.cycles(clock->source.context) - txaio_clock_line_now(clock).cycles;
    typedef unsigned __int128 wide;
    if (span == 0 || (wide)passed * TXAIO_CLOCK_SPAN >= (wide)span * (uint64_t)nanoseconds) try_calibrate(clock);
}

int64_t txaio_clock_slow(txaio_clock *clock) {
    const txaio_clock_source *source = &clock->source;
    if (__atomic_load_n(&clock->is_off, __ATOMIC_RELAXED)) return source->wall(source->context);
    try_calibrate(clock);
    uint64_t span = __atomic_load_n(&clock->span, __ATOMIC_RELAXED);
    txaio_clock_line line = txaio_clock_line_now(clock);
    uint64_t passed = source->cycles(source->context) - line.cycles;
    // Another may be calibrating just now, and have been interrupted: the old line is good for a while.
    if (passed < 2 * span) return line.time + (int64_t)((passed * line.factor) >> 32);
    return source->wall(source->context);
}
