/* commission_back.c -- what comes back takes the commission of its sale with it. */
#include "money/commission.h"

#include "base/error.h"
#include "record.h"

/* What a return has taken of one line of its sale; the key of the sale lies behind all of them. */
struct came_back {
	uint32_t count, key_size;
};

struct came_back_line {
	uint32_t line, spare;
	int64_t amount;
};

/* The rows of a sale, as they are changed. */
struct split_sale {
	struct bytes key;
	uint8_t *row;
	size_t row_size, lines_size;
	struct text outlets[ROLES];
	struct commission_entry *entries;
	struct commission_line *lines;
	uint32_t entry_count, line_count;
	int64_t *before; /* of the entries */
};

static void *copy_of(struct turn *turn, struct bytes row)
{
	void *copy = turn_take(turn, row.size);

	memcpy(copy, row.data, row.size);
	return copy;
}

/* False: the sale was not split, or does not stand any more. */
static bool sale_open(struct turn *turn, struct bytes key, struct split_sale *sale)
{
	struct bytes row = turn_get(turn, TABLE_COMMISSIONED, key);

	if (row.size < sizeof(struct commission_taken))
		return false;
	*sale = (struct split_sale){.key = key, .row = copy_of(turn, row), .row_size = row.size};
	struct bytes lines = turn_get(turn, TABLE_COMMISSION_LINE, key);
	if (lines.size == 0)
		return false; /* a return that was split by its own roles, or a sale of before lines were kept */
	const struct commission_taken *taken = (const struct commission_taken *)(const void *)sale->row;
	for (unsigned role = 0; role < ROLES; role++)
		sale->outlets[role] = CODE_TEXT(taken->of[role]);
	sale->entries = (struct commission_entry *)(void *)(sale->row + sizeof(*taken));
	sale->entry_count = (uint32_t)((row.size - sizeof(*taken)) / sizeof(*sale->entries));
	sale->lines = copy_of(turn, lines);
	sale->lines_size = lines.size;
	sale->line_count = (uint32_t)(lines.size / sizeof(*sale->lines));
	sale->before = turn_take(turn, (sale->entry_count + 1) * sizeof(*sale->before));
	for (uint32_t i = 0; i < sale->entry_count; i++)
		sale->before[i] = sale->entries[i].basis;
	return true;
}

static void sale_move(struct split_sale *sale, uint32_t line, int64_t amount)
{
	sale->lines[line].left -= amount;
	sale->entries[sale->lines[line].entry].basis -= amount;
}

static void sale_close(struct turn *turn, const struct commission_ticket *of, struct split_sale *sale, const char *cause)
{
	for (uint32_t i = 0; i < sale->entry_count; i++)
		if (sale->entries[i].basis != sale->before[i])
			commission_say(turn, of, sale->outlets, &(struct commission_said){&sale->entries[i], sale->before[i], cause});
	turn_put(turn, TABLE_COMMISSIONED, sale->key, bytes_of(sale->row, sale->row_size));
	turn_put(turn, TABLE_COMMISSION_LINE, sale->key, bytes_of(sale->lines, sale->lines_size));
}

/* What a returned line takes of a line of the sale: no more than is left of it. */
static int64_t taken_of(int64_t left, int64_t wanted)
{
	if ((left > 0) != (wanted > 0) || left == 0 || wanted == 0)
		return 0;
#if defined(MUTANT_BACK_BEYOND)
	return wanted;
#endif
	return left > 0 ? (wanted < left ? wanted : left) : (wanted > left ? wanted : left);
}

static uint32_t take_line(struct split_sale *sale, const struct sale_recorded_line *line, struct came_back_line *taken)
{
	int64_t wanted = line->amount.minor;
	uint32_t count = 0;

	for (uint32_t i = 0; i < sale->line_count && wanted != 0; i++) {
		int64_t amount = text_equal(CODE_TEXT(sale->lines[i].sku), line->sku) ? taken_of(sale->lines[i].left, wanted) : 0;

		if (amount == 0)
			continue;
		sale_move(sale, i, amount);
		wanted -= amount;
		taken[count++] = (struct came_back_line){.line = i, .amount = amount};
	}
	return count;
}

/* R156: A return that names no roles and whose sale is found takes back of those who had a part in the sale what its lines have brought them, by
 * the version that the sale was split by: each keeps what the rest of the sale would have brought; no more than was sold is taken back, and a
 * return that names neither takes nothing. */
void commission_back(struct turn *turn, const struct commission_ticket *of, const struct sale_recorded_line *lines, uint32_t count)
{
	uint8_t key[KEY_SIZE], own_key[KEY_SIZE];
	struct split_sale sale;
	struct came_back head = {0};

	if (of->sold_day.size == 0 || (book_get(turn).places & PLACE_COMMISSION) == 0 ||
	    !sale_open(turn, commission_key(key, of->sold_at, of->sold_day, of->sold_on), &sale))
		return;
	struct came_back_line *taken = turn_take(turn, ((size_t)count + 1) * (sale.line_count + 1) * sizeof(*taken));
	for (uint32_t i = 0; i < count; i++)
		if (!lines[i].service)
			head.count += take_line(&sale, &lines[i], taken + head.count);
	if (head.count == 0)
		return;
	sale_close(turn, of, &sale, "return");
	head.key_size = (uint32_t)sale.key.size;
	size_t body = head.count * sizeof(*taken), size = sizeof(head) + body + head.key_size;
	uint8_t *row = turn_take(turn, size);
	memcpy(row, &head, sizeof(head));
	memcpy(row + sizeof(head), taken, body);
	memcpy(row + sizeof(head) + body, sale.key.data, sale.key.size);
	turn_put(turn, TABLE_COMMISSION_BACK, commission_key(own_key, of->terminal, of->day, of->receipt), bytes_of(row, size));
}

/* R157: A void takes back what returns have left of its ticket; a return that is void gives back what it took, where its sale still stands. */
void commission_back_void(struct turn *turn, const struct commission_ticket *of)
{
	uint8_t key[KEY_SIZE];
	struct split_sale sale;
	struct came_back head;

	if ((book_get(turn).places & PLACE_COMMISSION) == 0)
		return;
	struct bytes at = commission_key(key, of->terminal, of->day, of->receipt), row = turn_get(turn, TABLE_COMMISSION_BACK, at);
	if (row.size < sizeof(head))
		return;
	const uint8_t *copy = copy_of(turn, row);
	memcpy(&head, copy, sizeof(head));
	size_t body = head.count * sizeof(struct came_back_line);
	CHECK(row.size == sizeof(head) + body + head.key_size);
	turn_del(turn, TABLE_COMMISSION_BACK, at);
	if (!sale_open(turn, bytes_of(copy + sizeof(head) + body, head.key_size), &sale))
		return;
	for (uint32_t i = 0; i < head.count; i++) {
		struct came_back_line taken;

		memcpy(&taken, copy + sizeof(head) + i * sizeof(taken), sizeof(taken));
		if (taken.line < sale.line_count)
			sale_move(&sale, taken.line, -taken.amount);
	}
	sale_close(turn, of, &sale, "void");
}
