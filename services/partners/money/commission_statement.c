/* commission_statement.c -- a month's commissions of an outlet: accrued, adjusted, locked, settled. */
#include "base/error.h"
#include "money/commission.h"
#include "network/outlet.h"
#include "record.h"

_Static_assert(sizeof(struct commission_statement) == 48, "a statement has no padding");

struct bytes commission_statement_key(uint8_t key[KEY_SIZE], const struct commission_place *place)
{
	char first[DAY_TEXT_SIZE];

	day_text(place->month, first);
	const struct text codes[] = {place->outlet, place->currency, text_of(first)};
	return key_join(key, codes, 3);
}

static bool place_read(struct bytes key, struct commission_place *place)
{
	int64_t month;

	*place = (struct commission_place){key_part(key, 0), key_part(key, 1), 0};
	if (!day_number(key_part(key, 2), &month))
		return false;
	place->month = (int32_t)month;
	return true;
}

bool commission_statement_read(struct bytes key, struct bytes row, struct commission_place *place, struct commission_statement *statement)
{
	*statement = (struct commission_statement){0};
	if (row.size != sizeof(*statement))
		return false;
	memcpy(statement, row.data, sizeof(*statement));
	return place_read(key, place);
}

bool commission_statement_get(struct turn *turn, const struct commission_place *place, struct commission_statement *statement)
{
	struct commission_place same;
	uint8_t key[KEY_SIZE];
	struct bytes at = commission_statement_key(key, place);

	return commission_statement_read(at, turn_get(turn, TABLE_COMMISSION_STATEMENT, at), &same, statement);
}

void commission_statement_put(struct turn *turn, const struct commission_place *place, const struct commission_statement *statement)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_COMMISSION_STATEMENT, commission_statement_key(key, place), bytes_of(statement, sizeof(*statement)));
}

int64_t commission_balance(const struct commission_statement *statement)
{
	return sum_of(sum_of(statement->accrued, statement->adjusted), -statement->settled);
}

/* ---- the end of a month ---- */

static struct bytes end_key(uint8_t key[KEY_SIZE], int64_t ends_us, const struct commission_place *place)
{
	uint8_t own[KEY_SIZE];

	return key_timed(key, "", ends_us, commission_statement_key(own, place));
}

static int32_t month_last(int32_t month)
{
	const struct scheme by_month = {.period = PERIOD_MONTH};

	return period_of(&by_month, month).until;
}

static struct commission_statement statement_new(struct turn *turn, const struct commission_place *place)
{
	struct commission_statement statement = {.ends_us = ((int64_t)month_last(place->month) + 1) * US_PER_DAY};
	struct outlet_submitted outlet;
	uint8_t key[KEY_SIZE];

	if (outlet_known(turn, place->outlet, &outlet))
		statement.ends_us -= outlet.tz_offset * US_PER_MINUTE;
	turn_put(turn, TABLE_COMMISSION_END, end_key(key, statement.ends_us, place), bytes_of("", 1));
	return statement;
}

/* R158: A month's commissions of an outlet in a currency are one statement: what sales bring before it is locked is accrued, what returns, voids
 * and later sales change is an adjustment, and its balance is both less what was paid. */
void commission_state_add(struct turn *turn, const struct commission_place *place, int64_t amount, bool is_sale)
{
	struct commission_statement statement;

	if (!commission_statement_get(turn, place, &statement))
		statement = statement_new(turn, place);
	if (is_sale && !statement.is_locked)
		statement.accrued = sum_of(statement.accrued, amount);
	else
		statement.adjusted = sum_of(statement.adjusted, amount);
	statement.parts++;
	commission_statement_put(turn, place, &statement);
}

struct money commission_shown(int64_t minor)
{
	return money_of(minor > NUMBER_MAX ? NUMBER_MAX : minor < -NUMBER_MAX ? -NUMBER_MAX : minor);
}

static void lock(struct turn *turn, const struct commission_place *place)
{
	char period[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];
	struct commission_statement statement;

	if (!commission_statement_get(turn, place, &statement))
		return;
	statement.is_locked = 1;
	commission_statement_put(turn, place, &statement);
	day_text(place->month, period);
	day_text(month_last(place->month), until);
	emit_commission_locked(turn, &(struct commission_locked){.outlet = place->outlet,
								 .currency = place->currency,
								 .period = text_of(period),
								 .until = text_of(until),
								 .accrued = commission_shown(statement.accrued),
								 .adjusted = commission_shown(statement.adjusted),
								 .amount = commission_shown(sum_of(statement.accrued, statement.adjusted)),
								 .parts = (int64_t)statement.parts});
}

/* R159: A statement is locked at the first tick of the clock that finds its month over by the days of grace, in the calendar of its outlet. */
void commission_lock(struct turn *turn, int64_t time_us, unsigned most)
{
	int64_t grace_us = turn_setting(turn, SETTING_GRACE_DAYS) * US_PER_DAY;

	for (unsigned i = 0; i < most; i++) {
		struct commission_place place;
		struct bytes found;

		(void)turn_seek(turn, TABLE_COMMISSION_END, bytes_of(NULL, 0), &found);
		if (found.size <= 8 || (int64_t)get_u64_be(found.data) + grace_us > time_us)
			return;
		uint8_t key[KEY_SIZE];
		size_t size = found.size;
		memcpy(key, found.data, size);
		turn_del(turn, TABLE_COMMISSION_END, bytes_of(key, size));
		if (place_read(bytes_of(key + 8, size - 8), &place))
			lock(turn, &place);
	}
}
