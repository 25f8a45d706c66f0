/* audit_promotion.c -- the truths of promotions: both parts of what was given sum to it, and the rows hold what the journal says. */
#include "audit_promotion.h"

#include "promotion.h"

static void add(struct audit *audit, struct given *given, const struct given *part, int sign)
{
	if (part->brand + part->dealer != part->amount)
		audit_wrong(audit, "promotions: of %lld given, %lld and %lld are paid", (long long)part->amount, (long long)part->brand,
		            (long long)part->dealer);
	given->amount += sign * part->amount;
	given->brand += sign * part->brand;
	given->dealer += sign * part->dealer;
	given->lines += sign * part->lines;
}

void audit_promotion_event(struct audit *audit, struct given *given, const struct event_type *type, const void *event)
{
	if (type == &promotion_applied_type) {
		const struct promotion_applied *applied = event;

		add(audit, given, &(struct given){applied->amount.minor, applied->brand_amount.minor, applied->dealer_amount.minor, 1}, 1);
	} else if (type == &promotion_reversed_type) {
		const struct promotion_reversed *back = event;

		add(audit, given,
		    &(struct given){back->amount.minor, back->brand_amount.minor, back->dealer_amount.minor, !back->has_return_receipt}, -1);
	}
}

/* What has come back of a line took from each who pays what its quantity has of what was given, and is no more than was sold. */
static void check_back(struct audit *audit)
{
	struct view *view = audit_view(audit);
	struct bytes key, row;

	for (row = view_seek(view, audit_table(audit, TABLE_PROMOTED_BACK), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_PROMOTED_BACK), &key)) {
		struct promoted promoted;
		struct promoted_back back;

		if (!promoted_back_read(row, &back) || !promoted_read(view_get(view, audit_table(audit, TABLE_PROMOTED), key), &promoted) ||
		    back.milli < 0 || back.milli > back.of_milli || back.of_milli <= 0 ||
		    back.brand != promotion_share(promoted.brand, back.milli, back.of_milli) ||
		    back.dealer != promotion_share(promoted.dealer, back.milli, back.of_milli))
			audit_wrong(audit, "promotions: what came back on receipt %.*s of %.*s does not fit what was given", TEXT_ARGS(key_part(key, 2)),
				    TEXT_ARGS(key_part(key, 0)));
	}
}

void audit_promotion_rows(struct audit *audit, const struct given *given)
{
	struct view *view = audit_view(audit);
	struct given rows = {0};
	struct bytes key, row;
	int64_t lines = 0;

	check_back(audit);
	for (row = view_seek(view, audit_table(audit, TABLE_PROMOTION_SUM), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_PROMOTION_SUM), &key)) {
		struct promotion_sum sum;

		if (promotion_sum_read(row, &sum))
			add(audit, &rows, &(struct given){sum.given, sum.brand, sum.dealer, sum.lines}, 1);
	}
	for (row = view_seek(view, audit_table(audit, TABLE_PROMOTED), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_PROMOTED), &key))
		lines++;
	if (memcmp(&rows, given, sizeof(rows)) != 0 || lines != given->lines)
		audit_wrong(audit, "promotions: %lld given on %lld lines in the journal, %lld on %lld in the rows of %lld", (long long)given->amount,
		            (long long)given->lines, (long long)rows.amount, (long long)rows.lines, (long long)lines);
}
