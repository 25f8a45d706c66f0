/* rehearse_money.c -- of the past what is owed, paid and claimed: orders that outlets owed before the period, payments, claims on funds. */
#include <string.h>

#include "base/check.h"
#include "base/when.h"
#include "events/orders.h"
#include "events/partners.h"
#include "events/staff.h"
#include "events/terminals.h"
#include "rehearse.h"

/* An order that was accepted before the period, until it is cancelled, or one of the period. */
struct owed_order {
	UT_hash_handle hh;
	char key[80]; /* outlet, a zero byte, order */
	int64_t amount;
	bool plays;
};

/* What an outlet owes when the period begins. */
struct debtor {
	UT_hash_handle hh;
	char outlet[40];
	struct text currency;
	int64_t owed;
};

static bool is_before(const struct past *past, struct text day)
{
	return past->from != NULL && day.size == 10 && memcmp(day.data, past->from, 10) < 0;
}

static void owe(struct past *past, struct text outlet, struct text currency, int64_t amount)
{
	struct debtor *debtor = NULL;

	HASH_FIND(hh, past->debtors, outlet.data, outlet.size, debtor);
	if (debtor == NULL && outlet.size < sizeof(debtor->outlet)) {
		debtor = past_keep(past, sizeof(*debtor));
		memset(debtor, 0, sizeof(*debtor));
		memcpy(debtor->outlet, outlet.data, outlet.size);
		HASH_ADD_KEYPTR(hh, past->debtors, debtor->outlet, outlet.size, debtor);
	}
	if (debtor == NULL || __builtin_add_overflow(debtor->owed, amount, &debtor->owed))
		return;
	if (currency.size > 0)
		debtor->currency = currency;
}

static struct owed_order *order_find(struct past *past, struct text outlet, struct text order, char key[80], unsigned *size)
{
	struct owed_order *found = NULL;

	*size = outlet.size + 1 + order.size;
	memset(key, 0, 80);
	memcpy(key, outlet.data, outlet.size);
	memcpy(key + outlet.size + 1, order.data, order.size);
	HASH_FIND(hh, past->orders, key, *size, found);
	return found;
}

static void order_add(struct past *past, struct text outlet, struct text number, struct owed_order order)
{
	struct owed_order *made;
	unsigned size;
	char key[80];

	if (outlet.size + 1 + number.size >= sizeof(key) || order_find(past, outlet, number, key, &size) != NULL)
		return;
	made = past_keep(past, sizeof(*made));
	*made = order;
	memcpy(made->key, key, sizeof(key));
	HASH_ADD_KEYPTR(hh, past->orders, made->key, size, made);
}

static void take_accepted(struct past *past, const struct order_accepted *accepted)
{
	if (!accepted->has_amount || !is_before(past, accepted->day))
		return;
	order_add(past, accepted->outlet, accepted->order, (struct owed_order){.amount = accepted->amount.minor});
	owe(past, accepted->outlet, accepted->currency, accepted->amount.minor);
}

/* Of an order of before the period it takes away what was owed; one of the period is withdrawn again, if it was in the period. */
static void take_cancelled(struct past *past, const struct order_cancelled *cancelled, const struct envelope *envelope)
{
	const char *source = past_source(past, envelope->cause);
	char key[80], day[DAY_TEXT_SIZE];
	unsigned size;
	struct owed_order *order =
	    cancelled->outlet.size + 1 + cancelled->order.size < sizeof(key) ? order_find(past, cancelled->outlet, cancelled->order, key, &size) : NULL;

	if (order == NULL)
		return;
	owe(past, cancelled->outlet, (struct text){0}, -order->amount);
	order->amount = 0;
	day_text(envelope->time_us / US_PER_DAY, day);
	if (!order->plays || source == NULL || !past_has(past, text_of(day)))
		return;
	struct order_withdrawn *withdrawn = past_keep(past, sizeof(*withdrawn));
	*withdrawn = (struct order_withdrawn){.outlet = cancelled->outlet, .order = cancelled->order};
	past_say(&past->tickets, (struct said){&order_withdrawn_type, source, withdrawn, envelope->time_us, 0});
}

void past_take_order(struct past *past, const struct event_type *type, const void *event, const struct envelope *envelope)
{
	const struct order_placed *placed = event;

	if (type == &order_placed_type && past_has(past, placed->day))
		order_add(past, placed->outlet, placed->order, (struct owed_order){.plays = true});
	else if (type == &order_accepted_type)
		take_accepted(past, event);
	else if (type == &order_cancelled_type)
		take_cancelled(past, event, envelope);
}

/* ---- what staff has said ---- */

static void take_payment(struct past *past, const struct payment_received *received, const struct envelope *envelope)
{
	bool is_refund = text_equal(received->kind, TEXT_LITERAL("refund"));

	if (past_has(past, received->day))
		past_say(&past->office, (struct said){&payment_submitted_type, "staff/rehearsal",
						      past_recast(past, &payment_received_type, received, &payment_submitted_type),
						      envelope->time_us, 0});
	else if (is_before(past, received->day))
		owe(past, received->outlet, received->currency, is_refund ? received->amount.minor : -received->amount.minor);
}

/* A step of a claim is said again by whoever took it: two persons stay two. */
static void take_step(struct past *past, const struct claim_settled *claim, const char *word, const struct envelope *envelope)
{
	struct claim_step_submitted *step = past_keep(past, sizeof(*step));
	char *by = past_keep(past, claim->by.size + 1);

	memcpy(by, claim->by.data, claim->by.size);
	by[claim->by.size] = 0;
	*step = (struct claim_step_submitted){.claim = claim->claim,
					      .step = text_of(word),
					      .has_amount = strcmp(word, "approve") == 0,
					      .amount = claim->amount};
	past_say(&past->office, (struct said){&claim_step_submitted_type, by, step, envelope->time_us, 0});
}

/* What the steps of claims have in common, as the last of them says it. */
static void take_step_of(struct past *past, const struct event_type *type, const void *event, const char *word, const struct envelope *envelope)
{
	take_step(past, past_recast(past, type, event, &claim_settled_type), word, envelope);
}

static bool is_after(const struct past *past, struct text day)
{
	return past->until != NULL && day.size == 10 && memcmp(day.data, past->until, 10) > 0;
}

void past_take_office(struct past *past, const struct event_type *type, const void *event, const struct envelope *envelope)
{
	if (type == &payment_received_type) {
		take_payment(past, event, envelope);
	} else if (type == &claim_opened_type) {
		const struct claim_opened *opened = event;
		const char *source = past_source(past, envelope->cause);

		if (source != NULL && !is_after(past, opened->day))
			past_say(&past->office, (struct said){&claim_submitted_type, source, past_recast(past, type, event, &claim_submitted_type),
							      envelope->time_us, 0});
	} else if (type == &claim_endorsed_type || type == &claim_approved_type) {
		take_step_of(past, type, event, "approve", envelope);
	} else if (type == &claim_rejected_type) {
		take_step_of(past, type, event, "reject", envelope);
	} else if (type == &claim_settled_type) {
		take_step(past, event, "settle", envelope);
	}
}

/* What is owed is a deposit that went back, and one that came where more was paid. */
void past_open_books(struct past *past)
{
	struct debtor *debtor, *next;

	HASH_ITER(hh, past->debtors, debtor, next) {
		int64_t size = debtor->owed < 0 ? -debtor->owed : debtor->owed;
		struct payment_submitted *opening = past_keep(past, sizeof(*opening));
		char *number = past_keep(past, 48);

		if (size == 0 || size > NUMBER_MAX || debtor->currency.size == 0)
			continue;
		snprintf(number, 48, "opening-%s", debtor->outlet);
		*opening = (struct payment_submitted){.payment = text_of(number),
						      .outlet = text_of(debtor->outlet),
						      .kind = text_of(debtor->owed > 0 ? "refund" : "deposit"),
						      .amount = money_of(size),
						      .currency = debtor->currency,
						      .day = text_of(past->from)};
		past_say(&past->openings, (struct said){&payment_submitted_type, "staff/rehearsal", opening, past->begins_us, 0});
	}
	HASH_CLEAR(hh, past->debtors); /* they lie in the arena */
	HASH_CLEAR(hh, past->orders);
}
