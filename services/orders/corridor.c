/* corridor.c -- the most specific price, the most specific corridor, and what both say of a price. */
#include "corridor.h"

#include "territory.h"

/* A rule and the code of its corridor, which is lent until the next look at rows. */
struct found_rule {
	struct rule rule;
	struct text code;
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

/* One sort of scope, filled from what was asked; false: what was asked has no such thing. */
static bool scope_of_sort(const struct asked *asked, const struct product *product, unsigned sort,
                          struct text territory, struct rule_scope *scope)
{
	*scope = (struct rule_scope){.outlet = sort / 8 == 3 ? asked->outlet : (struct text){0},
	                             .territory = sort / 8 == 2 ? territory : (struct text){0},
	                             .tier = sort / 8 == 1 ? asked->tier : 0,
	                             .sku = sort / 2 % 4 == 3 ? asked->sku : (struct text){0},
	                             .category = sort / 2 % 4 == 2 ? CODE_TEXT(product->category) : (struct text){0},
	                             .brand = sort / 2 % 4 == 1 ? CODE_TEXT(product->brand) : (struct text){0},
	                             .currency = sort % 2 == 1 ? asked->currency : (struct text){0}};
	return rule_sort(scope) == sort;
}

/* An outlet is in every territory that its own area lies in, of the narrowest area first. */
static bool rule_of_territory(struct turn *turn, const struct asked *asked, const struct product *product,
                              unsigned sort, struct found_rule *found)
{
	struct grants grants;
	struct rule_scope scope;

	for (grants_begin(&grants, turn, asked->area); grants_next(&grants);)
		if (grants.grant.from <= asked->day && asked->day <= grants.grant.until &&
		    scope_of_sort(asked, product, sort, grants.territory, &scope) &&
		    rule_find(turn, &scope, asked->day, &found->rule, &found->code))
			return true;
	return false;
}

static bool rule_look(struct turn *turn, const struct asked *asked, const struct product *product, unsigned sort, struct found_rule *found)
{
	const struct text none = {0};
	struct rule_scope scope;

	if (sort / 8 == 2)
		return rule_of_territory(turn, asked, product, sort, found);
	return scope_of_sort(asked, product, sort, none, &scope) && rule_find(turn, &scope, asked->day, &found->rule, &found->code);
}

/* A sort that names no goods is looked up once for a ticket. */
static bool rule_of_sort(struct turn *turn, const struct asked *asked, const struct product *product, unsigned sort,
                         struct found_rule *found)
{
	struct rule_memo *memo = asked->memo;
	uint32_t bit = UINT32_C(1) << sort;

	if (memo == NULL || sort / 2 % 4 != 0)
		return rule_look(turn, asked, product, sort, found);
	if ((memo->asked & bit) == 0) {
		memo->asked |= bit;
		if (rule_look(turn, asked, product, sort, found)) {
			memo->found |= bit;
			memo->rules[sort] = found->rule;
			CODE_PUT(memo->codes[sort], found->code);
		}
	}
	if ((memo->found & bit) == 0)
		return false;
	found->rule = memo->rules[sort];
	found->code = CODE_TEXT(memo->codes[sort]);
	return true;
}

/* R20: The corridor record of a line is the most specific: of the outlet, else of a territory that it is in, else of its tier, else of
 * everywhere; then of the SKU, else of its category, else of its brand, else of everything; then of the currency, else of any; of several
 * the one that begins latest and holds the business day, then the one whose code sorts first. */
static bool rule_for(struct turn *turn, const struct asked *asked, const struct product *product, struct found_rule *found)
{
	for (unsigned sort = RULE_SORTS; asked->scopes != 0 && sort-- > 0;)
		if ((asked->scopes >> sort & 1) != 0 && rule_of_sort(turn, asked, product, sort, found))
			return true;
	return false;
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
static enum corridor_mode mode_for(const struct rule *rule, bool is_own)
{
#if defined(MUTANT_ENFORCED_ON_ALL)
	is_own = true;
#endif
	if (rule->mode != MODE_ENFORCE || is_own || rule->resellers)
		return (enum corridor_mode)rule->mode;
	return MODE_ADVISE;
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
	verdict->deviation_bp = corridor_deviation(&verdict->bounds, asked->price);
	if (verdict->deviation_bp == 0)
		return false;
	if (is_ruled) {
		verdict->corridor = turn_text(turn, "%.*s", TEXT_ARGS(found.code));
		verdict->mode = mode_for(rule, asked->is_own);
		verdict->severity = severity_for(rule, verdict->deviation_bp);
	}
	return true;
}
