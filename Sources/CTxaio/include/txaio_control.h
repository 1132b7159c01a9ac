// A Unix-domain stream socket that only its own user, and root, can talk to.
#ifndef TXAIO_CONTROL_H
#define TXAIO_CONTROL_H

#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int descriptor;
    // The file's, so that no other one is removed in its place.
    uint64_t device, inode;
} txaio_control;

// Listens at a path, mode 0600. What a dead process of the same user left there is replaced. Returns 0 or an errno:
// EADDRINUSE where somebody listens there, EEXIST where another file is there, ENAMETOOLONG.
int txaio_control_open(const char *_Nonnull path, txaio_control *_Nonnull control);
// Removes its file, if that is still there: nobody else can connect.
void txaio_control_remove(const txaio_control *_Nonnull control, const char *_Nonnull path);
// The next connection of whoever may connect, never waiting: -EAGAIN where there is none, -EPERM where it was another
// user's, which is closed.
int txaio_control_accept(const txaio_control *_Nonnull control);
// Connects to a path: a descriptor that waits at most so many seconds each time it is used, or -errno.
int txaio_control_connect(const char *_Nonnull path, int seconds);

#ifdef __cplusplus
}
#endif
#endif
