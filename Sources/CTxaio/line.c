#include "txaio_line.h"
#include "txaio_text.h"

#define HOT __attribute__((hot))

TXAIO_INLINE uint64_t word(const uint8_t *at) {
    uint64_t value;
    memcpy(&value, at, 8);
    return value;
}
TXAIO_INLINE uint32_t half(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, 4);
    return value;
}

// ---------------------------------------------------------------------------------------------------- finding

// How many bytes a value of a tag has behind it; 128 for what has a length of its own. The last one is no tag.
static const uint8_t sizes[TXAIO_TAG_OBJECT + 2] = {0, 0, 0, 8, 8, 8, 128, 4, 128, 16, 16, 16, 128, 128, 128, 128};

// Whether fields have just these names; if so `values` says where their values lie. The bytes may be anything.
TXAIO_INLINE bool match(const txaio_line_name *name, size_t count, const uint8_t *at, const uint8_t *end,
                        const void **values) {
    for (; count > 0; count--, name++, values++) {
        // Address and length of the name, a tag.
        if (end - at < 13 || (word(at) ^ name->address) | (half(at + 8) ^ name->length)) return false;
        *values = at + 12;
        size_t size = sizes[at[12] & 15];
        at += 13;
        if (size & 128) {
            if (end - at < 4) return false;
            size = 4 + (size_t)half(at);
        }
        if ((size_t)(end - at) < size) return false;
        at += size;
    }
    return at == end;
}

TXAIO_INLINE const uint8_t *block(const uint8_t *record, size_t reference) {
    return (const uint8_t *)(uintptr_t)word(record + reference);
}

// The fields of a logger or of scopes, which a record refers to.
TXAIO_INLINE bool match_block(const txaio_line_name *name, size_t count, const uint8_t *block, const void **values,
                              uint64_t *size) {
    if (!block) return count == 0;
    uint32_t length = half(block + TXAIO_BLOCK_SIZE);
    *size += length;
    return match(name, count, block + TXAIO_BLOCK_HEADER, block + TXAIO_BLOCK_HEADER + length, values);
}

static __attribute__((noinline)) bool match_context(const txaio_line_plan *plan, const uint8_t *record,
                                                    const void **values, uint64_t *size) {
    size_t own = plan->own, bound = plan->bound;
    return match_block(plan->names + own, bound - own, block(record, TXAIO_RECORD_BOUND), values + own, size)
        && match_block(plan->names + bound, plan->count - bound, block(record, TXAIO_RECORD_SCOPE), values + bound, size);
}

const txaio_line_plan *txaio_line_find(const txaio_line_plan *const *plans, const void *at, uint64_t start_id,
                                       const void **values, uint64_t *size) {
    const uint8_t *record = at;
    uint64_t template_address = word(record + TXAIO_RECORD_TEMPLATE), cell = word(record + TXAIO_RECORD_CELL);
    uint32_t head = half(record + TXAIO_RECORD_HEAD) & ~(uint32_t)(TXAIO_RECORD_PREPARED << 8);
    size_t place = txaio_line_place(template_address, cell, head >> 16);
#pragma clang loop unroll(disable)
    for (size_t beside = 0; beside < 2; beside++) {
        const txaio_line_plan *plan = plans[place + beside];
        // A difference in any of these: one branch for all.
        if (!plan
            || (plan->template_address ^ template_address) | (plan->cell ^ cell) | (plan->head ^ head)
                | (plan->place ^ word(record + TXAIO_RECORD_PLACE)) | (plan->start_id ^ start_id)
                | (plan->function ^ word(record + TXAIO_RECORD_FUNCTION)))
            continue;
        uint32_t length = half(record);
        *size = length;
        if (length > TXAIO_LINE_LARGEST) return NULL;
        if (!match(plan->names, plan->own, record + TXAIO_RECORD_HEADER, record + length, values)) continue;
        if (word(record + TXAIO_RECORD_BOUND) | word(record + TXAIO_RECORD_SCOPE)) {
            if (!match_context(plan, record, values, size)) continue;
            if (*size > TXAIO_LINE_LARGEST) return NULL;
        } else if (plan->count != plan->own) {
            continue;
        }
        return plan;
    }
    return NULL;
}

// ---------------------------------------------------------------------------------------------------- writing

#define JSON 0
#define TEXT 1
#define JOURNAL 2

#if defined(__SSE2__)
typedef __m128i bytes16;
TXAIO_INLINE bytes16 load16(const uint8_t *from) { return _mm_loadu_si128((const __m128i *)from); }
TXAIO_INLINE void store16(uint8_t *to, bytes16 bytes) { _mm_storeu_si128((__m128i *)to, bytes); }

// A bit for each of sixteen bytes that cannot be copied as it is.
TXAIO_INLINE uint32_t suspects(bytes16 block, int form, bool is_value) {
    if (form == JOURNAL) return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8('\n')));
    // With signs, what is beyond ASCII is below the controls.
    __m128i found = _mm_or_si128(
        _mm_cmplt_epi8(block, _mm_set1_epi8(0x20)), _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7f)));
    __m128i quotes = _mm_or_si128(
        _mm_cmpeq_epi8(block, _mm_set1_epi8('"')), _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
    if (form == JSON) return (uint32_t)_mm_movemask_epi8(_mm_or_si128(found, quotes));
    __m128i marks = _mm_or_si128(
        _mm_cmpeq_epi8(block, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(block, _mm_set1_epi8('=')));
    marks = _mm_and_si128(_mm_or_si128(marks, quotes), _mm_set1_epi8((char)-(int)is_value));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(found, marks));
}
#else
typedef struct bytes16 {
    uint8_t at[16];
} bytes16;
TXAIO_INLINE bytes16 load16(const uint8_t *from) {
    bytes16 bytes;
    memcpy(&bytes, from, 16);
    return bytes;
}
TXAIO_INLINE void store16(uint8_t *to, bytes16 bytes) { memcpy(to, &bytes, 16); }

#if defined(__ARM_NEON) && defined(__aarch64__)
TXAIO_INLINE uint32_t suspects(bytes16 bytes, int form, bool is_value) {
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t block = vld1q_u8(bytes.at), found;
    if (form == JOURNAL) {
        found = vceqq_u8(block, vdupq_n_u8('\n'));
    } else {
        found = vcgeq_u8(vsubq_u8(block, vdupq_n_u8(0x20)), vdupq_n_u8(0x5f));
        uint8x16_t marks = vorrq_u8(vceqq_u8(block, vdupq_n_u8('"')), vceqq_u8(block, vdupq_n_u8('\\')));
        if (form == TEXT) {
            marks = vorrq_u8(marks, vorrq_u8(vceqq_u8(block, vdupq_n_u8(' ')), vceqq_u8(block, vdupq_n_u8('='))));
            marks = vandq_u8(marks, vdupq_n_u8(is_value ? 0xff : 0));
        }
        found = vorrq_u8(found, marks);
    }
    found = vandq_u8(found, vld1q_u8(bits));
    return (uint32_t)vaddv_u8(vget_low_u8(found)) | (uint32_t)vaddv_u8(vget_high_u8(found)) << 8;
}
#else
TXAIO_INLINE uint32_t suspects(bytes16 bytes, int form, bool is_value) {
    uint32_t found = 0;
    for (int at = 0; at < 16; at++) {
        uint8_t byte = bytes.at[at];
        bool is_suspect = byte < 0x20 || byte >= 0x7f;
        if (form == JSON || is_value) is_suspect = is_suspect || byte == '"' || byte == '\\';
        if (form == TEXT && is_value) is_suspect = is_suspect || byte == ' ' || byte == '=';
        if (form == JOURNAL) is_suspect = byte == '\n';
        found |= (uint32_t)is_suspect << at;
    }
    return found;
}
#endif
#endif

// The last bytes of a record, behind which nothing may be read.
static __attribute__((noinline)) bytes16 load_last(const uint8_t *from, size_t size) {
    uint64_t low = 0, high = 0;
    if (size >= 8) {
        low = word(from);
        high = word(from + size - 8) >> (16 - size) * 8 % 64;
        if (size == 8) high = 0;
    } else {
#pragma clang loop unroll(disable) vectorize(disable)
        for (size_t at = 0; at < size; at++) low |= (uint64_t)from[at] << at * 8;
    }
    uint8_t bytes[16];
    memcpy(bytes, &low, 8);
    memcpy(bytes + 8, &high, 8);
    return load16(bytes);
}

// Copies a text; false where a byte of it cannot be copied as it is. Up to sixteen bytes more may be written; from `last` on
// no sixteen bytes may be read.
TXAIO_INLINE bool copy(uint8_t *to, const uint8_t *from, size_t size, const uint8_t *last, int form, bool is_value) {
    if (size < 16) {
        bytes16 bytes = __builtin_expect(from < last, 1) ? load16(from) : load_last(from, size);
        store16(to, bytes);
        return suspects(bytes, form, is_value) << 1 << (31 - size) == 0;
    }
    // Whole blocks, the last of which may have been looked at in part.
    const uint8_t *final = from + size - 16;
    for (;;) {
        bytes16 bytes = load16(from);
        store16(to, bytes);
        if (suspects(bytes, form, is_value) != 0) return false;
        if (from == final) return true;
        const uint8_t *next = from + 16 < final ? from + 16 : final;
        to += next - from;
        from = next;
    }
}

// White space, what opens a list or a map, digits and signs, and the first letters of true, false and null.
TXAIO_INLINE bool begins_json(uint8_t byte) {
    const uint64_t low = 1ull << 0x09 | 1ull << 0x0a | 1ull << 0x0d | 1ull << 0x20 | 1ull << 0x2d | 0x3ffull << 0x30;
    const uint64_t high = 1ull << ('[' & 63) | 1ull << ('f' & 63) | 1ull << ('n' & 63) | 1ull << ('t' & 63) | 1ull << ('{' & 63);
    return byte < 0x80 && ((byte & 0x40 ? high : low) >> (byte & 63) & 1);
}

// A comparison that stays one: see txaio_unknown.
TXAIO_INLINE bool is(uint32_t number, uint32_t other) { return txaio_unknown(number) == other; }

TXAIO_INLINE txaio_line_end run(const txaio_line_plan *plan, txaio_line_event *event, const txaio_second *second,
                                size_t step, uint8_t *place, int form) {
    const uint8_t *record = event->record;
    // In locals: as far as the compiler knows, what is written might be these.
    const uint8_t *bytes = plan->bytes;
    const void *const *values = event->values;
    const txaio_line_step *next = plan->steps + step, *end = plan->steps + plan->end;
    // What lies in a logger's block or a scope's is not followed by the rest of this record: there each text may be the last.
    const uint8_t *last = plan->own == plan->count ? record + half(record) - 15 : NULL;
    bool has_whole_message = plan->has_whole_message | event->wants_whole_message;
    for (; next < end; next++) {
        const uint8_t *fixed = bytes + next->start;
        size_t count = next->count;
        // Mostly that is all.
        store16(place, load16(fixed));
        store16(place + 16, load16(fixed + 16));
#pragma clang loop unroll(disable) vectorize(disable)
        for (size_t at = 32; __builtin_expect(at < count, 0); at += 16) store16(place + at, load16(fixed + at));
        place += count;
        uint32_t filling = next->filling;
        bool is_value = filling == TXAIO_FILL_VALUE;
        uint8_t *start = place;
        // What is to be written in decimal, and two places behind the point, if any: all that is a number meets in one place.
        uint64_t number;
        int32_t places = -1;
        if (filling >= TXAIO_FILL_VALUE) {
            const uint8_t *value = values[next->index];
            if (form != TEXT) {
                *place = form == JSON ? '"' : '=';
                place += is_value;
            }
            uint32_t tag = *value;
            if (__builtin_expect(is(tag, TXAIO_TAG_STRING), 1)) {
                size_t size = half(value + 1);
                const uint8_t *text = value + 5;
                if (form == JOURNAL && is_value && size > 0 && begins_json(*text)) event->may_read_as_others = true;
                bool is_done = copy(place, text, size, last, form, is_value);
                // Nothing bare is empty, and a journal's message is no place for a very long text.
                if (form == TEXT) is_done &= !is_value | (size > 0);
                if (form == JOURNAL) is_done &= is_value | (size < 1 << 14);
                if (__builtin_expect(!is_done, 0)) goto leave;
                place += size;
                if (form != TEXT) {
                    *place = form == JSON ? '"' : '\n';
                    place += is_value;
                }
                continue;
            }
            if (form == JSON) place = start;
            if (is(tag, TXAIO_TAG_INT)) {
                int64_t signed_number = (int64_t)word(value + 1);
                *place = '-';
                place += signed_number < 0;
                number = signed_number < 0 ? 0 - (uint64_t)signed_number : (uint64_t)signed_number;
            } else if (is(tag, TXAIO_TAG_DOUBLE)) {
                double real;
                memcpy(&real, value + 1, 8);
                double magnitude = real < 0 ? -real : real;
                if (__builtin_expect(!(magnitude >= 1e-3 && magnitude < 1e9), 0)) goto leave;
                *place = '-';
                place += real < 0;
                int64_t parts = (int64_t)(magnitude * 100 + 0.5);
                if (__builtin_expect((double)parts / 100 != magnitude, 0)) {
                    uint8_t *behind = txaio_put_six_places(place, magnitude);
                    if (!behind) goto leave;
                    place = behind;
                    goto close;
                }
                number = (uint64_t)parts / 100;
                places = (int32_t)(parts - (int64_t)number * 100);
            } else if (tag - TXAIO_TAG_NO <= TXAIO_TAG_YES - TXAIO_TAG_NO) {
                bool is_true = tag == TXAIO_TAG_YES;
                memcpy(place, is_true ? "true    " : "false   ", 8);
                // In a message they are Python's.
                *place ^= is_value ? 0 : 0x20;
                place += is_true ? 4 : 5;
                goto close;
            } else if (is(tag, TXAIO_TAG_UINT)) {
                number = word(value + 1);
            } else {
                if (form == JOURNAL) event->may_read_as_others = true;
                goto leave;
            }
        } else if (is(filling, TXAIO_FILL_NOTHING)) {
            continue;
        } else if (form != JOURNAL && is(filling, TXAIO_FILL_TIME)) {
            int64_t time = (int64_t)word(record + TXAIO_RECORD_TIME);
            uint64_t into = (uint64_t)time - (uint64_t)second->start;
            if (__builtin_expect(!second->is_known | (time < second->start) | (into >= 1000000000), 0)) goto leave;
            memcpy(place, second->text, 20);
            place = txaio_put_six(place + 20, (uint32_t)into / 1000);
            *place++ = 'Z';
            continue;
        } else if (is(filling, TXAIO_FILL_MESSAGE)) {
            if (has_whole_message) goto leave;
            continue;
        } else if (form != TEXT && is(filling, TXAIO_FILL_NUMBER)) {
            number = word(record + TXAIO_RECORD_SEQUENCE);
        } else if (form != TEXT && is(filling, TXAIO_FILL_THREAD)) {
            number = event->thread;
        } else if (form == JOURNAL && is(filling, TXAIO_FILL_THREAD_ID)) {
            number = event->thread_id;
        } else if (form == JOURNAL && is(filling, TXAIO_FILL_MICROSECONDS)) {
            int64_t time = (int64_t)word(record + TXAIO_RECORD_TIME) / 1000;
            *place = '-';
            place += time < 0;
            number = (uint64_t)(time < 0 ? -time : time);
        } else {
            goto leave;
        }
        place = txaio_put_decimal(place, number);
        if (places >= 0) {
            *place = '.';
            txaio_put_two(place + 1, (uint32_t)places);
            place += 2 + (places % 10 != 0);
        }
    close:
        if (form == JOURNAL) {
            *place = '\n';
            place += is_value;
        }
        continue;
    leave:
        return (txaio_line_end){start, (size_t)(next - plan->steps)};
    }
    return (txaio_line_end){place, plan->end};
}

HOT txaio_line_end txaio_line_json(const txaio_line_plan *plan, txaio_line_event *event, const txaio_second *second,
                                   size_t step, uint8_t *place) {
    return run(plan, event, second, step, place, JSON);
}
HOT txaio_line_end txaio_line_text(const txaio_line_plan *plan, txaio_line_event *event, const txaio_second *second,
                                   size_t step, uint8_t *place) {
    return run(plan, event, second, step, place, TEXT);
}
HOT txaio_line_end txaio_line_journal(const txaio_line_plan *plan, txaio_line_event *event, const txaio_second *second,
                                   size_t step, uint8_t *place) {
    return run(plan, event, second, step, place, JOURNAL);
}
