/*
 * sourcing.h -- where a restock comes from when its procurement policy has the best source chosen (货源选择), and the word about it.
 *
 * It looks at the scorecards of lanes (score.h) and at what lies in the warehouses; which of them may supply a place is supply.h's.
 */
#ifndef TRIBUTARY_INVENTORY_SOURCING_H
#define TRIBUTARY_INVENTORY_SOURCING_H

#include "procure.h"
#include "supply.h"

/* What speaks against a source; the first that does counts. */
enum verdict { VERDICT_CHOSEN, VERDICT_LATE, VERDICT_DAMAGED, VERDICT_SHORT, VERDICT_UNPRICED, VERDICT_DEARER };

/* struct option -- a source as it was looked at. The flags say what could be reckoned. */
struct option {
	struct source source;
	struct quantity available;
	struct price freight_share, expected_loss, landed_cost;
	int64_t otif_bp, defects_ppm;
	bool has_cost, has_otif, has_defects;
	enum verdict against; /* VERDICT_CHOSEN: nothing */
};

struct options {
	unsigned count, best;
	struct option all[UPSTREAMS_MAX];
};

/* sources_choose -- the sources of a SKU for a place, and the best of them; count 0: there is none. */
void sources_choose(struct turn *turn, struct text place, struct text sku, const struct terms *terms, struct quantity quantity,
                    struct options *options);

/* sources_say -- what was chosen for a restock, where there was a choice. */
void sources_say(struct turn *turn, const struct options *options, const struct terms *terms, struct text restock,
                 const struct restock *row);

/* option_is_better -- whether it comes before the other one, which stands before it in the order of upstreams. Pure. */
bool option_is_better(const struct option *option, const struct option *other);

#endif
