/* on_training_result_submitted.c -- staff says how somebody has done in a course. */
#include "base/error.h"
#include "people/training.h"

static bool refuse(struct turn *turn, const struct training_result_submitted *result, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_TRAINING_RESULT, result->training_result, code, "%s", sentence);
}

/* The version of a record, taken apart; 0: there is none. */
static int64_t known(struct turn *turn, enum partners_table kind, struct text code, void *submitted)
{
	struct record record = record_get(turn, kind, bytes_of_text(code));
	struct reader reader = reader_of(record.fields);

	if (record.version > 0)
		CHECK(kinds[kind].submitted->unpack(submitted, &reader, turn_arena(turn)) == ERR_NONE);
	return record.version;
}

static void complete(struct turn *turn, const struct training_result_submitted *result, const struct course_submitted *course,
		     const struct member_submitted *member, struct certificate *certificate)
{
	bool passed = result->score_bp >= course->pass_bp;
	struct training_completed completed = {.training_result = result->training_result,
					       .course = result->course,
					       .member = result->member,
					       .day = result->day,
					       .score_bp = result->score_bp,
					       .outlet = member->outlet,
					       .course_version = certificate->version,
					       .verdict = passed ? TEXT_LITERAL("passed") : TEXT_LITERAL("failed"),
					       .version = 1};

	record_keep(turn, TABLE_TRAINING_RESULT, bytes_of_text(result->training_result), result);
	emit_training_completed(turn, &completed);
	if (!passed)
		return;
	certificate->valid.until = course->has_valid_days ? certificate->valid.from + course->valid_days - 1 : DAYS_FOR_EVER;
	if (certificate->valid.until > DAY_LAST)
		certificate->valid.until = DAYS_FOR_EVER; /* no day has a name there */
	certificate_grant(turn, result, member, certificate);
}

/* R183: A training result is of a known course and a known member of staff, on a date, with a score between nothing and the whole; its number is
 * taken once. */
void on_training_result_submitted(struct turn *turn, const struct training_result_submitted *result)
{
	struct certificate certificate = {0};
	struct course_submitted course;
	struct member_submitted member;

	switch (record_once(turn, TABLE_TRAINING_RESULT, bytes_of_text(result->training_result), result)) {
	case RECORD_AGAIN:
		return;
	case RECORD_OTHER:
		(void)refuse(turn, result, "already_taken", "this number was taken with other words");
		return;
	case RECORD_NEW:
		break;
	}
	if (!record_codes(turn, TABLE_TRAINING_RESULT, result))
		return;
	certificate.version = known(turn, TABLE_COURSE, result->course, &course);
	if (certificate.version == 0)
		(void)refuse(turn, result, "unknown_course", "its course is not known");
	else if (known(turn, TABLE_MEMBER, result->member, &member) == 0)
		(void)refuse(turn, result, "unknown_member", "its member of staff is not known");
	else if (!day_number(result->day, &certificate.valid.from))
		(void)refuse(turn, result, "bad_day", "its day is not a date");
	else if (result->score_bp < 0 || result->score_bp > 10000)
		(void)refuse(turn, result, "bad_share", "a score lies between 0 and 10000");
	else
		complete(turn, result, &course, &member, &certificate);
}
