/*
 * score.h -- scorecards of suppliers and lanes: what arrived, when, how much of it was fit to be sold, and what that cost.
 *
 * A score is sums of one month; a scorecard looks at the last months together. Sums commute, so the order of hearing does not matter.
 * It decides nothing: it is said, and whoever chooses between lanes hears it.
 */
#ifndef TRIBUTARY_INVENTORY_SCORE_H
#define TRIBUTARY_INVENTORY_SCORE_H

#include "state.h"

#define MONTH_SIZE 9 /* of a month behind its prefix: a zero byte and the number */
#define SCORE_MONTHS_MAX 24
#define SCORES_PER_TICK 200 /* said by one tick; the others by the next */

enum score_kind { SCORE_LANE = 'l', SCORE_SUPPLIER = 's' };

/* struct score -- the deliveries of one month. */
struct score {
	int64_t deliveries, promised, on_time, in_full, both; /* both: of those that were promised */
	int64_t timed, minutes, squares;		      /* lead times: how many, their sum, the sum of their squares */
	struct quantity asked, sent, usable;
	struct quantity valued; /* of what was sent: what the cost of is known */
	int64_t value_e4;	/* its cost, in 1/10000 of the major unit */
	int64_t freight_e4;
};

_Static_assert(sizeof(struct score) == 112, "a score has no padding");

/* struct delivery -- one arrival, as a score counts it. */
struct delivery {
	struct text code, currency; /* currency: empty where no money was said */
	int64_t arrived_us, left_us, promised_us; /* 0: not known */
	struct quantity asked, sent, usable, valued;
	int64_t value_e4;
	struct money freight;
};

/* score_key -- what the rows of a supplier or a lane begin with. */
struct bytes score_key(uint8_t key[KEY_SIZE], enum score_kind kind, struct text code, struct text currency);

/* score_add -- counts a delivery. */
void score_add(struct turn *turn, enum score_kind kind, const struct delivery *delivery);

/* score_value -- what so much of a SKU costs, in 1/10000 of the major unit.   score_bounded -- a sum that stops at an event's largest number. */
int64_t score_value(struct quantity quantity, struct price cost);
int64_t score_bounded(wide number);

/* score_freight -- money in 1/10000 of the major unit. */
int64_t score_freight(struct money freight, struct text currency);

/* struct trip -- a shipment that has not arrived. */
struct trip {
	char lane[CODE_SIZE];
	char currency[CURRENCY_SIZE];
	struct money freight;
	int64_t promised_us, left_us, arrived_us;
	struct quantity asked, sent, valued;
	int64_t value_e4;
};

_Static_assert(sizeof(struct trip) == 104, "a trip has no padding");

bool trip_get(struct turn *turn, struct text shipment, struct trip *trip);
void trip_put(struct turn *turn, struct text shipment, const struct trip *trip);
void trip_del(struct turn *turn, struct text shipment);

/* ---- scorecards ---- */

/* struct months -- the latest months of one supplier or lane, the oldest first. */
struct months {
	uint32_t count, first, last; /* numbers of the first and the last month: year times 12 plus month */
	uint32_t number[SCORE_MONTHS_MAX];
	struct score score[SCORE_MONTHS_MAX];
};

/* months_add -- a later month; the oldest makes room.   months_key -- whose row this is: the prefix that its months share; 0: it is none. */
void months_add(struct months *months, uint32_t month, const struct score *score);
size_t months_key(struct bytes key, uint32_t *month);

/* struct card -- a scorecard: sums and what follows from them. The flags say what could be reckoned. */
struct card {
	struct score sum;
	char from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];
	int64_t otif_bp, defects_ppm, lead_minutes, lead_variance;
	struct price unit_cost, freight_share, expected_loss, landed_cost;
	bool has_lead, has_cost;
};

/* card_of -- the months up to the latest one, at most so many.   card_from_sum -- the figures of sums. */
struct card card_of(const struct months *months, int64_t months_max);
void card_reckon(struct card *card);

/* score_card -- the card of a lane or a supplier as of now, in one currency; without deliveries when nothing has arrived. */
struct card score_card(struct turn *turn, enum score_kind kind, struct text code, struct text currency);

/* scores_tick -- at the change of day every supplier and lane that something has arrived from is scored and said. */
void scores_tick(struct turn *turn, int64_t time_us);

#endif
