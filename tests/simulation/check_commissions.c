/*
 * check_commissions.c -- what has fallen to each outlet is its part of what the rest of every sale brings: worked out here from the tickets
 * alone, whatever was heard first, a sale or what came back of it.
 */
#include "events/orders.h"
#include "simulate.h"
#include "truth.h"

struct shares {
	int64_t seller[OUTLETS], handed_over_by[OUTLETS];
};

static void add(struct shares *shares, const struct story_shared *shared)
{
	int64_t whole = shared->left_minor * STORY_COMMISSION_BP / 10000, rest = shared->left_minor * STORY_COMMISSION_BP % 10000;

	whole += rest > 5000 || (rest == 5000 && whole % 2 == 1);
	int64_t seller = whole * STORY_SELLER_BP / 10000, other = whole * (10000 - STORY_SELLER_BP) / 10000;
	if (seller + other < whole && whole * STORY_SELLER_BP % 10000 > whole * (10000 - STORY_SELLER_BP) % 10000)
		seller++; /* the larger remainder has what is left */
	shares->seller[shared->seller] += seller;
	shares->handed_over_by[shared->handed_over_by] += whole - seller;
}

static void take_row(void *context, struct bytes row)
{
	struct shares *shares = context;
	int outlet = truth_row_text(row, "outlet").data[1] - '1';

	if (outlet < 0 || outlet >= OUTLETS)
		truth_broken("there is a commission of an outlet that never was");
	else if (text_equal(truth_row_text(row, "role"), TEXT_LITERAL("seller")))
		shares->seller[outlet] -= truth_row_int(row, "amount_minor");
	else
		shares->handed_over_by[outlet] -= truth_row_int(row, "amount_minor");
}

static void count_matched(void *context, const struct envelope *envelope)
{
	unsigned *matched = context;

	*matched += text_equal(envelope->type, text_of(return_matched_type.name));
}

void check_commissions(struct network *network)
{
	struct shares shares = {0};

	for (uint32_t number = 0; number < TICKETS; number++) {
		struct story_shared shared;

		if (story_shared(number, &shared))
			add(&shares, &shared);
	}
	truth_each_row(network, PARTNERS, "commissions", take_row, &shares);
	for (int outlet = 0; outlet < OUTLETS; outlet++)
		if (shares.seller[outlet] != 0 || shares.handed_over_by[outlet] != 0)
			truth_broken("S%d: its commissions lack %lld as a seller and %lld for customers that it had first", outlet + 1,
				     (long long)shares.seller[outlet], (long long)shares.handed_over_by[outlet]);
	truth_each_event(network, ORDERS, count_matched, &simulate_present->matched);
}
