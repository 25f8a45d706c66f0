/* on_restock_fulfilled.c -- the clock of a restock stops. */
#include "count.h"
#include "metric.h"
#include "process.h"

/* R24: A restock that arrives counts on the day of its arrival, with the time since it was requested. */
void on_restock_fulfilled(struct turn *turn, const struct restock_fulfilled *restock)
{
	struct bytes key = bytes_of_text(restock->restock);
	struct measures add = {.restocks = 1};
	int64_t time_us = turn_input(turn)->time_us, requested_us;
	struct outlet outlet;

	heard(turn, 0);
	process_restock(turn, restock->restock, restock->place, restock->has_order ? restock->order : (struct text){0}, "received");
	metric_hear(turn, &restock_fulfilled_type, restock);
	if (!row_get(turn, TABLE_RESTOCK, key, &requested_us, sizeof(requested_us)))
		return; /* requested before anybody listened */
	turn_del(turn, TABLE_RESTOCK, key);
	add.lead_us = time_us > requested_us ? time_us - requested_us : 0;
	outlet_get(turn, restock->place, &outlet);
	count_outlet(turn, restock->place, &outlet, day_at(time_us, outlet.offset), &add, NULL);
}
