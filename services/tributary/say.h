/*
 * say.h -- values as people read them, and decisions in words: 25500 of a price is 2.55 GBP, 6000 of a quantity is 6.
 *
 * What a number means is said by its field's kind and unit; money takes the currency that stands beside it. The sentences come from the
 * schemas (x-explain); their language is theirs, and words of lists (planned, revenue) are said in it.
 *
 * It does not know any event by name.
 */
#ifndef TRIBUTARY_COMMAND_SAY_H
#define TRIBUTARY_COMMAND_SAY_H

#include "pack/event.h"

#define SAY_NUMBER_BYTES 64 /* of say_decimal and say_time, with the zero */

enum say_language { SAY_EN, SAY_ZH };

/* A text that grows; what does not fit is cut between characters. */
struct saying {
	char *out;
	size_t size, used;
	enum say_language language;
	struct text currency;	/* of money; empty: not known, two decimals */
	struct text metric;	/* of numbers whose unit is said by a metric: revenue, units, tickets */
};

/* say_begin -- an empty text in this buffer. */
struct saying say_begin(char *out, size_t size, enum say_language language);

/* say -- printf into it. */
void say(struct saying *saying, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* say_number, say_word -- a value of this field. */
void say_number(struct saying *saying, const struct field *field, int64_t value);
void say_word(struct saying *saying, const struct field *field, struct text word);
void say_flag(struct saying *saying, bool flag);

/* say_event -- the sentence of an event, from its packed data; false when its type has none. */
bool say_event(struct saying *saying, const struct event_type *type, struct bytes data);

/* say_language_of -- en or zh; false for any other word. */
bool say_language_of(const char *word, enum say_language *language);

/* say_decimal -- digits with a point before the last `places`; zeros at the end go where `trim` says so. */
void say_decimal(char cell[SAY_NUMBER_BYTES], int64_t value, int places, bool trim);

/* say_time -- a moment in UTC, or a span below a million seconds after 1970. */
void say_time(char cell[SAY_NUMBER_BYTES], int64_t us);
void say_span(char cell[SAY_NUMBER_BYTES], int64_t us);

/* say_json -- print a text as a JSON string. */
void say_json(const char *text);

#endif
