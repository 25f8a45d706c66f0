/* replay_master.c -- the master data that a sales file implies: outlets, tills, products with their first price, one warehouse. */
#include <stdlib.h>
#include <string.h>

#include "events/staff.h"
#include "replay.h"
#include "settle.h"

#define SOURCE "staff/replay"
#define WAREHOUSE "WH-1"
#define FLUSH_MS 120000
#define SETTLE_MS 120000
#define LEAD_MINUTES (24 * 60)

struct master {
	struct replay *replay;
	struct client *client;
	int64_t now_us;
	int error;
	uint64_t refused;
};

static void on_verdict(void *context, const struct client_verdict *verdict)
{
	struct master *master = context;

	if (verdict->verdict != VERDICT_REFUSED)
		return;
	master->refused++;
	fprintf(stderr, "tributary replay: master data refused: %.*s: %.*s\n", TEXT_ARGS(verdict->code), TEXT_ARGS(verdict->message));
}

static void submit(struct master *master, const struct event_type *type, const void *event)
{
	if (master->error == ERR_NONE)
		master->error = client_publish(master->client, SOURCE, type, event, master->now_us, NULL);
}

static void submit_supply(struct master *master)
{
	struct warehouse_submitted warehouse = {.warehouse = TEXT_LITERAL(WAREHOUSE), .name = TEXT_LITERAL("Warehouse of the replay")};
	struct carrier_submitted carrier = {.carrier = TEXT_LITERAL("CARRIER-1"),
					    .name = TEXT_LITERAL("Carrier of the replay"),
					    .capacity = {1000000000},
					    .currency = text_of(master->replay->currency),
					    .speed = 50};

	submit(master, &warehouse_submitted_type, &warehouse);
	submit(master, &carrier_submitted_type, &carrier);
}

static void submit_outlet(struct master *master, const struct replay_place *place)
{
	struct outlet_submitted_upstream upstream = {.has_warehouse = true, .warehouse = TEXT_LITERAL(WAREHOUSE)};
	struct outlet_submitted outlet = {.outlet = text_of(place->code),
					  .name = text_of(place->code),
					  .tier = 1,
					  .kind = TEXT_LITERAL("own_store"),
					  .currency = text_of(master->replay->currency),
					  .has_upstreams = true,
					  .upstreams = {&upstream, 1}};
	char code[80];

	snprintf(code, sizeof(code), "%s-%.30s", WAREHOUSE, place->code);
	struct lane_submitted lane = {.lane = {code, (uint32_t)(strlen(code) < 32 ? strlen(code) : 32)},
				      .from = TEXT_LITERAL(WAREHOUSE),
				      .to = text_of(place->code),
				      .has_carrier = true,
				      .carrier = TEXT_LITERAL("CARRIER-1"),
				      .lead_time = LEAD_MINUTES,
				      .currency = text_of(master->replay->currency)};

	submit(master, &outlet_submitted_type, &outlet);
	submit(master, &lane_submitted_type, &lane);
}

static void submit_product(struct master *master, const struct replay_product *product)
{
	struct product_submitted submitted = {.sku = text_of(product->sku),
					      .name = text_of(product->name[0] != 0 ? product->name : product->sku),
					      .goods = product->is_goods};
	struct price_submitted price = {.sku = text_of(product->sku),
					.currency = text_of(master->replay->currency),
					.list = {product->price_e4}};

	submit(master, &product_submitted_type, &submitted);
	if (product->price_e4 > 0)
		submit(master, &price_submitted_type, &price);
}

static void submit_all(struct master *master)
{
	struct replay *replay = master->replay;

	submit_supply(master);
	for (struct replay_place *place = replay->places; place != NULL; place = place->hh.next)
		submit_outlet(master, place);
	for (struct replay_place *till = replay->terminals; till != NULL; till = till->hh.next) {
		struct terminal_submitted terminal = {.terminal = text_of(till->code), .outlet = text_of(till->outlet)};

		submit(master, &terminal_submitted_type, &terminal);
	}
	for (struct replay_product *product = replay->products; product != NULL; product = product->hh.next)
		submit_product(master, product);
}

int replay_master(struct replay *replay)
{
	struct master master = {.replay = replay};
	struct client_options options = {.name = "tributary replay",
					 .on_verdict = on_verdict,
					 .context = &master};
	struct bus *clock = NULL;
	int error = bus_open(&clock, NULL);

	if (error == ERR_NONE)
		error = network_open(&replay->network, "partners", &options, &master.client);
	if (error == ERR_NONE) {
		/* Known since the file's first ticket: the same file gives the same rulebook, whenever it is played. */
		master.now_us = replay->tickets != NULL ? replay->tickets->time_us : bus_now_us(clock);
		error = client_begin(master.client);
		submit_all(&master);
		int ended = client_end(master.client);
		error = master.error != ERR_NONE ? master.error : ended;
	}
	if (error == ERR_NONE)
		error = client_flush(master.client, FLUSH_MS);
	client_close(&master.client);
	bus_close(&clock);
	if (error == ERR_NONE)
		error = settle_network(&replay->network, "partners", SETTLE_MS);
	int code = network_say("partners", error);
	return code == EXIT_DONE && master.refused > 0 ? EXIT_REFUSED : code;
}
