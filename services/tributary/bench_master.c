/* bench_master.c -- the network that the bench sells in: who there is, what there is, how much of
 * it lies where. */
#include "bench_master.h"
#include "events/warehouses.h"
#include "settle.h"

#define WAREHOUSE "BENCH-WH"
#define COUNT_LINES 500
#define FLUSH_MS 60000
#define SETTLE_MS 60000
#define REORDER_MILLI 12000
#define UP_TO_MILLI 36000
#define PROBE_REORDER_MILLI 10000 /* the first sale of a probe takes it there */
#define WAREHOUSE_MILLI INT64_C(100000000)

void bench_submit(struct master *master, const struct event_type *type, const void *event)
{
	if (master->error == ERR_NONE)
		master->error = client_publish(master->client, master->source, type, event,
		                               master->now_us, NULL);
}

static void submit_places(struct master *master)
{
	const struct outlet_submitted_upstream from = {.has_warehouse = true,
	                                               .warehouse = TEXT_LITERAL(WAREHOUSE)};
	char code[BENCH_CODE_SIZE], lane_code[BENCH_CODE_SIZE + 8];

	bench_submit(master, &warehouse_submitted_type,
	       &(struct warehouse_submitted){.warehouse = TEXT_LITERAL(WAREHOUSE),
	                                     .name = TEXT_LITERAL("bench warehouse"),
	                                     .has_latitude = true,
	                                     .latitude = 311000000,
	                                     .has_longitude = true,
	                                     .longitude = 1213000000});
	bench_submit(master, &carrier_submitted_type,
	       &(struct carrier_submitted){.carrier = TEXT_LITERAL("BENCH-VAN"),
	                                   .name = TEXT_LITERAL("bench van"),
	                                   .capacity = {600000},
	                                   .cost_per_stop = {3500},
	                                   .cost_per_km = {210},
	                                   .currency = TEXT_LITERAL("CNY"),
	                                   .speed = 50});
	for (uint32_t i = 0; i < BENCH_OUTLETS; i++) {
		bench_sales_outlet(code, i);
		snprintf(lane_code, sizeof(lane_code), "L-%s", code);
		bench_submit(master, &outlet_submitted_type,
		       &(struct outlet_submitted){
		           .outlet = text_of(code),
		           .name = text_of(code),
		           .tier = i < 8 ? 1 : 2,
		           .kind = i < 8 ? TEXT_LITERAL("own_store") : TEXT_LITERAL("dealer"),
		           .currency = TEXT_LITERAL("CNY"),
		           .has_upstreams = true,
		           .upstreams = {&from, 1},
		           .has_latitude = true,
		           .latitude = 311000000 + (int64_t)(i * 7919 % 1000) * 2000,
		           .has_longitude = true,
		           .longitude = 1213000000 + (int64_t)(i * 104729 % 1000) * 2000});
		bench_submit(master, &lane_submitted_type,
		       &(struct lane_submitted){.lane = text_of(lane_code),
		                                .from = TEXT_LITERAL(WAREHOUSE),
		                                .to = text_of(code),
		                                .has_carrier = true,
		                                .carrier = TEXT_LITERAL("BENCH-VAN"),
		                                .lead_time = 300,
		                                .cost = {4500},
		                                .currency = TEXT_LITERAL("CNY")});
	}
}

static void submit_products(struct master *master)
{
	char code[BENCH_CODE_SIZE], category[BENCH_CODE_SIZE];

	for (uint32_t i = 0; i < BENCH_PRODUCTS; i++) {
		bench_sales_product(code, i, master->bench->stamp);
		snprintf(category, sizeof(category), "BENCH-%u", i % BENCH_CATEGORIES);
		bench_submit(master, &product_submitted_type,
		       &(struct product_submitted){.sku = text_of(code),
		                                   .name = text_of(code),
		                                   .has_category = true,
		                                   .category = text_of(category),
		                                   .goods = true});
		if (i < BENCH_SOLD_PRODUCTS)
			continue;
		bench_submit(master, &stock_policy_submitted_type,
		       &(struct stock_policy_submitted){.has_sku = true,
		                                        .sku = text_of(code),
		                                        .reorder_point = {PROBE_REORDER_MILLI},
		                                        .order_up_to = {UP_TO_MILLI}});
	}
	for (uint32_t i = 0; i < BENCH_CATEGORIES; i++) {
		snprintf(category, sizeof(category), "BENCH-%u", i);
		bench_submit(master, &stock_policy_submitted_type,
		       &(struct stock_policy_submitted){.has_category = true,
		                                        .category = text_of(category),
		                                        .reorder_point = {REORDER_MILLI},
		                                        .order_up_to = {UP_TO_MILLI}});
	}
}

static void submit_tills_and_targets(struct master *master)
{
	char till[BENCH_CODE_SIZE], outlet[BENCH_CODE_SIZE], target[BENCH_CODE_SIZE + 8],
	    from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];

	day_text(master->now_us / US_PER_DAY - 15, from);
	day_text(master->now_us / US_PER_DAY + 15, until);
	for (uint32_t i = 0; i < BENCH_TILLS; i++) {
		bench_sales_till(till, i);
		bench_sales_outlet(outlet, i % BENCH_OUTLETS);
		bench_submit(master, &terminal_submitted_type,
		       &(struct terminal_submitted){.terminal = text_of(till),
		                                    .outlet = text_of(outlet)});
	}
	for (uint32_t i = 0; i < BENCH_OUTLETS; i++) {
		bench_sales_outlet(outlet, i);
		snprintf(target, sizeof(target), "T-%s", outlet);
		bench_submit(master, &target_submitted_type,
		       &(struct target_submitted){.target = text_of(target),
		                                  .has_outlet = true,
		                                  .outlet = text_of(outlet),
		                                  .metric = TEXT_LITERAL("revenue"),
		                                  .has_currency = true,
		                                  .currency = TEXT_LITERAL("CNY"),
		                                  .from = text_of(from),
		                                  .until = text_of(until),
		                                  .value = INT64_C(500000000)});
	}
}

/* Opening counts of one place, so that every shelf is known and a probe's first sale makes its
 * restock due. */
static void count_place(struct master *master, const char *place, bool is_warehouse)
{
	static char codes[COUNT_LINES]
	                 [BENCH_CODE_SIZE]; /* house: large, and the command has one thread */
	struct stock_counted_line lines[COUNT_LINES];
	char reference[41];

	for (uint32_t first = 0; first < BENCH_PRODUCTS; first += COUNT_LINES) {
		uint32_t count =
		    BENCH_PRODUCTS - first < COUNT_LINES ? BENCH_PRODUCTS - first : COUNT_LINES;

		for (uint32_t i = 0; i < count; i++) {
			int64_t milli =
			    is_warehouse ? WAREHOUSE_MILLI : bench_sales_opening(first + i) * 1000;

			bench_sales_product(codes[i], first + i, master->bench->stamp);
			lines[i] = (struct stock_counted_line){.sku = text_of(codes[i]),
			                                       .counted = {milli}};
		}
		snprintf(reference, sizeof(reference), "%llx-%u",
		         (unsigned long long)master->bench->stamp, first);
		bench_submit(master, &stock_counted_type,
		       &(struct stock_counted){.place = text_of(place),
		                               .reference = text_of(reference),
		                               .lines = {lines, count}});
	}
}

static void on_verdict(void *context, const struct client_verdict *verdict)
{
	struct master *master = context;

	if (verdict->verdict != VERDICT_REFUSED || master->error != ERR_NONE)
		return;
	fprintf(stderr, "tributary bench: %.*s#%llu refused: %.*s: %.*s\n",
	        TEXT_ARGS(verdict->source), (unsigned long long)verdict->seq,
	        TEXT_ARGS(verdict->code), TEXT_ARGS(verdict->message));
	master->error = ERR_USAGE;
}

static int master_open(struct master *master, const char *service)
{
	struct client_options options = {
	    .name = "tributary bench",
	    .on_verdict = on_verdict,
	    .context = master};
	int error = network_open(&master->bench->network, service, &options, &master->client);

	return error != ERR_NONE ? error : client_begin(master->client);
}

static int master_close(struct master *master)
{
	int error = master->client != NULL ? client_end(master->client) : ERR_NONE;

	if (error == ERR_NONE && master->error == ERR_NONE && master->client != NULL)
		error = client_flush(master->client, FLUSH_MS);
	client_close(&master->client);
	return master->error != ERR_NONE ? master->error : error;
}

int bench_master_apply(struct bench *bench)
{
	struct master office = {
	    .bench = bench, .source = "staff/bench", .now_us = (int64_t)bench->stamp};
	struct master stores = {
	    .bench = bench, .source = "wms/" WAREHOUSE, .now_us = (int64_t)bench->stamp};
	char outlet[BENCH_CODE_SIZE];

	office.error = master_open(&office, "partners");
	submit_places(&office);
	submit_products(&office);
	submit_tills_and_targets(&office);
	if (bench->rules)
		bench_rules_submit(&office);
	int error = master_close(&office);
	if (error == ERR_NONE)
		error = settle_network(&bench->network, "partners", SETTLE_MS);
	if (error != ERR_NONE)
		return error;
	stores.error = master_open(&stores, "inventory");
	for (uint32_t i = 0; i < BENCH_OUTLETS; i++) {
		bench_sales_outlet(outlet, i);
		count_place(&stores, outlet, false);
	}
	count_place(&stores, WAREHOUSE, true);
	error = master_close(&stores);
	return error != ERR_NONE ? error : settle_network(&bench->network, NULL, SETTLE_MS);
}
