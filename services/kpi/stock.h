/*
 * stock.h -- balances of every SKU at every outlet, and what they are worth at list price.
 *
 * Balances lie in blocks of 64 products, so that the products of a ticket share rows. The value of an
 * outlet's stock is kept as a sum that moves with every delta at the price of the moment; when a price or an
 * outlet changes, the balances tell what to revalue. It is always exactly the sum of balance times price.
 */
#ifndef TRIBUTARY_KPI_STOCK_H
#define TRIBUTARY_KPI_STOCK_H

#include "count.h"

/* struct price_finder -- list prices in a turn or an audit: get returns the row of a key. */
struct price_finder {
	struct bytes (*get)(void *context, struct bytes key);
	void *context;
};

/* price_find -- list price for an outlet in its currency, 1/10000 of the major unit; 0: none. */
int64_t price_find(const struct price_finder *finder, const struct product *product, struct text sku,
		   struct text place, const struct outlet *outlet);

/* price_key -- the row of a price: for an outlet, else a tier, else all. */
struct bytes price_key(uint8_t key[KEY_SIZE], struct text sku, struct text currency, char scope,
		       struct text code);

/* stock_balance -- the balance of a product in a block's row. */
int64_t stock_balance(struct bytes block, uint32_t number);

/* struct arrival -- what one event does to an outlet's stock. */
struct arrival {
	struct turn *turn;
	struct text place;
	struct outlet outlet;
	struct level goods;
	struct measures measures;
	bool is_sale;
};

/* stock_line -- the balance of a SKU becomes on_hand; the difference joins the arrival. */
void stock_line(struct arrival *arrival, struct text sku, int64_t on_hand);

/* stock_number -- a product gets its number and the balances kept aside. product is changed, not put. */
void stock_number(struct turn *turn, struct text sku, struct product *product);

/* stock_price -- a price is declared: every balance that it is for is revalued. */
void stock_price(struct turn *turn, struct text sku, struct bytes key, int64_t list_e4);

/* stock_outlet -- an outlet is declared or changed: its stock moves to where it belongs now. Puts the row. */
void stock_outlet(struct turn *turn, struct text place, const struct outlet *outlet);

/* stock_prices_of -- note in a product the price to be had without looking. product is changed, not put. */
void stock_prices_of(struct turn *turn, struct text sku, struct product *product);

#endif
