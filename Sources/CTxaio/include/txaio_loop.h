// What a thread knows of the loop whose work it does.
#ifndef TXAIO_LOOP_H
#define TXAIO_LOOP_H

#include "txaio.h"

// The identity of the loop that the thread works for, null where there is none.
extern _Thread_local const void *_Nullable txaio_loop_slot TXAIO_INITIAL_EXEC;
// What the thread is about to release one by one instead of one within the other; null where it releases nothing.
extern _Thread_local void *_Nullable txaio_release_slot TXAIO_INITIAL_EXEC;

TXAIO_INLINE const void *_Nullable txaio_loop_current(void) { return txaio_loop_slot; }
TXAIO_INLINE void txaio_loop_set(const void *_Nullable loop) { txaio_loop_slot = loop; }
TXAIO_INLINE void *_Nullable txaio_release_current(void) { return txaio_release_slot; }
TXAIO_INLINE void txaio_release_set(void *_Nullable list) { txaio_release_slot = list; }

// What a callback does is a closure of Swift's: the address of its code, and what it captures, where it captures something.
// Called from here, neither is counted as a reference on the way, as it is in Swift, which cannot know that nothing changes
// them meanwhile.
typedef __attribute__((swiftcall)) void (*txaio_operation)(void *_Nonnull node, void *_Nonnull state,
                                                           const void *_Nullable future,
                                                           __attribute__((swift_context)) const void *_Nullable captured);
TXAIO_INLINE void txaio_operate(const void *_Nonnull code, const void *_Nullable captured, void *_Nonnull node,
                                void *_Nonnull state, const void *_Nullable future) {
    ((txaio_operation)code)(node, state, future, captured);
}

#endif
