#include "txaio_pairs.h"

#include "txaio_line.h"

// What is longer is left to memcpy, where this code calls nothing.
enum { LONGEST = 1024 };

// On one line of the cache.
static struct {
    _Alignas(32) uint64_t integer;
    uint64_t string, real, truth;
} types;

void txaio_pairs_learn(uint64_t integer, uint64_t string, uint64_t real, uint64_t truth) {
    __atomic_store_n(&types.integer, integer, __ATOMIC_RELAXED);
    __atomic_store_n(&types.string, string, __ATOMIC_RELAXED);
    __atomic_store_n(&types.real, real, __ATOMIC_RELAXED);
    __atomic_store_n(&types.truth, truth, __ATOMIC_RELAXED);
}

TXAIO_INLINE uint64_t word(const uint8_t *at) {
    uint64_t value;
    memcpy(&value, at, 8);
    return value;
}
TXAIO_INLINE bool is(uint64_t type, const uint64_t *known) { return type == __atomic_load_n(known, __ATOMIC_RELAXED); }

__attribute__((hot)) txaio_pairs_end txaio_pairs_write(const void *pairs, uint32_t count, void *to, const void *last) {
    const uint8_t *pair = (const uint8_t *)pairs;
    uint8_t *place = (uint8_t *)to;
    bool may_count = false;
    for (; count > 0; count--, pair += TXAIO_PAIR_SIZE) {
        intptr_t room = (const uint8_t *)last - place;
        if (room < 0 || (pair[TXAIO_PAIR_FLAGS] & 1)) break;
        memcpy(place, pair, 8);
        memcpy(place + 8, pair + TXAIO_PAIR_LENGTH, 4);
        const uint8_t *value = pair + TXAIO_PAIR_VALUE;
        uint64_t type = word(pair + TXAIO_PAIR_TYPE), first = word(value);
        if (is(type, &types.string)) {
            uint64_t second = word(value + 8), size;
            if (txaio_string_is_short(second)) {
                // Both words, whatever the length: what is too much is written over, or lies in what may be written.
                size = txaio_string_short_size(second);
                memcpy(place + 17, value, 16);
            } else {
                // What is short lies behind an address seldom.
                const uint8_t *text = (const uint8_t *)txaio_string_start(second);
                size = txaio_string_size(first);
                if (!txaio_string_is_behind_address(second) || size - 16 > LONGEST - 16 || size > (uint64_t)room) break;
                may_count |= !txaio_string_is_uncounted(second);
#pragma clang loop unroll(disable) vectorize(disable)
                for (uint64_t at = 0; at < size - 16; at += 16) memcpy(place + 17 + at, text + at, 16);
                memcpy(place + 1 + size, text + size - 16, 16);
            }
            place[12] = TXAIO_TAG_STRING;
            uint32_t length = (uint32_t)size;
            memcpy(place + 13, &length, 4);
            place += 17 + size;
        } else if (is(type, &types.integer)) {
            place[12] = TXAIO_TAG_INT;
            memcpy(place + 13, &first, 8);
            place += 21;
        } else if (is(type, &types.real)) {
            place[12] = TXAIO_TAG_DOUBLE;
            memcpy(place + 13, &first, 8);
            place += 21;
        } else if (is(type, &types.truth)) {
            place[12] = TXAIO_TAG_NO + (first & 1);
            place += 13;
        } else {
            break;
        }
    }
    return (txaio_pairs_end){place, count, may_count};
}
