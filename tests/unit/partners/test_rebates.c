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
#include "sales.h"

static const struct rule rules[] = {
    {"WHOLE", true, false, 1, 0, NULL, NULL, false, 6000, {{0, 50}, {60000, 150}, {150000, 300}}, 3, .mix = NULL},
    {"BAND", false, false, 3, 0, "LIGHT", NULL, false, -1, {{10000, 100}, {100000, 333}}, 2, .mix = NULL},
    {"PIECES", true, true, 12, 2, "TOY", NULL, false, -1, {{5000, 1250}, {90000, 2500}}, 2, .mix = NULL},
    {"GROWTH", true, false, 1, 0, NULL, NULL, true, -1, {{0, 100}, {2000, 400}}, 2, .mix = NULL},
    {"SKU", false, true, 0, 0, NULL, "E", false, -1, {{0, 10001}}, 1, .mix = NULL},
    {"MIX", true, false, 1, 0, NULL, NULL, false, -1, {{0, 200}, {90000, 350}}, 2, .mix = "LIGHT", .mix_bp = 4000},
    {"MIXBAND", false, true, 3, 0, NULL, NULL, false, -1, {{0, 1200}, {50000, 3500}}, 2, .mix = "TOY", .mix_bp = 5000},
    {"WIDE", true, false, 1, 0, NULL, NULL, false, -1, {{0, 150}}, 1, .mix_skus = 4},
    {"SHOW", false, false, 1, 0, NULL, NULL, false, -1, {{0, 100}}, 1, .displays = 3},
};
#define RULES ((int)(sizeof(rules) / sizeof(rules[0])))

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

/* Whether a line of an event counts for a period of a rule: category and SKU NULL: any. Its sign; 0: it does not. */
static int model_sign(const struct event *event, const struct rule *rule, int outlet, int period)
{
	bool comes_back = event->kind == KIND_RETURN || (event->kind == KIND_VOID && !event->was_return);

	if (event->outlet != outlet || strcmp(event->currency, "CNY") != 0 ||
	    (rule->months == 0 ? event->day > 73 : month_of(event->day) / rule->months != period))
		return 0;
	return comes_back ? -1 : 1;
}

static bool model_counts(const struct line *line, const char *sku, const char *category)
{
	const char *own = categories[line->sku];

	return line->sku != SKUS - 1 && (sku == NULL || strcmp(sku, skus[line->sku]) == 0) &&
	       (category == NULL || (own != NULL && strcmp(category, own) == 0));
}

static int64_t model_sum(const struct world *world, const struct rule *rule, int outlet, int period, const char *category)
{
	int64_t sum = 0;

	for (int i = 0; i < TICKETS; i++) {
		const struct event *event = &world->events[i];
		int sign = model_sign(event, rule, outlet, period);

		for (int k = 0; sign != 0 && k < event->line_count; k++)
			if (model_counts(&event->lines[k], rule->sku, category))
				sum += sign * (rule->units ? event->lines[k].quantity : event->lines[k].amount);
	}
	return sum;
}

static int64_t model_basis(const struct world *world, const struct rule *rule, int outlet, int period)
{
	return model_sum(world, rule, outlet, period, rule->category);
}

static int model_skus(const struct world *world, const struct rule *rule, int outlet, int period)
{
	int count = 0;

	for (int sku = 0; sku < SKUS - 1; sku++) {
		int64_t units = 0;

		for (int i = 0; i < TICKETS; i++) {
			const struct event *event = &world->events[i];

			for (int k = 0; k < event->line_count; k++)
				units += event->lines[k].sku == sku ? model_sign(event, rule, outlet, period) * event->lines[k].quantity : 0;
		}
		count += units > 0;
	}
	return count;
}

static int model_displays(const struct world *world, int outlet, int period)
{
	bool stood[DAYS] = {0};
	int days = 0;

	for (int i = 0; i < VISITS; i++)
		if (world->visits[i].outlet == outlet && world->visits[i].stood && month_of(world->visits[i].day) == period)
			stood[world->visits[i].day] = true;
	for (int day = 0; day < DAYS; day++)
		days += stood[day];
	return days;
}

static bool model_meets(const struct world *world, const struct rule *rule, int outlet, int period)
{
	if (rule->mix != NULL &&
	    model_sum(world, rule, outlet, period, rule->mix) * 10000 < model_basis(world, rule, outlet, period) * rule->mix_bp)
		return false;
	return (rule->mix_skus == 0 || model_skus(world, rule, outlet, period) >= rule->mix_skus) &&
	       (rule->displays == 0 || model_displays(world, outlet, period) >= rule->displays);
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

	if (!model_meets(world, rule, outlet, period))
		return 0;
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
				hear_scheme(&stage, &rules[r], shuffle > 0 && rules[r].sku == NULL && rules[r].mix_skus == 0);
			for (int i = 0; i < TICKETS; i++) {
				for (int r = 0; r < RULES && i == late; r++)
					hear_scheme(&stage, &rules[r], false);
				hear_ticket(&stage, &world.events[world.order[i]]);
				if (i % (TICKETS / VISITS) == shuffle)
					hear_visit(&stage, &world, i / (TICKETS / VISITS));
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
			if (i % (TICKETS / VISITS) == 3)
				hear_visit(&stage, &world, i / (TICKETS / VISITS));
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

static void break_mix(struct standing *standing)
{
	standing->mix += 5;
}

static void break_displays(struct standing *standing)
{
	standing->displays = 2;
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
	} cases[] = {{break_accrued, 2}, {break_basis, 2},   {break_root, 1},    {break_settled, 1},
	             {break_version, 1}, {break_mix, 1}, {break_displays, 1}};
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_any_order_ends_at_the_same_figures),
	    cmocka_unit_test(test_locks_and_violations_lose_nothing),
	    cmocka_unit_test(test_the_cut_of_turns_changes_nothing),
	    cmocka_unit_test(test_a_changed_row_is_found),
	};

	return cmocka_run_group_tests(tests, rulebook_service, NULL);
}
