/* target.c -- targets move with tickets and are judged at the change of the day. */
#include "target.h"

#include "course.h"
#include "split.h"
#include "territory.h"

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
	case SCOPE_BRAND:
		return AIM_BRAND;
	case SCOPE_SKU:
		return AIM_SKU;
	case SCOPE_PERSON:
		return AIM_PERSON;
	case SCOPE_TERRITORY:
		return AIM_TERRITORY;
	default:
		return AIM_TOTAL;
	}
}

char target_scope(const struct target *target, struct text *code)
{
	if (target->sku[0] != 0) {
		*code = CODE_TEXT(target->sku);
		return SCOPE_SKU;
	}
	if (target->brand[0] != 0) {
		*code = CODE_TEXT(target->brand);
		return SCOPE_BRAND;
	}
	if (target->category[0] != 0) {
		*code = CODE_TEXT(target->category);
		return SCOPE_CATEGORY;
	}
	if (target->person[0] != 0) {
		*code = CODE_TEXT(target->person);
		return SCOPE_PERSON;
	}
	if (target->territory[0] != 0) {
		*code = CODE_TEXT(target->territory);
		return SCOPE_TERRITORY;
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

bool target_is_narrow(const struct target *target)
{
	if (target->sku[0] != 0 || target->person[0] != 0 || target->territory[0] != 0)
		return true;
	return (target->brand[0] != 0 || target->category[0] != 0) &&
	       (target->outlet[0] != 0 || target->tier != 0);
}

struct bytes narrow_key(uint8_t key[KEY_SIZE], struct text code, int32_t day)
{
	uint8_t number[4];

	return key_pair(key, code, number_key(number, (uint32_t)day).data, sizeof(number));
}

enum saying { SAY_PROGRESSED, SAY_REACHED, SAY_STRETCHED, SAY_AT_RISK };

static struct target_reached standing_of(struct text code, const struct target *target, struct text day,
					const struct outlook *outlook)
{
	return (struct target_reached){.target = code,
				       .has_outlet = target->outlet[0] != 0,
				       .outlet = CODE_TEXT(target->outlet),
				       .metric = metric_text((enum metric)target->metric),
				       .day = day,
				       .value = shown(target->value),
				       .achieved = shown(target->achieved),
				       .attained_bp = outlook->pace.attained_bp,
				       .pace_bp = outlook->pace.pace_bp,
				       .needed_per_day = outlook->pace.needed_per_day,
				       .has_target_version = target->version > 0,
				       .target_version = target->version,
				       .has_stretch = target->stretch > 0,
				       .stretch = target->stretch,
				       .has_needed_today = true,
				       .needed_today = outlook->needed_today,
				       .has_landing = outlook->has_landing,
				       .landing = outlook->landing,
				       .has_hit_bp = outlook->has_hit,
				       .hit_bp = outlook->hit_bp,
				       .has_trailing_per_day = outlook->has_trailing,
				       .trailing_per_day = outlook->trailing_per_day,
				       .has_calendar = outlook->calendar[0] != 0,
				       .calendar = CODE_TEXT(outlook->calendar),
				       .has_calendar_version = outlook->calendar[0] != 0,
				       .calendar_version = outlook->calendar_version};
}

_Static_assert(sizeof(struct target_progressed) == sizeof(struct target_reached), "a standing is a standing");
_Static_assert(sizeof(struct target_stretched) == sizeof(struct target_reached), "a standing is a standing");
_Static_assert(sizeof(struct target_at_risk) == sizeof(struct target_reached), "a standing is a standing");

static void say(struct turn *turn, enum saying saying, struct text code, const struct target *target, int32_t today,
		const struct outlook *outlook)
{
	char day[DAY_TEXT_SIZE];

	day_text(today, day);
	struct target_reached event = standing_of(code, target, text_of(day), outlook);
	const void *any = &event;
	switch (saying) {
	case SAY_REACHED:
		emit_target_reached(turn, &event);
		break;
	case SAY_PROGRESSED:
		emit_target_progressed(turn, any);
		break;
	case SAY_STRETCHED:
		emit_target_stretched(turn, any);
		break;
	case SAY_AT_RISK:
		emit_target_at_risk(turn, any);
	}
}

/* While it moves, a target tells how it stands and not where it will land, which would look at many days. */
static void say_moved(struct turn *turn, const struct book *book, enum saying saying, struct text code, const struct target *target)
{
	int32_t today = day_at(book->watermark_us, target_offset(turn, target));
	struct look look = look_of_turn(turn);
	struct outlook outlook = course_outlook(&look, code, target, today, false);

	say(turn, saying, code, target, today, &outlook);
}

static void narrow_add(struct turn *turn, struct text code, int32_t day, int64_t sum)
{
	uint8_t key[KEY_SIZE];
	struct bytes wanted = narrow_key(key, code, day);
	int64_t achieved;

	row_get(turn, TABLE_NARROW, wanted, &achieved, sizeof(achieved));
	achieved = shown((wide)achieved + sum);
	row_put(turn, TABLE_NARROW, wanted, &achieved, sizeof(achieved));
}

/* Where it lies; a row as it was before it grew is written anew. */
static void achieved_put(struct turn *turn, struct text code, const struct target *target)
{
	struct target *lent = turn_edit(turn, TABLE_TARGET, bytes_of_text(code), sizeof(*lent));

	if (lent != NULL)
		lent->achieved = target->achieved;
	else
		target_put(turn, code, target);
}

/* R16: A target says that it has progressed when it climbs past a full step of 5 % of its value, and that it
   is reached when it climbs to its value; what fell back by returns or voids and climbs again says so
   again. */
static void target_move(struct turn *turn, const struct book *book, struct text code, struct target *target,
			int64_t sum)
{
	int64_t before = target->achieved;
	int64_t step = target_step(before, target->value), step_now;

	target->achieved = shown((wide)before + sum);
	achieved_put(turn, code, target);
	step_now = target_step(target->achieved, target->value);
	if (step_now > step)
		say_moved(turn, book, step_now == TARGET_STEPS ? SAY_REACHED : SAY_PROGRESSED, code, target);
	/* R27: A target with a stretch value says that it is stretched when it climbs to that, as it says that it is
	   reached. */
	if (target->stretch > 0 && before < target->stretch && target->achieved >= target->stretch)
		say_moved(turn, book, SAY_STRETCHED, code, target);
}

/* R14: A target counts the tickets of its scope whose business day lies in its period, a revenue target those
   in its currency. */
static bool target_counts(struct turn *turn, const struct target *target, const struct ticket *ticket)
{
	if (ticket->day < target->from || ticket->day > target->until)
		return false;
	if (target->outlet[0] != 0 && !text_equal(CODE_TEXT(target->outlet), ticket->outlet))
		return false;
	if (target->tier != 0 && target->tier != (uint32_t)ticket->tier)
		return false;
	if (target->person[0] != 0 && !text_equal(CODE_TEXT(target->person), ticket->person))
		return false;
	if (target->territory[0] != 0 && !territory_has(turn, CODE_TEXT(target->territory), ticket->outlet))
		return false;
	return target->metric != METRIC_REVENUE || text_equal(CODE_TEXT(target->currency), ticket->currency);
}

/* The goods of a promotion, by the code of its aim. */
static bool goods_get(struct turn *turn, struct text code, struct target *target)
{
	struct bytes row = turn_get(turn, TABLE_PROMOTION, bytes_of(code.data + 1, code.size - 1));

	return row.size == sizeof(struct promotion) && copy_row(bytes_of(row.data, sizeof(*target)), target, sizeof(*target));
}

static void count_aims(struct turn *turn, const struct book *book, char scope, struct text code, const struct ticket *ticket,
		       const struct measures *add)
{
	uint8_t key[KEY_SIZE];
	struct target target;
	struct aim aim;
	struct bytes wanted = key_scope(key, scope, code), aims = turn_get(turn, TABLE_AIM, wanted);
	size_t count = aims.size / sizeof(aim);
	for (size_t i = 0; i < count; i++) {
		if (i > 0) /* a put has voided what was lent */
			aims = turn_get(turn, TABLE_AIM, wanted);
		memcpy(&aim, aims.data + i * sizeof(aim), sizeof(aim));
		if (ticket->day < aim.from || ticket->day > aim.until)
			continue;
		struct text aimed = CODE_TEXT(aim.target);
		bool is_promotion = aim.target[0] == PROMOTION_MARK;
		if (!(is_promotion ? goods_get(turn, aimed, &target) : target_get(turn, aimed, &target)) || !target_counts(turn, &target, ticket))
			continue;
		int64_t sum = metric_sum((enum metric)target.metric, add);
		if (target_is_narrow(&target))
			narrow_add(turn, aimed, ticket->day, sum);
		if (is_promotion)
			continue;
		target_move(turn, book, aimed, &target, sum);
	}
}

void target_count(struct turn *turn, const struct book *book, char scope, struct text code,
		  const struct ticket *ticket, const struct measures *add)
{
	if ((book->aims & aim_bit(scope)) != 0)
		count_aims(turn, book, scope, code, ticket, add);
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

/* What a narrow target's own days hold of its period. */
static int64_t narrow_already(struct turn *turn, struct text code, const struct target *target)
{
	uint8_t key[KEY_SIZE];
	struct walk walk;
	int64_t day;
	wide sum = 0;

	walk_begin(&walk, turn, TABLE_NARROW, key_pair(key, code, NULL, 0));
	while (walk_next(&walk)) {
		int32_t at = (int32_t)number_of_key(walk.key.data + walk.key.size - 4);

		if (at >= target->from && at <= target->until && copy_row(walk.value, &day, sizeof(day)))
			sum += day;
	}
	return shown(sum);
}

static void narrow_forget(struct turn *turn, struct text code)
{
	uint8_t key[KEY_SIZE];
	struct walk walk;

	walk_begin(&walk, turn, TABLE_NARROW, key_pair(key, code, NULL, 0));
	while (walk_next(&walk))
		turn_del(turn, TABLE_NARROW, walk.key);
}

/* Whether two versions of a target count the same tickets of a day. */
static bool counts_alike(const struct target *a, const struct target *b)
{
	return a->metric == b->metric && a->tier == b->tier &&
	       memcmp(a->currency, b->currency, CURRENCY_SIZE) == 0 &&
	       memcmp(a->outlet, b->outlet, CODE_SIZE) == 0 &&
	       memcmp(a->category, b->category, CODE_SIZE) == 0 &&
	       memcmp(a->brand, b->brand, CODE_SIZE) == 0 && memcmp(a->sku, b->sku, CODE_SIZE) == 0 &&
	       memcmp(a->person, b->person, PERSON_SIZE) == 0 && memcmp(a->territory, b->territory, CODE_SIZE) == 0;
}

/* Of all goods of a territory: the days of its outlets tell it. */
static bool is_whole_territory(const struct target *target)
{
	return target->territory[0] != 0 && target->sku[0] == 0 && target->brand[0] == 0 && target->category[0] == 0;
}

struct filling {
	struct turn *turn;
	struct text code;
	enum metric metric;
};

static void fill_day(void *context, int32_t day, const struct measures *measures)
{
	const struct filling *filling = context;

	narrow_add(filling->turn, filling->code, day, metric_sum(filling->metric, measures));
}

/* R103: A target for a territory alone counts what the days of the outlets that lie in it hold already; one that names a category, a brand or
   a SKU beside it counts from its declaration on. */
static void fill_territory(struct turn *turn, struct text code, struct target *target)
{
	struct filling filling = {turn, code, (enum metric)target->metric};
	struct look look = look_of_turn(turn);
	struct text none = {0};
	struct insiders insiders;

	for (insiders_begin(&insiders, turn, CODE_TEXT(target->territory)); insiders_next(&insiders);)
		(void)look_measures(&look, SCOPE_OUTLET, insiders.outlet,
				    target->metric == METRIC_REVENUE ? CODE_TEXT(target->currency) : none, 1, INT32_MAX - 1, fill_day, &filling);
	target->since = 0;
}

/* R18: A target that is declared or changed counts what the days of its period hold already; one that names a
   SKU, a salesperson, or a category or a brand together with an outlet or a tier counts from its declaration
   on. */
static void count_already(struct turn *turn, struct text code, const struct target *before,
			  struct target *target)
{
	if (!target_is_narrow(target)) {
		narrow_forget(turn, code);
		target->achieved = counted_already(turn, target);
		return;
	}
	target->since = before->since;
	bool is_alike = counts_alike(before, target);
#if defined(MUTANT_NARROW_DAYS_KEPT)
	is_alike = true;
#endif
	if (!is_alike) {
		narrow_forget(turn, code);
		target->since = book_get(turn).day_max + 1;
#if defined(MUTANT_TERRITORY_UNFILLED)
		return;
#endif
		if (is_whole_territory(target))
			fill_territory(turn, code, target);
	} else if (target->from < before->from && target->since == 0) {
		target->since = before->from;
	}
	if (target->since <= target->from)
		target->since = 0;
	target->achieved = narrow_already(turn, code, target);
}

uint32_t target_names(struct turn *turn, struct text sku)
{
	uint8_t key[KEY_SIZE];

	return turn_get(turn, TABLE_AIM, key_scope(key, SCOPE_SKU, sku)).size > 0 ? 1 : 0;
}

/* A product that a target names is marked, so that the lines of the others cost nothing. */
static void mark_product(struct turn *turn, const struct target *target)
{
	struct text sku = CODE_TEXT(target->sku);
	struct product product;

	if (sku.size == 0 || !product_get(turn, sku, &product))
		return;
	product.aimed = 1;
	product_put(turn, sku, &product);
}

/* R28: Each version of a target is kept as it was said, with what had been achieved when it came. */
static void keep_version(struct turn *turn, struct text code, const struct target *before,
			 const struct target *target)
{
	uint8_t key[KEY_SIZE], number[8];
	struct said said = {.value = target->value,
			    .stretch = target->stretch,
			    .time_us = turn_input(turn)->time_us,
			    .achieved = before->achieved,
			    .from = target->from,
			    .until = target->until,
			    .metric = target->metric};

	memcpy(said.currency, target->currency, CURRENCY_SIZE);
	memcpy(said.parent, target->parent, CODE_SIZE);
	put_u64_be(number, (uint64_t)target->version);
	row_put(turn, TABLE_SAID, key_pair(key, code, number, sizeof(number)), &said, sizeof(said));
}

void target_watch(struct turn *turn, struct text code, const struct target *before, struct target *target)
{
	struct book book = book_get(turn);
	struct text of;

	if (before->from != 0)
		aims_change(turn, before, code, false);
	aims_change(turn, target, code, true);
	count_already(turn, code, before, target);
	mark_product(turn, target);
	if ((book.aims & aim_bit(target_scope(target, &of))) != 0)
		return;
	book.aims |= aim_bit(target_scope(target, &of));
	book_put(turn, &book);
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
	count_already(turn, code, &before, target);
	target_put(turn, code, target);
	mark_product(turn, target);
	keep_version(turn, code, &before, target);
	book.aims |= aim_bit(target_scope(target, &of));
	book.judge_us = 0;
	book_put(turn, &book);
	if (target->achieved >= target->value && !was_reached)
		say_moved(turn, &book, SAY_REACHED, code, target);
	split_declare(turn, code, &before, target);
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
	if (day > target->until || target->achieved >= target->value)
		return;
	struct look look = look_of_turn(turn);
	struct outlook outlook = course_outlook(&look, code, target, today, true);
	if (outlook.pace.pace_bp < turn_setting(turn, SETTING_RISK_PACE))
		say(turn, SAY_AT_RISK, code, target, today, &outlook);
}

int64_t target_judge_all(struct turn *turn, int64_t time_us)
{
	int64_t next_us = INT64_MAX;
	struct target target;
	struct walk walk;

	walk_begin(&walk, turn, TABLE_TARGET, bytes_of(NULL, 0));
	while (walk_next(&walk)) {
		struct text code = {(const char *)walk.key.data, (uint32_t)walk.key.size};

		if (!target_read(walk.value, &target))
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
