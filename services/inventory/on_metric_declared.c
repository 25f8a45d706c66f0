/* on_metric_declared.c -- something of what is said here is to be counted, the past included. */
#include "counted.h"

void on_metric_declared(struct turn *turn, const struct metric_declared *declared)
{
	backfill_begin(turn, &counted, declared);
}
