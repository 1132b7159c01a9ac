#include "txaio_bell.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct txaio_bell {
    pthread_mutex_t mutex;
    pthread_cond_t rung;
    uint64_t count;
};

txaio_bell *txaio_bell_make(void) {
    txaio_bell *bell = (txaio_bell *)txaio_allocate(sizeof *bell);
    pthread_condattr_t attributes;
    pthread_mutex_init(&bell->mutex, NULL);
    pthread_condattr_init(&attributes);
#ifndef __APPLE__
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
    pthread_cond_init(&bell->rung, &attributes);
    pthread_condattr_destroy(&attributes);
    bell->count = 0;
    return bell;
}

void txaio_bell_free(txaio_bell *bell) {
    pthread_cond_destroy(&bell->rung);
    pthread_mutex_destroy(&bell->mutex);
    free(bell);
}

void txaio_bell_ring(txaio_bell *bell) {
    pthread_mutex_lock(&bell->mutex);
    bell->count++;
    pthread_cond_broadcast(&bell->rung);
    pthread_mutex_unlock(&bell->mutex);
}

uint64_t txaio_bell_wait(txaio_bell *bell, uint64_t seen, int64_t nanoseconds) {
    struct timespec span = {.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)};
    struct timespec end = span;
#ifndef __APPLE__
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += span.tv_sec;
    end.tv_nsec += span.tv_nsec;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
#endif
    pthread_mutex_lock(&bell->mutex);
    while (bell->count == seen) {
        int error;
        if (nanoseconds < 0) {
            error = pthread_cond_wait(&bell->rung, &bell->mutex);
        } else {
#ifdef __APPLE__
            error = pthread_cond_timedwait_relative_np(&bell->rung, &bell->mutex, &span);
#else
            error = pthread_cond_timedwait(&bell->rung, &bell->mutex, &end);
#endif
        }
        if (error) break;
    }
    uint64_t count = bell->count;
    pthread_mutex_unlock(&bell->mutex);
    return count;
}
