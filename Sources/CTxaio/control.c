#define _GNU_SOURCE
#include "txaio_control.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int address_of(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (*path == 0) return ENOENT;
    if (strlen(path) >= sizeof address->sun_path) return ENAMETOOLONG;
    strcpy(address->sun_path, path);
    return 0;
}

static int make_socket(void) {
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    if (descriptor >= 0) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return descriptor;
}

// Removes what a dead process left; an errno where something else is there.
static int make_way(const char *path, const struct sockaddr_un *address) {
    struct stat status;
    if (lstat(path, &status) != 0) return errno == ENOENT ? 0 : errno;
    if (!S_ISSOCK(status.st_mode) || status.st_uid != geteuid()) return EEXIST;
    int probe = make_socket();
    if (probe < 0) return errno;
    fcntl(probe, F_SETFL, O_NONBLOCK);
    int result = connect(probe, (const struct sockaddr *)address, sizeof *address);
    int error = result == 0 ? EADDRINUSE : errno;
    close(probe);
    // Full of others that wait: somebody listens.
    if (error == EAGAIN) return EADDRINUSE;
    if (error != ECONNREFUSED) return error;
    return unlink(path) == 0 || errno == ENOENT ? 0 : errno;
}

// Has the path's directory to itself, among those that ask: two that find a dead process's socket must not both replace
// it, nor take one for dead that does not listen yet. Waits for a second at most, as anybody may hold the lock; -1 where it
// cannot be had.
static int lock_directory(const char *path) {
    char *copy = strdup(path);
    if (!copy) return -1;
    char *slash = strrchr(copy, '/');
    if (slash) slash[slash == copy] = 0;
    int directory = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    if (directory < 0) return -1;
    for (int attempt = 0; flock(directory, LOCK_EX | LOCK_NB) != 0 && attempt < 100; attempt++) usleep(10000);
    return directory;
}

static int open_socket(const char *path, const struct sockaddr_un *address, txaio_control *control) {
    int error = make_way(path, address);
    if (error) return error;
    int descriptor = make_socket();
    if (descriptor < 0) return errno;
    struct stat status;
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    // Linux makes the file with the socket's mode; elsewhere nobody can connect before listen().
    fchmod(descriptor, 0600);
    if (bind(descriptor, (const struct sockaddr *)address, sizeof *address) != 0) goto failed;
    if (chmod(path, 0600) != 0 || lstat(path, &status) != 0 || listen(descriptor, 16) != 0) {
        error = errno;
        unlink(path);
        errno = error;
        goto failed;
    }
    control->descriptor = descriptor;
    control->device = (uint64_t)status.st_dev;
    control->inode = (uint64_t)status.st_ino;
    return 0;
failed:
    error = errno;
    close(descriptor);
    return error;
}

int txaio_control_open(const char *path, txaio_control *control) {
    struct sockaddr_un address;
    int error = address_of(path, &address);
    if (error) return error;
    int directory = lock_directory(path);
    error = open_socket(path, &address, control);
    if (directory >= 0) {
        // A child that was forked meanwhile has the descriptor too, and would hold the lock as long as it lives.
        flock(directory, LOCK_UN);
        close(directory);
    }
    return error;
}

void txaio_control_remove(const txaio_control *control, const char *path) {
    struct stat status;
    if (lstat(path, &status) == 0 && (uint64_t)status.st_dev == control->device &&
        (uint64_t)status.st_ino == control->inode) {
        unlink(path);
    }
}

static int user_of(int descriptor, uid_t *user) {
#if defined(__linux__)
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return errno;
    *user = credentials.uid;
    return 0;
#else
    gid_t group;
    return getpeereid(descriptor, user, &group) == 0 ? 0 : errno;
#endif
}

int txaio_control_accept(const txaio_control *control) {
    int descriptor = accept(control->descriptor, NULL, NULL);
    if (descriptor < 0) return -(errno == EWOULDBLOCK ? EAGAIN : errno);
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    uid_t user = (uid_t)-1;
    if (user_of(descriptor, &user) != 0 || (user != 0 && user != geteuid())) {
        close(descriptor);
        return -EPERM;
    }
    return descriptor;
}

int txaio_control_connect(const char *path, int seconds) {
    struct sockaddr_un address;
    int error = address_of(path, &address);
    if (error) return -error;
    int descriptor = make_socket();
    if (descriptor < 0) return -errno;
    struct timeval limit = {.tv_sec = seconds};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}
