/* on_commission_submitted.c -- staff publishes how the commission of a sale is shared (佣金). */
#include "money/commission.h"
#include "record.h"

static bool refuse(struct turn *turn, const struct commission_submitted *commission, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_COMMISSION, commission->commission, code, "%s", sentence);
}

/* R150: A commission is for one selling outlet, one tier or all, and for a SKU, a category, a brand or all goods, on days in order; what it names
 * is known. */
static bool scope_valid(struct turn *turn, const struct commission_submitted *commission)
{
	if (commission->has_outlet && commission->has_tier)
		return refuse(turn, commission, "bad_scope", "give an outlet or a tier, not both");
	if (commission->has_sku + commission->has_category + commission->has_brand > 1)
		return refuse(turn, commission, "bad_scope", "give a sku, a category or a brand, not several");
	if (commission->has_outlet && !record_known(turn, TABLE_OUTLET, commission->outlet))
		return refuse(turn, commission, "unknown_outlet", "its outlet is not known");
	if (commission->has_sku && !record_known(turn, TABLE_PRODUCT, commission->sku))
		return refuse(turn, commission, "unknown_product", "its product is not known");
	return record_days(turn, TABLE_COMMISSION, commission->commission, commission->has_from, commission->from, commission->has_until, commission->until);
}

/* R151: The shares of a commission are of different roles and sum to exactly 10,000 basis points. */
static bool shares_valid(struct turn *turn, const struct commission_submitted *commission)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < commission->shares.count; i++) {
		const struct commission_submitted_share *share = &commission->shares.items[i];
		unsigned role = 0;

		while (role < ROLES && !text_equal(share->role, text_of(commission_roles[role])))
			role++;
		if (role == ROLES)
			return refuse(turn, commission, "unknown_role", "a role is seller, handed_over_by, picked_up_at or serviced_by");
		for (uint32_t k = 0; k < i; k++)
			if (text_equal(share->role, commission->shares.items[k].role))
				return refuse(turn, commission, "bad_shares", "a role has one share");
		sum += share->share_bp;
	}
	return sum == SPLIT_WHOLE || refuse(turn, commission, "bad_shares", "the shares do not sum to 10000 basis points");
}

/* R152: A commission that is known may change its rate, its shares and its days; where and for what it is, and its currency, is another one. */
static bool change_valid(struct turn *turn, const struct commission_submitted *submitted, const struct commission *now)
{
	struct commission known;

	return !commission_latest(turn, submitted->commission, &known) ||
	       (known.place == now->place && known.goods == now->goods && memcmp(known.at, now->at, sizeof(now->at)) == 0 &&
		memcmp(known.of, now->of, sizeof(now->of)) == 0 && memcmp(known.currency, now->currency, sizeof(now->currency)) == 0) ||
	       refuse(turn, submitted, "bad_change", "where and for what it is stays; give another commission");
}

void on_commission_submitted(struct turn *turn, const struct commission_submitted *submitted)
{
	struct commission commission;

	commission_compile(submitted, &commission);
	if (!scope_valid(turn, submitted) || !shares_valid(turn, submitted) ||
	    !record_currency(turn, TABLE_COMMISSION, submitted->commission, submitted->currency) || !change_valid(turn, submitted, &commission))
		return;
	commission.version = record_submit(turn, TABLE_COMMISSION, bytes_of_text(submitted->commission), submitted);
	if (commission.version > 0)
		commission_declare(turn, submitted->commission, &commission);
}
