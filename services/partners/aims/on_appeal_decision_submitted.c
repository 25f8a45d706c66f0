/* on_appeal_decision_submitted.c -- an appeal is decided. */
#include "record.h"

static bool decision_valid(struct turn *turn, const struct appeal_decision_submitted *decision)
{
	/* R93: A decision is upheld or rescored, of an appeal that is known. */
	return record_names(turn, TABLE_APPEAL_DECISION, decision->appeal, TABLE_APPEAL, decision->appeal) &&
	       record_word(turn, TABLE_APPEAL_DECISION, decision->appeal, "decision", decision->decision,
	                   "unknown_decision");
}

void on_appeal_decision_submitted(struct turn *turn, const struct appeal_decision_submitted *decision)
{
	if (decision_valid(turn, decision))
		record_submit(turn, TABLE_APPEAL_DECISION, bytes_of_text(decision->appeal), decision);
}
