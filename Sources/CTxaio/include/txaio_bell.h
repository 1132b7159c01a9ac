// Something that one thread sleeps on until another has news for it.
#ifndef TXAIO_BELL_H
#define TXAIO_BELL_H

#include "txaio.h"

typedef struct txaio_bell txaio_bell;

txaio_bell *_Nonnull txaio_bell_make(void);
void txaio_bell_free(txaio_bell *_Nonnull bell);
void txaio_bell_ring(txaio_bell *_Nonnull bell);

// Sleeps until the bell was rung more than `seen` times, at most `nanoseconds` on the monotonic clock (negative: without
// end); returns how often it was rung.
uint64_t txaio_bell_wait(txaio_bell *_Nonnull bell, uint64_t seen, int64_t nanoseconds);

#endif
