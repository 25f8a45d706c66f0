/* counted.c -- the events of orders that metrics count, and the words for reading them again. */
#include "counted.h"

/* R98: A registered metric that counts some events of this service, or adds them up, begins with this event: what the journal holds before it is
 * read again for it, and what comes behind it is counted as it comes. */
static const struct backfill_event events[] = {{&sale_recorded_type, false},  {&sale_returned_type, false},    {&sale_voided_type, true},
                                               {&sale_refused_type, true},    {&writeoff_recorded_type, true}, {&price_deviation_detected_type, true},
                                               {NULL, false}};

/* R99: At every tick of the clock 2,000 events of the journal are read again for the first metric that waits, and what they count is said; how
 * far it has come is kept with that, so that nothing is counted twice, whatever happens in between. */
const struct backfill_source counted = {
    .table = TABLE_BACKFILL, .events = events, .say_begun = emit_metric_replay_begun, .say_part = emit_metric_replayed};
