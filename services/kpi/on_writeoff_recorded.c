/* on_writeoff_recorded.c -- goods are lost: they are measured apart from the sales. */
#include "count.h"
#include "metric.h"
#include "till.h"

/* R3: What is written off counts as written off units on the day of the record, at outlet, tier and whole. */
void on_writeoff_recorded(struct turn *turn, const struct writeoff_recorded *writeoff)
{
	struct measures add = {0};
	struct outlet outlet;
	int32_t day = day_of(writeoff->day);

	for (uint32_t i = 0; i < writeoff->lines.count; i++)
		add.written_off.milli =
		    shown((wide)add.written_off.milli + writeoff->lines.items[i].quantity.milli);
	heard(turn, day);
	till_heard(turn, writeoff->terminal, writeoff->outlet);
	outlet_get(turn, writeoff->outlet, &outlet);
	count_outlet(turn, writeoff->outlet, &outlet, day, &add, NULL);
	metric_hear(turn, &writeoff_recorded_type, writeoff);
}
