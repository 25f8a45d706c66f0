/* credit_rows.c -- keys and layouts of what outlets owe. */
#include "credit_rows.h"

_Static_assert(sizeof(struct credit) == 48 && sizeof(struct paid_day) == 16, "rows have no padding");

bool credit_read(struct bytes row, struct credit *credit)
{
	*credit = (struct credit){0};
	if (row.size != sizeof(*credit))
		return false;
	memcpy(credit, row.data, sizeof(*credit));
	return true;
}

struct credit credit_get(struct turn *turn, struct text outlet)
{
	struct credit credit;

	(void)credit_read(turn_get(turn, TABLE_CREDIT, bytes_of_text(outlet)), &credit);
	return credit;
}

void credit_put(struct turn *turn, struct text outlet, const struct credit *credit)
{
	turn_put(turn, TABLE_CREDIT, bytes_of_text(outlet), bytes_of(credit, sizeof(*credit)));
}

struct bytes held_key(uint8_t key[KEY_SIZE], struct text outlet, uint64_t seq)
{
	struct bytes joined = key_join(key, &outlet, 1);

	key[joined.size] = 0;
	put_u64_be(key + joined.size + 1, seq);
	return bytes_of(key, joined.size + 9);
}

void held_put(struct turn *turn, struct text outlet, uint64_t seq, struct text order)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_HELD, held_key(key, outlet, seq), bytes_of_text(order));
}

void held_del(struct turn *turn, struct text outlet, uint64_t seq)
{
	uint8_t key[KEY_SIZE];

	turn_del(turn, TABLE_HELD, held_key(key, outlet, seq));
}

bool held_next(struct turn *turn, struct text outlet, uint64_t *seq, struct text *order)
{
	uint8_t key[KEY_SIZE];
	struct bytes wanted = held_key(key, outlet, *seq + 1), found;
	struct bytes row = turn_seek(turn, TABLE_HELD, wanted, &found);

	if (found.size != wanted.size || memcmp(found.data, key, wanted.size - 8) != 0)
		return false;
	*seq = get_u64_be(found.data + found.size - 8);
	*order = turn_text(turn, "%.*s", (int)row.size, (const char *)row.data);
	return true;
}

static struct bytes paid_key(uint8_t key[KEY_SIZE], struct text outlet, struct text order, int32_t day)
{
	const struct text codes[] = {outlet, order};
	struct bytes joined = key_join(key, codes, 2);

	key[joined.size] = 0;
	for (int i = 0; i < 4; i++)
		key[joined.size + 1 + (size_t)i] = (uint8_t)((uint32_t)day >> (24 - 8 * i));
	return bytes_of(key, joined.size + 5);
}

void paid_add(struct turn *turn, struct text outlet, struct text order, int32_t day, const struct paid_day *add)
{
	uint8_t key[KEY_SIZE];
	struct bytes at = paid_key(key, outlet, order, day);
	struct paid_day *known = turn_edit(turn, TABLE_PAID, at, sizeof(*known));

	if (known == NULL) {
		turn_put(turn, TABLE_PAID, at, bytes_of(add, sizeof(*add)));
		return;
	}
	known->paid = money_add(money_of(known->paid), money_of(add->paid)).minor;
	known->deposit = money_add(money_of(known->deposit), money_of(add->deposit)).minor;
}

int32_t paid_since(struct turn *turn, struct text outlet, struct text order, int64_t amount)
{
	uint8_t key[KEY_SIZE];
	struct bytes at = paid_key(key, outlet, order, 0), found;
	size_t prefix = at.size - 4;
	int32_t since = 0;
	int64_t sum = 0;

	for (;;) {
		struct bytes row = turn_seek(turn, TABLE_PAID, at, &found);
		struct paid_day paid;

		if (found.size != at.size || memcmp(found.data, key, prefix) != 0 || row.size != sizeof(paid))
			return since;
		memcpy(&paid, row.data, sizeof(paid));
		sum = money_add(money_of(sum), money_of(paid.paid)).minor;
		const uint8_t *day = found.data + prefix;
		int32_t number = (int32_t)((uint32_t)day[0] << 24 | (uint32_t)day[1] << 16 | (uint32_t)day[2] << 8 | day[3]);
#if !defined(MUTANT_REFUND_FORGOTTEN)
		if (sum < amount)
			since = 0;
#endif
		if (sum >= amount && since == 0)
			since = number;
		at = paid_key(key, outlet, order, number + 1);
	}
}

bool paid_read(struct bytes key, struct bytes row, struct text *outlet, struct paid_day *paid)
{
	*outlet = key_part(key, 0);
	if (row.size != sizeof(*paid))
		return false;
	memcpy(paid, row.data, sizeof(*paid));
	return true;
}
