/* on_member_submitted.c -- staff says who works where. */
#include "people/enrolment.h"
#include "rules.h"

/* R21: A member of staff works at a known outlet, in a role of the list, from a day on that is not after the last. */
static bool member_valid(struct turn *turn, const struct member_submitted *member)
{
	if (!record_names(turn, TABLE_MEMBER, member->member, TABLE_OUTLET, member->outlet) ||
	    !record_word(turn, TABLE_MEMBER, member->member, "role", member->role, "unknown_role"))
		return false;
	if (member->has_status && !record_word(turn, TABLE_MEMBER, member->member, "status", member->status, "unknown_status"))
		return false;
	return window_ordered(true, member->from, member->has_until, member->until) ||
	       record_refuse(turn, TABLE_MEMBER, member->member, "bad_period", "from and until are days, the first not after the last");
}

void on_member_submitted(struct turn *turn, const struct member_submitted *member)
{
	if (!member_valid(turn, member) || record_submit(turn, TABLE_MEMBER, bytes_of_text(member->member), member) == 0)
		return;
	certificate_move(turn, member);
	enrolments_move(turn, member);
}
