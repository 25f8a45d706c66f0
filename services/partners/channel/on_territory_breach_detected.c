/* on_territory_breach_detected.c -- goods in an area of another may be a case between the two. */
#include "channel/conflict.h"
#include "events/orders.h"

void on_territory_breach_detected(struct turn *turn, const struct territory_breach_detected *detected)
{
	bool is_exclusive = text_equal(detected->kind, TEXT_LITERAL("exclusive"));

	/* R58: What is excused is no case; else goods in a protected area weigh as a notice, in an exclusive one as a freeze. */
	if (!detected->has_exempt)
		conflict_note(turn, &(struct finding){.kind = CONFLICT_TERRITORY,
		                                      .severity = is_exclusive ? 2 : 1,
		                                      .outlet = detected->outlet,
		                                      .rule = detected->territory,
		                                      .rule_version = detected->territory_version,
		                                      .counterpart = detected->holder});
}
