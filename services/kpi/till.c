/* till.c -- counts of tills by the hour in which they were last heard. */
#include "till.h"

static struct bytes hour_key(uint8_t key[KEY_SIZE], char scope, struct text code, uint32_t hour)
{
	uint8_t number[4];
	size_t size = key_scope(key, scope, code).size;

	CHECK(size + 5 <= KEY_SIZE);
	key[size] = 0;
	number_key(number, hour);
	memcpy(key + size + 1, number, sizeof(number));
	return bytes_of(key, size + 5);
}

static void hour_add(struct turn *turn, char scope, struct text code, uint32_t hour, int64_t add)
{
	uint8_t place[KEY_SIZE];
	struct bytes key = hour_key(place, scope, code, hour);
	int64_t count;

	row_get(turn, TABLE_HEARD, key, &count, sizeof(count));
	count += add;
	if (count != 0)
		row_put(turn, TABLE_HEARD, key, &count, sizeof(count));
	else
		turn_del(turn, TABLE_HEARD, key);
}

static void hour_add_all(struct turn *turn, const struct till *till, uint32_t hour, int64_t add)
{
	hour_add(turn, SCOPE_OUTLET, CODE_TEXT(till->outlet), hour, add);
	hour_add(turn, SCOPE_TOTAL, TOTAL_CODE, hour, add);
	if (till->tier != 0)
		hour_add(turn, SCOPE_TIER, tier_code(till->tier), hour, add);
}

static void count_till(struct turn *turn, const struct till *till, int64_t add)
{
	hour_add_all(turn, till, 0, add);
	if (till->heard_us != 0)
		hour_add_all(turn, till, hour_at(till->heard_us), add);
}

static struct bytes till_key(struct text terminal)
{
	return bytes_of_text(terminal);
}

void till_heard(struct turn *turn, struct text terminal, struct text outlet)
{
	int64_t time_us = turn_input(turn)->time_us;
	int64_t heard_us = time_us - time_us % US_PER_SECOND;
	struct till *lent = turn_edit(turn, TABLE_TILL, till_key(terminal), sizeof(*lent)), fresh = {0};
	struct till *till = lent != NULL ? lent : &fresh;

	if (lent == NULL)
		CODE_PUT(fresh.outlet, outlet);
	if (heard_us <= till->heard_us)
		return;
	if (till->counted && (till->heard_us == 0 || hour_at(heard_us) != hour_at(till->heard_us))) {
		if (till->heard_us != 0)
			hour_add_all(turn, till, hour_at(till->heard_us), -1);
		hour_add_all(turn, till, hour_at(heard_us), 1);
	}
	till->heard_us = heard_us;
#if !defined(MUTANT_SILENT_FOR_EVER)
	till->silent = 0;
#endif
	if (lent == NULL)
		row_put(turn, TABLE_TILL, till_key(terminal), &fresh, sizeof(fresh));
}

/* R21: The expected tills are those declared and active, of outlets that are not suspended or closed. */
static void till_place(struct turn *turn, struct text terminal, struct till *till)
{
	struct outlet outlet;

	outlet_get(turn, CODE_TEXT(till->outlet), &outlet);
	till->tier = outlet.tier;
	till->counted = till->declared != 0 && !outlet.closed;
	if (till->counted)
		count_till(turn, till, 1);
	row_put(turn, TABLE_TILL, till_key(terminal), till, sizeof(*till));
}

void till_declare(struct turn *turn, struct text terminal, struct text outlet, bool active)
{
	struct till till;

	row_get(turn, TABLE_TILL, till_key(terminal), &till, sizeof(till));
	if (till.counted)
		count_till(turn, &till, -1);
	CODE_PUT(till.outlet, outlet);
	till.declared = active;
	till_place(turn, terminal, &till);
}

void till_outlet_changed(struct turn *turn, struct text outlet)
{
	struct walk walk;
	struct till till;

	walk_begin(&walk, turn, TABLE_TILL, bytes_of(NULL, 0));
	while (walk_next(&walk)) {
		if (!copy_row(walk.value, &till, sizeof(till)) || !text_equal(CODE_TEXT(till.outlet), outlet))
			continue;
		if (till.counted)
			count_till(turn, &till, -1);
		till_place(turn, (struct text){(const char *)walk.key.data, (uint32_t)walk.key.size}, &till);
	}
}

/* R22: A till counts as heard when the hour of its last event is at most window_hours before the hour of the
   watermark. */
bool till_within(int64_t heard_us, int64_t watermark_us, int64_t window_hours)
{
	return heard_us != 0 && (int64_t)hour_at(heard_us) + window_hours >= (int64_t)hour_at(watermark_us);
}

struct completeness till_completeness(struct query *query, char scope, struct text code, int64_t watermark_us,
				      int64_t window_hours)
{
	struct completeness completeness = {0};
	uint8_t place[KEY_SIZE];
	struct bytes key = hour_key(place, scope, code, 0), found, value;
	int64_t first = (int64_t)hour_at(watermark_us) - window_hours, count;
	size_t prefix = key.size - 4;

	look_get(query, TABLE_HEARD, key, &completeness.expected, sizeof(completeness.expected));
	value = query_seek(query, TABLE_HEARD, hour_key(place, scope, code, first < 1 ? 1 : (uint32_t)first),
			   &found);
	for (; found.size == key.size && memcmp(found.data, place, prefix) == 0;
	     value = query_next(query, TABLE_HEARD, &found))
		if (copy_row(value, &count, sizeof(count)))
			completeness.heard += count;
	return completeness;
}
