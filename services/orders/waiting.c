/* waiting.c -- a return that is heard before its sale takes back what it would have taken behind it. */
#include "waiting.h"

#include "base/error.h"
#include "events/terminals.h"
#include "promotion.h"
#include "region.h"

#define WAITING_MAX 100000 /* returns of the network */
#define WAITING_SAME_MAX 8 /* returns of one till and receipt: a sale is not to take more than a handler may */
#define FORGOTTEN_MAX 500  /* of one tick; the others wait for the next */

_Static_assert(sizeof(struct waiting) == 56, "rows have no padding");
_Static_assert(sizeof(struct return_matched_line) == sizeof(struct sale_returned_line), "a line is a line");

bool waiting_read(struct bytes row, struct waiting *waiting)
{
	memset(waiting, 0, sizeof(*waiting));
	if (row.size != sizeof(*waiting))
		return false;
	memcpy(waiting, row.data, sizeof(*waiting));
	return true;
}

/* Where the returns of a till and a receipt lie. */
static struct bytes waiting_prefix(uint8_t key[KEY_SIZE], struct text terminal, struct text receipt)
{
	const struct text codes[] = {TEXT_LITERAL("w"), terminal, receipt, {0}};

	return key_join(key, codes, 4);
}

struct bytes waiting_end_key(uint8_t key[KEY_SIZE], const struct waiting *waiting, struct bytes own)
{
	return key_timed(key, "d", waiting->until, own);
}

static uint64_t count_get(struct turn *turn)
{
	struct bytes row = turn_get(turn, TABLE_WAITING, bytes_of("n", 1));

	return row.size == sizeof(uint64_t) ? load_8(row.data) : 0;
}

static void count_put(struct turn *turn, uint64_t count)
{
	turn_put(turn, TABLE_WAITING, bytes_of("n", 1), bytes_of(&count, sizeof(count)));
}

static void take_away(struct turn *turn, const struct waiting *waiting, struct bytes own)
{
	uint8_t key[KEY_SIZE];

#if defined(MUTANT_MATCHED_TWICE)
	return;
#endif
	turn_del(turn, TABLE_WAITING, waiting_end_key(key, waiting, own));
	turn_del(turn, TABLE_WAITING, own);
	count_put(turn, count_get(turn) - 1);
}

/* The next return of a till and a receipt from this event on; false: there is none. Its key is left in `own`. */
static bool waiting_next(struct turn *turn, uint8_t own[KEY_SIZE], size_t prefix, uint64_t from, struct waiting *waiting)
{
	struct bytes key, row;

	put_u64_be(own + prefix, from);
	row = turn_seek(turn, TABLE_WAITING, bytes_of(own, prefix + WAITING_KEY), &key);
	if (key.size != prefix + WAITING_KEY || memcmp(key.data, own, prefix) != 0)
		return false;
	memcpy(own, key.data, key.size);
	return waiting_read(row, waiting);
}

static bool is_room(struct turn *turn, uint8_t own[KEY_SIZE], size_t prefix)
{
	struct waiting waiting;
	uint64_t from = 0;

	for (unsigned same = 0; same < WAITING_SAME_MAX; same++) {
		if (!waiting_next(turn, own, prefix, from, &waiting))
			return count_get(turn) < WAITING_MAX;
		from = get_u64_be(own + prefix) + 1;
	}
	return false;
}

/* R140: A return that names a receipt whose sale is not found waits for it at its outlet, for as many days after it was heard as the setting of
 * R119 says, and is forgotten at the first tick of the clock behind them. */
void waiting_put(struct turn *turn, const struct ticket_returned *returned, struct text terminal, uint64_t seq)
{
	struct waiting waiting = {.day = DAY_MIN};
	uint8_t own[KEY_SIZE], end[KEY_SIZE];
	size_t prefix = waiting_prefix(own, terminal, returned->original).size;
	int64_t heard = turn_input(turn)->time_us / US_PER_DAY, ticked = region_judged(turn);
	struct terminal till;
	bool is_foreign = terminal_get(turn, terminal, &till) && !text_equal(terminal_outlet(&till), returned->outlet);

	if (is_foreign || !day_number(returned->day, &waiting.own_day) ||
	    (returned->has_original_day && !day_number(returned->original_day, &waiting.day)) || !is_room(turn, own, prefix))
		return; /* no sale that it could be of will ever come, or too many wait */
	CODE_PUT(waiting.outlet, returned->outlet);
	waiting.until = (heard > ticked ? heard : ticked) + turn_setting(turn, SETTING_RETURN_DAYS);
	waiting.until = waiting.until > 0 ? waiting.until : 0; /* a till's clock may lie before 1970 */
	put_u64_be(own + prefix, seq);
	struct bytes key = bytes_of(own, prefix + WAITING_KEY);
	turn_put(turn, TABLE_WAITING, key, bytes_of(&waiting, sizeof(waiting)));
	turn_put(turn, TABLE_WAITING, waiting_end_key(end, &waiting, key), bytes_of("", 0));
	count_put(turn, count_get(turn) + 1);
}

/* Whether a return could be of a sale of this day, by the words of R119. */
static bool fits(struct turn *turn, const struct waiting *waiting, struct text outlet, int64_t day)
{
	if (!text_equal(CODE_TEXT(waiting->outlet), outlet))
		return false;
#if defined(MUTANT_ANY_SALE_FITS)
	return true;
#endif
	return waiting->day != DAY_MIN ? waiting->day == day
				       : day <= waiting->own_day && day >= waiting->own_day - turn_setting(turn, SETTING_RETURN_DAYS);
}

static void say_matched(struct turn *turn, const struct sale_returned *back)
{
	emit_return_matched(turn, &(struct return_matched){
				      .outlet = back->outlet,
				      .terminal = back->terminal,
				      .receipt = back->receipt,
				      .day = back->day,
				      .currency = back->currency,
				      .original = back->original,
				      .original_terminal = back->original_terminal,
				      .original_day = back->original_day,
				      .lines = {(const struct return_matched_line *)(const void *)back->lines.items, back->lines.count},
				      .has_handed_over_by = back->has_handed_over_by,
				      .handed_over_by = back->handed_over_by,
				      .has_picked_up_at = back->has_picked_up_at,
				      .picked_up_at = back->picked_up_at,
				      .has_serviced_by = back->has_serviced_by,
				      .serviced_by = back->serviced_by});
}

/* One that was voided while it waited takes nothing. */
static void match(struct turn *turn, const struct sale_recorded *sale, uint64_t sale_seq, uint64_t seq)
{
	struct sale_returned back;
	struct ticket_row row;
	struct bytes data;

	if (!ticket_event(turn, seq, &data))
		return; /* the journal cannot be read, which breaks the turn itself */
	struct reader reader = reader_of(data);
	CHECK(sale_returned_type.unpack(&back, &reader, turn_arena(turn)) == ERR_NONE);
	if (!ticket_get(turn, back.terminal, back.day, back.receipt, &row) || row.state != TICKET_RETURNED)
		return;
	back.has_original_terminal = back.has_original_day = true;
	back.original_terminal = sale->terminal;
	back.original_day = sale->day;
	say_matched(turn, &back);
	promotion_back(turn, &back, sale_seq);
}

/* R141: The first sale that is heard and that a waiting return could be of is its sale, once, and that is said: returns that wait for the same
 * sale are matched in the order in which they were heard, and from then on each is what it would have been behind its sale. */
void waiting_match(struct turn *turn, const struct sale_recorded *sale, uint64_t seq)
{
	struct waiting waiting;
	uint8_t own[KEY_SIZE];
	uint64_t from = 0;
	int64_t day;

	if (count_get(turn) == 0 || !day_number(sale->day, &day))
		return;
#if defined(MUTANT_LATE_SALE_KEEPS)
	return;
#endif
	size_t prefix = waiting_prefix(own, sale->terminal, sale->receipt).size;
	while (waiting_next(turn, own, prefix, from, &waiting)) {
		struct arena *arena = turn_arena(turn);
		size_t used = arena->used; /* what one return takes the next one may have again */

		from = get_u64_be(own + prefix) + 1;
		if (!fits(turn, &waiting, sale->outlet, day))
			continue;
		take_away(turn, &waiting, bytes_of(own, prefix + WAITING_KEY));
		match(turn, sale, seq, from - 1);
		arena->used = used;
	}
}

void waiting_forget(struct turn *turn, int64_t day)
{
	if (count_get(turn) == 0)
		return;
	for (unsigned forgotten = 0; forgotten < FORGOTTEN_MAX; forgotten++) {
		struct waiting waiting = {0};
		uint8_t own[KEY_SIZE];
		struct bytes key;

		(void)turn_seek(turn, TABLE_WAITING, bytes_of("d", 1), &key);
		if (key.size <= 9 || key.data[0] != 'd' || (int64_t)get_u64_be(key.data + 1) >= day)
			return;
		waiting.until = (int64_t)get_u64_be(key.data + 1);
		size_t size = key.size - 9;
		memcpy(own, key.data + 9, size);
		take_away(turn, &waiting, bytes_of(own, size));
	}
}
