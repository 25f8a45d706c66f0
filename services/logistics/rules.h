/*
 * rules.h -- the decisions of logistics as arithmetic: who gets what is scarce, which lane, what it costs,
 * which step may follow.
 *
 * Values in, values out, integers only. The order of stops has a file of its own, route.h.
 */
#ifndef TRIBUTARY_LOGISTICS_RULES_H
#define TRIBUTARY_LOGISTICS_RULES_H

#include "base/units.h"

#define WAVE_CLAIMS_MAX 500

/* struct claim -- one restock's part of what is scarce; guaranteed and reserved are parts of what is given by a published rule. */
struct claim {
	struct quantity asked, given, guaranteed, reserved;
	int64_t tier; /* of its outlet; 0: not known */
};

/*
 * share_scarce -- give `available` to the claims in proportion to what they ask, in whole units, by largest
 * remainder.
 *   shape   claims stand in the order that breaks ties. Afterwards given <= asked for each, their sum <=
 *           available.
 *   units   unit > 0: the smallest quantity that travels (a pack).
 */
void share_scarce(struct quantity available, struct quantity unit, struct claim *claims, uint32_t count);

/* struct offer -- one way to bring a load: a lane with a carrier. */
struct offer {
	int64_t cost_minor;
	int64_t lead_minutes;
	int64_t loss_minor; /* what of the load is expected to be lost on the way */
};

/*
 * offer_better -- whether a is to be taken rather than b when the goods have to be there within
 * minutes_left (negative: too late anyway).
 */
bool offer_better(const struct offer *a, const struct offer *b, int64_t minutes_left);

/*
 * journey_cost -- lane, stops and kilometres together, kilometres rounded half to even to the minor unit.
 */
struct money journey_cost(struct money lane, struct money per_stop, int64_t stops, struct money per_km,
                          int64_t metres);

/*
 * vehicle_room -- how much of `wanted` goes into a vehicle that holds `capacity` and has `used` of it
 * taken: whole packs, all of it where it fits, one pack into an empty vehicle even where a pack is larger
 * than the vehicle. capacity 0: no bound.
 */
struct quantity vehicle_room(struct quantity wanted, struct quantity pack, struct quantity used,
                             struct quantity capacity);

enum shipment_state {
	SHIPMENT_PLANNED,
	SHIPMENT_PICKED,
	SHIPMENT_DISPATCHED,
	SHIPMENT_DELIVERED,
	SHIPMENT_RECEIVED,
	SHIPMENT_STATES
};

/* step_allowed -- whether a shipment in this state may take this step. */
bool step_allowed(enum shipment_state from, enum shipment_state to);

#endif
