// A file of rings: what a later process needs to read what this one left.
#ifndef TXAIO_RING_FILE_H
#define TXAIO_RING_FILE_H

#include "txaio_ring.h"

#define TXAIO_RING_FILE_MAGIC 0x656c69466f697854ull // "TxioFile"
#define TXAIO_RING_FILE_VERSION 2u
#define TXAIO_MODULES 64
#define TXAIO_MODULE_PATH 256

// A program or library that was loaded: records name literals by their addresses within one of these.
typedef struct txaio_module {
    uint64_t base; // what its own addresses are relative to
    uint64_t start;
    uint64_t end;
    uint32_t build_id_length;
    uint8_t build_id[36];
    char path[TXAIO_MODULE_PATH];
} txaio_module;

// At offset 0. Notes, then rings and parts of the table of contexts, lie where the header says; both grow, so their ends are read last.
typedef struct txaio_ring_file {
    uint64_t magic;
    uint32_t version;
    uint32_t header_size;
    uint64_t file_size;
    uint64_t start_id;
    int64_t start_time;
    uint32_t process;
    uint32_t module_count;
    uint64_t notes_offset;
    uint64_t notes_capacity;
    uint64_t notes_used;
    uint64_t rings_offset;
    uint64_t rings_used;
    uint8_t reserved[48];
    txaio_module modules[TXAIO_MODULES];
} txaio_ring_file;

// A note: what an address stands for that is no literal. Its text follows, then up to 7 bytes so that the next is aligned.
typedef struct txaio_note {
    uint64_t address;
    uint32_t kind;
    uint32_t length;
} txaio_note;

TXAIO_INLINE uint64_t txaio_word_load(const uint64_t *_Nonnull word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
TXAIO_INLINE void txaio_word_store(uint64_t *_Nonnull word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
TXAIO_INLINE txaio_module *_Nonnull txaio_ring_file_modules(txaio_ring_file *_Nonnull file) { return file->modules; }
TXAIO_INLINE const uint8_t *_Nonnull txaio_ring_data(const txaio_ring *_Nonnull ring) { return ring->data; }
TXAIO_INLINE char *_Nonnull txaio_module_path(txaio_module *_Nonnull module) { return module->path; }
TXAIO_INLINE uint8_t *_Nonnull txaio_module_build_id(txaio_module *_Nonnull module) { return module->build_id; }

// Describes what is loaded now, up to `room` modules; returns how many it described.
uint32_t txaio_modules_describe(txaio_module *_Nonnull modules, uint32_t room);

// Takes the process's own lock on a whole file: not inherited by children, gone with the process. 0, or an errno; EAGAIN
// where another process has it.
int txaio_file_lock(int file);

// The process that has such a lock on a file, this one excepted; 0 where there is none.
uint32_t txaio_file_lock_holder(int file);

#endif
