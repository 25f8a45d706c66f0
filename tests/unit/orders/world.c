/* world.c -- seeded days of a small network, and the books that it must leave behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "events/orders.h"
#include "events/partners.h"
#include "events/terminals.h"
#include "kernel/tools.h"
#include "world.h"

const char *const world_tills[TILLS] = {"S1/T1", "S1/T2", "S2/T1", "S1/T9"};
static const char *const outlet_of[TILLS] = {"S1", "S1", "S2", "S2"};
const char *const world_skus[SKUS] = {"A", "B", "C", "POST", "UNKNOWN"};

static uint64_t pick(struct world *world, uint64_t below)
{
	return stage_random(&world->seed, below);
}

static void declare(struct world *world)
{
	for (int i = 1; i <= 2; i++)
		stage_hear(
		    &world->stage, "staff", &outlet_declared_type,
		    &(struct outlet_declared){.outlet = i == 1 ? TEXT_LITERAL("S1") : TEXT_LITERAL("S2"),
		                              .name = TEXT_LITERAL("s"),
		                              .tier = i,
		                              .kind = TEXT_LITERAL("own_store"),
		                              .currency = TEXT_LITERAL("GBP"),
		                              .version = 1});
	for (int i = 0; i < TILLS; i++)
		stage_hear(
		    &world->stage, "staff", &terminal_declared_type,
		    &(struct terminal_declared){.terminal = text_of(world_tills[i]),
		                                .outlet = i == 3 ? TEXT_LITERAL("S1") : text_of(outlet_of[i]),
		                                .version = 1});
	for (int i = 0; i < SKUS - 1; i++)
		stage_hear(&world->stage, "staff", &product_declared_type,
		           &(struct product_declared){.sku = text_of(world_skus[i]),
		                                      .name = TEXT_LITERAL("p"),
		                                      .goods = i != 3,
		                                      .version = 1});
	stage_hear(&world->stage, "staff", &price_declared_type,
	           &(struct price_declared){.sku = TEXT_LITERAL("A"),
	                                    .currency = TEXT_LITERAL("GBP"),
	                                    .list = {20000},
	                                    .has_floor = true,
	                                    .floor = {10000},
	                                    .version = 1});
}

void world_open(struct world *world, const struct service *service, const char *dir, uint64_t seed,
                uint32_t turn_size)
{
	*world = (struct world){.seed = seed};
	stage_open(&world->stage, service, dir);
	world->stage.turn_size = turn_size;
	declare(world);
}

/* Random lines, and what they are worth by the slow road: long division of decimal thousandths. */
static bool draw_lines(struct world *world, struct ticket_sold_line *lines, uint32_t count, int64_t *total,
                       int64_t *units)
{
	bool is_fine = true;

	*total = *units = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t sku = pick(world, 40) == 0 ? 4 : pick(world, 4);
		int64_t milli = (int64_t)pick(world, 9) * 500, price = (int64_t)pick(world, 400) * 75;
		int64_t product = milli * price, minor = product / 100000, rest = product % 100000;

		minor += rest > 50000 || (rest == 50000 && minor % 2 == 1);
		lines[i] = (struct ticket_sold_line){.sku = text_of(world_skus[sku]), .quantity = {milli}};
		if (pick(world, 3) > 0) {
			lines[i].has_unit_price = true;
			lines[i].unit_price.e4 = price;
		}
		if (!lines[i].has_unit_price || pick(world, 2) == 0) {
			lines[i].has_amount = true;
			lines[i].amount.minor = minor;
		}
		if (pick(world, 60) == 0) {
			lines[i].has_unit_price = lines[i].has_amount = false;
			is_fine = false;
		}
		is_fine = is_fine && sku < 4;
		*total += minor;
		*units += sku < 3 ? milli : 0;
	}
	return is_fine;
}

static struct text receipt_text(char buffer[16], uint64_t receipt)
{
	return (struct text){buffer, (uint32_t)snprintf(buffer, 16, "R%llu", (unsigned long long)receipt)};
}

static void till_sells(struct world *world, int till, uint64_t receipt, bool is_sale)
{
	struct ticket_sold_line lines[LINES];
	struct ticket_kept *kept = &world->tickets[till][receipt];
	uint32_t count = (uint32_t)pick(world, LINES) + 1;
	char buffer[16];
	int64_t total, units;
	bool is_fine = draw_lines(world, lines, count, &total, &units);
	struct ticket_sold sold = {.outlet = text_of(outlet_of[till]),
	                           .receipt = receipt_text(buffer, receipt),
	                           .currency = TEXT_LITERAL("GBP"),
	                           .day = TEXT_LITERAL("2026-03-01")};

	sold.lines.items = lines;
	sold.lines.count = count;
	if (pick(world, 4) == 0) {
		sold.has_total = true;
		sold.total.minor = pick(world, 8) == 0 ? total + 1 : total;
		is_fine = is_fine && sold.total.minor == total;
	}
	if (is_sale) {
		stage_hear(&world->stage, world_tills[till], &ticket_sold_type, &sold);
	} else {
		struct ticket_returned back = {.outlet = sold.outlet,
		                               .receipt = sold.receipt,
		                               .currency = sold.currency,
		                               .day = sold.day,
		                               .has_total = sold.has_total,
		                               .total = sold.total};

		back.lines.items = (const struct ticket_returned_line *)(const void *)lines;
		back.lines.count = count;
		stage_hear(&world->stage, world_tills[till], &ticket_returned_type, &back);
	}
	if (till == 3 || !is_fine || kept->kept != KEPT_NOTHING) {
		world->refused++;
		return;
	}
	*kept = (struct ticket_kept){is_sale ? KEPT_SALE : KEPT_RETURN, is_sale, total, units};
	world->sold += is_sale;
	world->returned += !is_sale;
}

static void till_voids(struct world *world, int till, uint64_t receipt)
{
	struct ticket_kept *kept = &world->tickets[till][receipt];
	char buffer[16];

	stage_hear(&world->stage, world_tills[till], &ticket_voided_type,
	           &(struct ticket_voided){.outlet = text_of(outlet_of[till]),
	                                   .receipt = receipt_text(buffer, receipt),
	                                   .day = TEXT_LITERAL("2026-03-01")});
	if (kept->kept != KEPT_SALE && kept->kept != KEPT_RETURN) {
		world->refused++;
		return;
	}
	kept->kept = KEPT_VOID;
	world->voided++;
}

static void till_writes_off(struct world *world, int till, uint64_t reference)
{
	struct stock_written_off_line line = {.sku = text_of(world_skus[pick(world, SKUS)]),
	                                      .quantity = {(int64_t)pick(world, 4000)}};
	struct stock_written_off off = {.outlet = text_of(outlet_of[till]),
	                                .day = TEXT_LITERAL("2026-03-01")};
	char buffer[16];

	off.reference = receipt_text(buffer, reference);
	off.lines.items = &line;
	off.lines.count = 1;
	stage_hear(&world->stage, world_tills[till], &stock_written_off_type, &off);
	if (till == 3 || world->written_off[till][reference] ||
	    text_equal(line.sku, text_of(world_skus[4]))) {
		world->refused++;
		return;
	}
	world->written_off[till][reference] = true;
	world->writeoffs++;
}

static void outlet_orders(struct world *world, uint64_t order)
{
	struct order_requested_line line = {.sku = text_of(world_skus[pick(world, SKUS)]),
	                                    .quantity = {(int64_t)pick(world, 5) * 1000}};
	struct order_requested request = {.outlet = TEXT_LITERAL("S1"), .day = TEXT_LITERAL("2026-03-01")};
	char buffer[16];

	request.order = receipt_text(buffer, order);
	request.lines.items = &line;
	request.lines.count = 1;
	stage_hear(&world->stage, world_tills[0], &order_requested_type, &request);
	bool is_goods =
	    !text_equal(line.sku, text_of(world_skus[3])) && !text_equal(line.sku, text_of(world_skus[4]));
	if (world->order_state[order] != 0 || !is_goods || line.quantity.milli == 0) {
		world->rejected++;
		return;
	}
	world->order_state[order] = ORDER_ACCEPTED;
	world->placed++;
}

static void outlet_withdraws(struct world *world, uint64_t order)
{
	char buffer[16];

	stage_hear(
	    &world->stage, world_tills[0], &order_withdrawn_type,
	    &(struct order_withdrawn){.outlet = TEXT_LITERAL("S1"), .order = receipt_text(buffer, order)});
	if (world->order_state[order] != ORDER_ACCEPTED) {
		world->refused++;
		return;
	}
	world->order_state[order] = ORDER_CANCELLED;
	world->cancelled++;
}

void world_run(struct world *world, int steps)
{
	for (int i = 0; i < steps; i++) {
		int till = (int)pick(world, TILLS);
		uint64_t number = pick(world, RECEIPTS);

		world->stage.time_us += US_PER_SECOND;
		switch (pick(world, 10)) {
		case 0:
			till_sells(world, till, number, false);
			break;
		case 1:
		case 2:
			till_voids(world, till, number);
			break;
		case 3:
			till_writes_off(world, till, number);
			break;
		case 4:
			outlet_orders(world, number);
			break;
		case 5:
			outlet_withdraws(world, number);
			break;
		default:
			till_sells(world, till, number, true);
		}
	}
}

static struct ticket_kept *kept_of(struct world *world, struct text terminal, struct text receipt)
{
	char digits[16] = "";
	int till = 0;

	while (!text_equal(terminal, text_of(world_tills[till])))
		till++;
	memcpy(digits, receipt.data + 1, receipt.size - 1);
	return &world->tickets[till][strtoull(digits, NULL, 10)];
}

/* Every figure that was said against the model; what was voided kept its figures there. */
void world_listen(struct world *world)
{
	const struct event_type *type;
	const void *event;

	while (stage_said(&world->stage, &type, &event)) {
		world->said.refused += type == &sale_refused_type;
		world->said.writeoffs += type == &writeoff_recorded_type;
		world->said.placed += type == &order_placed_type;
		world->said.accepted += type == &order_accepted_type;
		world->said.cancelled += type == &order_cancelled_type;
		world->said.rejected += type == &order_rejected_type;
		world->said.deviations += type == &price_deviation_detected_type;
		if (type == &sale_recorded_type) {
			const struct sale_recorded *sale = event;
			const struct ticket_kept *kept = kept_of(world, sale->terminal, sale->receipt);

			world->said.sold++;
			assert_int_equal(sale->total.minor, kept->total);
			assert_int_equal(sale->units.milli, kept->units);
			assert_true(kept->was_sale);
		} else if (type == &sale_returned_type) {
			const struct sale_returned *back = event;

			world->said.returned++;
			assert_int_equal(back->total.minor,
			                 kept_of(world, back->terminal, back->receipt)->total);
		} else if (type == &sale_voided_type) {
			const struct sale_voided *voided = event;
			const struct ticket_kept *kept = kept_of(world, voided->terminal, voided->receipt);

			world->said.voided++;
			assert_int_equal(kept->kept, KEPT_VOID);
			assert_int_equal(voided->total.minor, kept->total);
			assert_int_equal(voided->units.milli, kept->units);
			assert_true(text_equal(voided->was, text_of(kept->was_sale ? "sale" : "return")));
		}
	}
	assert_int_equal(world->said.sold, world->sold);
	assert_int_equal(world->said.returned, world->returned);
	assert_int_equal(world->said.voided, world->voided);
	assert_int_equal(world->said.refused, world->refused);
	assert_int_equal(world->said.writeoffs, world->writeoffs);
	assert_int_equal(world->said.placed, world->placed);
	assert_int_equal(world->said.accepted, world->placed);
	assert_int_equal(world->said.cancelled, world->cancelled);
	assert_int_equal(world->said.rejected, world->rejected);
}

