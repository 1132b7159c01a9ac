#define _GNU_SOURCE
#include "txaio_trace.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__ELF__) && defined(__LP64__)
#include <elf.h>
#include <sys/auxv.h>
#endif

#if defined(__x86_64__) || defined(__aarch64__)
// Where the thread's stack begins, above all frames; 0 until it was asked for.
static _Thread_local uintptr_t stack_top;

static uintptr_t find_stack_top(void) {
#if defined(__APPLE__)
    return (uintptr_t)pthread_get_stackaddr_np(pthread_self());
#else
    pthread_attr_t attributes;
    void *low = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
    if (pthread_attr_getstack(&attributes, &low, &size) != 0) size = 0;
    pthread_attr_destroy(&attributes);
    return (uintptr_t)low + size;
#endif
}

// Swift marks the frame of an asynchronous function in the saved frame pointer.
#define ASYNC_MARK ((uintptr_t)1 << 60)
#define MOST_FRAMES 1024

// A sanitizer would have it that other functions' frames are none of its business.
__attribute__((noinline, no_sanitize("address", "thread", "undefined")))
size_t txaio_trace_capture(uintptr_t *frames, size_t count, size_t skipped) {
    if (stack_top == 0) stack_top = find_stack_top();
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    size_t found = 0;
    // Not on the thread's own stack: nothing above is known to be readable.
    if (frame >= stack_top || stack_top - frame > (uintptr_t)1 << 32) return 0;
    for (size_t depth = 0; found < count && depth < MOST_FRAMES; depth++) {
        if (frame % sizeof(uintptr_t) != 0 || frame > stack_top - 2 * sizeof(uintptr_t)) break;
        uintptr_t next = ((const uintptr_t *)frame)[0] & ~ASYNC_MARK;
        uintptr_t address = ((const uintptr_t *)frame)[1];
#if defined(__aarch64__)
        // The upper bits may hold a signature.
        address &= ((uintptr_t)1 << 48) - 1;
#endif
        if (address < 4096) break;
        if (depth >= skipped) frames[found++] = address;
        // Callers' frames lie higher.
        if (next <= frame) break;
        frame = next;
    }
    return found;
}
#else
size_t txaio_trace_capture(uintptr_t *frames, size_t count, size_t skipped) {
    (void)frames, (void)count, (void)skipped;
    return 0;
}
#endif

#if defined(__ELF__) && defined(__LP64__)
static bool read_at(int file, void *into, size_t size, uint64_t offset) {
    return offset <= INT64_MAX && pread(file, into, size, (off_t)offset) == (ssize_t)size;
}

// Looks through one table of symbols for the function around `value`.
static bool find_in_table(int file, const Elf64_Shdr *table, const Elf64_Shdr *names, uint64_t value,
                          txaio_trace_place *place) {
    Elf64_Sym symbols[512];
    uint64_t left = table->sh_size / sizeof(Elf64_Sym);
    for (uint64_t at = table->sh_offset; left > 0;) {
        size_t some = left < 512 ? (size_t)left : 512;
        if (!read_at(file, symbols, some * sizeof(Elf64_Sym), at)) return false;
        for (size_t index = 0; index < some; index++) {
            const Elf64_Sym *symbol = &symbols[index];
            if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || value < symbol->st_value) continue;
            if (value - symbol->st_value >= symbol->st_size || symbol->st_name >= names->sh_size) continue;
            uint64_t start = 0;
            if (__builtin_add_overflow(names->sh_offset, symbol->st_name, &start) || start > INT64_MAX) return false;
            ssize_t length = pread(file, place->name, place->room - 1, (off_t)start);
            place->name[length > 0 ? length : 0] = 0;
            place->offset = value - symbol->st_value;
            return length > 0;
        }
        left -= some;
        at += some * sizeof(Elf64_Sym);
    }
    return false;
}

static bool find_in_file(int file, uint64_t value, txaio_trace_place *place) {
    Elf64_Ehdr head;
    if (!read_at(file, &head, sizeof head, 0) || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) return false;
    if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_shentsize != sizeof(Elf64_Shdr)) return false;
    for (uint64_t index = 0; index < head.e_shnum; index++) {
        Elf64_Shdr table, names;
        if (!read_at(file, &table, sizeof table, head.e_shoff + index * sizeof table)) return false;
        if (table.sh_type != SHT_SYMTAB || table.sh_link >= head.e_shnum) continue;
        if (!read_at(file, &names, sizeof names, head.e_shoff + table.sh_link * sizeof names)) return false;
        return find_in_table(file, &table, &names, value, place);
    }
    return false;
}

static void find_in_image(uintptr_t address, txaio_trace_place *place) {
    const Elf64_Ehdr *loaded = (const Elf64_Ehdr *)place->base;
    // The program's own file may have gone, or be known by a relative path alone.
    bool is_program = getauxval(AT_PHDR) == place->base + loaded->e_phoff;
    int file = open(is_program ? "/proc/self/exe" : place->image, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    find_in_file(file, loaded->e_type == ET_DYN ? address - place->base : address, place);
    close(file);
}
#endif

bool txaio_trace_find(uintptr_t address, txaio_trace_place *place) {
    Dl_info info;
    place->base = 0;
    place->image = NULL;
    place->offset = 0;
    place->name[0] = 0;
    if (dladdr((const void *)address, &info) == 0 || info.dli_fbase == NULL) return false;
    place->base = (uintptr_t)info.dli_fbase;
    place->image = info.dli_fname;
#if defined(__ELF__) && defined(__LP64__)
    if (place->image) find_in_image(address, place);
#endif
    if (place->name[0] == 0 && info.dli_sname) {
        strncpy(place->name, info.dli_sname, place->room - 1);
        place->name[place->room - 1] = 0;
        place->offset = address - (uintptr_t)info.dli_saddr;
    }
    return true;
}

// Of Swift's runtime, which is in every program that has Swift in it.
extern char *swift_demangle(const char *name, size_t length, char *output, size_t *output_size, uint32_t flags)
    __attribute__((weak));

char *txaio_trace_demangle(const char *name) {
    return swift_demangle ? swift_demangle(name, strlen(name), NULL, NULL, 0) : NULL;
}

void txaio_trace_free(char *text) { free(text); }
