/*
 * figures.h -- the measures of one row as people want them: sums, and the rates made of them on looking.
 */
#ifndef TRIBUTARY_KPI_FIGURES_H
#define TRIBUTARY_KPI_FIGURES_H

#include "state.h"

#define FIGURE_NONE (-1) /* of a rate that has nothing to be made of */

struct figures {
	char scope;
	struct text code, currency; /* borrowed from the key */
	char day[DAY_TEXT_SIZE];    /* empty: running */
	struct measures measures;
	struct money average_ticket;
	bool has_stock; /* running rows of what holds goods */
	struct money stock_value;
	struct quantity stock_units;
	int64_t turnover_bp, cover_milli_days;
	int64_t service_level_bp, lead_us, on_time_bp;
	int64_t watermark_us, terminals_heard, terminals_expected, completeness_bp;
};

/* figures_of -- of a row of the table measure; false: there is none, or it is not for showing. */
bool figures_of(struct query *query, struct bytes key, struct figures *figures);

/* figures_measures -- the sums of a row alone, running (day 0) or of a day; false: no such row. */
bool figures_measures(struct query *query, const struct measure_parts *parts, struct measures *measures);

/* scope_text -- "outlet", "tier", "category", "brand", "total".   scope_of -- the reverse; 0 for any other text. */
struct text scope_text(char scope);
char scope_of(struct text word);

/* look_setting -- the value of a setting, for a query. */
int64_t look_setting(struct query *query, enum kpi_setting setting);

#endif
