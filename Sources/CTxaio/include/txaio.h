// What Swift cannot say: a thread-local slot, relaxed atomics on plain memory, clocks. No policy lives here.
#ifndef TXAIO_H
#define TXAIO_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TXAIO_INLINE static inline __attribute__((always_inline))
// Of a thread's variables: reached without a call, in a library too. They are few words, and the loader keeps room for some
// where a library is opened late.
#if defined(__ELF__)
#define TXAIO_INITIAL_EXEC __attribute__((tls_model("initial-exec")))
#else
#define TXAIO_INITIAL_EXEC
#endif
#define TXAIO_EMITTER_SLOTS 16
// Slots of the pipeline in force, and of one that takes its place.
#define TXAIO_ALL_SLOTS (2 * TXAIO_EMITTER_SLOTS)

// ---------------------------------------------------------------------------------------------------- level cells

// One cell for each namespace and source file; interned by TxaioLog, never freed, so a logger may keep its address.
typedef struct txaio_cell {
    uint8_t level;                               // the most verbose level that passes; 0 turns all away
    uint8_t explicit_level;                      // set by hand on a logger, or 255
    uint8_t emitter_levels[TXAIO_ALL_SLOTS];     // what each emitter of a pipeline lets pass
    uint8_t scoped;                              // 0; or, where scopes matter, 1 + what passes everywhere at each emitter
    uint8_t outside;                             // where scopes matter, what passes outside of them at some emitter
    uint8_t recorded;                            // what is recorded in scopes, where that is more than passes outside of them
    uint8_t reserved[3];
    const uint8_t *_Nullable name;
    const uint8_t *_Nullable file;
    uint32_t name_length;
    uint32_t file_length;
} txaio_cell;

TXAIO_INLINE uint8_t txaio_cell_level(const txaio_cell *_Nonnull cell) {
    return __atomic_load_n(&cell->level, __ATOMIC_RELAXED);
}
TXAIO_INLINE void txaio_cell_set_level(txaio_cell *_Nonnull cell, uint8_t level) {
    __atomic_store_n(&cell->level, level, __ATOMIC_RELAXED);
}
TXAIO_INLINE uint8_t txaio_cell_explicit_level(const txaio_cell *_Nonnull cell) {
    return __atomic_load_n(&cell->explicit_level, __ATOMIC_RELAXED);
}
TXAIO_INLINE void txaio_cell_set_explicit_level(txaio_cell *_Nonnull cell, uint8_t level) {
    __atomic_store_n(&cell->explicit_level, level, __ATOMIC_RELAXED);
}
TXAIO_INLINE uint8_t txaio_cell_emitter_level(const txaio_cell *_Nonnull cell, uint32_t slot) {
    return __atomic_load_n(&cell->emitter_levels[slot], __ATOMIC_RELAXED);
}
TXAIO_INLINE void txaio_cell_set_emitter_level(txaio_cell *_Nonnull cell, uint32_t slot, uint8_t level) {
    __atomic_store_n(&cell->emitter_levels[slot], level, __ATOMIC_RELAXED);
}

TXAIO_INLINE uint8_t txaio_cell_scoped(const txaio_cell *_Nonnull cell) {
    return __atomic_load_n(&cell->scoped, __ATOMIC_RELAXED);
}
TXAIO_INLINE void txaio_cell_set_scoped(txaio_cell *_Nonnull cell, uint8_t scoped) {
    __atomic_store_n(&cell->scoped, scoped, __ATOMIC_RELAXED);
}
TXAIO_INLINE uint8_t txaio_cell_outside(const txaio_cell *_Nonnull cell) {
    return __atomic_load_n(&cell->outside, __ATOMIC_RELAXED);
}
TXAIO_INLINE void txaio_cell_set_outside(txaio_cell *_Nonnull cell, uint8_t level) {
    __atomic_store_n(&cell->outside, level, __ATOMIC_RELAXED);
}
TXAIO_INLINE uint8_t txaio_cell_recorded(const txaio_cell *_Nonnull cell) {
    return __atomic_load_n(&cell->recorded, __ATOMIC_RELAXED);
}
TXAIO_INLINE void txaio_cell_set_recorded(txaio_cell *_Nonnull cell, uint8_t level) {
    __atomic_store_n(&cell->recorded, level, __ATOMIC_RELAXED);
}

// ---------------------------------------------------------------------------------------------------- threads

// Growable memory that a record is written into. `limit` bounds what it may grow to.
typedef struct txaio_buffer {
    uint8_t *_Nullable base;
    uint64_t capacity;
    uint64_t limit;
    uint64_t lost;           // bytes of values that found no room below the limit
    uint8_t *_Nullable home; // a thread's: where it begins, part of the slot; NULL for memory from malloc
} txaio_buffer;

// What a thread's buffer begins with.
enum { TXAIO_BUFFER_HOME = 8 << 10 };

// A thread's own buffer begins again at its home, and may grow to `limit`.
void txaio_buffer_begin(txaio_buffer *_Nonnull buffer, uint64_t limit);
// Moves the first `used` bytes to memory of `capacity` bytes. A thread's comes from the kernel: a signal handler that logs
// may have interrupted malloc.
void txaio_buffer_grow(txaio_buffer *_Nonnull buffer, uint64_t used, uint64_t capacity);
// Gives the memory back; a buffer without capacity is left.
void txaio_buffer_release(txaio_buffer *_Nonnull buffer);

// The message of the event that a thread has under way.
typedef struct txaio_message {
    void *_Nullable buffer; // TxaioLog's own, made for the first message that is asked for
    bool is_rendered;
    bool is_batched; // whether the emitter at work may keep the event until its batch ends
} txaio_message;

// malloc and free, for memory that C may grow or free; ends the process when there is none, as Swift does.
uint8_t *_Nonnull txaio_allocate(size_t size);
void txaio_free(uint8_t *_Nullable memory);
// Zeroed pages from the kernel, or NULL: for what a signal handler needs that may have interrupted malloc.
void *_Nullable txaio_map(size_t size);
void txaio_unmap(void *_Nonnull memory, size_t size);

// So many ledgers have a counter in each thread, which is no other's to write; later ones count together.
#define TXAIO_LEDGERS 32

// A thread's own state. Slots are made on a thread's first event, reused after its exit, never freed: their counters
// go on, so the sums over all slots are those of the process.
typedef struct txaio_thread {
    // All that an event of queued delivery needs of it: two cache lines, as slots begin pages.
    txaio_buffer *_Nonnull own; // where the next record is written: `record`, or `spare`
    uint64_t sequence;        // records begun here; the sequence number of the latest
    int64_t last_time;        // of the latest record begun here
    uint64_t visits;          // how often it left the pipeline
    uint32_t refusing;        // over 0 while a record is being written or a lock is held: log calls are refused
    uint32_t depth;           // deliveries under way on this thread; a pipeline is retired once all threads left it
    void *_Nullable ring;     // where it puts records in queued delivery
    uint64_t ring_owner;      // the queue that the ring belongs to; another's is not touched
    uint64_t position;        // in the ring, of the record being written there
    txaio_buffer in_place;    // that record: see txaio_ring.h
    txaio_buffer record;      // the thread's own memory
    uint64_t turned_away;     // calls that passed their cell and were refused before they had a number
    uint64_t refused;         // records that were refused
    uint64_t delivered;       // records that went through the process's pipeline
    uint64_t redirected;      // records that went through a scope's own
    uint64_t dropped;         // records that found no room in a ring
    uint64_t recorded;        // calls whose events were kept for the case that their scope fails
    uint32_t recovering;      // over 0 while it hands over events of dead processes: what is logged meanwhile is queued
    uint32_t preparing;       // records under way for which the user's code runs first
    uint32_t number;          // of the slot: 1, 2, 3, ...
    uint32_t tid;             // the kernel's thread id, 0 until asked for
    txaio_buffer spare;       // for records made by an emitter, or a signal handler, while another is delivered
    uintptr_t busy_emitter;   // the emitter at work on this thread: its address
    // Of an event, and of one that an emitter makes meanwhile; released at the thread's exit.
    txaio_message messages[2];
    void *_Nullable kept_fields; // memory for fields of loggers and scopes; see txaio_fields.h
    uint32_t kept_count;
    struct txaio_thread *_Nullable next;
    bool in_use;
    uint64_t handed_over[TXAIO_LEDGERS]; // events that went to their sinks at once, by the number of the emitter's ledger
} txaio_thread;

extern _Thread_local txaio_thread *_Nullable txaio_thread_slot TXAIO_INITIAL_EXEC;

// Makes or reuses a slot for the calling thread. May be called by a signal handler, whatever that interrupted.
txaio_thread *_Nonnull txaio_thread_make(void);
// The first of all slots ever made; follow `next`.
txaio_thread *_Nullable txaio_thread_first(void);
// Called at a thread's exit with its slot, before the slot may be reused.
void txaio_thread_at_exit(void (*_Nonnull handler)(txaio_thread *_Nonnull));
// Called in the child after fork(), on the one thread that lives.
void txaio_thread_after_fork(void (*_Nonnull handler)(void));
// Names the calling thread for debuggers and top.
void txaio_thread_name(const char *_Nonnull name);
uint32_t txaio_thread_find_tid(txaio_thread *_Nonnull thread);

TXAIO_INLINE txaio_thread *_Nonnull txaio_thread_current(void) {
    txaio_thread *thread = txaio_thread_slot;
    return __builtin_expect(thread != NULL, 1) ? thread : txaio_thread_make();
}

TXAIO_INLINE uint32_t txaio_thread_tid(txaio_thread *_Nonnull thread) {
    return __builtin_expect(thread->tid != 0, 1) ? thread->tid : txaio_thread_find_tid(thread);
}

// The message of an event at a depth of deliveries: 1, 2.
TXAIO_INLINE txaio_message *_Nonnull txaio_thread_message(txaio_thread *_Nonnull thread, uint32_t depth) {
    return &thread->messages[depth > 1];
}

// Counters with one writer each, read by others at any time.
TXAIO_INLINE uint64_t txaio_counter_load(const uint64_t *_Nonnull counter) {
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}
TXAIO_INLINE uint64_t txaio_counter_increment(uint64_t *_Nonnull counter) {
    uint64_t value = *counter + 1;
    __atomic_store_n(counter, value, __ATOMIC_RELAXED);
    return value;
}
// Takes back the latest: nothing came of it.
TXAIO_INLINE void txaio_counter_take_back(uint64_t *_Nonnull counter) {
    __atomic_store_n(counter, *counter - 1, __ATOMIC_RELAXED);
}
// Also written by signal handlers of the same thread.
TXAIO_INLINE void txaio_counter_add(uint64_t *_Nonnull counter) { __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); }

// The same where a handler that interrupts the writer may count as well: one instruction, which no signal splits.
TXAIO_INLINE void txaio_counter_bump(uint64_t *_Nonnull counter) {
#if defined(__x86_64__)
    __asm__ volatile("addq $1, %0" : "+m"(*counter) : : "cc");
#else
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
#endif
}

// Whether whoever swaps the pipeline has the kernel order all threads' stores and loads, so that they need not themselves.
extern uint8_t txaio_fences;
// Sees to it where the kernel can; to call it again does no harm.
void txaio_fences_begin(void);
// Between a swap and a look at the threads: what each stored before it looked at what was swapped is seen from here on.
void txaio_fence_threads(void);

// A thread says that it is inside a pipeline before it looks which one: whoever swaps the pipeline and then sees the
// thread outside knows that it will meet the new one. Its own fence would wait until all that was just written of a
// record is in the cache.
TXAIO_INLINE void txaio_thread_enter(txaio_thread *_Nonnull thread) {
    if (__builtin_expect(__atomic_load_n(&txaio_fences, __ATOMIC_RELAXED), 1)) {
        // Only the thread itself writes it; a signal handler in between leaves it as it was.
        __atomic_store_n(&thread->depth, thread->depth + 1, __ATOMIC_RELAXED);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
    } else {
        __atomic_fetch_add(&thread->depth, 1, __ATOMIC_SEQ_CST);
    }
}
TXAIO_INLINE void txaio_thread_leave(txaio_thread *_Nonnull thread) {
    if (thread->depth == 1) __atomic_store_n(&thread->visits, thread->visits + 1, __ATOMIC_RELEASE);
    // Only the thread itself writes it; a signal handler in between leaves it as it was.
    __atomic_store_n(&thread->depth, thread->depth - 1, __ATOMIC_RELEASE);
}
// The same for a thread that entered once.
TXAIO_INLINE void txaio_thread_leave_all(txaio_thread *_Nonnull thread) {
    __atomic_store_n(&thread->visits, thread->visits + 1, __ATOMIC_RELEASE);
    __atomic_store_n(&thread->depth, 0, __ATOMIC_RELEASE);
}
// How often the thread left: whoever sees it grow sees all that the thread did before.
TXAIO_INLINE uint64_t txaio_thread_visits(const txaio_thread *_Nonnull thread) {
    return __atomic_load_n(&thread->visits, __ATOMIC_ACQUIRE);
}
TXAIO_INLINE uint32_t txaio_thread_depth(const txaio_thread *_Nonnull thread) {
    return __atomic_load_n(&thread->depth, __ATOMIC_SEQ_CST);
}
// `refusing` is seen by signal handlers of the same thread: the compiler must keep the order of its stores.
TXAIO_INLINE void txaio_thread_refuse(txaio_thread *_Nonnull thread) {
    *(volatile uint32_t *)&thread->refusing = thread->refusing + 1;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}
TXAIO_INLINE void txaio_thread_admit(txaio_thread *_Nonnull thread) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    *(volatile uint32_t *)&thread->refusing = thread->refusing - 1;
}

TXAIO_INLINE txaio_buffer *_Nonnull txaio_thread_spare(txaio_thread *_Nonnull thread) { return &thread->spare; }

// The number of a new ledger; TXAIO_LEDGERS where there is none left.
uint32_t txaio_ledger_take(void);
// Counts an event of a ledger with a number.
TXAIO_INLINE void txaio_ledger_count(txaio_thread *_Nonnull thread, uint32_t ledger) {
    txaio_counter_bump(&thread->handed_over[ledger]);
}
// What all threads counted.
uint64_t txaio_ledger_sum(uint32_t ledger);

// ---------------------------------------------------------------------------------------------------- locks

// A mutex that fork() finds free: it is taken before and released after, in parent and child. Whoever holds one may take
// another, or make one.
typedef struct txaio_lock {
    pthread_mutex_t mutex;
    struct txaio_lock *_Nullable next, *_Nullable previous;
} txaio_lock;
txaio_lock *_Nonnull txaio_lock_make(void);
void txaio_lock_free(txaio_lock *_Nonnull lock);
TXAIO_INLINE void txaio_lock_take(txaio_lock *_Nonnull lock) { pthread_mutex_lock(&lock->mutex); }
TXAIO_INLINE void txaio_lock_release(txaio_lock *_Nonnull lock) { pthread_mutex_unlock(&lock->mutex); }

// The same for whoever has log calls of its thread refused meanwhile.
TXAIO_INLINE void txaio_lock_enter(txaio_lock *_Nonnull lock) {
    txaio_thread_refuse(txaio_thread_current());
    txaio_lock_take(lock);
}
// The same for whoever may be a signal's handler: its holder may wait for what that interrupted. False after 10 to 20 ms.
bool txaio_lock_enter_soon(txaio_lock *_Nonnull lock);
TXAIO_INLINE void txaio_lock_leave(txaio_lock *_Nonnull lock) {
    txaio_lock_release(lock);
    txaio_thread_admit(txaio_thread_current());
}

// ---------------------------------------------------------------------------------------------------- process flags

// What the logger looks at once for each event. Set once, or under TxaioLog's lock.
typedef struct txaio_process {
    const void *_Nullable pipeline; // the pipeline in force: an object of TxaioLog's
    uint64_t queue;                 // the number of that pipeline's queue, or 0
    uint64_t start_id;              // of this run of the program
    uint8_t categories;             // over 0 once any log category was registered
    uint8_t strings_checked;        // 1: a literal String shows its address; 2: it does not
    uint8_t existentials_checked;   // 1: values can be read in place; 2: they cannot
    uint8_t scopes_checked;         // 1: `scope_key` is looked for, or not to be used
    uint64_t stack_references;      // how an object on the stack that has one reference counts it; 0: not to be used
    const void *_Nullable scope_key; // finds the innermost scope in a task's storage
} txaio_process;
extern txaio_process txaio_process_state;
TXAIO_INLINE txaio_process *_Nonnull txaio_process_current(void) { return &txaio_process_state; }

// Each is found out once, by whichever thread comes first; to find it out twice does no harm.
TXAIO_INLINE uint8_t txaio_strings_checked(void) {
    return __atomic_load_n(&txaio_process_state.strings_checked, __ATOMIC_RELAXED);
}
TXAIO_INLINE void txaio_set_strings_checked(uint8_t answer) {
    __atomic_store_n(&txaio_process_state.strings_checked, answer, __ATOMIC_RELAXED);
}
TXAIO_INLINE uint8_t txaio_existentials_checked(void) {
    // What the types are known by is there too.
    return __atomic_load_n(&txaio_process_state.existentials_checked, __ATOMIC_ACQUIRE);
}
TXAIO_INLINE void txaio_set_existentials_checked(uint8_t answer) {
    __atomic_store_n(&txaio_process_state.existentials_checked, answer, __ATOMIC_RELEASE);
}
TXAIO_INLINE uint64_t txaio_stack_references(void) {
    return __atomic_load_n(&txaio_process_state.stack_references, __ATOMIC_RELAXED);
}
TXAIO_INLINE void txaio_set_stack_references(uint64_t word) {
    __atomic_store_n(&txaio_process_state.stack_references, word, __ATOMIC_RELAXED);
}
// Whether this is the first who asks: to look for the scopes' key is one thread's.
TXAIO_INLINE bool txaio_scopes_begin_check(void) {
    return __atomic_exchange_n(&txaio_process_state.scopes_checked, 1, __ATOMIC_RELAXED) == 0;
}
TXAIO_INLINE const void *_Nullable txaio_scope_key(void) {
    return __atomic_load_n(&txaio_process_state.scope_key, __ATOMIC_RELAXED);
}
TXAIO_INLINE void txaio_set_scope_key(const void *_Nullable key) {
    __atomic_store_n(&txaio_process_state.scope_key, key, __ATOMIC_RELAXED);
}
TXAIO_INLINE bool txaio_categories_in_use(void) {
    return __atomic_load_n(&txaio_process_state.categories, __ATOMIC_RELAXED) != 0;
}
TXAIO_INLINE void txaio_categories_use(void) {
    __atomic_store_n(&txaio_process_state.categories, 1, __ATOMIC_RELAXED);
}
TXAIO_INLINE const void *_Nullable txaio_pipeline_load(void) {
    return __atomic_load_n(&txaio_process_state.pipeline, __ATOMIC_SEQ_CST);
}
// Puts a pipeline in force whose queue has that number, or 0. Threads may meet the former pipeline's queue until they were
// all seen outside.
TXAIO_INLINE const void *_Nullable txaio_pipeline_exchange(const void *_Nullable pipeline, uint64_t queue) {
    const void *former = __atomic_exchange_n(&txaio_process_state.pipeline, pipeline, __ATOMIC_SEQ_CST);
    __atomic_store_n(&txaio_process_state.queue, queue, __ATOMIC_SEQ_CST);
    return former;
}
TXAIO_INLINE uint64_t txaio_queue_in_force(void) {
    return __atomic_load_n(&txaio_process_state.queue, __ATOMIC_SEQ_CST);
}

// Over 0 once any task-local scope was opened: until then no event looks one up.
extern uint8_t txaio_scope_flag;
TXAIO_INLINE bool txaio_scopes_in_use(void) { return __atomic_load_n(&txaio_scope_flag, __ATOMIC_RELAXED) != 0; }
TXAIO_INLINE void txaio_scopes_use(void) {
    if (!txaio_scopes_in_use()) __atomic_fetch_or(&txaio_scope_flag, 1, __ATOMIC_RELAXED);
}
// Whether any scope ever had emitters of its own.
TXAIO_INLINE bool txaio_redirections_in_use(void) { return __atomic_load_n(&txaio_scope_flag, __ATOMIC_RELAXED) > 1; }
TXAIO_INLINE void txaio_redirections_use(void) { __atomic_fetch_or(&txaio_scope_flag, 3, __ATOMIC_RELAXED); }

// ---------------------------------------------------------------------------------------------------- clocks

// Nanoseconds since 1970.
TXAIO_INLINE int64_t txaio_wall_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
// Nanoseconds on a clock that never goes back.
TXAIO_INLINE int64_t txaio_monotonic_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// ---------------------------------------------------------------------------------------------------- descriptors

// Sends `length` bytes at `bytes` to the connected datagram socket as a sealed memory file, which is how journald takes
// what exceeds a datagram. Returns 0 or an errno; `*stage` says where it failed: 1 making, 2 writing, 3 sealing, 4 sending.
int txaio_send_sealed(int socket, const void *_Nonnull bytes, size_t length, int *_Nonnull stage);

// Sends datagrams that lie one behind the other, in one system call where the kernel has one for it: the first begins
// `start` bytes behind `bytes`, and `ends` says where each of `count` ends. At most TXAIO_DATAGRAMS are looked at. Returns
// how many were sent, which are the first ones; where it is none, `*error` is the first one's errno.
#define TXAIO_DATAGRAMS 64
int txaio_send_datagrams(int socket, const void *_Nonnull bytes, intptr_t start, const intptr_t *_Nonnull ends, int count,
                         int *_Nonnull error);

// How many bytes that were sent on the socket the other side has not taken yet; below 0 where that cannot be known.
int txaio_unsent(int socket);

#ifdef __cplusplus
}
#endif
#endif
