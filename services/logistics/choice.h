/*
 * choice.h -- the lane and the carrier that bring a load from a warehouse to an outlet.
 *
 * It looks up the master data; which offer is better is decided in rules.h.
 */
#ifndef TRIBUTARY_LOGISTICS_CHOICE_H
#define TRIBUTARY_LOGISTICS_CHOICE_H

#include "state.h"

struct choice {
	struct offer offer; /* cost of one shipment, lead time */
	char lane[CODE_SIZE];
	char carrier[CODE_SIZE];
	char currency[CURRENCY_SIZE];
	struct quantity capacity; /* of one vehicle; 0: no bound */
	struct money per_stop, per_km;
};

struct good {
	struct text sku;
	struct quantity quantity;
};

/* struct errand -- what has to be brought. Borrows. */
struct errand {
	struct text warehouse, outlet;
	int64_t minutes_left; /* until the goods are needed */
	const struct good *goods;
	uint32_t count; /* 0: the load is not known yet */
};

/* choice_of -- the best of all lanes and carriers; false when no lane leads there. */
bool choice_of(struct turn *turn, const struct errand *errand, struct choice *choice);

/* choice_minutes_left -- minutes from now_us to need_by_us; a long time when need_by_us is 0. */
int64_t choice_minutes_left(int64_t need_by_us, int64_t now_us);

#endif
