#include "txaio_fields.h"

#include <stdlib.h>

static void (*end_handler)(void *, void *);

void txaio_fields_at_end(void (*handler)(void *, void *)) { __atomic_store_n(&end_handler, handler, __ATOMIC_RELEASE); }

txaio_fields *txaio_fields_make(size_t capacity) {
    txaio_fields *fields = (txaio_fields *)txaio_allocate(sizeof *fields + capacity);
    fields->references = 1;
    fields->capacity = capacity;
    fields->table = NULL;
    return fields;
}

void txaio_fields_end(txaio_fields *fields) {
    if (__builtin_expect(fields->table != NULL, 0)) {
        void (*handler)(void *, void *) = __atomic_load_n(&end_handler, __ATOMIC_ACQUIRE);
        if (handler) handler(txaio_fields_block(fields), fields->table);
    }
    // Not made for this: a thread that ends has none any more.
    txaio_thread *thread = txaio_thread_slot;
    if (fields->capacity == TXAIO_FIELDS_COMMON && thread && thread->kept_count < TXAIO_FIELDS_KEPT) {
        fields->table = thread->kept_fields;
        thread->kept_fields = fields;
        thread->kept_count += 1;
        return;
    }
    free(fields);
}

void txaio_fields_forget(txaio_thread *thread) {
    txaio_fields *fields = thread->kept_fields;
    thread->kept_fields = NULL;
    thread->kept_count = 0;
    while (fields) {
        txaio_fields *next = fields->table;
        free(fields);
        fields = next;
    }
}
