// Fields encoded once: memory with a count of references, which Swift copies as it does an object of its own. A class of
// Swift's costs four times as much to make and to free. What is freed of the common size is kept for the thread's next
// fields, a few at a time: to bind fields for the length of a request takes nothing from malloc.
#ifndef TXAIO_FIELDS_H
#define TXAIO_FIELDS_H

#include "txaio.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    TXAIO_FIELDS_COMMON = 296, // bytes of a block of the common size: 320 with what is before it
    TXAIO_FIELDS_KEPT = 16,    // how many a thread keeps at most
};

// What it means for Swift: a class, whose values are counted by these functions and may be used on any thread.
#define TXAIO_COUNTED(retain_function, release_function)                                                                \
    __attribute__((swift_attr("import_reference"), swift_attr("retain:" #retain_function),                              \
                   swift_attr("release:" #release_function), swift_attr("@Sendable")))

// A block of TxaioLog's ContextBlock.swift follows. None of this is Swift's to touch.
#define TXAIO_HIDDEN __attribute__((swift_private))
struct TXAIO_COUNTED(txaio_fields_retain, txaio_fields_release) txaio_fields {
    uint64_t references TXAIO_HIDDEN;
    uint64_t capacity TXAIO_HIDDEN;     // bytes of the block
    void *_Nullable table TXAIO_HIDDEN; // the table that has a copy of it, TxaioLog's own; of kept ones, the next
};
typedef struct txaio_fields txaio_fields;

// Gives up fields to which nothing refers any more.
void txaio_fields_end(struct txaio_fields *_Nonnull fields);
// Called with a block, and the table that has a copy, before the block's memory is given up.
void txaio_fields_at_end(void (*_Nonnull handler)(void *_Nonnull block, void *_Nonnull table));
// Frees what a thread keeps.
void txaio_fields_forget(txaio_thread *_Nonnull thread);

TXAIO_INLINE void txaio_fields_retain(struct txaio_fields *_Nonnull fields) {
    // Relaxed: whoever adds a reference has one, so nothing can end meanwhile.
    __atomic_fetch_add(&fields->references, 1, __ATOMIC_RELAXED);
}
TXAIO_INLINE void txaio_fields_release(struct txaio_fields *_Nonnull fields) {
    // The only reference is this one: no other thread can add to it, and what others did before they gave up theirs is seen
    // by the acquiring load. Otherwise the last of all takes from the others by acquiring what they released.
    if (__atomic_load_n(&fields->references, __ATOMIC_ACQUIRE) == 1 ||
        __atomic_fetch_sub(&fields->references, 1, __ATOMIC_ACQ_REL) == 1)
        txaio_fields_end(fields);
}

// Fields of a block of `capacity` bytes, with one reference.
txaio_fields *_Nonnull txaio_fields_make(size_t capacity) __attribute__((swift_attr("returns_retained")));
// The same with a block of the common size.
TXAIO_INLINE txaio_fields *_Nonnull txaio_fields_make_common(txaio_thread *_Nonnull thread)
    __attribute__((swift_attr("returns_retained")));
TXAIO_INLINE txaio_fields *_Nonnull txaio_fields_make_common(txaio_thread *_Nonnull thread) {
    txaio_fields *fields = (txaio_fields *)thread->kept_fields;
    if (__builtin_expect(fields == NULL, 0)) return txaio_fields_make(TXAIO_FIELDS_COMMON);
    thread->kept_fields = fields->table;
    thread->kept_count -= 1;
    fields->references = 1;
    fields->table = NULL;
    return fields;
}

TXAIO_INLINE void *_Nonnull txaio_fields_block(struct txaio_fields *_Nonnull fields) { return fields + 1; }
// Where the table is remembered that has a copy of a block.
TXAIO_INLINE void *_Nullable *_Nonnull txaio_fields_table(void *_Nonnull block) {
    return &((struct txaio_fields *)block - 1)->table;
}

#ifdef __cplusplus
}
#endif
#endif
