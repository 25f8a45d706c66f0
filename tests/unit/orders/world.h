/*
 * world.h -- a few tills and outlets that sell, take back, void, write off, order, repeat themselves and err,
 * and a model that keeps the same books in arrays.
 */
#ifndef TRIBUTARY_TEST_ORDERS_WORLD_H
#define TRIBUTARY_TEST_ORDERS_WORLD_H

#include "state.h"
#include "../stage/stage.h"

#define TILLS 4
#define SKUS 5
#define RECEIPTS 60
#define LINES 6

/* The last till is declared for the first outlet, and sells for the second: every word of it is refused. */
extern const char *const world_tills[TILLS];

/* The last but one is a service, the last is not declared. */
extern const char *const world_skus[SKUS];

enum kept { KEPT_NOTHING, KEPT_SALE, KEPT_RETURN, KEPT_VOID };

struct ticket_kept {
	enum kept kept;
	bool was_sale;
	int64_t total, units;
};

struct world {
	struct stage stage;
	uint64_t seed;
	struct ticket_kept tickets[TILLS][RECEIPTS];
	bool written_off[TILLS][RECEIPTS];
	int order_state[RECEIPTS]; /* 0 none, enum order_state */
	uint64_t sold, returned, voided, refused, writeoffs, placed, cancelled, rejected; /* by the model */
	struct {
		uint64_t sold, returned, voided, refused, writeoffs, placed, accepted, cancelled, rejected,
		    deviations;
	} said;
};

/* world_open -- a stage with the outlets, tills, products and one price declared.   units  turn_size: inputs
 * per turn. */
void world_open(struct world *world, const struct service *service, const char *dir, uint64_t seed,
                uint32_t turn_size);

/* world_run -- so many things happen.   world_listen -- what orders has said of it must be what the model
 * knows. */
void world_run(struct world *world, int steps);
void world_listen(struct world *world);

#endif
