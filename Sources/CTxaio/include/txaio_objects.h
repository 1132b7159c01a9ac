// What is asked of Swift's runtime about its objects beyond what the language offers; its functions are called here alone.
#ifndef TXAIO_OBJECTS_H
#define TXAIO_OBJECTS_H

#include "txaio.h"

// The runtime's, under its names. All are exported to the code that the compiler makes.
extern void *_Nonnull swift_initStackObject(const void *_Nullable type, void *_Nonnull object) __attribute__((weak));
extern void *_Nonnull swift_nonatomic_retain(void *_Nonnull object);
extern void *_Nonnull swift_unownedRetain(void *_Nonnull object);
extern void swift_unownedRelease(void *_Nonnull object);

// The word in which an object that there is, or was, counts its references.
TXAIO_INLINE uint64_t txaio_references(const void *_Nonnull object) {
    return __atomic_load_n((const uint64_t *)object + 1, __ATOMIC_ACQUIRE);
}
// The same word of an object that the runtime was told to make on the stack; 0 where it cannot.
uint64_t txaio_new_stack_references(void);

// Asks for a line that will be written.
TXAIO_INLINE void txaio_prefetch(const void *_Nonnull address) { __builtin_prefetch(address, 1); }

// Counts a reference to an object of which no other thread can know yet, as it was just made.
TXAIO_INLINE void *_Nonnull txaio_retain_unshared(void *_Nonnull object) { return swift_nonatomic_retain(object); }

// An `unowned` reference keeps the memory of an object that dies: one held by whoever wants the memory leaves it to him.
TXAIO_INLINE void txaio_hold_memory(void *_Nonnull object) { swift_unownedRetain(object); }
// Lets go of it: it is freed with the last such reference, or when the object dies.
TXAIO_INLINE void txaio_release_memory(void *_Nonnull object) { swift_unownedRelease(object); }
// Makes a new object, whose fields are yet to be set, in memory that is held; its one reference is the caller's, and the memory
// is held again when it dies.
TXAIO_INLINE void txaio_begin_object(const void *_Nonnull type, void *_Nonnull memory) {
    swift_initStackObject(type, memory);
}

// How a dead object counts its references whose memory is held once and which nobody else refers to; 0 where that is not
// known, and no memory is to be kept.
extern uint64_t txaio_dead_references;
TXAIO_INLINE bool txaio_keeps_memory(void) { return __atomic_load_n(&txaio_dead_references, __ATOMIC_RELAXED) != 0; }
TXAIO_INLINE void txaio_set_dead_references(uint64_t word) {
    __atomic_store_n(&txaio_dead_references, word, __ATOMIC_RELAXED);
}
TXAIO_INLINE bool txaio_is_dead_alone(const void *_Nonnull object) {
    return txaio_references(object) == __atomic_load_n(&txaio_dead_references, __ATOMIC_RELAXED);
}

#endif
