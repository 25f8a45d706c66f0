/* on_carrier_submitted.c -- staff says what a carrier can do and costs. */
#include "record.h"

void on_carrier_submitted(struct turn *turn, const struct carrier_submitted *carrier)
{
	if (record_currency(turn, TABLE_CARRIER, carrier->carrier, carrier->currency))
		record_submit(turn, TABLE_CARRIER, bytes_of_text(carrier->carrier), carrier);
}
