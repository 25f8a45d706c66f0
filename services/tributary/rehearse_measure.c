/* rehearse_measure.c -- what came of a played period: figures of kpi, and what the journals of orders and inventory count. */
#include <string.h>

#include "base/error.h"
#include "hearing.h"
#include "rehearse.h"

static void add(struct rehearsal *rehearsal, struct text outlet, enum measure measure, int64_t value)
{
	struct outcome *outcome = outlet.size > 0 ? rehearsal_outcome(rehearsal, outlet) : NULL;

	if (outcome != NULL)
		outcome->values[measure] += value;
}

/* The running row of an outlet. */
static void on_figures(void *context, struct bytes row)
{
	struct text outlet = row_text(row, "key");

	if (!text_equal(row_text(row, "scope"), TEXT_LITERAL("outlet")) || row_text(row, "day").size > 0)
		return;
	struct outcome *outcome = rehearsal_outcome(context, outlet);
	if (outcome != NULL)
		snprintf(outcome->currency, sizeof(outcome->currency), "%.*s", TEXT_ARGS(row_text(row, "currency")));
	add(context, outlet, MEASURE_REVENUE, row_int(row, "revenue_minor", 0) - row_int(row, "returns_minor", 0));
	add(context, outlet, MEASURE_STOCK_OUTS, row_int(row, "stock_outs", 0));
	add(context, outlet, MEASURE_SERVICE, row_int(row, "service_level_bp", 0));
	add(context, outlet, MEASURE_STOCK_VALUE, row_int(row, "stock_value_minor", 0));
}

static void on_rebate(void *context, struct bytes row)
{
	add(context, row_text(row, "outlet"), MEASURE_REBATE, row_int(row, "accrued_minor", 0) + row_int(row, "adjusted_minor", 0));
}

static void on_commissions(void *context, struct bytes row)
{
	add(context, row_text(row, "outlet"), MEASURE_COMMISSION, row_int(row, "accrued_minor", 0) + row_int(row, "adjusted_minor", 0));
}

/* What is endorsed waits for its second approval. */
static void on_claim(void *context, struct bytes row)
{
	if (text_equal(row_text(row, "state"), TEXT_LITERAL("approved")) || text_equal(row_text(row, "state"), TEXT_LITERAL("settled")))
		add(context, row_text(row, "outlet"), MEASURE_CLAIMS, row_int(row, "approved_minor", 0));
}

/* Each of these counts for the outlet or place that it is about. */
static const struct {
	const char *service, *type;
	enum measure measure;
} counted[] = {{"orders", "sale.refused", MEASURE_REFUSED},
	       {"orders", "price.deviation_detected", MEASURE_DEVIATIONS},
	       {"orders", "territory.breach_detected", MEASURE_BREACHES},
	       {"orders", "order.held", MEASURE_HELD},
	       {"orders", "order.released", MEASURE_RELEASED},
	       {"inventory", "restock.requested", MEASURE_RESTOCKS}};

struct counting {
	struct hearing hearing; /* first: the subscription's context */
	struct rehearsal *rehearsal;
};

static void on_event(void *context, const struct envelope *envelope, struct bytes event, uint64_t epoch)
{
	struct counting *counting = context;

	(void)event;
	(void)epoch;
	counting->hearing.heard = true;
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		if (text_equal(envelope->type, text_of(counted[i].type)))
			add(counting->rehearsal, envelope->subject, counted[i].measure, 1);
}

static int count_events(struct rehearsal *rehearsal, const struct network *network, const char *service)
{
	const char *types[sizeof(counted) / sizeof(counted[0]) + 1] = {0};
	struct counting counting = {.rehearsal = rehearsal};
	unsigned count = 0;

	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		if (strcmp(counted[i].service, service) == 0 && event_type_find(text_of(counted[i].type)) != NULL)
			types[count++] = counted[i].type;
	struct client_subscription subscription = {
	    .types = types, .from = 1, .on_event = on_event, .on_progress = hearing_progress, .context = &counting};
	struct client *client = network_client(network, service, "tributary rehearse");
	int error = client != NULL ? client_subscribe(client, &subscription) : ERR_UNREACHABLE;
	if (error == ERR_NONE)
		error = hearing_run(client, &counting.hearing, false, NULL);
	client_close(&client);
	return error;
}

static int ask(struct rehearsal *rehearsal, const struct network *network, const char *service, const char *what,
	       void (*on_row)(void *context, struct bytes row))
{
	struct client *client = network_client(network, service, "tributary rehearse");
	int error = client != NULL ? client_query(client, what, bytes_of(NULL, 0), on_row, rehearsal, QUERY_TIMEOUT_MS) : ERR_UNREACHABLE;

	client_close(&client);
	return error;
}

int rehearsal_measure(struct rehearsal *rehearsal, const struct network *network)
{
	int error = ask(rehearsal, network, "kpi", "kpi", on_figures);

	if (error == ERR_NONE)
		error = ask(rehearsal, network, "partners", "rebates", on_rebate);
	if (error == ERR_NONE)
		error = ask(rehearsal, network, "partners", "commission_statements", on_commissions);
	if (error == ERR_NONE)
		error = ask(rehearsal, network, "partners", "claims", on_claim);
	if (error == ERR_NONE)
		error = count_events(rehearsal, network, "orders");
	return error == ERR_NONE ? count_events(rehearsal, network, "inventory") : error;
}
