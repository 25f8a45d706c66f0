/* right.c -- what was sold by an outlet where nobody is trained for it, and what is said of it. */
#include "right.h"

#include "holder.h"

/* A line that nobody there was trained for, in the order of the lines. */
struct untrained {
	struct untrained *next;
	uint32_t line;
	struct right rule;
	enum corridor_mode mode;
	struct text right; /* belongs to the turn */
};

/* R129: What asks for a certificate is the most specific right to sell of a line, found as its assortment is; where none is found, nothing does. */
static bool is_untrained(struct turn *turn, struct asked *asked, struct text sku, struct untrained *found)
{
	struct product product;
	struct text code;

	asked->sku = sku;
	if (!product_get(turn, sku, &product) || !specific_find(turn, asked, &product, RULES_RIGHT, &found->rule, &code))
		return false;
	found->right = turn_text(turn, "%.*s", TEXT_ARGS(code)); /* lent until the next look */
	/* R130: An outlet has the right to sell a line while somebody who works there holds a certificate of the course, whoever stands at the till. */
	if (holder_found(turn, asked->outlet, CODE_TEXT(found->rule.course), asked->day))
		return false;
	found->mode = mode_for((enum corridor_mode)found->rule.mode, found->rule.resellers, asked->is_own);
	return true;
}

static bool sale_refused(struct turn *turn, const struct ticket *ticket, const struct untrained *found)
{
	struct text message = turn_text(turn, "line %u: nobody here holds a certificate of %.*s, which right to sell %.*s asks for", found->line + 1,
					TEXT_ARGS(CODE_TEXT(found->rule.course)), TEXT_ARGS(found->right));

	return ticket_refuse_as(turn, "not_certified",
				(struct sale_refused){.outlet = ticket->outlet,
						      .receipt = ticket->receipt,
						      .message = message,
						      .has_right_to_sell = true,
						      .right_to_sell = found->right,
						      .has_right_to_sell_version = true,
						      .right_to_sell_version = found->rule.version});
}

/* R131: What is sold without a certificate is recorded and said; it stops a sale only where its right to sell enforces, and does so as a corridor does: of
 * independent resellers only where the right is for them by its own word. */
bool right_judge(struct turn *turn, const struct ticket *ticket, struct priced *priced)
{
	struct asked asked;
	struct untrained **end = &priced->untrained;
	struct rule_memo memo; /* large: only its bits are cleared */

	if (priced->scopes.seen[RULES_RIGHT] == 0)
		return true;
	asked = ticket_asked(ticket, priced);
	memo.asked = memo.found = 0;
	asked.memos[RULES_RIGHT] = &memo;
	for (uint32_t i = 0; i < ticket->count; i++) {
		struct untrained found = {.line = i};

		if (!is_untrained(turn, &asked, ticket->lines[i].sku, &found))
			continue;
		if (found.mode == MODE_ENFORCE)
			return sale_refused(turn, ticket, &found);
		*end = turn_take(turn, sizeof(**end));
		**end = found;
		end = &(*end)->next;
	}
	return true;
}

void right_flag(struct turn *turn, const struct ticket *ticket, const struct priced *priced)
{
	for (const struct untrained *found = priced->untrained; found != NULL; found = found->next)
		emit_right_to_sell_breach_detected(
		    turn, &(struct right_to_sell_breach_detected){.outlet = ticket->outlet,
								  .terminal = turn_input(turn)->source,
								  .receipt = ticket->receipt,
								  .day = ticket->day,
								  .line = (int64_t)found->line + 1,
								  .sku = ticket->lines[found->line].sku,
								  .quantity = ticket->lines[found->line].quantity,
								  .course = CODE_TEXT(found->rule.course),
								  .right_to_sell = found->right,
								  .right_to_sell_version = found->rule.version,
								  .mode = corridor_mode_text(found->mode),
								  .has_dealer = found->mode == MODE_ADVISE && priced->dealer.size > 0,
								  .dealer = priced->dealer});
}
