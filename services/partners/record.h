/*
 * record.h -- what the handlers share: look a record up, refuse what is submitted, or keep it and declare it when it is news.
 */
#ifndef TRIBUTARY_PARTNERS_RECORD_H
#define TRIBUTARY_PARTNERS_RECORD_H

#include "flow/flow.h"
#include "state.h"

/*
 * record_submit -- keep the submitted record under this key; said only when it differs from what is kept.
 * Codes that no key can carry are refused.
 *   units   returns the version that was declared, 0 when none was.
 */
int64_t record_submit(struct turn *turn, enum partners_table kind, struct bytes key, const void *submitted);

/* record_codes -- whether its codes can stand in keys; refuses when not. */
bool record_codes(struct turn *turn, enum partners_table kind, const void *submitted);

/* record_is_new, record_keep -- for what happens once and is no news later: whether its number is taken for the first time (the same words again
 * change nothing, other words are refused with this code); keep it as its first version. What it is declared by is said by the caller. */
bool record_is_new(struct turn *turn, enum partners_table kind, struct text number, const void *submitted, const char *code, const char *sentence);
void record_keep(struct turn *turn, enum partners_table kind, struct bytes key, const void *submitted);

/*
 * record_fields -- the record of a key, taken apart into the struct of its submission.
 *   units   returns its version; 0: there is none, and submitted stays as it was.
 *   owns    lists are the turn's, texts are borrowed from the row: they go when it is put.
 */
int64_t record_fields(struct turn *turn, enum partners_table kind, struct bytes key, void *submitted);

/* record_copy -- the fields of a submission into a declaration, which has them in the same order and more behind them. */
void record_copy(const struct event_type *from, const void *event, const struct event_type *to, void *copy);

/* record_refuse -- tell staff why not.   shape  false, so that a check can end with it; a constant, so that no way is seen to go on from there. */
#define record_refuse(...) (record_refused(__VA_ARGS__), false)
void record_refused(struct turn *turn, enum partners_table kind, struct text key, const char *code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* What a rule is for; empty texts and tier false: not named. */
struct record_scope {
	struct text brand, category, sku, outlet, territory, channel;
	bool has_tier;
};

/* RECORD_SCOPE -- of a rule by its fields, whose texts are empty where they are not given. */
#define RECORD_SCOPE(rule) \
	(&(const struct record_scope){.brand = (rule)->brand, .category = (rule)->category, .sku = (rule)->sku, \
	                              .outlet = (rule)->outlet, .channel = (rule)->channel, .has_tier = (rule)->has_tier})

/* record_scope_valid -- whether a rule names one place and one sort of goods at most, and both are known; refuses when not. */
bool record_scope_valid(struct turn *turn, enum partners_table kind, struct text key, const struct record_scope *scope);

/* struct breach -- a step that a flow does not have: of which kind the thing is, from which state it should have come to which. */
struct breach {
	const char *kind;
	const struct flow *flow;
	struct text from, to; /* to: the state, or the step where there is none; empty: none was named */
};

/* breach_refuse -- tell staff that a thing cannot go there; whoever measures the flow hears what was tried. */
void breach_refuse(struct turn *turn, const struct breach *breach, struct text key, const char *code, struct text message);

/* record_names -- whether the record that a submission names is known; refuses when not, as unknown_<kind>. */
bool record_names(struct turn *turn, enum partners_table kind, struct text key, enum partners_table named, struct text code);

/* record_day -- whether a day is a date.   record_days -- whether days are dates as far as they are given, the first not after the last. Both
 * refuse when not. */
bool record_day(struct turn *turn, enum partners_table kind, struct text key, struct text day);
bool record_days(struct turn *turn, enum partners_table kind, struct text key, bool has_from, struct text from, bool has_until,
                 struct text until);

/* record_currency -- whether a currency code is one; refuses when not. */
bool record_currency(struct turn *turn, enum partners_table kind, struct text key, struct text currency);

/* record_word -- whether a word is one of those that the schema lists for this field; refuses with code when
 * not. */
bool record_word(struct turn *turn, enum partners_table kind, struct text key, const char *field,
                 struct text word, const char *code);

/* record_declared -- what a declaration has declared, packed as in its record.   owns  lends from the arena.
 */
struct bytes record_declared(const struct kind *kind, const void *declared, struct arena *arena,
                             int64_t *version);

#endif
