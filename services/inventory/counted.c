/* counted.c -- the events of inventory that metrics count, and the words for reading them again. */
#include "counted.h"

BACKFILL_SAME(stock_metric_replayed);

static uint64_t say_begun(struct turn *turn, const struct metric_replay_begun *begun)
{
	return emit_stock_metric_replay_begun(turn, &BACKFILL_BEGUN(stock_metric_replay_begun, begun));
}

static uint64_t say_part(struct turn *turn, const struct metric_replayed *part)
{
	return emit_stock_metric_replayed(turn, &BACKFILL_PART(stock_metric_replayed, part));
}

/* R120: A registered metric that counts some restocks that were requested, fulfilled or cancelled, or adds a number of them up, begins with this
   event: what the journal holds before it is read again for it, and what comes behind it is counted as it comes. */
static const struct backfill_event events[] = {{&restock_requested_type, true}, {&restock_fulfilled_type, true}, {&restock_cancelled_type, true},
                                               {NULL, false}};

/* R121: At every tick of the clock 2,000 events of the journal are read again for the first metric that waits, and what they count is said; how far
   it has come is kept with that, so that nothing is counted twice, whatever happens in between. */
const struct backfill_source counted = {.table = TABLE_BACKFILL, .events = events, .say_begun = say_begun, .say_part = say_part};
