/*
 * Goal: the parts of any amount sum to it and lie within a unit of their share; whatever is sold, brought back and undone in whatever order,
 * every outlet has what a plain sum gives, and what is all undone leaves nothing; what comes back of a
 * sale leaves what its rest would have brought; and a sum that was changed is found. Method: dice against the arithmetic alone, then tickets of
 * dice through the real engine in several orders beside a model.
 */
#include "rulebook.h"

#include <stdio.h>

#include "base/error.h"
#include "money/commission.h"

#define TICKETS 120
#define FIRST_DAY 20454 /* 2026-01-01 */
#define OUTLETS 3

static const char *const codes[OUTLETS + 1] = {"S1", "D1", "D2", "NOBODY"};
static const uint32_t rates[2] = {333, 1250};						 /* of LIGHT, of all other goods */
static const uint32_t shares[2][ROLES] = {{1500, 4500, 2000, 2000}, {3334, 3333, 3333, 0}}; /* the same */

static void test_parts_sum_to_the_whole(void **state)
{
	uint64_t dice = 20261128;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		unsigned count = (unsigned)stage_random(&dice, SPLIT_MAX) + 1;
		int64_t amount = (int64_t)stage_random(&dice, round % 2 == 0 ? 50 : 9007199254740991u), parts[SPLIT_MAX], other[SPLIT_MAX], sum = 0;
		uint32_t split[SPLIT_MAX], left = SPLIT_WHOLE;

		for (unsigned i = 0; i < count; i++) {
			split[i] = i + 1 == count ? left : (uint32_t)stage_random(&dice, left + 1);
			left -= split[i];
		}
		split_amount(amount, split, count, parts);
		split_amount(-amount, split, count, other);
		for (unsigned i = 0; i < count; i++) {
			int64_t least = (int64_t)((wide)amount * split[i] / SPLIT_WHOLE);

			assert_in_range(parts[i], least, least + 1);
			assert_int_equal(other[i], -parts[i]);
			sum += parts[i];
		}
		assert_int_equal(sum, amount);
	}
}

struct sold {
	int seller, of[ROLES]; /* outlets of codes; -1: nobody */
	bool is_return, is_voided;
	int day;
	int64_t light, other; /* what was sold of both */
};

static uint64_t dice_of_world;

static int any_outlet(void)
{
	return (int)stage_random(&dice_of_world, OUTLETS + 2) - 1;
}

static void make(struct sold *sold, int count)
{
	for (int i = 0; i < count; i++) {
		sold[i] = (struct sold){.seller = (int)stage_random(&dice_of_world, OUTLETS),
					.of = {0, any_outlet(), any_outlet(), any_outlet()},
					.is_return = stage_random(&dice_of_world, 5) == 0,
					.is_voided = stage_random(&dice_of_world, 4) == 0,
					.day = (int)stage_random(&dice_of_world, 80),
					.light = (int64_t)stage_random(&dice_of_world, 3000),
					.other = (int64_t)stage_random(&dice_of_world, 3000)};
		sold[i].of[ROLE_SELLER] = sold[i].seller;
	}
}

static struct text code_of(int outlet)
{
	return text_of(outlet < 0 ? "" : codes[outlet]);
}

static void hear(struct stage *stage, const struct sold *sold, int number, bool is_void)
{
	struct sale_recorded_line lines[] = {{.sku = TEXT_LITERAL("A"), .quantity = {1000}, .amount = {sold->light}},
					     {.sku = TEXT_LITERAL("B"), .quantity = {1000}, .amount = {sold->other}}};
	struct text receipt, till = TEXT_LITERAL("T");
	char digits[16], day[DAY_TEXT_SIZE];

	snprintf(digits, sizeof(digits), "R%d", number);
	receipt = text_of(digits);
	day_text(FIRST_DAY + sold->day, day);
	if (is_void)
		stage_hear(stage, "sales", &sale_voided_type,
			   &(struct sale_voided){.outlet = code_of(sold->seller),
						 .terminal = till,
						 .receipt = receipt,
						 .currency = TEXT_LITERAL("CNY"),
						 .day = text_of(day),
						 .tier = 2,
						 .was = text_of(sold->is_return ? "return" : "sale"),
						 .lines = {(const struct sale_voided_line *)(const void *)lines, 2}});
	else if (sold->is_return)
		stage_hear(stage, "sales", &sale_returned_type,
			   &(struct sale_returned){.outlet = code_of(sold->seller),
						   .terminal = till,
						   .receipt = receipt,
						   .currency = TEXT_LITERAL("CNY"),
						   .day = text_of(day),
						   .tier = 2,
						   .lines = {(const struct sale_returned_line *)(const void *)lines, 2},
						   .has_handed_over_by = sold->of[1] >= 0,
						   .handed_over_by = code_of(sold->of[1]),
						   .has_picked_up_at = sold->of[2] >= 0,
						   .picked_up_at = code_of(sold->of[2]),
						   .has_serviced_by = sold->of[3] >= 0,
						   .serviced_by = code_of(sold->of[3])});
	else
		stage_hear(stage, "sales", &sale_recorded_type,
			   &(struct sale_recorded){.outlet = code_of(sold->seller),
						   .terminal = till,
						   .receipt = receipt,
						   .currency = TEXT_LITERAL("CNY"),
						   .day = text_of(day),
						   .tier = 2,
						   .lines = {lines, 2},
						   .has_handed_over_by = sold->of[1] >= 0,
						   .handed_over_by = code_of(sold->of[1]),
						   .has_picked_up_at = sold->of[2] >= 0,
						   .picked_up_at = code_of(sold->of[2]),
						   .has_serviced_by = sold->of[3] >= 0,
						   .serviced_by = code_of(sold->of[3])});
}

static void hear_rule(struct stage *stage, int rule, const char *code)
{
	struct commission_submitted_share list[ROLES];
	struct commission_submitted commission = {.commission = text_of(code),
						  .currency = TEXT_LITERAL("CNY"),
						  .rate_bp = rates[rule],
						  .has_category = rule == 0,
						  .category = text_of(rule == 0 ? "LIGHT" : "")};
	uint32_t count = 0;

	for (unsigned role = 0; role < ROLES; role++)
		if (shares[rule][role] > 0)
			list[count++] = (struct commission_submitted_share){text_of(commission_roles[role]), shares[rule][role]};
	commission.shares.items = list;
	commission.shares.count = count;
	stage_hear(stage, STAFF, &commission_submitted_type, &commission);
}

static void hear_master(struct stage *stage)
{
	for (int i = 0; i < OUTLETS; i++)
		rulebook_outlet(stage, codes[i], i == 0 ? 1 : 2);
	stage_hear(stage, STAFF, &product_submitted_type,
		   &(struct product_submitted){.sku = TEXT_LITERAL("A"),
					       .name = TEXT_LITERAL("a"),
					       .has_category = true,
					       .category = TEXT_LITERAL("LIGHT"),
					       .goods = true});
	stage_hear(stage, STAFF, &product_submitted_type,
		   &(struct product_submitted){.sku = TEXT_LITERAL("B"), .name = TEXT_LITERAL("b"), .goods = true});
	hear_rule(stage, 0, "LIGHTS");
	hear_rule(stage, 1, "ALL");
}

/* What a ticket brings an outlet in a role; by the arithmetic that the first test has tried. */
static int64_t brings(const struct sold *sold, int outlet, unsigned role)
{
	bool alone = sold->of[1] < 0 && sold->of[2] < 0 && sold->of[3] < 0;
	int64_t sum = 0;

	for (int rule = 0; rule < 2 && !alone; rule++) {
		int64_t basis = rule == 0 ? sold->light : sold->other, parts[ROLES];
		uint32_t mine[ROLES] = {0}, used[ROLES];
		unsigned at[ROLES], count = 0;

		for (unsigned of = 0; of < ROLES; of++)
			mine[of != 0 && sold->of[of] >= 0 && sold->of[of] < OUTLETS ? of : 0] += shares[rule][of];
		for (unsigned of = 0; of < ROLES; of++)
			if (mine[of] > 0) {
				used[count] = mine[of];
				at[count++] = of;
			}
		split_amount(divide_half_even((wide)(sold->is_return ? -basis : basis) * rates[rule], SPLIT_WHOLE), used, count, parts);
		for (unsigned i = 0; i < count; i++)
			sum += at[i] == role && sold->of[role] == outlet ? parts[i] : 0;
	}
	return sum;
}

static int64_t row_of(struct stage *stage, int outlet, unsigned role, const char *month)
{
	uint8_t key[KEY_SIZE];
	struct text of, word, currency;
	struct commission_sum sum = {0};
	struct view view;
	int32_t first;
	int64_t day;

	assert_true(day_number(text_of(month), &day));
	stage_commit(stage);
	assert_int_equal(view_open(&view, engine_store(stage->engine)), ERR_NONE);
	struct bytes at = commission_sum_key(key, text_of(codes[outlet]), text_of(commission_roles[role]), TEXT_LITERAL("CNY"), (int32_t)day);
	(void)commission_sum_read(at, view_get(&view, KERNEL_TABLES + TABLE_COMMISSION_SUM, at), &of, &word, &currency, &first, &sum);
	view_close(&view);
	return sum.amount;
}

static void compare(struct stage *stage, const struct sold *sold, bool all_undone)
{
	static const char *const months[] = {"2026-01-01", "2026-02-01", "2026-03-01"};
	static const int ends[] = {31, 59, 90};

	for (int outlet = 0; outlet < OUTLETS; outlet++)
		for (unsigned role = 0; role < ROLES; role++)
			for (int month = 0; month < 3; month++) {
				int64_t sum = 0;

				for (int i = 0; i < TICKETS; i++)
					if (!all_undone && !sold[i].is_voided && sold[i].day < ends[month] && sold[i].day >= (month > 0 ? ends[month - 1] : 0))
						sum += brings(&sold[i], outlet, role);
				assert_int_equal(row_of(stage, outlet, role, months[month]), sum);
			}
}

static void test_any_order_ends_at_the_same_sums(void **state)
{
	static const int steps[] = {1, 7, 41, 119};
	static struct sold sold[TICKETS];

	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct stage stage;
		char dir[64];

		dice_of_world = seed * 7919;
		make(sold, TICKETS);
		stage_folder(dir);
		stage_open(&stage, *state, dir);
		stage.turn_size = (uint32_t)seed * 5;
		hear_master(&stage);
		for (int i = 0; i < TICKETS; i++) {
			int next = i * steps[seed - 1] % TICKETS; /* no divisor in common: each once */

			hear(&stage, &sold[next], next, false);
			if (sold[next].is_voided && next % 2 == 0)
				hear(&stage, &sold[next], next, true);
		}
		for (int i = TICKETS - 1; i >= 0; i--)
			if (sold[i].is_voided && i % 2 != 0)
				hear(&stage, &sold[i], i, true);
		compare(&stage, sold, false);
		for (int i = 0; i < TICKETS; i++)
			if (!sold[i].is_voided)
				hear(&stage, &sold[i], i, true);
		compare(&stage, sold, true);
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_folder_remove(dir, *state);
	}
}

/* ---- what comes back ---- */

#define BACKS 12
#define SOLD_DAY 5

static void hear_back(struct stage *stage, int number, int64_t light, bool is_void)
{
	struct sale_recorded_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}, .amount = {light}};
	char receipt[16];

	snprintf(receipt, sizeof(receipt), "B%d", number);
	struct sale_returned returned = {.outlet = code_of(1),
					 .terminal = TEXT_LITERAL("T"),
					 .receipt = text_of(receipt),
					 .currency = TEXT_LITERAL("CNY"),
					 .day = TEXT_LITERAL("2026-02-01"),
					 .tier = 2,
					 .has_original = true,
					 .original = TEXT_LITERAL("R1"),
					 .has_original_terminal = true,
					 .original_terminal = TEXT_LITERAL("T"),
					 .has_original_day = true,
					 .original_day = TEXT_LITERAL("2026-01-06"),
					 .lines = {(const struct sale_returned_line *)(const void *)&line, 1}};

	if (is_void)
		stage_hear(stage, "sales", &sale_voided_type,
			   &(struct sale_voided){.outlet = returned.outlet,
						 .terminal = returned.terminal,
						 .receipt = returned.receipt,
						 .currency = returned.currency,
						 .day = returned.day,
						 .tier = 2,
						 .was = TEXT_LITERAL("return"),
						 .lines = {(const struct sale_voided_line *)(const void *)&line, 1}});
	else
		stage_hear(stage, "sales", &sale_returned_type, &returned);
}

/* What everybody has of it, in both months, is what the rest of the sale would have brought. */
static void compare_rest(struct stage *stage, const struct sold *rest)
{
	for (int outlet = 0; outlet < OUTLETS; outlet++)
		for (unsigned role = 0; role < ROLES; role++)
			assert_int_equal(row_of(stage, outlet, role, "2026-01-01") + row_of(stage, outlet, role, "2026-02-01"),
					 rest->light + rest->other > 0 ? brings(rest, outlet, role) : 0);
}

static void test_everybody_keeps_what_the_rest_would_have_brought(void **state)
{
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct sold sold = {.seller = 1, .of = {1, 0, 2, seed % 2 == 0 ? 2 : -1}, .day = SOLD_DAY, .light = 10007, .other = 333};
		struct sold rest = sold;
		int64_t taken[BACKS];
		struct stage stage;
		char dir[64];

		dice_of_world = seed * 104729;
		stage_folder(dir);
		stage_open(&stage, *state, dir);
		hear_master(&stage);
		hear(&stage, &sold, 1, false);
		for (int i = 0; i < BACKS; i++) {
			int64_t wanted = (int64_t)stage_random(&dice_of_world, 2000);

			hear_back(&stage, i, wanted, false);
			taken[i] = wanted < rest.light ? wanted : rest.light;
			rest.light -= taken[i];
			compare_rest(&stage, &rest);
		}
		for (int i = 0; i < BACKS; i += 2) {
			hear_back(&stage, i, taken[i], true);
			rest.light += taken[i];
			compare_rest(&stage, &rest);
		}
		hear(&stage, &sold, 1, true);
		rest.light = rest.other = 0;
		compare_rest(&stage, &rest);
		hear_back(&stage, 1, taken[1], true);
		compare_rest(&stage, &rest);
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_folder_remove(dir, *state);
	}
}

static void test_a_changed_sum_is_found(void **state)
{
	struct sold sold = {.seller = 1, .of = {1, 0, -1, -1}, .light = 10000};
	struct commission_sum sum = {.amount = 1, .parts = 1};
	uint8_t key[KEY_SIZE];
	struct stage stage;
	char dir[64];

	stage_folder(dir);
	stage_open(&stage, *state, dir);
	hear_master(&stage);
	hear(&stage, &sold, 1, false);
	stage_close(&stage);
	assert_int_equal(stage_check(*state, dir), 0);
	stage_open(&stage, *state, dir);
	assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
	store_put(engine_store(stage.engine), KERNEL_TABLES + TABLE_COMMISSION_SUM,
		  commission_sum_key(key, TEXT_LITERAL("S1"), TEXT_LITERAL("handed_over_by"), TEXT_LITERAL("CNY"), FIRST_DAY),
		  bytes_of(&sum, sizeof(sum)));
	assert_int_equal(store_commit(engine_store(stage.engine)), ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
	assert_int_equal(stage_check(*state, dir), 1);
	stage_folder_remove(dir, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts_sum_to_the_whole),
	    cmocka_unit_test(test_any_order_ends_at_the_same_sums),
	    cmocka_unit_test(test_everybody_keeps_what_the_rest_would_have_brought),
	    cmocka_unit_test(test_a_changed_sum_is_found),
	};

	return cmocka_run_group_tests(tests, rulebook_service, NULL);
}
