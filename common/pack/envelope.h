/*
 * envelope.h -- what is written on every event, apart from its data.
 *
 * On the wire and in the journals an event is one msgpack array of nine:
 *     [version, id, source, seq, type, subject, time_us, ext, data]
 * ext and data are maps with text keys, data stands last, so a relay copies it without parsing.
 * ext keys that are known here: "epoch" int, "cause" text (id of the event that caused this one), "recorded"
 * int (us, when the publishing service admitted the cause), "trace" text (W3C traceparent), "correlation"
 * text. Others are kept by relays and ignored here, unless they begin with "!": then the event is refused
 * with ERR_UNKNOWN_CRITICAL.
 *
 * The id of an event is its source, '#' and its sequence ("orders#42", "OUT-001/T1#7"); an empty id on the
 * wire stands for that.
 */
#ifndef TRIBUTARY_PACK_ENVELOPE_H
#define TRIBUTARY_PACK_ENVELOPE_H

#include "base/bytes.h"
#include "base/check.h"
#include "pack/reader.h"
#include "pack/writer.h"

#define ENVELOPE_VERSION 1
#define EVENT_BYTES_MAX (64 << 10)	/* of an event from outside, envelope included */
#define EVENT_OWN_BYTES_MAX (256 << 10)	/* of an event that a service emits */
#define SOURCE_TEXT_MAX 64
#define TYPE_TEXT_MAX 64
#define SUBJECT_TEXT_MAX 96
#define ID_TEXT_MAX 96

struct envelope {
	struct text id;		/* may be empty */
	struct text source;
	uint64_t seq;		/* >= 1 */
	struct text type;
	struct text subject;	/* may be empty */
	int64_t time_us;
	uint64_t epoch;		/* 0: absent */
	struct text cause;	/* empty: absent */
	int64_t recorded_us;	/* 0: absent */
	struct text trace;	/* empty: absent */
	struct text correlation;/* empty: absent */
	struct bytes data;	/* the msgpack map */
};

/*
 * envelope_read -- take one event apart; the reader stands behind it afterwards.
 *   owns    *envelope borrows from the reader's bytes.
 *   errors  sticky in the reader, with reader->field naming the part.
 */
void envelope_read(struct reader *reader, struct envelope *envelope);

/*
 * envelope_open -- the same up to data: the reader stands before it, and envelope->data is not set. Whoever unpacks data from there
 * calls reader_leave behind it.
 */
void envelope_open(struct reader *reader, struct envelope *envelope);

/*
 * envelope_peek -- only source, sequence, type and subject of an event of a journal of ours, for filters: what follows is not looked at.
 *   owns    *envelope borrows; its other members are not set.   errors  false: it is no event.
 */
bool envelope_peek(struct bytes event, struct envelope *envelope) must_check;

/*
 * envelope_write -- everything up to data; the caller writes exactly one map after it (or sets data and it
 * is copied in when size > 0).
 */
void envelope_write(struct writer *writer, const struct envelope *envelope);

#endif
