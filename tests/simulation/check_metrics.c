/*
 * check_metrics.c -- what a registered metric has counted of each dealer is all that its last version counts in the journals, whichever service
 * it is of, whatever the versions before counted, and however late it was declared: each event is weighed here by its own struct.
 */
#include "events/inventory.h"
#include "events/logistics.h"
#include "events/orders.h"
#include "events/partners.h"
#include "truth.h"

#define REST_US (61 * US_PER_SECOND) /* after so long a silence the clock ticks, and a part of a journal is read */
#define RESTS_MAX 20

struct watched {
	int64_t version;
	const struct story_metric *shape;
	int64_t counted[OUTLETS];
	unsigned open, rows; /* open: readings that have not come to their end */
};

static bool is_given(bool has, struct text text, const char *like)
{
	return has ? like != NULL && text_equal(text, text_of(like)) : like == NULL;
}

static void take_metric(void *context, const struct envelope *envelope)
{
	struct watched *watched = context;
	struct metric_declared metric;

	if (!truth_unpack(&metric_declared_type, envelope, &metric))
		return;
	if (metric.version != watched->version + 1)
		truth_broken("version %lld of the metric follows %lld", (long long)metric.version, (long long)watched->version);
	watched->version = metric.version;
	watched->shape = NULL;
	for (int i = 0; i < STORY_METRICS; i++)
		if (text_equal(metric.event, text_of(story_metrics[i].event)) && is_given(metric.has_field, metric.field, story_metrics[i].field) &&
		    is_given(metric.has_sum, metric.sum, story_metrics[i].sum))
			watched->shape = &story_metrics[i];
	if (watched->shape == NULL)
		truth_broken("a metric counts what nobody has asked for");
}

/* Readings for the last version that are not at their end. */
static void take_reading(void *context, const struct envelope *envelope)
{
	struct watched *watched = context;
	union {
		struct metric_replay_begun begun;
		struct stock_metric_replay_begun stock_begun;
		struct shipment_metric_replay_begun shipment_begun;
		struct metric_replayed part;
		struct stock_metric_replayed stock_part;
		struct shipment_metric_replayed shipment_part;
	} said;

	if (truth_unpack(&metric_replay_begun_type, envelope, &said.begun))
		watched->open += said.begun.metric_version == watched->version;
	else if (truth_unpack(&stock_metric_replay_begun_type, envelope, &said.stock_begun))
		watched->open += said.stock_begun.metric_version == watched->version;
	else if (truth_unpack(&shipment_metric_replay_begun_type, envelope, &said.shipment_begun))
		watched->open += said.shipment_begun.metric_version == watched->version;
	else if (truth_unpack(&metric_replayed_type, envelope, &said.part))
		watched->open -= said.part.metric_version == watched->version && said.part.has_done && said.part.done;
	else if (truth_unpack(&stock_metric_replayed_type, envelope, &said.stock_part))
		watched->open -= said.stock_part.metric_version == watched->version && said.stock_part.has_done && said.stock_part.done;
	else if (truth_unpack(&shipment_metric_replayed_type, envelope, &said.shipment_part))
		watched->open -= said.shipment_part.metric_version == watched->version && said.shipment_part.has_done && said.shipment_part.done;
}

static void add(struct watched *watched, struct text outlet, int64_t number)
{
	int at = outlet.size == 2 ? outlet.data[1] - '1' : -1;

	if (outlet.size == 2 && outlet.data[0] == 'S' && at >= 0 && at < OUTLETS)
		watched->counted[at] += watched->shape->sum != NULL ? number : 1;
}

static void take_event(void *context, const struct envelope *envelope)
{
	struct watched *watched = context;
	union {
		struct restock_requested requested;
		struct restock_fulfilled fulfilled;
		struct shipment_delivered delivered;
		struct sale_recorded sale;
		struct sale_returned back;
	} said;

	if (!text_equal(envelope->type, text_of(watched->shape->event)))
		return;
	if (truth_unpack(&restock_requested_type, envelope, &said.requested)) {
		if (watched->shape->field == NULL || text_equal(said.requested.policy, text_of(watched->shape->value)))
			add(watched, said.requested.place, said.requested.quantity.milli);
	} else if (truth_unpack(&restock_fulfilled_type, envelope, &said.fulfilled)) {
		add(watched, said.fulfilled.place, said.fulfilled.quantity.milli);
	} else if (truth_unpack(&shipment_delivered_type, envelope, &said.delivered)) {
		if (said.delivered.on_time)
			add(watched, said.delivered.outlet, 0);
	} else if (truth_unpack(&sale_recorded_type, envelope, &said.sale)) {
		add(watched, said.sale.outlet, said.sale.total.minor);
	} else if (truth_unpack(&sale_returned_type, envelope, &said.back)) {
		add(watched, said.back.outlet, 0);
	}
}

static void take_row(void *context, struct bytes row)
{
	struct watched *watched = context;
	int outlet = truth_row_text(row, "outlet").data[1] - '1';

	if (!text_equal(truth_row_text(row, "metric"), TEXT_LITERAL("WATCHED")))
		return;
	watched->rows++;
	if (outlet < OUTLETS / 2 || outlet >= OUTLETS)
		truth_broken("who is no dealer is watched as one");
	else if (truth_row_int(row, "raw") != watched->counted[outlet])
		truth_broken("S%d: version %lld of the metric, of %s, has counted %lld; it should be %lld", outlet + 1, (long long)watched->version,
			     watched->shape->event, (long long)truth_row_int(row, "raw"), (long long)watched->counted[outlet]);
}

/* As long as a journal is read: a silence, the tick that ends it, and what comes of that. */
static bool readings_end(struct network *network, struct watched *watched)
{
	static const enum service_number readers[] = {ORDERS, INVENTORY, LOGISTICS};

	for (unsigned rests = 0; rests < RESTS_MAX; rests++) {
		watched->open = 0;
		for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
			truth_each_event(network, readers[i], take_reading, watched);
		if (watched->open == 0)
			return true;
		network_pass(network, REST_US);
		if (!network_settle(network))
			return false;
	}
	return false;
}

void check_metrics(struct network *network)
{
	struct watched watched = {0};

	truth_each_event(network, PARTNERS, take_metric, &watched);
	if (watched.shape == NULL)
		return; /* this seed registers none */
	if (!readings_end(network, &watched)) {
		truth_broken("a journal is read for ever");
		return;
	}
	truth_each_event(network, ORDERS, take_event, &watched);
	truth_each_event(network, INVENTORY, take_event, &watched);
	truth_each_event(network, LOGISTICS, take_event, &watched);
	truth_each_row(network, KPI, "appraisals", take_row, &watched);
	if (watched.rows != OUTLETS / 2)
		truth_broken("%u rows of the metric", watched.rows);
}
