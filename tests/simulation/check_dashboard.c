/* check_dashboard.c -- the live view, heard by somebody who reads late: in the end it shows what the tickets add up to. */
#include "truth.h"

void check_dashboard(struct network *network)
{
	const struct truth *truth = truth_tickets();
	int64_t revenue = 0, tickets = 0;

	(void)network;
	for (int outlet = 0; outlet < OUTLETS; outlet++)
		for (int day = 0; day < DAYS; day++) {
			revenue += truth->revenue[outlet][day];
			tickets += truth->tickets[outlet][day];
		}
	const struct dashboard *dashboard = story_dashboard();
	if (dashboard->revenue != revenue || dashboard->tickets != tickets)
		truth_broken("the dashboard shows %lld tickets and revenue %lld, not %lld and %lld", (long long)dashboard->tickets,
		             (long long)dashboard->revenue, (long long)tickets, (long long)revenue);
}
