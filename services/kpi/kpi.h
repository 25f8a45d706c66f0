/*
 * kpi.h -- what the files of this service share: its tables, its settings, its entry points.
 *
 * Kpi adds up what the other services say: sales, stock, restocks and deliveries, per outlet, tier, category
 * and in total, by day and running, and how far the targets are. It decides nothing about goods or money.
 */
#ifndef TRIBUTARY_KPI_H
#define TRIBUTARY_KPI_H

#include "kpi/events.h"

enum kpi_table {
#define TABLE(number, name, kind, sentence) TABLE_##number,
#include "tables.def"
#undef TABLE
	TABLE_COUNT
};

enum kpi_setting {
#define SETTING(number, name, unit, min, max, value, sentence) SETTING_##number,
#include "settings.def"
#undef SETTING
	SETTING_COUNT
};

extern const struct table kpi_tables[TABLE_COUNT];
extern const struct setting kpi_settings[SETTING_COUNT];

void query_sales(struct query *query);
void query_kpi(struct query *query);
void query_targets(struct query *query);
void query_target_versions(struct query *query);
void query_promotions(struct query *query);
void query_terminals(struct query *query);
void query_league(struct query *query);
void query_silent(struct query *query);
void query_hours(struct query *query);
void query_training(struct query *query);
void query_devices(struct query *query);
void query_gmroi(struct query *query);
void query_appraisals(struct query *query);
void query_processes(struct query *query);
void query_waiting(struct query *query);
bool view_render(struct query *query, struct bytes key, void *event, struct arena *arena);
int64_t meter_tills_expected(struct query *query);
int64_t meter_tills_heard(struct query *query);
int64_t meter_watermark(struct query *query);
void kpi_audit(struct audit *audit);
void kpi_audit_processes(struct audit *audit); /* parts of it */
void kpi_audit_training(struct audit *audit);
void kpi_audit_metrics(struct audit *audit);

#endif
