/* hour.c -- rows by day, hour and scope. */
#include "hour.h"

#define HEAD_SIZE 6 /* day, slot, scope */

uint16_t hour_slot(int32_t day, int64_t time_us)
{
	int64_t hour = time_us / US_PER_HOUR - (int64_t)day * 24 + HOUR_BEFORE;

	return (uint16_t)(hour < 0 ? 0 : hour >= HOUR_SLOTS ? HOUR_SLOTS - 1 : hour);
}

int64_t hour_us(int32_t day, unsigned slot)
{
	return ((int64_t)day * 24 + slot - HOUR_BEFORE) * US_PER_HOUR;
}

struct bytes hour_key(uint8_t key[KEY_SIZE], int32_t day, unsigned slot, char scope, struct text code, struct text currency)
{
	size_t size = HEAD_SIZE + (size_t)code.size;

	CHECK(size + 4 <= KEY_SIZE && currency.size <= 3);
	number_key(key, (uint32_t)day);
	key[4] = (uint8_t)slot;
	key[5] = (uint8_t)scope;
	if (code.size > 0)
		memcpy(key + HEAD_SIZE, code.data, code.size);
	memset(key + size, 0, 4);
	if (currency.size > 0)
		memcpy(key + size + 1, currency.data, currency.size);
	return bytes_of(key, size + 4);
}

bool hour_parts(struct bytes key, struct hour_parts *parts)
{
	if (key.size <= HEAD_SIZE + 4)
		return false;
	*parts = (struct hour_parts){.of = {.scope = (char)key.data[5],
					    .code = {(const char *)key.data + HEAD_SIZE, (uint32_t)key.size - HEAD_SIZE - 4},
					    .currency = {(const char *)key.data + key.size - 3, 3},
					    .day = (int32_t)number_of_key(key.data)},
				     .slot = key.data[4]};
	return true;
}

static void hour_add(struct hour *hour, const struct measures *add)
{
	sum_add(&hour->revenue, add->revenue.minor);
	sum_add(&hour->units, add->units.milli);
	hour->tickets += add->tickets;
}

/* R51: What is sold counts in the hour of the ticket's own moment as well; the hours of a day are its sales, for the latest 15 business days. */
void hour_count(struct turn *turn, struct known *known, const struct book *book, char scope, struct text code,
		const struct ticket *ticket, const struct measures *add)
{
#if defined(MUTANT_HOUR_UNVOIDED)
	if (ticket->is_void)
		return;
#endif
	if (ticket->is_return || ticket->day <= book->day_max - HOUR_DAYS)
		return;
	if (known->hour != NULL && known->slot == ticket->slot) {
		hour_add(known->hour, add);
		return;
	}
	uint8_t place[KEY_SIZE];
	struct bytes key = hour_key(place, ticket->day, ticket->slot, scope, code, ticket->currency);
	struct hour *hour = turn_edit(turn, TABLE_HOUR, key, sizeof(*hour)), fresh = {0};

	hour_add(hour != NULL ? hour : &fresh, add);
	if (hour == NULL)
		row_put(turn, TABLE_HOUR, key, &fresh, sizeof(fresh));
	known->hour = hour;
	known->slot = (uint8_t)ticket->slot;
}

/* All at once: what stands there does not depend on who was heard first. */
void hours_forget(struct turn *turn, int32_t day_max)
{
	struct walk walk;

	walk_begin(&walk, turn, TABLE_HOUR, bytes_of(NULL, 0));
	while (walk_next(&walk) && (int32_t)number_of_key(walk.key.data) <= day_max - HOUR_DAYS)
		turn_del(turn, TABLE_HOUR, walk.key);
	known_forget(turn);
}
