/*
 * Goal: whatever is claimed and decided by whomever in whatever order, no fund ever approves more than its budget, the balance is the budget less
 * what was said to be approved, from the amount on that a fund says two people have approved; and a sum that was changed is found. Method:
 * claims and steps of dice through the real engine, beside what was said added up.
 */
#include "rulebook.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "events/staff.h"
#include "money/fund.h"

#define CLAIMS 60
#define STEPS 400
#define BUDGET 50000
#define SECOND 3000

static const char *const people[] = {"staff/wu", "staff/li", "staff/ann"};

static void claim_code(int number, char code[16])
{
	snprintf(code, 16, "CL-%d", number);
}

static void hear_claim(struct stage *stage, int number, int64_t amount)
{
	char code[16];

	claim_code(number, code);
	stage_hear(stage, people[number % 3], &claim_submitted_type,
		   &(struct claim_submitted){.claim = text_of(code),
					     .fund = TEXT_LITERAL("MKT"),
					     .outlet = TEXT_LITERAL("D1"),
					     .amount = {amount},
					     .currency = TEXT_LITERAL("CNY"),
					     .day = TEXT_LITERAL("2026-01-10"),
					     .purpose = TEXT_LITERAL("p"),
					     .proof = TEXT_LITERAL("i")});
}

static void hear_step(struct stage *stage, uint64_t *dice)
{
	static const char *const steps[] = {"approve", "approve", "approve", "settle", "reject"};
	const char *step = steps[stage_random(dice, 5)];
	struct claim_step_submitted taken = {.step = text_of(step), .has_reason = true, .reason = TEXT_LITERAL("r")};
	char code[16];

	if (step[0] == 'r' && stage_random(dice, 4) != 0)
		return; /* few are rejected */
	claim_code((int)stage_random(dice, CLAIMS), code);
	taken.claim = text_of(code);
	taken.has_amount = stage_random(dice, 3) == 0;
	taken.amount.minor = (int64_t)stage_random(dice, 6000) - 100;
	stage_hear(stage, people[stage_random(dice, 3)], &claim_step_submitted_type, &taken);
}

static void hear_fund(struct stage *stage)
{
	rulebook_outlet(stage, "D1", 2);
	stage_hear(stage, STAFF, &fund_submitted_type,
		   &(struct fund_submitted){.fund = TEXT_LITERAL("MKT"),
					    .name = TEXT_LITERAL("m"),
					    .currency = TEXT_LITERAL("CNY"),
					    .budget = {BUDGET},
					    .has_second_from = true,
					    .second_from = {SECOND},
					    .from = TEXT_LITERAL("2026-01-01"),
					    .until = TEXT_LITERAL("2026-12-31")});
}

/* What was said of the claims, added up; how many had two approvals. */
static int listen(struct stage *stage, struct fund_sum *sum)
{
	char endorsed[CLAIMS][16] = {{0}};
	const struct event_type *type;
	const void *event;
	int seconds = 0;

	while (stage_said(stage, &type, &event)) {
		const struct claim_endorsed *e = event;
		const struct claim_approved *a = event;
		const struct claim_settled *s = event;

		if (type == &claim_opened_type)
			sum->claims++;
		else if (type == &claim_endorsed_type)
			code_put(endorsed[strtol(e->claim.data + 3, NULL, 10)], sizeof(endorsed[0]), e->by);
		else if (type == &claim_settled_type)
			sum->settled += s->amount.minor;
		if (type != &claim_approved_type)
			continue;
		const char *first = endorsed[strtol(a->claim.data + 3, NULL, 10)];
		sum->approved += a->amount.minor;
		assert_int_equal(a->balance.minor, BUDGET - sum->approved);
		assert_true(a->balance.minor >= 0);
		assert_true(a->amount.minor < SECOND || (first[0] != 0 && !text_equal(text_of(first), a->by)));
		seconds += first[0] != 0;
	}
	return seconds;
}

static struct fund_sum row_of(struct stage *stage)
{
	struct fund_sum sum;
	struct view view;

	stage_commit(stage);
	assert_int_equal(view_open(&view, engine_store(stage->engine)), ERR_NONE);
	assert_true(fund_sum_read(view_get(&view, KERNEL_TABLES + TABLE_FUND_SUM, bytes_of_text(TEXT_LITERAL("MKT"))), &sum));
	view_close(&view);
	return sum;
}

static void test_a_fund_is_never_overdrawn(void **state)
{
	for (uint64_t seed = 1; seed <= 5; seed++) {
		uint64_t dice = seed * 104729;
		struct fund_sum said = {0}, kept;
		struct stage stage;
		char dir[64];

		stage_folder(dir);
		stage_open(&stage, *state, dir);
		stage.turn_size = (uint32_t)seed * 4 + 1;
		hear_fund(&stage);
		for (int i = 0; i < STEPS; i++) {
			if (i % 4 == 0 && i / 4 < CLAIMS)
				hear_claim(&stage, i / 4, (int64_t)stage_random(&dice, 6000) + 1);
			hear_step(&stage, &dice);
		}
		kept = row_of(&stage);
		assert_in_range(listen(&stage, &said), 1, CLAIMS); /* it was worth its time */
		assert_int_equal(kept.approved, said.approved);
		assert_int_equal(kept.settled, said.settled);
		assert_int_equal(kept.claims, said.claims);
		assert_in_range(kept.approved, BUDGET / 2, BUDGET);
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_folder_remove(dir, *state);
	}
}

static void test_a_changed_sum_is_found(void **state)
{
	static const struct {
		struct fund_sum sum;
		int wrongs;
	} cases[] = {{{1, 0, 1}, 1}, {{0, 0, 2}, 1}, {{0, 1, 1}, 2}, {{BUDGET + 1, 0, 1}, 2}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text fund = TEXT_LITERAL("MKT");
		struct stage stage;
		char dir[64];

		stage_folder(dir);
		stage_open(&stage, *state, dir);
		hear_fund(&stage);
		hear_claim(&stage, 0, 100);
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_open(&stage, *state, dir);
		assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
		store_put(engine_store(stage.engine), KERNEL_TABLES + TABLE_FUND_SUM, bytes_of_text(fund),
			  bytes_of(&cases[i].sum, sizeof(cases[i].sum)));
		assert_int_equal(store_commit(engine_store(stage.engine)), ERR_NONE);
		engine_close(&stage.engine);
		arena_close(&stage.arena);
		assert_int_equal(stage_check(*state, dir), cases[i].wrongs);
		stage_folder_remove(dir, *state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_fund_is_never_overdrawn),
	    cmocka_unit_test(test_a_changed_sum_is_found),
	};

	return cmocka_run_group_tests(tests, rulebook_service, NULL);
}
