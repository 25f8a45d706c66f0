/* course.c -- weights of days, landings and chances. */
#include "course.h"

#include <math.h>

#include "target.h"

#define OBSERVED_DAYS_MAX 366 /* of a period, the latest, that the model looks at */
#define SCATTER_DAYS_MIN 5    /* fewer days tell nothing about how they scatter */

/* ---- weights ---- */

static void course_hold(struct course *course, struct bytes key, struct bytes row, unsigned distance,
			const int32_t span[2])
{
	struct held *held = &course->held[course->count];
	struct calendar *calendar = &held->calendar;
	struct text code = key_part(key, 1);

	if (course->count == COURSE_CALENDARS || row.size < sizeof(*calendar))
		return;
	memcpy(calendar, row.data, sizeof(*calendar));
	if (calendar->holidays > HOLIDAYS_MAX || calendar->from > span[1] || calendar->until < span[0] ||
	    row.size != sizeof(*calendar) + calendar->holidays * sizeof(struct holiday))
		return;
	memcpy(held->holidays, row.data + sizeof(*calendar), calendar->holidays * sizeof(struct holiday));
	CODE_PUT(held->code, code);
	held->distance = distance;
	course->count++;
}

static void course_load_scope(struct course *course, const struct look *look, char scope, struct text code,
			      unsigned distance, const int32_t span[2])
{
	uint8_t key[KEY_SIZE + 1];
	size_t prefix = key_scope(key, scope, code).size, size;
	struct bytes found;

	key[prefix++] = 0;
	for (size = prefix;; size = found.size + 1) {
		struct bytes row = look->seek(look->context, TABLE_CALENDAR, bytes_of(key, size), &found);

		if (found.data == NULL || found.size < prefix || found.size >= KEY_SIZE ||
		    memcmp(found.data, key, prefix) != 0)
			return;
		course_hold(course, found, row, distance, span);
		memmove(key, found.data, found.size);
		key[found.size] = 0; /* the least key behind it */
	}
}

void course_load(struct course *course, const struct look *look, const struct target *target, int32_t from,
		 int32_t until)
{
	const int32_t span[2] = {from, until};
	uint32_t tier = target->tier;
	struct outlet outlet;

	course->count = 0;
	if ((int64_t)until - from > COURSE_DAYS_MAX)
		return;
	if (target->outlet[0] != 0) {
		struct text code = CODE_TEXT(target->outlet);

		course_load_scope(course, look, SCOPE_OUTLET, code, 0, span);
		if (look_row(look, TABLE_OUTLET, bytes_of_text(code), &outlet, sizeof(outlet)))
			tier = outlet.tier;
	}
	if (tier != 0)
		course_load_scope(course, look, SCOPE_TIER, tier_code(tier), 1, span);
	course_load_scope(course, look, SCOPE_TOTAL, TOTAL_CODE, 2, span);
}

/* R30: A day weighs what the calendar of the outlet, else of its tier, else of all says that holds on it, the holiday before
   the weekday, of several the one that begins last; without any it weighs 10,000 basis points. */
static const struct held *course_calendar(const struct course *course, int32_t day)
{
	const struct held *best = NULL;

	for (unsigned i = 0; i < course->count; i++) {
		const struct held *held = &course->held[i];

		if (day < held->calendar.from || day > held->calendar.until)
			continue;
#if defined(MUTANT_FARTHEST_CALENDAR)
		if (best != NULL && held->distance > best->distance)
			best = held;
#endif
		if (best == NULL || held->distance < best->distance ||
		    (held->distance == best->distance && held->calendar.from >= best->calendar.from))
			best = held;
	}
	return best;
}

int64_t course_weight(const struct course *course, int32_t day)
{
	const struct held *held = course_calendar(course, day);

	if (held == NULL)
		return WHOLE_BP;
	for (uint32_t i = 0; i < held->calendar.holidays; i++)
		if (held->holidays[i].day == day)
			return held->holidays[i].weight;
	return held->calendar.week[(day + 3) % 7]; /* 1970-01-01 was a Thursday */
}

static int64_t weights_between(const struct course *course, int64_t from, int64_t until)
{
	int64_t sum = 0;

	if (until < from)
		return 0;
	if (course->count == 0)
		return WHOLE_BP * (until - from + 1);
	for (int64_t day = from; day <= until; day++)
		sum += course_weight(course, (int32_t)day);
	return sum;
}

struct weights course_weights(const struct course *course, int32_t from, int32_t until, int32_t today)
{
	static const struct course even;
	struct weights weights = {.total = weights_between(course, from, until)};
	int64_t over = today <= from ? (int64_t)from - 1 : today > until ? until : (int64_t)today - 1;

	if (weights.total == 0)
		return course_weights(&even, from, until, today); /* a period of nothing but days off */
	weights.over = weights_between(course, from, over);
	weights.left = weights.total - weights.over;
	if (today >= from && today <= until)
		weights.today = course_weight(course, today);
	for (int32_t day = from; weights.elapsed == 0; day++)
		weights.elapsed = day <= over ? weights.over : course_weight(course, day);
	weights.days_left = today < from ? (int64_t)until - from + 1 : today > until ? 0 : (int64_t)until - today + 1;
	return weights;
}

/* ---- landing and chance ---- */

/* What is known of the pace: sums of days and what they weigh. */
struct observed {
	double sum, weight;		/* of the period's days that are over */
	double prior_sum, prior_weight; /* of the days before the period */
	double scatter;			/* sum of (day - expected)^2 / weight */
	int64_t days;			/* that have a weight */
};

struct days {
	int64_t sums[OBSERVED_DAYS_MAX];
	int32_t from, until;
};

static void days_look(struct days *days, const struct look *look, struct text code, const struct target *target,
		      int32_t *first)
{
	memset(days->sums, 0, sizeof(days->sums));
	if (days->from <= days->until)
		(void)look_days(look, target, code, days->from, days->until, days->sums, first);
}

static void days_weigh(const struct days *days, const struct course *course, double *sum, double *weight)
{
	for (int32_t day = days->from; day <= days->until; day++) {
		*sum += (double)days->sums[day - days->from];
		*weight += (double)course_weight(course, day);
	}
}

static void days_scatter(const struct days *days, const struct course *course, double rate, struct observed *observed)
{
	for (int32_t day = days->from; day <= days->until; day++) {
		double weight = (double)course_weight(course, day);
		double off = (double)days->sums[day - days->from] - rate * weight;

		if (weight <= 0)
			continue;
		observed->scatter += off * off / weight;
		observed->days++;
	}
}

static int64_t rounded(double number)
{
	if (number >= (double)NUMBER_MAX)
		return NUMBER_MAX;
	if (number <= -(double)NUMBER_MAX)
		return -NUMBER_MAX;
	return (int64_t)(number < 0 ? number - 0.5 : number + 0.5);
}

int64_t normal_bp(double z)
{
	const double density = 0.3989422804014327; /* 1 / sqrt(2 pi) */
	double term = z, sum = z;

	if (z > 5)
		return WHOLE_BP;
	if (z < -5)
		return 0;
	/* The series of the error function: at most 5^2 / 2 grows before it falls, so a hundred terms are many. */
	for (int k = 1; k < 100; k++) {
		term = -term * z * z / (2 * k);
		sum += term / (2 * k + 1);
	}
	return rounded((0.5 + density * sum) * WHOLE_BP);
}

/* R32: The landing is what the days that are over brought, and for the weight that is left the rate per weight of those
   days, drawn to the rate of the cover_days before the period by a weight of landing_kappa days. */
static double landing_rate(const struct observed *observed, double kappa)
{
	if (observed->prior_weight <= 0)
		return observed->sum / observed->weight;
	return (observed->sum + kappa * observed->prior_sum / observed->prior_weight) / (observed->weight + kappa);
}

/* R33: The chance to reach the value is that of a normal distribution around the landing, whose variance is the scatter of the
   days seen around that rate, for the days left and for what is not known of the rate. */
static void chance(struct outlook *outlook, const struct observed *observed, double kappa, double left, double margin)
{
	double known = observed->weight + (observed->prior_weight > 0 ? kappa : 0);

	outlook->has_hit = left <= 0 || observed->days >= SCATTER_DAYS_MIN;
	outlook->hit_bp = margin >= 0 ? WHOLE_BP : 0;
	if (left <= 0 || observed->days < SCATTER_DAYS_MIN)
		return;
	double variance = observed->scatter / (double)(observed->days - 1) * left * (1 + left / known);
	if (variance > 0)
		outlook->hit_bp = normal_bp(margin / sqrt(variance));
}

static void land(struct outlook *outlook, const struct look *look, const struct course *course, struct text code,
		 const struct target *target, int32_t today, const struct weights *weights)
{
	int32_t begin = target->since > target->from ? target->since : target->from, first = INT32_MAX;
	int32_t lead = (int32_t)look->setting(look->context, SETTING_COVER_DAYS);
	double kappa = (double)(look->setting(look->context, SETTING_LANDING_KAPPA) * WHOLE_BP);
	struct days before = {.from = target->from - lead < 1 ? 1 : target->from - lead, .until = target->from - 1};
	struct days over = {.from = begin, .until = today > target->until ? target->until : today - 1};
	struct observed observed = {0};

	if (over.until - over.from >= OBSERVED_DAYS_MAX)
		over.from = over.until - OBSERVED_DAYS_MAX + 1;
	days_look(&before, look, code, target, &first);
	if (first <= before.until) { /* else nothing was measured before the period */
		int32_t shift = first - before.from;

		memmove(before.sums, before.sums + shift, (size_t)(before.until - first + 1) * sizeof(*before.sums));
		before.from = first;
		days_weigh(&before, course, &observed.prior_sum, &observed.prior_weight);
	}
	days_look(&over, look, code, target, NULL);
	days_weigh(&over, course, &observed.sum, &observed.weight);
	outlook->has_trailing = observed.prior_weight > 0;
	if (outlook->has_trailing)
		outlook->trailing_per_day = rounded(observed.prior_sum / observed.prior_weight * WHOLE_BP);
	if (today < target->from || observed.weight + observed.prior_weight <= 0)
		return;
	double rate = landing_rate(&observed, kappa);
	if (first <= before.until)
		days_scatter(&before, course, rate, &observed);
	days_scatter(&over, course, rate, &observed);
	/* What this day has brought already counts when it is more than this day was expected to bring. */
	int64_t since_over = today > target->until ? 0 : look_days(look, target, code, today, target->until, NULL, NULL);
	double expected = rate * (double)weights->today;
	double now = (double)since_over > expected ? (double)since_over : expected;
	double at_end = (double)(target->achieved - since_over) + now + rate * (double)(weights->left - weights->today);
	outlook->has_landing = true;
	outlook->landing = rounded(at_end);
	chance(outlook, &observed, kappa, (double)weights->left, at_end - (double)target->value);
}

struct outlook course_outlook(const struct look *look, struct text code, const struct target *target, int32_t today,
			      bool with_landing)
{
	int32_t lead = (int32_t)look->setting(look->context, SETTING_COVER_DAYS);
	struct outlook outlook = {0};
	struct course course;

	course_load(&course, look, target, target->from - lead, target->until);
	struct weights weights = course_weights(&course, target->from, target->until, today);
	const struct held *held = course_calendar(&course, today);
	outlook.pace = target_pace(target->achieved, target->value, &weights);
	outlook.needed_today = target_needed(target->achieved, target->value, weights.today, weights.left);
	outlook.asked_per_day = target_needed(0, target->value, WHOLE_BP, weights.total);
	if (with_landing)
		land(&outlook, look, &course, code, target, today, &weights);
	if (held != NULL) {
		memcpy(outlook.calendar, held->code, CODE_SIZE);
		outlook.calendar_version = held->calendar.version;
	}
	return outlook;
}
