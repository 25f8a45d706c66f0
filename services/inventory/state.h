/*
 * state.h -- the rows of inventory: their layouts, and getting and putting them.
 *
 * Every row is a fixed struct without padding, little-endian, written as it lies in memory, but for the shelf. Getting copies
 * the row out, so a handler changes its own copy and puts it back; a row that is not there is all zero.
 * Codes in rows are filled up with zero bytes.
 */
#ifndef TRIBUTARY_INVENTORY_STATE_H
#define TRIBUTARY_INVENTORY_STATE_H

#include "base/key.h"
#include "inventory.h"
#include "rules.h"

#define CODE_SIZE 32   /* of a place, a SKU, a lane, a brand, a category */
#define NUMBER_SIZE 40 /* of an order */
#define CAUSE_SIZE 96  /* of an event id */
#define CURRENCY_SIZE 8
#define UPSTREAMS_MAX 8

/*
 * struct shelf -- one SKU at one place. The row that a sale touches: one get, one put.
 *   shape   written squeezed: a small row is a cheap row.
 */
struct shelf {
	struct policy policy;
	struct supply supply;
	struct demand demand;
	struct stock stock;
	uint64_t restock; /* number of the open restock; 0: none */
};

#define SHELF_WORDS (sizeof(struct shelf) / 8)

enum place_kind { PLACE_UNKNOWN, PLACE_OUTLET, PLACE_WAREHOUSE };

struct upstream {
	char brand[CODE_SIZE];     /* empty: every brand */
	char warehouse[CODE_SIZE]; /* empty: supplied by an outlet, which is not restocked from here */
};

/* Numbers of the first and the last day of an upstream; 0: that side is open. */
struct span {
	int32_t from, until;
};

struct place {
	uint32_t kind;   /* enum place_kind */
	uint32_t closed; /* 1: suspended or closed, not restocked */
	struct upstream upstreams[UPSTREAMS_MAX];
	struct span spans[UPSTREAMS_MAX]; /* of the upstreams; a row from before there were any ends here */
	int64_t offset_minutes;		  /* of its calendar, east of UTC */
};

struct product {
	struct quantity pack;
	char brand[CODE_SIZE];
	char category[CODE_SIZE];
	uint64_t is_service; /* moves no stock */
	struct price cost;   /* of one base unit; a row from before there were costs ends here */
	char currency[CURRENCY_SIZE];
};

struct lane {
	char from[CODE_SIZE];
	char to[CODE_SIZE];
	int64_t lead_minutes;
	struct money cost;
	char currency[CURRENCY_SIZE]; /* a row from before lanes had currencies ends here */
};

enum restock_state {
	RESTOCK_REQUESTED,
	RESTOCK_PLANNED,
	RESTOCK_DISPATCHED,
	RESTOCK_RECEIVED,
	RESTOCK_CANCELLED
};

/* struct restock -- a want of one place for one SKU and what has become of it. */
struct restock {
	char place[CODE_SIZE];
	char sku[CODE_SIZE];
	char from[CODE_SIZE];
	char order[NUMBER_SIZE]; /* the order it stands for, where it is one alone */
	char cause[CAUSE_SIZE];
	struct quantity asked;
	struct quantity planned;    /* in shipments */
	struct quantity dispatched; /* left the warehouse */
	struct quantity arrived;    /* damaged goods included */
	struct quantity usable;     /* of it, put on the shelf */
	struct quantity lost;       /* left and never arrived; known when the restock closes */
	uint32_t under_way;         /* shipments planned and not received */
	uint32_t state;             /* enum restock_state */
};

/* struct waiting -- a line of an accepted order that is not part of a restock yet. */
struct waiting {
	struct quantity quantity;
	int64_t need_by_us; /* 0: not said */
	char cause[CAUSE_SIZE];
};

_Static_assert(sizeof(struct shelf) == 128, "a shelf has no padding");
#define PLACE_SIZE_BEFORE (8 + UPSTREAMS_MAX * 64) /* as it was before upstreams had days */
_Static_assert(sizeof(struct place) == PLACE_SIZE_BEFORE + UPSTREAMS_MAX * 8 + 8, "a place has no padding");
_Static_assert(offsetof(struct place, spans) == PLACE_SIZE_BEFORE, "what is new stands behind what was");
#define PRODUCT_SIZE_BEFORE 80 /* as it was before products had costs */
_Static_assert(sizeof(struct product) == PRODUCT_SIZE_BEFORE + 16, "a product has no padding");
#define LANE_SIZE_BEFORE 80 /* as it was before lanes had currencies */
_Static_assert(sizeof(struct lane) == LANE_SIZE_BEFORE + 8, "a lane has no padding");
_Static_assert(sizeof(struct rule) == 24, "a rule has no padding");
_Static_assert(sizeof(struct restock) == 288, "a restock has no padding");
_Static_assert(sizeof(struct waiting) == 112, "a waiting line has no padding");

/* row_get -- a row copied out; false, and all zero: there is none of this size. */
bool row_get(struct turn *turn, unsigned table, struct bytes key, void *row, size_t size);

/*
 * rows_walk -- the keys of a table that begin with the first `prefix` bytes of `at`, in order: copies the next key >= *at out and moves
 * *at behind it; false at the prefix's end. Rows may be changed and deleted meanwhile. The key is at[0 .. *at_size - 1).
 */
bool rows_walk(struct turn *turn, unsigned table, size_t prefix, uint8_t at[KEY_SIZE], size_t *at_size);

/* shelf_get -- the shelf of a key that shelf_key made; all zero when it is new. */
struct bytes shelf_key(uint8_t key[KEY_SIZE], struct text place, struct text sku);
struct shelf shelf_get(struct turn *turn, struct bytes key);
bool shelf_read(struct bytes row, struct shelf *shelf); /* false, and all zero: the row is no shelf */
void shelf_put(struct turn *turn, struct bytes key, const struct shelf *shelf);

struct place place_get(struct turn *turn, struct text code);
void place_put(struct turn *turn, struct text code, const struct place *place);

/* product_get -- false: no such product. */
bool product_get(struct turn *turn, struct text sku, struct product *product);
void product_put(struct turn *turn, struct text sku, const struct product *product);

/*
 * lane_put -- declare a lane, in place of what it was before.   lane_between -- the cheapest lane, then the
 * fastest, then the first by code, which goes to `code`; false: none.
 */
void lane_put(struct turn *turn, struct text code, const struct lane *lane);
bool lane_between(struct turn *turn, struct text from, struct text to, struct lane *lane, char code[CODE_SIZE]);

/*
 * rule_put -- kind 'p' sku and outlet, 's' sku, 'c' category.   rule_get -- false: no such rule.
 * rule_marks -- which rules an SKU may have beside that of its category: most have none, and looking for what
 * is not there costs most.
 */
enum { RULE_OF_PLACE = 1, RULE_OF_SKU = 2 };
uint64_t rule_marks(struct turn *turn, struct text sku);
void rule_put(struct turn *turn, char kind, struct text first, struct text second, const struct rule *rule);
bool rule_get(struct turn *turn, char kind, struct text first, struct text second, struct rule *rule);

/* restock_text -- "R-17" in the turn's memory.   restock_number -- 17 of it; 0 for any other text. */
struct text restock_text(struct turn *turn, uint64_t number);
uint64_t restock_number(struct text text);
bool restock_get(struct turn *turn, uint64_t number, struct restock *restock);
void restock_put(struct turn *turn, uint64_t number, const struct restock *restock);

/*
 * waiting_get -- all zero: nothing waits.   waiting_first -- the first line that waits for a shelf, its
 * order in *order; false: none.
 */
struct waiting waiting_get(struct turn *turn, struct text place, struct text sku, struct text order);
void waiting_put(struct turn *turn, struct text place, struct text sku, struct text order,
                 const struct waiting *waiting);
void waiting_del(struct turn *turn, struct text place, struct text sku, struct text order);
bool waiting_first(struct turn *turn, struct text place, struct text sku, char order[NUMBER_SIZE],
                   struct waiting *waiting);

/*
 * generation_get -- number of the master data's present state, at least 1.   generation_raise -- it has
 * changed.
 */
uint32_t generation_get(struct turn *turn);
void generation_raise(struct turn *turn);

#endif
