/*
 * Goal: whatever the network and the machines do, every ticket is counted exactly once, everywhere.
 * Method: the five real services under a virtual clock; eight tills say 2,000 tickets while
 * messages are lost, repeated, overtaken and delayed, disks are full now and then, and services die
 * and return; then fair weather until everybody has heard everything. The sums are compared with
 * those of the tickets alone. A seed that fails is printed; test_simulation SEED plays it alone,
 * test_simulation FIRST LAST plays many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "events/inventory.h"
#include "events/orders.h"
#include "kernel/query.h"
#include "kernel/tools.h"
#include "log/log.h"
#include "story.h"

static uint64_t present_seed;

#define SEED_TRUE(condition)                                                                       \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("seed %llu: not so: %s", (unsigned long long)present_seed,        \
			         #condition);                                                      \
	} while (0)

#define SEED_EQUAL(found, wanted)                                                                  \
	do {                                                                                       \
		long long found_ = (long long)(found), wanted_ = (long long)(wanted);              \
		if (found_ != wanted_)                                                             \
			fail_msg("seed %llu: %s is %lld, not %lld",                                \
			         (unsigned long long)present_seed, #found, found_, wanted_);       \
	} while (0)

struct hashes {
	uint64_t state[SERVICES], journal[SERVICES], trace;
};

/* ---- what must be true in the end ---- */

static void each_event(struct network *network, enum service_number service,
                       void (*each)(void *context, const struct envelope *envelope), void *context)
{
	struct view view = {0};
	uint64_t number;

	SEED_EQUAL(view_open(&view, engine_store(network_engine(network, service))), ERR_NONE);
	for (struct bytes event = view_log_seek(&view, KERNEL_JOURNAL, 1, &number);
	     event.data != NULL; event = view_log_next(&view, KERNEL_JOURNAL, &number)) {
		struct reader reader = reader_of(event);
		struct envelope envelope;

		envelope_read(&reader, &envelope);
		SEED_EQUAL(reader.error, ERR_NONE);
		each(context, &envelope);
	}
	view_close(&view);
}

static struct arena arena; /* for events taken apart */

static void unpack(const struct event_type *type, const struct envelope *envelope, void *event)
{
	struct reader reader = reader_of(envelope->data);

	arena_reset(&arena);
	SEED_EQUAL(type->unpack(event, &reader, &arena), ERR_NONE);
}

static void count_ticket(void *context, const struct envelope *envelope)
{
	uint32_t *counts = context;
	union {
		struct sale_recorded recorded;
		struct sale_returned returned;
	} event;
	struct text receipt = {0};

	if (text_equal(envelope->type, TEXT_LITERAL("sale.recorded"))) {
		unpack(&sale_recorded_type, envelope, &event);
		receipt = event.recorded.receipt;
	} else if (text_equal(envelope->type, TEXT_LITERAL("sale.returned"))) {
		unpack(&sale_returned_type, envelope, &event);
		receipt = event.returned.receipt;
	}
	if (receipt.size == 0)
		return;
	unsigned long number = strtoul(
	    receipt.data + 1, NULL, 10); /* packed text: the next field's first byte is no digit */
	SEED_TRUE(number < TICKETS);
	counts[number]++;
}

static void every_ticket_was_recorded_once(struct network *network)
{
	static uint32_t counts[TICKETS];

	memset(counts, 0, sizeof(counts));
	each_event(network, ORDERS, count_ticket, counts);
	for (uint32_t i = 0; i < TICKETS; i++)
		if (counts[i] != 1)
			fail_msg("seed %llu: ticket %u was recorded %u times",
			         (unsigned long long)present_seed, i, counts[i]);
	SEED_EQUAL(network->refused, 0);
}

/* One row of a reply: its texts and numbers by key. */
static bool row_has(struct bytes row, const char *key, struct text *text, int64_t *number)
{
	struct reader reader = reader_of(row);

	for (uint32_t pairs = reader_map(&reader, 64); pairs > 0 && reader.error == ERR_NONE;
	     pairs--) {
		if (!text_equal(reader_text(&reader, 64), text_of(key))) {
			reader_skip(&reader);
			continue;
		}
		if (text != NULL)
			*text = reader_text(&reader, 400);
		else
			*number = reader_int(&reader);
		return reader.error == ERR_NONE;
	}
	return false;
}

static struct text row_text(struct bytes row, const char *key)
{
	struct text text = {0};

	SEED_TRUE(row_has(row, key, &text, NULL));
	return text;
}

static int64_t row_int(struct bytes row, const char *key)
{
	int64_t number = 0;

	SEED_TRUE(row_has(row, key, NULL, &number));
	return number;
}

static void each_row(struct network *network, enum service_number service, const char *what,
                     void (*each)(void *context, struct bytes row), void *context)
{
	static uint8_t buffer[QUERY_PAGE_BYTES];
	static const uint8_t nothing[] = {0x80};
	struct page page;

	SEED_EQUAL(query_run(network_engine(network, service), text_of(what), bytes_of(nothing, 1),
	                     bytes_of(NULL, 0), buffer, &page),
	           ERR_NONE);
	SEED_TRUE(!page.more);
	struct reader reader = reader_of(page.rows);
	for (uint32_t i = 0; i < page.row_count; i++)
		each(context, reader_value(&reader));
}

static void take_sales(void *context, struct bytes row)
{
	struct truth *found = context;
	int outlet = row_text(row, "outlet").data[1] - '1',
	    day = row_text(row, "day").data[9] - '1';

	SEED_TRUE(outlet >= 0 && outlet < OUTLETS && day >= 0 && day < DAYS);
	found->revenue[outlet][day] += row_int(row, "revenue_minor");
	found->returns[outlet][day] += row_int(row, "returns_minor");
	found->tickets[outlet][day] += row_int(row, "tickets");
}

static void kpi_adds_up(struct network *network, const struct truth *truth)
{
	struct truth found = {0};

	each_row(network, KPI, "sales", take_sales, &found);
	SEED_TRUE(memcmp(found.tickets, truth->tickets, sizeof(found.tickets)) == 0);
	SEED_TRUE(memcmp(found.revenue, truth->revenue, sizeof(found.revenue)) == 0);
	SEED_TRUE(memcmp(found.returns, truth->returns, sizeof(found.returns)) == 0);
}

struct movements {
	int64_t all[OUTLETS][PRODUCTS], of_tickets[OUTLETS][PRODUCTS], on_hand[OUTLETS][PRODUCTS];
};

static int product_of(struct text sku)
{
	return (sku.data[0] - 'A') * 10 + sku.data[1] - '0';
}

static void take_movement(void *context, const struct envelope *envelope)
{
	struct movements *movements = context;
	struct stock_changed changed;

	if (!text_equal(envelope->type, TEXT_LITERAL("stock.changed")))
		return;
	unpack(&stock_changed_type, envelope, &changed);
	bool is_ticket = text_equal(changed.reason, TEXT_LITERAL("sale")) ||
	                 text_equal(changed.reason, TEXT_LITERAL("return"));
	for (uint32_t i = 0; i < changed.lines.count; i++) {
		int outlet = changed.place.data[1] - '1',
		    product = product_of(changed.lines.items[i].sku);

		movements->all[outlet][product] += changed.lines.items[i].delta.milli;
		movements->of_tickets[outlet][product] -=
		    is_ticket ? changed.lines.items[i].delta.milli : 0;
	}
}

static void take_stock(void *context, struct bytes row)
{
	struct movements *movements = context;
	struct text outlet = row_text(row, "outlet");

	if (outlet.data[0] == 'S')
		movements->on_hand[outlet.data[1] - '1'][product_of(row_text(row, "sku"))] =
		    row_int(row, "on_hand_milli");
}

static void stock_adds_up(struct network *network, const struct truth *truth)
{
	static struct movements movements;

	movements = (struct movements){0};
	each_event(network, INVENTORY, take_movement, &movements);
	each_row(network, INVENTORY, "stock", take_stock, &movements);
	for (int outlet = 0; outlet < OUTLETS; outlet++)
		for (int product = 0; product < PRODUCTS; product++) {
			SEED_EQUAL(movements.of_tickets[outlet][product],
			           truth->sold_milli[outlet][product]);
			SEED_EQUAL(movements.on_hand[outlet][product],
			           movements.all[outlet][product]);
		}
}

static void every_store_holds_together(struct network *network)
{
	for (int i = 0; i < SERVICES; i++) {
		SEED_EQUAL(tool_audit(network_engine(network, (enum service_number)i), stderr), 0);
		SEED_EQUAL(
		    engine_meta(network_engine(network, (enum service_number)i))->quarantined, 0);
	}
}

static void take_hashes(struct network *network, struct hashes *hashes)
{
	for (int i = 0; i < SERVICES; i++) {
		hashes->state[i] = network_hash(network, (enum service_number)i);
		hashes->journal[i] = network_journal_hash(network, (enum service_number)i);
	}
	hashes->trace = bus_network_trace(network->wire);
}

/* ---- a run ---- */

static void trouble(struct network *network)
{
	if (network_roll(network, 12) == 0)
		network_kill(network, (enum service_number)network_roll(network, SERVICES),
		             (int64_t)network_roll(network, 3 * US_PER_SECOND));
	if (network_roll(network, 20) == 0)
		store_disk_fail(network->disks[network_roll(network, SERVICES)], STORE_FAULT_COMMIT,
		                (uint32_t)network_roll(network, 4), 1, ERR_STORE_FULL);
}

static void no_more_trouble(struct network *network)
{
	for (int i = 0; i < SERVICES; i++)
		store_disk_fail(network->disks[i], STORE_FAULT_COMMIT, 0, 0, ERR_NONE);
	network_weather(network, false);
}

/* All tickets; one till alone says them in their order, or each its own. */
static void sell(struct network *network, bool foul, bool alone)
{
	struct client *tills[TILLS];

	for (unsigned i = 0; i < (alone ? 1u : TILLS); i++)
		tills[i] = network_client(network, ORDERS, story_till_name(i));
	for (uint32_t number = 0; number < TICKETS;) {
		for (uint64_t count = network_roll(network, 40); count > 0 && number < TICKETS;
		     count--, number++)
			story_ticket(tills[alone ? 0 : story_till(number)], number,
			             alone ? "S1/T1" : NULL);
		if (foul)
			trouble(network);
		network_pass(network, (int64_t)network_roll(network, 300000) + 1);
	}
}

static void play(uint64_t seed, bool foul, bool alone, struct hashes *hashes)
{
	static struct network network;
	struct truth truth;

	present_seed = seed;
	network_open(&network, seed);
	network_weather(&network, foul);
	story_begin(&network);
	sell(&network, foul, alone);
	no_more_trouble(&network);
	SEED_TRUE(network_settle(&network));
	story_truth(&truth);
	every_ticket_was_recorded_once(&network);
	every_store_holds_together(&network);
	if (!alone) { /* told at one till, all of it is that outlet's */
		kpi_adds_up(&network, &truth);
		stock_adds_up(&network, &truth);
	}
	SEED_TRUE(!foul || network.deaths >= 2);
	take_hashes(&network, hashes);
	network_close(&network);
}

static uint64_t first_seed = 1, last_seed = 60;

static void test_every_ticket_counts_once_whatever_happens(void **state)
{
	(void)state;
	for (uint64_t seed = first_seed; seed <= last_seed; seed++) {
		struct hashes hashes;

		play(seed, true, false, &hashes);
	}
}

static void test_the_same_seed_is_the_same_world(void **state)
{
	(void)state;
	for (uint64_t seed = first_seed; seed < first_seed + 2; seed++) {
		struct hashes once, again;

		play(seed, true, false, &once);
		play(seed, true, false, &again);
		SEED_TRUE(memcmp(&once, &again, sizeof(once)) == 0);
	}
}

/* One till speaks in order: then no trouble on the way may change what orders and partners know. */
static void test_trouble_leaves_no_trace_in_what_one_till_said(void **state)
{
	struct hashes fair, foul;

	(void)state;
	play(100, false, true, &fair);
	for (uint64_t seed = first_seed; seed < first_seed + 3; seed++) {
		play(seed, true, true, &foul);
		SEED_TRUE(foul.state[ORDERS] == fair.state[ORDERS]);
		SEED_TRUE(foul.state[PARTNERS] == fair.state[PARTNERS]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_ticket_counts_once_whatever_happens),
	    cmocka_unit_test(test_the_same_seed_is_the_same_world),
	    cmocka_unit_test(test_trouble_leaves_no_trace_in_what_one_till_said),
	};

	if (argc > 1)
		first_seed = last_seed = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		last_seed = strtoull(argv[2], NULL, 10);
	log_open("test", LOG_BROKEN);
	if (arena_open(&arena, 4 << 20) != ERR_NONE)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_close(&arena);
	return failed;
}
