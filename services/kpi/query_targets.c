/* query_targets.c -- `get targets`: what has to be reached, what is, and at which pace; arguments: target, outlet, parent
 * (the tree of one target). `get target-versions`: what was said before; argument: target. */
#include "course.h"
#include "figures.h"
#include "split.h"
#include "target.h"

static int64_t offset_of(struct query *query, const struct target *target)
{
	struct outlet outlet;

	if (target->outlet[0] != 0 &&
	    look_get(query, TABLE_OUTLET, bytes_of_text(CODE_TEXT(target->outlet)), &outlet, sizeof(outlet)))
		return outlet.offset;
	return look_setting(query, SETTING_CALENDAR_OFFSET);
}

static void what_of(struct query *query, struct text code, const struct target *target)
{
	char from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];

	day_text(target->from, from);
	day_text(target->until, until);
	query_text(query, "target", code);
	query_text(query, "outlet", CODE_TEXT(target->outlet));
	query_int(query, "tier", target->tier);
	query_text(query, "category", CODE_TEXT(target->category));
	query_text(query, "metric", metric_text((enum metric)target->metric));
	query_text(query, "currency", CODE_TEXT(target->currency));
	query_text(query, "from", text_of(from));
	query_text(query, "until", text_of(until));
	query_int(query, "version", target->version);
	query_int(query, "value", target->value);
	query_text(query, "brand", CODE_TEXT(target->brand));
	query_text(query, "sku", CODE_TEXT(target->sku));
	query_text(query, "salesperson", CODE_TEXT(target->person));
	query_text(query, "parent", CODE_TEXT(target->parent));
	if (target->territory[0] != 0)
		query_text(query, "territory", CODE_TEXT(target->territory));
	if (target->stretch > 0)
		query_int(query, "stretch", target->stretch);
}

/* Whether its parts make it, where it has some; and from when on it counts, where that is later than it begins. */
static void whole_of(struct query *query, struct text code, const struct target *target)
{
	struct split split = split_look(query, code);
	char since[DAY_TEXT_SIZE];

	if (target->since != 0) {
		day_text(target->since, since);
		query_text(query, "counts_from", text_of(since));
	}
	if (split.parts == 0)
		return;
	query_int(query, "parts", split.parts);
	query_int(query, "parts_sum", split.sum);
	query_int(query, "parts_difference", shown((wide)split.sum - target->value));
}

static void outlook_of(struct query *query, const struct outlook *outlook)
{
	query_int(query, "attained_bp", outlook->pace.attained_bp);
	query_int(query, "pace_bp", outlook->pace.pace_bp);
	query_int(query, "needed_per_day", outlook->pace.needed_per_day);
	query_int(query, "days_left", outlook->pace.days_left);
	query_int(query, "needed_today", outlook->needed_today);
	query_int(query, "asked_per_day", outlook->asked_per_day);
	/* R31: How a target compares with what was is the rate of the cover_days before its period over what it asks of a mean
	   day. */
	if (outlook->has_trailing) {
		query_int(query, "trailing_per_day", outlook->trailing_per_day);
		query_int(query, "feasible_bp", share_bp(outlook->trailing_per_day, outlook->asked_per_day));
	}
	if (outlook->has_landing)
		query_int(query, "landing", outlook->landing);
	if (outlook->has_hit)
		query_int(query, "hit_bp", outlook->hit_bp);
	query_text(query, "calendar", CODE_TEXT(outlook->calendar));
}

static void row_of(struct query *query, struct text code, const struct target *target)
{
	int32_t today = day_at(book_look(query).watermark_us, offset_of(query, target));
	struct look look = look_of_query(query);
	struct outlook outlook = course_outlook(&look, code, target, today, true);
	bool reached = target->achieved >= target->value;
	char day[DAY_TEXT_SIZE];

	day_text(today, day);
	what_of(query, code, target);
	query_text(query, "day", text_of(day));
	query_int(query, "achieved", target->achieved);
	outlook_of(query, &outlook);
	query_bool(query, "reached", reached);
	query_bool(query, "at_risk",
		   !reached && today > target->from && today <= target->until &&
		       outlook.pace.pace_bp < look_setting(query, SETTING_RISK_PACE));
	whole_of(query, code, target);
}

void query_targets(struct query *query)
{
	struct text wanted = query_argument(query, "target"), outlet = query_argument(query, "outlet");
	struct text parent = query_argument(query, "parent");
	struct target target;
	struct bytes key, value = query_seek(query, TABLE_TARGET, query_from(query), &key);

	for (; key.data != NULL; value = query_next(query, TABLE_TARGET, &key)) {
		struct text code = {(const char *)key.data, (uint32_t)key.size};

		if (!target_read(value, &target) ||
		    (wanted.size > 0 && !text_equal(wanted, code)) ||
		    (outlet.size > 0 && !text_equal(outlet, CODE_TEXT(target.outlet))) ||
		    (parent.size > 0 && !text_equal(parent, code) &&
		     !text_equal(parent, CODE_TEXT(target.parent))))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		row_of(query, code, &target);
	}
}

static void version_of(struct query *query, struct text code, uint64_t version, const struct said *said)
{
	char from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];

	struct target target;

	(void)target_read(query_get(query, TABLE_TARGET, bytes_of_text(code)), &target);
	day_text(said->from, from);
	day_text(said->until, until);
	query_text(query, "target", code);
	query_text(query, "outlet", CODE_TEXT(target.outlet));
	query_int(query, "version", (int64_t)version);
	query_int(query, "time_us", said->time_us);
	query_text(query, "metric", metric_text((enum metric)said->metric));
	query_text(query, "currency", CODE_TEXT(said->currency));
	query_text(query, "from", text_of(from));
	query_text(query, "until", text_of(until));
	query_int(query, "value", said->value);
	query_int(query, "stretch", said->stretch);
	query_text(query, "parent", CODE_TEXT(said->parent));
	query_int(query, "achieved_before", said->achieved);
}

void query_target_versions(struct query *query)
{
	struct text wanted = query_argument(query, "target");
	struct said said;
	struct bytes key, value = query_seek(query, TABLE_SAID, query_from(query), &key);

	for (; key.data != NULL; value = query_next(query, TABLE_SAID, &key)) {
		struct text code = key_part(key, 0);

		if (!copy_row(value, &said, sizeof(said)) || (wanted.size > 0 && !text_equal(wanted, code)))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		version_of(query, code, get_u64_be(key.data + key.size - 8), &said);
	}
}
