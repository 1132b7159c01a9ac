#include "txaio_objects.h"

uint64_t txaio_dead_references;

uint64_t txaio_new_stack_references(void) {
    struct {
        const void *type;
        uint64_t references;
    } object = {0};
    if (swift_initStackObject == NULL) return 0;
    swift_initStackObject(NULL, &object);
    return txaio_references(&object);
}
