/* on_procurement_submitted.c -- staff says when and in which quantities something is procured (采购). */
#include "base/error.h"
#include "channel.h"
#include "record.h"

static bool refuse(struct turn *turn, const struct procurement_submitted *procurement, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_PROCUREMENT, procurement->procurement, code, "%s", sentence);
}

static bool same(bool has, struct text text, bool had, struct text before)
{
	return has == had && (!has || text_equal(text, before));
}

/* R261: What a procurement policy or a budget is for stays; a change of that is another one. */
static bool scope_stays(struct turn *turn, const struct procurement_submitted *procurement)
{
	struct record record = record_get(turn, TABLE_PROCUREMENT, bytes_of_text(procurement->procurement));
	struct reader reader = reader_of(record.fields);
	struct procurement_submitted before;

	if (record.version == 0)
		return true;
	CHECK(procurement_submitted_type.unpack(&before, &reader, turn_arena(turn)) == ERR_NONE);
	return (same(procurement->has_outlet, procurement->outlet, before.has_outlet, before.outlet) &&
	        same(procurement->has_category, procurement->category, before.has_category, before.category) &&
	        same(procurement->has_sku, procurement->sku, before.has_sku, before.sku)) ||
	       refuse(turn, procurement, "scope_changed", "it is for something else; give that a code of its own");
}

static bool scope_known(struct turn *turn, const struct procurement_submitted *procurement)
{
	if (procurement->has_sku && procurement->has_category)
		return refuse(turn, procurement, "bad_scope", "give a sku or a category, not both");
	if (procurement->has_sku && !record_known(turn, TABLE_PRODUCT, procurement->sku))
		return record_refuse(turn, TABLE_PROCUREMENT, procurement->procurement, "unknown_product",
		                     "product %.*s is not known", TEXT_ARGS(procurement->sku));
	return !procurement->has_outlet || record_known(turn, TABLE_OUTLET, procurement->outlet) ||
	       record_refuse(turn, TABLE_PROCUREMENT, procurement->procurement, "unknown_outlet",
	                     "outlet %.*s is not known", TEXT_ARGS(procurement->outlet));
}

/* R260: A procurement policy is for one SKU, one category or all goods, at one outlet or everywhere; the periodic method has review days
   and no other has; the least and the multiple are more than nothing. */
static bool procurement_valid(struct turn *turn, const struct procurement_submitted *procurement)
{
	bool periodic = text_equal(procurement->method, TEXT_LITERAL("periodic"));
	bool reviewed = procurement->has_reviews && procurement->reviews.count > 0;

	if (!record_word(turn, TABLE_PROCUREMENT, procurement->procurement, "method", procurement->method, "unknown_method") ||
	    !scope_known(turn, procurement))
		return false;
	if (periodic != reviewed)
		return refuse(turn, procurement, "bad_review", "the periodic method has review days, and no other has");
	if ((procurement->has_min_order && procurement->min_order.milli <= 0) ||
	    (procurement->has_multiple && procurement->multiple.milli <= 0))
		return refuse(turn, procurement, "bad_quantity", "the least and the multiple are more than nothing");
	if (!window_ordered(procurement->has_from, procurement->from, procurement->has_until, procurement->until))
		return refuse(turn, procurement, "bad_period", "its days are no dates, or not in order");
	return scope_stays(turn, procurement);
}

void on_procurement_submitted(struct turn *turn, const struct procurement_submitted *procurement)
{
	if (procurement_valid(turn, procurement))
		record_submit(turn, TABLE_PROCUREMENT, bytes_of_text(procurement->procurement), procurement);
}
