/* view.c -- kpi.updated: a row of measures as an event, for those who watch. */
#include "figures.h"

bool view_render(struct query *query, struct bytes key, void *event, struct arena *arena)
{
	struct kpi_updated *updated = event;
	struct figures f;

	if (!figures_of(query, key, &f))
		return false;
	char *day = arena_take(arena, sizeof(f.day));
	CHECK(day != NULL);
	memcpy(day, f.day, sizeof(f.day));
	*updated = (struct kpi_updated){
	    .scope = scope_text(f.scope),
	    .key = f.code,
	    .day = text_of(day),
	    .currency = f.currency,
	    .revenue = {shown(f.measures.revenue.minor)},
	    .returns = {shown(f.measures.returns.minor)},
	    .units = {shown(f.measures.units.milli)},
	    .returned_units = {shown(f.measures.returned_units.milli)},
	    .tickets = f.measures.tickets,
	    .return_tickets = f.measures.return_tickets,
	    .average_ticket = f.average_ticket,
	    .has_stock_value = f.has_stock,
	    .stock_value = f.stock_value,
	    .has_stock_units = f.has_stock,
	    .stock_units = f.stock_units,
	    .has_turnover_bp = f.turnover_bp != FIGURE_NONE,
	    .turnover_bp = f.turnover_bp,
	    .has_days_of_cover = f.cover_milli_days != FIGURE_NONE,
	    .days_of_cover = f.cover_milli_days,
	    .has_stock_outs = f.scope != SCOPE_CATEGORY && f.scope != SCOPE_BRAND,
	    .stock_outs = f.measures.stock_outs,
	    .has_service_level_bp = f.service_level_bp != FIGURE_NONE,
	    .service_level_bp = f.service_level_bp,
	    .has_restocks = f.scope != SCOPE_CATEGORY && f.scope != SCOPE_BRAND,
	    .restocks = f.measures.restocks,
	    .has_lead_time = f.lead_us != FIGURE_NONE,
	    .lead_time = f.lead_us,
	    .has_on_time_bp = f.on_time_bp != FIGURE_NONE,
	    .on_time_bp = f.on_time_bp,
	    .watermark = f.watermark_us,
	    .terminals_heard = f.terminals_heard,
	    .terminals_expected = f.terminals_expected,
	    .completeness_bp = f.completeness_bp,
	};
	return true;
}
