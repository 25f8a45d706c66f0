/*
 * territory.h -- who was granted the area that goods went to, and whether the outlet that sold them had a right there.
 *
 * Rows in, a finding out. It says nothing: ticket_areas.c and on_scan_declared.c do.
 */
#ifndef TRIBUTARY_ORDERS_TERRITORY_H
#define TRIBUTARY_ORDERS_TERRITORY_H

#include "state.h"

enum territory_kind { TERRITORY_OPEN, TERRITORY_SHARED, TERRITORY_PROTECTED, TERRITORY_EXCLUSIVE };

/* What a territory grants, beside each area that it names. */
struct grant {
	int64_t version, from, until; /* days since 1970, both included */
	uint64_t kind;                /* enum territory_kind */
	char holder[OUTLET_SIZE], brand[CODE_SIZE];
};

struct permit {
	int64_t version, from, until;
	uint64_t is_active;
};

/* Goods that went somewhere. */
struct sent {
	struct text outlet, brand, area; /* brand empty: of none */
	int64_t day;
};

/* What stands against it. The texts belong to the turn. */
struct breach {
	struct text territory, holder, permit; /* permit empty: there is none */
	int64_t territory_version, permit_version;
	enum territory_kind kind;
};

/* territory_breach -- whether the area is another's alone.   owns  texts taken from the turn. */
bool territory_breach(struct turn *turn, const struct sent *sent, struct breach *breach);

/* The territories that an area lies in, of every brand, the narrowest area first, then by code. */
struct grants {
	struct turn *turn;
	char codes[AREA_ABOVE][AREA_SIZE];
	struct text above[AREA_ABOVE];
	unsigned count, present;
	uint8_t at[KEY_SIZE];
	size_t size;
	struct text territory; /* of the present one; lent until the next */
	struct grant grant;
};

void grants_begin(struct grants *grants, struct turn *turn, struct text area);
bool grants_next(struct grants *grants);

/* territory_place -- the rows of a territory in place of those before; not active: none. */
void territory_place(struct turn *turn, struct text territory, const struct text *areas, unsigned count, const struct grant *grant,
                     bool is_active);
void permit_place(struct turn *turn, struct text outlet, struct text territory, struct text code, const struct permit *permit);

/* Words of the schema and back; a word that is not known grants nothing. */
enum territory_kind territory_kind_of(struct text word);
struct text territory_kind_text(enum territory_kind kind);

#endif
