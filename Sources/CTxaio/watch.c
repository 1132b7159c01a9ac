#define _GNU_SOURCE
#include "txaio_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/inotify.h>
#endif

struct txaio_watch {
    int inotify;
    int ends[2];
    size_t at, used;
    _Alignas(8) char room[16 << 10];
};

txaio_watch *txaio_watch_make(void) {
    txaio_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) return NULL;
    if (pipe(watch->ends) != 0) {
        free(watch);
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(watch->ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(watch->ends[i], F_SETFL, O_NONBLOCK);
    }
#if defined(__linux__)
    watch->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
#else
    watch->inotify = -1;
#endif
    return watch;
}

void txaio_watch_free(txaio_watch *watch) {
    if (watch->inotify >= 0) close(watch->inotify);
    close(watch->ends[0]);
    close(watch->ends[1]);
    free(watch);
}

int txaio_watch_add(txaio_watch *watch, const char *directory) {
#if defined(__linux__)
    if (watch->inotify < 0) return -1;
    return inotify_add_watch(watch->inotify, directory,
                             IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
                                 IN_ATTRIB | IN_ONLYDIR);
#else
    (void)watch, (void)directory;
    return -1;
#endif
}

void txaio_watch_remove(txaio_watch *watch, int number) {
#if defined(__linux__)
    if (watch->inotify >= 0) inotify_rm_watch(watch->inotify, number);
#else
    (void)watch, (void)number;
#endif
}

void txaio_watch_wait(txaio_watch *watch, int milliseconds) {
    // poll() leaves out a descriptor below 0.
    struct pollfd files[] = {{.fd = watch->ends[0], .events = POLLIN}, {.fd = watch->inotify, .events = POLLIN}};
    poll(files, 2, milliseconds);
    char scratch[64];
    while (read(watch->ends[0], scratch, sizeof scratch) > 0) {
    }
}

int txaio_watch_wake_end(const txaio_watch *watch) { return watch->ends[1]; }

txaio_sight txaio_watch_next(txaio_watch *watch, int *number, const char **name) {
#if defined(__linux__)
    if (watch->at >= watch->used) {
        if (watch->inotify < 0) return TXAIO_SIGHT_NONE;
        ssize_t count = read(watch->inotify, watch->room, sizeof watch->room);
        if (count <= 0) return TXAIO_SIGHT_NONE;
        watch->at = 0;
        watch->used = (size_t)count;
    }
    struct inotify_event event;
    memcpy(&event, watch->room + watch->at, sizeof event);
    *number = event.wd;
    *name = event.len > 0 ? watch->room + watch->at + sizeof event : "";
    watch->at += sizeof event + event.len;
    if (event.mask & (IN_Q_OVERFLOW | IN_IGNORED)) return TXAIO_SIGHT_LOST;
    if (event.mask & IN_MODIFY) return TXAIO_SIGHT_WRITTEN;
    if (event.mask & IN_CLOSE_WRITE) return TXAIO_SIGHT_CLOSED;
    if (event.mask & IN_ATTRIB) return TXAIO_SIGHT_TOUCHED;
    return TXAIO_SIGHT_RENAMED;
#else
    (void)watch, (void)number, (void)name;
    return TXAIO_SIGHT_NONE;
#endif
}
