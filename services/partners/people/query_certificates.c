/* query_certificates.c -- `get certificates`: who holds which, where and when it counts. Arguments: outlet, course, day. */
#include "people/training.h"

static bool is_wanted(const struct certificate *certificate, struct text outlet, struct text course, struct text day)
{
	int64_t number;

	if ((outlet.size > 0 && !text_equal(outlet, CODE_TEXT(certificate->outlet))) ||
	    (course.size > 0 && !text_equal(course, CODE_TEXT(certificate->course))))
		return false;
	return day.size == 0 ||
	       (day_number(day, &number) && certificate->there.from <= number && number <= certificate->there.until);
}

static void answer_days(struct query *query, const char *first, const char *last, struct days days)
{
	char day[DAY_TEXT_SIZE];

	if (days.until < days.from)
		return; /* none */
	day_text(days.from, day);
	query_text(query, first, text_of(day));
	if (days.until == DAYS_FOR_EVER)
		return;
	day_text(days.until, day);
	query_text(query, last, text_of(day));
}

void query_certificates(struct query *query)
{
	struct text outlet = query_argument(query, "outlet"), course = query_argument(query, "course"), day = query_argument(query, "day");
	struct certificate certificate;
	struct bytes key, row;

	for (row = query_seek(query, TABLE_CERTIFICATE, query_from(query), &key); key.data != NULL;
	     row = query_next(query, TABLE_CERTIFICATE, &key)) {
		if (!certificate_read(row, &certificate) || !is_wanted(&certificate, outlet, course, day))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		query_text(query, "outlet", CODE_TEXT(certificate.outlet));
		query_text(query, "member", key_part(key, 0));
		query_text(query, "course", CODE_TEXT(certificate.course));
		query_int(query, "course_version", certificate.version);
		query_text(query, "training_result", key_part(key, 1));
		answer_days(query, "valid_from", "valid_until", certificate.valid);
		answer_days(query, "from", "until", certificate.there);
		query_bool(query, "over", certificate.is_over != 0);
	}
}
