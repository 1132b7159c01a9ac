// Writing text into memory that has room for it: sixteen bytes at a time, which Swift cannot say. No policy: which bytes are
// suspects is the table of TxaioEmitters' ControlEscaper.
#ifndef TXAIO_TEXT_H
#define TXAIO_TEXT_H

#include "txaio.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

// A number of which the compiler knows nothing: comparisons of it stay comparisons. A table of jumps is guessed wrong where
// the processor has just come back from the kernel, which is where each event begins that is written at once.
TXAIO_INLINE uint32_t txaio_unknown(uint32_t number) {
    __asm__("" : "+r"(number));
    return number;
}

// What a register holds: an array of words would be kept in memory on the way.
typedef uint64_t txaio_sixteen __attribute__((vector_size(16)));

// Copies bytes that mostly are few, and not one more.
TXAIO_INLINE void txaio_copy(void *_Nonnull to, const void *_Nonnull from, size_t size) {
    uint8_t *out = (uint8_t *)to;
    const uint8_t *in = (const uint8_t *)from;
    if (size > 64) {
        memcpy(to, from, size);
    } else if (size > 32) {
        txaio_sixteen a, b, c, d;
        memcpy(&a, in, 16);
        memcpy(&b, in + 16, 16);
        memcpy(&c, in + size - 32, 16);
        memcpy(&d, in + size - 16, 16);
        memcpy(out, &a, 16);
        memcpy(out + 16, &b, 16);
        memcpy(out + size - 32, &c, 16);
        memcpy(out + size - 16, &d, 16);
    } else if (size >= 16) {
        txaio_sixteen a, b;
        memcpy(&a, in, 16);
        memcpy(&b, in + size - 16, 16);
        memcpy(out, &a, 16);
        memcpy(out + size - 16, &b, 16);
    } else if (size >= 8) {
        uint64_t a, b;
        memcpy(&a, in, 8);
        memcpy(&b, in + size - 8, 8);
        memcpy(out, &a, 8);
        memcpy(out + size - 8, &b, 8);
    } else if (size >= 4) {
        uint32_t a, b;
        memcpy(&a, in, 4);
        memcpy(&b, in + size - 4, 4);
        memcpy(out, &a, 4);
        memcpy(out + size - 4, &b, 4);
    } else if (size > 0) {
        uint8_t a = in[0], b = in[size / 2], c = in[size - 1];
        out[0] = a;
        out[size / 2] = b;
        out[size - 1] = c;
    }
}

// The eight digits of a number below 100,000,000, the first one in the lowest byte: all at once, without a branch or a table
// that might not be at hand.
TXAIO_INLINE uint64_t txaio_eight_digits(uint32_t value) {
    uint64_t fours = value / 10000 | (uint64_t)(value % 10000) << 32;
    uint64_t hundreds = ((fours * 10486) >> 20) & 0x0000007f0000007full;
    uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
    uint64_t tens = ((twos * 103) >> 10) & 0x000f000f000f000full;
    return tens | (twos - tens * 10) << 8;
}

// Writes digits, the first one in the lowest byte.
TXAIO_INLINE void txaio_store_digits(void *_Nonnull to, uint64_t digits) {
    digits |= 0x3030303030303030ull;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    digits = __builtin_bswap64(digits);
#endif
    memcpy(to, &digits, 8);
}

// Writes a number below 100 as two digits.
TXAIO_INLINE void *_Nonnull txaio_put_two(void *_Nonnull to, uint32_t value) {
    uint8_t *out = (uint8_t *)to;
    out[0] = (uint8_t)('0' + value / 10);
    out[1] = (uint8_t)('0' + value % 10);
    return out + 2;
}

// A number of nine digits or more.
void *_Nonnull txaio_put_long_decimal(void *_Nonnull to, uint64_t value);

// Writes a number in decimal: up to 20 bytes, for which there is room whatever the number is.
TXAIO_INLINE void *_Nonnull txaio_put_decimal(void *_Nonnull to, uint64_t value) {
    // Most are small, and the way below takes 40 instructions, whatever the number is.
    if (value < 100) {
        uint8_t *out = (uint8_t *)to;
        uint32_t tens = (uint32_t)value * 103 >> 10, ones = (uint32_t)value - tens * 10, two = tens != 0;
        out[0] = (uint8_t)('0' + tens);
        out[two] = (uint8_t)('0' + ones);
        return out + 1 + two;
    }
    if (__builtin_expect(value >= 100000000, 0)) return txaio_put_long_decimal(to, value);
    uint64_t digits = txaio_eight_digits((uint32_t)value);
    // Whole bytes of leading zeros; the last digit stays.
    unsigned skipped = (unsigned)__builtin_ctzll(digits | 1ull << 56) & ~7u;
    txaio_store_digits(to, digits >> skipped);
    return (uint8_t *)to + 8 - skipped / 8;
}

// Writes a number below 1,000,000 as six digits; eight bytes are written.
TXAIO_INLINE void *_Nonnull txaio_put_six(void *_Nonnull to, uint32_t value) {
    txaio_store_digits(to, txaio_eight_digits(value) >> 16);
    return (uint8_t *)to + 6;
}

// The same of a number that has more than two places.
void *_Nullable txaio_put_six_places(void *_Nonnull to, double magnitude);

// Writes the shortest decimal that reads back as a number, where it has six places at most: up to 20 bytes. NULL, with
// nothing of use written, for any other number. A quotient of whole numbers is rounded to the nearest double: where that is
// the number, its digits read back as it, and no other decimal of 15 digits or fewer does.
TXAIO_INLINE void *_Nullable txaio_put_short_double(void *_Nonnull to, double value) {
    double magnitude = value < 0 ? -value : value;
    if (!(magnitude >= 1e-3 && magnitude < 1e9)) return NULL;
    uint8_t *out = (uint8_t *)to;
    *out = '-';
    out += value < 0;
    uint64_t parts = (uint64_t)(int64_t)(magnitude * 100 + 0.5);
    if ((double)(int64_t)parts / 100 == magnitude) {
        uint32_t rest = (uint32_t)(parts % 100);
        out = (uint8_t *)txaio_put_decimal(out, parts / 100);
        *out = '.';
        txaio_put_two(out + 1, rest);
        return out + 2 + (rest % 10 != 0);
    }
    return txaio_put_six_places(out, magnitude);
}

// Where text goes: what is a suspect there besides controls and what is beyond ASCII.
#define TXAIO_TEXT_FREE 0   // nothing
#define TXAIO_TEXT_QUOTED 1 // quote and backslash
#define TXAIO_TEXT_BARE 2   // these, space and `=`

// Whether one of sixteen bytes is a suspect.
TXAIO_INLINE bool txaio_suspects(uint64_t low, uint64_t high, int place) {
#if defined(__SSE2__)
    __m128i block = _mm_set_epi64x((long long)high, (long long)low);
    // With signs, what is beyond ASCII is below the controls.
    __m128i found = _mm_or_si128(
        _mm_cmplt_epi8(block, _mm_set1_epi8(0x20)), _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7f)));
    if (place != TXAIO_TEXT_FREE) {
        found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
    }
    if (place == TXAIO_TEXT_BARE) {
        found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8(' ')));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8('=')));
    }
    return _mm_movemask_epi8(found) != 0;
#elif defined(__ARM_NEON) && defined(__aarch64__)
    uint8x16_t block = vreinterpretq_u8_u64(vcombine_u64(vcreate_u64(low), vcreate_u64(high)));
    uint8x16_t found = vcgeq_u8(vsubq_u8(block, vdupq_n_u8(0x20)), vdupq_n_u8(0x5f));
    if (place != TXAIO_TEXT_FREE) {
        found = vorrq_u8(found, vceqq_u8(block, vdupq_n_u8('"')));
        found = vorrq_u8(found, vceqq_u8(block, vdupq_n_u8('\\')));
    }
    if (place == TXAIO_TEXT_BARE) {
        found = vorrq_u8(found, vceqq_u8(block, vdupq_n_u8(' ')));
        found = vorrq_u8(found, vceqq_u8(block, vdupq_n_u8('=')));
    }
    return vmaxvq_u8(found) != 0;
#else
    for (int half = 0; half < 2; half++) {
        uint64_t word = half ? high : low;
        for (int at = 0; at < 8; at++, word >>= 8) {
            uint8_t byte = (uint8_t)word;
            if (byte < 0x20 || byte >= 0x7f) return true;
            if (place != TXAIO_TEXT_FREE && (byte == '"' || byte == '\\')) return true;
            if (place == TXAIO_TEXT_BARE && (byte == ' ' || byte == '=')) return true;
        }
    }
    return false;
#endif
}

// Copies text up to a block that holds a suspect; returns how many bytes it copied. Up to sixteen bytes behind them may be
// written too.
TXAIO_INLINE size_t txaio_put_clean(void *_Nonnull to, const void *_Nonnull from, size_t size, int place) {
    uint8_t *out = (uint8_t *)to;
    const uint8_t *in = (const uint8_t *)from;
    const uint64_t letters = 0x6161616161616161ull;
    uint64_t low = letters, high = letters;
    if (size < 8) {
        if (size >= 4) {
            uint32_t head, tail;
            memcpy(&head, in, 4);
            memcpy(&tail, in + size - 4, 4);
            low = head | (uint64_t)tail << 32;
            if (txaio_suspects(low, high, place)) return 0;
            memcpy(out, &head, 4);
            memcpy(out + size - 4, &tail, 4);
            return size;
        }
        if (size == 0) return 0;
        uint8_t head = in[0], middle = in[size / 2], tail = in[size - 1];
        low = (letters & ~0xffffffull) | head | (uint64_t)middle << 8 | (uint64_t)tail << 16;
        if (txaio_suspects(low, high, place)) return 0;
        out[0] = head;
        out[size / 2] = middle;
        out[size - 1] = tail;
        return size;
    }
    size_t at = 0;
    while (size - at >= 16) {
        memcpy(&low, in + at, 8);
        memcpy(&high, in + at + 8, 8);
        if (txaio_suspects(low, high, place)) return at;
        memcpy(out + at, &low, 8);
        memcpy(out + at + 8, &high, 8);
        at += 16;
    }
    if (at == size) return size;
    // What is left, with some that was looked at before where there is any.
    size_t front = size - at >= 8 ? at : size - 8;
    memcpy(&low, in + front, 8);
    memcpy(&high, in + size - 8, 8);
    if (txaio_suspects(low, high, place)) return at;
    memcpy(out + front, &low, 8);
    memcpy(out + size - 8, &high, 8);
    return size;
}

#endif
