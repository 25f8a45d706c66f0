/*
 * supply.h -- where a shelf's goods come from, and the policy that follows from it.
 *
 * What master data says about a shelf (source, lead time, pack, policy) is kept in the shelf's own row
 * together with the generation of the master data, so that a sale looks it up only after a change. It
 * decides nothing about quantities: that is rules.h.
 */
#ifndef TRIBUTARY_INVENTORY_SUPPLY_H
#define TRIBUTARY_INVENTORY_SUPPLY_H

#include "state.h"

/* tuning_of -- the service's settings as the model wants them. */
struct tuning tuning_of(const struct turn *turn);

/*
 * struct way -- how goods of a brand come to a place, as of one input: found once for all lines that share
 * it. Begin with zeros.
 */
struct way {
	bool is_known;
	uint32_t lead_minutes;
	char brand[CODE_SIZE];
};

/*
 * supply_renew -- look up again what the master data says about a shelf and decide its policy anew. Changes
 * *shelf and *way only; the way is of the same place and input.
 */
void supply_renew(struct turn *turn, struct text place, struct text sku, struct shelf *shelf,
                  uint32_t generation, const struct tuning *tuning, struct way *way);

/* struct source -- a warehouse that supplies a product to a place, and the lane that it does so over. */
struct source {
	char warehouse[CODE_SIZE], lane_code[CODE_SIZE];
	struct lane lane;
};

/* supply_sources -- all of them in the order in which they count; how many. */
unsigned supply_sources(struct turn *turn, struct text place, const struct product *product, struct source sources[UPSTREAMS_MAX]);

/* supply_source -- the first of them; false: nobody supplies it. */
bool supply_source(struct turn *turn, struct text place, struct text sku, struct source *source);

/*
 * supply_learn -- decide the policy anew after the demand has changed; a policy of the master data stays.
 */
void supply_learn(struct shelf *shelf, const struct tuning *tuning);

#endif
