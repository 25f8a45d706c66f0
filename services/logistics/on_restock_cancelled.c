/* on_restock_cancelled.c -- a restock is no longer wanted. */
#include "events/inventory.h"
#include "wave.h"

/* R14: A cancelled restock leaves the wave; what of it is in a shipment travels on. */
void on_restock_cancelled(struct turn *turn, const struct restock_cancelled *event)
{
	struct restock restock;

	if (!ROW_GET(turn, TABLE_RESTOCK, bytes_of_text(event->restock), &restock))
		return;
	wave_drop(turn, event->restock, &restock);
	restock.cancelled = 1;
	ROW_PUT(turn, TABLE_RESTOCK, bytes_of_text(event->restock), &restock);
}
