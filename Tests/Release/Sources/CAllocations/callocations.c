#define _GNU_SOURCE
#include "callocations.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <string.h>

static _Thread_local uint64_t count __attribute__((tls_model("initial-exec")));

uint64_t allocations_of_this_thread(void) { return count; }
uint64_t allocated_bytes(void) { return mallinfo2().uordblks; }

// dlsym() itself allocates: until the real functions are known, memory comes from here and is never freed.
static char early[65536] __attribute__((aligned(64)));
static size_t early_used;
static void *from_early(size_t size) {
    size_t start = __atomic_fetch_add(&early_used, (size + 63) & ~(size_t)63, __ATOMIC_RELAXED);
    return start + size <= sizeof early ? early + start : NULL;
}
static int is_early(const void *memory) {
    return (const char *)memory >= early && (const char *)memory < early + sizeof early;
}

#define REAL(type, name)                                                                                               \
    static type real;                                                                                                  \
    static _Thread_local int looking __attribute__((tls_model("initial-exec")));                                       \
    count++;                                                                                                           \
    if (!real && !looking) {                                                                                           \
        looking = 1;                                                                                                   \
        real = (type)dlsym(RTLD_NEXT, name);                                                                           \
        looking = 0;                                                                                                   \
    }

typedef void *(*malloc_function)(size_t);
typedef void *(*calloc_function)(size_t, size_t);
typedef void *(*realloc_function)(void *, size_t);
typedef int (*posix_memalign_function)(void **, size_t, size_t);
typedef void (*free_function)(void *);

void *malloc(size_t size) {
    REAL(malloc_function, "malloc")
    return real ? real(size) : from_early(size);
}

void *calloc(size_t number, size_t size) {
    REAL(calloc_function, "calloc")
    return real ? real(number, size) : from_early(number * size);
}

void *realloc(void *old, size_t size) {
    REAL(realloc_function, "realloc")
    if (real && !is_early(old)) return real(old, size);
    void *memory = malloc(size);
    if (memory && old) {
        size_t rest = (size_t)(early + sizeof early - (char *)old);
        memcpy(memory, old, size < rest ? size : rest);
    }
    return memory;
}

void *aligned_alloc(size_t alignment, size_t size) {
    REAL(calloc_function, "aligned_alloc")
    return real ? real(alignment, size) : NULL;
}

void *memalign(size_t alignment, size_t size) {
    REAL(calloc_function, "memalign")
    return real ? real(alignment, size) : NULL;
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    REAL(posix_memalign_function, "posix_memalign")
    return real ? real(memory, alignment, size) : ENOMEM;
}

void free(void *memory) {
    static free_function real;
    if (!memory || is_early(memory)) return;
    if (!real) real = (free_function)dlsym(RTLD_NEXT, "free");
    real(memory);
}
