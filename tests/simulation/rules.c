/* rules.c -- what the office changes in the middle of trade. */
#include "rules.h"

#include <string.h>

#include "events/staff.h"

/*
 * A list price somewhat above or below the one that tills take, and a corridor around it: below a floor of more than the tills' price
 * every ticket of the SKU deviates, until the next change.
 */
static void change_price(struct network *network, int64_t time_us)
{
	int product = (int)network_roll(network, PRODUCTS);
	int64_t list = story_price_e4(product) * (90 + (int64_t)network_roll(network, 21)) / 100;
	int64_t below = list * (int64_t)network_roll(network, 6) / 100; /* one roll a statement: their order is the seed's, not the compiler's */
	int64_t above = list * (int64_t)network_roll(network, 6) / 100;
	bool has_ceiling = network_roll(network, 2) == 0;
	struct price_submitted price = {.sku = text_of(story_sku(product)),
					.currency = TEXT_LITERAL("GBP"),
					.list = {list},
					.has_floor = true,
					.floor = {list - below},
					.has_ceiling = has_ceiling,
					.ceiling = {list + above}};

	story_say(story_office(), "staff/mei", &price_submitted_type, &price, time_us);
}

static void change_stock_policy(struct network *network, int64_t time_us)
{
	int64_t reorder = 100000 + (int64_t)network_roll(network, 200) * 1000; /* below and above what an open restock aims at */
	int64_t above = 50000 + (int64_t)network_roll(network, 50) * 1000;
	int product = (int)network_roll(network, PRODUCTS);
	struct stock_policy_submitted policy = {.has_sku = true,
						.sku = text_of(story_sku(product)),
						.reorder_point = {reorder},
						.order_up_to = {reorder + above}};

	story_say(story_office(), "staff/mei", &stock_policy_submitted_type, &policy, time_us);
}

static void change_target(struct network *network, int64_t time_us)
{
	struct target_submitted target = story_target();

	target.value = 4000000 + (int64_t)network_roll(network, 2000000);
	story_say(story_office(), "staff/mei", &target_submitted_type, &target, time_us);
}

static void change_scheme(struct network *network, int64_t time_us)
{
	int64_t first_bp = 50 + (int64_t)network_roll(network, 100);
	int64_t second_bp = first_bp + (int64_t)network_roll(network, 200);
	int64_t from = 100000 + (int64_t)network_roll(network, 400000);

	story_scheme(from, first_bp, second_bp, time_us);
}

static void change_territory(struct network *network, int64_t time_us)
{
	int holder = (int)network_roll(network, OUTLETS);
	int kind = (int)network_roll(network, STORY_KINDS);

	story_territory(holder, kind, time_us);
}

static void change_appraisal(struct network *network, int64_t time_us)
{
	int64_t revenue_bp = 1 + (int64_t)network_roll(network, 9999);
	int64_t goal = 100000 + (int64_t)network_roll(network, 900000);

	story_appraisal(revenue_bp, goal, time_us);
}

static void change_metric(struct network *network, int64_t time_us)
{
	int shape = (int)network_roll(network, STORY_METRICS);

	story_metric(shape, time_us);
}

static void change_right(struct network *network, int64_t time_us)
{
	story_right((int)network_roll(network, STORY_MODES), time_us);
}

/* What the two in the middle have taken: the number of the latest result of each, 0: none. The first and the last stay as they were. */
#define MIDDLE 2
static struct {
	int results, latest[MIDDLE];
} training;

void rules_begin(void)
{
	memset(&training, 0, sizeof(training));
}

static void change_training(struct network *network, int64_t time_us)
{
	int who = (int)network_roll(network, MIDDLE), day = (int)network_roll(network, DAYS);
	bool passed = network_roll(network, 2) == 0, corrects = network_roll(network, 2) == 0;
	int replaces = corrects && training.latest[who] > 0 ? training.latest[who] : -1;

	training.latest[who] = ++training.results;
	story_result(training.results, 1 + who, day, passed, replaces, time_us);
}

static void change_member(struct network *network, int64_t time_us)
{
	int who = (int)network_roll(network, MIDDLE), where = (int)network_roll(network, MIDDLE), day = (int)network_roll(network, DAYS);

	story_trainee(1 + who, 1 + where, day, time_us);
}

void rules_change(struct network *network, uint32_t next_ticket)
{
	static void (*const changes[])(struct network *network, int64_t time_us) = {change_price, change_price, change_stock_policy,
										    change_target, change_scheme, change_territory, change_appraisal,
										    change_metric};

	changes[network_roll(network, sizeof(changes) / sizeof(changes[0]))](network, story_ticket_us(next_ticket));
}

void rules_train(struct network *network, uint32_t next_ticket)
{
	static void (*const changes[])(struct network *network, int64_t time_us) = {change_right, change_training, change_training, change_training,
										    change_member};

	changes[network_roll(network, sizeof(changes) / sizeof(changes[0]))](network, story_ticket_us(next_ticket));
}
