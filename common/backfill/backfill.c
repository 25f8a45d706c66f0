/* backfill.c -- parts of the journal, added up by outlet and day. */
#include "backfill/backfill.h"

#include <stdlib.h>

#include "base/error.h"
#include "pack/pick.h"

#define UNPACKED_BYTES (1u << 18) /* room for one event, with its lists */
#define SUMS_MAX 1000             /* of one part, as in schemas/orders.yaml */
#define PLACE_SIZE 32             /* of an outlet, as in schemas/types.yaml */

_Static_assert(sizeof(struct backfill) == 216, "rows have no padding");

static const struct backfill_event *event_of(const struct backfill_source *source, struct text type)
{
	for (const struct backfill_event *event = source->events; event->type != NULL; event++)
		if (text_equal(type, text_of(event->type->name)))
			return event;
	return NULL;
}

/* What kpi keeps of every such event anyhow: then there is nothing to be read again. */
static bool is_kept(const struct backfill_event *event, const struct metric_declared *declared)
{
	return event->is_kept && !declared->has_field && !declared->has_sum;
}

void backfill_begin(struct turn *turn, const struct backfill_source *source, const struct metric_declared *declared)
{
	struct backfill backfill = {.version = declared->version, .next = 1, .through = turn_next_seq(turn) - 1};
	const struct backfill_event *event = event_of(source, declared->event);

#if !defined(MUTANT_OLD_READING_STAYS)
	turn_del(turn, source->table, bytes_of_text(declared->metric)); /* of the version before */
#endif
	if (event == NULL || is_kept(event, declared))
		return;
	CODE_PUT(backfill.event, declared->event);
	CODE_PUT(backfill.field, declared->field); /* empty where not given */
	CODE_PUT(backfill.value, declared->value);
	CODE_PUT(backfill.sum, declared->sum);
	turn_put(turn, source->table, bytes_of_text(declared->metric), bytes_of(&backfill, sizeof(backfill)));
	(void)source->say_begun(turn, &(struct metric_replay_begun){.metric = declared->metric,
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
	char outlet[PLACE_SIZE];
	int64_t day, counted;
};

struct reading {
	struct turn *turn;
	const struct backfill_source *source;
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
	if (outlet.size == 0 || outlet.size > PLACE_SIZE ||
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
	(void)reading->source->say_part(reading->turn, &(struct metric_replayed){.metric = metric,
									  .metric_version = reading->backfill->version,
									  .through = (int64_t)reading->backfill->next - 1,
									  .has_done = is_done,
									  .done = is_done,
									  .sums = {sums, (uint32_t)count}});
}

/* So many events from where it stands. */
static void read_on(struct reading *reading, struct backfill *backfill)
{
	for (unsigned i = 0; i < BACKFILL_EVENTS && backfill->next <= backfill->through; i++, backfill->next++) {
		struct envelope envelope;

		if (turn_own_event(reading->turn, backfill->next, &envelope))
			read_event(reading, &envelope);
	}
	add_up(reading);
#if defined(MUTANT_READ_TWICE)
	backfill->next--;
#endif
}

/* How far it has come, and what that part counts, in one turn. */
static void step(struct turn *turn, const struct backfill_source *source, struct text metric, struct backfill *backfill)
{
	struct reading reading = {.turn = turn,
	                          .source = source,
	                          .backfill = backfill,
	                          .type = event_type_find(CODE_TEXT(backfill->event)),
	                          .arena = {.block = turn_take(turn, UNPACKED_BYTES), .size = UNPACKED_BYTES},
	                          .parts = turn_take(turn, BACKFILL_EVENTS * sizeof(struct part))};
	size_t first = 0;

	CHECK(reading.type != NULL);
	read_on(&reading, backfill);
	bool is_over = backfill->next > backfill->through;
	if (is_over)
		turn_del(turn, source->table, bytes_of_text(metric));
	else
		turn_put(turn, source->table, bytes_of_text(metric), bytes_of(backfill, sizeof(*backfill)));
	for (; reading.count - first > SUMS_MAX; first += SUMS_MAX)
		say(&reading, metric, first, SUMS_MAX, false);
	if (reading.count > first || is_over)
		say(&reading, metric, first, reading.count - first, true);
}

void backfill_step(struct turn *turn, const struct backfill_source *source)
{
	struct bytes key, row = turn_seek(turn, source->table, bytes_of(NULL, 0), &key);
	struct arena *arena = turn_arena(turn);
	size_t before = arena->used;
	struct backfill backfill;

	if (key.data == NULL || row.size != sizeof(backfill))
		return;
	memcpy(&backfill, row.data, sizeof(backfill));
	step(turn, source, turn_text(turn, "%.*s", (int)key.size, (const char *)key.data), &backfill);
	arena->used = before; /* what is said is packed already */
}
