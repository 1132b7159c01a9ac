// Counts what the calling thread allocates, by standing in front of the C library's allocator.
#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

#include <stdint.h>

// Calls of malloc and its kin on this thread so far.
uint64_t allocations_of_this_thread(void);

// Bytes that the process has from malloc and its kin at the moment.
uint64_t allocated_bytes(void);

#endif
