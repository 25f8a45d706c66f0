/* metric.c -- events counted by outlet and day. */
#include "metric.h"

#include "pack/pick.h"

#define DEVIATIONS TEXT_LITERAL("deviations")

static const struct event_type *const rare[] = {
    &sale_voided_type,	       &sale_refused_type,     &writeoff_recorded_type, &price_deviation_detected_type,
    &restock_requested_type,   &restock_fulfilled_type, &restock_cancelled_type, &shipment_delivered_type,
    &shipment_delayed_type};

static bool is_rare(const struct event_type *type)
{
	for (size_t i = 0; i < sizeof(rare) / sizeof(rare[0]); i++)
		if (type == rare[i])
			return true;
	return false;
}

bool metric_is_kept(struct text type)
{
	return is_rare(event_type_find(type));
}

static bool holds(const struct event_type *type, const void *event, const struct metric_row *metric)
{
	return metric->field[0] == 0 || pick_holds(type, event, CODE_TEXT(metric->field), CODE_TEXT(metric->value));
}

static int64_t counts_of(const struct event_type *type, const void *event, const struct metric_row *metric)
{
	return metric->sum[0] == 0 ? 1 : pick_number(type, event, CODE_TEXT(metric->sum));
}

/* ---- counters ---- */

static struct bytes counter_key(uint8_t key[KEY_SIZE], struct text metric, struct text outlet, int32_t day)
{
	uint8_t number[4];
	size_t size = key_pair(key, metric, outlet.data, outlet.size).size;

	CHECK(size + 5 <= KEY_SIZE);
	key[size] = 0;
	memcpy(key + size + 1, number_key(number, (uint32_t)day).data, sizeof(number));
	return bytes_of(key, size + 5);
}

static void counter_add(struct turn *turn, struct text metric, struct text outlet, int32_t day, int64_t add)
{
	uint8_t key[KEY_SIZE];
	struct bytes wanted = counter_key(key, metric, outlet, day);
	int64_t count;

	row_get(turn, TABLE_COUNTER, wanted, &count, sizeof(count));
	count = shown((wide)count + add);
	row_put(turn, TABLE_COUNTER, wanted, &count, sizeof(count));
}

/* R36: A registered metric counts, on its business day or else on the day of its moment in UTC, each event of its type whose field
   holds the value: one, or the number that is to be added up. */
void metric_hear(struct turn *turn, const struct event_type *type, const void *event)
{
	bool is_kept = is_rare(type), is_wanted = book_get(turn).metrics > 0;

	if (!is_kept && !is_wanted)
		return;
	struct text name = text_of(type->name), outlet = pick_text(type, event, text_of(type->scope_outlet));
	struct text day = pick_text(type, event, TEXT_LITERAL("day"));
	int32_t at = day.size > 0 ? day_of(day) : day_at(turn_input(turn)->time_us, 0);
	uint8_t key[KEY_SIZE];
	struct metric_row metric;
	struct walk walk;

	if (outlet.size == 0 || outlet.size > CODE_SIZE)
		return;
	if (is_kept)
		counter_add(turn, name, outlet, at, 1);
	if (!is_wanted)
		return;
	walk_begin(&walk, turn, TABLE_LISTEN, key_pair(key, name, NULL, 0));
	while (walk_next(&walk)) {
		struct text code = key_part(walk.key, 1);

		if (row_get(turn, TABLE_METRIC, bytes_of_text(code), &metric, sizeof(metric)) &&
		    holds(type, event, &metric))
			counter_add(turn, code, outlet, at, counts_of(type, event, &metric));
	}
}

/* Else the counter that is kept anyhow is the metric's own. */
bool metric_listens(const struct metric_row *metric)
{
	return metric->field[0] != 0 || metric->sum[0] != 0 || !metric_is_kept(CODE_TEXT(metric->event));
}

static void forget(struct turn *turn, struct text code, const struct metric_row *metric)
{
	uint8_t key[KEY_SIZE];
	struct walk walk;

	turn_del(turn, TABLE_LISTEN, key_pair(key, CODE_TEXT(metric->event), code.data, code.size));
	walk_begin(&walk, turn, TABLE_COUNTER, key_pair(key, code, NULL, 0));
	while (walk_next(&walk))
		turn_del(turn, TABLE_COUNTER, walk.key);
}

static void metric_begin(struct turn *turn, struct text code, struct metric_row *metric)
{
	struct book book = book_get(turn);
	uint8_t key[KEY_SIZE];
	struct metric_row before;
	bool is_known = row_get(turn, TABLE_METRIC, bytes_of_text(code), &before, sizeof(before));

#if defined(MUTANT_VERSION_BEFORE)
	before.version = 0;
#endif
	if (before.version > metric->version)
		return; /* one service reads for the version before, of its events, and another one's were heard first */
	if (is_known)
		forget(turn, code, &before);
	else
		book.metrics++;
	if (metric_listens(metric)) {
		metric->since = book.day_max + 1;
		turn_put(turn, TABLE_LISTEN, key_pair(key, CODE_TEXT(metric->event), code.data, code.size),
			 bytes_of(NULL, 0));
	}
	row_put(turn, TABLE_METRIC, bytes_of_text(code), metric, sizeof(*metric));
	book_put(turn, &book);
}

/* R37: A metric that counts all events of a rare type counts from the beginning, and so does any other: it counts from its declaration on, begins
   anew where the service whose events it counts says that it reads its journal again, and is given what lies before that. What belongs to an earlier
   version of the metric counts no more, whenever it comes. */
void metric_declare(struct turn *turn, struct text code, struct metric_row *metric)
{
	struct metric_row before;

	(void)row_get(turn, TABLE_METRIC, bytes_of_text(code), &before, sizeof(before));
#if defined(MUTANT_BEGINS_AGAIN)
	before.version = 0;
#endif
	if (before.version < metric->version) /* else the service that reads was heard before partners */
		metric_begin(turn, code, metric);
}

void metric_reread(struct turn *turn, const struct metric_replay_begun *begun)
{
	struct metric_row metric = {.version = begun->metric_version};

	CODE_PUT(metric.event, begun->event);
	CODE_PUT(metric.field, begun->field); /* empty where not given */
	CODE_PUT(metric.value, begun->value);
	CODE_PUT(metric.sum, begun->sum);
#if defined(MUTANT_COUNTS_ON)
	return;
#endif
	metric_begin(turn, begun->metric, &metric);
}

void metric_fill(struct turn *turn, const struct metric_replayed *replayed)
{
	struct metric_row metric;

	if (!row_get(turn, TABLE_METRIC, bytes_of_text(replayed->metric), &metric, sizeof(metric)) || metric.version != replayed->metric_version)
		return; /* of a version that counts no more */
	for (uint32_t i = 0; i < replayed->sums.count; i++) {
		const struct metric_replayed_sum *sum = &replayed->sums.items[i];

		counter_add(turn, replayed->metric, sum->outlet, day_of(sum->day), sum->counted);
	}
	if (!replayed->has_done || !replayed->done)
		return;
	metric.since = 0;
	row_put(turn, TABLE_METRIC, bytes_of_text(replayed->metric), &metric, sizeof(metric));
}

static int64_t counter_sum(const struct look *look, struct text counter, struct text outlet, int32_t from, int32_t until)
{
	uint8_t key[KEY_SIZE];
	size_t size = counter_key(key, counter, outlet, from).size;
	struct bytes found;
	int64_t count;
	wide sum = 0;

	for (int64_t at = from; at <= until; at++) {
		number_key(key + size - 4, (uint32_t)at);
		struct bytes value = look->seek(look->context, TABLE_COUNTER, bytes_of(key, size), &found);
		if (found.size != size || memcmp(found.data, key, size - 4) != 0)
			break;
		at = (int64_t)number_of_key(found.data + size - 4);
		if (at <= until && copy_row(value, &count, sizeof(count)))
			sum += count;
	}
	return shown(sum);
}

bool metric_counted(const struct look *look, struct text code, struct text outlet, int32_t from, int32_t until,
		    int64_t *sum)
{
	struct text counter = text_of(price_deviation_detected_type.name);
	struct metric_row metric;

	*sum = 0;
	if (!text_equal(code, DEVIATIONS)) {
		if (!look_row(look, TABLE_METRIC, bytes_of_text(code), &metric, sizeof(metric)))
			return false;
		counter = metric_listens(&metric) ? code : CODE_TEXT(metric.event);
	}
	*sum = counter_sum(look, counter, outlet, from, until);
	return true;
}
