/*
 * partners.h -- what the files of this service share: its tables, the kinds of records, its entry points.
 *
 * Partners keeps the rulebook: who belongs to the network, what is sold, at which prices, supplied how. It
 * takes what staff submits, checks it against what is known, and declares what has changed. Of all of
 * it, it applies the rebate schemes alone.
 */
#ifndef TRIBUTARY_PARTNERS_H
#define TRIBUTARY_PARTNERS_H

#include "partners/events.h"

enum partners_table {
#define TABLE(number, name, kind, sentence) TABLE_##number,
#include "tables.def"
#undef TABLE
	TABLE_COUNT
};

enum partners_setting {
#define SETTING(number, name, unit, min, max, value, sentence) SETTING_##number,
#include "settings.def"
#undef SETTING
	SETTING_COUNT
};

extern const struct table partners_tables[TABLE_COUNT];
extern const struct setting partners_settings[SETTING_COUNT];

void query_records(struct query *query);
void query_policies(struct query *query);
void query_network(struct query *query);
void query_rebates(struct query *query);
void query_commissions(struct query *query);
void query_commission_statements(struct query *query);
void query_funds(struct query *query);
void query_claims(struct query *query);
void query_conflicts(struct query *query);
void query_precedents(struct query *query);
void query_territories(struct query *query);
void query_service_tickets(struct query *query);
bool partners_is_idle(struct query *query);
void query_action_items(struct query *query);
void query_notices(struct query *query);
void query_receipts(struct query *query);
void query_agenda(struct query *query);
void query_certificates(struct query *query);
void query_enrolments(struct query *query);
void partners_audit(struct audit *audit);
void partners_audit_territories(struct audit *audit); /* parts of it; opened: cases, in the journal */
void partners_audit_funds(struct audit *audit);
void partners_audit_payments(struct audit *audit);
void partners_audit_conflicts(struct audit *audit, uint64_t opened);
void partners_audit_matters(struct audit *audit);
void partners_audit_training(struct audit *audit, uint64_t passed); /* passed: results, in the journal */

#endif
