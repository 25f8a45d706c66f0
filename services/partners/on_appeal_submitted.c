/* on_appeal_submitted.c -- an outlet does not agree with its score. */
#include "record.h"

static bool appeal_valid(struct turn *turn, const struct appeal_submitted *appeal)
{
	/* R92: An appeal is of a known outlet against a known appraisal. */
	if (!record_known(turn, TABLE_APPRAISAL, appeal->appraisal))
		return record_refuse(turn, TABLE_APPEAL, appeal->appeal, "unknown_appraisal",
		                     "appraisal %.*s is not known", TEXT_ARGS(appeal->appraisal));
	return record_known(turn, TABLE_OUTLET, appeal->outlet) ||
	       record_refuse(turn, TABLE_APPEAL, appeal->appeal, "unknown_outlet", "outlet %.*s is not known",
	                     TEXT_ARGS(appeal->outlet));
}

void on_appeal_submitted(struct turn *turn, const struct appeal_submitted *appeal)
{
	if (appeal_valid(turn, appeal))
		record_submit(turn, TABLE_APPEAL, bytes_of_text(appeal->appeal), appeal);
}
