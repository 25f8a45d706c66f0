/*
 * rebate_rows.h -- rows of the rebates: schemes ready to be applied, where they apply, what goods are, what was sold on a day, how the
 * periods stand.
 *
 * The only file that knows their keys and layouts. It decides nothing.
 */
#ifndef TRIBUTARY_PARTNERS_REBATE_ROWS_H
#define TRIBUTARY_PARTNERS_REBATE_ROWS_H

#include "base/key.h"
#include "partners.h"
#include "rebate/ladder.h"
#include "rebate/root.h"

#define CODE_SIZE 36 /* a code of at most 32 bytes, filled with zeros */

/* struct book -- the one row that each sale looks at. */
struct book {
	int64_t schemes; /* how many were ever declared; 0: a sale is nobody's business here */
	int32_t day_max; /* the latest business day heard */
	uint32_t places; /* bits of the places that schemes are for: 1 outlets, 2 tiers, 4 all */
};

enum { PLACE_OUTLET = 1, PLACE_TIER = 2, PLACE_ALL = 4, PLACE_COMMISSION = 8 }; /* the last: a commission was ever declared */

/* struct aim -- that a scheme applies at a place, and its latest version. */
struct aim {
	char scheme[CODE_SIZE];
	uint32_t spare;
	int64_t version;
};

/* struct goods -- what a line has to know of its SKU. */
struct goods {
	char category[CODE_SIZE], brand[CODE_SIZE];
	int32_t from; /* business day from which on it is that */
	uint32_t spare;
};

/* struct day_sum -- what was sold on a day, returns and voids taken off. */
struct day_sum {
	int64_t revenue, units;
};

/* struct standing -- one period of one scheme at one outlet. */
struct standing {
	int64_t version; /* of the scheme that it is judged by */
	int64_t basis, base;
	int64_t accrued, adjusted, settled;
	int64_t share;	 /* basis points that a violation takes back */
	int64_t ends_us; /* the moment at which its last day is over at the outlet */
	uint64_t entries; /* accruals and adjustments */
	int32_t from, until, day_max; /* its days; the latest that has counted */
	uint32_t is_locked;
	uint64_t sales, returns, voids;
	char root[ROOT_TEXT];
	int64_t mix, skus, displays, cases; /* what its conditions look at */
};

/* Whose period it is, or whose day. Borrows. */
struct place {
	struct text outlet, scheme;
	int32_t period; /* its first day */
};

/* sum_of -- an addition that stays within 2^61 on both sides of zero. */
int64_t sum_of(int64_t sum, int64_t add);

struct book book_get(struct turn *turn);
void book_put(struct turn *turn, const struct book *book);

struct bytes scheme_key(uint8_t key[KEY_SIZE], struct text code, int64_t version);

/* scheme_read -- a row.   scheme_get -- one version of a scheme, ready to be applied; false: there is none.   scheme_look -- the same for a query. */
bool scheme_read(struct bytes row, struct scheme *scheme);
bool scheme_get(struct turn *turn, struct text code, int64_t version, struct scheme *scheme);
bool scheme_look(struct query *query, struct text code, int64_t version, struct scheme *scheme);
void scheme_put(struct turn *turn, struct text code, const struct scheme *scheme);

/* aims_get -- the schemes of a place: 'o' and an outlet, 't' and a tier, 'a' and nothing; 'm': of a commission.   owns  lends until the row is put.
 * aims_put -- one of them is new, or has a new version. */
const struct aim *aims_get(struct turn *turn, char kind, struct text code, size_t *count);
void aims_put(struct turn *turn, char kind, struct text code, const struct aim *aim);

/* goods_get -- what a SKU is; false: it is not known.   goods_past -- what it was on a day before goods->from. */
bool goods_get(struct turn *turn, struct text sku, struct goods *goods);

/* goods_expect -- a hint, that these will be asked for next; at most GOODS_EXPECTED. */
#define GOODS_EXPECTED 8
void goods_expect(struct turn *turn, const struct text *skus, uint32_t count);

void goods_put(struct turn *turn, struct text sku, const struct goods *goods);
void goods_past_put(struct turn *turn, struct text sku, const struct goods *goods);
bool goods_past(struct turn *turn, struct text sku, int32_t day, struct goods *goods);

/* struct goods_code -- which goods: 'a' all, 'c' a category, 'b' a brand, 's' a SKU. */
struct goods_code {
	char kind;
	struct text code;
};

struct bytes day_key(uint8_t key[KEY_SIZE], struct text outlet, struct text currency, const struct goods_code *goods, int32_t day);

/* day_of_key -- the day that a key of a sum ends with. */
int32_t day_of_key(struct bytes key);

/* day_add -- more was sold on a day.   day_sum -- of the days of a span. */
void day_add(struct turn *turn, const struct place *place, struct text currency, const struct goods_code *goods, const struct day_sum *add);
struct day_sum day_sum(struct turn *turn, struct text outlet, struct text currency, const struct goods_code *goods, struct span span);

/* day_first -- the first day from this one on that has a sum; 0: none.   day_last -- the last one of a span. */
int32_t day_first(struct turn *turn, struct text outlet, struct text currency, const struct goods_code *goods, int32_t from);
int32_t day_last(struct turn *turn, struct text outlet, struct text currency, const struct goods_code *goods, struct span span);

/* day_next_outlet -- the first outlet behind this one that has sold anything; false: there is none.   owns  writes out. */
bool day_next_outlet(struct turn *turn, struct text outlet, char out[CODE_SIZE]);

/*
 * sku_add -- more of a SKU was sold in a period of a scheme that counts them.
 *   units   returns by how much the number of SKUs that have sold more than nothing has changed: -1, 0, 1.
 */
int64_t sku_add(struct turn *turn, const struct place *place, struct text sku, int64_t units);

/* What staff has found of an outlet on a day, by number: 'v' an upheld case, 'w' a display that stood, of a scheme. */
void found_put(struct turn *turn, char kind, const struct place *place, struct text number);
void found_del(struct turn *turn, char kind, const struct place *place, struct text number);

/*
 * struct found_walk -- through the findings of a span, to be counted; of displays, the days. place->period is not looked at.
 * found_begin -- where to seek first.   found_next -- what was found there, and where to seek next; false: no more.
 */
struct found_walk {
	uint8_t key[KEY_SIZE];
	size_t size, prefix; /* prefix: of the key before its day */
	struct span span;
	int32_t last;
	int64_t count;
	char kind;
};
struct found_walk found_begin(char kind, const struct place *place, struct span span);
bool found_next(struct found_walk *walk, struct bytes found);

/* found_count -- how many there are. */
int64_t found_count(struct turn *turn, char kind, const struct place *place, struct span span);

struct bytes standing_key(uint8_t key[KEY_SIZE], const struct place *place);
bool standing_place(struct bytes key, struct place *place);
bool standing_read(struct bytes row, struct standing *standing);
bool standing_get(struct turn *turn, const struct place *place, struct standing *standing);

/*
 * standing_open -- a period and the version of its scheme that it stands by, which is kept for ever; false: there is no such period.
 * scheme_aimed -- what counts at a place of this aim, whose version is kept as well. Both are false too where the turn cannot read (turn_must).
 */
bool standing_open(struct turn *turn, const struct place *place, struct standing *standing, struct scheme *scheme);
bool scheme_aimed(struct turn *turn, const struct aim *aim, struct scheme *scheme);

void standing_put(struct turn *turn, const struct place *place, const struct standing *standing);

/* The periods that are not locked yet, by the moment of their end: ending_put and ending_del note and forget one. */
void ending_put(struct turn *turn, int64_t ends_us, const struct place *place);
void ending_del(struct turn *turn, int64_t ends_us, const struct place *place);
bool ending_first(struct turn *turn, int64_t *ends_us, uint8_t place_key[KEY_SIZE], size_t *size);

#endif
