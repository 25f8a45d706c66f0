/* main.c -- the service inventory, described as one struct. */

/*~ 1. Start here. A service is this description; the kernel does the rest: sockets, time, transactions,
 *~    duplicates, replay. What a merchant could argue about stands in the other files of this folder.
 *~    Follow the numbers: grep -rn '/\*~' services/inventory */
#include "inventory.h"

static const struct query_handler queries[] = {
    {"stock", query_stock, "balance and position of every SKU at every place", .outlet = "outlet", .warehouse = "outlet"},
    {"restocks", query_restocks, "restocks, open and closed, with what caused them", .outlet = "outlet", .warehouse = "from"},
    {"policies", query_policies,
     "reorder point and order-up-to level in use, with the demand they come from",
     .outlet = "outlet", .warehouse = "outlet"},
    {"scorecards", query_scorecards, "on time in full, defects, lead times and landed cost of every supplier and lane",
     .outlet = NULL},
    {"budgets", query_budgets, "budgets for restocks: what they allow, what is spent and left", .outlet = "outlet"},
    {"turnover", query_turnover, "what went through each shelf in its window: received, sold, turnover, days of cover",
     .outlet = "outlet", .warehouse = "outlet"},
    {"stuffing", query_stuffing, "shelves that received more than they can sell", .outlet = "outlet"},
    {"ageing", query_ageing, "how old what lies on each shelf is", .outlet = "outlet", .warehouse = "outlet"},
    {"abc", query_abc, "what each outlet sells most of, at cost, and how steadily", .outlet = "outlet", .warehouse = "outlet"},
    {"transfers", query_transfers, "transfers between outlets: proposed, booked, expired", .outlet = "to", .warehouse = "from"},
    {"held", query_held, "restocks that are due and wait for their budget or their review day", .outlet = "outlet"},
};

static struct service inventory = {
    .name = "inventory",
    .routes = inventory_routes,
    .tables = inventory_tables,
    .table_count = TABLE_COUNT,
    .settings = inventory_settings,
    .setting_count = SETTING_COUNT,
    .queries = queries,
    .query_count = sizeof(queries) / sizeof(queries[0]),
    .audit = inventory_audit,
    .follows = inventory_follows,
    .nice = 5,
    .rest_ms = 8,
};

int main(int argc, char **argv)
{
	inventory.route_count = inventory_route_count;
	return service_main(argc, argv, &inventory);
}
