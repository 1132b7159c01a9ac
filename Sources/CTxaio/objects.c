#include "txaio.h"

// The runtime's own: the compiler calls it for each object that it keeps on the stack.
extern void *swift_initStackObject(const void *metadata, void *object) __attribute__((weak));

typedef struct object_header {
    const void *metadata;
    uint64_t references;
} object_header;

uint64_t txaio_new_stack_references(void) {
    object_header header = {0};
    if (swift_initStackObject == NULL) return 0;
    swift_initStackObject(NULL, &header);
    return header.references;
}

uint64_t txaio_references(const void *object) {
    return __atomic_load_n(&((const object_header *)object)->references, __ATOMIC_RELAXED);
}
