// What can still be done when a signal ends the process: wait a moment for the thread that delivers, then let the signal
// take its course. Nothing is written here, and no lock is taken.
#ifndef TXAIO_FATAL_H
#define TXAIO_FATAL_H

#include "txaio_ring.h"

// Takes SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT and SIGFPE, those excepted that are ignored. Once; 0 or an errno.
//
// When one comes, the thread that it came to waits until all that was committed before is handed over, for `limit`
// nanoseconds at most, puts the former dispositions back, and lets the signal come again: whoever had it before sees it as
// if nobody had been between.
int txaio_fatal_install(int64_t limit);

// Gives the calling thread an alternate stack, if the above was done and it has none: its own may be what overflowed.
void txaio_fatal_cover_thread(void);
// Takes it away at the thread's end.
void txaio_fatal_uncover_thread(void);

// A ring whose records are waited for. It is never freed. A signal handler may call it: the rings themselves make the list.
void txaio_fatal_watch(txaio_ring *_Nonnull ring);

// A thread that delivers is about to start: a signal waits for it already.
void txaio_fatal_delivery_begins(void);
// The calling thread is that thread, until it says that it no longer is.
void txaio_fatal_delivers(bool delivers);

// A queue has what came before its start, or has delivered it: that is waited for as well.
void txaio_fatal_backlog(bool is_there);

// In a child process, which has neither the rings nor the thread that delivers.
void txaio_fatal_after_fork(void);

#endif
