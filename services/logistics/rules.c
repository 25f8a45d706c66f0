/* rules.c -- sharing, choosing, pricing and stepping, in integers only. */
#include "rules.h"

#include "flow/flow.h"

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The claim with the largest remainder that has not had its extra unit; ties go to the earlier one. */
static uint32_t next_remainder(int64_t units, wide total, const struct claim *claims, const uint8_t *had,
                               uint32_t count)
{
	uint32_t best = count;
	wide best_remainder = -1;

	for (uint32_t i = 0; i < count; i++) {
		wide remainder = (wide)units * claims[i].asked.milli % total;

		if (!had[i] && remainder > best_remainder) {
			best = i;
			best_remainder = remainder;
		}
	}
	return best;
}

/* R5: Scarce goods are shared in whole packs in proportion to what is asked, by largest remainder; ties go
   to the outlet whose code comes first. */
void share_scarce(struct quantity available, struct quantity unit, struct claim *claims, uint32_t count)
{
	int64_t units = available.milli > 0 ? available.milli / unit.milli : 0, left = units;
	uint8_t had[WAVE_CLAIMS_MAX] = {0};
	wide total = 0;

	CHECK(unit.milli > 0 && count <= WAVE_CLAIMS_MAX);
	for (uint32_t i = 0; i < count; i++)
		total += claims[i].asked.milli;
	for (uint32_t i = 0; i < count; i++) {
		int64_t share = total > 0 ? (int64_t)((wide)units * claims[i].asked.milli / total) : 0;

#if !defined(MUTANT_GIVES_TOO_MUCH)
		left -= share;
#endif
		claims[i].given = quantity_of(smaller(share * unit.milli, claims[i].asked.milli));
	}
	for (; left > 0 && total > 0; left--) {
		uint32_t i = next_remainder(units, total, claims, had, count);

		if (i == count)
			return;
		had[i] = 1;
		claims[i].given =
		    quantity_of(smaller(claims[i].given.milli + unit.milli, claims[i].asked.milli));
	}
}

/* R6: A load travels by the cheapest lane and carrier that keep the promise; where none does, by the
   fastest; ties go to the faster, the cheaper, the first by code. */
static int64_t landed(const struct offer *offer)
{
#if defined(MUTANT_LOSS_IGNORED)
	return offer->cost_minor;
#else
	return offer->cost_minor + offer->loss_minor;
#endif
}

bool offer_better(const struct offer *a, const struct offer *b, int64_t minutes_left)
{
	bool a_keeps = a->lead_minutes <= minutes_left, b_keeps = b->lead_minutes <= minutes_left;

	if (a_keeps != b_keeps)
		return a_keeps;
	if (a_keeps && landed(a) != landed(b))
		return landed(a) < landed(b);
	if (a->lead_minutes != b->lead_minutes)
		return a->lead_minutes < b->lead_minutes;
	return landed(a) < landed(b);
}

/* R7: A journey costs its lane, its stops and its kilometres, rounded half to even. */
struct money journey_cost(struct money lane, struct money per_stop, int64_t stops, struct money per_km,
                          int64_t metres)
{
	wide limit = NUMBER_MAX, driven = (wide)per_km.minor * metres;

	if (driven > limit * 1000)
		driven = limit * 1000;
	wide cost = lane.minor + (wide)per_stop.minor * stops + divide_half_even(driven, 1000);
	return money_of((int64_t)(cost > limit ? limit : cost < -limit ? -limit : cost));
}

struct quantity vehicle_room(struct quantity wanted, struct quantity pack, struct quantity used,
                             struct quantity capacity)
{
	int64_t room = capacity.milli - used.milli;

	if (capacity.milli <= 0 || wanted.milli <= room)
		return wanted;
	if (room >= pack.milli)
		return quantity_of(room - room % pack.milli);
	if (used.milli > 0)
		return quantity_of(0);
	return quantity_of(smaller(wanted.milli, pack.milli));
}

/* R9: A shipment is planned, picked, dispatched, delivered and received, in this order; picking and
   delivery may go unconfirmed, leaving and arriving may not. */
bool step_allowed(enum shipment_state from, enum shipment_state to)
{
	return flow_leads(&flow_shipment, text_of(flow_shipment.states[from]), text_of(flow_shipment.states[to]));
}
