/* on_ticket_voided.c -- a ticket is taken back whole: what it recorded is undone, line by line. */
#include "base/error.h"
#include "events/terminals.h"
#include "ticket_areas.h"

_Static_assert(sizeof(struct sale_voided_line) == sizeof(struct sale_recorded_line),
               "what is undone has the lines of what was done");

/* The recorded event again, as what is undone of it. A return has the fields of a sale. */
static void undo(struct turn *turn, const struct ticket_voided *voided, bool was_sale, struct bytes recorded)
{
	struct reader reader = reader_of(recorded);
	struct sale_voided undone = {.reason = voided->reason, .has_reason = voided->has_reason};

	if (was_sale) {
		struct sale_recorded sale;

		CHECK(sale_recorded_type.unpack(&sale, &reader, turn_arena(turn)) == ERR_NONE);
		undone.outlet = sale.outlet;
		undone.terminal = sale.terminal;
		undone.receipt = sale.receipt;
		undone.currency = sale.currency;
		undone.day = sale.day;
		undone.tier = sale.tier;
		undone.total = sale.total;
		undone.units = sale.units;
		undone.lines = (struct sale_voided_lines){
		    (const struct sale_voided_line *)(const void *)sale.lines.items, sale.lines.count};
		undone.has_cashier = sale.has_cashier;
		undone.cashier = sale.cashier;
		areas_undo(turn, &sale);
		promotion_undo(turn, &sale);
	} else {
		struct sale_returned back;

		CHECK(sale_returned_type.unpack(&back, &reader, turn_arena(turn)) == ERR_NONE);
		undone.outlet = back.outlet;
		undone.terminal = back.terminal;
		undone.receipt = back.receipt;
		undone.currency = back.currency;
		undone.day = back.day;
		undone.tier = back.tier;
		undone.total = back.total;
		undone.units = back.units;
		undone.lines = (struct sale_voided_lines){
		    (const struct sale_voided_line *)(const void *)back.lines.items, back.lines.count};
		undone.has_cashier = back.has_cashier;
		undone.cashier = back.cashier;
		promotion_back_void(turn, &back);
	}
	undone.was = was_sale ? TEXT_LITERAL("sale") : TEXT_LITERAL("return");
	emit_sale_voided(turn, &undone);
}

void on_ticket_voided(struct turn *turn, const struct ticket_voided *voided)
{
	struct text terminal = turn_input(turn)->source;
	struct bytes recorded;
	struct outlet outlet;
	struct ticket_row row;

	if (!ticket_outlet(turn, voided->outlet, voided->receipt, &outlet))
		return;
	/* R10: A void names a ticket of the same terminal and day; it is undone once, whole, as it was
	 * recorded. */
	if (!ticket_get(turn, terminal, voided->day, voided->receipt, &row)) {
		(void)ticket_refuse(turn, voided->outlet, voided->receipt, "unknown_receipt",
		                    "no receipt %.*s of this terminal on %.*s", TEXT_ARGS(voided->receipt),
		                    TEXT_ARGS(voided->day));
		return;
	}
	if (row.state == TICKET_VOIDED) {
		(void)ticket_refuse(turn, voided->outlet, voided->receipt, "already_voided",
		                    "receipt %.*s is void already", TEXT_ARGS(voided->receipt));
		return;
	}
	/* Its record is missing only where the journal cannot be read, which breaks the turn itself. */
	if (!ticket_event(turn, row.seq, &recorded)) {
		(void)ticket_refuse(turn, voided->outlet, voided->receipt, "unknown_receipt",
		                    "the record of receipt %.*s is missing", TEXT_ARGS(voided->receipt));
		return;
	}
	undo(turn, voided, row.state == TICKET_SOLD, recorded);
	row.state = TICKET_VOIDED;
	ticket_put(turn, terminal, voided->day, voided->receipt, &row);
}
