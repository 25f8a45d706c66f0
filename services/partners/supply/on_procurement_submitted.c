/* on_procurement_submitted.c -- staff says when and in which quantities something is procured (采购). */
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
	struct procurement_submitted before;

	if (record_fields(turn, TABLE_PROCUREMENT, bytes_of_text(procurement->procurement), &before) == 0)
		return true;
	return (same(procurement->has_outlet, procurement->outlet, before.has_outlet, before.outlet) &&
	        same(procurement->has_category, procurement->category, before.has_category, before.category) &&
	        same(procurement->has_sku, procurement->sku, before.has_sku, before.sku)) ||
	       refuse(turn, procurement, "scope_changed", "it is for something else; give that a code of its own");
}

static bool scope_known(struct turn *turn, const struct procurement_submitted *procurement)
{
	if (procurement->has_sku && procurement->has_category)
		return refuse(turn, procurement, "bad_scope", "give a sku or a category, not both");
	if (procurement->has_sku && !record_names(turn, TABLE_PROCUREMENT, procurement->procurement, TABLE_PRODUCT, procurement->sku))
		return false;
	return !procurement->has_outlet || record_names(turn, TABLE_PROCUREMENT, procurement->procurement, TABLE_OUTLET, procurement->outlet);
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
	return record_days(turn, TABLE_PROCUREMENT, procurement->procurement, procurement->has_from, procurement->from, procurement->has_until,
	                   procurement->until) &&
	       scope_stays(turn, procurement);
}

/* R265: A procurement policy chooses its source by a known word; a floor and a ceiling are of one that chooses by landed cost, shares of a
   whole. */
static bool source_valid(struct turn *turn, const struct procurement_submitted *procurement)
{
	bool by_cost = procurement->has_source && text_equal(procurement->source, TEXT_LITERAL("landed_cost"));

	if (procurement->has_source &&
	    !record_word(turn, TABLE_PROCUREMENT, procurement->procurement, "source", procurement->source, "unknown_source"))
		return false;
	if ((procurement->has_otif_floor || procurement->has_defects_ceiling) && !by_cost)
		return refuse(turn, procurement, "bad_source", "a floor and a ceiling are for sources that are chosen by landed cost");
	return ((!procurement->has_otif_floor || (procurement->otif_floor >= 0 && procurement->otif_floor <= 10000)) &&
	        (!procurement->has_defects_ceiling || procurement->defects_ceiling <= 1000000)) ||
	       refuse(turn, procurement, "bad_source", "a floor or a ceiling is more than the whole or less than nothing");
}

/* R266: A ladder of prices (阶梯价) is of one SKU, in a currency, with a rate of holding between nothing and the whole; its quantities rise from above nothing
   and its prices fall, never to nothing. */
static bool ladder_valid(struct turn *turn, const struct procurement_submitted *procurement)
{
	int64_t from = 0, price = NUMBER_MAX;

	if (!procurement->has_breaks || procurement->breaks.count == 0)
		return (!procurement->has_currency && !procurement->has_holding_bp) ||
		       refuse(turn, procurement, "bad_ladder", "a currency and a rate of holding are for a ladder of prices");
	if (!procurement->has_sku || !procurement->has_currency || !procurement->has_holding_bp)
		return refuse(turn, procurement, "bad_ladder", "a ladder of prices is of one SKU, with a currency and a rate of holding");
	if (!record_currency(turn, TABLE_PROCUREMENT, procurement->procurement, procurement->currency))
		return false;
	if (procurement->holding_bp < 0 || procurement->holding_bp > 10000)
		return refuse(turn, procurement, "bad_ladder", "the rate of holding lies between 0 and 10000");
	for (uint32_t i = 0; i < procurement->breaks.count; i++) {
		if (procurement->breaks.items[i].from.milli <= from || procurement->breaks.items[i].price.e4 >= price ||
		    procurement->breaks.items[i].price.e4 <= 0)
			return refuse(turn, procurement, "bad_ladder", "quantities rise from above nothing, prices fall and stay above it");
		from = procurement->breaks.items[i].from.milli;
		price = procurement->breaks.items[i].price.e4;
	}
	return true;
}

void on_procurement_submitted(struct turn *turn, const struct procurement_submitted *procurement)
{
	if (procurement_valid(turn, procurement) && source_valid(turn, procurement) && ladder_valid(turn, procurement))
		record_submit(turn, TABLE_PROCUREMENT, bytes_of_text(procurement->procurement), procurement);
}
