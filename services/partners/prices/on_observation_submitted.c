/* on_observation_submitted.c -- staff has seen an offer on a market; orders compares it with the corridors. */
#include "record.h"

/* R44: An observation is of a known SKU, of a known outlet where it names one, on a date and in a currency. */
static bool observation_valid(struct turn *turn, const struct observation_submitted *seen)
{
	if (!record_names(turn, TABLE_OBSERVATION, seen->observation, TABLE_PRODUCT, seen->sku) ||
	    (seen->has_outlet && !record_names(turn, TABLE_OBSERVATION, seen->observation, TABLE_OUTLET, seen->outlet)) ||
	    !record_day(turn, TABLE_OBSERVATION, seen->observation, seen->day))
		return false;
	return record_currency(turn, TABLE_OBSERVATION, seen->observation, seen->currency);
}

void on_observation_submitted(struct turn *turn, const struct observation_submitted *seen)
{
	if (observation_valid(turn, seen))
		record_submit(turn, TABLE_OBSERVATION, bytes_of_text(seen->observation), seen);
}
