#include "txaio_estimate.h"

#include <fcntl.h>
#include <unistd.h>

static int64_t real_monotonic(void *context) {
    (void)context;
    return txaio_monotonic_clock();
}
static uint64_t real_cycles(void *context) {
    (void)context;
    return txaio_clock_cycles();
}

// Nobody asks for the wall clock here.
#define REAL_SOURCE {real_monotonic, real_monotonic, real_cycles, NULL}

txaio_estimate txaio_estimate_state __attribute__((aligned(64))) = {.source = REAL_SOURCE};

void txaio_estimate_begin(txaio_estimate *estimate, txaio_clock_source source, bool counts) {
    memset(estimate, 0, sizeof *estimate);
    estimate->source = source;
    estimate->is_on = counts;
}

// The kernel watches over the counter, on all processors, and keeps its time by something else where it is not to be relied on.
static void look_at_counter(void) {
#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
    static const char *const known[] = {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"};
    char name[64];
    int file = open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t length = read(file, name, sizeof name - 1);
    close(file);
    if (length <= 0) return;
    name[length] = 0;
    name[strcspn(name, "\n")] = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(name, known[i]) == 0) __atomic_store_n(&txaio_estimate_state.is_on, 1, __ATOMIC_RELAXED);
    }
#endif
}

void txaio_estimate_prepare(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look_at_counter);
}

void txaio_estimate_after_fork(void) {
    txaio_estimate *estimate = &txaio_estimate_state;
    __atomic_store_n(&estimate->is_busy, 0, __ATOMIC_RELAXED);
    // Only in the parent was there somebody who would have written the rest.
    if (!(estimate->sequence & 1)) return;
    __atomic_store_n(&estimate->span, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&estimate->sequence, estimate->sequence + 1, __ATOMIC_RELEASE);
}

// ---------------------------------------------------------------------------------------------------- calibration

typedef struct sample {
    uint64_t cycles;
    int64_t time, width; // half of the width is its error
} sample;

// Whoever is interrupted in between tries again.
static sample take_sample(const txaio_clock_source *source) {
    sample best = {.width = INT64_MAX};
    for (int attempt = 0; attempt < 4; attempt++) {
        int64_t before = source->monotonic(source->context);
        uint64_t cycles = source->cycles(source->context);
        int64_t width = source->monotonic(source->context) - before;
        if (width < best.width) best = (sample){cycles, before + width / 2, width};
        if (best.width <= TXAIO_ESTIMATE_WIDTH) break;
    }
    return best;
}

static void publish(txaio_estimate *estimate, const sample *now, uint64_t factor, uint64_t span) {
    uint64_t sequence = estimate->sequence;
    __atomic_store_n(&estimate->sequence, sequence + 1, __ATOMIC_RELAXED);
    // Whoever sees one of the new values sees the odd sequence too.
    __atomic_thread_fence(__ATOMIC_RELEASE);
    __atomic_store_n(&estimate->cycles, now->cycles, __ATOMIC_RELAXED);
    __atomic_store_n(&estimate->time, now->time, __ATOMIC_RELAXED);
    __atomic_store_n(&estimate->factor, factor, __ATOMIC_RELAXED);
    __atomic_store_n(&estimate->span, span, __ATOMIC_RELAXED);
    // Whoever sees the even sequence sees all of them.
    __atomic_store_n(&estimate->sequence, sequence + 2, __ATOMIC_RELEASE);
}

// Nanoseconds a cycle, times 2^32; 0 where it is none: a counter slower than 4 MHz, or faster than any.
static uint64_t measured_rate(uint64_t cycles, int64_t passed) {
    if (cycles == 0) return 0;
    unsigned __int128 rate = ((unsigned __int128)passed << 32) / cycles;
    return rate >> 40 || rate < 1 << 20 ? 0 : (uint64_t)rate;
}

static void calibrate(txaio_estimate *estimate) {
    sample now = take_sample(&estimate->source);
    if (now.width < 0 || now.width > TXAIO_ESTIMATE_WIDTH) return;
    int64_t passed = now.time - estimate->anchor_time;
    uint64_t rate = 0;
    if (estimate->is_anchored && passed >= 0 && passed <= TXAIO_ESTIMATE_MOST) {
        // Somebody else was here meanwhile.
        if (passed < TXAIO_ESTIMATE_LEAST) return;
        rate = measured_rate(now.cycles - estimate->anchor_cycles, passed);
    }
    uint64_t last = estimate->rate;
    uint64_t difference = rate > last ? rate - last : last - rate;
    // More than 1,200 ppm is no slewing: a counter that was stopped or set, or a machine that slept.
    if (rate != 0 && last != 0 && difference <= last / 833) {
        publish(estimate, &now, rate, ((uint64_t)TXAIO_ESTIMATE_SPAN << 32) / rate);
    }
    estimate->rate = rate;
    estimate->is_anchored = 1;
    estimate->anchor_cycles = now.cycles;
    __atomic_store_n(&estimate->anchor_time, now.time, __ATOMIC_RELAXED);
}

int64_t txaio_estimate_exact(txaio_estimate *estimate) {
    int64_t now = estimate->source.monotonic(estimate->source.context);
    if (!__atomic_load_n(&estimate->is_on, __ATOMIC_RELAXED)) return now;
    // An old value makes somebody calibrate in vain, no more.
    int64_t passed = now - __atomic_load_n(&estimate->anchor_time, __ATOMIC_RELAXED);
    if (passed >= 0 && passed < TXAIO_ESTIMATE_LEAST) return now;
    // One thread calibrates, the others need not wait for it. Acquiring what the last one left.
    if (__atomic_exchange_n(&estimate->is_busy, 1, __ATOMIC_ACQUIRE)) return now;
    calibrate(estimate);
    __atomic_store_n(&estimate->is_busy, 0, __ATOMIC_RELEASE);
    return now;
}
