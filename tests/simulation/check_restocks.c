/* check_restocks.c -- the journal of inventory, read in order: a second restock of a shelf begins only after the first has ended. */
#include "events/inventory.h"
#include "truth.h"

#define SHELVES 512

struct shelves {
	struct {
		char name[72];
		char restock[48];
	} open[SHELVES];
	unsigned count;
};

static void end(struct shelves *shelves, struct text restock)
{
	for (unsigned i = 0; i < shelves->count; i++)
		if (text_equal(text_of(shelves->open[i].restock), restock)) {
			shelves->open[i] = shelves->open[--shelves->count];
			return;
		}
	truth_broken("restock %.*s ended, but was not open", TEXT_ARGS(restock));
}

static void take(void *context, const struct envelope *envelope)
{
	struct shelves *shelves = context;
	struct restock_requested requested;
	struct restock_fulfilled fulfilled;
	struct restock_cancelled cancelled;
	char name[72];

	if (truth_unpack(&restock_fulfilled_type, envelope, &fulfilled))
		end(shelves, fulfilled.restock);
	if (truth_unpack(&restock_cancelled_type, envelope, &cancelled))
		end(shelves, cancelled.restock);
	if (!truth_unpack(&restock_requested_type, envelope, &requested))
		return;
	snprintf(name, sizeof(name), "%.*s %.*s", TEXT_ARGS(requested.place), TEXT_ARGS(requested.sku));
	for (unsigned i = 0; i < shelves->count; i++)
		if (strcmp(shelves->open[i].name, name) == 0)
			truth_broken("%s has two open restocks: %s and %.*s", name, shelves->open[i].restock, TEXT_ARGS(requested.restock));
	if (shelves->count == SHELVES) {
		truth_broken("more open restocks than shelves");
		return;
	}
	snprintf(shelves->open[shelves->count].name, sizeof(name), "%s", name);
	snprintf(shelves->open[shelves->count++].restock, sizeof(shelves->open[0].restock), "%.*s", TEXT_ARGS(requested.restock));
}

void check_restocks(struct network *network)
{
	static struct shelves shelves;

	shelves.count = 0;
	truth_each_event(network, INVENTORY, take, &shelves);
}
