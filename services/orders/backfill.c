/* backfill.c -- parts of the journal, added up by outlet and day. */
#include "backfill.h"

#include <stdlib.h>

#include "base/error.h"
#include "events/partners.h"
#include "pack/pick.h"

#define UNPACKED_BYTES (1u << 18) /* room for one event, with its lists */
#define SUMS_MAX 1000             /* of one metric.replayed, as in schemas/orders.yaml */

/* A reading that is not at its end. */
struct backfill {
	int64_t version;
	uint64_t next, through; /* sequences: next is read next */
	char event[64], field[32], value[64], sum[32];
};

_Static_assert(sizeof(struct backfill) == 216, "rows have no padding");

static const struct event_type *const counted[] = {&sale_recorded_type,   &sale_returned_type,      &sale_voided_type,
                                                   &sale_refused_type,    &writeoff_recorded_type, &price_deviation_detected_type};

static bool is_own(struct text type)
{
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		if (text_equal(type, text_of(counted[i]->name)))
			return true;
	return false;
}

/* What kpi keeps of every rare event anyhow: then there is nothing to be read again. */
static bool is_kept(const struct metric_declared *declared)
{
	return !declared->has_field && !declared->has_sum && !text_equal(declared->event, text_of(sale_recorded_type.name)) &&
	       !text_equal(declared->event, text_of(sale_returned_type.name));
}

/* R98: A registered metric that counts some events of this service, or adds them up, begins with this event: what the journal holds before it is
 * read again for it, and what comes behind it is counted as it comes. */
void backfill_begin(struct turn *turn, const struct metric_declared *declared)
{
	struct backfill backfill = {.version = declared->version, .next = 1, .through = turn_next_seq(turn) - 1};

	turn_del(turn, TABLE_BACKFILL, bytes_of_text(declared->metric)); /* of the version before */
	if (!is_own(declared->event) || is_kept(declared))
		return;
	CODE_PUT(backfill.event, declared->event);
	CODE_PUT(backfill.field, declared->field); /* empty where not given */
	CODE_PUT(backfill.value, declared->value);
	CODE_PUT(backfill.sum, declared->sum);
	turn_put(turn, TABLE_BACKFILL, bytes_of_text(declared->metric), bytes_of(&backfill, sizeof(backfill)));
	emit_metric_replay_begun(turn, &(struct metric_replay_begun){.metric = declared->metric,
								     .metric_version = declared->version,
								     .event = declared->event,
								     .has_field = declared->has_field,
								     .field = declared->field,
								     .has_value = declared->has_value,
								     .value = declared->value,
								     .has_sum = declared->has_sum,
								     .sum = declared->sum,
								     .through = (int64_t)backfill.through});
}

/* What one event counts. */
struct part {
	char outlet[OUTLET_SIZE];
	int64_t day, counted;
};

struct reading {
	struct turn *turn;
	const struct backfill *backfill;
	const struct event_type *type;
	struct arena arena; /* for one event */
	struct part *parts;
	size_t count;
};

static void read_event(struct reading *reading, const struct envelope *envelope)
{
	const struct backfill *backfill = reading->backfill;
	const struct event_type *type = reading->type;
	struct reader reader = reader_of(envelope->data);
	struct part *part = &reading->parts[reading->count];

	if (!text_equal(envelope->type, text_of(type->name)))
		return;
	arena_reset(&reading->arena);
	void *event = arena_take(&reading->arena, type->struct_size);
	if (event == NULL || type->unpack(event, &reader, &reading->arena) != ERR_NONE)
		return; /* the audit says so */
	struct text outlet = pick_text(type, event, text_of(type->scope_outlet));
	struct text day = pick_text(type, event, TEXT_LITERAL("day"));
	if (outlet.size == 0 || outlet.size > OUTLET_SIZE ||
	    (backfill->field[0] != 0 && !pick_holds(type, event, CODE_TEXT(backfill->field), CODE_TEXT(backfill->value))))
		return;
	if (!day_number(day, &part->day))
		part->day = envelope->time_us / US_PER_DAY;
	CODE_PUT(part->outlet, outlet);
	part->counted = backfill->sum[0] == 0 ? 1 : pick_number(type, event, CODE_TEXT(backfill->sum));
	reading->count++;
}

static int compare_parts(const void *left, const void *right)
{
	const struct part *a = left, *b = right;
	int outlets = memcmp(a->outlet, b->outlet, sizeof(a->outlet));

	return outlets != 0 ? outlets : a->day < b->day ? -1 : a->day > b->day;
}

/* One sum for each outlet and day. */
static void add_up(struct reading *reading)
{
	size_t kept = 0;

	qsort(reading->parts, reading->count, sizeof(*reading->parts), compare_parts);
	for (size_t i = 0; i < reading->count; i++) {
		struct part *last = kept > 0 ? &reading->parts[kept - 1] : NULL;

		if (last == NULL || compare_parts(last, &reading->parts[i]) != 0) {
			reading->parts[kept++] = reading->parts[i];
			continue;
		}
		wide sum = (wide)last->counted + reading->parts[i].counted;
		last->counted = sum > NUMBER_MAX ? NUMBER_MAX : sum < -NUMBER_MAX ? -NUMBER_MAX : (int64_t)sum;
	}
	reading->count = kept;
}

static void say(struct reading *reading, struct text metric, size_t first, size_t count, bool is_last)
{
	struct metric_replayed_sum *sums = turn_take(reading->turn, (count + 1) * sizeof(*sums));
	bool is_done = is_last && reading->backfill->next > reading->backfill->through;

	for (size_t i = 0; i < count; i++) {
		const struct part *part = &reading->parts[first + i];
		char *day = turn_take(reading->turn, DAY_TEXT_SIZE);

		day_text(part->day, day);
		sums[i] = (struct metric_replayed_sum){.outlet = CODE_TEXT(part->outlet), .day = text_of(day), .counted = part->counted};
	}
	emit_metric_replayed(reading->turn, &(struct metric_replayed){.metric = metric,
								      .metric_version = reading->backfill->version,
								      .through = (int64_t)reading->backfill->next - 1,
								      .has_done = is_done,
								      .done = is_done,
								      .sums = {sums, (uint32_t)count}});
}

/* R99: At every tick of the clock 2,000 events of the journal are read again for the first metric that waits, and what they count is said; how
 * far it has come is kept with that, so that nothing is counted twice, whatever happens in between. */
void backfill_step(struct turn *turn)
{
	struct bytes key, row = turn_seek(turn, TABLE_BACKFILL, bytes_of(NULL, 0), &key);
	struct backfill backfill;

	if (key.data == NULL || row.size != sizeof(backfill))
		return;
	memcpy(&backfill, row.data, sizeof(backfill));
	struct text metric = turn_text(turn, "%.*s", (int)key.size, (const char *)key.data);
	struct reading reading = {.turn = turn,
	                          .backfill = &backfill,
	                          .type = event_type_find(CODE_TEXT(backfill.event)),
	                          .arena = {.block = turn_take(turn, UNPACKED_BYTES), .size = UNPACKED_BYTES},
	                          .parts = turn_take(turn, BACKFILL_EVENTS * sizeof(struct part))};
	CHECK(reading.type != NULL);
	for (unsigned i = 0; i < BACKFILL_EVENTS && backfill.next <= backfill.through; i++, backfill.next++) {
		struct envelope envelope;

		if (turn_own_event(turn, backfill.next, &envelope))
			read_event(&reading, &envelope);
	}
	add_up(&reading);
#if defined(MUTANT_READ_TWICE)
	backfill.next--;
#endif
	bool is_over = backfill.next > backfill.through;
	if (is_over)
		turn_del(turn, TABLE_BACKFILL, bytes_of_text(metric));
	else
		turn_put(turn, TABLE_BACKFILL, bytes_of_text(metric), bytes_of(&backfill, sizeof(backfill)));
	size_t first = 0;
	for (; reading.count - first > SUMS_MAX; first += SUMS_MAX)
		say(&reading, metric, first, SUMS_MAX, false);
	if (reading.count > first || is_over)
		say(&reading, metric, first, reading.count - first, true);
}
