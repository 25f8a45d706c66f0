/* story.c -- everything that is said from outside, as structs. */
#include "story.h"

#include <stdio.h>

#include "base/error.h"
#include "events/kpi.h"
#include "events/logistics.h"
#include "events/staff.h"
#include "events/terminals.h"
#include "events/warehouses.h"

#define TICKET_US (DAYS * US_PER_DAY / TICKETS)
#define LINES_MAX 3

const char *const story_outlets[OUTLETS] = {"S1", "S2", "S3", "S4"};
static const char *const skus[PRODUCTS] = {"A0", "A1", "A2", "A3", "A4", "A5", "A6",
                                           "A7", "A8", "A9", "B0", "B1", "B2", "B3",
                                           "B4", "B5", "B6", "B7", "B8", "B9"};
static const char *const tills[TILLS] = {"S1/T1", "S1/T2", "S2/T1", "S2/T2",
                                         "S3/T1", "S3/T2", "S4/T1", "S4/T2"};

void story_say(struct client *client, const char *source, const struct event_type *type,
               const void *event, int64_t time_us)
{
	int error = client_publish(client, source, type, event, time_us, NULL);

	if (error != ERR_NONE)
		fprintf(stderr, "%s: %s\n", type->name, error_text(error));
	CHECK(error == ERR_NONE);
}

void story_rule(struct client *office, const struct event_type *type, const void *event)
{
	story_say(office, "staff/mei", type, event, STORY_US);
}

static void say_places(struct client *office)
{
	struct outlet_submitted_upstream upstream = {.has_warehouse = true,
	                                             .warehouse = TEXT_LITERAL("WH-1")};
	struct warehouse_submitted warehouse = {.warehouse = TEXT_LITERAL("WH-1"),
	                                        .name = TEXT_LITERAL("the warehouse")};
	struct carrier_submitted carrier = {.carrier = TEXT_LITERAL("VAN"),
	                                    .name = TEXT_LITERAL("a van"),
	                                    .capacity = {5000000},
	                                    .cost_per_stop = {500},
	                                    .cost_per_km = {100},
	                                    .currency = TEXT_LITERAL("GBP"),
	                                    .speed = 50};

	story_rule(office, &warehouse_submitted_type, &warehouse);
	story_rule(office, &carrier_submitted_type, &carrier);
	for (int i = 0; i < OUTLETS; i++) {
		struct outlet_submitted outlet = {.outlet = text_of(story_outlets[i]),
		                                  .name = text_of(story_outlets[i]),
		                                  .tier = i < 2 ? 1 : 2,
		                                  .kind = i < 2 ? TEXT_LITERAL("own_store")
		                                                : TEXT_LITERAL("dealer"),
		                                  .currency = TEXT_LITERAL("GBP"),
		                                  .has_upstreams = true,
		                                  .upstreams = {&upstream, 1}};
		struct lane_submitted lane = {
		    .lane = text_of(story_outlets[i]), /* a way to an outlet is named by it */
		    .from = TEXT_LITERAL("WH-1"),
		    .to = text_of(story_outlets[i]),
		    .has_carrier = true,
		    .carrier = TEXT_LITERAL("VAN"),
		    .lead_time = 300,
		    .cost = {1000 + i},
		    .currency = TEXT_LITERAL("GBP"),
		    .has_distance = true,
		    .distance = 10000 * (i + 1)};

		story_rule(office, &outlet_submitted_type, &outlet);
		story_rule(office, &lane_submitted_type, &lane);
	}
	for (int i = 0; i < TILLS; i++) {
		struct terminal_submitted terminal = {.terminal = text_of(tills[i]),
		                                      .outlet = text_of(story_outlets[i / 2])};

		story_rule(office, &terminal_submitted_type, &terminal);
	}
}

static int64_t price_minor(int product)
{
	return 150 + product * 55;
}

int64_t story_price_e4(int product)
{
	return price_minor(product) * 100;
}

const char *story_sku(int product)
{
	return skus[product];
}

struct target_submitted story_target(void)
{
	return (struct target_submitted){.target = TEXT_LITERAL("MARCH"),
	                                 .metric = TEXT_LITERAL("revenue"),
	                                 .has_currency = true,
	                                 .currency = TEXT_LITERAL("GBP"),
	                                 .from = TEXT_LITERAL("2026-03-01"),
	                                 .until = TEXT_LITERAL("2026-03-31"),
	                                 .value = 5000000};
}

static void say_commission(struct client *office)
{
	const struct commission_submitted_share shares[] = {{TEXT_LITERAL("seller"), STORY_SELLER_BP},
	                                                    {TEXT_LITERAL("handed_over_by"), 10000 - STORY_SELLER_BP}};

	story_rule(office, &commission_submitted_type,
	     &(struct commission_submitted){.commission = TEXT_LITERAL("LEAD"),
	                                    .currency = TEXT_LITERAL("GBP"),
	                                    .rate_bp = STORY_COMMISSION_BP,
	                                    .shares = {shares, 2}});
}

static void say_goods(struct client *office)
{
	for (int i = 0; i < PRODUCTS; i++) {
		struct product_submitted product = {.sku = text_of(skus[i]),
		                                    .name = text_of(skus[i]),
		                                    .has_category = true,
		                                    .category = i < 10 ? TEXT_LITERAL("A")
		                                                       : TEXT_LITERAL("B"),
		                                    .goods = true};
		struct price_submitted price = {.sku = text_of(skus[i]),
		                                .currency = TEXT_LITERAL("GBP"),
		                                .list = {price_minor(i) * 100}};
		struct stock_policy_submitted policy = {.has_sku = true,
		                                        .sku = text_of(skus[i]),
		                                        .reorder_point = {150000},
		                                        .order_up_to = {260000}};

		story_rule(office, &product_submitted_type, &product);
		story_rule(office, &price_submitted_type, &price);
		story_rule(office, &stock_policy_submitted_type, &policy);
	}
	struct target_submitted target = story_target();

	story_scheme(400000, 100, 200, STORY_US);
	story_territory(0, 0, STORY_US);
	story_appraisal(6000, 500000, STORY_US);
	say_commission(office);
	story_rule(office, &target_submitted_type, &target);
}

static void say_counts(struct client *counter)
{
	struct stock_counted_line lines[PRODUCTS];

	for (int place = 0; place <= OUTLETS; place++) {
		struct stock_counted counted = {.place = place < OUTLETS ? text_of(story_outlets[place])
		                                                         : TEXT_LITERAL("WH-1"),
		                                .reference = TEXT_LITERAL("opening"),
		                                .lines = {lines, PRODUCTS}};

		for (int i = 0; i < PRODUCTS; i++)
			lines[i] = (struct stock_counted_line){
			    text_of(skus[i]), {place < OUTLETS ? STORY_OPENING_MILLI : STORY_WAREHOUSE_MILLI}};
		story_say(counter, "wms/WH-1", &stock_counted_type, &counted, STORY_US);
	}
}

/* ---- the warehouse answers each step of a shipment with the next one, exactly once ---- */

static bool understood(const struct event_type *type, const struct envelope *envelope, void *event)
{
	static uint8_t memory[1 << 18];
	struct arena arena = {.block = memory, .size = sizeof(memory)};
	struct reader reader = reader_of(envelope->data);

	return text_equal(envelope->type, text_of(type->name)) &&
	       type->unpack(event, &reader, &arena) == ERR_NONE;
}

static void answer(struct client *warehouse, const struct envelope *envelope)
{
	struct text mine = TEXT_LITERAL("WH-1");
	int64_t time_us = envelope->time_us + 30 * US_PER_MINUTE;
	union {
		struct shipment_planned planned;
		struct shipment_picked picked;
		struct shipment_dispatched dispatched;
		struct shipment_delivered delivered;
	} heard;

	if (understood(&shipment_planned_type, envelope, &heard)) {
		struct pick_confirmed picked = {.shipment = heard.planned.shipment,
		                                .warehouse = mine};

		story_say(warehouse, "wms/WH-1", &pick_confirmed_type, &picked, time_us);
	} else if (understood(&shipment_picked_type, envelope, &heard)) {
		struct dispatch_confirmed dispatched = {.shipment = heard.picked.shipment,
		                                        .warehouse = mine};

		story_say(warehouse, "wms/WH-1", &dispatch_confirmed_type, &dispatched, time_us);
	} else if (understood(&shipment_dispatched_type, envelope, &heard)) {
		struct delivery_confirmed delivered = {.shipment = heard.dispatched.shipment,
		                                       .outlet = heard.dispatched.outlet};

		story_say(warehouse, "wms/WH-1", &delivery_confirmed_type, &delivered, time_us);
	} else if (understood(&shipment_delivered_type, envelope, &heard)) {
		struct receipt_confirmed received = {.shipment = heard.delivered.shipment,
		                                     .outlet = heard.delivered.outlet};

		story_say(warehouse, "wms/WH-1", &receipt_confirmed_type, &received, time_us);
	}
}

static void on_event(void *context, const struct envelope *envelope, struct bytes event,
                     uint64_t epoch)
{
	(void)event;
	CHECK(client_begin(context) == ERR_NONE);
	answer(context, envelope);
	CHECK(client_confirm(context, epoch, envelope->seq) == ERR_NONE);
	CHECK(client_end(context) == ERR_NONE);
}

static struct dashboard dashboard;
static struct client *office;

const struct dashboard *story_dashboard(void)
{
	return &dashboard;
}

static void on_figure(void *context, const struct envelope *envelope, struct bytes event, uint64_t epoch)
{
	struct kpi_updated updated;

	(void)context;
	(void)event;
	(void)epoch;
	if (understood(&kpi_updated_type, envelope, &updated) && text_equal(updated.scope, TEXT_LITERAL("total")) && updated.day.size == 0)
		dashboard = (struct dashboard){updated.revenue.minor, updated.tickets};
}

static void begin_dashboard(struct network *network, unsigned lazy)
{
	static const char *const types[] = {"kpi.updated", NULL};
	struct client *wall = network_client(network, KPI, "dashboard");
	struct client_subscription subscription = {.types = types, .from = 1, .credit = 16, .on_event = on_figure};

	dashboard = (struct dashboard){0};
	CHECK(client_subscribe(wall, &subscription) == ERR_NONE);
	network->lazy[network->client_count - 1] = lazy;
}

struct client *story_office(void)
{
	return office;
}

void story_scheme(int64_t from, int64_t first_bp, int64_t second_bp, int64_t time_us)
{
	const struct scheme_submitted_step steps[STORY_STEPS] = {{.has_rate_bp = true, .rate_bp = first_bp},
	                                                         {.from = from, .has_rate_bp = true, .rate_bp = second_bp}};
	struct scheme_submitted scheme = {.scheme = TEXT_LITERAL("MARCH"),
	                                  .name = TEXT_LITERAL("March"),
	                                  .basis = TEXT_LITERAL("revenue"),
	                                  .period = TEXT_LITERAL("month"),
	                                  .currency = TEXT_LITERAL("GBP"),
	                                  .ladder = TEXT_LITERAL("whole"),
	                                  .steps = {steps, STORY_STEPS},
	                                  .from = TEXT_LITERAL("2026-03-01")};

	story_say(office, "staff/mei", &scheme_submitted_type, &scheme, time_us);
}

const char *const story_kinds[STORY_KINDS] = {"exclusive", "protected", "shared"};

void story_territory(int holder, int kind, int64_t time_us)
{
	const struct territory_submitted_area area = {.area = TEXT_LITERAL("310000")};
	struct territory_submitted territory = {.territory = TEXT_LITERAL("EAST"),
	                                        .name = TEXT_LITERAL("East"),
	                                        .kind = text_of(story_kinds[kind]),
	                                        .holder = text_of(story_outlets[holder]),
	                                        .areas = {&area, 1}};

	story_say(office, "staff/mei", &territory_submitted_type, &territory, time_us);
}

const char *const story_days[DAYS] = {"2026-03-01", "2026-03-02", "2026-03-03"};
void story_appraisal(int64_t revenue_bp, int64_t revenue_goal, int64_t time_us)
{
	const struct appraisal_submitted_metric metrics[] = {{.metric = TEXT_LITERAL("revenue"),
	                                                      .weight_bp = revenue_bp,
	                                                      .direction = TEXT_LITERAL("higher"),
	                                                      .goal = revenue_goal},
	                                                     {.metric = TEXT_LITERAL("tickets"),
	                                                      .weight_bp = 10000 - revenue_bp,
	                                                      .direction = TEXT_LITERAL("higher"),
	                                                      .goal = STORY_TICKETS_GOAL}};
	struct appraisal_submitted appraisal = {.appraisal = TEXT_LITERAL("MARCH"),
	                                        .from = TEXT_LITERAL("2026-03-01"),
	                                        .until = TEXT_LITERAL("2026-03-31"),
	                                        .has_tier = true,
	                                        .tier = 2,
	                                        .has_currency = true,
	                                        .currency = TEXT_LITERAL("GBP"),
	                                        .metrics = {metrics, 2}};

	story_say(office, "staff/mei", &appraisal_submitted_type, &appraisal, time_us);
}

/* Of each service that says what a metric may count: all of it, some of it, a sum. */
const struct story_metric story_metrics[STORY_METRICS] = {
    {"restock.requested", NULL, NULL, "quantity"}, {"restock.requested", "policy", "master", NULL}, {"restock.fulfilled", NULL, NULL, "quantity"},
    {"shipment.delivered", "on_time", "true", NULL}, {"sale.recorded", NULL, NULL, "total"},	      {"sale.returned", NULL, NULL, NULL},
    {"restock.requested", NULL, NULL, NULL},
};

static struct text given(const char *text)
{
	return text == NULL ? (struct text){"", 0} : text_of(text);
}

void story_metric(int shape, int64_t time_us)
{
	const struct story_metric *drawn = &story_metrics[shape];
	const struct appraisal_submitted_metric metric = {
	    .metric = TEXT_LITERAL("WATCHED"), .weight_bp = 10000, .direction = TEXT_LITERAL("higher"), .goal = 1000000000};

	story_say(office, "staff/mei", &metric_submitted_type,
	          &(struct metric_submitted){.metric = TEXT_LITERAL("WATCHED"),
	                                     .event = text_of(drawn->event),
	                                     .has_field = drawn->field != NULL,
	                                     .field = given(drawn->field),
	                                     .has_value = drawn->value != NULL,
	                                     .value = given(drawn->value),
	                                     .has_sum = drawn->sum != NULL,
	                                     .sum = given(drawn->sum)},
	          time_us);
	story_say(office, "staff/mei", &appraisal_submitted_type,
	          &(struct appraisal_submitted){.appraisal = TEXT_LITERAL("WATCH"),
	                                        .from = TEXT_LITERAL("2026-03-01"),
	                                        .until = TEXT_LITERAL("2026-03-31"),
	                                        .has_tier = true,
	                                        .tier = 2,
	                                        .metrics = {&metric, 1}},
	          time_us);
}

void story_begin(struct network *network, unsigned lazy)
{
	static const char *const types[] = {"shipment.planned", "shipment.picked",
	                                    "shipment.dispatched", "shipment.delivered", NULL};
	struct client *counter = network_client(network, INVENTORY, "counter");
	struct client *warehouse = network_client(network, LOGISTICS, "warehouse");
	struct client_subscription subscription = {
	    .types = types, .from = 1, .on_event = on_event, .context = warehouse};

	office = network_client(network, PARTNERS, "office");
	CHECK(client_subscribe(warehouse, &subscription) == ERR_NONE);
	begin_dashboard(network, lazy);
	say_places(office);
	say_goods(office);
	story_training(office);
	CHECK(network->client_count == STORY_CLIENTS && network_settle(network));
	say_counts(counter);
	CHECK(network_settle(network));
}

/* ---- tickets ---- */

struct line {
	int product;
	int64_t pieces;
};

static bool is_return(uint32_t number)
{
	return number % 20 == 19;
}

/* The sale that a return is of: the last one before it at the other till of its outlet. */
static uint32_t sale_of(uint32_t number)
{
	uint32_t sale = number - 1;

	while (is_return(sale) || story_till(sale) != (story_till(number) ^ 1))
		sale--;
	return sale;
}

/* What is on ticket `number`: every twentieth brings back half of what was sold on another. */
static unsigned ticket_lines(uint32_t number, struct line lines[LINES_MAX])
{
	uint32_t dice = (is_return(number) ? sale_of(number) : number) * 2654435761u;
	unsigned count = dice / 7 % LINES_MAX + 1;

	for (unsigned i = 0; i < count; i++) {
		int64_t pieces = (int64_t)(dice / 13 + i) % 4 + 1;

		lines[i] = (struct line){(int)((dice / 11 + i * 7) % PRODUCTS), is_return(number) ? (pieces + 1) / 2 : pieces};
	}
	return count;
}

static int64_t ticket_minor(uint32_t number)
{
	struct line lines[LINES_MAX];
	unsigned count = ticket_lines(number, lines);
	int64_t minor = 0;

	for (unsigned i = 0; i < count; i++)
		minor += lines[i].pieces * price_minor(lines[i].product);
	return minor;
}

/* Another outlet had the customer of every second sale first. */
static bool is_handed_over(uint32_t number)
{
	return number / 3 % 2 == 0;
}

bool story_shared(uint32_t number, struct story_shared *shared)
{
	*shared = (struct story_shared){story_till(number) / 2, (story_till(number) / 2 + 1) % OUTLETS, ticket_minor(number)};
	for (uint32_t later = number + 1; later < number + 50 && later < TICKETS; later++)
		if (is_return(later) && sale_of(later) == number)
			shared->left_minor -= ticket_minor(later);
	return !is_return(number) && is_handed_over(number);
}

static int day_of(uint32_t number)
{
	return (int)(number * TICKET_US / US_PER_DAY);
}

int64_t story_ticket_us(uint32_t number)
{
	return STORY_US + number * TICKET_US;
}

unsigned story_till(uint32_t number)
{
	return number * 5 / 3 % TILLS;
}

const char *story_till_name(unsigned till)
{
	return tills[till];
}

bool story_sent(uint32_t number)
{
	return number % 6 == 0 && !is_return(number);
}

void story_ticket(struct client *client, uint32_t number, const char *source)
{
	struct ticket_sold_line lines[LINES_MAX];
	struct line wanted[LINES_MAX];
	unsigned count = ticket_lines(number, wanted);
	const char *till = source != NULL ? source : tills[story_till(number)];
	int64_t time_us = story_ticket_us(number);
	char receipt[24];
	struct ticket_sold sold = {
	    .outlet = {till, 2},
	    .receipt = {receipt, (uint32_t)snprintf(receipt, sizeof(receipt), "R%u", number)},
	    .currency = TEXT_LITERAL("GBP"),
	    .day = text_of(story_days[day_of(number)]),
	    .has_handed_over_by = is_handed_over(number),
	    .handed_over_by = text_of(story_outlets[(story_till(number) / 2 + 1) % OUTLETS]),
	    .has_ship_to = story_sent(number),
	    .ship_to = TEXT_LITERAL("310115"),
	    .lines = {lines, count}};

	for (unsigned i = 0; i < count; i++)
		lines[i] =
		    (struct ticket_sold_line){.sku = text_of(skus[wanted[i].product]),
		                              .quantity = {wanted[i].pieces * 1000},
		                              .has_unit_price = true,
		                              .unit_price = {price_minor(wanted[i].product) * 100}};
	if (!is_return(number)) {
		story_say(client, till, &ticket_sold_type, &sold, time_us);
		return;
	}
	struct ticket_returned_line back[LINES_MAX];
	char original[24];
	struct ticket_returned returned = {.has_original = true,
	                                   .original = {original, (uint32_t)snprintf(original, sizeof(original), "R%u", sale_of(number))},
	                                   .has_original_terminal = source == NULL,
	                                   .original_terminal = text_of(tills[story_till(sale_of(number))]),
	                                   .outlet = sold.outlet,
	                                   .receipt = sold.receipt,
	                                   .currency = sold.currency,
	                                   .day = sold.day,
	                                   .lines = {back, count}};
	for (unsigned i = 0; i < count; i++)
		back[i] = (struct ticket_returned_line){.sku = lines[i].sku,
		                                        .quantity = lines[i].quantity,
		                                        .has_unit_price = true,
		                                        .unit_price = lines[i].unit_price};
	story_say(client, till, &ticket_returned_type, &returned, time_us);
}

void story_truth(struct truth *truth)
{
	*truth = (struct truth){0};
	for (uint32_t number = 0; number < TICKETS; number++) {
		unsigned outlet = story_till(number) / 2;
		int day = day_of(number);
		struct line lines[LINES_MAX];
		unsigned count = ticket_lines(number, lines);

		truth->tickets[outlet][day] += !is_return(number);
		for (unsigned i = 0; i < count; i++) {
			int64_t minor = lines[i].pieces * price_minor(lines[i].product);

			*(is_return(number) ? &truth->returns[outlet][day]
			                    : &truth->revenue[outlet][day]) += minor;
			truth->sold_milli[outlet][lines[i].product] +=
			    (is_return(number) ? -1000 : 1000) * lines[i].pieces;
		}
	}
}

void story_probe(struct network *network, int outlet, int day)
{
	const int product = PRODUCTS / 2; /* the first of category B */
	const char *till = tills[2 * outlet];
	char receipt[24];
	const struct ticket_sold_line line = {.sku = text_of(skus[product]),
	                                      .quantity = {1000},
	                                      .has_unit_price = true,
	                                      .unit_price = {price_minor(product) * 100}};
	struct ticket_sold sold = {.outlet = text_of(story_outlets[outlet]),
	                           .receipt = {receipt, (uint32_t)snprintf(receipt, sizeof(receipt), "P%d%d", outlet, day)},
	                           .currency = TEXT_LITERAL("GBP"),
	                           .day = text_of(story_days[day]),
	                           .lines = {&line, 1}};

	story_say(network->clients[STORY_CLIENTS + 2 * outlet], till, &ticket_sold_type, &sold, story_ticket_us(TICKETS));
}
