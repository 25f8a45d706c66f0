/* corridor.c -- the most specific price, the most specific corridor, and what both say of a price. */
#include "corridor.h"

/* A rule and the code of its corridor. */
struct found_rule {
	struct rule rule;
	char code[CODE_SIZE];
};

static const char *const modes[] = {"observe", "advise", "enforce"};
static const char *const severities[] = {"none", "notice", "freeze", "terminate"};

static unsigned word_of(const char *const *words, unsigned count, struct text word)
{
	for (unsigned i = 0; i < count; i++)
		if (text_equal(word, text_of(words[i])))
			return i;
	return 0;
}

enum corridor_mode corridor_mode_of(struct text word)
{
	return (enum corridor_mode)word_of(modes, 3, word);
}

enum severity severity_of(struct text word)
{
	return (enum severity)word_of(severities, 4, word);
}

struct text corridor_mode_text(enum corridor_mode mode)
{
	return text_of(modes[mode]);
}

struct text severity_text(enum severity severity)
{
	return text_of(severities[severity]);
}

/* R19: Of the prices of one scope, one with a first day that holds the business day counts before the standing
 * one, and among those the one that begins latest. */
static bool price_of_scope(struct turn *turn, const struct asked *asked, const struct product *product,
                           const struct price_place *place, struct corridor *corridor)
{
	if (product->has_windows && corridor_window(turn, place, asked->day, corridor))
		return true;
	return corridor_get(turn, place, corridor) && (!corridor->has_until || asked->day <= corridor->until);
}

/* R15: The corridor of a line is that of its SKU's most specific price in the ticket's currency: of the
 * outlet, else of its tier, else of all. */
static bool price_for(struct turn *turn, const struct asked *asked, const struct product *product,
                      struct corridor *corridor)
{
	struct price_place place = {.sku = asked->sku, .outlet = asked->outlet, .currency = asked->currency};

	if (asked->outlet.size > 0 && (product->has_list & LIST_OF_OUTLET) != 0 && price_of_scope(turn, asked, product, &place, corridor))
		return true;
	place.outlet = (struct text){0};
	place.tier = asked->tier;
	if (asked->tier != 0 && (product->has_list & LIST_OF_TIER) != 0 && price_of_scope(turn, asked, product, &place, corridor))
		return true;
	place.tier = 0;
	return price_of_scope(turn, asked, product, &place, corridor);
}

/* R20: The corridor record of a line is the most specific: of the outlet, else of a territory that it is in, else of its tier, else of
 * everywhere; then of the SKU, else of its category, else of its brand, else of everything; then of the currency, else of any; of several
 * the one that begins latest and holds the business day, then the one whose code sorts first. */
static bool rule_for(struct turn *turn, const struct asked *asked, const struct product *product, struct found_rule *found)
{
	struct text code;

	if (!specific_find(turn, asked, product, RULES_CORRIDOR, &found->rule, &code))
		return false;
	CODE_PUT(found->code, code); /* rows are looked at again before it is said */
	return true;
}

static int64_t share_of(int64_t list_e4, int64_t share_bp)
{
	wide part = (wide)list_e4 * share_bp;
	wide most = (wide)NUMBER_MAX * 10000;

	return divide_half_even(part < most ? part : most, 10000);
}

/* R21: A bound that the price itself has counts, else the corridor's share of the list price, rounded half to
 * even. */
static void bounds_join(struct corridor *bounds, const struct rule *rule)
{
	if (!bounds->has_floor && rule->has_floor) {
		bounds->has_floor = 1;
		bounds->floor_e4 = share_of(bounds->list_e4, rule->floor_bp);
	}
	if (!bounds->has_ceiling && rule->has_ceiling) {
		bounds->has_ceiling = 1;
		bounds->ceiling_e4 = share_of(bounds->list_e4, rule->ceiling_bp);
	}
}

/* R22: A deviation weighs what the highest rung of the corridor's ladder says that it reaches, above or below. */
static enum severity severity_for(const struct rule *rule, int64_t deviation_bp)
{
	int64_t size = deviation_bp < 0 ? -deviation_bp : deviation_bp;
	enum severity severity = SEVERITY_NONE;

	for (unsigned i = 0; i < rule->rungs && i < RUNGS_MAX; i++)
		if (size >= rule->from_bp[i])
			severity = (enum severity)rule->severities[i];
	return severity;
}

/* R23: A corridor that enforces does so for the principal's own stores and sites (一网); an independent reseller
 * is only advised, unless the corridor is for resellers by its own word. */
enum corridor_mode mode_for(enum corridor_mode mode, bool resellers, bool is_own)
{
#if defined(MUTANT_ENFORCED_ON_ALL)
	is_own = true;
#endif
	return mode != MODE_ENFORCE || is_own || resellers ? mode : MODE_ADVISE;
}

bool corridor_judge(struct turn *turn, const struct asked *asked, const struct product *product,
                    struct verdict *verdict)
{
	struct found_rule found;
	const struct rule *rule = &found.rule;

	*verdict = (struct verdict){.mode = MODE_OBSERVE};
	if (!product->has_list && !product->has_prices)
		return false;
	if (!price_for(turn, asked, product, &verdict->bounds))
		return false;
	bool is_ruled = rule_for(turn, asked, product, &found);
	if (is_ruled) {
		verdict->rule_version = rule->version;
		bounds_join(&verdict->bounds, rule);
	}
	/* R88: A price under a promotion is judged against the floor of the promotion in place of any other. */
	if (promotion_offer(turn, asked, product, verdict->bounds.list_e4, &verdict->offer)) {
		verdict->bounds.has_floor = 1;
#if defined(MUTANT_PROMOTION_UNJUDGED)
		verdict->bounds.has_floor = 0;
#endif
		verdict->bounds.floor_e4 = verdict->offer.floor_e4;
	}
	verdict->deviation_bp = corridor_deviation(&verdict->bounds, asked->price);
	if (verdict->deviation_bp == 0)
		return false;
	if (is_ruled) {
		struct text code = CODE_TEXT(found.code);

		verdict->corridor = turn_text(turn, "%.*s", TEXT_ARGS(code));
		verdict->mode = mode_for((enum corridor_mode)rule->mode, rule->resellers, asked->is_own);
		verdict->severity = severity_for(rule, verdict->deviation_bp);
	}
	return true;
}

bool corridor_list(struct turn *turn, const struct asked *asked, const struct product *product, struct price *price)
{
	struct corridor corridor;

	if (product->has_list == 0 || !price_for(turn, asked, product, &corridor))
		return false;
	price->e4 = corridor.list_e4;
	return true;
}
