/* on_clock_ticked.c -- business time has moved on: where a day begins, what has arrived is scored. */
#include "events/clock.h"
#include "restock.h"
#include "score.h"

void on_clock_ticked(struct turn *turn, const struct clock_ticked *tick)
{
	scores_tick(turn, tick->time);
	restocks_tick(turn);
}
