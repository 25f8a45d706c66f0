/* main.c -- the service orders, described as one struct. */
#include "orders.h"

static const struct query_handler queries[] = {
    {"tickets", query_tickets, "tickets that were recorded, by terminal", .outlet = "outlet"},
    {"orders", query_orders, "orders of outlets", .outlet = "outlet"},
    {"credit", query_credit, "what outlets owe, have paid and may owe", .outlet = "outlet"},
    {"outlets", query_outlets, "outlets as orders knows them", .outlet = "outlet"},
};

static struct service orders = {
    .name = "orders",
    .routes = orders_routes,
    .tables = orders_tables,
    .table_count = TABLE_COUNT,
    .settings = orders_settings,
    .setting_count = SETTING_COUNT,
    .queries = queries,
    .query_count = sizeof(queries) / sizeof(queries[0]),
    .audit = orders_audit,
    .follows = orders_follows,
};

int main(int argc, char **argv)
{
	orders.route_count = orders_route_count;
	return service_main(argc, argv, &orders);
}
