/* on_procurement_declared.c -- the principal says when and in which quantities something is procured. */
#include "base/when.h"
#include "events/partners.h"
#include "procure.h"

static int64_t day_of(bool has, struct text day)
{
	int64_t number;

	return has && day_number(day, &number) ? number : 0;
}

static uint32_t method_of(struct text method)
{
	return text_equal(method, TEXT_LITERAL("periodic"))         ? METHOD_PERIODIC
	       : text_equal(method, TEXT_LITERAL("vendor_managed")) ? METHOD_VENDOR
	                                                            : METHOD_CONTINUOUS;
}

static void ladder_of(const struct procurement_declared *declared, struct procure *policy)
{
	CODE_PUT(policy->currency, declared->has_currency ? declared->currency : (struct text){0});
	for (uint32_t i = 0; declared->has_breaks && i < declared->breaks.count && i < BREAKS_MAX; i++)
		policy->breaks[policy->break_count++] =
		    (struct price_break){declared->breaks.items[i].from, declared->breaks.items[i].price};
}

void on_procurement_declared(struct turn *turn, const struct procurement_declared *declared)
{
	bool is_by_cost = declared->has_source && text_equal(declared->source, TEXT_LITERAL("landed_cost"));
	struct procure policy = {.min_order = declared->has_min_order ? declared->min_order : quantity_of(0),
	                         .multiple = declared->has_multiple ? declared->multiple : quantity_of(0),
	                         .from = day_of(declared->has_from, declared->from),
	                         .until = day_of(declared->has_until, declared->until),
	                         .version = (uint64_t)declared->version,
	                         .method = method_of(declared->method),
	                         .source = is_by_cost ? SOURCE_LANDED_COST : SOURCE_UPSTREAM,
	                         .otif_floor = declared->has_otif_floor ? declared->otif_floor : 0,
	                         .defects_ceiling = declared->has_defects_ceiling ? declared->defects_ceiling : NUMBER_MAX,
	                         .holding_bp = declared->has_holding_bp ? declared->holding_bp : 0};
	struct text none = {0};
	uint8_t key[KEY_SIZE];

	for (uint32_t i = 0; declared->has_reviews && i < declared->reviews.count; i++)
		policy.weekdays |= UINT32_C(1) << (declared->reviews.items[i].weekday - 1);
	ladder_of(declared, &policy);
	const struct text codes[] = {declared->has_sku ? declared->sku : none, declared->has_outlet ? declared->outlet : none,
	                             declared->has_category ? declared->category : none, declared->procurement};
	turn_put(turn, TABLE_PROCURE, key_join(key, codes, 4), bytes_of(&policy, sizeof(policy)));
	procure_declared(turn);
}
