/* on_appeal_submitted.c -- an outlet does not agree with its score. */
#include "base/error.h"
#include "record.h"

/* R290: An appeal stays with the outlet that handed it in: the same number from another outlet is refused. */
static bool appeal_stays(struct turn *turn, const struct appeal_submitted *appeal)
{
	struct record record = record_get(turn, TABLE_APPEAL, bytes_of_text(appeal->appeal));
	struct reader reader = reader_of(record.fields);
	struct appeal_submitted known;

	if (record.version == 0)
		return true;
	CHECK(appeal_submitted_type.unpack(&known, &reader, turn_arena(turn)) == ERR_NONE);
	return text_equal(known.outlet, appeal->outlet) ||
	       record_refuse(turn, TABLE_APPEAL, appeal->appeal, "other_outlet", "this number is another outlet's");
}

static bool appeal_valid(struct turn *turn, const struct appeal_submitted *appeal)
{
	/* R92: An appeal is of a known outlet against a known appraisal. */
	if (!record_known(turn, TABLE_APPRAISAL, appeal->appraisal))
		return record_refuse(turn, TABLE_APPEAL, appeal->appeal, "unknown_appraisal",
		                     "appraisal %.*s is not known", TEXT_ARGS(appeal->appraisal));
	if (!record_known(turn, TABLE_OUTLET, appeal->outlet))
		return record_refuse(turn, TABLE_APPEAL, appeal->appeal, "unknown_outlet", "outlet %.*s is not known",
				     TEXT_ARGS(appeal->outlet));
	return appeal_stays(turn, appeal);
}

void on_appeal_submitted(struct turn *turn, const struct appeal_submitted *appeal)
{
	if (appeal_valid(turn, appeal))
		record_submit(turn, TABLE_APPEAL, bytes_of_text(appeal->appeal), appeal);
}
