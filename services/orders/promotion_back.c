/* promotion_back.c -- what comes back takes with it what a promotion gave on it. */
#include "base/error.h"
#include "promotion.h"

/* A return in its row: the event of its sale, and behind it what came back of which lines. */
struct came_back {
	uint64_t sale_seq;
	int64_t count;
};

struct came_back_line {
	int64_t line, milli;
};

bool promoted_back_read(struct bytes row, struct promoted_back *back)
{
	memset(back, 0, sizeof(*back));
	if (row.size != sizeof(*back))
		return false;
	memcpy(back, row.data, sizeof(*back));
	return true;
}

int64_t promotion_share(int64_t given, int64_t milli, int64_t of_milli)
{
	return of_milli > 0 ? divide_half_even((wide)given * milli, of_milli) : 0;
}

static struct promoted_ticket ticket_of(const struct sale_recorded *sale)
{
	return (struct promoted_ticket){.terminal = sale->terminal, .day = sale->day, .receipt = sale->receipt};
}

static bool sale_read(struct turn *turn, uint64_t seq, struct sale_recorded *sale)
{
	struct bytes data;

	if (!ticket_event(turn, seq, &data))
		return false; /* the journal cannot be read, which breaks the turn itself */
	struct reader reader = reader_of(data);
	CHECK(sale_recorded_type.unpack(sale, &reader, turn_arena(turn)) == ERR_NONE);
	return true;
}

/* More, or less where it is negative, has come back of a line that was promoted. */
static void move_line(struct turn *turn, const struct sale_recorded *sale, struct text receipt, const struct came_back_line *move)
{
	const struct promoted_ticket ticket = ticket_of(sale);
	struct promoted row, taken;
	struct promoted_back back;
	uint8_t key[KEY_SIZE];
	struct bytes at = promoted_key(key, &ticket, (uint32_t)move->line);

	if (!promoted_read(turn_get(turn, TABLE_PROMOTED, at), &row))
		return;
	if (!promoted_back_read(turn_get(turn, TABLE_PROMOTED_BACK, at), &back))
		back.of_milli = sale->lines.items[move->line - 1].quantity.milli;
	taken = (struct promoted){.brand = -back.brand, .dealer = -back.dealer};
	back.milli += move->milli;
	back.brand = promotion_share(row.brand, back.milli, back.of_milli);
	back.dealer = promotion_share(row.dealer, back.milli, back.of_milli);
#if defined(MUTANT_EACH_ROUNDED)
	back.brand = -taken.brand + promotion_share(row.brand, move->milli, back.of_milli);
	back.dealer = -taken.dealer + promotion_share(row.dealer, move->milli, back.of_milli);
#endif
	taken.brand += back.brand;
	taken.dealer += back.dealer;
	taken.amount = taken.brand + taken.dealer;
	if (back.milli != 0)
		turn_put(turn, TABLE_PROMOTED_BACK, at, bytes_of(&back, sizeof(back)));
	else
		turn_del(turn, TABLE_PROMOTED_BACK, at);
	promotion_take(turn, &row, &taken,
		       &(struct promotion_reversed){.outlet = sale->outlet,
						    .terminal = sale->terminal,
						    .receipt = sale->receipt,
						    .day = sale->day,
						    .line = move->line,
						    .sku = sale->lines.items[move->line - 1].sku,
						    .currency = sale->currency,
						    .has_quantity = true,
						    .quantity = {move->milli},
						    .has_return_receipt = true,
						    .return_receipt = receipt});
}

/* How much of a line that was promoted has not come back; 0: it was not promoted. */
static int64_t left_of(struct turn *turn, const struct sale_recorded *sale, uint32_t line)
{
	const struct promoted_ticket ticket = ticket_of(sale);
	struct promoted row;
	struct promoted_back back;
	uint8_t key[KEY_SIZE];
	struct bytes at = promoted_key(key, &ticket, line);

	if (!promoted_read(turn_get(turn, TABLE_PROMOTED, at), &row))
		return 0;
	(void)promoted_back_read(turn_get(turn, TABLE_PROMOTED_BACK, at), &back);
#if defined(MUTANT_BACK_UNBOUNDED)
	return NUMBER_MAX;
#endif
	return sale->lines.items[line - 1].quantity.milli - back.milli;
}

/* R120: What comes back of a sale takes back what a promotion gave on it: from each who pays what all that came back of the line has of what was
 * given, rounded half to even; promoted lines first, in their order, and no more than was sold. */
static int64_t take_line(struct turn *turn, const struct sale_recorded *sale, struct text receipt, const struct sale_returned_line *line,
			 struct came_back_line *moves)
{
	int64_t wanted = line->quantity.milli, count = 0;

	for (uint32_t i = 0; i < sale->lines.count && wanted > 0; i++) {
		int64_t left = text_equal(sale->lines.items[i].sku, line->sku) ? left_of(turn, sale, i + 1) : 0;

		if (left <= 0)
			continue;
		moves[count] = (struct came_back_line){i + 1, wanted < left ? wanted : left};
		wanted -= moves[count].milli;
		move_line(turn, sale, receipt, &moves[count++]);
	}
	return count;
}

static bool is_promoted(struct turn *turn, const struct sale_returned *returned)
{
	const struct promoted_ticket ticket = {
	    .terminal = returned->original_terminal, .day = returned->original_day, .receipt = returned->original};
	uint8_t at[KEY_SIZE];
	struct bytes prefix = promoted_key(at, &ticket, 0), key;

	(void)turn_seek(turn, TABLE_PROMOTED, prefix, &key);
	return key.size == prefix.size + 4 && memcmp(key.data, at, prefix.size) == 0;
}

void promotion_back(struct turn *turn, const struct sale_returned *returned, uint64_t sale_seq)
{
	struct came_back head = {.sale_seq = sale_seq};
	struct sale_recorded sale;
	uint8_t key[KEY_SIZE];

	if (scopes_seen(turn).seen[RULES_PROMOTION] == 0 || !is_promoted(turn, returned) || !sale_read(turn, sale_seq, &sale))
		return;
	/* A line of the sale is used up by all but one that it comes back on. */
	struct came_back_line *moves = turn_take(turn, ((size_t)returned->lines.count + sale.lines.count) * sizeof(*moves));
	for (uint32_t i = 0; i < returned->lines.count; i++)
		head.count += take_line(turn, &sale, returned->receipt, &returned->lines.items[i], moves + head.count);
	if (head.count == 0)
		return;
	size_t size = sizeof(head) + (size_t)head.count * sizeof(*moves);
	uint8_t *row = turn_take(turn, size);
	memcpy(row, &head, sizeof(head));
	memcpy(row + sizeof(head), moves, size - sizeof(head));
	const struct promoted_ticket own = {.terminal = returned->terminal, .day = returned->day, .receipt = returned->receipt};
	turn_put(turn, TABLE_RETURN_OF, promoted_key(key, &own, 0), bytes_of(row, size));
}

/* R121: A return that is void gives again what it took, where its sale still stands; a sale that is void takes back what returns have left of
 * it. */
void promotion_back_void(struct turn *turn, const struct sale_returned *returned)
{
	const struct promoted_ticket own = {.terminal = returned->terminal, .day = returned->day, .receipt = returned->receipt};
	struct sale_recorded sale;
	struct came_back head;
	uint8_t key[KEY_SIZE];

	if (scopes_seen(turn).seen[RULES_PROMOTION] == 0)
		return;
	struct bytes at = promoted_key(key, &own, 0), row = turn_get(turn, TABLE_RETURN_OF, at);
	if (row.size < sizeof(head))
		return;
	uint8_t *copy = turn_take(turn, row.size);
	memcpy(copy, row.data, row.size);
	memcpy(&head, copy, sizeof(head));
	CHECK(row.size == sizeof(head) + (size_t)head.count * sizeof(struct came_back_line));
	turn_del(turn, TABLE_RETURN_OF, at);
	if (!sale_read(turn, head.sale_seq, &sale))
		return;
	for (int64_t i = 0; i < head.count; i++) {
		struct came_back_line move;

		memcpy(&move, copy + sizeof(head) + (size_t)i * sizeof(move), sizeof(move));
		move.milli = -move.milli;
		move_line(turn, &sale, returned->receipt, &move);
	}
}
