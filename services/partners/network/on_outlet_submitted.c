/* on_outlet_submitted.c -- staff says what an outlet is and who supplies it. */
#include "flow/flow.h"
#include "network/chain.h"
#include "record.h"
#include "rules.h"

/* R13: An upstream is a known warehouse or a known outlet. */
static bool upstream_valid(struct turn *turn, const struct outlet_submitted *outlet,
                           const struct outlet_submitted_upstream *upstream)
{
	if (!upstream->has_warehouse && !upstream->has_outlet)
		return record_refuse(turn, TABLE_OUTLET, outlet->outlet, "bad_upstream",
		                     "an upstream names a warehouse or an outlet");
	if (upstream->has_warehouse && !record_known(turn, TABLE_WAREHOUSE, upstream->warehouse))
		return record_refuse(turn, TABLE_OUTLET, outlet->outlet, "unknown_warehouse",
		                     "upstream warehouse %.*s is not known", TEXT_ARGS(upstream->warehouse));
	if (!window_ordered(upstream->has_from, upstream->from, upstream->has_until, upstream->until))
		return record_refuse(turn, TABLE_OUTLET, outlet->outlet, "bad_period",
		                     "from and until of an upstream are days, the first not after the last");
	/* Itself may not be known yet: that is a circle, and said as one. */
	return !upstream->has_outlet || text_equal(upstream->outlet, outlet->outlet) ||
	       record_known(turn, TABLE_OUTLET, upstream->outlet) ||
	       record_refuse(turn, TABLE_OUTLET, outlet->outlet, "unknown_outlet",
	                     "upstream outlet %.*s is not known", TEXT_ARGS(upstream->outlet));
}

static bool words_valid(struct turn *turn, const struct outlet_submitted *outlet)
{
	if (!record_word(turn, TABLE_OUTLET, outlet->outlet, "kind", outlet->kind, "unknown_kind"))
		return false;
	if (outlet->has_status &&
	    !record_word(turn, TABLE_OUTLET, outlet->outlet, "status", outlet->status, "unknown_status"))
		return false;
	return !outlet->has_stage || record_word(turn, TABLE_OUTLET, outlet->outlet, "stage", outlet->stage, "unknown_stage");
}

static bool outlet_valid(struct turn *turn, const struct outlet_submitted *outlet)
{
	if (!record_currency(turn, TABLE_OUTLET, outlet->outlet, outlet->currency) || !words_valid(turn, outlet))
		return false;
	for (uint32_t i = 0; outlet->has_upstreams && i < outlet->upstreams.count; i++)
		if (!upstream_valid(turn, outlet, &outlet->upstreams.items[i]))
			return false;
	return chain_valid(turn, outlet);
}

/* The stage that is known of it, empty: none. Lends from the turn. */
static struct text stage_known(struct turn *turn, struct text outlet)
{
	struct outlet_submitted known;

	if (record_fields(turn, TABLE_OUTLET, bytes_of_text(outlet), &known) == 0)
		return (struct text){0};
	return known.has_stage ? turn_text(turn, "%.*s", TEXT_ARGS(known.stage)) : (struct text){0};
}

void on_outlet_submitted(struct turn *turn, const struct outlet_submitted *outlet)
{
	struct text stage = outlet->has_stage ? outlet->stage : (struct text){0}, before = stage_known(turn, outlet->outlet);

	if (!outlet_valid(turn, outlet))
		return;
	/* R18: A partner goes from stage to stage as its flow allows: the first may be any, and none is forgotten. */
	if (before.size > 0 && !text_equal(before, stage) && !flow_leads(&flow_partner, before, stage)) {
		const struct breach breach = {"outlet", &flow_partner, before, stage};

		breach_refuse(turn, &breach, outlet->outlet, "illegal_stage",
			      turn_text(turn, "no partner goes from %.*s to %.*s", TEXT_ARGS(before), TEXT_ARGS(stage)));
		return;
	}
	int64_t version = record_submit(turn, TABLE_OUTLET, bytes_of_text(outlet->outlet), outlet);
	/* R19: A partner that has come to another stage is said to have. */
	if (version > 0 && !text_equal(before, stage))
		emit_partner_stage_changed(turn, &(struct partner_stage_changed){.outlet = outlet->outlet,
										 .has_from_stage = before.size > 0,
										 .from_stage = before,
										 .to_stage = stage,
										 .version = version});
}
