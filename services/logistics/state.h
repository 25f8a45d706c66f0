/*
 * state.h -- the rows of logistics: their layouts, and getting and putting them.
 *
 * Every row is a fixed struct without padding, little-endian, written as it lies in memory. Getting copies
 * the row out; a row that is not there is all zero. Codes in rows are filled up with zero bytes.
 */
#ifndef TRIBUTARY_LOGISTICS_STATE_H
#define TRIBUTARY_LOGISTICS_STATE_H

#include "base/key.h"
#include "logistics.h"
#include "route.h"
#include "rules.h"

#define CODE_SIZE 32   /* of a place, a SKU, a lane, a carrier */
#define NUMBER_SIZE 40 /* of a restock */
#define CURRENCY_SIZE 8

/* struct pending -- a restock, or what is left of one, that has no shipment yet. */
struct pending {
	char sku[CODE_SIZE];
	struct quantity quantity;
	int64_t need_by_us; /* 0: not said */
};

struct wave {
	int64_t closes_us;
	uint64_t count; /* restocks in it */
};

struct load {
	struct quantity quantity; /* of the outlet in the open wave */
	struct quantity
	    capacity; /* of the vehicle that would carry it, as of the first restock; 0: no bound */
};

/* struct supply -- one SKU at one warehouse. */
struct supply {
	struct quantity on_hand;   /* as inventory said last */
	struct quantity committed; /* in shipments that inventory has not seen leave */
	struct quantity asked;     /* in the open wave */
	struct quantity waiting;   /* until there is more */
	uint64_t known; /* 1: it was counted or received here; until then there is enough of it */
};

struct restock {
	char warehouse[CODE_SIZE];
	char outlet[CODE_SIZE];
	char sku[CODE_SIZE];
	struct quantity asked;
	struct quantity planned; /* in shipments */
	uint64_t cancelled;      /* 1: what was left of it is no longer wanted */
};

struct shipment {
	char warehouse[CODE_SIZE];
	char outlet[CODE_SIZE];
	char carrier[CODE_SIZE];
	char lane[CODE_SIZE];
	char currency[CURRENCY_SIZE];
	struct money cost;
	int64_t promised_us;
	uint64_t route;
	uint32_t state; /* enum shipment_state */
	uint32_t lines;
};

struct line {
	char restock[NUMBER_SIZE];
	char sku[CODE_SIZE];
	struct quantity planned, dispatched, arrived, damaged;
};

struct route_row {
	char warehouse[CODE_SIZE];
	char carrier[CODE_SIZE];
	char currency[CURRENCY_SIZE];
	struct money cost;
	int64_t metres;
	uint64_t stops;
};

struct place {
	int32_t latitude, longitude;
	uint32_t known;
	uint32_t tier; /* of an outlet; 0: not known */
};

/* struct class -- what a SKU counts among. */
struct class {
	char brand[CODE_SIZE], category[CODE_SIZE];
};

struct carrier {
	struct quantity capacity;
	struct money per_stop, per_km;
	char currency[CURRENCY_SIZE];
};

struct lane {
	char from[CODE_SIZE];
	char to[CODE_SIZE];
	char carrier[CODE_SIZE]; /* empty: any carrier drives it */
	char currency[CURRENCY_SIZE];
	struct money cost;
	int64_t lead_minutes;
	int64_t metres; /* -1: not said */
};

/* struct worth -- what one base unit of a SKU costs. */
struct worth {
	struct price cost;
	char currency[CURRENCY_SIZE];
};

_Static_assert(sizeof(struct worth) == 16, "no padding");
_Static_assert(sizeof(struct pending) == 48, "no padding");
_Static_assert(sizeof(struct wave) == 16, "no padding");
_Static_assert(sizeof(struct load) == 16, "no padding");
_Static_assert(sizeof(struct supply) == 40, "no padding");
_Static_assert(sizeof(struct restock) == 120, "no padding");
_Static_assert(sizeof(struct shipment) == 168, "no padding");
_Static_assert(sizeof(struct line) == 104, "no padding");
_Static_assert(sizeof(struct route_row) == 96, "no padding");
_Static_assert(sizeof(struct place) == 16, "no padding");
_Static_assert(sizeof(struct carrier) == 32, "no padding");
_Static_assert(sizeof(struct lane) == 128, "no padding");

/* text_keep -- a copy in the turn's memory. */
struct text text_keep(struct turn *turn, struct text text);

#define KEY_JOIN(key, ...)                                                                                 \
	key_join((key), (const struct text[]){__VA_ARGS__},                                                \
	         sizeof((const struct text[]){__VA_ARGS__}) / sizeof(struct text))

/*
 * row_get -- copy a row out; false, and all zero, when it is not there.   row_put, row_del -- as turn_put
 * and turn_del.
 */
bool row_get(struct turn *turn, unsigned table, struct bytes key, void *row, size_t size);
void row_put(struct turn *turn, unsigned table, struct bytes key, const void *row, size_t size);
#define ROW_GET(turn, table, key, row) row_get((turn), (table), (key), (row), sizeof(*(row)))
#define ROW_PUT(turn, table, key, row) row_put((turn), (table), (key), (row), sizeof(*(row)))

/*
 * struct walk -- the rows of a table whose keys begin with a prefix, in key order; rows may be changed and
 * deleted meanwhile. walk_begin takes a prefix; walk_next moves on to the next key, which is then in
 * walk->key; false at the end.
 */
struct walk {
	struct turn *turn;
	unsigned table;
	size_t prefix;
	struct bytes key; /* of the present row; points into at */
	uint8_t at[KEY_SIZE];
	size_t at_size;
};

void walk_begin(struct walk *walk, struct turn *turn, unsigned table, struct bytes prefix);
bool walk_next(struct walk *walk);

/* number_key -- a number as a key that sorts.   line_key -- a line of a shipment or a stop of a route. */
struct bytes number_key(uint8_t key[KEY_SIZE], uint64_t number);
struct bytes line_key(uint8_t key[KEY_SIZE], uint64_t number, uint32_t line);
struct bytes promise_key(uint8_t key[KEY_SIZE], int64_t promised_us, uint64_t number);

/*
 * shipment_text -- "S-17" in the turn's memory; route_text -- "T-18".   shipment_number -- 17 of it; 0 for
 * any other text.
 */
struct text shipment_text(struct turn *turn, uint64_t number);
struct text route_text(struct turn *turn, uint64_t number);
uint64_t shipment_number(struct text text);
bool shipment_get(struct turn *turn, uint64_t number, struct shipment *shipment);
void shipment_put(struct turn *turn, uint64_t number, const struct shipment *shipment);
struct line line_get(struct turn *turn, uint64_t number, uint32_t index);
void line_put(struct turn *turn, uint64_t number, uint32_t index, const struct line *line);

struct spot place_spot(struct turn *turn, struct text code);
int64_t place_tier(struct turn *turn, struct text code);
struct quantity pack_get(struct turn *turn, struct text sku);
struct supply supply_get(struct turn *turn, struct text warehouse, struct text sku);
void supply_put(struct turn *turn, struct text warehouse, struct text sku, const struct supply *supply);

/* lane_put -- declare a lane, in place of what it was before. */
void lane_put(struct turn *turn, struct text code, const struct lane *lane);

/* next_wave_get -- when the next open wave closes; 0: none is open. */
int64_t next_wave_get(struct turn *turn);
void next_wave_put(struct turn *turn, int64_t closes_us);

#endif
