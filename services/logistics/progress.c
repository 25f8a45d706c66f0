/* progress.c -- one step of a shipment at a time. */
#include "progress.h"

#include "flow/flow.h"

struct text progress_state_text(enum shipment_state state)
{
	return text_of(flow_shipment.states[state]);
}

void progress_refuse(struct turn *turn, struct text name, const char *code, struct text message)
{
	turn_refuse(turn, code, message);
	emit_confirmation_refused(turn, &(struct confirmation_refused){
	                                    .shipment = name, .code = text_of(code), .message = message});
}

/* What was tried is said with its states, so that whoever measures the flow hears it. */
static void refuse_step(struct progress *progress, enum shipment_state step)
{
	struct turn *turn = progress->turn;
	struct text from = progress_state_text((enum shipment_state)progress->shipment.state), to = progress_state_text(step);
	struct text message = turn_text(turn, "shipment %.*s is %.*s and cannot become %.*s", TEXT_ARGS(progress->name), TEXT_ARGS(from),
					TEXT_ARGS(to));

	turn_refuse(turn, "illegal_transition", message);
	emit_confirmation_refused(turn, &(struct confirmation_refused){.shipment = progress->name,
								       .code = TEXT_LITERAL("illegal_transition"),
								       .message = message,
								       .has_flow = true,
								       .flow = text_of(flow_shipment.name),
								       .has_from_state = true,
								       .from_state = from,
								       .has_to_state = true,
								       .to_state = to,
								       .has_outlet = true,
								       .outlet = CODE_TEXT(progress->shipment.outlet)});
}

/* R13: A confirmation of an unknown shipment, of another warehouse's or outlet's, out of order, or of more
   than there was is refused with a code and changes nothing. */
bool progress_begin(struct progress *progress, struct turn *turn, struct text name, struct text place,
                    enum shipment_state step)
{
	bool at_outlet = step == SHIPMENT_DELIVERED || step == SHIPMENT_RECEIVED;

	*progress = (struct progress){.turn = turn, .name = name, .number = shipment_number(name)};
	if (progress->number == 0 || !shipment_get(turn, progress->number, &progress->shipment)) {
		progress_refuse(turn, name, "unknown_shipment",
		                turn_text(turn, "shipment %.*s is not known here", TEXT_ARGS(name)));
		return false;
	}
	struct text owner =
	    at_outlet ? CODE_TEXT(progress->shipment.outlet) : CODE_TEXT(progress->shipment.warehouse);
	if (!text_equal(owner, place)) {
		progress_refuse(
		    turn, name, at_outlet ? "foreign_outlet" : "foreign_warehouse",
		    turn_text(turn, "shipment %.*s is not %.*s's", TEXT_ARGS(name), TEXT_ARGS(place)));
		return false;
	}
	enum shipment_state state = (enum shipment_state)progress->shipment.state;
	if (!step_allowed(state, step)) {
		refuse_step(progress, step);
		return false;
	}
	return true;
}

void progress_end(struct progress *progress, enum shipment_state state)
{
	progress->shipment.state = state;
	shipment_put(progress->turn, progress->number, &progress->shipment);
}

void progress_deliver(struct progress *progress)
{
	const struct shipment *shipment = &progress->shipment;
	uint8_t key[KEY_SIZE];

	turn_del(progress->turn, TABLE_PROMISE, promise_key(key, shipment->promised_us, progress->number));
	emit_shipment_delivered(
	    progress->turn, &(struct shipment_delivered){.shipment = progress->name,
	                                                 .warehouse = CODE_TEXT(shipment->warehouse),
	                                                 .outlet = CODE_TEXT(shipment->outlet),
	                                                 .promised = shipment->promised_us,
	                                                 .on_time = turn_input(progress->turn)->time_us <=
	                                                            shipment->promised_us});
}

struct line *progress_lines(const struct progress *progress)
{
	struct line *lines = turn_take(progress->turn, progress->shipment.lines * sizeof(*lines));

	for (uint32_t i = 0; i < progress->shipment.lines; i++)
		lines[i] = line_get(progress->turn, progress->number, i);
	return lines;
}

uint32_t progress_line(const struct progress *progress, const struct line *lines, struct text restock)
{
	uint32_t i = 0;

	while (i < progress->shipment.lines && !text_equal(CODE_TEXT(lines[i].restock), restock))
		i++;
	return i;
}
