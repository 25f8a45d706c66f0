/*
 * check_goods.c -- sale, return, restock, shipment, receipt, count: what stands on a shelf is what it began with, less what was sold, and
 * what came; what came has left the warehouse; nothing is under way in the end.
 */
#include "events/inventory.h"
#include "events/logistics.h"
#include "truth.h"

struct goods {
	int64_t counted[OUTLETS][PRODUCTS], sold[OUTLETS][PRODUCTS], came[OUTLETS][PRODUCTS], on_hand[OUTLETS][PRODUCTS];
	int64_t received[OUTLETS][PRODUCTS], in_transit, warehouse[PRODUCTS], warehouse_opening[PRODUCTS], dispatched[PRODUCTS];
};

static int product_of(struct text sku)
{
	return (sku.data[0] - 'A') * 10 + sku.data[1] - '0';
}

static int outlet_of(struct text place)
{
	return place.data[1] - '1';
}

static void take_movement(void *context, const struct envelope *envelope)
{
	struct goods *goods = context;
	struct stock_changed changed;

	if (!truth_unpack(&stock_changed_type, envelope, &changed))
		return;
	bool is_ticket = text_equal(changed.reason, TEXT_LITERAL("sale")) || text_equal(changed.reason, TEXT_LITERAL("return"));
	bool is_transfer = text_equal(changed.reason, TEXT_LITERAL("transfer"));
	for (uint32_t i = 0; i < changed.lines.count; i++) {
		int outlet = outlet_of(changed.place), product = product_of(changed.lines.items[i].sku);
		int64_t delta = changed.lines.items[i].delta.milli;

		*(is_ticket ? &goods->sold[outlet][product] : is_transfer ? &goods->came[outlet][product] : &goods->counted[outlet][product]) +=
		    is_ticket ? -delta : delta;
	}
}

static void take_shipment(void *context, const struct envelope *envelope)
{
	struct goods *goods = context;
	struct shipment_received received;
	struct shipment_dispatched dispatched;

	if (truth_unpack(&shipment_received_type, envelope, &received))
		for (uint32_t i = 0; i < received.lines.count; i++)
			goods->received[outlet_of(received.outlet)][product_of(received.lines.items[i].sku)] +=
			    received.lines.items[i].quantity.milli;
	if (truth_unpack(&shipment_dispatched_type, envelope, &dispatched))
		for (uint32_t i = 0; i < dispatched.lines.count; i++)
			goods->dispatched[product_of(dispatched.lines.items[i].sku)] += dispatched.lines.items[i].quantity.milli;
}

static void take_stock(void *context, struct bytes row)
{
	struct goods *goods = context;
	struct text place = truth_row_text(row, "outlet");
	int product = product_of(truth_row_text(row, "sku"));

	if (place.data[0] != 'S') {
		goods->warehouse[product] = truth_row_int(row, "on_hand_milli");
		return;
	}
	goods->on_hand[outlet_of(place)][product] = truth_row_int(row, "on_hand_milli");
	goods->in_transit += truth_row_int(row, "in_transit_milli");
}

static void same(const char *what, int outlet, int product, int64_t found, int64_t wanted)
{
	if (found != wanted)
		truth_broken("S%d, product %d: %s is %lld, not %lld", outlet + 1, product, what, (long long)found, (long long)wanted);
}

void check_goods(struct network *network)
{
	const struct truth *truth = truth_tickets();
	static struct goods goods;

	goods = (struct goods){0};
	truth_each_event(network, INVENTORY, take_movement, &goods);
	truth_each_event(network, LOGISTICS, take_shipment, &goods);
	truth_each_row(network, INVENTORY, "stock", take_stock, &goods);
	for (int product = 0; product < PRODUCTS; product++) {
		int64_t left = STORY_WAREHOUSE_MILLI - goods.dispatched[product];

		for (int outlet = 0; outlet < OUTLETS; outlet++) {
			same("what was sold", outlet, product, goods.sold[outlet][product], truth->sold_milli[outlet][product]);
			same("what came", outlet, product, goods.came[outlet][product], goods.received[outlet][product]);
			same("what stands on the shelf", outlet, product, goods.on_hand[outlet][product],
			     STORY_OPENING_MILLI - truth->sold_milli[outlet][product] + goods.received[outlet][product]);
		}
		if (goods.warehouse[product] != left)
			truth_broken("product %d: %lld stand in the warehouse, not %lld", product, (long long)goods.warehouse[product], (long long)left);
	}
	if (goods.in_transit != 0)
		truth_broken("%lld are still under way", (long long)goods.in_transit);
}
