/* main.c -- the service kpi, described as one struct. */
#include "kpi.h"

static const struct query_handler queries[] = {
    {"sales", query_sales, "tickets, units, revenue and returns of every outlet and day"},
    {"kpi", query_kpi, "every measure of outlets, tiers, categories and the whole, by day and running"},
    {"targets", query_targets, "what has to be reached, what is, and at which pace"},
    {"terminals", query_terminals, "the tills, when each was last heard"},
};

static struct service kpi = {
    .name = "kpi",
    .routes = kpi_routes,
    .tables = kpi_tables,
    .table_count = TABLE_COUNT,
    .settings = kpi_settings,
    .setting_count = SETTING_COUNT,
    .queries = queries,
    .query_count = sizeof(queries) / sizeof(queries[0]),
    .audit = kpi_audit,
    .view_type = &kpi_updated_type,
    .view_table = TABLE_MEASURE,
    .view_render = view_render,
    .follows = kpi_follows,
    .nice = 10,
    .linger_ms = 4,
};

int main(int argc, char **argv)
{
	kpi.route_count = kpi_route_count;
	return service_main(argc, argv, &kpi);
}
