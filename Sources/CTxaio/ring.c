#include "txaio_ring.h"

txaio_buffer *txaio_ring_begin(txaio_thread *thread, uint8_t level, uint8_t urgent) {
    txaio_thread_enter(thread);
    txaio_ring *ring = (txaio_ring *)thread->ring;
    // The ring is the thread's own; the queue is there until this thread has left.
    if (thread->depth == 1 && ring != NULL && thread->ring_owner == txaio_queue_in_force() && !ring->drops_oldest) {
        uint64_t reserve = level <= urgent ? 0 : ring->capacity / 8;
        uint64_t used = ring->write - ring->done_known + reserve;
        if (__builtin_expect(used + TXAIO_RING_ROOM_LEAST > ring->capacity, 0)) {
            ring->done_known = __atomic_load_n(&ring->done, __ATOMIC_ACQUIRE);
            used = ring->write - ring->done_known + reserve;
        }
        uint64_t at = ring->write & (ring->capacity - 1);
        uint64_t room = ring->capacity - at;
        if (used + TXAIO_RING_ROOM_LEAST <= ring->capacity && room >= TXAIO_RING_ROOM_LEAST) {
            if (room > ring->capacity - used) room = ring->capacity - used;
            if (room > TXAIO_RING_ROOM_MOST) room = TXAIO_RING_ROOM_MOST;
            if (room > thread->record.limit) room = thread->record.limit;
            // Whole words: a commit rounds up.
            room &= ~(uint64_t)7;
            thread->in_place = (txaio_buffer){.base = ring->data + at, .capacity = room, .limit = room};
            return &thread->in_place;
        }
    }
    txaio_thread_leave(thread);
    return &thread->record;
}

void txaio_ring_commit(txaio_thread *thread, uint32_t size) {
    txaio_ring *ring = (txaio_ring *)thread->ring;
    __atomic_store_n(&ring->pushed, ring->pushed + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&ring->write, ring->write + txaio_ring_round(size), __ATOMIC_RELEASE);
    txaio_thread_leave(thread);
    txaio_thread_admit(thread);
}

void txaio_ring_move_out(txaio_thread *thread, uint64_t used) {
    // No more than what the thread's own memory has at its least.
    memcpy(thread->record.base, thread->in_place.base, used);
    thread->record.lost = thread->in_place.lost;
    txaio_thread_leave(thread);
}
