#include "txaio_ring.h"

#include "txaio_clock.h"
#include "txaio_line.h"

// Gives the record its time.
TXAIO_INLINE void stamp(txaio_thread *thread, int64_t now) {
    int64_t time = txaio_clock_after_last(thread, now);
    memcpy((uint8_t *)thread->in_place.base + TXAIO_RECORD_TIME, &time, sizeof time);
}
// Where the clock may have to be calibrated: jumped to, so that the usual way calls nothing, and saves no registers.
static __attribute__((noinline)) txaio_buffer *stamp_slowly(txaio_thread *thread) {
    stamp(thread, txaio_clock_time(txaio_clock_current(), txaio_clock_cycles()));
    return &thread->in_place;
}

// Near the ring's end, or where it is nearly full.
static __attribute__((noinline)) txaio_buffer *begin_in_what_is_left(txaio_thread *thread, txaio_ring *ring,
                                                                     const txaio_cell *cell, uint8_t level,
                                                                     uint64_t reserve) {
    ring->done_known = txaio_ring_free(ring);
    uint64_t used = ring->write - ring->done_known + reserve;
    uint64_t at = ring->write & (ring->capacity - 1);
    uint64_t room = ring->capacity - at;
    // So close to the end it goes on from the start, behind a filler.
    uint64_t filler = room < TXAIO_RING_ROOM_LEAST ? room : 0;
    if (used + filler + TXAIO_RING_ROOM_LEAST <= ring->capacity && !ring->drops_oldest) {
        if (filler) {
            // Nobody sees it before the record behind it is committed.
            txaio_ring_front front = {(uint32_t)filler, TXAIO_RING_FILLER, {0}};
            memcpy(ring->data + at, &front, sizeof front);
            room = ring->capacity;
            at = 0;
        }
        if (room > ring->capacity - used - filler) room = ring->capacity - used - filler;
        if (room > TXAIO_RING_ROOM_MOST) room = TXAIO_RING_ROOM_MOST;
        if (room > thread->own->limit) room = thread->own->limit;
        // Whole words: a commit rounds up.
        room &= ~(uint64_t)7;
        thread->position = ring->write + filler;
        thread->in_place = (txaio_buffer){.base = ring->data + at, .capacity = room, .limit = room};
        return stamp_slowly(thread);
    }
    // Scopes may decide that the event is none, or goes elsewhere, and errors may be what a scope's recording is written for.
    bool is_ring_s_alone = txaio_cell_scoped(cell) == 0 && (reserve > 0 || !txaio_scopes_in_use())
        && !txaio_redirections_in_use();
    if (used + TXAIO_RING_ROOM_LEAST > ring->capacity && (ring->drops_newest >> level & 1) && is_ring_s_alone) {
        txaio_counter_add(&thread->dropped);
        txaio_counter_increment(&ring->refused);
        txaio_thread_leave(thread);
        txaio_thread_admit(thread);
        return NULL;
    }
    txaio_thread_leave(thread);
    return thread->own;
}

enum { LINE = 64 }; // bytes of a cache line

// Asks for what the call comes to last: after a pause the caches have lost it, and what is called is not read ahead. The end's
// usual way is three lines of code; it begins one, so that no fourth is touched.
TXAIO_INLINE void ask_for_the_end(void) {
    for (int line = 0; line < 3; line++) __builtin_prefetch((const char *)txaio_ring_end + LINE * line);
}

// Asks for where the records after this one will lie: the delivering thread has read those lines on another processor, and
// stores wait for each until it is back. Four lines are a usual record, and two records ahead is early enough. They are within
// the ring, as behind `record` there is room for TXAIO_RING_ROOM_MOST bytes.
TXAIO_INLINE void ask_for_the_next(uint8_t *record) {
    for (int line = 8; line < 12; line++) {
#if defined(__x86_64__)
        // The built-in would ask to read only, as the oldest processors know no more; those do nothing here.
        __asm__ volatile("prefetchw %0" : : "m"(record[LINE * line]));
#else
        __builtin_prefetch(record + LINE * line, 1);
#endif
    }
}

txaio_buffer *txaio_ring_begin(txaio_thread *thread, const txaio_cell *cell, uint8_t level, uint8_t urgent) {
    ask_for_the_end();
    txaio_thread_enter(thread);
    // The ring is the thread's own; the queue is there until this thread has left.
    uint64_t queue = txaio_queue_in_force();
    if (__builtin_expect((thread->ring_owner != queue) | (queue == 0) | (thread->depth != 1), 0)) {
        txaio_thread_leave(thread);
        return thread->own;
    }
    txaio_ring *ring = (txaio_ring *)thread->ring;
    uint64_t capacity = ring->capacity, write = ring->write, at = write & (capacity - 1);
    uint64_t reserve = level <= urgent ? 0 : capacity / 8;
    if (__builtin_expect((at + TXAIO_RING_ROOM_MOST > capacity)
            | (write - ring->done_known + reserve + TXAIO_RING_ROOM_MOST > capacity)
            | (thread->own->limit < TXAIO_RING_ROOM_MOST) | (ring->drops_oldest != 0), 0))
        return begin_in_what_is_left(thread, ring, cell, level, reserve);
    uint8_t *record = ring->data + at;
    ask_for_the_next(record);
    thread->position = write;
    thread->in_place.base = record;
    thread->in_place.capacity = thread->in_place.limit = TXAIO_RING_ROOM_MOST;
    thread->in_place.lost = 0;
    int64_t now;
    if (!txaio_clock_convert(txaio_clock_current(), txaio_clock_cycles(), &now)) return stamp_slowly(thread);
    stamp(thread, now);
    return &thread->in_place;
}

__attribute__((aligned(LINE))) bool txaio_ring_end(const txaio_buffer *buffer, const void *end, const txaio_cell *cell) {
    txaio_thread *thread = txaio_thread_slot;
    // Nobody's buffer lies where that of no thread would.
    if ((uintptr_t)buffer != (uintptr_t)thread + offsetof(txaio_thread, in_place)) return false;
    if ((txaio_categories_in_use() | txaio_scopes_in_use() | txaio_cell_scoped(cell)) || buffer->lost != 0) return false;
    uint8_t *base = buffer->base;
    uint32_t size = (uint32_t)((const uint8_t *)end - base);
    memcpy(base, &size, sizeof size);
    // Neither fields in place nor a logger's and a scope's.
    memset(base + TXAIO_RECORD_CONTEXT_COUNT, 0, 4);
    memset(base + TXAIO_RECORD_BOUND, 0, TXAIO_RECORD_HEADER - TXAIO_RECORD_BOUND);
    txaio_ring_commit(thread, size);
    return true;
}

void txaio_ring_move_out(txaio_thread *thread, uint64_t used) {
    // No more than what the thread's own memory has at its least.
    memcpy(thread->own->base, thread->in_place.base, used);
    thread->own->lost = thread->in_place.lost;
    txaio_thread_leave(thread);
}
