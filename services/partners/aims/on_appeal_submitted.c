/* on_appeal_submitted.c -- an outlet does not agree with its score. */
#include "record.h"

/* R290: An appeal stays with the outlet that handed it in: the same number from another outlet is refused. */
static bool appeal_stays(struct turn *turn, const struct appeal_submitted *appeal)
{
	struct appeal_submitted known;

	if (record_fields(turn, TABLE_APPEAL, bytes_of_text(appeal->appeal), &known) == 0)
		return true;
	return text_equal(known.outlet, appeal->outlet) ||
	       record_refuse(turn, TABLE_APPEAL, appeal->appeal, "other_outlet", "this number is another outlet's");
}

static bool appeal_valid(struct turn *turn, const struct appeal_submitted *appeal)
{
	/* R92: An appeal is of a known outlet against a known appraisal. */
	if (!record_names(turn, TABLE_APPEAL, appeal->appeal, TABLE_APPRAISAL, appeal->appraisal) ||
	    !record_names(turn, TABLE_APPEAL, appeal->appeal, TABLE_OUTLET, appeal->outlet))
		return false;
	return appeal_stays(turn, appeal);
}

void on_appeal_submitted(struct turn *turn, const struct appeal_submitted *appeal)
{
	if (appeal_valid(turn, appeal))
		record_submit(turn, TABLE_APPEAL, bytes_of_text(appeal->appeal), appeal);
}
