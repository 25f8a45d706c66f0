/*
 * Goal: whatever comes first, orders, payments, limits or withdrawals, what an outlet owes is the sum of its accepted orders less what it has
 * paid, every order is settled since the same day, nothing waits that would fit, and the audit finds a book that was changed. Method: pasts
 * of dice through the real engine in several orders of arrival, beside a model that adds everything up once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/error.h"
#include "credit.h"
#include "events/partners.h"
#include "../stage/stage.h"

#define ORDERS 40
#define PAYMENTS 60
#define THINGS (ORDERS + PAYMENTS)
#define FIRST_DAY 20454 /* 2026-01-01 */
#define PRICE_E4 12345

int orders_main(int argc, char **argv);

struct payment {
	int order, day; /* order -1: none */
	const char *kind;
	int64_t amount;
};

struct past {
	uint64_t dice;
	int64_t pieces[ORDERS];
	bool withdrawn[ORDERS];
	int days[ORDERS];
	struct payment payments[PAYMENTS];
	int arrival[THINGS]; /* orders, then payments */
};

static uint64_t pick(struct past *past, uint64_t below)
{
	return stage_random(&past->dice, below);
}

static int64_t worth(const struct past *past, int order)
{
	int64_t e4 = past->pieces[order] * PRICE_E4, fen = e4 / 100, rest = e4 % 100;

	return fen + (rest > 50 || (rest == 50 && fen % 2 != 0)); /* half to even */
}

static void past_make(struct past *past, uint64_t seed)
{
	*past = (struct past){.dice = seed};
	for (int i = 0; i < ORDERS; i++) {
		past->pieces[i] = (int64_t)pick(past, 900) + 1;
		past->withdrawn[i] = pick(past, 6) == 0;
		past->days[i] = (int)pick(past, 60);
	}
	for (int i = 0; i < PAYMENTS; i++) {
		struct payment *payment = &past->payments[i];

		payment->order = (int)pick(past, ORDERS + 8) - 8;
		payment->order = payment->order < 0 ? -1 : payment->order;
		payment->day = (int)pick(past, 90);
		payment->kind = pick(past, 5) == 0 ? "refund" : payment->order < 0 ? "deposit" : "payment";
		payment->amount = payment->order < 0 ? (int64_t)pick(past, 40000) + 1 : worth(past, payment->order) / (int64_t)(pick(past, 2) + 1) + 1;
	}
	for (int i = 0; i < THINGS; i++)
		past->arrival[i] = i;
}

static void past_shuffle(struct past *past)
{
	for (int i = THINGS - 1; i > 0; i--) {
		int other = (int)pick(past, (uint64_t)i + 1), kept = past->arrival[i];

		past->arrival[i] = past->arrival[other];
		past->arrival[other] = kept;
	}
}

static void hear_order(struct stage *stage, const struct past *past, int number)
{
	struct order_requested_line line = {.sku = TEXT_LITERAL("A"), .quantity = {past->pieces[number] * 1000}};
	char code[16], day[DAY_TEXT_SIZE];

	snprintf(code, sizeof(code), "O%d", number);
	day_text(FIRST_DAY + past->days[number], day);
	struct order_requested request = {.outlet = TEXT_LITERAL("D1"), .order = text_of(code), .day = text_of(day), .lines = {&line, 1}};
	stage_hear(stage, "D1/T1", &order_requested_type, &request);
	if (past->withdrawn[number])
		stage_hear(stage, "D1/T1", &order_withdrawn_type,
			   &(struct order_withdrawn){.outlet = TEXT_LITERAL("D1"), .order = text_of(code)});
}

static void hear_payment(struct stage *stage, const struct past *past, int number)
{
	const struct payment *payment = &past->payments[number];
	char code[16], order[16], day[DAY_TEXT_SIZE];

	snprintf(code, sizeof(code), "P%d", number);
	snprintf(order, sizeof(order), "O%d", payment->order);
	day_text(FIRST_DAY + payment->day, day);
	struct payment_received received = {.payment = text_of(code),
					    .outlet = TEXT_LITERAL("D1"),
					    .kind = text_of(payment->kind),
					    .amount = {payment->amount},
					    .currency = TEXT_LITERAL("CNY"),
					    .day = text_of(day),
					    .has_order = payment->order >= 0,
					    .order = text_of(payment->order >= 0 ? order : ""),
					    .version = 1};
	stage_hear(stage, "office", &payment_received_type, &received);
}

static void hear_limit(struct stage *stage, int64_t limit, int64_t version)
{
	stage_hear(stage, "office", &credit_declared_type,
		   &(struct credit_declared){.outlet = TEXT_LITERAL("D1"), .currency = TEXT_LITERAL("CNY"), .limit = {limit}, .version = version});
}

/* The past as it arrives; a limit that is set among it, and lifted at the end, when limit is not 0. */
static void play(struct stage *stage, const struct past *past, int64_t limit)
{
	stage_hear(stage, "office", &outlet_declared_type,
		   &(struct outlet_declared){.outlet = TEXT_LITERAL("D1"),
					     .name = TEXT_LITERAL("d"),
					     .tier = 2,
					     .kind = TEXT_LITERAL("dealer"),
					     .currency = TEXT_LITERAL("CNY"),
					     .version = 1});
	stage_hear(stage, "office", &product_declared_type,
		   &(struct product_declared){.sku = TEXT_LITERAL("A"), .name = TEXT_LITERAL("a"), .goods = true, .version = 1});
	stage_hear(
	    stage, "office", &price_declared_type,
	    &(struct price_declared){.sku = TEXT_LITERAL("A"), .currency = TEXT_LITERAL("CNY"), .list = {PRICE_E4}, .version = 1});
	for (int i = 0; i < THINGS; i++) {
		int thing = past->arrival[i];

		if (limit > 0 && i % 10 == 3)
			hear_limit(stage, i % 20 == 3 ? limit : limit / 2, i / 10 + 1);
		if (thing < ORDERS)
			hear_order(stage, past, thing);
		else
			hear_payment(stage, past, thing - ORDERS);
	}
}

/* The day since which the payments of an order have been enough; 0: they are not. */
static int32_t model_since(const struct past *past, int order)
{
	int32_t since = 0;
	int64_t sum = 0;

	for (int day = 0; day < 90; day++) {
		bool any = false;

		for (int i = 0; i < PAYMENTS; i++)
			if (past->payments[i].order == order && past->payments[i].day == day) {
				sum += past->payments[i].kind[0] == 'r' ? -past->payments[i].amount : past->payments[i].amount;
				any = true;
			}
		if (sum < worth(past, order))
			since = 0;
		else if (any && since == 0)
			since = FIRST_DAY + day;
	}
	return past->withdrawn[order] ? 0 : since;
}

/* Compares with the model; accepted: every order that was not withdrawn is. Returns how many orders are paid. */
static int compare(struct stage *stage, const struct past *past, bool accepted)
{
	int64_t ordered = 0, held = 0, paid = 0;
	struct credit credit;
	struct view view;
	int settled = 0;

	stage_commit(stage);
	assert_int_equal(view_open(&view, engine_store(stage->engine)), ERR_NONE);
	assert_true(credit_read(view_get(&view, KERNEL_TABLES + TABLE_CREDIT, bytes_of_text(TEXT_LITERAL("D1"))), &credit));
	for (int i = 0; i < ORDERS; i++) {
		uint8_t key[KEY_SIZE];
		struct order_row row;
		char code[16];

		snprintf(code, sizeof(code), "O%d", i);
		assert_true(order_read(view_get(&view, KERNEL_TABLES + TABLE_ORDER, order_key(key, TEXT_LITERAL("D1"), text_of(code))), &row));
		assert_int_equal(row.amount, worth(past, i));
		assert_int_equal(row.state == ORDER_CANCELLED, past->withdrawn[i]);
		assert_int_equal(row.paid_on, row.state == ORDER_HELD ? 0 : model_since(past, i));
		assert_true(row.state != ORDER_HELD || (!accepted && !credit_fits(&credit, row.amount)));
		ordered += row.state == ORDER_ACCEPTED ? row.amount : 0;
		held += row.state == ORDER_HELD;
		settled += row.paid_on != 0;
	}
	view_close(&view);
	for (int i = 0; i < PAYMENTS; i++)
		paid += past->payments[i].kind[0] == 'r' ? -past->payments[i].amount : past->payments[i].amount;
	assert_int_equal(credit.ordered, ordered);
	assert_int_equal(credit.held, held);
	assert_int_equal(credit_exposure(&credit), ordered - paid);
	return settled;
}

static void test_what_is_owed_does_not_depend_on_what_came_first(void **state)
{
	static struct past past;

	for (uint64_t seed = 1; seed <= 8; seed++) {
		past_make(&past, seed * 7919);
		for (int shuffle = 0; shuffle < 5; shuffle++) {
			struct stage stage;

			stage_open(&stage, *state, NULL);
			stage.turn_size = (uint32_t)shuffle * 7 + 1;
			play(&stage, &past, 0);
			assert_in_range(compare(&stage, &past, true), 3, ORDERS);
			stage_close(&stage);
			past_shuffle(&past);
		}
	}
}

static void test_nothing_waits_that_would_fit(void **state)
{
	static struct past past;
	char dir[64];

	for (uint64_t seed = 1; seed <= 6; seed++) {
		const struct event_type *type;
		const void *event;
		struct stage stage;
		int held = 0, released = 0;

		past_make(&past, seed * 104729);
		past_shuffle(&past);
		stage_folder(dir);
		stage_open(&stage, *state, dir);
		stage.turn_size = 5;
		play(&stage, &past, 150000);
		(void)compare(&stage, &past, false);
		hear_limit(&stage, NUMBER_MAX, 99);
		(void)compare(&stage, &past, true); /* what had to wait is as if it had not */
		while (stage_said(&stage, &type, &event)) {
			held += type == &order_held_type;
			released += type == &order_released_type;
		}
		assert_in_range(released, 1, held); /* it was worth its time */
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_folder_remove(dir, *state);
	}
}

static void test_a_changed_book_is_found(void **state)
{
	static struct past past;
	char dir[64];

	for (int field = 0; field < 4; field++) {
		struct text outlet = TEXT_LITERAL("D1");
		struct credit credit;
		struct stage stage;

		past_make(&past, 31);
		stage_folder(dir);
		stage_open(&stage, *state, dir);
		play(&stage, &past, 0);
		stage_close(&stage);
		stage_open(&stage, *state, dir);
		assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
		assert_true(credit_read(store_get(engine_store(stage.engine), KERNEL_TABLES + TABLE_CREDIT, bytes_of_text(outlet)), &credit));
		*(field == 0 ? &credit.ordered : field == 1 ? &credit.paid : field == 2 ? &credit.deposit : &credit.held) += 1;
		store_put(engine_store(stage.engine), KERNEL_TABLES + TABLE_CREDIT, bytes_of_text(outlet), bytes_of(&credit, sizeof(credit)));
		assert_int_equal(store_commit(engine_store(stage.engine)), ERR_NONE);
		engine_close(&stage.engine);
		arena_close(&stage.arena);
		assert_int_equal(stage_check(*state, dir), 1);
		stage_folder_remove(dir, *state);
	}
}

static int service_find(void **state)
{
	*state = (void *)(uintptr_t)stage_service(orders_main);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_owed_does_not_depend_on_what_came_first),
	    cmocka_unit_test(test_nothing_waits_that_would_fit),
	    cmocka_unit_test(test_a_changed_book_is_found),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
