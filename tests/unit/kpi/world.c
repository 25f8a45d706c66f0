/* world.c -- a history is made once, and told as often as wanted. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

#include "events/clock.h"
#include "events/inventory.h"
#include "events/logistics.h"
#include "events/orders.h"
#include "events/partners.h"

#define OUTLETS 5
#define SKUS 12
#define TARGETS 6
#define DAY_FIRST 20500

static const char *const outlets[OUTLETS] = {"S1", "S2", "S3", "S4", "S5"};
static const char *const skus[SKUS] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"};
static const char *const categories[] = {"TOY", "HOME", "CARE"};
static const char *const feed_names[FEEDS] = {"staff", "tills", "stock", "trucks"};
static const char *const target_names[TARGETS] = {"T0", "T1", "T2", "T3", "T4", "T5"};

static struct heard_event *add(struct world *world, enum feed feed, const struct event_type *type,
			       int64_t time_us)
{
	if (world->count == world->room) {
		world->room = world->room == 0 ? 1024 : 2 * world->room;
		world->events = realloc(world->events, world->room * sizeof(*world->events));
		CHECK(world->events != NULL);
	}
	struct heard_event *event = &world->events[world->count++];
	*event =
	    (struct heard_event){.feed = feed, .type = type, .time_us = time_us, .day = time_us / US_PER_DAY};
	return event;
}

static uint64_t pick(struct world *world, uint64_t below)
{
	return stage_random(&world->seed, below);
}

static void make_masters(struct world *world, int64_t time_us)
{
	for (int i = 0; i < OUTLETS; i++)
		add(world, FEED_STAFF, &outlet_declared_type, time_us)->what = i;
	for (int i = 0; i < SKUS; i++) {
		add(world, FEED_STAFF, &product_declared_type, time_us)->what = i;
		add(world, FEED_STAFF, &price_declared_type, time_us)->what = i;
	}
	for (int i = 0; i < 2 * OUTLETS; i++)
		add(world, FEED_STAFF, &terminal_declared_type, time_us)->what = i;
	for (int i = 0; i < TARGETS; i++)
		add(world, FEED_STAFF, &target_declared_type, time_us)->what = i;
}

static void move_stock(struct world *world, const struct heard_event *ticket, int sign, int reason)
{
	struct heard_event *moved = add(world, FEED_STOCK, &stock_changed_type, ticket->time_us);

	moved->what = ticket->what;
	moved->variant = reason;
	moved->line_count = ticket->line_count;
	for (uint32_t i = 0; i < ticket->line_count; i++) {
		moved->lines[i] = ticket->lines[i];
		moved->lines[i].quantity *= sign;
		world->on_hand[ticket->what][ticket->lines[i].sku] += moved->lines[i].quantity;
		moved->lines[i].on_hand = world->on_hand[ticket->what][ticket->lines[i].sku];
	}
}

static struct heard_event make_ticket(struct world *world, const struct event_type *type, int64_t time_us)
{
	struct heard_event *ticket = add(world, FEED_TILLS, type, time_us);

	ticket->what = (int)pick(world, OUTLETS);
	ticket->variant = (int)pick(world, 2);
	ticket->day -= pick(world, 20) == 0; /* a late one */
	ticket->line_count = (uint32_t)pick(world, WORLD_LINES) + 1;
	for (uint32_t i = 0; i < ticket->line_count; i++)
		ticket->lines[i] = (struct heard_line){.sku = (int)pick(world, SKUS),
						       .quantity = (int64_t)pick(world, 4) * 1000 + 250,
						       .amount = (int64_t)pick(world, 900)};
	return *ticket;
}

static void make_moment(struct world *world, int64_t time_us)
{
	struct heard_event event;

	switch (pick(world, 10)) {
	case 0:
		event = make_ticket(world, &sale_returned_type, time_us);
		move_stock(world, &event, 1, 1);
		break;
	case 1: /* a ticket and its undoing */
		event =
		    make_ticket(world, pick(world, 2) ? &sale_recorded_type : &sale_returned_type, time_us);
		add(world, FEED_TILLS, &sale_voided_type, time_us);
		world->events[world->count - 1] = event;
		world->events[world->count - 1].variant = event.type == &sale_returned_type;
		world->events[world->count - 1].type = &sale_voided_type;
		break;
	case 2:
		event = make_ticket(world, &writeoff_recorded_type, time_us);
		move_stock(world, &event, -1, 2);
		break;
	case 3:
		event = (struct heard_event){
		    .time_us = time_us, .what = (int)pick(world, OUTLETS), .line_count = 1};
		event.lines[0] = (struct heard_line){.sku = (int)pick(world, SKUS), .quantity = 30000};
		move_stock(world, &event, 1, 3);
		break;
	case 4:
		add(world, FEED_TRUCKS, pick(world, 3) ? &shipment_delivered_type : &shipment_delayed_type,
		    time_us)
		    ->what = (int)pick(world, OUTLETS);
		break;
	case 5:
		add(world, FEED_STAFF, &price_declared_type, time_us)->what = (int)pick(world, SKUS);
		world->events[world->count - 1].variant = 1 + (int)pick(world, 30);
		break;
	default:
		event = make_ticket(world, &sale_recorded_type, time_us);
		move_stock(world, &event, -1, 0);
	}
}

void world_make(struct world *world, uint64_t seed, int days)
{
	int64_t start_us = DAY_FIRST * US_PER_DAY + 8 * US_PER_HOUR;

	*world = (struct world){.seed = seed};
	make_masters(world, start_us);
	for (int64_t day = 0; day < days; day++) {
		for (int64_t i = 0; i < 100; i++)
			make_moment(world, start_us + day * US_PER_DAY + i * 4 * US_PER_MINUTE);
		int64_t evening_us = start_us + day * US_PER_DAY + 10 * US_PER_HOUR;
		add(world, FEED_STOCK, &restock_requested_type, evening_us)->what = (int)day % OUTLETS;
		add(world, FEED_TRUCKS, &shipment_planned_type, evening_us + US_PER_MINUTE)->what = (int)day % OUTLETS;
		add(world, FEED_TRUCKS, &shipment_dispatched_type, evening_us + US_PER_HOUR)->what = (int)day % OUTLETS;
		if (day < 2)
			continue;
		struct heard_event *came = add(world, FEED_STOCK, &restock_fulfilled_type, evening_us);
		came->what = (int)(day - 2) % OUTLETS;
		came->day -= 2; /* names the restock */
	}
}

void world_free(struct world *world)
{
	free(world->events);
	*world = (struct world){0};
}

/* ---- telling ---- */

static void tell_staff(struct stage *stage, const struct heard_event *e)
{
	char name[16];

	if (e->type == &outlet_declared_type) {
		struct outlet_declared outlet = {.outlet = text_of(outlets[e->what]),
						 .name = TEXT_LITERAL("s"),
						 .tier = 1 + e->what % 2,
						 .kind = TEXT_LITERAL("dealer"),
						 .tz_offset = 60 * e->what,
						 .currency =
						     e->what == 4 ? TEXT_LITERAL("CNY") : TEXT_LITERAL("GBP"),
						 .version = 1};
		stage_hear(stage, feed_names[e->feed], e->type, &outlet);
	} else if (e->type == &product_declared_type) {
		struct product_declared product = {.sku = text_of(skus[e->what]),
						   .name = TEXT_LITERAL("p"),
						   .goods = true,
						   .has_category = e->what % 4 != 3,
						   .category = text_of(categories[e->what % 3]),
						   .version = 1};
		stage_hear(stage, feed_names[e->feed], e->type, &product);
	} else if (e->type == &price_declared_type) {
		struct price_declared price = {.sku = text_of(skus[e->what]),
					       .currency = TEXT_LITERAL("GBP"),
					       .list = {12345 + 777 * e->variant + e->what},
					       .version = 1};
		price.has_tier = e->variant % 3 == 1;
		price.tier = 1 + e->variant % 2;
		price.has_outlet = e->variant % 3 == 2;
		price.outlet = text_of(outlets[e->variant % OUTLETS]);
		stage_hear(stage, feed_names[e->feed], e->type, &price);
	} else if (e->type == &terminal_declared_type) {
		struct terminal_declared terminal = {.outlet = text_of(outlets[e->what / 2]), .version = 1};

		snprintf(name, sizeof(name), "%s/T%d", outlets[e->what / 2], e->what % 2);
		terminal.terminal = text_of(name);
		stage_hear(stage, feed_names[e->feed], e->type, &terminal);
	} else {
		static const char *const metrics[] = {"revenue", "units", "tickets"};
		struct target_declared target = {.target = text_of(target_names[e->what]),
						 .metric = text_of(metrics[e->what % 3]),
						 .has_currency = true,
						 .currency = TEXT_LITERAL("GBP"),
						 .from = TEXT_LITERAL("2026-02-17"),
						 .until = TEXT_LITERAL("2026-02-19"),
						 .value = 40000,
						 .version = 1};
		target.has_outlet = e->what < 2;
		target.outlet = text_of(outlets[e->what % OUTLETS]);
		target.has_tier = e->what == 2;
		target.tier = 1;
		target.has_category = e->what == 3;
		target.category = TEXT_LITERAL("TOY");
		stage_hear(stage, feed_names[e->feed], e->type, &target);
	}
}

static void tell_ticket(struct stage *stage, const struct heard_event *e)
{
	struct sale_recorded_line lines[WORLD_LINES];
	struct sale_returned_line returned_lines[WORLD_LINES];
	struct sale_voided_line voided_lines[WORLD_LINES];
	struct writeoff_recorded_line lost[WORLD_LINES];
	struct money total = {0};
	struct quantity units = {0};
	char terminal[16], day[DAY_TEXT_SIZE];
	struct text outlet = text_of(outlets[e->what]);
	struct text currency = e->what == 4 ? TEXT_LITERAL("CNY") : TEXT_LITERAL("GBP");

	snprintf(terminal, sizeof(terminal), "%s/T%d", outlets[e->what], e->variant % 2);
	day_text(e->day, day);
	for (uint32_t i = 0; i < e->line_count; i++) {
		const struct heard_line *line = &e->lines[i];
		struct text sku = text_of(skus[line->sku]);

		lines[i] = (struct sale_recorded_line){
		    .sku = sku, .quantity = {line->quantity}, .amount = {line->amount}};
		returned_lines[i] = (struct sale_returned_line){
		    .sku = sku, .quantity = {line->quantity}, .amount = {line->amount}};
		voided_lines[i] = (struct sale_voided_line){
		    .sku = sku, .quantity = {line->quantity}, .amount = {line->amount}};
		lost[i] = (struct writeoff_recorded_line){.sku = sku, .quantity = {line->quantity}};
		total.minor += line->amount;
		units.milli += line->quantity;
	}
	if (e->type == &sale_recorded_type)
		stage_hear(stage, feed_names[e->feed], e->type,
			   &(struct sale_recorded){.outlet = outlet,
						   .terminal = text_of(terminal),
						   .receipt = TEXT_LITERAL("r"),
						   .currency = currency,
						   .day = text_of(day),
						   .tier = 1 + e->what % 2,
						   .total = total,
						   .units = units,
						   .lines = {lines, e->line_count}});
	else if (e->type == &sale_returned_type)
		stage_hear(stage, feed_names[e->feed], e->type,
			   &(struct sale_returned){.outlet = outlet,
						   .terminal = text_of(terminal),
						   .receipt = TEXT_LITERAL("r"),
						   .currency = currency,
						   .day = text_of(day),
						   .tier = 1 + e->what % 2,
						   .total = total,
						   .units = units,
						   .lines = {returned_lines, e->line_count}});
	else if (e->type == &sale_voided_type)
		stage_hear(
		    stage, feed_names[e->feed], e->type,
		    &(struct sale_voided){.outlet = outlet,
					  .terminal = text_of(terminal),
					  .receipt = TEXT_LITERAL("r"),
					  .currency = currency,
					  .day = text_of(day),
					  .tier = 1 + e->what % 2,
					  .was = e->variant ? TEXT_LITERAL("return") : TEXT_LITERAL("sale"),
					  .total = total,
					  .units = units,
					  .lines = {voided_lines, e->line_count}});
	else
		stage_hear(stage, feed_names[e->feed], e->type,
			   &(struct writeoff_recorded){.outlet = outlet,
						       .terminal = text_of(terminal),
						       .reference = TEXT_LITERAL("w"),
						       .day = text_of(day),
						       .lines = {lost, e->line_count}});
}

static void tell_stock(struct stage *stage, const struct heard_event *e)
{
	static const char *const reasons[] = {"sale", "return", "write_off", "receipt"};
	struct stock_changed_line lines[WORLD_LINES];
	char restock[16];
	struct text place = text_of(outlets[e->what]);

	snprintf(restock, sizeof(restock), "R-%d", (int)e->day);
	if (e->type == &restock_requested_type) {
		stage_hear(stage, feed_names[e->feed], e->type,
			   &(struct restock_requested){.restock = text_of(restock),
						       .place = place,
						       .sku = TEXT_LITERAL("A"),
						       .from = TEXT_LITERAL("W"),
						       .policy = TEXT_LITERAL("master"),
						       .cause_event = TEXT_LITERAL("tills#1"),
						       .has_order = e->day % 3 != 0,
						       .order = text_of(restock)});
		return;
	}
	if (e->type == &restock_fulfilled_type) {
		stage_hear(stage, feed_names[e->feed], e->type,
			   &(struct restock_fulfilled){
			       .restock = text_of(restock), .place = place, .sku = TEXT_LITERAL("A")});
		return;
	}
	for (uint32_t i = 0; i < e->line_count; i++)
		lines[i] = (struct stock_changed_line){.sku = text_of(skus[e->lines[i].sku]),
						       .delta = {e->lines[i].quantity},
						       .on_hand = {e->lines[i].on_hand}};
	stage_hear(stage, feed_names[e->feed], e->type,
		   &(struct stock_changed){.place = place,
					   .reason = text_of(reasons[e->variant]),
					   .lines = {lines, e->line_count}});
}

/* One shipment for the restock of its day. */
static void tell_load(struct stage *stage, const struct heard_event *e)
{
	struct shipment_planned_line planned = {.sku = TEXT_LITERAL("A")};
	struct shipment_dispatched_line sent = {.sku = TEXT_LITERAL("A")};
	char restock[16], shipment[16];

	snprintf(restock, sizeof(restock), "R-%d", (int)e->day);
	snprintf(shipment, sizeof(shipment), "S-%d", (int)e->day);
	planned.restock = sent.restock = text_of(restock);
	if (e->type == &shipment_planned_type)
		stage_hear(stage, feed_names[e->feed], e->type,
			   &(struct shipment_planned){.shipment = text_of(shipment),
						      .warehouse = TEXT_LITERAL("W"),
						      .outlet = text_of(outlets[e->what]),
						      .carrier = TEXT_LITERAL("own"),
						      .lane = TEXT_LITERAL("L"),
						      .currency = TEXT_LITERAL("GBP"),
						      .lines = {&planned, 1}});
	else
		stage_hear(stage, feed_names[e->feed], e->type,
			   &(struct shipment_dispatched){.shipment = text_of(shipment),
							 .warehouse = TEXT_LITERAL("W"),
							 .outlet = text_of(outlets[e->what]),
							 .carrier = TEXT_LITERAL("own"),
							 .lines = {&sent, 1}});
}

static void tell_trucks(struct stage *stage, const struct heard_event *e)
{
	struct text outlet = text_of(outlets[e->what]);

	if (e->type == &shipment_planned_type || e->type == &shipment_dispatched_type) {
		tell_load(stage, e);
		return;
	}
	if (e->type == &shipment_delivered_type)
		stage_hear(stage, feed_names[e->feed], e->type,
			   &(struct shipment_delivered){.shipment = TEXT_LITERAL("SH"),
							.warehouse = TEXT_LITERAL("W"),
							.outlet = outlet,
							.on_time = e->time_us % 3 == 0});
	else
		stage_hear(stage, feed_names[e->feed], e->type,
			   &(struct shipment_delayed){.shipment = TEXT_LITERAL("SH"),
						      .warehouse = TEXT_LITERAL("W"),
						      .outlet = outlet,
						      .state = TEXT_LITERAL("picked")});
}

static void tell(struct stage *stage, const struct heard_event *e)
{
	static void (*const tellers[FEEDS])(struct stage * stage,
					    const struct heard_event *e) = {[FEED_STAFF] = tell_staff,
									    [FEED_TILLS] = tell_ticket,
									    [FEED_STOCK] = tell_stock,
									    [FEED_TRUCKS] = tell_trucks};

	stage->time_us = e->time_us;
	tellers[e->feed](stage, e);
}

/* The next event of a feed at or behind a place in the history. */
static uint32_t next_of(const struct world *world, enum feed feed, uint32_t at)
{
	while (at < world->count && world->events[at].feed != feed)
		at++;
	return at;
}

void world_tell(const struct world *world, struct stage *stage, uint64_t mix)
{
	uint32_t at[FEEDS], left = world->count;
	int64_t end_us = 0;

	for (uint32_t i = 0; mix == 0 && i < world->count; i++)
		tell(stage, &world->events[i]);
	for (int feed = 0; feed < FEEDS; feed++)
		at[feed] = next_of(world, (enum feed)feed, 0);
	while (mix != 0 && left > 0) {
		uint64_t feed = stage_random(&mix, FEEDS);

		/* In strides, so that one feed runs far ahead of another. */
		for (uint64_t stride = stage_random(&mix, 200) + 1; stride > 0 && at[feed] < world->count;
		     stride--, left--) {
			tell(stage, &world->events[at[feed]]);
			at[feed] = next_of(world, (enum feed)feed, at[feed] + 1);
		}
	}
	for (uint32_t i = 0; i < world->count; i++)
		end_us = world->events[i].time_us > end_us ? world->events[i].time_us : end_us;
	stage_commit(stage);
	stage->time_us = end_us + US_PER_DAY; /* a last tick, for all histories at the same moment */
	stage_hear(stage, "clockwork", &clock_ticked_type, &(struct clock_ticked){.time = stage->time_us});
}
