/* specific.c -- from the most specific sort of scope down, of those in use, by exact keys. */
#include "specific.h"

/* A look for a rule, and what it found. */
struct search {
	struct turn *turn;
	const struct asked *asked;
	const struct product *product;
	enum rule_family family;
	void *rule;
	struct text *code;
};

/* One sort of scope, filled from what was asked; false: what was asked has no such thing. */
static bool scope_of_sort(const struct search *search, unsigned sort, struct text territory, struct rule_scope *scope)
{
	const struct asked *asked = search->asked;
	const struct product *product = search->product;
	struct text none = {0};

	*scope = (struct rule_scope){.outlet = sort / 8 == 3 ? asked->outlet : none,
	                             .territory = sort / 8 == 2 ? territory : none,
	                             .channel = sort / 8 == 2 && search->family != RULES_CORRIDOR ? asked->channel : none,
	                             .tier = sort / 8 == 1 ? asked->tier : 0,
	                             .sku = sort / 2 % 4 == 3 ? asked->sku : none,
	                             .category = sort / 2 % 4 == 2 ? CODE_TEXT(product->category) : none,
	                             .brand = sort / 2 % 4 == 1 ? CODE_TEXT(product->brand) : none,
	                             .currency = sort % 2 == 1 ? asked->currency : none};
	return rule_sort(scope) == sort;
}

static bool look_in(const struct search *search, unsigned sort, struct text territory)
{
	struct rule_scope scope;

	return scope_of_sort(search, sort, territory, &scope) &&
	       rule_find(search->turn, search->family, &scope, search->asked->day, search->rule, search->code);
}

/* An outlet is in every territory that its own area lies in, of the narrowest area first. */
static bool look_in_territories(const struct search *search, unsigned sort)
{
	const struct asked *asked = search->asked;
	struct grants grants;

	for (grants_begin(&grants, search->turn, &asked->where); grants_next(&grants);)
		if (grants.grant.from <= asked->day && asked->day <= grants.grant.until && look_in(search, sort, grants.territory))
			return true;
	return false;
}

static bool look(const struct search *search, unsigned sort)
{
	const struct text none = {0};

	return sort / 8 == 2 && search->family == RULES_CORRIDOR ? look_in_territories(search, sort) : look_in(search, sort, none);
}

/* A sort that names no goods is looked up once for a ticket. */
static bool look_once(const struct search *search, unsigned sort)
{
	struct rule_memo *memo = search->asked->memos[search->family];
	uint32_t bit = UINT32_C(1) << sort;

	if (memo == NULL || sort / 2 % 4 != 0)
		return look(search, sort);
	if ((memo->asked & bit) == 0) {
		memo->asked |= bit;
		if (look(search, sort)) {
			memo->found |= bit;
			memcpy(memo->rows[sort], search->rule, rule_size(search->family));
			CODE_PUT(memo->codes[sort], *search->code);
		}
	}
	if ((memo->found & bit) == 0)
		return false;
	memcpy(search->rule, memo->rows[sort], rule_size(search->family));
	*search->code = CODE_TEXT(memo->codes[sort]);
	return true;
}

bool specific_find(struct turn *turn, const struct asked *asked, const struct product *product, enum rule_family family, void *rule,
                   struct text *code)
{
	const struct search search = {.turn = turn, .asked = asked, .product = product, .family = family, .rule = rule, .code = code};
	uint64_t seen = asked->scopes.seen[family];

	for (unsigned sort = RULE_SORTS; seen != 0 && sort-- > 0;)
		if ((seen >> sort & 1) != 0 && look_once(&search, sort))
			return true;
	return false;
}
