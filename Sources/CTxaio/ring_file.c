#define _GNU_SOURCE
#include "txaio_ring_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#if defined(__linux__)
#include <elf.h>
#include <link.h>

struct description {
    txaio_module *modules;
    uint32_t count, room;
};

static int describe(struct dl_phdr_info *info, size_t size, void *argument) {
    (void)size;
    struct description *into = argument;
    if (into->count == into->room) return 1;
    txaio_module *module = &into->modules[into->count];
    memset(module, 0, sizeof *module);
    module->base = info->dlpi_addr;
    module->start = UINT64_MAX;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uint64_t start = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_LOAD) {
            if (start < module->start) module->start = start;
            if (start + header->p_memsz > module->end) module->end = start + header->p_memsz;
        } else if (header->p_type == PT_NOTE && module->build_id_length == 0) {
            const uint8_t *at = (const uint8_t *)start, *end = at + header->p_memsz;
            while (at + sizeof(ElfW(Nhdr)) <= end) {
                const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
                const uint8_t *name = at + sizeof *note;
                const uint8_t *value = name + ((note->n_namesz + 3) & ~3u);
                if (value + note->n_descsz > end) break;
                if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(name, "GNU", 4) == 0
                    && note->n_descsz <= sizeof module->build_id) {
                    module->build_id_length = note->n_descsz;
                    memcpy(module->build_id, value, note->n_descsz);
                }
                at = value + ((note->n_descsz + 3) & ~3u);
            }
        }
    }
    if (module->start == UINT64_MAX || module->build_id_length == 0) return 0;
    if (into->count == 0 && (!info->dlpi_name || !info->dlpi_name[0])) {
        ssize_t length = readlink("/proc/self/exe", module->path, sizeof module->path - 1);
        if (length < 0) return 0;
    } else {
        strncpy(module->path, info->dlpi_name, sizeof module->path - 1);
    }
    if (module->path[0]) into->count++;
    return 0;
}

uint32_t txaio_modules_describe(txaio_module *modules, uint32_t room) {
    struct description into = {modules, 0, room};
    dl_iterate_phdr(describe, &into);
    return into.count;
}
#else
uint32_t txaio_modules_describe(txaio_module *modules, uint32_t room) {
    (void)modules, (void)room;
    return 0;
}
#endif

int txaio_file_lock(int file) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(file, F_SETLK, &lock) == 0) return 0;
    return errno == EACCES ? EAGAIN : errno;
}

uint32_t txaio_file_lock_holder(int file) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(file, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return 0;
    // One of another space of process ids has no number here.
    return lock.l_pid > 0 ? (uint32_t)lock.l_pid : UINT32_MAX;
}
