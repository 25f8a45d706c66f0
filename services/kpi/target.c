/* target.c -- targets move with tickets and are judged at the change of the day. */
#include "target.h"

/* Targets of one scope and code; one more takes the place of the one that ended first. */
#define AIMS_MAX 1000

static uint32_t aim_bit(char scope)
{
	switch (scope) {
	case SCOPE_OUTLET:
		return AIM_OUTLET;
	case SCOPE_TIER:
		return AIM_TIER;
	case SCOPE_CATEGORY:
		return AIM_CATEGORY;
	default:
		return AIM_TOTAL;
	}
}

char target_scope(const struct target *target, struct text *code)
{
	if (target->category[0] != 0) {
		*code = CODE_TEXT(target->category);
		return SCOPE_CATEGORY;
	}
	if (target->outlet[0] != 0) {
		*code = CODE_TEXT(target->outlet);
		return SCOPE_OUTLET;
	}
	*code = target->tier != 0 ? tier_code(target->tier) : TOTAL_CODE;
	return target->tier != 0 ? SCOPE_TIER : SCOPE_TOTAL;
}

/* The calendar of a target: its outlet's, else the one of the settings. */
static int64_t target_offset(struct turn *turn, const struct target *target)
{
	struct outlet outlet;

	if (target->outlet[0] != 0 && outlet_get(turn, CODE_TEXT(target->outlet), &outlet))
		return outlet.offset;
	return turn_setting(turn, SETTING_CALENDAR_OFFSET);
}

enum saying { SAY_PROGRESSED, SAY_REACHED, SAY_AT_RISK };

static void say(struct turn *turn, enum saying saying, struct text code, const struct target *target,
		int32_t today)
{
	char day[DAY_TEXT_SIZE];
	struct pace pace = target_pace(target->achieved, target->value, target->from, target->until, today);

	day_text(today, day);
	struct target_reached event = {.target = code,
				       .has_outlet = target->outlet[0] != 0,
				       .outlet = CODE_TEXT(target->outlet),
				       .metric = metric_text((enum metric)target->metric),
				       .day = text_of(day),
				       .value = shown(target->value),
				       .achieved = shown(target->achieved),
				       .attained_bp = pace.attained_bp,
				       .pace_bp = pace.pace_bp,
				       .needed_per_day = pace.needed_per_day};

	if (saying == SAY_REACHED) {
		emit_target_reached(turn, &event);
	} else if (saying == SAY_PROGRESSED) {
		struct target_progressed progressed;

		_Static_assert(sizeof(progressed) == sizeof(event), "a standing is a standing");
		memcpy(&progressed, &event, sizeof(progressed));
		emit_target_progressed(turn, &progressed);
	} else {
		struct target_at_risk at_risk;

		_Static_assert(sizeof(at_risk) == sizeof(event), "a standing is a standing");
		memcpy(&at_risk, &event, sizeof(at_risk));
		emit_target_at_risk(turn, &at_risk);
	}
}

/* R16: A target says that it has progressed when it climbs past a full step of 5 % of its value, and that it
   is reached when it climbs to its value; what fell back by returns or voids and climbs again says so
   again. */
static void target_move(struct turn *turn, const struct book *book, struct text code, struct target *target,
			int64_t sum)
{
	int64_t before = target_step(target->achieved, target->value), after;

	target->achieved = shown((wide)target->achieved + sum);
	target_put(turn, code, target);
	after = target_step(target->achieved, target->value);
	if (after > before)
		say(turn, after == TARGET_STEPS ? SAY_REACHED : SAY_PROGRESSED, code, target,
		    day_at(book->watermark_us, target_offset(turn, target)));
}

/* R14: A target counts the tickets of its scope whose business day lies in its period, a revenue target those
   in its currency. */
static bool target_counts(const struct target *target, const struct ticket *ticket)
{
	if (ticket->day < target->from || ticket->day > target->until)
		return false;
	if (target->outlet[0] != 0 && !text_equal(CODE_TEXT(target->outlet), ticket->outlet))
		return false;
	if (target->tier != 0 && target->tier != (uint32_t)ticket->tier)
		return false;
	return target->metric != METRIC_REVENUE || text_equal(CODE_TEXT(target->currency), ticket->currency);
}

void target_count(struct turn *turn, const struct book *book, char scope, struct text code,
		  const struct ticket *ticket, const struct measures *add)
{
	uint8_t key[KEY_SIZE];
	struct target target;
	struct aim aim;

	if ((book->aims & aim_bit(scope)) == 0)
		return;
	struct bytes wanted = key_scope(key, scope, code);
	size_t count = turn_get(turn, TABLE_AIM, wanted).size / sizeof(aim);
	for (size_t i = 0; i < count; i++) {
		/* Got anew each time: a put voids what was lent. */
		memcpy(&aim, turn_get(turn, TABLE_AIM, wanted).data + i * sizeof(aim), sizeof(aim));
		if (ticket->day < aim.from || ticket->day > aim.until)
			continue;
		if (target_get(turn, CODE_TEXT(aim.target), &target) && target_counts(&target, ticket))
			target_move(turn, book, CODE_TEXT(aim.target), &target,
				    metric_sum((enum metric)target.metric, add));
	}
}

static void aims_change(struct turn *turn, const struct target *target, struct text code, bool add)
{
	uint8_t key[KEY_SIZE];
	struct text of;
	char scope = target_scope(target, &of);
	struct bytes wanted = key_scope(key, scope, of);
	struct bytes row = turn_get(turn, TABLE_AIM, wanted);
	size_t kept = 0, count = row.size / sizeof(struct aim), first = 0;
	struct aim *aims = turn_take(turn, (count + 1) * sizeof(*aims));

	for (size_t i = 0; i < count; i++) {
		memcpy(&aims[kept], row.data + i * sizeof(*aims), sizeof(*aims));
		if (!text_equal(CODE_TEXT(aims[kept].target), code))
			kept++;
	}
	if (add && kept == AIMS_MAX) {
		for (size_t i = 1; i < kept; i++)
			if (aims[i].until < aims[first].until)
				first = i;
		memmove(&aims[first], &aims[first + 1], (--kept - first) * sizeof(*aims));
	}
	if (add) {
		aims[kept] = (struct aim){.from = target->from, .until = target->until};
		CODE_PUT(aims[kept++].target, code);
	}
	row_put(turn, TABLE_AIM, wanted, aims, kept * sizeof(*aims));
}

/* What the days of the period hold already, of a target that is all of one scope. */
static int64_t counted_already(struct turn *turn, const struct target *target)
{
	uint8_t key[KEY_SIZE], prefix[KEY_SIZE];
	struct text code;
	char scope = target_scope(target, &code);
	size_t prefix_size = key_scope(prefix, scope, code).size;
	struct standing standing = {0};
	struct measure_parts parts;
	struct measures day;
	struct walk walk;
	wide sum = 0;

	prefix[prefix_size++] = 0;
	walk_begin(&walk, turn, TABLE_MEASURE, bytes_of(prefix, prefix_size));
	while (walk_next(&walk)) {
		CHECK(measure_parts(walk.key, &parts));
		if (parts.day == 0 && !copy_row(walk.value, &standing, sizeof(standing)))
			continue;
		if (target->metric == METRIC_REVENUE &&
		    !text_equal(parts.currency, CODE_TEXT(target->currency)))
			continue;
		if (parts.day < target->from || parts.day > target->until)
			continue;
		if (parts.day == standing.day)
			day = standing.today;
		else if (!row_get(turn, TABLE_MEASURE,
				  measure_key(key, scope, code, parts.currency, parts.day), &day,
				  sizeof(day)))
			continue;
		sum += metric_sum((enum metric)target->metric, &day);
	}
	return shown(sum);
}

/* R18: A target that is declared or changed counts what the days of its period hold already; one that names a
   category together with an outlet or a tier counts from its declaration on. */
static int64_t achieved_already(struct turn *turn, const struct target *before, const struct target *target)
{
	if (target->category[0] == 0 || (target->outlet[0] == 0 && target->tier == 0))
		return counted_already(turn, target);
	bool same = before->metric == target->metric && before->from == target->from &&
		    before->until == target->until && before->tier == target->tier &&
		    memcmp(before->currency, target->currency, CURRENCY_SIZE) == 0 &&
		    memcmp(before->outlet, target->outlet, CODE_SIZE) == 0 &&
		    memcmp(before->category, target->category, CODE_SIZE) == 0;
	return same ? before->achieved : 0;
}

void target_declare(struct turn *turn, struct text code, struct target *target)
{
	struct book book = book_get(turn);
	struct target before;
	struct text of;
	bool known = target_get(turn, code, &before);
	bool was_reached = known && before.achieved >= before.value;

	if (known)
		aims_change(turn, &before, code, false);
	aims_change(turn, target, code, true);
	target->achieved = achieved_already(turn, &before, target);
	target_put(turn, code, target);
	book.aims |= aim_bit(target_scope(target, &of));
	book.judge_us = 0;
	book_put(turn, &book);
	if (target->achieved >= target->value && !was_reached)
		say(turn, SAY_REACHED, code, target, day_at(book.watermark_us, target_offset(turn, target)));
}

/* R19: At each change of day within its period a target that is not reached and whose pace is below the
   setting risk_pace is at risk; that is said at most once a day. */
static void judge(struct turn *turn, struct text code, struct target *target, int32_t today)
{
	int32_t day = today > target->until ? target->until + 1 : today;

	if (day <= target->judged || day <= target->from)
		return;
	target->judged = day;
	target_put(turn, code, target);
	if (day <= target->until && target->achieved < target->value &&
	    target_pace(target->achieved, target->value, target->from, target->until, today).pace_bp <
		turn_setting(turn, SETTING_RISK_PACE))
		say(turn, SAY_AT_RISK, code, target, today);
}

int64_t target_judge_all(struct turn *turn, int64_t time_us)
{
	int64_t next_us = INT64_MAX;
	struct target target;
	struct walk walk;

	walk_begin(&walk, turn, TABLE_TARGET, bytes_of(NULL, 0));
	while (walk_next(&walk)) {
		struct text code = {(const char *)walk.key.data, (uint32_t)walk.key.size};

		if (!copy_row(walk.value, &target, sizeof(target)))
			continue;
		int64_t offset = target_offset(turn, &target);
		int32_t today = day_at(time_us, offset);
		int64_t midnight_us = ((int64_t)today + 1) * US_PER_DAY - offset * US_PER_MINUTE;

		judge(turn, code, &target, today);
		if (today <= target.until && midnight_us < next_us)
			next_us = midnight_us;
	}
	return next_us;
}
