#define _GNU_SOURCE
#include "txaio_clock.h"
#include "txaio_estimate.h"
#include "txaio_fatal.h"
#include "txaio_fields.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

uint8_t txaio_scope_flag;
txaio_process txaio_process_state;

_Thread_local txaio_thread *txaio_thread_slot;

static void slots_begin(void);
static void make_start_id(void);
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;
static pthread_key_t slots_key;
static txaio_thread *slots_first;
static uint32_t slots_count;
static void (*exit_handler)(txaio_thread *);
static void (*fork_handler)(void);

static pthread_mutex_t locks_lock = PTHREAD_MUTEX_INITIALIZER;
static txaio_lock *locks_first;

txaio_lock *txaio_lock_make(void) {
    txaio_lock *lock = (txaio_lock *)txaio_allocate(sizeof *lock);
    pthread_mutex_init(&lock->mutex, NULL);
    lock->previous = NULL;
    pthread_once(&slots_once, slots_begin);
    pthread_mutex_lock(&locks_lock);
    lock->next = locks_first;
    if (locks_first) locks_first->previous = lock;
    locks_first = lock;
    pthread_mutex_unlock(&locks_lock);
    return lock;
}

void txaio_lock_free(txaio_lock *lock) {
    pthread_mutex_lock(&locks_lock);
    if (lock->next) lock->next->previous = lock->previous;
    if (lock->previous) lock->previous->next = lock->next;
    else locks_first = lock->next;
    pthread_mutex_unlock(&locks_lock);
    pthread_mutex_destroy(&lock->mutex);
    free(lock);
}


uint8_t *txaio_allocate(size_t size) {
    uint8_t *memory = malloc(size);
    if (!memory) abort();
    return memory;
}
void txaio_free(uint8_t *memory) { free(memory); }

void *txaio_map(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void txaio_unmap(void *memory, size_t size) { munmap(memory, size); }

static void *map(size_t size) {
    void *memory = txaio_map(size);
    if (!memory) abort();
    return memory;
}

void txaio_buffer_begin(txaio_buffer *buffer, uint64_t limit) {
    txaio_buffer_release(buffer);
    buffer->base = buffer->home;
    buffer->capacity = TXAIO_BUFFER_HOME;
    buffer->limit = limit;
    buffer->lost = 0;
}

void txaio_buffer_grow(txaio_buffer *buffer, uint64_t used, uint64_t capacity) {
    uint8_t *larger = buffer->home ? map(capacity) : txaio_allocate(capacity);
    memcpy(larger, buffer->base, used);
    txaio_buffer_release(buffer);
    buffer->base = larger;
    buffer->capacity = capacity;
}

void txaio_buffer_release(txaio_buffer *buffer) {
    if (!buffer->home) free(buffer->base);
    else if (buffer->base && buffer->base != buffer->home) munmap(buffer->base, buffer->capacity);
    buffer->base = NULL;
    buffer->capacity = 0;
}

// A thread's slot with the memory that its buffers begin with. What is not touched costs nothing.
struct slot {
    txaio_thread thread;
    _Alignas(128) uint8_t record[TXAIO_BUFFER_HOME];
    uint8_t spare[TXAIO_BUFFER_HOME];
};

static void forget_buffers(txaio_thread *thread) {
    struct slot *slot = (struct slot *)thread;
    thread->own = &thread->record;
    thread->record = (txaio_buffer){.home = slot->record};
    thread->spare = (txaio_buffer){.home = slot->spare};
}

// A slot stays when its thread ends; the pages of its buffers need not, but for the one that the slot itself lies on.
static void release_pages(txaio_thread *thread) {
#if defined(__linux__)
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)((struct slot *)thread)->record + page - 1) & ~(page - 1);
    uintptr_t end = (uintptr_t)thread + sizeof(struct slot);
    if (first < end) madvise((void *)first, end - first, MADV_DONTNEED);
#else
    (void)thread;
#endif
}

// A signal handler that logs would wait for a lock that its own thread holds.
static void lock_slots(sigset_t *before) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, before);
    pthread_mutex_lock(&slots_lock);
}
static void unlock_slots(const sigset_t *before) {
    pthread_mutex_unlock(&slots_lock);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

static void slot_released(void *argument) {
    txaio_thread *thread = argument;
    sigset_t signals;
    void (*handler)(txaio_thread *) = __atomic_load_n(&exit_handler, __ATOMIC_ACQUIRE);
    // A signal handler's event would have the thread take a ring again that nobody gives back.
    txaio_thread_refuse(thread);
    if (handler) handler(thread);
    txaio_thread_slot = NULL;
    // It may have ended within an emitter: nobody need wait for it to come out.
    __atomic_store_n(&thread->depth, 0, __ATOMIC_RELEASE);
    txaio_buffer_release(&thread->record);
    txaio_buffer_release(&thread->spare);
    txaio_fields_forget(thread);
    release_pages(thread);
    lock_slots(&signals);
    thread->in_use = false;
    unlock_slots(&signals);
    txaio_fatal_uncover_thread();
}

// Waits no longer than some 10 to 20 ms: whoever holds it may want another that is taken already.
static bool take_soon(txaio_lock *lock) {
    for (int tries = 0; tries < 200; tries++) {
        if (pthread_mutex_trylock(&lock->mutex) == 0) return true;
        usleep(50);
    }
    return false;
}

bool txaio_lock_enter_soon(txaio_lock *lock) {
    txaio_thread *thread = txaio_thread_current();
    txaio_thread_refuse(thread);
    // It is held for less than a sleep takes.
    for (int tries = 0; tries < 100; tries++) {
        if (pthread_mutex_trylock(&lock->mutex) == 0) return true;
        if (tries > 50) sched_yield();
    }
    if (take_soon(lock)) return true;
    txaio_thread_admit(thread);
    return false;
}

// Those before `end`, and the list itself.
static void give_locks_back(const txaio_lock *end) {
    for (txaio_lock *lock = locks_first; lock != end; lock = lock->next) pthread_mutex_unlock(&lock->mutex);
    pthread_mutex_unlock(&locks_lock);
}

static void before_fork(void) {
    txaio_thread_refuse(txaio_thread_current());
    for (useconds_t pause = 100;; pause = pause < 5000 ? pause * 2 : pause) {
        pthread_mutex_lock(&locks_lock);
        txaio_lock *held = locks_first;
        while (held && take_soon(held)) held = held->next;
        if (!held) break;
        give_locks_back(held);
        usleep(pause);
    }
    pthread_mutex_lock(&slots_lock);
}
static void after_fork_in_parent(void) {
    pthread_mutex_unlock(&slots_lock);
    give_locks_back(NULL);
    txaio_thread_admit(txaio_thread_current());
}

// The child begins to count anew, and the slots of threads that it does not have are free. What those threads were about
// to do with their memory is not known: it is left alone.
static void take_over_slots(void) {
    for (txaio_thread *thread = slots_first; thread; thread = thread->next) {
        thread->turned_away = thread->refused = thread->delivered = thread->redirected = 0;
        thread->dropped = thread->recorded = 0;
        memset(thread->handed_over, 0, sizeof thread->handed_over);
        thread->ring = NULL; // the parent's
        thread->ring_owner = 0;
        if (thread == txaio_thread_slot) {
            thread->tid = 0;
            thread->sequence = thread->depth; // forked within an emitter: those are still under way
            continue;
        }
        thread->sequence = 0;
        thread->depth = thread->refusing = thread->preparing = thread->recovering = 0;
        memset(thread->messages, 0, sizeof thread->messages);
        forget_buffers(thread);
        thread->kept_fields = NULL;
        thread->kept_count = 0;
        thread->in_use = false;
    }
}

static void after_fork_in_child(void) {
    take_over_slots();
    txaio_fatal_after_fork();
    txaio_clock_after_fork();
    txaio_estimate_after_fork();
    make_start_id();
    after_fork_in_parent();
    void (*handler)(void) = __atomic_load_n(&fork_handler, __ATOMIC_ACQUIRE);
    if (handler) handler();
}

// Tells runs of the program apart, those of the same second and process id as well.
static void make_start_id(void) {
    uint64_t mixed = (uint64_t)txaio_wall_clock() ^ ((uint64_t)getpid() << 40) ^ (uint64_t)(uintptr_t)&mixed;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    txaio_process_state.start_id = mixed ^ (mixed >> 31);
}

static void slots_begin(void) {
    make_start_id();
    pthread_key_create(&slots_key, slot_released);
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

// Before any log call: one in a signal handler must not find another's first half done.
static __attribute__((constructor)) void begin_early(void) { pthread_once(&slots_once, slots_begin); }

txaio_thread *txaio_thread_make(void) {
    pthread_once(&slots_once, slots_begin);
    sigset_t signals;
    lock_slots(&signals);
    // A signal handler that logged has come before this.
    if (txaio_thread_slot) {
        unlock_slots(&signals);
        return txaio_thread_slot;
    }
    txaio_thread *thread = slots_first;
    while (thread && thread->in_use) thread = thread->next;
    if (!thread) {
        thread = map(sizeof(struct slot));
        forget_buffers(thread);
        thread->number = ++slots_count;
        thread->next = slots_first;
        __atomic_store_n(&slots_first, thread, __ATOMIC_RELEASE);
    }
    thread->in_use = true;
    thread->tid = 0;
    thread->last_time = 0;
    // Whoever waits for threads to leave a pipeline may be reading it.
    __atomic_store_n(&thread->depth, 0, __ATOMIC_RELAXED);
    thread->refusing = 0;
    thread->preparing = 0;
    thread->recovering = 0;
    thread->busy_emitter = 0;
    txaio_thread_slot = thread;
    unlock_slots(&signals);
    pthread_setspecific(slots_key, thread);
    txaio_fatal_cover_thread();
    return thread;
}

txaio_thread *txaio_thread_first(void) { return __atomic_load_n(&slots_first, __ATOMIC_ACQUIRE); }

static uint32_t ledgers_taken;

uint32_t txaio_ledger_take(void) {
    uint32_t taken = __atomic_load_n(&ledgers_taken, __ATOMIC_RELAXED);
    while (taken < TXAIO_LEDGERS
        && !__atomic_compare_exchange_n(&ledgers_taken, &taken, taken + 1, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
    return taken;
}

uint64_t txaio_ledger_sum(uint32_t ledger) {
    if (ledger >= TXAIO_LEDGERS) return 0;
    uint64_t sum = 0;
    // Whoever reads the counters beside this one later sees no event there that it does not see here.
    for (txaio_thread *thread = txaio_thread_first(); thread; thread = thread->next) {
        sum += __atomic_load_n(&thread->handed_over[ledger], __ATOMIC_ACQUIRE);
    }
    return sum;
}

void txaio_thread_at_exit(void (*handler)(txaio_thread *)) {
    __atomic_store_n(&exit_handler, handler, __ATOMIC_RELEASE);
}

void txaio_thread_after_fork(void (*handler)(void)) {
    pthread_once(&slots_once, slots_begin);
    __atomic_store_n(&fork_handler, handler, __ATOMIC_RELEASE);
}

void txaio_thread_name(const char *name) {
#if defined(__APPLE__)
    pthread_setname_np(name);
#else
    pthread_setname_np(pthread_self(), name);
#endif
}

uint32_t txaio_thread_find_tid(txaio_thread *thread) {
#if defined(__linux__)
    thread->tid = (uint32_t)syscall(SYS_gettid);
#else
    uint64_t id = 0;
    pthread_threadid_np(NULL, &id);
    thread->tid = (uint32_t)id;
#endif
    return thread->tid;
}

int txaio_send_sealed(int socket, const void *bytes, size_t length, int *stage) {
#if defined(__linux__)
    *stage = 1;
    int file = memfd_create("txaio-entry", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    if (file < 0) return errno;
    *stage = 2;
    int error = 0;
    for (size_t done = 0; done < length && !error;) {
        ssize_t written = write(file, (const char *)bytes + done, length - done);
        if (written >= 0) done += (size_t)written;
        else if (errno != EINTR) error = errno;
    }
    if (!error) {
        *stage = 3;
        if (fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) error = errno;
    }
    if (!error) {
        *stage = 4;
        // An empty payload with exactly one descriptor: journald drops anything else.
        union {
            struct cmsghdr header;
            char space[CMSG_SPACE(sizeof(int))];
        } control;
        memset(&control, 0, sizeof control);
        struct msghdr message = {.msg_control = &control, .msg_controllen = sizeof control};
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &file, sizeof file);
        ssize_t sent;
        do sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        while (sent < 0 && errno == EINTR);
        if (sent < 0) error = errno;
    }
    close(file);
    return error;
#else
    (void)socket, (void)bytes, (void)length;
    *stage = 1;
    return ENOTSUP;
#endif
}

int txaio_send_datagrams(int socket, const void *bytes, intptr_t start, const intptr_t *ends, int count, int *error) {
    if (count > TXAIO_DATAGRAMS) count = TXAIO_DATAGRAMS;
    *error = 0;
    if (count <= 0) return 0;
#if defined(__linux__)
    struct mmsghdr messages[TXAIO_DATAGRAMS];
    struct iovec pieces[TXAIO_DATAGRAMS];
    memset(messages, 0, sizeof messages[0] * (size_t)count);
    for (int index = 0; index < count; index++) {
        pieces[index].iov_base = (char *)bytes + start;
        pieces[index].iov_len = (size_t)(ends[index] - start);
        messages[index].msg_hdr.msg_iov = &pieces[index];
        messages[index].msg_hdr.msg_iovlen = 1;
        start = ends[index];
    }
    int sent = sendmmsg(socket, messages, (unsigned)count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) return sent;
    *error = sent < 0 ? errno : EAGAIN;
    return 0;
#else
    int sent = 0;
    for (; sent < count; sent++) {
        if (send(socket, (const char *)bytes + start, (size_t)(ends[sent] - start), MSG_DONTWAIT) < 0) {
            if (sent == 0) *error = errno;
            break;
        }
        start = ends[sent];
    }
    return sent;
#endif
}

int txaio_unsent(int socket) {
    int bytes = 0;
    return ioctl(socket, TIOCOUTQ, &bytes) < 0 ? -1 : bytes;
}
