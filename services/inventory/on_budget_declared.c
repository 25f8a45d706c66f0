/* on_budget_declared.c -- restocks of a period may cost so much. */
#include "base/when.h"
#include "events/partners.h"
#include "procure.h"

void on_budget_declared(struct turn *turn, const struct budget_declared *declared)
{
	struct text none = {0}, outlet = declared->has_outlet ? declared->outlet : none;
	struct text category = declared->has_category ? declared->category : none;
	struct budget budget;
	uint8_t key[KEY_SIZE];

	row_get(turn, TABLE_BUDGET, bytes_of_text(declared->budget), &budget, sizeof(budget));
	budget.amount = declared->amount;
	budget.version = (uint64_t)declared->version;
	CODE_PUT(budget.outlet, outlet);
	CODE_PUT(budget.category, category);
	CODE_PUT(budget.currency, declared->currency);
	if (!day_number(declared->from, &budget.from) || !day_number(declared->until, &budget.until))
		return;
	turn_put(turn, TABLE_BUDGET, bytes_of_text(declared->budget), bytes_of(&budget, sizeof(budget)));
	turn_put(turn, TABLE_BUDGET_AT, key_join(key, (const struct text[]){outlet, category, declared->budget}, 3), bytes_of(NULL, 0));
	procure_declared(turn);
}
