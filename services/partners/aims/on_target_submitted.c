/* on_target_submitted.c -- staff sets what is to be reached, by whom, until when. */
#include "base/error.h"
#include "record.h"
#include "rules.h"

#define PARENTS_MAX 8 /* targets above a target */

static bool refuse(struct turn *turn, const struct target_submitted *target, const char *code,
                   const char *sentence)
{
	return record_refuse(turn, TABLE_TARGET, target->target, code, "%s", sentence);
}

static bool target_place_valid(struct turn *turn, const struct target_submitted *target)
{
	if ((target->has_outlet && !record_names(turn, TABLE_TARGET, target->target, TABLE_OUTLET, target->outlet)) ||
	    (target->has_sku && !record_names(turn, TABLE_TARGET, target->target, TABLE_PRODUCT, target->sku)))
		return false;
	/* R232: A target for a territory names a known one, and neither an outlet, nor a tier, nor a salesperson beside it. */
	if (target->has_territory && !record_names(turn, TABLE_TARGET, target->target, TABLE_TERRITORY, target->territory))
		return false;
	if (target->has_territory && (target->has_outlet || target->has_tier || target->has_salesperson))
		return refuse(turn, target, "bad_scope", "give a territory, or an outlet, a tier, a salesperson");
	/* R60: A target is about at most one of a category, a brand and a SKU. */
	return target->has_category + target->has_brand + target->has_sku <= 1 ||
	       refuse(turn, target, "bad_scope", "give a category, a brand or a SKU, not two of them");
}

static bool target_stretch_valid(struct turn *turn, const struct target_submitted *target)
{
	/* R61: A stretch value lies above the value. */
	return !target->has_stretch || target->stretch > target->value ||
	       refuse(turn, target, "bad_stretch", "the stretch value is not above the value");
}

/* The fields of a target that is known, into the turn's memory; false: it is not. */
static bool target_known(struct turn *turn, struct text code, struct target_submitted *known)
{
	struct record record = record_get(turn, TABLE_TARGET, bytes_of_text(code));
	struct reader reader = reader_of(record.fields);

	return record.version > 0 && target_submitted_type.unpack(known, &reader, turn_arena(turn)) == ERR_NONE;
}

/* R62: A part is measured as its parent is, within its period; the parents of a target never lead back to it. */
static bool target_parent_valid(struct turn *turn, const struct target_submitted *target)
{
	struct target_submitted parent;
	struct text next = target->parent;

	if (!target->has_parent)
		return true;
	for (unsigned depth = 0; next.size > 0; depth++) {
		if (text_equal(next, target->target) || depth == PARENTS_MAX)
			return refuse(turn, target, "bad_parent",
			              "its parents lead back to it, or are more than 8");
		if (!target_known(turn, next, &parent))
			return record_refuse(turn, TABLE_TARGET, target->target, "unknown_target",
			                     "target %.*s is not known", TEXT_ARGS(next));
		if (depth == 0 && !target_is_part(target, &parent))
			return refuse(turn, target, "bad_parent",
			              "metric or currency differ from its parent's, or its period is not within");
		next = parent.has_parent ? parent.parent : (struct text){0};
	}
	return true;
}

static bool target_valid(struct turn *turn, const struct target_submitted *target)
{
	/* R7: A target has a known metric and a period of days in order; money needs its currency. */
	if (!metric_known(target->metric))
		return record_refuse(turn, TABLE_TARGET, target->target, "unknown_metric",
		                     "metric is revenue, units or tickets, not %.*s",
		                     TEXT_ARGS(target->metric));
	if (!period_ordered(target->from, target->until))
		return record_refuse(turn, TABLE_TARGET, target->target, "bad_period",
		                     "from and until are days, the first not after the last");
	if (text_equal(target->metric, TEXT_LITERAL("revenue")) && !target->has_currency)
		return record_refuse(turn, TABLE_TARGET, target->target, "missing_currency",
		                     "a target of revenue names its currency");
	if (target->has_currency && !record_currency(turn, TABLE_TARGET, target->target, target->currency))
		return false;
	return target_place_valid(turn, target) && target_stretch_valid(turn, target) &&
	       target_parent_valid(turn, target);
}

void on_target_submitted(struct turn *turn, const struct target_submitted *target)
{
	if (target_valid(turn, target))
		record_submit(turn, TABLE_TARGET, bytes_of_text(target->target), target);
}
