/* check_tickets.c -- a till was told yes once its ticket was durable, and kept it until then: so each one is recorded, once, as it was said. */
#include <stdlib.h>

#include "events/orders.h"
#include "truth.h"

static void count(void *context, const struct envelope *envelope)
{
	uint32_t *counts = context;
	struct sale_recorded recorded;
	struct sale_returned returned;
	struct text receipt = {0};

	if (truth_unpack(&sale_recorded_type, envelope, &recorded))
		receipt = recorded.receipt;
	else if (truth_unpack(&sale_returned_type, envelope, &returned))
		receipt = returned.receipt;
	if (receipt.size == 0)
		return;
	char digits[24] = {0};
	memcpy(digits, receipt.data + 1, receipt.size - 1 < sizeof(digits) ? receipt.size - 1 : sizeof(digits) - 1);
	unsigned long number = strtoul(digits, NULL, 10);
	if (number < TICKETS)
		counts[number]++;
	else
		truth_broken("a receipt %.*s was never said", TEXT_ARGS(receipt));
}

void check_tickets(struct network *network)
{
	static uint32_t counts[TICKETS];

	memset(counts, 0, sizeof(counts));
	truth_each_event(network, ORDERS, count, counts);
	for (uint32_t i = 0; i < TICKETS; i++)
		if (counts[i] != 1)
			truth_broken("ticket %u was recorded %u times", i, counts[i]);
	if (network->refused != 0)
		truth_broken("%llu good events were refused", (unsigned long long)network->refused);
}
