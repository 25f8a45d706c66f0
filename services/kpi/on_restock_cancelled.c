/* on_restock_cancelled.c -- nothing will arrive: the restock leaves the measures without a trace. */
#include "metric.h"
#include "process.h"

void on_restock_cancelled(struct turn *turn, const struct restock_cancelled *restock)
{
	turn_del(turn, TABLE_RESTOCK, bytes_of_text(restock->restock));
	process_restock(turn, restock->restock, restock->place, (struct text){0}, "cancelled");
	metric_hear(turn, &restock_cancelled_type, restock);
}
