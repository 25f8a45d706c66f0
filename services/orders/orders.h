/*
 * orders.h -- what the files of this service share: its tables and its entry points.
 *
 * Orders decides whether what a till says is valid, whose it is and what it is worth, and records or refuses
 * it, once. It does not move stock (inventory) and does not sum (kpi).
 */
#ifndef TRIBUTARY_ORDERS_H
#define TRIBUTARY_ORDERS_H

#include "orders/events.h"

enum orders_table {
#define TABLE(number, name, kind, sentence) TABLE_##number,
#include "tables.def"
#undef TABLE
	TABLE_COUNT
};

enum orders_setting {
#define SETTING(number, name, unit, min, max, value, sentence) SETTING_##number,
#include "settings.def"
#undef SETTING
	SETTING_COUNT
};

extern const struct table orders_tables[TABLE_COUNT];
extern const struct setting orders_settings[SETTING_COUNT];

void query_tickets(struct query *query);
void query_orders(struct query *query);
void query_credit(struct query *query);
void query_outlets(struct query *query);
void orders_audit(struct audit *audit);
void orders_audit_channel(struct audit *audit); /* parts of it */
void orders_audit_credit(struct audit *audit);

#endif
