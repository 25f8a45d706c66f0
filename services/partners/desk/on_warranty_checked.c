/* on_warranty_checked.c -- orders has looked at the sale that a ticket names. */
#include "desk/matter.h"
#include "events/orders.h"

/* R207: What orders finds of the sale that a ticket names is kept with it: whether it is under warranty (保修), and until when. */
void on_warranty_checked(struct turn *turn, const struct warranty_checked *checked)
{
	struct matter matter;

	if (!matter_get(turn, &flow_ticket, checked->ticket, &matter))
		return;
	CODE_PUT(matter.verdict, checked->verdict);
	CODE_PUT(matter.until, checked->until);
	matter_note(turn, &flow_ticket, checked->ticket, &matter, TEXT_LITERAL("warranty"), checked->verdict);
	matter_put(turn, &flow_ticket, checked->ticket, &matter);
}
