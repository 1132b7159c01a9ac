// The parts of libsystemd that the journald benchmark compares with and reads back by, found when the program runs.
#ifndef CLIBSYSTEMD_H
#define CLIBSYSTEMD_H

#include <stddef.h>
#include <sys/uio.h>

// Whether libsystemd is there; all else needs it to be.
int libsystemd_load(void);

// sd_journal_sendv: the entry's fields, each as NAME=value.
int libsystemd_sendv(const struct iovec *_Nonnull fields, int count);

// How many entries of the journal in a folder match NAME=value; below 0 an error's number.
long libsystemd_count(const char *_Nonnull folder, const char *_Nonnull match);

// The barrier: asks the journald of that number to store all that it was sent so far, and waits until it has. Answers
// whether it has within ten seconds.
int journald_sync(int process);

#endif
