/* audit_supply.c -- sums of deliveries that can be, and trips that are under way. */
#include "audit_supply.h"

#include "procure.h"
#include "score.h"
#include "transfer.h"

static bool score_can_be(const struct score *score)
{
	return score->deliveries > 0 && score->promised <= score->deliveries && score->on_time <= score->promised &&
	       score->in_full <= score->deliveries && score->both <= score->on_time && score->both <= score->in_full &&
	       score->timed <= score->deliveries && score->usable.milli <= score->sent.milli &&
	       score->valued.milli <= score->sent.milli &&
	       (wide)score->timed * score->squares >= (wide)score->minutes * score->minutes;
}

static void check_scores(struct audit *audit)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_SCORE);
	struct score score;
	struct bytes key, value;

	for (value = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; value = view_next(view, table, &key)) {
		if (value.size != sizeof(score)) {
			audit_wrong(audit, "score: a row of %zu bytes", value.size);
			continue;
		}
		memcpy(&score, value.data, sizeof(score));
		if (!score_can_be(&score))
			audit_wrong(audit, "score of %.*s: its sums cannot be: %lld deliveries, %lld on time, %lld in full, %lld both",
			            TEXT_ARGS(key_part(key, 1)), (long long)score.deliveries, (long long)score.on_time,
			            (long long)score.in_full, (long long)score.both);
	}
}

/* What the restocks take from a budget, by the charges. */
static int64_t charged(struct audit *audit, struct text budget)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_CHARGE);
	struct bytes key, value;
	int64_t sum = 0, cost;

	for (value = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; value = view_next(view, table, &key)) {
		if (value.size != sizeof(cost) || key.size != 8 + budget.size || memcmp(key.data + 8, budget.data, budget.size) != 0)
			continue;
		memcpy(&cost, value.data, sizeof(cost));
		sum += cost;
	}
	return sum;
}

static void check_budget(struct audit *audit, struct text code, const struct budget *budget)
{
	int64_t sum = charged(audit, code);

	if (sum != budget->spent.minor)
		audit_wrong(audit, "budget %.*s: %lld spent, its restocks cost %lld", TEXT_ARGS(code), (long long)budget->spent.minor,
		            (long long)sum);
}

static void check_budgets(struct audit *audit)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_BUDGET);
	uint8_t at[KEY_SIZE] = {0};
	struct budget budget;
	struct bytes key, value;

	/* The walk over the charges of each goes between two budgets, so the place is kept. */
	for (size_t size = 0;;) {
		value = view_seek(view, table, bytes_of(at, size), &key);
		if (key.data == NULL)
			return;
		CHECK(key.size < KEY_SIZE);
		memcpy(at, key.data, key.size);
		at[key.size] = 0;
		size = key.size + 1;
		if (value.size != sizeof(budget)) {
			audit_wrong(audit, "budget: a row of %zu bytes", value.size);
			continue;
		}
		memcpy(&budget, value.data, sizeof(budget));
		check_budget(audit, (struct text){(const char *)at, (uint32_t)(size - 1)}, &budget);
	}
}

/* Between two outlets at most one open transfer for a SKU: the index names it, and it is open. */
static void check_transfers(struct audit *audit)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_TRANSFER), index = audit_table(audit, TABLE_TRANSFER_OPEN);
	struct transfer transfer;
	struct bytes key, value;
	int64_t open = 0;

	for (value = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; value = view_next(view, table, &key)) {
		if (value.size != sizeof(transfer)) {
			audit_wrong(audit, "transfer: a row of %zu bytes", value.size);
			continue;
		}
		memcpy(&transfer, value.data, sizeof(transfer));
		open += transfer.state == TRANSFER_PROPOSED;
	}
	for ((void)view_seek(view, index, bytes_of(NULL, 0), &key); key.data != NULL; (void)view_next(view, index, &key))
		open--;
	if (open != 0)
		audit_wrong(audit, "transfers: %lld more are open than there are pairs of outlets with one", (long long)open);
}

void audit_supply(struct audit *audit)
{
	check_scores(audit);
	check_budgets(audit);
	check_transfers(audit);
}
