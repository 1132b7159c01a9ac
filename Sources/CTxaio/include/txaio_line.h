// Lines that were worked out in advance for all events of one shape: how they are found, and how they are written. Both are
// one loop each over data that lies together. Behind a system call the processor has neither code nor data at hand, and
// guesses no branch: what costs an event is how many different cache lines it touches.
//
// No policy: what stands in a line decides whoever makes the plan, and what is seldom is left to the caller.
#ifndef TXAIO_LINE_H
#define TXAIO_LINE_H

#include "txaio.h"

#ifdef __cplusplus
extern "C" {
#endif

// What of the record is looked at in C; TxaioLog's RecordLayout, RecordTag and ContextBlock have the whole.
enum {
    TXAIO_RECORD_HEAD = 4, // level, flags, number of the call's fields
    TXAIO_RECORD_TIME = 8,
    TXAIO_RECORD_CELL = 16,
    TXAIO_RECORD_SEQUENCE = 24,
    TXAIO_RECORD_TEMPLATE = 32,
    TXAIO_RECORD_PLACE = 40, // length of the template, line
    TXAIO_RECORD_FUNCTION = 48,
    TXAIO_RECORD_CONTEXT_COUNT = 60,
    TXAIO_RECORD_BOUND = 64,
    TXAIO_RECORD_SCOPE = 72,
    TXAIO_RECORD_HEADER = 80,
    TXAIO_RECORD_PREPARED = 16, // the one flag that makes no difference
    TXAIO_BLOCK_SIZE = 8,
    TXAIO_BLOCK_HEADER = 40,
};
enum {
    TXAIO_TAG_NO = 1,
    TXAIO_TAG_YES = 2,
    TXAIO_TAG_INT = 3,
    TXAIO_TAG_UINT = 4,
    TXAIO_TAG_DOUBLE = 5,
    TXAIO_TAG_STRING = 6,
    TXAIO_TAG_OBJECT = 14, // the last one
};

// What follows a run of fixed bytes.
enum {
    TXAIO_FILL_NOTHING,
    TXAIO_FILL_MESSAGE, // the message begins
    TXAIO_FILL_TIME,
    TXAIO_FILL_EPOCH_TIME,
    TXAIO_FILL_MICROSECONDS,
    TXAIO_FILL_THREAD_ID,
    TXAIO_FILL_THREAD,
    TXAIO_FILL_NUMBER,
    TXAIO_FILL_VALUE, // a value by itself
    TXAIO_FILL_TEXT,  // a value within the message
};

// Fixed bytes, then a filling.
typedef struct txaio_line_step {
    uint32_t start;
    uint16_t count;
    uint8_t index;
    uint8_t filling;
} txaio_line_step;

// A literal's address and length.
typedef struct txaio_line_name {
    uint64_t address;
    uint64_t length;
} txaio_line_name;

// Names, steps and fixed bytes lie behind it, in one piece of memory. Behind the fixed bytes TXAIO_LINE_PADDING more may be
// read.
typedef struct txaio_line_plan {
    // What it is for.
    uint64_t template_address;
    uint64_t cell;
    uint64_t place;
    uint64_t function;
    uint64_t start_id;
    uint32_t head;
    uint16_t own, bound, count; // how many names are the record's own; its own or the logger's; all of them
    // What is written.
    bool has_whole_message; // the message is rendered by its template
    uint16_t message_end;   // the step behind the message's own
    uint16_t end;           // how many steps there are
    uint16_t uses;          // how often one value is written at most
    uint32_t room;          // for all but the texts of values
    const txaio_line_name *_Nonnull names;
    const txaio_line_step *_Nonnull steps;
    const uint8_t *_Nonnull bytes;
} txaio_line_plan;

#define TXAIO_LINE_PADDING 32
// What a step may write besides fixed bytes and texts, and beyond its end.
#define TXAIO_LINE_STEP_ROOM 64
// Larger records, with the blocks that they refer to, are not worth the room.
#define TXAIO_LINE_LARGEST (16 << 10)
// A call site has its place in a table of so many, and the one beside it.
#define TXAIO_LINE_PLANS 512

TXAIO_INLINE size_t txaio_line_place(uint64_t template_address, uint64_t cell, uint64_t fields) {
    uint64_t hash = (template_address ^ cell << 20 ^ fields) * 0x9e3779b97f4a7c15ull;
    return (size_t)(hash >> 40) & (TXAIO_LINE_PLANS - 2);
}

// The plan in a table for a record, or NULL where there is none; then `values` says where its values lie, and `size` how many
// bytes the record has with what it refers to.
const txaio_line_plan *_Nullable txaio_line_find(const txaio_line_plan *_Nullable const *_Nonnull plans,
                                                 const void *_Nonnull record, uint64_t start_id,
                                                 const void *_Nonnull *_Nonnull values, uint64_t *_Nonnull size);

// The text of a second: `2026-11-22T21:38:54.`
typedef struct txaio_second {
    int64_t start; // nanoseconds since 1970
    uint8_t text[20];
    bool is_known;
} txaio_second;

// What it takes besides the plan.
typedef struct txaio_line_event {
    const void *_Nonnull record;
    const void *_Nonnull const *_Nonnull values;
    uint32_t thread_id;
    uint32_t thread;
    bool wants_whole_message; // whatever the plan says
    bool may_read_as_others;  // set: a value of the journal's is a text that may begin a number or other JSON
} txaio_line_event;

typedef struct txaio_line_end {
    uint8_t *_Nonnull place; // where the next byte goes
    size_t step;
} txaio_line_end;

// Write a line's steps from `step` on to `place`, which has the plan's room and that of its texts: up to the plan's end, or
// to a step whose fixed bytes are written but whose filling is the caller's to write. There it goes on with the next one.
//
// JSON: a value is JSON, a text within the message stands between its quotes.
txaio_line_end txaio_line_json(const txaio_line_plan *_Nonnull plan, txaio_line_event *_Nonnull event,
                               const txaio_second *_Nonnull second, size_t step, uint8_t *_Nonnull place);
// Text: a value is logfmt.
txaio_line_end txaio_line_text(const txaio_line_plan *_Nonnull plan, txaio_line_event *_Nonnull event,
                               const txaio_second *_Nonnull second, size_t step, uint8_t *_Nonnull place);
// The journal's native form: a value is what follows the name of a field, and nothing is escaped.
txaio_line_end txaio_line_journal(const txaio_line_plan *_Nonnull plan, txaio_line_event *_Nonnull event,
                               const txaio_second *_Nonnull second, size_t step, uint8_t *_Nonnull place);

#ifdef __cplusplus
}
#endif
#endif
