/* look.c -- rows for a turn or a query. */
#include "look.h"

#include "figures.h"
#include "target.h"

static struct bytes turn_look(void *context, unsigned table, struct bytes key, struct bytes *found)
{
	return turn_seek(context, table, key, found);
}

static int64_t turn_look_setting(void *context, enum kpi_setting setting)
{
	return turn_setting(context, setting);
}

static struct bytes query_look(void *context, unsigned table, struct bytes key, struct bytes *found)
{
	return query_seek(context, table, key, found);
}

static int64_t query_look_setting(void *context, enum kpi_setting setting)
{
	return look_setting(context, setting);
}

struct look look_of_turn(struct turn *turn)
{
	return (struct look){turn_look, turn_look_setting, turn};
}

struct look look_of_query(struct query *query)
{
	return (struct look){query_look, query_look_setting, query};
}

bool look_row(const struct look *look, unsigned table, struct bytes key, void *row, size_t size)
{
	struct bytes found, value = look->seek(look->context, table, key, &found);

	if (found.data == NULL || !bytes_equal(found, key))
		value = bytes_of(NULL, 0);
	return copy_row(value, row, size);
}

/* One run of days: what is added up, and where. */
struct run {
	const struct look *look;
	enum metric metric;
	int32_t from, until;
	int64_t *sums;
	int32_t *first;
	wide whole;
};

static void run_add(struct run *run, int32_t day, int64_t sum)
{
	if (run->sums != NULL)
		run->sums[day - run->from] = shown((wide)run->sums[day - run->from] + sum);
	if (run->first != NULL && day < *run->first)
		*run->first = day;
	run->whole += sum;
}

/* The days of a scope in one currency; place holds the key of the running row. */
static void run_currency(struct run *run, uint8_t *place, size_t size)
{
	struct standing standing;
	struct measures day;
	struct bytes found, value;
	int64_t at = run->from;

	if (!look_row(run->look, TABLE_MEASURE, bytes_of(place, size), &standing, sizeof(standing)))
		return;
	for (; at <= run->until; at++) {
		number_key(place + size - 4, (uint32_t)at);
		value = run->look->seek(run->look->context, TABLE_MEASURE, bytes_of(place, size), &found);
		if (found.size != size || memcmp(found.data, place, size - 4) != 0)
			break;
		at = (int64_t)number_of_key(found.data + size - 4);
		if (at > run->until)
			break;
		if (!copy_row(value, &day, sizeof(day)))
			day = standing.today;
		run_add(run, (int32_t)at, metric_sum(run->metric, &day));
	}
}

static void run_wide(struct run *run, const struct target *target)
{
	uint8_t place[KEY_SIZE];
	struct text code;
	struct measure_parts parts;
	struct bytes found;
	char scope = target_scope(target, &code);

	if (target->metric == METRIC_REVENUE) {
		size_t size = measure_key(place, scope, code, CODE_TEXT(target->currency), 0).size;

		run_currency(run, place, size);
		return;
	}
	size_t prefix = measure_key(place, scope, code, TEXT_LITERAL(""), 0).size - 7;
	for (;;) {
		(void)run->look->seek(run->look->context, TABLE_MEASURE, bytes_of(place, prefix + 7), &found);
		if (found.size != prefix + 7 || memcmp(found.data, place, prefix) != 0 || !measure_parts(found, &parts))
			return;
		memcpy(place + prefix, parts.currency.data, 3);
		number_key(place + prefix + 3, 0);
		run_currency(run, place, prefix + 7);
		number_key(place + prefix + 3, UINT32_MAX); /* behind the last day of this currency */
	}
}

static void run_narrow(struct run *run, struct text code)
{
	uint8_t key[KEY_SIZE];
	size_t size = narrow_key(key, code, run->from).size;
	struct bytes found;
	int64_t sum;

	for (int64_t at = run->from; at <= run->until; at++) {
		number_key(key + size - 4, (uint32_t)at);
		struct bytes value = run->look->seek(run->look->context, TABLE_NARROW, bytes_of(key, size), &found);
		if (found.size != size || memcmp(found.data, key, size - 4) != 0)
			return;
		at = (int64_t)number_of_key(found.data + size - 4);
		if (at > run->until || !copy_row(value, &sum, sizeof(sum)))
			return;
		run_add(run, (int32_t)at, sum);
	}
}

int64_t look_days(const struct look *look, const struct target *target, struct text code, int32_t from,
		  int32_t until, int64_t *sums, int32_t *first)
{
	struct run run = {.look = look,
			  .metric = (enum metric)target->metric,
			  .from = from < 1 ? 1 : from,
			  .until = until,
			  .sums = sums,
			  .first = first};

	if (target_is_narrow(target))
		run_narrow(&run, code);
	else
		run_wide(&run, target);
	return shown(run.whole);
}
