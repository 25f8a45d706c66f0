/*
 * Goal: whatever is heard first, a sale or what came back of it, a promotion has given the same in the end, and the audit agrees. Method: sales and
 * their voids at one till, returns and their voids at another; each till in its order, both mixed by dice, beside the order in which all is
 * sold before anything comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/error.h"
#include "events/partners.h"
#include "events/terminals.h"
#include "promotion.h"
#include "../stage/stage.h"

#define SALES 40
#define WORDS (SALES * 4)
#define SEEDS 8

int orders_main(int argc, char **argv);

enum kind { SOLD, RETURNED, VOIDED };

/* What a till says. */
struct word {
	enum kind kind;
	int number, of; /* of its receipt; of the sale that is brought back */
	int64_t price;
	bool has_day;
};

/* The sales and the returns, in the order of their tills. */
struct story {
	struct word words[2][WORDS];
	int count[2];
};

static void declare(struct stage *stage)
{
	static const char *const tills[] = {"D1/T1", "D1/T2"};

	stage_hear(stage, "office", &outlet_declared_type,
		   &(struct outlet_declared){.outlet = TEXT_LITERAL("D1"),
					     .name = TEXT_LITERAL("d"),
					     .tier = 2,
					     .kind = TEXT_LITERAL("dealer"),
					     .currency = TEXT_LITERAL("CNY"),
					     .version = 1});
	for (int i = 0; i < 2; i++)
		stage_hear(stage, "office", &terminal_declared_type,
			   &(struct terminal_declared){.terminal = text_of(tills[i]), .outlet = TEXT_LITERAL("D1"), .version = 1});
	stage_hear(stage, "office", &product_declared_type,
		   &(struct product_declared){.sku = TEXT_LITERAL("A"), .name = TEXT_LITERAL("a"), .goods = true, .version = 1});
	stage_hear(stage, "office", &price_declared_type,
		   &(struct price_declared){.sku = TEXT_LITERAL("A"), .currency = TEXT_LITERAL("CNY"), .list = {100000}, .version = 1});
	stage_hear(stage, "office", &promotion_declared_type,
		   &(struct promotion_declared){.promotion = TEXT_LITERAL("P"),
						.name = TEXT_LITERAL("p"),
						.mechanic = TEXT_LITERAL("percent"),
						.has_off_bp = true,
						.off_bp = 3000,
						.currency = TEXT_LITERAL("CNY"),
						.from = TEXT_LITERAL("2026-03-01"),
						.until = TEXT_LITERAL("2026-03-07"),
						.brand_bp = 3333,
						.version = 1});
}

static void say(struct story *story, int till, struct word word)
{
	story->words[till][story->count[till]++] = word;
}

/* Three pieces are sold, up to two come back; a return is void at once, a sale when others have been sold behind it. */
static void make(struct story *story, uint64_t *dice)
{
	*story = (struct story){.count = {0}};
	for (int i = 0; i < SALES; i++) {
		say(story, 0, (struct word){.kind = SOLD, .number = i, .price = 69000 + (int64_t)stage_random(dice, 31000)});
		if (i > 3 && stage_random(dice, 6) == 0)
			say(story, 0, (struct word){.kind = VOIDED, .number = i - 3});
	}
	for (int i = 0; i < SALES; i++)
		for (int64_t back = (int64_t)stage_random(dice, 3); back > 0; back--) {
			int number = 100 + story->count[1];

			say(story, 1, (struct word){.kind = RETURNED, .number = number, .of = i, .has_day = stage_random(dice, 2) == 0});
			if (stage_random(dice, 4) == 0)
				say(story, 1, (struct word){.kind = VOIDED, .number = number});
		}
}

static void hear(struct stage *stage, int till, const struct word *word)
{
	const char *source = till == 0 ? "D1/T1" : "D1/T2";
	const struct text outlet = TEXT_LITERAL("D1"), currency = TEXT_LITERAL("CNY");
	const struct text day = text_of(till == 0 ? "2026-03-01" : "2026-03-04");
	struct ticket_sold_line sold = {.sku = TEXT_LITERAL("A"), .quantity = {3000}, .has_unit_price = true, .unit_price = {word->price}};
	struct ticket_returned_line back = {.sku = TEXT_LITERAL("A"), .quantity = {1000}, .has_amount = true, .amount = {700}};
	char receipt[16], original[16];

	snprintf(receipt, sizeof(receipt), "R%d", word->number);
	snprintf(original, sizeof(original), "R%d", word->of);
	if (word->kind == SOLD)
		stage_hear(stage, source, &ticket_sold_type,
			   &(struct ticket_sold){
			       .outlet = outlet, .receipt = text_of(receipt), .currency = currency, .day = day, .lines = {&sold, 1}});
	else if (word->kind == VOIDED)
		stage_hear(stage, source, &ticket_voided_type,
			   &(struct ticket_voided){.outlet = outlet, .receipt = text_of(receipt), .day = day});
	else
		stage_hear(stage, source, &ticket_returned_type,
			   &(struct ticket_returned){.outlet = outlet,
						     .receipt = text_of(receipt),
						     .currency = currency,
						     .day = day,
						     .has_original = true,
						     .original = text_of(original),
						     .has_original_terminal = true,
						     .original_terminal = TEXT_LITERAL("D1/T1"),
						     .has_original_day = word->has_day,
						     .original_day = TEXT_LITERAL("2026-03-01"),
						     .lines = {&back, 1}});
}

/* The returns are heard when the sales are over, before them, or mixed with them, `returns` times of ten. */
static struct promotion_sum play(const struct service *service, const struct story *story, uint64_t returns, uint64_t *dice, unsigned *matched)
{
	const struct event_type *type;
	struct promotion_sum sum = {0};
	struct stage stage;
	const void *event;
	struct view view;
	int at[2] = {0};
	char dir[64];

	stage_folder(dir);
	stage_open(&stage, service, dir);
	stage.turn_size = 7;
	declare(&stage);
	while (at[0] < story->count[0] || at[1] < story->count[1]) {
		int till = at[0] == story->count[0] || (at[1] < story->count[1] && stage_random(dice, 10) < returns);

		hear(&stage, till, &story->words[till][at[till]++]);
	}
	while (stage_said(&stage, &type, &event))
		*matched += type == &return_matched_type;
	assert_int_equal(view_open(&view, engine_store(stage.engine)), ERR_NONE);
	assert_true(promotion_sum_read(view_get(&view, KERNEL_TABLES + TABLE_PROMOTION_SUM, bytes_of("P", 1)), &sum));
	view_close(&view);
	stage_close(&stage);
	assert_int_equal(stage_check(service, dir), 0);
	stage_folder_remove(dir, service);
	return sum;
}

static void test_any_order_of_sales_and_returns_gives_the_same(void **state)
{
	unsigned in_order = 0, late = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		uint64_t dice = seed * 7919;
		static struct story story;

		make(&story, &dice);
		struct promotion_sum first = play(*state, &story, 0, &dice, &in_order);
		for (uint64_t returns = 4; returns <= 10; returns += 3) {
			struct promotion_sum sum = play(*state, &story, returns, &dice, &late);

			assert_memory_equal(&sum, &first, sizeof(sum));
		}
		assert_true(first.given > 0);
	}
	assert_int_equal(in_order, 0);
	assert_true(late > SEEDS * SALES / 4);
}

static int service_find(void **state)
{
	*state = (void *)(uintptr_t)stage_service(orders_main);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_any_order_of_sales_and_returns_gives_the_same),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
