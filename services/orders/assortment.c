/* assortment.c -- what may not be sold where it was, and what is said of it. */
#include "assortment.h"

/* A line that may not be sold there, in the order of the lines. */
struct unlisted {
	struct unlisted *next;
	uint32_t line;
	struct assortment rule;
	enum corridor_mode mode;
	struct text assortment; /* belongs to the turn */
};

/* R84: Whether a line may be sold says its most specific assortment: found as its corridor is, with a channel, the kind of the outlet, in the
 * place of a territory, and of no currency. Where none is found it may. */
static bool is_unlisted(struct turn *turn, struct asked *asked, struct text sku, struct unlisted *found)
{
	struct product product;
	struct text code;

	asked->sku = sku;
#if defined(MUTANT_CHANNEL_FORGOTTEN)
	asked->channel = (struct text){0};
#endif
	if (!product_get(turn, sku, &product) || !specific_find(turn, asked, &product, RULES_ASSORTMENT, &found->rule, &code) ||
	    !found->rule.forbids)
		return false;
	found->assortment = turn_text(turn, "%.*s", TEXT_ARGS(code));
	found->mode = mode_for((enum corridor_mode)found->rule.mode, found->rule.resellers, asked->is_own);
	return true;
}

static bool sale_refused(struct turn *turn, const struct ticket *ticket, const struct unlisted *found)
{
	return ticket_refuse_as(turn, "not_in_assortment",
	                        (struct sale_refused){.outlet = ticket->outlet,
	                                              .receipt = ticket->receipt,
	                                              .message = turn_text(turn, "line %u: %.*s may not be sold here by assortment %.*s, which enforces",
	                                                                   found->line + 1, TEXT_ARGS(ticket->lines[found->line].sku),
	                                                                   TEXT_ARGS(found->assortment)),
	                                              .has_assortment = true,
	                                              .assortment = found->assortment,
	                                              .has_assortment_version = true,
	                                              .assortment_version = found->rule.version});
}

/* R85: What may not be sold is recorded and said; it stops a sale only where its assortment enforces, and does so as a corridor does: of
 * independent resellers only where the assortment is for them by its own word. */
bool assortment_judge(struct turn *turn, const struct ticket *ticket, struct priced *priced)
{
	struct asked asked;
	struct unlisted **end = &priced->unlisted;
	struct rule_memo memo; /* large: only its bits are cleared */

	if (priced->scopes.seen[RULES_ASSORTMENT] == 0)
		return true;
	asked = ticket_asked(ticket, priced);
	memo.asked = memo.found = 0;
	asked.memos[RULES_ASSORTMENT] = &memo;
	for (uint32_t i = 0; i < ticket->count; i++) {
		struct unlisted found = {.line = i};

		if (!is_unlisted(turn, &asked, ticket->lines[i].sku, &found))
			continue;
		if (found.mode == MODE_ENFORCE)
			return sale_refused(turn, ticket, &found);
		*end = turn_take(turn, sizeof(**end));
		**end = found;
		end = &(*end)->next;
	}
	return true;
}

void assortment_flag(struct turn *turn, const struct ticket *ticket, const struct priced *priced)
{
	for (const struct unlisted *found = priced->unlisted; found != NULL; found = found->next)
		emit_assortment_breach_detected(
		    turn, &(struct assortment_breach_detected){.outlet = ticket->outlet,
							       .terminal = turn_input(turn)->source,
							       .receipt = ticket->receipt,
							       .day = ticket->day,
							       .line = (int64_t)found->line + 1,
							       .sku = ticket->lines[found->line].sku,
							       .quantity = ticket->lines[found->line].quantity,
							       .assortment = found->assortment,
							       .assortment_version = found->rule.version,
							       .mode = corridor_mode_text(found->mode),
							       .has_severity = found->rule.severity != SEVERITY_NONE,
							       .severity = severity_text((enum severity)found->rule.severity),
							       .has_dealer = found->mode == MODE_ADVISE && priced->dealer.size > 0,
							       .dealer = priced->dealer});
}
