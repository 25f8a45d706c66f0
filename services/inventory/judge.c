/* judge.c -- the master data has changed: shelf by shelf it is looked whether something is due now. */
#include "judge.h"

#include "restock.h"

/* struct judging -- how far the round has come. Its generations: of the last round that is over, and of the one that is under way. */
struct judging {
	uint32_t done, under_way; /* under_way 0: none */
	uint64_t size;
	uint8_t key[KEY_SIZE]; /* where it goes on; size 0: at the first shelf */
};

_Static_assert(sizeof(struct judging) == 16 + KEY_SIZE, "no padding");

static const char judging_name[] = "judging";

/* The way to the place of the shelf before is found already, where this one is of the same place. */
static void same_way(struct way *way, struct text *place, char room[CODE_SIZE], struct text now)
{
	if (text_equal(*place, now))
		return;
	memcpy(room, now.data, now.size);
	*place = (struct text){room, now.size};
	way->is_known = false;
}

/* So many shelves from where the round stands; false: it has come to the end. */
static bool go_on(struct turn *turn, struct judging *judging, uint32_t generation)
{
	struct tuning tuning = tuning_of(turn);
	struct text place = {"", 0};
	struct way way = {0};
	char room[CODE_SIZE];
	struct shelf shelf;
	struct bytes found;
	unsigned due = 0;

	for (unsigned seen = 0; seen < JUDGED_PER_TICK && due < DUE_PER_TICK; seen++) {
		struct bytes row = turn_seek(turn, TABLE_SHELF, bytes_of(judging->key, judging->size), &found);

		if (found.data == NULL)
			return false;
		(void)shelf_read(row, &shelf);
		CHECK(found.size < KEY_SIZE);
		memcpy(judging->key, found.data, found.size);
		judging->key[found.size] = 0;
		judging->size = found.size + 1;
		if (shelf.supply.generation == generation) /* it has moved since */
			continue;
		struct bytes key = bytes_of(judging->key, found.size);
		struct text sku = key_part(key, 1);

		same_way(&way, &place, room, key_part(key, 0));
		supply_renew(turn, place, sku, &shelf, generation, &tuning, &way);
		if (!restock_wanted(&shelf))
			continue;
#if !defined(MUTANT_STILL_SHELVES_WAIT)
		(void)restock_consider(turn, place, sku);
#endif
		due++;
	}
	return true;
}

/* R114: What has changed in the master data is held against shelves that do not move as well, as business time moves on, so many a tick in
   turn; what is due now is asked for. */
void shelves_tick(struct turn *turn)
{
	struct bytes name = bytes_of(judging_name, sizeof(judging_name) - 1);
	uint32_t generation = generation_get(turn);
	struct judging judging;

	row_get(turn, TABLE_BOOK, name, &judging, sizeof(judging));
	if (judging.done == generation)
		return;
	if (judging.under_way == 0)
		judging.under_way = generation;
	CHECK(judging.size <= KEY_SIZE);
	if (!go_on(turn, &judging, generation))
		judging = (struct judging){.done = judging.under_way};
	turn_put(turn, TABLE_BOOK, name, bytes_of(&judging, sizeof(judging)));
}
