/*
 * check_rules.c -- what was decided while rules changed: every decision names a version that partners has declared, and is what that
 * version says; the versions of a record count its changes; a target that was revised has lost nothing of what was achieved.
 */
#include <string.h>

#include "base/error.h"
#include "events/inventory.h"
#include "events/orders.h"
#include "events/partners.h"
#include "simulate.h"
#include "truth.h"

#define VERSIONS_MAX 512

/* Of each product, by version from 1. */
struct book {
	struct {
		int64_t floor, ceiling; /* 0: none */
	} prices[PRODUCTS][VERSIONS_MAX];
	struct {
		int64_t reorder_point, order_up_to;
	} policies[PRODUCTS][VERSIONS_MAX];
	int64_t price_count[PRODUCTS], policy_count[PRODUCTS], target_count;
	int64_t deviations;
};

static struct book book;

static int product_of(struct text sku)
{
	for (int i = 0; i < PRODUCTS; i++)
		if (text_equal(sku, text_of(story_sku(i))))
			return i;
	truth_broken("%.*s is no product", TEXT_ARGS(sku));
	return 0;
}

static bool next_version(int64_t *count, int64_t version, const char *what)
{
	if (version != *count + 1 || version >= VERSIONS_MAX) {
		truth_broken("version %lld of a %s follows %lld", (long long)version, what, (long long)*count);
		return false;
	}
	*count = version;
	return true;
}

static void take_declared(void *context, const struct envelope *envelope)
{
	struct price_declared price;
	struct stock_policy_declared policy;
	struct target_declared target;

	(void)context;
	if (truth_unpack(&price_declared_type, envelope, &price)) {
		int product = product_of(price.sku);

		if (next_version(&book.price_count[product], price.version, "price")) {
			book.prices[product][price.version].floor = price.has_floor ? price.floor.e4 : 0;
			book.prices[product][price.version].ceiling = price.has_ceiling ? price.ceiling.e4 : 0;
		}
	} else if (truth_unpack(&stock_policy_declared_type, envelope, &policy)) {
		int product = product_of(policy.sku);

		if (next_version(&book.policy_count[product], policy.version, "stock policy")) {
			book.policies[product][policy.version].reorder_point = policy.reorder_point.milli;
			book.policies[product][policy.version].order_up_to = policy.order_up_to.milli;
		}
	} else if (truth_unpack(&target_declared_type, envelope, &target)) {
		(void)next_version(&book.target_count, target.version, "target");
	}
}

static void take_deviation(void *context, const struct envelope *envelope)
{
	struct price_deviation_detected deviation;

	(void)context;
	if (!truth_unpack(&price_deviation_detected_type, envelope, &deviation))
		return;
	int product = product_of(deviation.sku);
	book.deviations++;
	if (deviation.price_version < 1 || deviation.price_version > book.price_count[product]) {
		truth_broken("a deviation names version %lld of the price of %s, which was never declared", (long long)deviation.price_version,
			     story_sku(product));
		return;
	}
	int64_t floor = book.prices[product][deviation.price_version].floor;
	int64_t ceiling = book.prices[product][deviation.price_version].ceiling;
	if ((deviation.has_floor ? deviation.floor.e4 : 0) != floor || (deviation.has_ceiling ? deviation.ceiling.e4 : 0) != ceiling)
		truth_broken("a deviation of %s has other bounds than version %lld of its price", story_sku(product),
			     (long long)deviation.price_version);
	if (deviation.unit_price.e4 >= floor && (ceiling == 0 || deviation.unit_price.e4 <= ceiling))
		truth_broken("%s at %lld lies within the corridor that it is said to have left", story_sku(product),
			     (long long)deviation.unit_price.e4);
}

static void take_restock(void *context, const struct envelope *envelope)
{
	struct restock_requested requested;

	(void)context;
	if (!truth_unpack(&restock_requested_type, envelope, &requested) || !text_equal(requested.policy, TEXT_LITERAL("master")))
		return;
	int product = product_of(requested.sku);
	int64_t version = requested.policy_version;
	if (version < 1 || version > book.policy_count[product] ||
	    requested.reorder_point.milli != book.policies[product][version].reorder_point ||
	    requested.order_up_to.milli != book.policies[product][version].order_up_to)
		truth_broken("restock %.*s of %s is not what version %lld of its policy says", TEXT_ARGS(requested.restock),
			     story_sku(product), (long long)version);
}

static void take_target(void *context, struct bytes row)
{
	const struct truth *truth = truth_tickets();
	int64_t achieved = 0;

	(void)context;
	for (int outlet = 0; outlet < OUTLETS; outlet++)
		for (int day = 0; day < DAYS; day++)
			achieved += truth->revenue[outlet][day] - truth->returns[outlet][day];
	if (truth_row_int(row, "achieved") != achieved)
		truth_broken("the target has achieved %lld, sold were %lld", (long long)truth_row_int(row, "achieved"), (long long)achieved);
	if (truth_row_int(row, "version") != book.target_count)
		truth_broken("the target stands at version %lld of %lld", (long long)truth_row_int(row, "version"),
			     (long long)book.target_count);
}

void check_rules(struct network *network)
{
	memset(&book, 0, sizeof(book));
	truth_each_event(network, PARTNERS, take_declared, NULL);
	truth_each_event(network, ORDERS, take_deviation, NULL);
	truth_each_event(network, INVENTORY, take_restock, NULL);
	truth_each_row(network, KPI, "targets", take_target, NULL);
	simulate_present->deviations += (uint64_t)book.deviations;
}
