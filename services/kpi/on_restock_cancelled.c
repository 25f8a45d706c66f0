/* on_restock_cancelled.c -- nothing will arrive: the restock leaves the measures without a trace. */
#include "metric.h"
#include "state.h"

void on_restock_cancelled(struct turn *turn, const struct restock_cancelled *restock)
{
	turn_del(turn, TABLE_RESTOCK, bytes_of_text(restock->restock));
	metric_hear(turn, &restock_cancelled_type, restock);
}
