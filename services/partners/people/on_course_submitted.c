/* on_course_submitted.c -- staff says what a course (培训课程) teaches, and when it is passed. */
#include "record.h"

/* R182: A course has a kind of the list, a pass mark between nothing and the whole, and where its certificates expire at least one day. */
static bool course_valid(struct turn *turn, const struct course_submitted *course)
{
	const int64_t whole = 10000, days_max = 36525;

	if (!record_word(turn, TABLE_COURSE, course->course, "kind", course->kind, "unknown_kind") ||
	    (course->has_status && !record_word(turn, TABLE_COURSE, course->course, "status", course->status, "unknown_status")))
		return false;
	if (course->pass_bp < 0 || course->pass_bp > whole)
		return record_refuse(turn, TABLE_COURSE, course->course, "bad_share", "the pass mark lies between 0 and 10000");
	return !course->has_valid_days || (course->valid_days > 0 && course->valid_days <= days_max) ||
	       record_refuse(turn, TABLE_COURSE, course->course, "bad_period", "a certificate is valid for 1 to %lld days", (long long)days_max);
}

void on_course_submitted(struct turn *turn, const struct course_submitted *course)
{
	if (course_valid(turn, course))
		record_submit(turn, TABLE_COURSE, bytes_of_text(course->course), course);
}
