/* on_sale_refused.c -- nothing was sold, but the till is alive. */
#include "till.h"

#include "count.h"
#include "metric.h"

/* R23: A refused ticket counts nothing, but its till has been heard. */
void on_sale_refused(struct turn *turn, const struct sale_refused *refused)
{
	heard(turn, 0);
	till_heard(turn, refused->terminal, refused->has_outlet ? refused->outlet : (struct text){0});
	metric_hear(turn, &sale_refused_type, refused);
}
