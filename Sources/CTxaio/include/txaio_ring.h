// One producer's ring of binary records, and the ways in and out of it. No policy: who waits, who drops and what is
// counted is decided in TxaioLog.
//
// Invariant: done, freed <= claimed <= write <= max(done, freed) + capacity. Records lie in [max(done, freed), write), each at a
// multiple of 8, none over the end of the data: a filler stands where one would not have fitted. A record's first four bytes
// are its size.
#ifndef TXAIO_RING_H
#define TXAIO_RING_H

#include "txaio.h"

#define TXAIO_RING_MAGIC 0x31676e6952786154ull // "TaxRing1"
#define TXAIO_RING_FILLER 0xffu               // the level byte of a filler

typedef struct txaio_ring {
    // Written when a thread takes the ring.
    uint64_t magic;
    uint64_t capacity; // bytes of data, a power of two
    uint64_t start_id;
    uint32_t thread_number;
    uint32_t tid;
    uint32_t in_use; // a living thread owns it
    uint32_t number; // of the ring in its storage
    uint32_t drops_oldest; // its producer may write where the consumer still reads: both by words, see below
    uint32_t drops_newest; // a bit for each level whose records nobody waits for where there is no room
    struct txaio_ring *_Nullable next_watched; // see txaio_fatal.h
    uint8_t pad0[72];
    // The producer's line.
    uint64_t write;      // all before is committed
    uint64_t done_known; // what the producer last saw to be free
    uint64_t pushed;     // records committed
    uint64_t refused;    // records that found no room
    uint64_t freed;      // where it drops its oldest: all before is free, as the consumer has copies, or never gets it
    uint8_t pad1[88];
    // The consumer's line; a producer that drops its oldest moves `claimed` and `done` as well, and counts in `discarded`.
    uint64_t claimed;   // all before was taken out, or dropped by the producer
    uint64_t done;      // all before was handed over, or dropped: its room is free
    uint64_t taken;     // records taken out
    uint64_t discarded; // records that the producer dropped as its oldest
    uint8_t pad2[96];
    uint8_t data[];
} txaio_ring;

// A part of the table of contexts, beside the rings: blocks of TxaioLog's ContextBlock.swift follow it.
#define TXAIO_CONTEXT_MAGIC 0x6b6e684378436154ull // "TaCxChnk"

typedef struct txaio_context_chunk {
    uint64_t magic;
    uint64_t capacity; // bytes that follow
    uint64_t address;  // its own, by which records refer to what is in it
    uint8_t pad[40];
} txaio_context_chunk;

TXAIO_INLINE uint64_t txaio_ring_round(uint64_t size) { return (size + 7) & ~(uint64_t)7; }

// A consumer copies a record first and then claims it. Where the producer drops its oldest it may have dropped that very
// record meanwhile, and be writing over it: the claim then fails and the copy is not used, but the two meet in memory.
// Words that are loaded and stored as such make that well defined. Records begin at multiples of 8.
TXAIO_INLINE uint64_t txaio_ring_word(const txaio_ring *_Nonnull ring, uint64_t position) {
    const uint8_t *at = ring->data + (position & (ring->capacity - 1));
    return __atomic_load_n((const uint64_t *)(const void *)at, __ATOMIC_RELAXED);
}
static inline void txaio_ring_store_words(uint8_t *_Nonnull to, const uint8_t *_Nonnull from, uint64_t size) {
    for (uint64_t at = 0; at < size; at += 8) {
        uint64_t word = 0;
        memcpy(&word, from + at, size - at < 8 ? size - at : 8);
        __atomic_store_n((uint64_t *)(void *)(to + at), word, __ATOMIC_RELAXED);
    }
}
static inline void txaio_ring_load_words(uint8_t *_Nonnull to, const uint8_t *_Nonnull from, uint64_t size) {
    for (uint64_t at = 0; at < size; at += 8) {
        uint64_t word = __atomic_load_n((const uint64_t *)(const void *)(from + at), __ATOMIC_RELAXED);
        memcpy(to + at, &word, size - at < 8 ? size - at : 8);
    }
}

// The first word of a record: its size, then its level.
typedef struct txaio_ring_front {
    uint32_t size;
    uint8_t level;
    uint8_t rest[3];
} txaio_ring_front;
TXAIO_INLINE txaio_ring_front txaio_ring_front_at(const txaio_ring *_Nonnull ring, uint64_t position) {
    uint64_t word = txaio_ring_word(ring, position);
    txaio_ring_front front;
    memcpy(&front, &word, sizeof front);
    return front;
}

// Up to where room is free; the producer asks.
TXAIO_INLINE uint64_t txaio_ring_free(const txaio_ring *_Nonnull ring) {
    uint64_t done = __atomic_load_n(&ring->done, __ATOMIC_ACQUIRE);
    return done < ring->freed ? ring->freed : done;
}

// Before anything is written there: of what a kill leaves, too.
TXAIO_INLINE void txaio_ring_set_free(txaio_ring *_Nonnull ring, uint64_t until) {
    __atomic_store_n(&ring->freed, until, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

// Room that a record of `size` bytes takes at the ring's end, filler included.
TXAIO_INLINE uint64_t txaio_ring_need(const txaio_ring *_Nonnull ring, uint64_t size) {
    uint64_t rounded = txaio_ring_round(size);
    uint64_t until_end = ring->capacity - (ring->write & (ring->capacity - 1));
    return rounded <= until_end ? rounded : until_end + rounded;
}

// Commits a copy of a record if it leaves `reserve` bytes free; false where there is no room.
TXAIO_INLINE bool txaio_ring_push(
    txaio_ring *_Nonnull ring, const uint8_t *_Nonnull record, uint32_t size, uint64_t reserve
) {
    uint64_t write = ring->write;
    uint64_t need = txaio_ring_need(ring, size);
    if (__builtin_expect(write + need + reserve - ring->done_known > ring->capacity, 0)) {
        ring->done_known = txaio_ring_free(ring);
        if (write + need + reserve - ring->done_known > ring->capacity) return false;
    }
    uint64_t rounded = txaio_ring_round(size);
    if (need != rounded) {
        uint8_t *filler = ring->data + (write & (ring->capacity - 1));
        txaio_ring_front front = {(uint32_t)(need - rounded), TXAIO_RING_FILLER, {0}};
        txaio_ring_store_words(filler, (const uint8_t *)&front, sizeof front);
        write += front.size;
    }
    uint8_t *to = ring->data + (write & (ring->capacity - 1));
    if (__builtin_expect(ring->drops_oldest, 0)) {
        txaio_ring_store_words(to, record, size);
    } else {
        memcpy(to, record, size);
    }
    __atomic_store_n(&ring->pushed, ring->pushed + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&ring->write, write + rounded, __ATOMIC_RELEASE);
    return true;
}

// The least room for which a record is begun in the ring itself, and the most that it may then use there.
enum { TXAIO_RING_ROOM_LEAST = 2 << 10, TXAIO_RING_ROOM_MOST = TXAIO_BUFFER_HOME };

// Where a thread writes its next record: in its ring, behind what is committed, or in its own memory where the ring of the
// queue in force is not its own yet, has little room, or may be read there. What is more urgent than `urgent` may use the
// reserve, as in EventQueue.swift. Written in place the thread is inside the pipeline until the record is committed, moved
// out or abandoned.
//
// To write elsewhere and copy takes longer than the copy: it reads what the processor has not stored yet.
//
// A record in the ring has its time when it is begun: reading the counter takes as long as a third of the record, and the
// processor writes that meanwhile.
//
// NULL where the record was dropped and counted, and log calls are admitted again: there is no room, its level drops the
// newest, and nothing but the ring decides about it. So a full ring costs a caller no more than one with room.
txaio_buffer *_Nullable txaio_ring_begin(txaio_thread *_Nonnull thread, const txaio_cell *_Nonnull cell, uint8_t level,
                                         uint8_t urgent);
// Commits the record that was begun in place, and admits log calls again.
TXAIO_INLINE void txaio_ring_commit(txaio_thread *_Nonnull thread, uint32_t size) {
    txaio_ring *ring = (txaio_ring *)thread->ring;
    __atomic_store_n(&ring->pushed, ring->pushed + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&ring->write, thread->position + txaio_ring_round(size), __ATOMIC_RELEASE);
    // Begun in place only by a thread that was not inside before.
    txaio_thread_leave_all(thread);
    txaio_thread_admit(thread);
}
// Ends and commits the record that the thread began in place and wrote up to `end`: the way of nearly all events. False
// where it was not begun there, or where there is more to it; then nothing was done.
bool txaio_ring_end(const txaio_buffer *_Nonnull buffer, const void *_Nonnull end, const txaio_cell *_Nonnull cell);
// The same, where the record may be in the thread's own memory, as in direct delivery all are.
TXAIO_INLINE bool txaio_record_end(const txaio_buffer *_Nonnull buffer, const void *_Nonnull end,
                                   const txaio_cell *_Nonnull cell) {
    return __builtin_expect(txaio_queue_in_force() != 0, 1) && txaio_ring_end(buffer, end, cell);
}
// Moves the first `used` bytes of a record that was begun in place to the thread's own memory.
void txaio_ring_move_out(txaio_thread *_Nonnull thread, uint64_t used);

TXAIO_INLINE bool txaio_is_in_place(const txaio_thread *_Nonnull thread, const txaio_buffer *_Nonnull buffer) {
    return buffer == &thread->in_place;
}
TXAIO_INLINE txaio_buffer *_Nullable txaio_record_begin(txaio_thread *_Nonnull thread, const txaio_cell *_Nonnull cell,
                                                        uint8_t level, uint8_t urgent) {
    return txaio_queue_in_force() == 0 ? thread->own : txaio_ring_begin(thread, cell, level, urgent);
}

// Takes the oldest record that nobody took yet: copies it to `to` and returns its size. 0 where there is none; more than
// `room`, without taking it, where it would not fit. A record that the producer drops meanwhile is passed over.
static inline uint64_t txaio_ring_take(txaio_ring *_Nonnull ring, uint8_t *_Nonnull to, uint64_t room) {
    for (;;) {
        uint64_t claimed = __atomic_load_n(&ring->claimed, __ATOMIC_ACQUIRE);
        uint64_t write = __atomic_load_n(&ring->write, __ATOMIC_ACQUIRE);
        if (claimed == write) return 0;
        const uint8_t *record = ring->data + (claimed & (ring->capacity - 1));
        txaio_ring_front front = txaio_ring_front_at(ring, claimed);
        uint32_t size = front.size;
        uint64_t rounded = txaio_ring_round(size);
        bool is_filler = front.level == TXAIO_RING_FILLER;
        // A size that cannot be is one that the producer is writing over: look again.
        bool is_sound = size >= 8 && rounded <= write - claimed && rounded <= ring->capacity - (claimed & (ring->capacity - 1));
        if (is_sound && !is_filler) {
            if (size > room) {
                if (__atomic_load_n(&ring->claimed, __ATOMIC_ACQUIRE) == claimed) return size;
                continue;
            }
            if (ring->drops_oldest) {
                txaio_ring_load_words(to, record, size);
            } else {
                memcpy(to, record, size);
            }
        }
        if (!is_sound) {
            if (__atomic_load_n(&ring->claimed, __ATOMIC_ACQUIRE) == claimed) return 0;
            continue;
        }
        if (__atomic_compare_exchange_n(
                &ring->claimed, &claimed, claimed + rounded, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
            if (is_filler) continue;
            __atomic_store_n(&ring->taken, ring->taken + 1, __ATOMIC_RELAXED);
            return size;
        }
    }
}

// Frees room by the oldest record: that of what the consumer took is free at once, as it has copies; else the oldest that
// nobody took is dropped. False where there is none, or where that is at least as urgent as `urgent` and the record to be
// written, of `level`, is not.
//
// What the consumer has in hand is then not found by whoever recovers the ring.
static inline bool txaio_ring_drop_oldest(txaio_ring *_Nonnull ring, uint8_t level, uint8_t urgent) {
    for (;;) {
        uint64_t claimed = __atomic_load_n(&ring->claimed, __ATOMIC_ACQUIRE);
        if (txaio_ring_free(ring) < claimed) {
            txaio_ring_set_free(ring, claimed);
            return true;
        }
        uint64_t before = claimed;
        if (claimed == ring->write) return false;
        txaio_ring_front front = txaio_ring_front_at(ring, claimed);
        bool is_filler = front.level == TXAIO_RING_FILLER;
        if (!is_filler && level > urgent && front.level <= urgent) return false;
        uint64_t end = claimed + txaio_ring_round(front.size);
        if (!__atomic_compare_exchange_n(&ring->claimed, &claimed, end, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) continue;
        // Where the consumer has something in hand it says itself how far it is.
        __atomic_compare_exchange_n(&ring->done, &before, end, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
        if (is_filler) continue;
        __atomic_store_n(&ring->discarded, ring->discarded + 1, __ATOMIC_RELAXED);
        txaio_ring_set_free(ring, end);
        return true;
    }
}

// What lies at the front: the record's time, if there is one.
static inline bool txaio_ring_peek_time(const txaio_ring *_Nonnull ring, int64_t *_Nonnull time) {
    uint64_t claimed = __atomic_load_n(&ring->claimed, __ATOMIC_ACQUIRE);
    uint64_t write = __atomic_load_n(&ring->write, __ATOMIC_ACQUIRE);
    if (claimed == write) return false;
    txaio_ring_front front = txaio_ring_front_at(ring, claimed);
    if (front.level == TXAIO_RING_FILLER) claimed += txaio_ring_round(front.size);
    // A filler, and a size that was written over, may lead to the end or beyond.
    if (claimed >= write || (claimed & 7) != 0) return false;
    uint64_t word = txaio_ring_word(ring, claimed + 8);
    memcpy(time, &word, sizeof word);
    return true;
}

// The consumer has handed over all that it took.
TXAIO_INLINE void txaio_ring_finish(txaio_ring *_Nonnull ring, uint64_t until) {
    __atomic_store_n(&ring->done, until, __ATOMIC_RELEASE);
}
TXAIO_INLINE uint64_t txaio_ring_claimed(const txaio_ring *_Nonnull ring) {
    return __atomic_load_n(&ring->claimed, __ATOMIC_ACQUIRE);
}
TXAIO_INLINE uint64_t txaio_ring_written(const txaio_ring *_Nonnull ring) {
    return __atomic_load_n(&ring->write, __ATOMIC_ACQUIRE);
}
TXAIO_INLINE uint64_t txaio_ring_done(const txaio_ring *_Nonnull ring) {
    return __atomic_load_n(&ring->done, __ATOMIC_ACQUIRE);
}
TXAIO_INLINE uint32_t txaio_ring_is_used(const txaio_ring *_Nonnull ring) {
    return __atomic_load_n(&ring->in_use, __ATOMIC_ACQUIRE);
}
TXAIO_INLINE void txaio_ring_set_used(txaio_ring *_Nonnull ring, uint32_t used) {
    __atomic_store_n(&ring->in_use, used, __ATOMIC_RELEASE);
}
#endif
