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

struct bytes look_value(const struct look *look, unsigned table, struct bytes key)
{
	struct bytes found, value = look->seek(look->context, table, key, &found);

	return found.data == NULL || !bytes_equal(found, key) ? bytes_of(NULL, 0) : value;
}

bool look_row(const struct look *look, unsigned table, struct bytes key, void *row, size_t size)
{
	return copy_row(look_value(look, table, key), row, size);
}

/* The days of a scope, one after the other, handed to whoever wants them. */
struct run {
	const struct look *look;
	int32_t from, until;
	void (*each)(void *context, int32_t day, const struct measures *measures);
	void *context;
};

/* The days in one currency; place holds the key of the running row. */
static void run_currency(const struct run *run, uint8_t *place, size_t size)
{
	struct standing standing;
	struct measures day;
	struct bytes found, value;

	if (!look_row(run->look, TABLE_MEASURE, bytes_of(place, size), &standing, sizeof(standing)))
		return;
	for (int64_t at = run->from; at <= run->until; at++) {
		number_key(place + size - 4, (uint32_t)at);
		value = run->look->seek(run->look->context, TABLE_MEASURE, bytes_of(place, size), &found);
		if (found.size != size || memcmp(found.data, place, size - 4) != 0)
			break;
		at = (int64_t)number_of_key(found.data + size - 4);
		if (at > run->until)
			break;
		if (!copy_row(value, &day, sizeof(day)))
			day = standing.today;
		run->each(run->context, (int32_t)at, &day);
	}
}

static void run_scope(const struct run *run, char scope, struct text code, struct text currency)
{
	uint8_t place[KEY_SIZE];
	struct measure_parts parts;
	struct bytes found;

	if (currency.size > 0) {
		run_currency(run, place, measure_key(place, scope, code, currency, 0).size);
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

struct sum_of_days {
	enum metric metric;
	int32_t from;
	int64_t *sums;
	int32_t *first;
	wide whole;
};

static void sum_day(void *context, int32_t day, int64_t brought)
{
	struct sum_of_days *sum = context;

	if (sum->sums != NULL)
		sum->sums[day - sum->from] = shown((wide)sum->sums[day - sum->from] + brought);
	if (sum->first != NULL && day < *sum->first)
		*sum->first = day;
	sum->whole += brought;
}

static void sum_measures(void *context, int32_t day, const struct measures *measures)
{
	const struct sum_of_days *sum = context;

	sum_day(context, day, metric_sum(sum->metric, measures));
}

static void run_narrow(struct sum_of_days *sum, const struct look *look, struct text code, int32_t until)
{
	uint8_t key[KEY_SIZE];
	size_t size = narrow_key(key, code, sum->from).size;
	struct bytes found;
	int64_t brought;

	for (int64_t at = sum->from; at <= until; at++) {
		number_key(key + size - 4, (uint32_t)at);
		struct bytes value = look->seek(look->context, TABLE_NARROW, bytes_of(key, size), &found);
		if (found.size != size || memcmp(found.data, key, size - 4) != 0)
			return;
		at = (int64_t)number_of_key(found.data + size - 4);
		if (at > until || !copy_row(value, &brought, sizeof(brought)))
			return;
		sum_day(sum, (int32_t)at, brought);
	}
}

int64_t look_days(const struct look *look, const struct target *target, struct text code, int32_t from,
		  int32_t until, int64_t *sums, int32_t *first)
{
	struct sum_of_days sum = {
	    .metric = (enum metric)target->metric, .from = from < 1 ? 1 : from, .sums = sums, .first = first};
	struct run run = {.look = look, .from = sum.from, .until = until, .each = sum_measures, .context = &sum};
	struct text of;
	char scope = target_scope(target, &of);

	if (target_is_narrow(target))
		run_narrow(&sum, look, code, until);
	else
		run_scope(&run, scope, of,
			  target->metric == METRIC_REVENUE ? CODE_TEXT(target->currency) : (struct text){0});
	return shown(sum.whole);
}

struct measures_wanted {
	struct measures sum;
	void (*each)(void *context, int32_t day, const struct measures *measures);
	void *context;
};

static void add_day(void *context, int32_t day, const struct measures *measures)
{
	struct measures_wanted *wanted = context;

	measures_add(&wanted->sum, measures);
	if (wanted->each != NULL)
		wanted->each(wanted->context, day, measures);
}

struct measures look_measures(const struct look *look, char scope, struct text code, struct text currency, int32_t from,
			      int32_t until, void (*each)(void *context, int32_t day, const struct measures *measures),
			      void *context)
{
	struct measures_wanted wanted = {.each = each, .context = context};
	struct run run = {.look = look, .from = from, .until = until, .each = add_day, .context = &wanted};

	run_scope(&run, scope, code, currency);
	return wanted.sum;
}
