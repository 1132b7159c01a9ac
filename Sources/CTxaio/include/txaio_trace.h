// The stack of the calling thread, as addresses, and what lies at an address.
#ifndef TXAIO_TRACE_H
#define TXAIO_TRACE_H

#include "txaio.h"

// Fills in return addresses, the innermost first, from the frame pointers that Swift always keeps; returns how many.
// `skipped` are left out. Reads nothing but the thread's own stack. 0 where frames cannot be told.
size_t txaio_trace_capture(uintptr_t *_Nonnull frames, size_t count, size_t skipped);

typedef struct {
    // Of the program or library, 0 where there is none.
    uintptr_t base;
    // Its path, for as long as it is loaded.
    const char *_Nullable image;
    // How far behind the beginning of the function.
    size_t offset;
    // Where the caller has room for the function's name as the linker has it.
    char *_Nonnull name;
    // How much: more than 0. The name ends with a 0, and is cut where it is longer; empty where the function has none.
    size_t room;
} txaio_trace_place;

// Finds the function that an address lies in: from the file's table of symbols, as the loader knows the public ones alone.
bool txaio_trace_find(uintptr_t address, txaio_trace_place *_Nonnull place);

// What a Swift name means, to be freed by `txaio_trace_free`; null where it is none of Swift's.
char *_Nullable txaio_trace_demangle(const char *_Nonnull name);
void txaio_trace_free(char *_Nullable text);

#endif
