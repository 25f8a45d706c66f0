/*
 * logistics.h -- what the files of this service share: its tables, its settings, its limits, its entry
 * points.
 *
 * Logistics turns restocks into shipments: what travels together, with whom, when it will be there, in
 * which order the stops are driven, and how scarce goods are shared. It follows shipments from planned to
 * received and says what is late. It does not decide how much an outlet needs (inventory).
 */
#ifndef TRIBUTARY_LOGISTICS_H
#define TRIBUTARY_LOGISTICS_H

#include "logistics/events.h"

enum logistics_table {
#define TABLE(number, name, kind, sentence) TABLE_##number,
#include "tables.def"
#undef TABLE
	TABLE_COUNT
};

enum logistics_setting {
#define SETTING(number, name, unit, min, max, value, sentence) SETTING_##number,
#include "settings.def"
#undef SETTING
	SETTING_COUNT
};

extern const struct table logistics_tables[TABLE_COUNT];
extern const struct setting logistics_settings[SETTING_COUNT];

#define WAVE_RESTOCKS_MAX 500  /* a wave that holds so many closes at once */
#define WAVES_PER_INPUT_MAX 3  /* waves closed by one input; the others wait for the next */
#define PLAN_SHIPMENTS_MAX 500 /* shipments of one closing; what is left stays in the wave */
#define LATE_PER_TICK_MAX 500  /* delays said by one tick; the others by the next */

void query_shipments(struct query *query);
void query_routes(struct query *query);
void logistics_audit(struct audit *audit);

#endif
