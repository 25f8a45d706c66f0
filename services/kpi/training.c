/* training.c -- days of certificates, and how the days with them compare with those without. */
#include "training.h"

#define TIMES_MAX (NUMBER_MAX / 10000 - 2) /* of which a share in basis points is a number */
#define FOR_EVER INT64_C(5000000) /* behind every day that has a name */

static struct bytes trained_key(uint8_t key[KEY_SIZE], struct text course, struct text outlet, struct text result)
{
	const struct text codes[] = {course, outlet, result};

	return key_join(key, codes, 3);
}

void trained_place(struct turn *turn, const struct certified *certified)
{
	struct trained span = {.until = FOR_EVER};
	uint8_t place[KEY_SIZE];

	if (!day_number(certified->from, &span.from) || (certified->until.size > 0 && !day_number(certified->until, &span.until)))
		return; /* partners says none such */
	if (span.until < span.from)
		trained_forget(turn, certified->course, certified->outlet, certified->result);
	else
		row_put(turn, TABLE_CERTIFICATE, trained_key(place, certified->course, certified->outlet, certified->result), &span, sizeof(span));
}

void trained_forget(struct turn *turn, struct text course, struct text outlet, struct text result)
{
	uint8_t place[KEY_SIZE];

	turn_del(turn, TABLE_CERTIFICATE, trained_key(place, course, outlet, result));
}

void trained_days(struct query *query, struct text course, struct text outlet, int64_t from, bool trained[TRAINING_DAYS_MAX])
{
	uint8_t place[KEY_SIZE];
	struct bytes prefix = trained_key(place, course, outlet, (struct text){0}), key, row;
	struct trained span;

	memset(trained, 0, TRAINING_DAYS_MAX * sizeof(*trained));
	for (row = query_seek(query, TABLE_CERTIFICATE, prefix, &key);
	     key.size > prefix.size && memcmp(key.data, prefix.data, prefix.size) == 0; row = query_next(query, TABLE_CERTIFICATE, &key)) {
		if (!copy_row(row, &span, sizeof(span)))
			continue;
		int64_t first = span.from > from ? span.from - from : 0;
		int64_t last = span.until - from < TRAINING_DAYS_MAX ? span.until - from : TRAINING_DAYS_MAX - 1;
		for (int64_t day = first; day <= last; day++)
			trained[day] = true;
	}
}

/* R141: The difference is by how much a mean day with a certificate brings more than a mean day without, in basis points of the latter, half to
   even; where there is no day of one sort, or those without brought nothing or less, there is none. */
bool sums_difference_bp(wide part, int64_t part_days, wide other, int64_t other_days, int64_t *difference_bp)
{
	if (part_days == 0 || other_days == 0 || other <= 0)
		return false;
	/* part / part_days over other / other_days; a sum lies within 2^61, days within 2^31 */
	wide with = part * other_days, without = other * part_days;
	while (without > INT64_MAX / 2) {
		without /= 2;
		with /= 2;
	}
	if (with / without > TIMES_MAX || with / without < -TIMES_MAX)
		*difference_bp = with > 0 ? NUMBER_MAX : -NUMBER_MAX;
	else
		*difference_bp = shown(divide_half_even((with - without) * 10000, (int64_t)without));
	return true;
}
