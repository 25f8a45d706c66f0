/*
 * world.h -- seeded weeks of a small network as kpi hears them: four feeds, each in its own order, that can
 * be told in any mixture.
 */
#ifndef TRIBUTARY_TEST_KPI_WORLD_H
#define TRIBUTARY_TEST_KPI_WORLD_H

#include "../stage/stage.h"

enum feed { FEED_STAFF, FEED_TILLS, FEED_STOCK, FEED_TRUCKS, FEEDS };

#define WORLD_LINES 4

struct heard_line {
	int sku;
	int64_t quantity, amount, on_hand;
};

struct heard_event {
	enum feed feed;
	const struct event_type *type;
	int64_t time_us;
	int what; /* outlet, SKU or target, by the type */
	int64_t day;
	int variant; /* whatever the type makes of it */
	uint32_t line_count;
	struct heard_line lines[WORLD_LINES];
};

struct world {
	uint64_t seed;
	struct heard_event *events;
	uint32_t count, room;
	int64_t on_hand[8][16]; /* outlet, SKU */
};

/* world_make -- the history of `days` days.   world_tell -- tell it: mix 0 in order of time, else the feeds
 * mixed by that seed. */
void world_make(struct world *world, uint64_t seed, int days);
void world_free(struct world *world);
void world_tell(const struct world *world, struct stage *stage, uint64_t mix);

#endif
