/* on_transfer_submitted.c -- staff accepts a proposed transfer between outlets (调拨). */
#include "record.h"

void on_transfer_submitted(struct turn *turn, const struct transfer_submitted *transfer)
{
	/* R264: A transfer that is accepted moves more than nothing; whether it was proposed and can be booked, inventory says. */
	if (transfer->has_quantity && transfer->quantity.milli <= 0) {
		(void)record_refuse(turn, TABLE_TRANSFER, transfer->transfer, "bad_quantity", "it moves more than nothing");
		return;
	}
	record_submit(turn, TABLE_TRANSFER, bytes_of_text(transfer->transfer), transfer);
}
