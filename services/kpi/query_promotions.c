/* query_promotions.c -- `get promotions`: what each has given, who paid, and what it brought; arguments: promotion, outlet. */
#include "figures.h"
#include "promotion.h"

static const char *const states[] = {"set", "exhausted", "ended", "closed"};

static void text_if(struct query *query, const char *name, struct text value)
{
	if (value.size > 0)
		query_text(query, name, value);
}

/* A version with the same cap changes nothing about what was given. */
static enum promotion_state state_of(const struct promotion *promotion)
{
	bool is_exhausted = promotion->cap > 0 && promotion->given >= promotion->cap;

	return promotion->state == PROMOTION_SET && is_exhausted ? PROMOTION_EXHAUSTED : (enum promotion_state)promotion->state;
}

static void row_of(struct query *query, struct text code, const struct promotion *promotion)
{
	const struct target *goods = &promotion->goods;
	struct look look = look_of_query(query);
	int32_t today = day_at(book_look(query).watermark_us, look_setting(query, SETTING_CALENDAR_OFFSET));
	struct uplift uplift = promotion_uplift(&look, code, promotion, today);
	char from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];

	day_text(goods->from + PROMOTION_BASE_DAYS, from);
	day_text(goods->until, until);
	query_text(query, "promotion", code);
	query_text(query, "outlet", CODE_TEXT(goods->outlet));
	query_text(query, "state", text_of(states[state_of(promotion)]));
	query_text(query, "from", text_of(from));
	query_text(query, "until", text_of(until));
	if (goods->tier != 0)
		query_int(query, "tier", goods->tier);
	text_if(query, "category", CODE_TEXT(goods->category));
	text_if(query, "brand", CODE_TEXT(goods->brand));
	text_if(query, "sku", CODE_TEXT(goods->sku));
	query_text(query, "currency", CODE_TEXT(promotion->currency));
	query_int(query, "lines", promotion->lines);
	query_int(query, "given_minor", promotion->given);
	query_int(query, "brand_minor", promotion->brand);
	query_int(query, "dealer_minor", promotion->dealer);
	if (promotion->cap > 0)
		query_int(query, "cap_minor", promotion->cap);
	query_int(query, "version", goods->version);
	if (!uplift.has_base)
		return;
	query_int(query, "units_milli", uplift.units);
	query_int(query, "base_milli", uplift.base);
	query_int(query, "uplift_milli", uplift.units - uplift.base);
	query_int(query, "uplift_bp", uplift.uplift_bp);
}

void query_promotions(struct query *query)
{
	struct text wanted = query_argument(query, "promotion"), outlet = query_argument(query, "outlet");
	struct promotion promotion;
	struct bytes key, value = query_seek(query, TABLE_PROMOTION, query_from(query), &key);

	for (; key.data != NULL; value = query_next(query, TABLE_PROMOTION, &key)) {
		struct text code = {(const char *)key.data, (uint32_t)key.size};

		if (!copy_row(value, &promotion, sizeof(promotion)) || (wanted.size > 0 && !text_equal(wanted, code)) ||
		    (outlet.size > 0 && !text_equal(outlet, CODE_TEXT(promotion.goods.outlet))))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		row_of(query, code, &promotion);
	}
}
