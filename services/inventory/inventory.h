/*
 * inventory.h -- what the files of this service share: its tables, its settings, its entry points.
 *
 * Inventory keeps the balance of every SKU at every place as a ledger of movements and decides when, how
 * much and from where to restock. It does not decide who travels with whom (logistics) nor what a ticket is
 * worth (orders).
 */
#ifndef TRIBUTARY_INVENTORY_H
#define TRIBUTARY_INVENTORY_H

#include "inventory/events.h"

/*~ 2. State is rows in named tables, and nothing else. tables.def is the list; state.h has the layouts. */
enum inventory_table {
#define TABLE(number, name, kind, sentence) TABLE_##number,
#include "tables.def"
#undef TABLE
	TABLE_COUNT
};

enum inventory_setting {
#define SETTING(number, name, unit, min, max, value, sentence) SETTING_##number,
#include "settings.def"
#undef SETTING
	SETTING_COUNT
};

extern const struct table inventory_tables[TABLE_COUNT];
extern const struct setting inventory_settings[SETTING_COUNT];

void query_stock(struct query *query);
void query_restocks(struct query *query);
void query_policies(struct query *query);
void query_turnover(struct query *query);
void query_stuffing(struct query *query);
void query_ageing(struct query *query);
void query_abc(struct query *query);
void query_transfers(struct query *query);
void query_budgets(struct query *query);
void query_held(struct query *query);
void query_scorecards(struct query *query);
void inventory_audit(struct audit *audit);

#endif
