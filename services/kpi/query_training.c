/* query_training.c -- `get training`: what days of outlets brought where somebody was trained in a course, and where nobody was.
 * Arguments: course, days (28). */
#include "look.h"
#include "training.h"

#define DAYS 28
#define COURSES_MAX 8 /* of one page: each looks at the days of all outlets */
#define CURRENCIES_MAX 16

/* One course over a span of days; by currency what its days brought, without [0] and with [1] a certificate. */
struct comparison {
	struct text course;
	int64_t from, until;
	bool trained[TRAINING_DAYS_MAX]; /* of the outlet that is looked at */
	struct sums *sums;
	struct by_currency {
		char currency[CURRENCY_SIZE];
		struct sums sums[2];
	} currencies[CURRENCIES_MAX];
	unsigned count;
};

/* R140: A business day of an outlet with a sale ticket counts as one with a certificate of a course when somebody who works there holds one on
   that day, else as one without; it brings its revenue less returns, its units less returned ones, and its tickets. */
static void count_day(void *context, int32_t day, const struct measures *measures)
{
	struct comparison *comparison = context;
	bool is_trained = comparison->trained[day - comparison->from];

#if defined(MUTANT_TRAINED_FOR_EVER)
	is_trained = comparison->trained[comparison->until - comparison->from];
#endif
	struct sums *sums = &comparison->sums[is_trained];
	if (measures->tickets <= 0)
		return;
	sums->days++;
	sums->revenue += measures->revenue.minor - measures->returns.minor;
	sums->units += measures->units.milli - measures->returned_units.milli;
	sums->tickets += measures->tickets;
}

/* Where the sums of a currency lie; NULL: there are too many of them. */
static struct sums *sums_of(struct comparison *comparison, struct text currency)
{
	unsigned at = 0;

	while (at < comparison->count && !text_equal(CODE_TEXT(comparison->currencies[at].currency), currency))
		at++;
	if (at == CURRENCIES_MAX)
		return NULL;
	if (at == comparison->count) {
		comparison->currencies[at] = (struct by_currency){0};
		CODE_PUT(comparison->currencies[at].currency, currency);
		comparison->count++;
	}
	return comparison->currencies[at].sums;
}

static void compare(struct query *query, struct comparison *comparison)
{
	struct look look = look_of_query(query);
	struct outlet outlet;
	struct bytes key, row;

	for (row = query_seek(query, TABLE_OUTLET, bytes_of(NULL, 0), &key); key.data != NULL; row = query_next(query, TABLE_OUTLET, &key)) {
		struct text code = {(const char *)key.data, (uint32_t)key.size};

		if (!copy_row(row, &outlet, sizeof(outlet)) || outlet.tier == 0)
			continue;
		comparison->sums = sums_of(comparison, CODE_TEXT(outlet.currency));
		if (comparison->sums == NULL)
			continue;
		trained_days(query, comparison->course, code, comparison->from, comparison->trained);
		(void)look_measures(&look, SCOPE_OUTLET, code, CODE_TEXT(outlet.currency), (int32_t)comparison->from, (int32_t)comparison->until,
				    count_day, comparison);
	}
}

/* The keys of a row, of one measure. */
struct measure_names {
	const char *with, *without, *difference;
};

static void answer_measure(struct query *query, const struct measure_names *names, const struct sums sums[2], const wide brought[2])
{
	int64_t difference_bp;

	if (sums[1].days > 0)
		query_int(query, names->with, shown(divide_half_even(brought[1], sums[1].days)));
	if (sums[0].days > 0)
		query_int(query, names->without, shown(divide_half_even(brought[0], sums[0].days)));
	if (sums_difference_bp(brought[1], sums[1].days, brought[0], sums[0].days, &difference_bp))
		query_int(query, names->difference, difference_bp);
}

static void answer(struct query *query, const struct comparison *comparison, const struct by_currency *by)
{
	static const struct measure_names revenue = {"trained_revenue_minor", "untrained_revenue_minor", "revenue_bp"},
					  units = {"trained_units_milli", "untrained_units_milli", "units_bp"},
					  tickets = {"trained_tickets_milli", "untrained_tickets_milli", "tickets_bp"};
	const struct sums *sums = by->sums;
	char day[DAY_TEXT_SIZE];

	query_text(query, "course", comparison->course);
	query_text(query, "currency", CODE_TEXT(by->currency));
	day_text(comparison->from, day);
	query_text(query, "from", text_of(day));
	day_text(comparison->until, day);
	query_text(query, "until", text_of(day));
	query_int(query, "trained_days", sums[1].days);
	query_int(query, "untrained_days", sums[0].days);
	answer_measure(query, &revenue, sums, (const wide[]){sums[0].revenue, sums[1].revenue});
	answer_measure(query, &units, sums, (const wide[]){sums[0].units, sums[1].units});
	answer_measure(query, &tickets, sums, (const wide[]){sums[0].tickets * 1000, sums[1].tickets * 1000});
}

/* The rows of a course from the currency on that is given; false: the page is full. */
static bool answer_course(struct query *query, const struct comparison *comparison, unsigned from)
{
	uint8_t key[KEY_SIZE];

	for (unsigned i = from; i < comparison->count; i++) {
		char place = (char)('a' + i);
		const struct text codes[] = {comparison->course, {&place, 1}};

		if (comparison->currencies[i].sums[0].days + comparison->currencies[i].sums[1].days == 0)
			continue;
		if (!query_row(query)) {
			query_more(query, key_join(key, codes, 2));
			return false;
		}
		answer(query, comparison, &comparison->currencies[i]);
	}
	return true;
}

/* A part of a key that may be none. */
static struct text part_of(struct bytes key, unsigned part)
{
	return key.size > 0 ? key_part(key, part) : TEXT_LITERAL("");
}

/* The course of the first certificate at or behind a key, copied out; empty: there is none. */
static struct text course_at(struct query *query, struct bytes key, char course[CODE_SIZE])
{
	struct bytes found;

	(void)query_seek(query, TABLE_CERTIFICATE, key, &found);
	code_put(course, CODE_SIZE, part_of(found, 0));
	return code_text(course, CODE_SIZE);
}

static struct bytes behind(uint8_t key[KEY_SIZE], struct text course)
{
	memory_copy(key, course.data, course.size);
	key[course.size] = 1; /* codes have no such byte: behind all of its certificates */
	return bytes_of(key, course.size + 1);
}

void query_training(struct query *query)
{
	struct text wanted = query_argument(query, "course"), place = part_of(query_from(query), 1);
	int64_t days = query_argument_int(query, "days", DAYS), until = book_look(query).day_max;
	struct comparison comparison = {.until = until};
	struct bytes key = bytes_of_text(wanted.size > 0 ? wanted : part_of(query_from(query), 0));
	unsigned currency = place.size == 1 ? (unsigned)(place.data[0] - 'a') : 0;
	char course[CODE_SIZE];
	uint8_t at[KEY_SIZE];

	days = days < 1 ? 1 : days > TRAINING_DAYS_MAX ? TRAINING_DAYS_MAX : days;
	comparison.from = until - days + 1;
	for (unsigned courses = 0; (comparison.course = course_at(query, key, course)).size > 0; courses++) {
		if (wanted.size > 0 && !text_equal(wanted, comparison.course))
			return;
		if (courses == COURSES_MAX) {
			query_more(query, bytes_of_text(comparison.course));
			return;
		}
		comparison.count = 0;
		compare(query, &comparison);
		if (!answer_course(query, &comparison, currency) || wanted.size > 0)
			return;
		currency = 0;
		key = behind(at, comparison.course);
	}
}
