/* main.c -- the service partners, described as one struct. */
#include "partners.h"

static const struct query_handler queries[] = {
    {"records", query_records, "the rulebook: records of a kind, or one by its key", .outlet = "outlet", .warehouse = "warehouse"},
    {"policies", query_policies, "records as they were: of a version, known at a moment, in force on a day, or all versions of one",
     .outlet = "outlet", .warehouse = "warehouse"},
    {"network", query_network, "who supplies whom in which tier, as of a day, as known at a moment", .outlet = "outlet"},
    {"rebates", query_rebates, "rebates by outlet, scheme and period: counted, accrued, adjusted, settled, owed", .outlet = "outlet"},
    {"commissions", query_commissions, "what commissions fell to whom for which role, by month", .outlet = "outlet"},
    {"funds", query_funds, "marketing funds: budget, approved, settled, left", .outlet = "outlet"},
    {"claims", query_claims, "claims on funds, and how far each is", .outlet = "outlet"},
    {"conflicts", query_conflicts, "cases of the conflict desk, or the time line of one", .outlet = "outlet"},
    {"precedents", query_precedents, "what was decided in other cases of the same kind and rule", .outlet = "outlet"},
    {"service_tickets", query_service_tickets, "after-sales tickets, or the time line of one", .outlet = "outlet"},
    {"action_items", query_action_items, "who is to do what by when, or the time line of one", .outlet = "outlet"},
    {"notices", query_notices, "what outlets were told, and how many have read it", .outlet = "outlet"},
    {"receipts", query_receipts, "which outlet has read which version of a notice and of its rule, or owes it", .outlet = "outlet"},
    {"agenda", query_agenda, "what a meeting should talk about: open cases, what is overdue, targets at risk", .outlet = "outlet"},
    {"certificates", query_certificates, "who holds which certificate, where and when it counts", .outlet = "outlet"},
    {"enrolments", query_enrolments, "who is to take which course by which day, and by which result it is done", .outlet = "outlet"},
    {"territories", query_territories, "which areas were granted to whom", .outlet = "outlet"},
    {"commission_statements", query_commission_statements, "commissions by outlet and month: accrued, adjusted, settled, owed", .outlet = "outlet"},
};

static const char *const idle_types[] = {"sale.recorded", "sale.returned", "sale.voided", "return.matched", NULL};

static struct service partners = {
    .name = "partners",
    .routes = partners_routes,
    .tables = partners_tables,
    .table_count = TABLE_COUNT,
    .settings = partners_settings,
    .setting_count = SETTING_COUNT,
    .queries = queries,
    .query_count = sizeof(queries) / sizeof(queries[0]),
    .audit = partners_audit,
    .follows = partners_follows,
    .nice = 15,
    .linger_ms = 8,
    .rest_ms = 12,
    .is_idle = partners_is_idle,
    .idle_types = idle_types,
};

int main(int argc, char **argv)
{
	partners.route_count = partners_route_count;
	return service_main(argc, argv, &partners);
}
