/* toy.c -- sums sales per outlet. */
#include "toy.h"

#include <stdlib.h>

#include "base/error.h"
#include "events/clock.h"
#include "events/kpi.h"
#include "events/orders.h"
#include "events/terminals.h"

static int64_t sum_get(struct turn *turn, unsigned table, struct text key)
{
	struct bytes row = turn_get(turn, table, bytes_of_text(key));
	int64_t sum = 0;

	if (row.size == sizeof(sum))
		memcpy(&sum, row.data, sizeof(sum));
	return sum;
}

static void sum_put(struct turn *turn, unsigned table, struct text key, int64_t sum)
{
	turn_put(turn, table, bytes_of_text(key), bytes_of(&sum, sizeof(sum)));
}

static void on_ticket_sold(struct turn *turn, const void *event)
{
	const struct ticket_sold *sold = event;
	int64_t milli = 0;

	if (text_equal(sold->receipt, TEXT_LITERAL("refuse"))) {
		turn_refuse(turn, "unwanted",
		            turn_text(turn, "ticket %llu is unwanted",
		                      (unsigned long long)turn_input(turn)->seq));
		return;
	}
	if (text_equal(sold->receipt, TEXT_LITERAL("mute"))) {
		turn_refuse(turn, "unwanted", (struct text){0});
		return;
	}
	if (text_equal(sold->receipt, TEXT_LITERAL("poison")))
		abort();
	struct sale_recorded_line *lines = turn_take(turn, sold->lines.count * sizeof(*lines));
	memset(lines, 0, sold->lines.count * sizeof(*lines));
	for (uint32_t i = 0; i < sold->lines.count; i++) {
		milli += sold->lines.items[i].quantity.milli;
		lines[i].sku = sold->lines.items[i].sku;
		lines[i].quantity = sold->lines.items[i].quantity;
	}
	sum_put(turn, TOY_SUMS, sold->outlet, sum_get(turn, TOY_SUMS, sold->outlet) + milli);
	if (!turn_must(turn, turn_get(turn, TOY_SUMS, bytes_of_text(sold->outlet)).size > 0))
		return; /* a read has failed */
	turn_touch(turn, bytes_of_text(sold->outlet));
#if defined(MUTANT_STAMP_IN_ROW)
	sum_put(turn, TOY_LAST, sold->outlet, turn_input(turn)->now_us);
#else
	sum_put(turn, TOY_LAST, sold->outlet, turn_input(turn)->time_us);
#endif
	struct sale_recorded recorded = {.outlet = sold->outlet,
	                                 .terminal = turn_input(turn)->source,
	                                 .receipt = sold->receipt,
	                                 .currency = sold->currency,
	                                 .day = sold->day,
	                                 .tier = 1,
	                                 .units = {sum_get(turn, TOY_SUMS, sold->outlet)}};
	recorded.lines.items = lines;
	recorded.lines.count = sold->lines.count;
	turn_emit(turn, &sale_recorded_type, &recorded);
}

static void on_clock_ticked(struct turn *turn, const void *event)
{
	(void)event;
	sum_put(turn, TOY_TICKS, TEXT_LITERAL("ticks"),
	        sum_get(turn, TOY_TICKS, TEXT_LITERAL("ticks")) + 1);
}

static void on_sale_recorded(struct turn *turn, const void *event)
{
	const struct sale_recorded *recorded = event;

	sum_put(turn, TOY_SUMS, recorded->outlet, sum_get(turn, TOY_SUMS, recorded->outlet) + 1);
	sum_put(turn, TOY_LAST, recorded->outlet, recorded->units.milli);
}

/* The live view: an outlet's sum as its units. */
static bool render(struct query *query, struct bytes key, void *event, struct arena *arena)
{
	struct bytes row = query_get(query, TOY_SUMS, key);
	struct kpi_updated *updated = event;
	char *copy = arena_take(arena, key.size);

	if (row.size != sizeof(updated->units.milli) || copy == NULL)
		return false;
	memcpy(copy, key.data, key.size);
	*updated = (struct kpi_updated){.scope = TEXT_LITERAL("outlet"),
	                                .key = {copy, (uint32_t)key.size},
	                                .currency = TEXT_LITERAL("GBP")};
	memcpy(&updated->units.milli, row.data, row.size);
	return true;
}

static const struct route echo_routes[] = {{&sale_recorded_type, on_sale_recorded}};
static const char *const echo_follows[] = {"orders", NULL};
static const struct route routes[] = {{&clock_ticked_type, on_clock_ticked},
                                      {&ticket_sold_type, on_ticket_sold}};
static const struct table tables[] = {{"sums", TABLE_ROWS, "outlet -> quantity"},
                                      {"last", TABLE_ROWS, "outlet -> time of the last ticket"},
                                      {"ticks", TABLE_ROWS, "count of clock ticks"}};
static const char *const follows[] = {NULL};

static int64_t ticks_so_far(struct query *query)
{
	struct bytes row = query_get(query, TOY_TICKS, bytes_of("ticks", 5));
	int64_t ticks = 0;

	if (row.size == sizeof(ticks))
		memcpy(&ticks, row.data, sizeof(ticks));
	return ticks;
}

static const struct meter meters[] = {
    {"toy_ticks", "ticks", "Minutes heard", METER_COUNTER, 0, ticks_so_far}};

const struct service toy = {.name = "orders",
                            .routes = routes,
                            .route_count = 2,
                            .tables = tables,
                            .table_count = 3,
                            .meters = meters,
                            .meter_count = 1,
                            .view_type = &kpi_updated_type,
                            .view_table = TOY_SUMS,
                            .view_render = render,
                            .follows = follows};

const struct service toy_echo = {.name = "inventory",
                                 .routes = echo_routes,
                                 .route_count = 1,
                                 .tables = tables,
                                 .table_count = 3,
                                 .follows = echo_follows};

size_t toy_sale(uint8_t *out, size_t size, const char *source, uint64_t seq, const char *outlet,
                const char *receipt, int64_t milli, int64_t time_us)
{
	struct writer writer = writer_of(out, size);
	struct ticket_sold_line line = {.sku = TEXT_LITERAL("A"), .quantity = {milli}};
	struct ticket_sold sold = {.outlet = text_of(outlet),
	                           .receipt = text_of(receipt),
	                           .currency = TEXT_LITERAL("GBP"),
	                           .day = TEXT_LITERAL("2026-03-01")};
	struct envelope envelope = {.source = text_of(source),
	                            .seq = seq,
	                            .type = TEXT_LITERAL("ticket.sold"),
	                            .time_us = time_us};

	sold.lines.items = &line;
	sold.lines.count = 1;
	envelope_write(&writer, &envelope);
	ticket_sold_type.pack(&sold, &writer);
	CHECK(writer.error == ERR_NONE);
	return writer.used;
}
