/*
 * state.h -- typed rows of orders: the only file that knows keys and layouts.
 *
 * Every get of an unknown row returns false and a zero struct. Rows are packed without padding and
 * little-endian.
 */
#ifndef TRIBUTARY_ORDERS_STATE_H
#define TRIBUTARY_ORDERS_STATE_H

#include "base/key.h"
#include "orders.h"

#define OUTLET_SIZE 32 /* bytes of a code, as in schemas/types.yaml */
#define TERMINAL_SIZE 64

struct outlet {
	int32_t tier;
	char currency[3];
	uint8_t is_closed;
};

struct terminal {
	char outlet[OUTLET_SIZE]; /* zeros behind a shorter one */
	uint8_t is_closed;
};

struct product {
	uint8_t is_goods, has_prices;
};

struct corridor {
	int64_t floor_e4, ceiling_e4, version;
	uint8_t has_floor, has_ceiling;
	uint8_t unused[6];
};

enum ticket_state { TICKET_SOLD = 1, TICKET_RETURNED, TICKET_VOIDED };

struct ticket_row {
	uint64_t seq;   /* of the sale.recorded or sale.returned */
	uint64_t state; /* enum ticket_state */
};

enum order_state { ORDER_ACCEPTED = 1, ORDER_CANCELLED };

struct order_row {
	uint64_t seq;   /* of the order.placed */
	uint64_t state; /* enum order_state */
};

bool outlet_get(struct turn *turn, struct text code, struct outlet *outlet);
void outlet_put(struct turn *turn, struct text code, const struct outlet *outlet);
bool outlet_read(struct bytes row, struct outlet *outlet);
bool terminal_get(struct turn *turn, struct text code, struct terminal *terminal);
bool terminal_read(struct bytes row, struct terminal *terminal);
struct text terminal_outlet(const struct terminal *terminal);
void terminal_put(struct turn *turn, struct text code, const struct terminal *terminal);
bool product_get(struct turn *turn, struct text sku, struct product *product);
void product_put(struct turn *turn, struct text sku, const struct product *product);

/* corridor_get -- of exactly this scope: outlet and tier may be empty and 0. */
bool corridor_get(struct turn *turn, struct text sku, struct text outlet, int64_t tier, struct text currency,
                  struct corridor *corridor);
void corridor_put(struct turn *turn, struct text sku, struct text outlet, int64_t tier, struct text currency,
                  const struct corridor *corridor);

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

/* order_key -- where an order lies; an empty order is where those of an outlet begin. */
struct bytes order_key(uint8_t key[KEY_SIZE], struct text outlet, struct text order);
bool order_get(struct turn *turn, struct text outlet, struct text order, struct order_row *row);
void order_put(struct turn *turn, struct text outlet, struct text order, const struct order_row *row);
bool order_read(struct bytes row, struct order_row *order);

bool writeoff_known(struct turn *turn, struct text terminal, struct text day, struct text reference);
void writeoff_put(struct turn *turn, struct text terminal, struct text day, struct text reference);

#endif
