/*
 * state.h -- typed rows of orders: the only file that knows keys and layouts.
 *
 * Every get of an unknown row returns false and a zero struct. Rows are packed without padding and
 * little-endian.
 */
#ifndef TRIBUTARY_ORDERS_STATE_H
#define TRIBUTARY_ORDERS_STATE_H

#include "base/area.h"
#include "base/key.h"
#include "orders.h"

#define OUTLET_SIZE 32 /* bytes of a code, as in schemas/types.yaml */
#define TERMINAL_SIZE 64
#define CODE_SIZE 32

#define DAY_MIN INT64_C(-1000000) /* before every day that has a name */
#define RUNGS_MAX 3               /* of a corridor's ladder, as in schemas/staff.yaml */

struct outlet {
	int32_t tier;
	char currency[3];
	uint8_t is_closed, is_own; /* own: 一网, a store or a site of the principal's */
	uint8_t channel;           /* channel_of; 0: a kind that nobody knows */
	uint8_t has_point, unused;
	char area[AREA_SIZE];     /* where it is; empty: nobody has said */
	char dealer[OUTLET_SIZE]; /* the outlet that supplies it; empty: none */
	int32_t latitude, longitude; /* where it is, in 1e-7 degrees */
};

struct terminal {
	char outlet[OUTLET_SIZE]; /* zeros behind a shorter one */
	uint8_t is_closed;
};

/* For whom a product has a price. */
enum list_of { LIST_OF_ALL = 1, LIST_OF_TIER = 2, LIST_OF_OUTLET = 4 };

struct product {
	uint8_t is_goods, has_prices; /* prices: with a floor or a ceiling */
	uint8_t has_list, has_windows; /* list: bits of enum list_of */
	char brand[CODE_SIZE], category[CODE_SIZE];
};

struct corridor {
	int64_t floor_e4, ceiling_e4, version;
	uint8_t has_floor, has_ceiling, has_recommended, has_until;
	uint8_t unused[4];
	int64_t list_e4, recommended_e4, until; /* until: the number of its last day */
};

enum corridor_mode { MODE_OBSERVE, MODE_ADVISE, MODE_ENFORCE };
enum severity { SEVERITY_NONE, SEVERITY_NOTICE, SEVERITY_FREEZE, SEVERITY_TERMINATE };

/* A corridor relative to the list price, as it was declared. */
struct rule {
	int64_t version, floor_bp, ceiling_bp, until;
	uint8_t has_floor, has_ceiling, has_until, mode, resellers, rungs;
	uint8_t severities[RUNGS_MAX], unused[7];
	int64_t from_bp[RUNGS_MAX];
};

/* What may be sold somewhere (铺货授权), or may not. */
struct assortment {
	int64_t version, until;
	uint8_t has_until, forbids, mode, resellers, severity, unused[3];
};

enum mechanic { MECHANIC_PERCENT, MECHANIC_AMOUNT, MECHANIC_FLOOR };

/* A promotion (促销): value is a share of the list price, what is taken off it, or a floor, by its mechanic. */
struct promotion {
	int64_t version, until, value, brand_bp, cap;
	uint8_t has_until, mechanic, has_cap, unused[5];
};

/* Of which course somebody at the outlet must hold a certificate who sells something there (持证销售). */
struct right {
	int64_t version, until;
	uint8_t has_until, mode, resellers, unused[5];
	char course[CODE_SIZE];
};

/* What a rule is for: one of each, the others empty; tier 0: every tier. A corridor has no channel, the others have no territory. */
struct rule_scope {
	struct text outlet, territory, channel, sku, category, brand, currency;
	int64_t tier;
};

/* The families of rules that are found by scope and day; each has its tables and its rows. */
enum rule_family { RULES_CORRIDOR, RULES_ASSORTMENT, RULES_PROMOTION, RULES_RIGHT, RULE_FAMILIES };
#define RULE_SORTS 32 /* of scopes: rule_sort */
#define RULE_BYTES 72 /* of the longest row */

/* A bit for each sort of scope, rule_sort, that a rule of the family was ever declared for. */
struct scopes {
	uint64_t seen[RULE_FAMILIES];
};

enum ticket_state { TICKET_SOLD = 1, TICKET_RETURNED, TICKET_VOIDED };

struct ticket_row {
	uint64_t seq;   /* of the sale.recorded or sale.returned */
	uint64_t state; /* enum ticket_state */
};

enum order_state { ORDER_ACCEPTED = 1, ORDER_CANCELLED, ORDER_HELD };

struct order_row {
	uint64_t seq;	/* of the order.placed */
	uint64_t state; /* enum order_state */
	int64_t amount; /* what it is worth in its outlet's currency, minor units; 0: no price was known */
	int32_t day;	/* its business day */
	int32_t paid_on; /* the day since which it is paid; 0: it is not */
};

bool outlet_get(struct turn *turn, struct text code, struct outlet *outlet);
void outlet_put(struct turn *turn, struct text code, const struct outlet *outlet);
bool outlet_read(struct bytes row, struct outlet *outlet);

/* channel_of -- the number of a channel (渠道), the kind of an outlet; 0: no such word.   channel_text -- and back; empty for 0. */
uint8_t channel_of(struct text kind);
struct text channel_text(uint8_t channel);
bool terminal_get(struct turn *turn, struct text code, struct terminal *terminal);
bool terminal_read(struct bytes row, struct terminal *terminal);
struct text terminal_outlet(const struct terminal *terminal);
void terminal_put(struct turn *turn, struct text code, const struct terminal *terminal);
bool product_get(struct turn *turn, struct text sku, struct product *product);
void product_put(struct turn *turn, struct text sku, const struct product *product);

/* Where a price lies: outlet and tier may be empty and 0; from DAY_MIN: the standing one. */
struct price_place {
	struct text sku, outlet, currency;
	int64_t tier, from;
};

/*
 * corridor_get -- the standing price of exactly this scope (its from is not looked at).   corridor_window -- of
 * those that have a first day, the one that holds this day and begins latest.
 */
bool corridor_get(struct turn *turn, const struct price_place *place, struct corridor *corridor);
bool corridor_window(struct turn *turn, const struct price_place *place, int64_t day,
                     struct corridor *corridor);
void corridor_put(struct turn *turn, const struct price_place *place, const struct corridor *corridor);

/*
 * rule_place -- put the row of a rule where it now belongs; NULL: take it away.   rule_find -- of the rules of exactly this scope, the one
 * that holds this day and begins latest; its code is lent until the next look.   scopes_seen -- which sorts of scopes are in use.
 */
void rule_place(struct turn *turn, enum rule_family family, struct text code, const struct rule_scope *scope, int64_t from, const void *rule);
bool rule_find(struct turn *turn, enum rule_family family, const struct rule_scope *scope, int64_t day, void *rule, struct text *code);
struct scopes scopes_seen(struct turn *turn);
size_t rule_size(enum rule_family family);
unsigned rule_sort(const struct rule_scope *scope);

/*
 * ticket_key -- where a ticket lies (or a write-off, in its own table); an empty receipt is where those of a
 * day begin. ticket_key_after -- where those of the next till begin.
 */
struct bytes ticket_key(uint8_t key[KEY_SIZE], struct text terminal, struct text day, struct text receipt);
struct bytes ticket_key_after(uint8_t key[KEY_SIZE], struct text terminal);
bool ticket_get(struct turn *turn, struct text terminal, struct text day, struct text receipt,
                struct ticket_row *row);
void ticket_put(struct turn *turn, struct text terminal, struct text day, struct text receipt,
                const struct ticket_row *row);
bool ticket_read(struct bytes row, struct ticket_row *ticket);

/* ticket_event -- the data of the event that recorded a ticket, copied for the handler: what is said next may move the journal's end. */
bool ticket_event(struct turn *turn, uint64_t seq, struct bytes *data);

/* order_key -- where an order lies; an empty order is where those of an outlet begin. */
struct bytes order_key(uint8_t key[KEY_SIZE], struct text outlet, struct text order);
bool order_get(struct turn *turn, struct text outlet, struct text order, struct order_row *row);
void order_put(struct turn *turn, struct text outlet, struct text order, const struct order_row *row);
bool order_read(struct bytes row, struct order_row *order);

/* order_state_text -- the state by the word of its flow. */
struct text order_state_text(uint64_t state);

/* struct warranty -- how long a product is under warranty after its sale, by which version of it. */
struct warranty {
	int64_t days, version; /* days 0: it has none */
};
bool warranty_get(struct turn *turn, struct text sku, struct warranty *warranty);
void warranty_put(struct turn *turn, struct text sku, const struct warranty *warranty); /* no row where there never were days */

bool writeoff_known(struct turn *turn, struct text terminal, struct text day, struct text reference);
void writeoff_put(struct turn *turn, struct text terminal, struct text day, struct text reference);

#endif
