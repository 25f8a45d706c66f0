/* audit_supply.c -- sums of deliveries that can be, and trips that are under way. */
#include "audit_supply.h"

#include "score.h"

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

void audit_supply(struct audit *audit)
{
	check_scores(audit);
}
