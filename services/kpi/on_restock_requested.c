/* on_restock_requested.c -- the clock of a restock starts. */
#include "metric.h"
#include "process.h"

void on_restock_requested(struct turn *turn, const struct restock_requested *restock)
{
	int64_t time_us = turn_input(turn)->time_us;

	row_put(turn, TABLE_RESTOCK, bytes_of_text(restock->restock), &time_us, sizeof(time_us));
	process_restock(turn, restock->restock, restock->place, restock->has_order ? restock->order : (struct text){0}, "requested");
	metric_hear(turn, &restock_requested_type, restock);
}
