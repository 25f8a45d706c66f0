/* on_clock_ticked.c -- business time has moved on: waves close, promises break, the journal is read for late metrics. */
#include "counted.h"
#include "events/clock.h"
#include "progress.h"
#include "wave.h"

static void say_delayed(struct turn *turn, uint64_t number)
{
	struct shipment shipment;

	if (!shipment_get(turn, number, &shipment))
		return;
	emit_shipment_delayed(turn, &(struct shipment_delayed){
	                                .shipment = shipment_text(turn, number),
	                                .warehouse = CODE_TEXT(shipment.warehouse),
	                                .outlet = CODE_TEXT(shipment.outlet),
	                                .promised = shipment.promised_us,
	                                .state = progress_state_text((enum shipment_state)shipment.state)});
}

/* R16: A shipment whose promise has passed in business time without its delivery is said to be late,
   once. */
static void say_all_delayed(struct turn *turn, int64_t time_us)
{
	struct walk walk;

	walk_begin(&walk, turn, TABLE_PROMISE, bytes_of(NULL, 0));
	for (unsigned said = 0; said < LATE_PER_TICK_MAX && walk_next(&walk); said++) {
		if (walk.key.size != 16 || (int64_t)get_u64_be(walk.key.data) >= time_us)
			return;
		say_delayed(turn, get_u64_be(walk.key.data + 8));
		turn_del(turn, TABLE_PROMISE, walk.key);
	}
}

void on_clock_ticked(struct turn *turn, const struct clock_ticked *tick)
{
#if !defined(MUTANT_SHIPMENTS_UNREAD)
	backfill_step(turn, &counted);
#endif
	wave_close_due(turn, tick->time);
	say_all_delayed(turn, tick->time);
}
