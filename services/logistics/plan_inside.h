/* plan_inside.h -- what the files of a plan share. Others see plan.h. */
#ifndef TRIBUTARY_LOGISTICS_PLAN_INSIDE_H
#define TRIBUTARY_LOGISTICS_PLAN_INSIDE_H

#include "choice.h"
#include "plan.h"

/* struct want -- a pending restock and what the plan gives it. */
struct want {
	struct text outlet, restock, sku;
	int64_t need_by_us;
	struct quantity asked, given, loaded;
	bool judged; /* its SKU was looked at */
	bool scarce; /* what it was not given waits for supply */
};

/* struct piece -- a line of a shipment. */
struct piece {
	const struct want *want;
	struct quantity quantity;
};

/* struct cargo -- a shipment in the making: one vehicle's load for one outlet. */
struct cargo {
	struct text outlet;
	struct spot spot;
	const struct choice *choice;
	struct quantity load;
	uint32_t first, count; /* of pieces */
	uint32_t round;
};

/* struct round -- a vehicle's stops in order. */
struct round {
	const struct choice *choice;
	uint32_t first, count; /* of stops */
	int64_t metres;
};

struct plan {
	struct turn *turn;
	struct text warehouse;
	struct text outlet; /* empty: all outlets */
	struct want *wants;
	struct piece *pieces;
	struct cargo *cargos;
	struct round *rounds;
	uint32_t *stops; /* cargo numbers, round after round */
	uint32_t want_count, piece_count, cargo_count, round_count;
};

/* plan_share -- set given of every want; says how scarce goods are shared. (plan_share.c) */
void plan_share(struct plan *plan);
/* plan_loads -- fill vehicles, outlet by outlet. (plan_loads.c) */
void plan_loads(struct plan *plan);
/* plan_rounds -- group cargos by carrier, order their stops, cut them into vehicles. (plan_rounds.c) */
void plan_rounds(struct plan *plan);
/* plan_say -- announce shipments and rounds and write them down. (plan_say.c) */
void plan_say(struct plan *plan);

#endif
