/* query_certificates.c -- `get certificates`: who holds which, where and when it counts; `get enrolments`: who is to take which course by which day.
 * Arguments: outlet, course, day; outlet, course, state, enrolment. */
#include "people/enrolment.h"

#include "base/error.h"

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
	struct judged judged;
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
		query_bool(query, "over", certificate.is_over != 0 && certificate.is_over != CERTIFICATE_WITHDRAWN);
		query_bool(query, "withdrawn", certificate.is_over == CERTIFICATE_WITHDRAWN);
		if (judged_read(query_get(query, TABLE_JUDGED, bytes_of_text(key_part(key, 1))), &judged) && judged.replaced_by[0] != 0)
			query_text(query, "replaced_by", CODE_TEXT(judged.replaced_by));
	}
}

/* ---- enrolments ---- */

/* An enrolment that is looked at. Borrows from its row. */
struct looked {
	struct enrolment_submitted said;
	int64_t version;
	struct matter matter;
};

static bool looked_read(struct query *query, struct bytes key, struct bytes row, struct arena *arena, struct looked *looked)
{
	struct record record;
	uint8_t place[KEY_SIZE];

	if (!record_read(row, &record) || key.size > sizeof(((struct enrolled *)0)->result) ||
	    !matter_read(query_get(query, TABLE_MATTER, matter_key(place, &flow_enrolment, (struct text){(const char *)key.data, (uint32_t)key.size})),
			 &looked->matter))
		return false;
	struct reader reader = reader_of(record.fields);
	looked->version = record.version;
	return enrolment_submitted_type.unpack(&looked->said, &reader, arena) == ERR_NONE;
}

static bool is_asked(struct query *query, const struct looked *looked)
{
	struct text outlet = query_argument(query, "outlet"), course = query_argument(query, "course"), state = query_argument(query, "state"),
		    enrolment = query_argument(query, "enrolment");

	return (outlet.size == 0 || text_equal(outlet, CODE_TEXT(looked->matter.outlet))) &&
	       (course.size == 0 || text_equal(course, looked->said.course)) &&
	       (enrolment.size == 0 || text_equal(enrolment, looked->said.enrolment)) &&
	       (state.size == 0 || text_equal(state, matter_state(&flow_enrolment, &looked->matter)));
}

static void answer_enrolment(struct query *query, const struct looked *looked)
{
	const struct enrolment_submitted *said = &looked->said;
	struct enrolled enrolled;
	uint8_t place[KEY_SIZE];

	query_text(query, "enrolment", said->enrolment);
	query_text(query, "outlet", CODE_TEXT(looked->matter.outlet));
	query_text(query, "member", said->member);
	query_text(query, "course", said->course);
	query_text(query, "from", said->from);
	query_text(query, "due", said->due);
	query_text(query, "state", matter_state(&flow_enrolment, &looked->matter));
	query_bool(query, "overdue", matter_overdue(&flow_enrolment, &looked->matter));
	query_int(query, "reopened", looked->matter.again);
	query_int(query, "version", looked->version);
	if (!enrolled_read(query_get(query, TABLE_ENROLLED, enrolled_key(place, said->member, said->course, said->enrolment)), &enrolled) ||
	    enrolled.result[0] == 0)
		return;
	query_text(query, "training_result", CODE_TEXT(enrolled.result));
	answer_days(query, "passed_on", NULL, (struct days){enrolled.day, DAYS_FOR_EVER});
}

void query_enrolments(struct query *query)
{
	struct looked looked;
	struct arena arena;
	struct bytes key, row;

	CHECK(arena_open(&arena, enrolment_submitted_type.bytes_max) == ERR_NONE);
	for (row = query_seek(query, TABLE_ENROLMENT, query_from(query), &key); key.data != NULL; row = query_next(query, TABLE_ENROLMENT, &key)) {
		arena_reset(&arena);
		if (!looked_read(query, key, row, &arena, &looked) || !is_asked(query, &looked))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			break;
		}
		answer_enrolment(query, &looked);
	}
	arena_close(&arena);
}
