/* on_clock_ticked.c -- business time has moved on: days begin, windows are over, what waits is looked at again, the journal is read for late metrics. */
#include "counted.h"
#include "events/clock.h"
#include "judge.h"
#include "restock.h"
#include "score.h"
#include "transfer.h"
#include "window.h"

void on_clock_ticked(struct turn *turn, const struct clock_ticked *tick)
{
	turn_put(turn, TABLE_BOOK, bytes_of("now", 3), bytes_of(&tick->time, sizeof(tick->time)));
#if !defined(MUTANT_STOCK_UNREAD)
	backfill_step(turn, &counted);
#endif
	scores_tick(turn, tick->time);
	restocks_tick(turn);
	shelves_tick(turn);
	windows_tick(turn, tick->time);
	transfers_tick(turn, tick->time);
}
