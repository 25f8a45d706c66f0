/* on_observation_submitted.c -- staff has seen an offer on a market; orders compares it with the corridors. */
#include "channel/channel.h"
#include "record.h"

/* R44: An observation is of a known SKU, of a known outlet where it names one, on a date and in a currency. */
static bool observation_valid(struct turn *turn, const struct observation_submitted *seen)
{
	if (!record_known(turn, TABLE_PRODUCT, seen->sku))
		return record_refuse(turn, TABLE_OBSERVATION, seen->observation, "unknown_product",
		                     "product %.*s is not known", TEXT_ARGS(seen->sku));
	if (seen->has_outlet && !record_known(turn, TABLE_OUTLET, seen->outlet))
		return record_refuse(turn, TABLE_OBSERVATION, seen->observation, "unknown_outlet",
		                     "outlet %.*s is not known", TEXT_ARGS(seen->outlet));
	if (!window_ordered(true, seen->day, false, seen->day))
		return record_refuse(turn, TABLE_OBSERVATION, seen->observation, "bad_day",
		                     "the day is not a date");
	return record_currency(turn, TABLE_OBSERVATION, seen->observation, seen->currency);
}

void on_observation_submitted(struct turn *turn, const struct observation_submitted *seen)
{
	if (observation_valid(turn, seen))
		record_submit(turn, TABLE_OBSERVATION, bytes_of_text(seen->observation), seen);
}
