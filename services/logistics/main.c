/* main.c -- the service logistics, described as one struct. */
#include "logistics.h"

static const struct query_handler queries[] = {
    {"shipments", query_shipments, "shipments with their state, promise and cost", .outlet = "outlet", .warehouse = "warehouse"},
    {"routes", query_routes, "rounds of vehicles with their stops", .warehouse = "warehouse"},
};

static struct service logistics = {
    .name = "logistics",
    .routes = logistics_routes,
    .tables = logistics_tables,
    .table_count = TABLE_COUNT,
    .settings = logistics_settings,
    .setting_count = SETTING_COUNT,
    .queries = queries,
    .query_count = sizeof(queries) / sizeof(queries[0]),
    .audit = logistics_audit,
    .follows = logistics_follows,
    .nice = 6,
    .rest_ms = 12,
};

int main(int argc, char **argv)
{
	logistics.route_count = logistics_route_count;
	return service_main(argc, argv, &logistics);
}
