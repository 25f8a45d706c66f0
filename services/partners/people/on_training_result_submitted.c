/* on_training_result_submitted.c -- staff says how somebody has done in a course. */
#include "base/error.h"
#include "people/enrolment.h"

/* A result, and what it is judged by. */
struct judging {
	const struct training_result_submitted *result;
	struct course_submitted course;
	struct member_submitted member;
	struct judged judged, replaced; /* replaced: of the result in whose place it comes, where it names one */
	int64_t day;
};

static bool refuse(struct turn *turn, const struct training_result_submitted *result, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_TRAINING_RESULT, result->training_result, code, "%s", sentence);
}

/* The course as it was in a version; as it is now where that is not kept. */
static void course_of(struct turn *turn, struct text code, int64_t number, struct course_submitted *course)
{
	uint8_t key[VERSION_KEY_SIZE];
	struct version version;

#if defined(MUTANT_CORRECTED_BY_TODAY)
	number = record_get(turn, TABLE_COURSE, bytes_of_text(code)).version;
#endif
	if (!version_read(turn_get(turn, TABLE_HISTORY, version_key(key, TABLE_COURSE, bytes_of_text(code), number)), &version))
		return;
	struct reader reader = reader_of(version.fields);
	CHECK(course_submitted_type.unpack(course, &reader, turn_arena(turn)) == ERR_NONE);
}

/* R188: A result that was entered wrongly is replaced by a later one that names it, of the same course and member: once, and judged by the version of the
 * course that the first was judged by. Both stay in the records. */
static bool replace(struct turn *turn, struct judging *judging)
{
	const struct training_result_submitted *result = judging->result;
	struct training_result_submitted before;

	if (!result->has_replaces)
		return true;
	if (record_fields(turn, TABLE_TRAINING_RESULT, bytes_of_text(result->replaces), &before) == 0)
		return refuse(turn, result, "unknown_result", "the result that it replaces is not known");
	if (!text_equal(before.course, result->course) || !text_equal(before.member, result->member))
		return refuse(turn, result, "bad_change", "it replaces a result of another course or another member");
	judging->replaced = judged_get(turn, &before);
	if (judging->replaced.replaced_by[0] != 0)
		return refuse(turn, result, "already_replaced", "the result that it replaces is replaced already: replace the later one");
	judging->judged.course_version = judging->replaced.course_version;
	course_of(turn, result->course, judging->judged.course_version, &judging->course);
	return true;
}

static void keep(struct turn *turn, struct judging *judging)
{
	const struct training_result_submitted *result = judging->result;

	record_keep(turn, TABLE_TRAINING_RESULT, bytes_of_text(result->training_result), result);
	judged_put(turn, result->training_result, &judging->judged);
	if (!result->has_replaces)
		return;
	CODE_PUT(judging->replaced.replaced_by, result->training_result);
	judged_put(turn, result->replaces, &judging->replaced);
}

static void grant(struct turn *turn, const struct judging *judging)
{
	struct certificate certificate = {.version = judging->judged.course_version, .valid = {judging->day, DAYS_FOR_EVER}};

	if (judging->course.has_valid_days)
		certificate.valid.until = judging->day + judging->course.valid_days - 1;
	if (certificate.valid.until > DAY_LAST)
		certificate.valid.until = DAYS_FOR_EVER; /* no day has a name there */
	certificate_grant(turn, judging->result, &judging->member, &certificate);
}

static void complete(struct turn *turn, struct judging *judging)
{
	const struct training_result_submitted *result = judging->result;
	bool passed = result->score_bp >= judging->course.pass_bp;

	keep(turn, judging);
	emit_training_completed(turn, &(struct training_completed){.training_result = result->training_result,
								   .course = result->course,
								   .member = result->member,
								   .day = result->day,
								   .score_bp = result->score_bp,
								   .has_replaces = result->has_replaces,
								   .replaces = result->replaces,
								   .outlet = judging->member.outlet,
								   .course_version = judging->judged.course_version,
								   .verdict = passed ? TEXT_LITERAL("passed") : TEXT_LITERAL("failed"),
								   .version = 1});
	if (passed)
		grant(turn, judging);
	if (result->has_replaces)
		certificate_withdraw(turn, result, &judging->replaced);
	enrolments_settle(turn, result->member, result->course);
}

/* R183: A training result is of a known course and a known member of staff, on a date, with a score between nothing and the whole; its number is
 * taken once. */
void on_training_result_submitted(struct turn *turn, const struct training_result_submitted *result)
{
	struct judging judging = {.result = result};

	if (!record_is_new(turn, TABLE_TRAINING_RESULT, result->training_result, result, "already_taken", "this number was taken with other words"))
		return;
	if (!record_codes(turn, TABLE_TRAINING_RESULT, result))
		return;
	judging.judged.course_version = record_fields(turn, TABLE_COURSE, bytes_of_text(result->course), &judging.course);
	judging.judged.member_version = record_fields(turn, TABLE_MEMBER, bytes_of_text(result->member), &judging.member);
	if (judging.judged.course_version == 0)
		(void)refuse(turn, result, "unknown_course", "its course is not known");
	else if (judging.judged.member_version == 0)
		(void)refuse(turn, result, "unknown_member", "its member of staff is not known");
	else if (!day_number(result->day, &judging.day))
		(void)refuse(turn, result, "bad_day", "its day is not a date");
	else if (result->score_bp < 0 || result->score_bp > 10000)
		(void)refuse(turn, result, "bad_share", "a score lies between 0 and 10000");
	else if (replace(turn, &judging))
		complete(turn, &judging);
}
