/* red.c -- targets at risk, until they are reached or nobody says it any more. */
#include "aims/red.h"

_Static_assert(sizeof(struct red) == 56, "a row has no padding");

#define FORGOTTEN_MAX 500 /* of one tick; the others wait for the next */

bool red_read(struct bytes row, struct red *red)
{
	if (row.size != sizeof(*red))
		return false;
	memcpy(red, row.data, sizeof(*red));
	return true;
}

struct bytes red_key(uint8_t key[KEY_SIZE], struct text target)
{
	key[0] = 't';
	memcpy(key + 1, target.data, target.size);
	return bytes_of(key, 1 + target.size);
}

struct bytes red_time_key(uint8_t key[KEY_SIZE], int64_t time_us, struct text target)
{
	return key_timed(key, "d", time_us, bytes_of_text(target));
}

void red_set(struct turn *turn, struct text target, struct red *red)
{
	struct red before;
	uint8_t key[KEY_SIZE];

#if defined(MUTANT_RED_FOR_EVER)
	if (red == NULL)
		return;
#endif
	if (red_read(turn_get(turn, TABLE_DESK_FIND, red_key(key, target)), &before)) {
		turn_del(turn, TABLE_DESK_FIND, red_key(key, target));
		turn_del(turn, TABLE_DESK_FIND, red_time_key(key, before.time_us, target));
	}
	if (red == NULL)
		return;
	red->time_us = turn_input(turn)->time_us;
	turn_put(turn, TABLE_DESK_FIND, red_key(key, target), bytes_of(red, sizeof(*red)));
	turn_put(turn, TABLE_DESK_FIND, red_time_key(key, red->time_us, target), bytes_of("", 0));
}

/* R181: A target is red from the moment at which it is said to be at risk until it is reached, or has not been said so again for two days: kpi says it once a
 * day. */
void red_forget(struct turn *turn, int64_t before_us)
{
	for (unsigned i = 0; i < FORGOTTEN_MAX; i++) {
		struct bytes key;

		(void)turn_seek(turn, TABLE_DESK_FIND, bytes_of("d", 1), &key);
		if (key.size < 10 || key.data[0] != 'd' || (int64_t)get_u64_be(key.data + 1) >= before_us)
			return;
		red_set(turn, turn_text(turn, "%.*s", (int)(key.size - 9), (const char *)key.data + 9), NULL);
	}
}
