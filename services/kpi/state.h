/*
 * state.h -- the rows of kpi: their layouts, and getting and putting them.
 *
 * Every row is a fixed struct without padding, little-endian, written as it lies in memory. Getting copies
 * the row out; a row that is not there is all zero. Codes in rows are filled up with zero bytes.
 */
#ifndef TRIBUTARY_KPI_STATE_H
#define TRIBUTARY_KPI_STATE_H

#include "base/key.h"
#include "kpi.h"
#include "rules.h"

#define CODE_SIZE 32	/* of an outlet, a SKU, a category, a brand, a target */
#define PERSON_SIZE 64	/* of a person at a till */
#define CURRENCY_SIZE 4 /* three letters and a zero */
#define BLOCK_SKUS 64	/* balances in one row of the table shelf */

#define SCOPE_OUTLET 'o'
#define SCOPE_TIER 't'
#define SCOPE_CATEGORY 'c'
#define SCOPE_BRAND 'b'
#define SCOPE_TOTAL 'a'
/* Of targets alone: nothing else is measured of them. */
#define SCOPE_SKU 's'
#define SCOPE_PERSON 'p'
#define SCOPE_TERRITORY 'r'
#define TOTAL_CODE TEXT_LITERAL("all")
/* Stands for the currency of an outlet that is not declared yet; such rows are shown to nobody. */
#define CURRENCY_UNKNOWN TEXT_LITERAL("---")

/*
 * struct standing -- a scope in one currency: running, and its latest day. One row, so that a ticket changes
 * one per scope. The day moves to a row of its own when a later one begins.
 */
struct standing {
	struct level stock;
	struct measures running;
	struct measures today;
	int64_t day; /* number of the latest day; 0: none yet */
	int64_t unused;
};

struct book {
	int64_t watermark_us; /* latest moment heard of a till or a truck, in whole seconds */
	int64_t judge_us;     /* targets are judged at the first tick from here on */
	int32_t day_max;      /* latest business day of any ticket */
	uint32_t products;    /* numbers given to products */
	uint32_t aims;	      /* bits AIM_*: scopes that targets are measured at */
	uint32_t metrics;     /* registered ones */
	int64_t appraise_us;  /* appraisals are looked at at the first tick from here on */
};

#define AIM_OUTLET 1u
#define AIM_TIER 2u
#define AIM_CATEGORY 4u
#define AIM_TOTAL 8u
#define AIM_BRAND 16u
#define AIM_SKU 32u
#define AIM_PERSON 64u
#define AIM_TERRITORY 128u

struct outlet {
	int32_t offset; /* minutes east of UTC */
	uint32_t tier;	/* 0: not declared yet */
	uint32_t closed;
	char currency[CURRENCY_SIZE];
};

/* What a product counts in; empty: in none. */
struct class {
	char category[CODE_SIZE];
	char brand[CODE_SIZE];
};

struct product {
	struct class class;
	int64_t list_e4; /* the one price of the product, when it has one for all outlets and no other */
	char currency[CURRENCY_SIZE];
	int32_t class_from;    /* the business day from which the class counts */
	uint32_t number;       /* from 1 on */
	uint32_t prices;       /* 0: none; 1: the one above; 2: look them up */
	uint32_t stocked;      /* 1: some outlet has had a balance of it */
	uint32_t aimed;	       /* 1: some target names it */
};

struct till {
	char outlet[CODE_SIZE];
	int64_t heard_us;  /* in whole seconds; 0: never */
	uint32_t declared; /* 1: the rulebook says that it is there and active */
	uint32_t counted;  /* 1: it counts among the expected ones, at its outlet and at the tier below */
	uint32_t tier;
	uint32_t silent; /* 1: that it was not heard of for too long is said */
};

/*
 * struct target -- measured at the most particular scope that it names: SKU, brand, category, salesperson, outlet,
 * tier, all.
 */
struct target {
	int64_t value, stretch, achieved, version; /* stretch 0: none */
	int32_t from, until;			    /* business days, inclusive */
	int32_t judged;				    /* the last day on which its pace was judged */
	uint32_t metric;			    /* enum metric */
	uint32_t tier;				    /* 0: any */
	char currency[CURRENCY_SIZE];
	int32_t since; /* a narrow target counts in full from this day on; 0: it counts its whole period */
	uint32_t unused;
	char outlet[CODE_SIZE];
	char category[CODE_SIZE];
	char brand[CODE_SIZE];
	char sku[CODE_SIZE];
	char parent[CODE_SIZE];
	char person[PERSON_SIZE];
	char territory[CODE_SIZE]; /* rows as they were before it are shorter by it */
};

/* struct said -- a version of a target, as it was declared. */
struct said {
	int64_t value, stretch;
	int64_t time_us;  /* of the declaration */
	int64_t achieved; /* what the version before had achieved when this one took its place */
	int32_t from, until;
	uint32_t metric;
	char currency[CURRENCY_SIZE];
	char parent[CODE_SIZE];
};

/* struct promotion -- what a promotion has given, and the goods that it is for: measured as a narrow or wide target of units is, of which
 * nothing is said. Its aims name it with PROMOTION_MARK before its code. */
#define PROMOTION_MARK '\1'

struct promotion {
	struct target goods;
	int64_t given, brand, dealer, lines, cap; /* cap 0: none */
	uint32_t state;				  /* enum promotion_state */
	uint32_t unmeasured;			  /* 1: it is for a channel, which is not measured */
	char currency[CURRENCY_SIZE];
	uint32_t unused;
};

struct aim {
	char target[CODE_SIZE];
	int32_t from, until;
};

_Static_assert(sizeof(struct measures) == 120, "measures have no padding");
_Static_assert(sizeof(struct standing) == 304, "a standing has no padding");
_Static_assert(sizeof(struct book) == 40, "the book has no padding");
_Static_assert(sizeof(struct outlet) == 16, "an outlet has no padding");
_Static_assert(sizeof(struct product) == 96, "a product has no padding");
_Static_assert(sizeof(struct till) == 56, "a till has no padding");
_Static_assert(sizeof(struct target) == 320, "a target has no padding");
_Static_assert(sizeof(struct promotion) == 376, "a promotion has no padding");
_Static_assert(sizeof(struct said) == 80, "a version has no padding");
_Static_assert(sizeof(struct aim) == 40, "an aim has no padding");

/* tier_code -- "1" or "2": how a tier is called in keys. */
struct text tier_code(int64_t tier);

/* key_pair -- a code, a zero byte, more bytes.   key_scope -- a scope and a code. Both build in place. */
struct bytes key_pair(uint8_t key[KEY_SIZE], struct text code, const void *rest, size_t rest_size);
struct bytes key_scope(uint8_t key[KEY_SIZE], char scope, struct text code);

/* measure_key -- day 0: the running row.   measure_parts -- such a key taken apart; false: it is none. */
struct bytes measure_key(uint8_t key[KEY_SIZE], char scope, struct text code, struct text currency,
			 int32_t day);
struct measure_parts {
	char scope;
	struct text code, currency;
	int32_t day;
};
bool measure_parts(struct bytes key, struct measure_parts *parts);

/* row_get -- copy a row out; false and all zero when it is not there.   row_put -- write it. */
bool row_get(struct turn *turn, unsigned table, struct bytes key, void *row, size_t size);
void row_put(struct turn *turn, unsigned table, struct bytes key, const void *row, size_t size);
/* look_get -- the same for a query.   copy_row -- the same of bytes that were found. */
bool look_get(struct query *query, unsigned table, struct bytes key, void *row, size_t size);
bool copy_row(struct bytes found, void *row, size_t size);

struct book book_get(struct turn *turn);
void book_put(struct turn *turn, const struct book *book);
struct book book_look(struct query *query);

/* outlet_get -- false: not declared yet; then tier 0, UTC and CURRENCY_UNKNOWN. */
bool outlet_get(struct turn *turn, struct text code, struct outlet *outlet);
void outlet_put(struct turn *turn, struct text code, const struct outlet *outlet);

/* product_expect -- a hint, that this product will be asked for in a moment. */
void product_expect(struct turn *turn, struct text sku);
bool product_get(struct turn *turn, struct text sku, struct product *product);
/* product_look -- the row where it lies; NULL: not declared yet.   owns  lends until it is put. */
const struct product *product_look(struct turn *turn, struct text sku);
void product_put(struct turn *turn, struct text sku, const struct product *product);

/* target_read -- a row of the table target, as it is or was before it grew. */
bool target_read(struct bytes row, struct target *target);
bool target_get(struct turn *turn, struct text code, struct target *target);
void target_put(struct turn *turn, struct text code, const struct target *target);

/*
 * struct walk -- the rows of one prefix, in order, while they may be changed or deleted.
 *   shape   walk_begin, then walk_next until it is false.
 *   owns    key belongs to the walk, value lends until the next call on the turn.
 */
struct walk {
	struct turn *turn;
	unsigned table;
	size_t prefix, at_size;
	uint8_t at[KEY_SIZE + 1];
	struct bytes key, value;
};
void walk_begin(struct walk *walk, struct turn *turn, unsigned table, struct bytes prefix);
bool walk_next(struct walk *walk);

/* day_of -- the number of a business day; at least 1, which is also that of a text that is no day. */
int32_t day_of(struct text day);
/* number_key, number_of_key -- big-endian, so that keys sort by number. */
struct bytes number_key(uint8_t key[4], uint32_t number);
uint32_t number_of_key(const uint8_t *key);

#endif
