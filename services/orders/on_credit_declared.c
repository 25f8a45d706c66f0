/* on_credit_declared.c -- how much an outlet may owe (信用额度). */
#include "credit.h"
#include "events/partners.h"

void on_credit_declared(struct turn *turn, const struct credit_declared *declared)
{
	struct credit credit = credit_get(turn, declared->outlet);

	credit.limit = declared->limit.minor;
	credit.version = declared->version;
	credit_put(turn, declared->outlet, &credit);
	credit_release(turn, declared->outlet);
}
