/* procure.c -- which procurement policy holds, when and in which quantities. */
#include "procure.h"

#include "base/when.h"

#define DAYS_PER_WEEK 7

static const char declared_name[] = "procurement";

void procure_declared(struct turn *turn)
{
	uint64_t declared = 1;

	turn_put(turn, TABLE_BOOK, bytes_of(declared_name, sizeof(declared_name) - 1), bytes_of(&declared, sizeof(declared)));
}

static bool is_declared(struct turn *turn)
{
	return turn_get(turn, TABLE_BOOK, bytes_of(declared_name, sizeof(declared_name) - 1)).size > 0;
}

static bool procure_get(struct turn *turn, struct bytes key, struct procure *policy)
{
	return (row_get(turn, TABLE_PROCURE, key, policy, sizeof(*policy)) && policy->break_count <= BREAKS_MAX) ||
	       row_get(turn, TABLE_PROCURE, key, policy, PROCURE_SIZE_UNBROKEN) || row_get(turn, TABLE_PROCURE, key, policy, PROCURE_SIZE_BEFORE);
}

/* The policies of a scope: the one that begins last of those that hold on the day, of those the first by code. */
static bool scope_find(struct turn *turn, const struct text scope[3], struct terms *terms)
{
	uint8_t at[KEY_SIZE];
	size_t prefix = key_join(at, (const struct text[]){scope[0], scope[1], scope[2], {0}}, 4).size, size = prefix;
	struct procure policy;
	bool found = false;

	while (rows_walk(turn, TABLE_PROCURE, prefix, at, &size)) {
		if (!procure_get(turn, bytes_of(at, size - 1), &policy) ||
		    (policy.from != 0 && terms->day < policy.from) || (policy.until != 0 && terms->day > policy.until) ||
		    (found && policy.from <= terms->policy.from))
			continue;
		terms->policy = policy;
		CODE_PUT(terms->code, ((struct text){(const char *)at + prefix, (uint32_t)(size - 1 - prefix)}));
		found = true;
	}
	return found;
}

struct terms terms_of(struct turn *turn, struct text place, struct text sku)
{
	struct terms terms = {.any = is_declared(turn)};

	if (!terms.any)
		return terms;
	int64_t there = turn_input(turn)->time_us + place_get(turn, place).offset_minutes * US_PER_MINUTE;
	struct text none = {0};

	terms.day = there >= 0 ? there / US_PER_DAY : 0;
	product_get(turn, sku, &terms.product);
	struct text category = CODE_TEXT(terms.product.category);
	const struct text scopes[][3] = {{sku, place, none}, {sku, none, none},  {none, place, category},
	                                 {none, none, category}, {none, place, none}, {none, none, none}};

	/* R91: Of procurement policies that hold on the day, in the outlet's calendar, the one for the SKU at the outlet counts, then for the
	   SKU, the category at the outlet, the category, the outlet, all; of several the one that begins last. */
	for (unsigned i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		bool repeats = category.size == 0 && (i == 2 || i == 3);

		if (!repeats && scope_find(turn, scopes[i], &terms))
			break;
	}
	return terms;
}

bool terms_is_review(const struct terms *terms)
{
	/* 1970-01-01 was a Thursday, the fourth day of its week. */
	int64_t weekday = (terms->day + 3) % DAYS_PER_WEEK;

#if defined(MUTANT_REVIEWS_DAILY)
	return true;
#endif
	return terms->policy.method != METHOD_PERIODIC || (terms->policy.weekdays >> weekday & 1) != 0;
}

/* R92: A restock is at least the least of its procurement policy, in whole multiples of it, else in whole packs. */
struct quantity terms_quantity(const struct terms *terms, struct quantity quantity, struct quantity pack)
{
	struct quantity unit = terms->policy.multiple.milli > 0 ? terms->policy.multiple : pack;

	if (quantity.milli <= 0 || terms->code[0] == 0)
		return quantity;
	return whole_packs(quantity.milli < terms->policy.min_order.milli ? terms->policy.min_order : quantity, unit);
}

struct text method_text(uint32_t method)
{
	static const char *const names[] = {"continuous", "periodic", "vendor_managed"};

	CHECK(method < sizeof(names) / sizeof(names[0]));
	return text_of(names[method]);
}

void held_until_review(struct turn *turn, struct text place, struct text sku)
{
	struct held held = {0};
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_HELD, shelf_key(key, place, sku), bytes_of(&held, sizeof(held)));
}

void held_forget(struct turn *turn, struct text place, struct text sku)
{
	uint8_t key[KEY_SIZE];

	turn_del(turn, TABLE_HELD, shelf_key(key, place, sku));
}
