/* ticket_prices.c -- which prices of a ticket lie outside their corridors, and what is said of them. */
#include "rules.h"
#include "ticket.h"

static bool line_outside(struct turn *turn, struct asked *asked, const struct ticket *ticket,
                         const struct priced *priced, struct outside *outside)
{
	const struct ticket_sold_line *line = &ticket->lines[outside->line];

	if (!line_unit_price(line, priced->exponent, priced->lines[outside->line].amount, &outside->price))
		return false;
	asked->sku = line->sku;
	asked->price = outside->price;
	return corridor_judge(turn, asked, &priced->products[outside->line], &outside->verdict);
}

static bool price_refused(struct turn *turn, const struct ticket *ticket, const struct outside *outside)
{
	const struct verdict *verdict = &outside->verdict;

	return ticket_refuse_as(turn, "price_out_of_corridor",
	                        (struct sale_refused){.outlet = ticket->outlet,
	                                              .receipt = ticket->receipt,
	                                              .message = turn_text(turn, "line %u: the price of %.*s is outside corridor %.*s, which enforces",
	                                                                   outside->line + 1, TEXT_ARGS(ticket->lines[outside->line].sku),
	                                                                   TEXT_ARGS(verdict->corridor)),
	                                              .has_corridor = true,
	                                              .corridor = verdict->corridor,
	                                              .has_corridor_version = true,
	                                              .corridor_version = verdict->rule_version});
}

struct asked ticket_asked(const struct ticket *ticket, const struct priced *priced)
{
	return (struct asked){.outlet = ticket->outlet,
	                      .channel = channel_text(priced->channel),
	                      .currency = ticket->currency,
	                      .tier = priced->tier,
	                      .day = priced->day,
	                      .is_own = priced->is_own,
	                      .where = priced->where,
	                      .scopes = priced->scopes};
}

/* A line that was sold below the list price while a promotion counts for it. */
static void promoted_note(struct turn *turn, const struct ticket *ticket, const struct outside *judged, struct promoted_line ***end)
{
	const struct ticket_sold_line *line = &ticket->lines[judged->line];
	const struct offer *offer = &judged->verdict.offer;

	if (offer->promotion.size == 0 || judged->price.e4 >= offer->list_e4)
		return;
	**end = turn_take(turn, sizeof(***end));
	***end = (struct promoted_line){
	    .sku = line->sku, .quantity = line->quantity, .price = judged->price, .offer = *offer, .line = judged->line + 1};
	*end = &(**end)->next;
}

bool ticket_judge(struct turn *turn, const struct ticket *ticket, struct priced *priced)
{
	struct asked asked;
	struct outside **end = &priced->outside;
	struct promoted_line **promoted = &priced->promoted;
	struct rule_memo memo; /* large: only its bits are cleared */

	priced->scopes = scopes_seen(turn);
	if (!priced->any_prices && (!priced->any_lists || (priced->scopes.seen[RULES_CORRIDOR] | priced->scopes.seen[RULES_PROMOTION]) == 0))
		return true;
	asked = ticket_asked(ticket, priced);
	memo.asked = memo.found = 0;
	asked.memos[RULES_CORRIDOR] = &memo;
	for (uint32_t i = 0; i < ticket->count; i++) {
		struct outside outside = {.line = i};
		bool is_outside = line_outside(turn, &asked, ticket, priced, &outside);

		promoted_note(turn, ticket, &outside, &promoted);
		if (!is_outside)
			continue;
		if (outside.verdict.mode == MODE_ENFORCE)
			return price_refused(turn, ticket, &outside);
		*end = turn_take(turn, sizeof(**end));
		**end = outside;
		end = &(*end)->next;
	}
	return true;
}

void ticket_promote(struct turn *turn, const struct ticket *ticket, const struct priced *priced)
{
	const struct promoted_ticket promoted = {.outlet = ticket->outlet,
	                                         .terminal = turn_input(turn)->source,
	                                         .receipt = ticket->receipt,
	                                         .day = ticket->day,
	                                         .currency = ticket->currency,
	                                         .exponent = priced->exponent};

	promotion_apply(turn, &promoted, priced->promoted);
}

/* R9: A price outside its corridor is recorded and said; it stops a sale only where a corridor enforces. */
void ticket_flag(struct turn *turn, const struct ticket *ticket, const struct priced *priced)
{
	for (const struct outside *outside = priced->outside; outside != NULL; outside = outside->next) {
		const struct verdict *verdict = &outside->verdict;
		bool is_ruled = verdict->rule_version > 0;
		struct price_deviation_detected detected = {
		    .outlet = ticket->outlet,
		    .terminal = turn_input(turn)->source,
		    .receipt = ticket->receipt,
		    .currency = ticket->currency,
		    .sku = ticket->lines[outside->line].sku,
		    .unit_price = outside->price,
		    .has_floor = verdict->bounds.has_floor,
		    .floor = {verdict->bounds.floor_e4},
		    .has_ceiling = verdict->bounds.has_ceiling,
		    .ceiling = {verdict->bounds.ceiling_e4},
		    .deviation_bp = verdict->deviation_bp,
		    .price_version = verdict->bounds.version,
		    .has_mode = is_ruled,
		    .mode = corridor_mode_text(verdict->mode),
		    .has_severity = verdict->severity != SEVERITY_NONE,
		    .severity = severity_text(verdict->severity),
		    .has_corridor = is_ruled,
		    .corridor = verdict->corridor,
		    .has_corridor_version = is_ruled,
		    .corridor_version = verdict->rule_version,
		    .has_recommended = verdict->bounds.has_recommended,
		    .recommended = {verdict->bounds.recommended_e4},
		    .has_dealer = verdict->mode == MODE_ADVISE && priced->dealer.size > 0,
		    .dealer = priced->dealer,
		    .has_promotion = verdict->offer.promotion.size > 0,
		    .promotion = verdict->offer.promotion,
		    .has_promotion_version = verdict->offer.promotion.size > 0,
		    .promotion_version = verdict->offer.rule.version};
		emit_price_deviation_detected(turn, &detected);
	}
}
