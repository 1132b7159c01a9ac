// Watches directories for changes of names in them, and can be woken. Where there is no inotify it only sleeps.
#ifndef TXAIO_WATCH_H
#define TXAIO_WATCH_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct txaio_watch txaio_watch;

typedef enum {
    TXAIO_SIGHT_NONE,
    TXAIO_SIGHT_WRITTEN, // bytes were written, the file is still open
    TXAIO_SIGHT_CLOSED,  // somebody who wrote closed it
    TXAIO_SIGHT_TOUCHED, // its attributes changed
    TXAIO_SIGHT_RENAMED, // the name came, went, or leads elsewhere
    TXAIO_SIGHT_LOST,    // something was not seen
} txaio_sight;

// NULL where the system has no descriptor left.
txaio_watch *_Nullable txaio_watch_make(void);
void txaio_watch_free(txaio_watch *_Nonnull watch);
// Watches a directory; its number, or -1 where it cannot be watched.
int txaio_watch_add(txaio_watch *_Nonnull watch, const char *_Nonnull directory);
void txaio_watch_remove(txaio_watch *_Nonnull watch, int number);
// Sleeps until something is seen or somebody wakes it, at most so many milliseconds.
void txaio_watch_wait(txaio_watch *_Nonnull watch, int milliseconds);
// What to write a byte into to wake it; for signal handlers too.
int txaio_watch_wake_end(const txaio_watch *_Nonnull watch);
// The next sight without waiting, the directory's number and the name's bytes, which stay until the next call.
txaio_sight txaio_watch_next(txaio_watch *_Nonnull watch, int *_Nonnull number, const char *_Nullable *_Nonnull name);

#ifdef __cplusplus
}
#endif
#endif
