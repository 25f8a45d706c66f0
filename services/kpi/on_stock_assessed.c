/* on_stock_assessed.c -- inventory has closed a window of an outlet: what its goods cost. */
#include "assessed.h"
#include "base/when.h"
#include "events/inventory.h"

void on_stock_assessed(struct turn *turn, const struct stock_assessed *said)
{
	struct assessed assessed = {.sold_cost = said->sold_cost, .mean_stock_cost = said->mean_stock_cost};
	uint8_t key[KEY_SIZE];

	if (day_number(said->from, &assessed.from) && day_number(said->until, &assessed.until))
		turn_put(turn, TABLE_ASSESSED, key_join(key, (const struct text[]){said->outlet, said->currency}, 2),
			 bytes_of(&assessed, sizeof(assessed)));
}
