/* on_transfer_permit_declared.c -- who may sell into a territory of another (调货). */
#include "events/partners.h"
#include "territory.h"

void on_transfer_permit_declared(struct turn *turn, const struct transfer_permit_declared *declared)
{
	struct permit permit = {
	    .version = declared->version,
	    .from = INT64_MIN,
	    .until = INT64_MAX,
	    .is_active = !declared->has_status || text_equal(declared->status, TEXT_LITERAL("active"))};

	if ((!declared->has_from || day_number(declared->from, &permit.from)) &&
	    (!declared->has_until || day_number(declared->until, &permit.until)))
		permit_place(turn, declared->outlet, declared->territory, declared->permit, &permit);
}
