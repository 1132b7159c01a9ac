// Writing the pairs of a keyword call, a name and a value of any type each, into a record as they lie in memory. No policy:
// what is no plain pair, and what there is no room for, is left to TxaioLog.
#ifndef TXAIO_PAIRS_H
#define TXAIO_PAIRS_H

#include "txaio.h"

#ifdef __cplusplus
extern "C" {
#endif

// How Swift lays a pair out: address, length and flags of a StaticString, then a value's three words, its type, its conformance.
// TxaioLog's ValueLayout.swift finds out whether that holds.
enum {
    TXAIO_PAIR_LENGTH = 8,
    TXAIO_PAIR_FLAGS = 16, // a set bit 0: the name has no address
    TXAIO_PAIR_VALUE = 24,
    TXAIO_PAIR_TYPE = 48,
    TXAIO_PAIR_SIZE = 64,
};
// How Swift lays a String out in two words, as StringLayout.swift finds out: up to 15 bytes lie in the words, the length in the
// second's last byte; others behind an address in the second, their length in the first; or there is another form.
TXAIO_INLINE bool txaio_string_is_short(uint64_t second) { return (second >> 60 & 0xb) == 0xa; }
TXAIO_INLINE uint64_t txaio_string_short_size(uint64_t second) { return second >> 56 & 15; }
TXAIO_INLINE bool txaio_string_is_behind_address(uint64_t second) { return (second >> 60 & 7) == 0; }
TXAIO_INLINE const void *_Nonnull txaio_string_start(uint64_t second) {
    return (const void *)(uintptr_t)((second & 0x0fffffffffffffff) + 32);
}
TXAIO_INLINE uint64_t txaio_string_size(uint64_t first) { return first & 0x0000ffffffffffff; }
// Surely counts no reference: short, or a literal.
TXAIO_INLINE bool txaio_string_is_uncounted(uint64_t second) { return second >> 63 != 0; }

// So many bytes may be written behind where the last pair begins, or a text ends.
enum { TXAIO_PAIRS_SLACK = 64 };

// Says by which addresses the types of plain values are known.
void txaio_pairs_learn(uint64_t integer, uint64_t string, uint64_t real, uint64_t truth);

typedef struct txaio_pairs_end {
    void *_Nonnull place; // where the next byte goes
    uint32_t left;        // pairs that were not written: the first of them is no plain one, or has no room
    bool may_count;       // a text that was written may count a reference
} txaio_pairs_end;

// Writes pairs while each is plain (a literal's name; a String, Int, Double or Bool) and begins no later than at `last`, or its
// text ends no later. Only where the layouts of pairs and of String are as they should be.
txaio_pairs_end txaio_pairs_write(const void *_Nonnull pairs, uint32_t count, void *_Nonnull to, const void *_Nonnull last);

#ifdef __cplusplus
}
#endif
#endif
