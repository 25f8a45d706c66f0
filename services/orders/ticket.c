/* ticket.c -- is it valid, whose is it, what is it worth, what did it break. */
#include "ticket.h"

#include <stdarg.h>
#include <stdio.h>

#include "rules.h"

#define EXPECTED 8 /* lines: as many as are fetched at once */

/* R1: What cannot be recorded is refused with a code, and the refusal is an event. */
bool ticket_refuse_as(struct turn *turn, const char *code, struct sale_refused refused)
{
	const struct input *input = turn_input(turn);

	refused.has_outlet = refused.outlet.size > 0;
	refused.has_receipt = refused.receipt.size > 0;
	refused.terminal = input->source;
	refused.type = input->type;
	refused.seq = (int64_t)input->seq;
	refused.code = text_of(code);
	turn_refuse(turn, code, refused.message);
	emit_sale_refused(turn, &refused);
	return false;
}

bool ticket_refuse(struct turn *turn, struct text outlet, struct text receipt, const char *code,
                   const char *format, ...)
{
	char message[TURN_TEXT_MAX * 2]; /* turn_text cuts it between characters */
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	size = size < (int)sizeof(message) ? size : (int)sizeof(message) - 1;
	return ticket_refuse_as(turn, code,
	                        (struct sale_refused){.outlet = outlet, .receipt = receipt, .message = turn_text(turn, "%.*s", size, message)});
}

bool ticket_outlet(struct turn *turn, struct text outlet_code, struct text receipt, struct outlet *outlet)
{
	const struct input *input = turn_input(turn);
	struct terminal terminal;

	/* R2: A ticket comes from a till of its own outlet; both are known and trade. */
	if (!outlet_get(turn, outlet_code, outlet))
		return ticket_refuse(turn, outlet_code, receipt, "unknown_outlet", "outlet %.*s is not known",
		                     TEXT_ARGS(outlet_code));
	if (outlet->is_closed)
		return ticket_refuse(turn, outlet_code, receipt, "outlet_closed",
		                     "outlet %.*s does not trade", TEXT_ARGS(outlet_code));
	if (!terminal_get(turn, input->source, &terminal))
		return ticket_refuse(turn, outlet_code, receipt, "unknown_terminal",
		                     "terminal %.*s is not known", TEXT_ARGS(input->source));
	if (terminal.is_closed)
		return ticket_refuse(turn, outlet_code, receipt, "terminal_closed",
		                     "terminal %.*s does not trade", TEXT_ARGS(input->source));
	struct text owner = terminal_outlet(&terminal);
	if (!text_equal(owner, outlet_code))
		return ticket_refuse(turn, outlet_code, receipt, "foreign_terminal",
		                     "terminal %.*s belongs to outlet %.*s", TEXT_ARGS(input->source),
		                     TEXT_ARGS(owner));
	/* R3: A ticket from more than a day ahead of the clock is refused: the till's clock is wrong. */
	if (input->time_us > input->now_us + US_PER_DAY)
		return ticket_refuse(turn, outlet_code, receipt, "future_time",
		                     "the event is dated more than 24 hours ahead");
	return true;
}

/* One line's worth; false: refused. */
static bool price_line(struct turn *turn, const struct ticket *ticket, uint32_t index, struct priced *priced)
{
	const struct ticket_sold_line *line = &ticket->lines[index];
	struct sale_recorded_line *out = &priced->lines[index];
	struct product *product = &priced->products[index];
	struct money amount;

	/* R5: Every product on a ticket is known. */
	if (!product_get(turn, line->sku, product))
		return ticket_refuse(turn, ticket->outlet, ticket->receipt, "unknown_product",
		                     "line %u: product %.*s is not known", index + 1, TEXT_ARGS(line->sku));
	switch (line_amount(line, priced->exponent, &amount)) {
	case LINE_FINE:
		break;
	case LINE_NO_PRICE:
		return ticket_refuse(turn, ticket->outlet, ticket->receipt, "malformed_money",
		                     "line %u has neither unit price nor amount", index + 1);
	case LINE_NEGATIVE:
		return ticket_refuse(turn, ticket->outlet, ticket->receipt, "negative_quantity",
		                     "line %u has a negative quantity", index + 1);
	case LINE_MISMATCH:
		return ticket_refuse(turn, ticket->outlet, ticket->receipt, "amount_mismatch",
		                     "line %u: the amount is not quantity times unit price", index + 1);
	case LINE_TOO_LARGE:
		return ticket_refuse(turn, ticket->outlet, ticket->receipt, "amount_out_of_range",
		                     "line %u is worth too much", index + 1);
	}
	*out = (struct sale_recorded_line){.sku = line->sku,
	                                   .quantity = line->quantity,
	                                   .has_unit_price = line->has_unit_price,
	                                   .unit_price = line->unit_price,
	                                   .amount = amount,
	                                   .has_service = !product->is_goods,
	                                   .service = !product->is_goods};
	/* R16: A product that is not goods is a service: it counts in the total and not in the units. */
	if (product->is_goods)
		priced->units = quantity_add(priced->units, line->quantity);
	priced->any_prices = priced->any_prices || product->has_prices;
	priced->any_lists = priced->any_lists || product->has_list;
	priced->total = money_add(priced->total, amount); /* 1000 lines of at most 2^53 stay within 64 bits */
	return true;
}

/* Their rows lie all over the memory: they come while the outlet is looked at. */
static void expect_products(struct turn *turn, const struct ticket *ticket)
{
	struct bytes skus[EXPECTED];
	unsigned count = 0;

	for (; count < ticket->count && count < EXPECTED; count++)
		skus[count] = bytes_of_text(ticket->lines[count].sku);
	turn_expect(turn, TABLE_PRODUCT, skus, count);
}

bool ticket_price(struct turn *turn, const struct ticket *ticket, struct priced *priced)
{
	const struct outlet *outlet = &priced->outlet;
	struct ticket_row known;

	expect_products(turn, ticket);
	*priced = (struct priced){.exponent = currency_exponent(ticket->currency)};
	if (!ticket_outlet(turn, ticket->outlet, ticket->receipt, &priced->outlet))
		return false;
	priced->tier = outlet->tier;
	priced->is_own = outlet->is_own;
	priced->channel = outlet->channel;
	priced->dealer = CODE_TEXT(outlet->dealer);
	priced->where = (struct somewhere){CODE_TEXT(outlet->area), outlet->has_point, {outlet->latitude, outlet->longitude}};
	/* R17: A ticket's currency is any of ISO 4217 in circulation, not only the one that its outlet trades
	 * in. */
	if (priced->exponent < 0)
		return ticket_refuse(turn, ticket->outlet, ticket->receipt, "unknown_currency",
		                     "%.*s is no ISO 4217 currency", TEXT_ARGS(ticket->currency));
	/* R18: A business day is a date; it is the outlet's word, and need not be the day of the event's
	 * time. */
	if (!day_number(ticket->day, &priced->day))
		return ticket_refuse(turn, ticket->outlet, ticket->receipt, "bad_day",
		                     "the business day is not a date");
	/* R4: A receipt number is used once per terminal and business day, whatever the event's sequence. */
	bool is_known = ticket_get(turn, turn_input(turn)->source, ticket->day, ticket->receipt, &known);
#if defined(MUTANT_RECEIPT_TWICE)
	is_known = false;
#endif
	if (is_known)
		return ticket_refuse(turn, ticket->outlet, ticket->receipt, "duplicate_receipt",
		                     "receipt %.*s of this terminal and day is recorded already",
		                     TEXT_ARGS(ticket->receipt));
	priced->lines = turn_take(turn, ticket->count * sizeof(*priced->lines));
	priced->products = turn_take(turn, ticket->count * sizeof(*priced->products));
	for (uint32_t i = 0; i < ticket->count; i++)
		if (!price_line(turn, ticket, i, priced))
			return false;
	if (priced->total.minor > NUMBER_MAX || priced->total.minor < -NUMBER_MAX ||
	    priced->units.milli > NUMBER_MAX)
		return ticket_refuse(turn, ticket->outlet, ticket->receipt, "amount_out_of_range",
		                     "the ticket is worth too much");
	/* R8: A ticket has one total in one currency, the sum of its lines; a total that the till gives must
	 * be that sum. */
	if (ticket->has_total && ticket->total.minor != priced->total.minor)
		return ticket_refuse(turn, ticket->outlet, ticket->receipt, "total_mismatch",
		                     "the lines sum to %lld, the ticket says %lld",
		                     (long long)priced->total.minor, (long long)ticket->total.minor);
	return true;
}

