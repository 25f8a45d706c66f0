/* on_order_withdrawn.c -- an outlet takes an order back. */
#include "base/error.h"
#include "credit.h"
#include "events/terminals.h"
#include "flow/flow.h"
#include "ticket.h"

_Static_assert(sizeof(struct order_cancelled_line) == sizeof(struct order_placed_line),
               "the lines are passed on");

static void refuse_step(struct turn *turn, const struct order_withdrawn *withdrawn, struct text state)
{
	(void)ticket_refuse_as(turn, "already_cancelled",
	                       (struct sale_refused){.outlet = withdrawn->outlet,
	                                             .receipt = withdrawn->order,
	                                             .message = turn_text(turn, "order %.*s is %.*s already", TEXT_ARGS(withdrawn->order), TEXT_ARGS(state)),
	                                             .has_flow = true,
	                                             .flow = text_of(flow_order.name),
	                                             .has_from_state = true,
	                                             .from_state = state,
	                                             .has_to_state = true,
	                                             .to_state = TEXT_LITERAL("cancelled")});
}

void on_order_withdrawn(struct turn *turn, const struct order_withdrawn *withdrawn)
{
	struct envelope envelope;
	struct order_row row;
	struct order_placed placed;

	/* R13: An order that is known and not cancelled yet can be withdrawn, whole. */
	if (!order_get(turn, withdrawn->outlet, withdrawn->order, &row)) {
		(void)ticket_refuse(turn, withdrawn->outlet, withdrawn->order, "unknown_order",
		                    "order %.*s is not known", TEXT_ARGS(withdrawn->order));
		return;
	}
	/* R73: An order goes from state to state as its flow allows; what it does not allow changes nothing and is said with both states. */
	if (!flow_leads(&flow_order, order_state_text(row.state), TEXT_LITERAL("cancelled"))) {
		refuse_step(turn, withdrawn, order_state_text(row.state));
		return;
	}
	/* Its record is missing only where the journal cannot be read, which breaks the turn itself. */
	if (!turn_own_event(turn, row.seq, &envelope)) {
		(void)ticket_refuse(turn, withdrawn->outlet, withdrawn->order, "unknown_order",
		                    "the record of order %.*s is missing", TEXT_ARGS(withdrawn->order));
		return;
	}
	struct reader reader = reader_of(envelope.data);
	CHECK(order_placed_type.unpack(&placed, &reader, turn_arena(turn)) == ERR_NONE);
	struct order_cancelled cancelled = {
	    .outlet = placed.outlet,
	    .order = placed.order,
	    .has_reason = withdrawn->has_reason,
	    .reason = withdrawn->reason,
	    .lines = {(const struct order_cancelled_line *)(const void *)placed.lines.items,
	              placed.lines.count}};
	emit_order_cancelled(turn, &cancelled);
	credit_cancel(turn, &placed, &row);
	order_put(turn, withdrawn->outlet, withdrawn->order, &row);
	credit_release(turn, withdrawn->outlet);
}
