/*
 * Goal: however sales, returns, voids, ticks and the office are heard, late, back-dated or shuffled, every period ends at the figures that
 * a plain sum gives; and what was broken on purpose in a row is found by the audit. Method: histories of dice through the real engine in
 * many orders, beside a model that adds up the tickets once and works each scheme out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/error.h"
#include "rebate_rows.h"
#include "../stage/stage.h"

#define OUTLETS 3
#define SKUS 6
#define TICKETS 240
#define LINES 4
#define DAYS 120 /* from 2026-01-01 on */
#define FIRST_DAY 20454
#define STAFF "staff/mei"

int partners_main(int argc, char **argv);

static const char *const outlets[OUTLETS] = {"D1", "D2", "S1"};
static const int tiers[OUTLETS] = {2, 2, 1};
static const char *const skus[SKUS] = {"A", "B", "C", "D", "E", "POST"};
static const char *const categories[SKUS] = {"LIGHT", "LIGHT", "TOY", "TOY", NULL, NULL};

enum kind { KIND_SALE, KIND_RETURN, KIND_VOID };

struct line {
	int sku;
	int64_t quantity, amount;
};

struct event {
	enum kind kind;
	bool was_return;
	int outlet, day;
	const char *currency;
	struct line lines[LINES];
	int line_count;
};

struct world {
	struct event events[TICKETS];
	uint32_t order[TICKETS];
	uint64_t dice;
};

/* A scheme of the test, once as it is submitted and once as the model understands it. */
struct rule {
	const char *code;
	bool whole, units;
	int months; /* of a period; 0: once */
	int tier;
	const char *category, *sku;
	bool growth;
	int64_t cap;
	int64_t steps[3][2];
	int step_count;
};

static const struct rule rules[] = {
    {"WHOLE", true, false, 1, 0, NULL, NULL, false, 6000, {{0, 50}, {60000, 150}, {150000, 300}}, 3},
    {"BAND", false, false, 3, 0, "LIGHT", NULL, false, -1, {{10000, 100}, {100000, 333}}, 2},
    {"PIECES", true, true, 12, 2, "TOY", NULL, false, -1, {{5000, 1250}, {90000, 2500}}, 2},
    {"GROWTH", true, false, 1, 0, NULL, NULL, true, -1, {{0, 100}, {2000, 400}}, 2},
    {"SKU", false, true, 0, 0, NULL, "E", false, -1, {{0, 10001}}, 1},
};
#define RULES ((int)(sizeof(rules) / sizeof(rules[0])))

static uint64_t pick(struct world *world, uint64_t below)
{
	return stage_random(&world->dice, below);
}

static void make_ticket(struct world *world, struct event *event)
{
	*event = (struct event){.kind = pick(world, 5) == 0 ? KIND_RETURN : KIND_SALE,
	                        .outlet = (int)pick(world, OUTLETS),
	                        .day = (int)pick(world, DAYS),
	                        .currency = pick(world, 20) == 0 ? "HKD" : "CNY",
	                        .line_count = (int)pick(world, LINES) + 1};
	for (int i = 0; i < event->line_count; i++)
		event->lines[i] = (struct line){(int)pick(world, SKUS), (int64_t)pick(world, 20) * 500, (int64_t)pick(world, 9000)};
}

static void world_make(struct world *world, uint64_t seed)
{
	*world = (struct world){.dice = seed};
	for (uint32_t i = 0; i < TICKETS; i++) {
		struct event *event = &world->events[i];

		world->order[i] = i;
		make_ticket(world, event);
		if (i > 0 && pick(world, 8) == 0) {
			*event = world->events[pick(world, i)];
			event->was_return = event->kind == KIND_RETURN;
			if (event->kind == KIND_VOID)
				make_ticket(world, event);
			else
				event->kind = KIND_VOID; /* some twice: the sums do not care */
		}
	}
}

static void world_shuffle(struct world *world)
{
	for (uint32_t i = TICKETS - 1; i > 0; i--) {
		uint32_t other = (uint32_t)pick(world, i + 1), kept = world->order[i];

		world->order[i] = world->order[other];
		world->order[other] = kept;
	}
}

static void hear_ticket(struct stage *stage, const struct event *event)
{
	struct sale_recorded_line lines[LINES] = {0};
	char day[DAY_TEXT_SIZE];

	day_text(FIRST_DAY + event->day, day);
	for (int i = 0; i < event->line_count; i++)
		lines[i] = (struct sale_recorded_line){.sku = text_of(skus[event->lines[i].sku]),
		                                       .quantity = {event->lines[i].quantity},
		                                       .amount = {event->lines[i].amount},
		                                       .has_service = event->lines[i].sku == SKUS - 1,
		                                       .service = event->lines[i].sku == SKUS - 1};
	struct text outlet = text_of(outlets[event->outlet]), currency = text_of(event->currency), till = TEXT_LITERAL("T"),
	            receipt = TEXT_LITERAL("R");
	if (event->kind == KIND_SALE)
		stage_hear(stage, "sales", &sale_recorded_type,
		           &(struct sale_recorded){.outlet = outlet,
		                                   .terminal = till,
		                                   .receipt = receipt,
		                                   .currency = currency,
		                                   .day = text_of(day),
		                                   .tier = tiers[event->outlet],
		                                   .lines = {lines, (uint32_t)event->line_count}});
	else if (event->kind == KIND_RETURN)
		stage_hear(stage, "sales", &sale_returned_type,
		           &(struct sale_returned){
		               .outlet = outlet,
		               .terminal = till,
		               .receipt = receipt,
		               .currency = currency,
		               .day = text_of(day),
		               .tier = tiers[event->outlet],
		               .lines = {(const struct sale_returned_line *)(const void *)lines, (uint32_t)event->line_count}});
	else
		stage_hear(
		    stage, "sales", &sale_voided_type,
		    &(struct sale_voided){.outlet = outlet,
		                          .terminal = till,
		                          .receipt = receipt,
		                          .currency = currency,
		                          .day = text_of(day),
		                          .tier = tiers[event->outlet],
		                          .was = text_of(event->was_return ? "return" : "sale"),
		                          .lines = {(const struct sale_voided_line *)(const void *)lines, (uint32_t)event->line_count}});
}

static void hear_scheme(struct stage *stage, const struct rule *rule, bool is_draft)
{
	static const char *const periods[] = {[0] = "once", [1] = "month", [3] = "quarter", [12] = "year"};
	struct scheme_submitted_step steps[3] = {0};
	struct scheme_submitted scheme = {.scheme = text_of(rule->code),
	                                  .name = text_of(rule->code),
	                                  .basis = text_of(rule->units ? "units" : "revenue"),
	                                  .period = text_of(periods[rule->months]),
	                                  .has_tier = rule->tier != 0,
	                                  .tier = rule->tier,
	                                  .has_sku = rule->sku != NULL,
	                                  .sku = text_of(rule->sku != NULL ? rule->sku : ""),
	                                  .has_category = rule->category != NULL,
	                                  .category = text_of(rule->category != NULL ? rule->category : ""),
	                                  .currency = TEXT_LITERAL("CNY"),
	                                  .ladder = text_of(rule->whole ? "whole" : "band"),
	                                  .steps = {steps, (uint32_t)rule->step_count},
	                                  .has_cap = rule->cap >= 0,
	                                  .cap = {rule->cap},
	                                  .has_growth = rule->growth,
	                                  .growth = TEXT_LITERAL("previous"),
	                                  .has_clean_channel = true,
	                                  .clean_channel = 10000,
	                                  .from = TEXT_LITERAL("2026-01-01"),
	                                  .has_until = rule->months == 0,
	                                  .until = TEXT_LITERAL("2026-03-15"),
	                                  .has_status = is_draft,
	                                  .status = TEXT_LITERAL("draft")};

	for (int i = 0; i < rule->step_count; i++)
		steps[i] = (struct scheme_submitted_step){.from = rule->steps[i][0],
		                                          .has_rate_bp = !rule->units,
		                                          .rate_bp = rule->steps[i][1],
		                                          .has_amount = rule->units,
		                                          .amount = {rule->steps[i][1]}};
	stage_hear(stage, STAFF, &scheme_submitted_type, &scheme);
}

static void hear_master(struct stage *stage)
{
	for (int i = 0; i < OUTLETS; i++)
		stage_hear(stage, STAFF, &outlet_submitted_type,
		           &(struct outlet_submitted){.outlet = text_of(outlets[i]),
		                                      .name = TEXT_LITERAL("o"),
		                                      .tier = tiers[i],
		                                      .kind = TEXT_LITERAL("dealer"),
		                                      .currency = TEXT_LITERAL("CNY")});
	for (int i = 0; i < SKUS; i++)
		stage_hear(stage, STAFF, &product_submitted_type,
		           &(struct product_submitted){.sku = text_of(skus[i]),
		                                       .name = TEXT_LITERAL("p"),
		                                       .has_category = categories[i] != NULL,
		                                       .category = text_of(categories[i] != NULL ? categories[i] : ""),
		                                       .goods = i < SKUS - 1});
}

static void tick(struct stage *stage, int day)
{
	stage->time_us = (int64_t)(FIRST_DAY + day) * US_PER_DAY;
	stage_hear(stage, "clockwork", &clock_ticked_type, &(struct clock_ticked){.time = stage->time_us});
}

/* ---- the model ---- */

/* The months of 2026 that a day lies in: January is 31 days long, and so on. */
static int month_of(int day)
{
	static const int ends[] = {31, 59, 90, 120};
	int month = 0;

	while (day >= ends[month])
		month++;
	return month;
}

/* The day that names the period of a rule that begins in this month. */
static int32_t period_day(const struct rule *rule, int month)
{
	static const int begins[] = {0, 31, 59, 90};

	return FIRST_DAY + (rule->months == 0 ? 0 : begins[month]);
}

static int64_t model_basis(const struct world *world, const struct rule *rule, int outlet, int period)
{
	int64_t sum = 0;

	for (int i = 0; i < TICKETS; i++) {
		const struct event *event = &world->events[i];
		bool comes_back = event->kind == KIND_RETURN || (event->kind == KIND_VOID && !event->was_return);

		if (event->outlet != outlet || strcmp(event->currency, "CNY") != 0 ||
		    (rule->months == 0 ? event->day > 73 : month_of(event->day) / rule->months != period))
			continue;
		for (int k = 0; k < event->line_count; k++) {
			const struct line *line = &event->lines[k];
			const char *category = categories[line->sku];

			if (line->sku == SKUS - 1 || (rule->sku != NULL && strcmp(rule->sku, skus[line->sku]) != 0) ||
			    (rule->category != NULL && (category == NULL || strcmp(rule->category, category) != 0)))
				continue;
			sum += (comes_back ? -1 : 1) * (rule->units ? line->quantity : line->amount);
		}
	}
	return sum;
}

/* Half to even, of a number that is not negative. */
static int64_t rounded(int64_t numerator, int64_t denominator)
{
	int64_t whole = numerator / denominator, rest = numerator % denominator * 2;

	return whole + (rest > denominator || (rest == denominator && whole % 2 != 0));
}

static int64_t model_due(const struct world *world, const struct rule *rule, int outlet, int period)
{
	int64_t basis = model_basis(world, rule, outlet, period), sum = 0;
	int64_t base = rule->growth && period > 0 ? model_basis(world, rule, outlet, period - 1) : 0;

	for (int i = 0; i < rule->step_count; i++) {
		int64_t from = rule->steps[i][0], next = i + 1 < rule->step_count ? rule->steps[i + 1][0] : INT64_MAX;

		if (rule->growth) {
			if (base <= 0)
				return 0;
			from = (base * (10000 + from) + 9999) / 10000;
			next = next == INT64_MAX ? next : (base * (10000 + next) + 9999) / 10000;
		}
		if (basis < from || basis <= 0)
			continue;
		if (rule->whole)
			sum = basis * rule->steps[i][1];
		else
			sum += ((basis < next ? basis : next) - from) * rule->steps[i][1];
	}
	int64_t due = rounded(sum, rule->units ? 100000 : 10000); /* thousandths of a piece, 1/10000 of 100 fen */
	return rule->cap >= 0 && due > rule->cap ? rule->cap : due;
}

/* ---- comparing ---- */

static bool look(struct stage *stage, const struct rule *rule, int outlet, int period, struct standing *standing)
{
	struct place place = {text_of(outlets[outlet]), text_of(rule->code),
	                      period_day(rule, rule->months == 0 ? 0 : period * rule->months)};
	uint8_t key[KEY_SIZE];
	struct view view;

	stage_commit(stage);
	assert_int_equal(view_open(&view, engine_store(stage->engine)), ERR_NONE);
	bool found = standing_read(view_get(&view, KERNEL_TABLES + TABLE_REBATE, standing_key(key, &place)), standing);
	view_close(&view);
	return found;
}

static int compare(struct stage *stage, const struct world *world)
{
	int periods = 0;

	for (int r = 0; r < RULES; r++)
		for (int outlet = 0; outlet < OUTLETS; outlet++)
			for (int period = 0; period < (rules[r].months == 0   ? 1
			                               : rules[r].months == 1 ? 4
			                               : rules[r].months == 3 ? 2
			                                                      : 1);
			     period++) {
				struct standing standing;
				bool found = look(stage, &rules[r], outlet, period, &standing);

				if (rules[r].tier != 0 && tiers[outlet] != rules[r].tier) {
					assert_false(found);
					continue;
				}
				assert_int_equal(standing.basis, model_basis(world, &rules[r], outlet, period));
				assert_int_equal(standing.accrued + standing.adjusted, model_due(world, &rules[r], outlet, period));
				periods += found && standing.accrued + standing.adjusted != 0;
			}
	return periods;
}

/* What was said: each entry follows the one before, its lines sum to it, and all of them together are what the row holds. */
static int listen(struct stage *stage)
{
	const struct event_type *type;
	int causes[4] = {0}, seen = 0;
	const void *event;

	while (stage_said(stage, &type, &event)) {
		int64_t sum = 0;

		if (type != &rebate_adjusted_type)
			continue;
		const struct rebate_adjusted *adjusted = event;
		for (uint32_t i = 0; i < adjusted->lines.count; i++)
			sum += adjusted->lines.items[i].amount.minor;
		assert_true(adjusted->lines.count == 0 || sum == adjusted->amount.minor);
		causes[0] += text_equal(adjusted->cause, TEXT_LITERAL("step_crossed"));
		causes[1] += text_equal(adjusted->cause, TEXT_LITERAL("late_sale"));
		causes[2] += text_equal(adjusted->cause, TEXT_LITERAL("base_changed"));
		causes[3] += text_equal(adjusted->cause, TEXT_LITERAL("void"));
	}
	for (int i = 0; i < 4; i++)
		seen += causes[i] > 0;
	return seen;
}

static void test_any_order_ends_at_the_same_figures(void **state)
{
	static struct world world;

	for (uint64_t seed = 1; seed <= 12; seed++) {
		world_make(&world, seed * 104729);
		for (int shuffle = 0; shuffle < 4; shuffle++) {
			struct stage stage;
			int late = (int)pick(&world, TICKETS); /* a scheme that is declared among the sales */

			stage_open(&stage, *state, NULL);
			stage.turn_size = 17;
			hear_master(&stage);
			for (int r = 0; r < RULES; r++)
				hear_scheme(&stage, &rules[r], shuffle > 0 && rules[r].sku == NULL);
			for (int i = 0; i < TICKETS; i++) {
				for (int r = 0; r < RULES && i == late; r++)
					hear_scheme(&stage, &rules[r], false);
				hear_ticket(&stage, &world.events[world.order[i]]);
			}
			for (int r = 0; r < RULES; r++)
				hear_scheme(&stage, &rules[r], false); /* once more changes nothing */
			assert_in_range(compare(&stage, &world), 5, 100);
			stage_close(&stage);
			world_shuffle(&world);
		}
	}
}

/* Periods are locked among the sales, and shares taken and given back: the figures are those of all sales all the same. */
static void test_locks_and_violations_lose_nothing(void **state)
{
	static struct world world;
	char dir[64];

	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct stage stage;

		world_make(&world, seed * 15485863);
		world_shuffle(&world);
		stage_folder(dir);
		stage_open(&stage, *state, dir);
		stage.turn_size = 9;
		hear_master(&stage);
		for (int r = 0; r < RULES; r++)
			hear_scheme(&stage, &rules[r], false);
		for (int i = 0; i < TICKETS; i++) {
			hear_ticket(&stage, &world.events[world.order[i]]);
			if (i % 10 == 9)
				tick(&stage, i);
			if (i % 50 == 20)
				stage_hear(&stage, STAFF, &clawback_submitted_type,
				           &(struct clawback_submitted){.scheme = TEXT_LITERAL("WHOLE"),
				                                        .outlet = TEXT_LITERAL("D1"),
				                                        .period = TEXT_LITERAL("2026-02-01"),
				                                        .share_bp = i * 30,
				                                        .reason = TEXT_LITERAL("r")});
		}
		stage_hear(&stage, STAFF, &clawback_submitted_type,
		           &(struct clawback_submitted){.scheme = TEXT_LITERAL("WHOLE"),
		                                        .outlet = TEXT_LITERAL("D1"),
		                                        .period = TEXT_LITERAL("2026-02-01"),
		                                        .reason = TEXT_LITERAL("appeal")});
		assert_in_range(compare(&stage, &world), 5, 100);
		assert_int_equal(listen(&stage), 4); /* it was worth its time */
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_folder_remove(dir, *state);
	}
}

static void test_the_cut_of_turns_changes_nothing(void **state)
{
	static struct world world;
	uint64_t hash = 0;

	world_make(&world, 4711);
	for (uint32_t size = 1; size <= 61; size += 20) {
		struct stage stage;

		stage_open(&stage, *state, NULL);
		stage.turn_size = size;
		hear_master(&stage);
		for (int r = 0; r < RULES; r++)
			hear_scheme(&stage, &rules[r], false);
		for (int i = 0; i < TICKETS; i++)
			hear_ticket(&stage, &world.events[i]);
		hash = hash == 0 ? stage_hash(&stage) : hash;
		assert_true(hash == stage_hash(&stage));
		stage_close(&stage);
	}
}

/* ---- the audit bites ---- */

static void break_accrued(struct standing *standing)
{
	standing->accrued++;
}

static void break_basis(struct standing *standing)
{
	standing->basis += 100000;
}

static void break_root(struct standing *standing)
{
	standing->root[5] = standing->root[5] == '0' ? '1' : '0';
}

static void break_settled(struct standing *standing)
{
	standing->settled = 1;
}

static void break_version(struct standing *standing)
{
	standing->version = 7;
}

static void tamper(const struct service *service, const char *dir, void (*breaks)(struct standing *standing))
{
	struct place place = {text_of(outlets[0]), text_of(rules[0].code), FIRST_DAY};
	struct standing standing;
	uint8_t key[KEY_SIZE];
	struct stage stage;

	stage_open(&stage, service, dir);
	assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
	struct bytes at = standing_key(key, &place);
	assert_true(standing_read(store_get(engine_store(stage.engine), KERNEL_TABLES + TABLE_REBATE, at), &standing));
	breaks(&standing);
	store_put(engine_store(stage.engine), KERNEL_TABLES + TABLE_REBATE, at, bytes_of(&standing, sizeof(standing)));
	assert_int_equal(store_commit(engine_store(stage.engine)), ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
}

static void test_a_changed_row_is_found(void **state)
{
	static const struct {
		void (*breaks)(struct standing *standing);
		int wrongs;
	} cases[] = {{break_accrued, 2}, {break_basis, 2}, {break_root, 1}, {break_settled, 1}, {break_version, 1}};
	struct event sale = {.currency = "CNY", .lines = {{0, 1000, 70000}}, .line_count = 1};
	char dir[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage stage;

		stage_folder(dir);
		stage_open(&stage, *state, dir);
		hear_master(&stage);
		hear_scheme(&stage, &rules[0], false);
		hear_ticket(&stage, &sale);
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		tamper(*state, dir, cases[i].breaks);
		assert_int_equal(stage_check(*state, dir), cases[i].wrongs);
		stage_folder_remove(dir, *state);
	}
}

static int service_find(void **state)
{
	*state = (void *)(uintptr_t)stage_service(partners_main);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_any_order_ends_at_the_same_figures),
	    cmocka_unit_test(test_locks_and_violations_lose_nothing),
	    cmocka_unit_test(test_the_cut_of_turns_changes_nothing),
	    cmocka_unit_test(test_a_changed_row_is_found),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
