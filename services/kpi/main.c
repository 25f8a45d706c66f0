/* main.c -- the service kpi, described as one struct. */
#include "kpi.h"

static const struct query_handler queries[] = {
    {"sales", query_sales, "tickets, units, revenue and returns of every outlet and day", .outlet = "outlet"},
    {"kpi", query_kpi, "every measure of outlets, tiers, categories and the whole, by day and running",
     .outlet = "key", .when = "scope", .is = "outlet"},
    {"hours", query_hours, "how a day went, hour by hour", .outlet = "key", .when = "scope", .is = "outlet"},
    {"targets", query_targets, "what has to be reached, what is, and at which pace", .outlet = "outlet"},
    {"target_versions", query_target_versions, "the versions of each target, as they were said", .outlet = "outlet"},
    {"league", query_league, "outlets that run for the same, ranked by what they have attained", .outlet = "outlet"},
    {"appraisals", query_appraisals, "how outlets are appraised, metric by metric, while it runs and for good", .outlet = "outlet"},
    {"promotions", query_promotions, "what promotions have given, who paid, and what they brought", .outlet = "outlet"},
    {"terminals", query_terminals, "the tills, when each was last heard", .outlet = "outlet"},
    {"training", query_training, "what days of outlets brought where somebody was trained in a course, and where nobody was",
     .outlet = NULL},
    {"devices", query_devices, "what the devices of outlets run, when each was heard last, since when it is silent", .outlet = "outlet"},
    {"gmroi", query_gmroi, "what the stock of each outlet earned in its last window", .outlet = "outlet"},
    {"silent", query_silent, "open outlets that have not sold anything for some business days", .outlet = "outlet"},
    {"processes", query_processes, "how long things stay in each state of their flow, what comes next, how many wait there",
     .outlet = "outlet"},
    {"waiting", query_waiting, "what waits in a state of its flow, the longest first", .outlet = "outlet"},
};

static const struct meter meters[] = {
    {"tills_expected", "tills", "Tills in use, of outlets that are open", METER_GAUGE, 0, meter_tills_expected},
    {"tills_heard", "tills", "Those of them that were heard within the window of the setting window_hours", METER_GAUGE, 0,
     meter_tills_heard},
    {"watermark_seconds", "seconds", "Unix time of the latest event that the figures know of", METER_GAUGE, 6,
     meter_watermark},
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
    .meters = meters,
    .meter_count = sizeof(meters) / sizeof(meters[0]),
    .audit = kpi_audit,
    .view_type = &kpi_updated_type,
    .view_table = TABLE_MEASURE,
    .view_render = view_render,
    .follows = kpi_follows,
    .nice = 12,
    .linger_ms = 20, /* nobody waits for its figures by the millisecond, and its commits keep those of orders and inventory waiting */
    .rest_ms = 12,
};

int main(int argc, char **argv)
{
	kpi.route_count = kpi_route_count;
	return service_main(argc, argv, &kpi);
}
