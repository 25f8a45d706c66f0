/* check_figures.c -- revenue, returns and tickets of every outlet and day. */
#include "truth.h"

static void take(void *context, struct bytes row)
{
	struct truth *found = context;
	int outlet = truth_row_text(row, "outlet").data[1] - '1', day = truth_row_text(row, "day").data[9] - '1';

	if (outlet < 0 || outlet >= OUTLETS || day < 0 || day >= DAYS) {
		truth_broken("there are figures of an outlet or a day that never was");
		return;
	}
	found->revenue[outlet][day] += truth_row_int(row, "revenue_minor");
	found->returns[outlet][day] += truth_row_int(row, "returns_minor");
	found->tickets[outlet][day] += truth_row_int(row, "tickets");
}

void check_figures(struct network *network)
{
	const struct truth *truth = truth_tickets();
	struct truth found = {0};

	truth_each_row(network, KPI, "sales", take, &found);
	for (int outlet = 0; outlet < OUTLETS; outlet++)
		for (int day = 0; day < DAYS; day++)
			if (found.tickets[outlet][day] != truth->tickets[outlet][day] ||
			    found.revenue[outlet][day] != truth->revenue[outlet][day] ||
			    found.returns[outlet][day] != truth->returns[outlet][day])
				truth_broken("S%d, day %d: %lld tickets, revenue %lld, returns %lld; sold were %lld, %lld, %lld", outlet + 1, day + 1,
				             (long long)found.tickets[outlet][day], (long long)found.revenue[outlet][day],
				             (long long)found.returns[outlet][day], (long long)truth->tickets[outlet][day],
				             (long long)truth->revenue[outlet][day], (long long)truth->returns[outlet][day]);
}
