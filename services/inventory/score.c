/* score.c -- counting deliveries, and what the counts say. */
#include "score.h"

#include "base/when.h"

#define MONTHS_PER_YEAR 12
#define BP 10000
#define PPM 1000000
#define LEAD_MINUTES_MAX 5256000 /* ten years, as events have it */

int64_t score_bounded(wide number)
{
	if (number > NUMBER_MAX)
		return NUMBER_MAX;
	if (number < -NUMBER_MAX)
		return -NUMBER_MAX;
	return (int64_t)number;
}

static void raise(int64_t *sum, wide by)
{
	*sum = score_bounded((wide)*sum + by);
}

int64_t score_value(struct quantity quantity, struct price cost)
{
	return divide_half_even((wide)quantity.milli * cost.e4, 1000);
}

/* Money of a currency in 1/10000 of its major unit; an unknown currency has two decimals. */
int64_t score_freight(struct money freight, struct text currency)
{
	int exponent = currency_exponent(currency);
	wide scaled = freight.minor;

	for (int i = exponent < 0 ? 2 : exponent; i < 4; i++)
		scaled *= 10;
	return score_bounded(scaled);
}

static uint32_t month_of(int64_t time_us)
{
	char day[DAY_TEXT_SIZE];
	uint32_t year, month;

	day_text(time_us / US_PER_DAY, day);
	year = (uint32_t)((day[0] - '0') * 1000 + (day[1] - '0') * 100 + (day[2] - '0') * 10 + (day[3] - '0'));
	month = (uint32_t)((day[5] - '0') * 10 + (day[6] - '0'));
	return year * MONTHS_PER_YEAR + month - 1;
}

/* l or s, code, currency; then the month behind a zero byte. */
struct bytes score_key(uint8_t key[KEY_SIZE], enum score_kind kind, struct text code, struct text currency)
{
	const char letter = (char)kind;

	return key_join(key, (const struct text[]){{&letter, 1}, code, currency}, 3);
}

static struct bytes month_key(uint8_t key[KEY_SIZE], struct bytes prefix, uint32_t month)
{
	key[prefix.size] = 0;
	put_u64_be(key + prefix.size + 1, month);
	return bytes_of(key, prefix.size + MONTH_SIZE);
}

size_t months_key(struct bytes key, uint32_t *month)
{
	if (key.size < MONTH_SIZE)
		return 0;
	*month = (uint32_t)get_u64_be(key.data + key.size - 8);
	return key.size - MONTH_SIZE;
}

static void count_times(struct score *score, const struct delivery *delivery)
{
	bool full = delivery->usable.milli >= delivery->asked.milli;
	bool in_time = delivery->promised_us != 0 && delivery->arrived_us <= delivery->promised_us;

	/* R85: A delivery is on time when it arrives by its promise, and in full when all that was asked for is there and fit to be sold;
	   one without a promise counts as neither on time nor late. */
	score->deliveries++;
	score->promised += delivery->promised_us != 0;
	score->on_time += in_time;
	score->in_full += full;
#if !defined(MUTANT_LATE_IS_FULL)
	score->both += in_time && full;
#else
	score->both += full;
#endif
	if (delivery->left_us == 0 || delivery->left_us > delivery->arrived_us)
		return;
	int64_t minutes = (delivery->arrived_us - delivery->left_us) / US_PER_MINUTE;
	/* What took more than ten years has a wrong date. */
	if (minutes > LEAD_MINUTES_MAX)
		return;
	score->timed++;
	raise(&score->minutes, minutes);
	raise(&score->squares, (wide)minutes * minutes);
}

void score_add(struct turn *turn, enum score_kind kind, const struct delivery *delivery)
{
	uint8_t key[KEY_SIZE];
	struct bytes prefix = score_key(key, kind, delivery->code, delivery->currency), at;
	struct score score;

	turn_put(turn, TABLE_UNSCORED, prefix, bytes_of(NULL, 0));
	at = month_key(key, prefix, month_of(delivery->arrived_us));
	row_get(turn, TABLE_SCORE, at, &score, sizeof(score));
	count_times(&score, delivery);
	raise(&score.asked.milli, delivery->asked.milli);
	raise(&score.sent.milli, delivery->sent.milli);
	raise(&score.usable.milli, delivery->usable.milli);
	raise(&score.valued.milli, delivery->valued.milli);
	raise(&score.value_e4, delivery->value_e4);
	raise(&score.freight_e4, score_freight(delivery->freight, delivery->currency));
	turn_put(turn, TABLE_SCORE, at, bytes_of(&score, sizeof(score)));
}

bool trip_get(struct turn *turn, struct text shipment, struct trip *trip)
{
	return row_get(turn, TABLE_TRIP, bytes_of_text(shipment), trip, sizeof(*trip));
}

void trip_put(struct turn *turn, struct text shipment, const struct trip *trip)
{
	turn_put(turn, TABLE_TRIP, bytes_of_text(shipment), bytes_of(trip, sizeof(*trip)));
}

void trip_del(struct turn *turn, struct text shipment)
{
	turn_del(turn, TABLE_TRIP, bytes_of_text(shipment));
}

/* ---- scorecards ---- */

void months_add(struct months *months, uint32_t month, const struct score *score)
{
	if (months->count == SCORE_MONTHS_MAX) {
		memmove(months->number, months->number + 1, (SCORE_MONTHS_MAX - 1) * sizeof(months->number[0]));
		memmove(months->score, months->score + 1, (SCORE_MONTHS_MAX - 1) * sizeof(months->score[0]));
		months->count--;
	}
	months->number[months->count] = month;
	months->score[months->count++] = *score;
	months->last = month;
}

static void sum_up(struct score *sum, const struct score *score)
{
	sum->deliveries += score->deliveries;
	sum->promised += score->promised;
	sum->on_time += score->on_time;
	sum->in_full += score->in_full;
	sum->both += score->both;
	sum->timed += score->timed;
	raise(&sum->minutes, score->minutes);
	raise(&sum->squares, score->squares);
	raise(&sum->asked.milli, score->asked.milli);
	raise(&sum->sent.milli, score->sent.milli);
	raise(&sum->usable.milli, score->usable.milli);
	raise(&sum->valued.milli, score->valued.milli);
	raise(&sum->value_e4, score->value_e4);
	raise(&sum->freight_e4, score->freight_e4);
}

static int64_t share(int64_t part, int64_t whole, int64_t scale)
{
	return whole > 0 ? divide_half_even((wide)part * scale, whole) : 0;
}

/* R87: The landed cost of a base unit is its own cost, the freight on it, and its cost by the share of what was sent that did not arrive
   fit to be sold. */
static void reckon_cost(struct card *card)
{
	const struct score *sum = &card->sum;

	card->has_cost = sum->valued.milli > 0; /* which is a part of what was sent */
	if (!card->has_cost)
		return;
	card->unit_cost.e4 = score_bounded(share(sum->value_e4, sum->valued.milli, 1000));
	card->freight_share.e4 = score_bounded(share(sum->freight_e4, sum->sent.milli, 1000));
	card->expected_loss.e4 = share(card->unit_cost.e4, sum->sent.milli, sum->sent.milli - sum->usable.milli);
	card->landed_cost.e4 = score_bounded((wide)card->unit_cost.e4 + card->freight_share.e4 + card->expected_loss.e4);
}

void card_reckon(struct card *card)
{
	const struct score *sum = &card->sum;

	/* R86: On time in full is a share of the deliveries that had a promise, defects are a share of what was sent, the variance of the
	   lead time is the mean of its squares less the square of its mean. */
	card->otif_bp = share(sum->both, sum->promised, BP);
	card->defects_ppm = share(sum->sent.milli - sum->usable.milli, sum->sent.milli, PPM);
	card->has_lead = sum->timed > 0;
	if (card->has_lead) {
		wide spread = (wide)sum->timed * sum->squares - (wide)sum->minutes * sum->minutes;

		card->lead_minutes = share(sum->minutes, sum->timed, 1);
		card->lead_variance = score_bounded(spread / ((wide)sum->timed * sum->timed));
	}
	reckon_cost(card);
}

static void first_day(uint32_t month, char out[DAY_TEXT_SIZE])
{
	day_text(days_from_civil(month / MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1, 1), out);
}

struct card card_of(const struct months *months, int64_t months_max)
{
	uint32_t first = months->last + 1 - (uint32_t)months_max, next = months->last + 1;
	struct card card = {0};

	for (uint32_t i = 0; i < months->count; i++)
		if (months->number[i] >= first)
			sum_up(&card.sum, &months->score[i]);
	first_day(first, card.from);
	day_text(days_from_civil(next / MONTHS_PER_YEAR, next % MONTHS_PER_YEAR + 1, 1) - 1, card.until);
	card_reckon(&card);
	return card;
}
