#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE // fallocate
#endif

#include "txaio_file.h"

#include <fcntl.h>
#if defined(__linux__)
#include <linux/falloc.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#endif

int txaio_set_aside(int descriptor, int64_t offset, int64_t count) {
#if defined(__linux__)
    struct statfs system;
    if (fstatfs(descriptor, &system) != 0) return errno;
    if (system.f_type != EXT4_SUPER_MAGIC) return ENOTSUP;
    if (system.f_bsize <= 0 || (int64_t)(system.f_bavail / 64) < count / system.f_bsize) return ENOSPC;
    while (fallocate(descriptor, FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)count) != 0)
        if (errno != EINTR) return errno;
    return 0;
#else
    (void)descriptor, (void)offset, (void)count;
    return ENOTSUP;
#endif
}
