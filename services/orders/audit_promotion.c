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

		add(audit, given, &(struct given){back->amount.minor, back->brand_amount.minor, back->dealer_amount.minor, 1}, -1);
	}
}

void audit_promotion_rows(struct audit *audit, const struct given *given)
{
	struct view *view = audit_view(audit);
	struct given rows = {0};
	struct bytes key, row;
	int64_t lines = 0;

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
