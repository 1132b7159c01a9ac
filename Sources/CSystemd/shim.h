// The location macros of the header would name this file: fields are passed, never implied.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <stdint.h>
#include <systemd/sd-journal.h>

// Sends an entry of `count` fields that lie one behind the other at `base`; `ends` says where each ends. `room` holds
// two words a field. Returns what sd_journal_sendv returns.
static inline int txaio_journal_send(const uint8_t *_Nonnull base, const intptr_t *_Nonnull ends, int count,
                                     void *_Nonnull room) {
    struct iovec *pieces = (struct iovec *)room;
    _Static_assert(sizeof(struct iovec) == 2 * sizeof(void *), "a piece is two words");
    intptr_t start = 0;
    for (int index = 0; index < count; index++) {
        pieces[index].iov_base = (void *)(base + start);
        pieces[index].iov_len = (size_t)(ends[index] - start);
        start = ends[index];
    }
    return sd_journal_sendv(pieces, count);
}
