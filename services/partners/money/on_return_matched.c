/* on_return_matched.c -- the sale of a return has come after it: the return takes back what it would have taken behind its sale. */
#include "money/commission.h"

/* R300: A return that was heard before its sale takes back by R156 as soon as its sale is known, in the month of the return. */
void on_return_matched(struct turn *turn, const struct return_matched *matched)
{
	const struct commission_ticket of = {.terminal = matched->terminal,
					     .receipt = matched->receipt,
					     .day = matched->day,
					     .sold_at = matched->original_terminal,
					     .sold_on = matched->original,
					     .sold_day = matched->original_day};

	_Static_assert(sizeof(struct return_matched_line) == sizeof(struct sale_recorded_line), "a line is a line");
#if !defined(MUTANT_ROLES_TAKEN_TWICE)
	if (matched->has_handed_over_by || matched->has_picked_up_at || matched->has_serviced_by)
		return; /* it was split by its own roles when it was heard */
#endif
	commission_back(turn, &of, (const struct sale_recorded_line *)(const void *)matched->lines.items, matched->lines.count);
}
