/* on_calendar_declared.c -- what days weigh; the pace of targets follows from now on. */
#include "course.h"

/* Wherever it lay before: a calendar may change whose it is. */
static void forget(struct turn *turn, struct text code)
{
	struct walk walk;

	walk_begin(&walk, turn, TABLE_CALENDAR, bytes_of(NULL, 0));
	while (walk_next(&walk)) {
		struct text at = key_part(walk.key, 1);

		if (text_equal(at, code))
			turn_del(turn, TABLE_CALENDAR, walk.key);
	}
}

static struct bytes place_of(uint8_t key[KEY_SIZE], const struct calendar_declared *declared)
{
	char scope = declared->has_outlet ? SCOPE_OUTLET : declared->has_tier ? SCOPE_TIER : SCOPE_TOTAL;
	struct text code = declared->has_outlet ? declared->outlet
			   : declared->has_tier ? tier_code(declared->tier)
						: TOTAL_CODE;
	size_t size = key_scope(key, scope, code).size;

	key[size] = 0;
	memcpy(key + size + 1, declared->calendar.data, declared->calendar.size);
	return bytes_of(key, size + 1 + declared->calendar.size);
}

void on_calendar_declared(struct turn *turn, const struct calendar_declared *declared)
{
	uint8_t key[KEY_SIZE];
	uint32_t count = declared->holidays.count < HOLIDAYS_MAX ? declared->holidays.count : HOLIDAYS_MAX;
	struct calendar *calendar = turn_take(turn, sizeof(*calendar) + HOLIDAYS_MAX * sizeof(struct holiday));
	struct holiday *holidays = (struct holiday *)(calendar + 1);
	const int64_t week[] = {declared->monday, declared->tuesday,  declared->wednesday, declared->thursday,
				declared->friday, declared->saturday, declared->sunday};

	*calendar = (struct calendar){.version = declared->version,
				      .from = declared->has_from ? day_of(declared->from) : 0,
				      .until = declared->has_until ? day_of(declared->until) : INT32_MAX,
				      .holidays = count};
	for (int i = 0; i < 7; i++)
		calendar->week[i] = (int32_t)week[i];
	for (uint32_t i = 0; i < count; i++)
		holidays[i] = (struct holiday){.day = day_of(declared->holidays.items[i].day),
					       .weight = (int32_t)declared->holidays.items[i].weight_bp};
	forget(turn, declared->calendar);
	row_put(turn, TABLE_CALENDAR, place_of(key, declared), calendar, sizeof(*calendar) + count * sizeof(*holidays));
}
