/* credit.c -- books of outlets, orders that wait, orders that are paid. */
#include "credit.h"

#include "base/error.h"
#include "corridor.h"

static int64_t moved(int64_t sum, int64_t by)
{
	return money_add(money_of(sum), money_of(by)).minor;
}

struct money credit_said(int64_t minor)
{
	return money_of(minor > NUMBER_MAX ? NUMBER_MAX : minor < -NUMBER_MAX ? -NUMBER_MAX : minor);
}

/* R53: An order is worth its goods at the list prices that count for its outlet on its day, in the currency of the outlet, each line rounded
 * half to even; goods without a price are worth nothing. */
int64_t credit_worth(struct turn *turn, const struct order_requested *request, const struct outlet *outlet, int64_t day)
{
	struct text currency = {outlet->currency, sizeof(outlet->currency)};
	struct asked asked = {.outlet = request->outlet, .currency = currency, .tier = outlet->tier, .day = day};
	int exponent = currency_exponent(currency);
	int64_t unit = INT64_C(10000000), sum = 0; /* of thousandths at ten-thousandths, in one major unit */

	for (int i = 0; i < exponent; i++)
		unit /= 10;
	for (uint32_t i = 0; exponent >= 0 && i < request->lines.count; i++) {
		const struct order_requested_line *line = &request->lines.items[i];
		struct product product;
		struct price price;

		asked.sku = line->sku;
		if (!product_get(turn, line->sku, &product) || !corridor_list(turn, &asked, &product, &price) || price.e4 <= 0)
			continue;
		wide worth = (wide)line->quantity.milli * price.e4;
		sum = moved(sum, worth < (wide)NUMBER_MAX * unit ? divide_half_even(worth, unit) : NUMBER_MAX + 1);
	}
	return sum;
}

/* R54: What an outlet owes (敞口) is what its accepted orders are worth, less what it has paid and deposited (保证金); orders that wait or
 * are cancelled are not in it. */
int64_t credit_exposure(const struct credit *credit)
{
	return moved(credit->ordered, moved(-credit->paid, -credit->deposit));
}

/* R55: An order that would take what its outlet owes above its limit (信用额度) is placed and held; without a limit nothing is held. */
bool credit_fits(const struct credit *credit, int64_t amount)
{
#if defined(MUTANT_LIMIT_FORGOTTEN)
	return true;
#endif
	return credit->version == 0 || amount == 0 || moved(credit_exposure(credit), amount) <= credit->limit;
}

void credit_hold(struct turn *turn, const struct order_placed *placed, struct order_row *row)
{
	struct credit credit = credit_get(turn, placed->outlet);
	int64_t exposure = credit_exposure(&credit);

	credit.held++;
	row->state = ORDER_HELD;
	credit_put(turn, placed->outlet, &credit);
	held_put(turn, placed->outlet, row->seq, placed->order);
	emit_order_held(turn, &(struct order_held){.outlet = placed->outlet,
						   .order = placed->order,
						   .currency = placed->currency,
						   .amount = placed->amount,
						   .exposure = credit_said(exposure),
						   .limit = money_of(credit.limit),
						   .credit_version = credit.version,
						   .missing = credit_said(moved(moved(exposure, row->amount), -credit.limit))});
}

/* R58: The payments that name an order pay it: it is settled since the first day from which on they have been at least what it is worth; what
 * is heard late moves that day, and is said. */
static void invoice_look(struct turn *turn, struct text outlet, struct text order, struct order_row *row)
{
	int32_t since = row->state == ORDER_ACCEPTED && row->amount > 0 ? paid_since(turn, outlet, order, row->amount) : 0;
	int32_t was = row->paid_on;
	int64_t days = since > row->day ? since - row->day : 0, was_days = was > row->day ? was - row->day : 0;
	char day[DAY_TEXT_SIZE], paid_on[DAY_TEXT_SIZE];
	struct outlet known;

	if (since == was || !outlet_get(turn, outlet, &known))
		return;
	struct text currency = {known.currency, sizeof(known.currency)};
	row->paid_on = since;
	day_text(row->day, day);
	day_text(since, paid_on);
	if (since > 0)
		emit_invoice_settled(turn, &(struct invoice_settled){.outlet = outlet,
								     .order = order,
								     .currency = currency,
								     .amount = money_of(row->amount),
								     .day = text_of(day),
								     .paid_on = text_of(paid_on),
								     .days = days,
								     .has_was_days = was > 0,
								     .was_days = was_days});
	else
		emit_invoice_reopened(turn, &(struct invoice_reopened){.outlet = outlet,
								       .order = order,
								       .currency = currency,
								       .amount = money_of(row->amount),
								       .day = text_of(day),
								       .was_days = was_days});
}

void credit_accept(struct turn *turn, const struct order_placed *placed, struct order_row *row)
{
	struct credit credit = credit_get(turn, placed->outlet);
	struct order_accepted accepted;

	_Static_assert(sizeof(struct order_accepted) == sizeof(struct order_placed), "what is placed is accepted as it is");
	memcpy(&accepted, placed, sizeof(accepted));
	row->state = ORDER_ACCEPTED;
	credit.ordered = moved(credit.ordered, row->amount);
	if (row->amount != 0)
		credit_put(turn, placed->outlet, &credit);
	emit_order_accepted(turn, &accepted);
	invoice_look(turn, placed->outlet, placed->order, row);
}

void credit_cancel(struct turn *turn, const struct order_placed *placed, struct order_row *row)
{
	struct credit credit = credit_get(turn, placed->outlet);

	if (row->state == ORDER_HELD) {
		credit.held--;
		held_del(turn, placed->outlet, row->seq);
	} else {
		credit.ordered = moved(credit.ordered, -row->amount);
	}
	row->state = ORDER_CANCELLED;
	if (row->amount != 0)
		credit_put(turn, placed->outlet, &credit);
	invoice_look(turn, placed->outlet, placed->order, row);
}

/* One that waits; its order is said again as it was placed. */
static void release_one(struct turn *turn, struct text outlet, struct text order, struct order_row *row)
{
	struct credit credit = credit_get(turn, outlet);
	struct order_placed placed;
	struct envelope envelope;

	if (!turn_own_event(turn, row->seq, &envelope))
		return; /* the journal cannot be read, which breaks the turn itself */
	struct reader reader = reader_of(envelope.data);
	CHECK(order_placed_type.unpack(&placed, &reader, turn_arena(turn)) == ERR_NONE);
	emit_order_released(turn, &(struct order_released){.outlet = outlet,
							   .order = order,
							   .currency = placed.currency,
							   .amount = placed.amount,
							   .exposure = credit_said(credit_exposure(&credit)),
							   .limit = money_of(credit.limit),
							   .credit_version = credit.version});
	credit.held--;
	credit_put(turn, outlet, &credit);
	held_del(turn, outlet, row->seq);
	credit_accept(turn, &placed, row);
	order_put(turn, outlet, order, row);
}

/* R56: An order that is held is released, and accepted, as soon as it fits: when the limit rises, something is paid, another one is cancelled;
 * those that were placed first come first, and one that is too large holds up no other. */
void credit_release(struct turn *turn, struct text outlet)
{
	struct text order;
	uint64_t seq = 0;

	if (credit_get(turn, outlet).held == 0)
		return;
	while (held_next(turn, outlet, &seq, &order)) {
		struct credit credit = credit_get(turn, outlet);
		struct order_row row;

		if (order_get(turn, outlet, order, &row) && credit_fits(&credit, row.amount))
			release_one(turn, outlet, order, &row);
#if defined(MUTANT_FIRST_BLOCKS)
		else
			return;
#endif
	}
}

void credit_pay(struct turn *turn, struct text outlet, struct text order, int32_t day, const struct paid_day *paid)
{
	struct credit credit = credit_get(turn, outlet);
	struct order_row row;

	credit.paid = moved(credit.paid, paid->paid);
	credit.deposit = moved(credit.deposit, paid->deposit);
	credit_put(turn, outlet, &credit);
	paid_add(turn, outlet, order, day, paid);
	if (order.size > 0 && order_get(turn, outlet, order, &row)) {
		invoice_look(turn, outlet, order, &row);
		order_put(turn, outlet, order, &row);
	}
	credit_release(turn, outlet);
}
