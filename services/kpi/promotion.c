/* promotion.c -- sums of promotions, and their goods measured as a target's. */
#include "promotion.h"

#include "target.h"

struct text promotion_code(struct text promotion, char place[CODE_SIZE])
{
	uint32_t size = promotion.size < CODE_SIZE ? promotion.size : CODE_SIZE - 1;

	place[0] = PROMOTION_MARK;
	memcpy(place + 1, promotion.data, size);
	return (struct text){place, size + 1};
}

bool promotion_get(struct turn *turn, struct text code, struct promotion *promotion)
{
	return row_get(turn, TABLE_PROMOTION, bytes_of_text(code), promotion, sizeof(*promotion));
}

void promotion_put(struct turn *turn, struct text code, const struct promotion *promotion)
{
	row_put(turn, TABLE_PROMOTION, bytes_of_text(code), promotion, sizeof(*promotion));
}

/* R100: What a promotion has given is the sum of what was said to be given and taken back, of each who pays. */
void promotion_give(struct turn *turn, struct text code, struct text currency, const struct promotion_part *part, int sign)
{
	struct promotion promotion;

	(void)promotion_get(turn, code, &promotion);
	CODE_PUT(promotion.currency, currency);
	promotion.given += sign * part->amount;
	promotion.brand += sign * part->brand;
	promotion.dealer += sign * part->dealer;
	promotion.lines += part->in_part ? 0 : sign;
	if (sign < 0 && promotion.state == PROMOTION_EXHAUSTED)
		promotion.state = PROMOTION_SET; /* there is room again */
	if (part->amount < 0 && promotion.state == PROMOTION_SET && promotion.cap > 0 && promotion.given >= promotion.cap)
		promotion.state = PROMOTION_EXHAUSTED; /* a return was undone */
	promotion_put(turn, code, &promotion);
}

/* R101: The goods of a promotion are counted as those of a target for units are, from four weeks before its first day on; those of a channel
   are not. */
void promotion_declare(struct turn *turn, struct text code, struct promotion *promotion)
{
	char place[CODE_SIZE];
	struct promotion before;
	bool is_known = promotion_get(turn, code, &before);

	promotion->given = before.given;
	promotion->brand = before.brand;
	promotion->dealer = before.dealer;
	promotion->lines = before.lines;
	if (is_known && before.unmeasured == 1)
		before.goods = (struct target){0};
	if (promotion->unmeasured == 0)
		target_watch(turn, promotion_code(code, place), &before.goods, &promotion->goods);
	promotion_put(turn, code, promotion);
}

void promotion_move(struct turn *turn, struct text code, enum promotion_state state)
{
	struct promotion promotion;

	(void)promotion_get(turn, code, &promotion);
	promotion.state = state;
	promotion_put(turn, code, &promotion);
}

/* What each weekday brought in the four weeks before, of the days that are known; false: one that is asked for is not. */
static bool base_of(const int64_t sums[PROMOTION_BASE_DAYS], int32_t first, int32_t from, const int64_t asked[7], wide *base)
{
	wide sum[7] = {0};
	int64_t days[7] = {0}, whole = 0;

	for (int32_t i = 0; i < PROMOTION_BASE_DAYS; i++)
		if (from - PROMOTION_BASE_DAYS + i >= first) {
			sum[(from + i) % 7] += sums[i]; /* 28 days are whole weeks */
			days[(from + i) % 7]++;
		}
	for (unsigned i = 0; i < 7; i++) {
		if (asked[i] > 0 && days[i] == 0)
			return false;
		whole += days[i] > 0 ? divide_half_even(sum[i] * asked[i], days[i]) : 0;
	}
	*base = whole;
	return true;
}

/* R102: The uplift of a promotion is what was sold of its goods on its days that are over, less what the same weekdays brought on the mean of
   the four weeks before, of the days among them that are known; a weekday of which none is known leaves it without one. */
struct uplift promotion_uplift(const struct look *look, struct text code, const struct promotion *promotion, int32_t today)
{
	const struct target *goods = &promotion->goods;
	int32_t from = goods->from + PROMOTION_BASE_DAYS, first = INT32_MAX;
	int32_t until = today <= goods->until ? today - 1 : goods->until;
	int64_t sums[PROMOTION_BASE_DAYS] = {0}, asked[7] = {0};
	struct uplift uplift = {0};
	char place[CODE_SIZE];
	wide base;

	if (promotion->unmeasured == 1 || goods->from == 0 || until < from)
		return uplift;
	struct text of = promotion_code(code, place);
	for (int32_t day = from; day <= until; day++)
		asked[day % 7]++;
	(void)look_days(look, goods, of, goods->from, from - 1, sums, &first);
	uplift.units = look_days(look, goods, of, from, until, NULL, NULL);
	first = goods->since > first ? goods->since : first;
	if (!base_of(sums, first, from, asked, &base) || base <= 0)
		return uplift;
	uplift.has_base = true;
	uplift.base = shown(base);
	uplift.uplift_bp = divide_half_even(((wide)uplift.units - base) * 10000, uplift.base);
	return uplift;
}
