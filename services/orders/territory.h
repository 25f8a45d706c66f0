/*
 * territory.h -- who was granted the area that goods went to, and whether the outlet that sold them had a right there.
 *
 * Rows in, a finding out. It says nothing: ticket_areas.c and on_scan_declared.c do.
 */
#ifndef TRIBUTARY_ORDERS_TERRITORY_H
#define TRIBUTARY_ORDERS_TERRITORY_H

#include "zone.h"

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

/* A place: by its area (empty: not known), and by its coordinates where they are known. */
struct somewhere {
	struct text area;
	bool has_point;
	struct point point;
};

/* Goods that went somewhere. */
struct sent {
	struct text outlet, brand; /* brand empty: of none */
	struct somewhere where;
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

/* The territories that a place lies in, of every brand: by its area, the narrowest first, then by code; then those whose points hold it. */
struct grants {
	struct turn *turn;
	char codes[AREA_ABOVE][AREA_SIZE];
	struct text above[AREA_ABOVE];
	unsigned count, present;
	uint8_t at[KEY_SIZE];
	size_t size;
	bool has_point;
	struct zones zones;
	struct text territory; /* of the present one; lent until the next */
	struct grant grant;
};

void grants_begin(struct grants *grants, struct turn *turn, const struct somewhere *where);
bool grants_next(struct grants *grants);

/* A territory as it was declared; polygon.count 0: it has no points. */
struct territory {
	struct text code;
	const struct text *areas;
	unsigned count;
	struct polygon polygon;
	struct grant grant;
	bool is_active;
};

/* territory_place -- the rows of a territory in place of those before; not active: none. */
void territory_place(struct turn *turn, const struct territory *territory);
void permit_place(struct turn *turn, struct text outlet, struct text territory, struct text code, const struct permit *permit);

/* Words of the schema and back; a word that is not known grants nothing. */
enum territory_kind territory_kind_of(struct text word);
struct text territory_kind_text(enum territory_kind kind);

#endif
