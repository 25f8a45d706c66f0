/*
 * Goal: the audit names every row of orders, credits, payments, promotions and polygons that the journal does not give, and questions leave out
 * rows that cannot be read. Method: a few days of two dealers through the real engine, with an order that waits, one that was cancelled, a
 * promotion that was taken back and a polygon; then one row changed, added or cut short, as a bug would leave it.
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
#include "kernel/query.h"
#include "promotion.h"
#include "waiting.h"
#include "zone.h"
#include "../stage/stage.h"

int orders_main(int argc, char **argv);

static void declare(struct stage *stage)
{
	static const char *const dealers[] = {"D1", "D2"}, *const tills[] = {"D1/T1", "D2/T1"};
	struct territory_declared_area area = {.area = TEXT_LITERAL("310000")};
	struct territory_declared_point points[] = {{0, 0}, {0, 10}, {10, 0}};

	for (int i = 0; i < 2; i++) {
		stage_hear(stage, "office", &outlet_declared_type,
			   &(struct outlet_declared){.outlet = text_of(dealers[i]),
						     .name = TEXT_LITERAL("d"),
						     .tier = 2,
						     .kind = TEXT_LITERAL("dealer"),
						     .currency = TEXT_LITERAL("CNY"),
						     .version = 1});
		stage_hear(stage, "office", &terminal_declared_type,
			   &(struct terminal_declared){.terminal = text_of(tills[i]), .outlet = text_of(dealers[i]), .version = 1});
	}
	stage_hear(stage, "office", &product_declared_type,
		   &(struct product_declared){.sku = TEXT_LITERAL("A"), .name = TEXT_LITERAL("a"), .goods = true, .version = 1});
	stage_hear(stage, "office", &price_declared_type,
		   &(struct price_declared){.sku = TEXT_LITERAL("A"), .currency = TEXT_LITERAL("CNY"), .list = {100000}, .version = 1});
	stage_hear(stage, "office", &promotion_declared_type,
		   &(struct promotion_declared){.promotion = TEXT_LITERAL("P"),
						.name = TEXT_LITERAL("p"),
						.mechanic = TEXT_LITERAL("percent"),
						.has_off_bp = true,
						.off_bp = 2000,
						.currency = TEXT_LITERAL("CNY"),
						.from = TEXT_LITERAL("2026-03-01"),
						.until = TEXT_LITERAL("2026-03-07"),
						.brand_bp = 5000,
						.version = 1});
	stage_hear(stage, "office", &territory_declared_type,
		   &(struct territory_declared){.territory = TEXT_LITERAL("ZONE"),
						.name = TEXT_LITERAL("z"),
						.kind = TEXT_LITERAL("exclusive"),
						.holder = TEXT_LITERAL("D1"),
						.areas = {&area, 1},
						.has_points = true,
						.points = {points, 3},
						.version = 1});
	stage_hear(stage, "office", &certificate_granted_type,
		   &(struct certificate_granted){.training_result = TEXT_LITERAL("TR-1"),
						 .member = TEXT_LITERAL("E-1"),
						 .outlet = TEXT_LITERAL("D1"),
						 .course = TEXT_LITERAL("LAMPS"),
						 .course_version = 1,
						 .from = TEXT_LITERAL("2026-03-01")});
	stage_hear(stage, "office", &credit_declared_type,
		   &(struct credit_declared){.outlet = TEXT_LITERAL("D1"), .currency = TEXT_LITERAL("CNY"), .limit = {5000}, .version = 1});
}

static void order(struct stage *stage, const char *outlet, const char *code, int64_t pieces)
{
	struct order_requested_line line = {.sku = TEXT_LITERAL("A"), .quantity = {pieces * 1000}};

	stage_hear(stage, "desk", &order_requested_type,
		   &(struct order_requested){.outlet = text_of(outlet), .order = text_of(code), .day = TEXT_LITERAL("2026-03-01"), .lines = {&line, 1}});
}

static void pay(struct stage *stage, const char *outlet, const char *code)
{
	stage_hear(stage, "office", &payment_received_type,
		   &(struct payment_received){.payment = text_of(code),
					      .outlet = text_of(outlet),
					      .kind = TEXT_LITERAL("payment"),
					      .amount = {700},
					      .currency = TEXT_LITERAL("CNY"),
					      .day = TEXT_LITERAL("2026-03-02"),
					      .version = 1});
}

/* Orders O1, cancelled O2 and O3 that waits; receipts R1 and R2 under the promotion, and R2 void. */
static void happen(struct stage *stage)
{
	static const char *const receipts[] = {"R1", "R2"};
	struct ticket_sold_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}, .has_unit_price = true, .unit_price = {90000}};

	declare(stage);
	order(stage, "D1", "O1", 2);
	order(stage, "D1", "O2", 1);
	stage_hear(stage, "desk", &order_withdrawn_type, &(struct order_withdrawn){.outlet = TEXT_LITERAL("D1"), .order = TEXT_LITERAL("O2")});
	order(stage, "D1", "O3", 9);
	order(stage, "D2", "O1", 1);
	pay(stage, "D1", "P1");
	pay(stage, "D2", "P2");
	for (int i = 0; i < 2; i++)
		stage_hear(stage, "D1/T1", &ticket_sold_type,
			   &(struct ticket_sold){.outlet = TEXT_LITERAL("D1"),
						 .receipt = text_of(receipts[i]),
						 .currency = TEXT_LITERAL("CNY"),
						 .day = TEXT_LITERAL("2026-03-01"),
						 .lines = {&line, 1}});
	stage_hear(stage, "D1/T1", &ticket_voided_type,
		   &(struct ticket_voided){.outlet = TEXT_LITERAL("D1"), .receipt = TEXT_LITERAL("R2"), .day = TEXT_LITERAL("2026-03-01")});
}

#define KEY(text) (text), sizeof(text) - 1
#define STATE offsetof(struct ticket_row, state) /* an order's as well */
#define SUM(field) offsetof(struct promotion_sum, field)

static void test_a_row_that_the_journal_does_not_give_is_found(void **state)
{
	static const struct odd rows[] = {
	    {TABLE_TICKET, KEY("D1/T1\0" "2026-03-01\0R2"), 0, 999, 0, "the row of receipt R2 of D1/T1 on 2026-03-01 says otherwise"},
	    {TABLE_TICKET, KEY("D1/T1\0" "2026-03-01\0R2"), STATE, TICKET_SOLD, 0, "voids: 1 in the journal, 0 in the rows"},
	    {TABLE_TICKET, KEY("D1/T1\0" "2026-03-01\0R1"), 0, 0, 3, "the row of receipt R1 of D1/T1 on 2026-03-01 is missing"},
	    {TABLE_ORDER, KEY("D1\0O1"), 0, 999, 0, "the row of order O1 of D1 says otherwise"},
	    {TABLE_ORDER, KEY("D1\0O1"), STATE, 0, 0, "the row of order O1 of D1 says otherwise"},
	    {TABLE_ORDER, KEY("D1\0O1"), 0, 0, 3, "its rows give 0, 700, 0, 1"},
	    {TABLE_ORDER, KEY("D1\0O2"), 0, 999, 0, "the row of order O2 of D1 says otherwise"},
	    {TABLE_ORDER, KEY("D1\0O2"), STATE, ORDER_ACCEPTED, 0, "cancelled orders: 1 in the journal, 0 in the rows"},
	    {TABLE_CREDIT, KEY("D1"), 0, 99999, 0, "order O3 of D1 waits and would fit"},
	    {TABLE_CREDIT, KEY("D2"), 0, 0, 3, "the credit of D2 cannot be read"},
	    {TABLE_HELD, KEY("D1\0\0\0\0\0\0\0\0\1"), 0, 'O' | '1' << 8, 2, "order O1 of D1 waits and is not held"},
	    {TABLE_HELD, KEY("D1\0\0\0\0\0\0\0\0\1"), 0, 'O' | '3' << 8, 2, "order O3 of D1 waits and is not held"},
	    {TABLE_PAID, KEY("D2\0\0\0\0\x50\x22"), 0, 0, 3, "credit of D2: 1000 ordered, 700 paid, 0 deposited, 0 waiting; its rows give 1000, 0, 0, 0"},
	    {TABLE_PROMOTION_SUM, KEY("P"), SUM(brand), 49, 0, "of 100 given, 49 and 50 are paid"},
	    {TABLE_PROMOTION_SUM, KEY("P"), 0, 0, 3, "promotions: 100 given on 1 lines in the journal, 0 on 0 in the rows of 1"},
	    {TABLE_CERTIFICATE, KEY("D1\0LAMPS\0TR-1"), 0, 0, 3, "certificate TR-1 at D1: it has no row by its last day"},
	    {TABLE_CERTIFICATE, KEY("D1\0LAMPS\0TR-1"), 0, 0, 0, "certificate TR-1 at D1: it has no row by its last day"},
	    {TABLE_HOLDER, KEY("D1\0LAMPS\0\0\0\0\0\0\0\0\1TR-1"), 0, 0, 8, "certificates: 1, and 2 rows by their last days"},
	    {TABLE_ZONE, KEY("ZONE"), 0, 0, 16, "territory ZONE: its points are none"},
	    {TABLE_ZONE, KEY("ZONE"), 0, 0, 25, "territory ZONE: its points are none"},
	    {TABLE_ZONE, KEY("ZONE"), 0, 0, (POLYGON_MAX + 1) * sizeof(struct point), "territory ZONE: its points are none"},
	    {TABLE_ZONE, KEY("a-territory-longer-than-any-code-is"), 0, 0, 24, "its points are none"},
	    {TABLE_CELL, KEY("123456789ZONE"), 0, 0, 1, "territories: 1 cells of their points, 2 rows, 0 missing"},
	};
	char dir[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stage stage;

		stage_folder(dir);
		stage_open(&stage, *state, dir);
		happen(&stage);
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_spoil(*state, dir, &rows[i]);
		if (!stage_check_says(*state, dir, rows[i].says))
			fail_msg("not found: %s", rows[i].says);
		stage_folder_remove(dir, *state);
	}
}

static void sell(struct stage *stage, const char *receipt, const char *original)
{
	struct ticket_sold_line sold = {.sku = TEXT_LITERAL("A"), .quantity = {1000}, .has_unit_price = true, .unit_price = {100000}};
	struct ticket_returned_line back = {.sku = TEXT_LITERAL("A"), .quantity = {1000}, .has_unit_price = true, .unit_price = {100000}};

	if (original == NULL)
		stage_hear(stage, "D1/T1", &ticket_sold_type,
			   &(struct ticket_sold){.outlet = TEXT_LITERAL("D1"),
						 .receipt = text_of(receipt),
						 .currency = TEXT_LITERAL("CNY"),
						 .day = TEXT_LITERAL("2026-03-01"),
						 .lines = {&sold, 1}});
	else
		stage_hear(stage, "D1/T1", &ticket_returned_type,
			   &(struct ticket_returned){.outlet = TEXT_LITERAL("D1"),
						     .receipt = text_of(receipt),
						     .currency = TEXT_LITERAL("CNY"),
						     .day = TEXT_LITERAL("2026-03-02"),
						     .has_original = original[0] != 0,
						     .original = text_of(original),
						     .lines = {&back, 1}});
}

/* The events of orders: 1 a return of no sale, 2 a sale, 3 a return of it, 4 one that waits, 5 one that is matched with 6 by 7. */
static void come_back(struct stage *stage)
{
	declare(stage);
	sell(stage, "B1", "");
	sell(stage, "R1", NULL);
	sell(stage, "B3", "R1");
	sell(stage, "B4", "R4");
	sell(stage, "B5", "R5");
	sell(stage, "R5", NULL);
}

static void test_a_return_that_waits_for_nothing_is_found(void **state)
{
	static const struct odd rows[] = {
	    {TABLE_WAITING, KEY("w\0D1/T1\0R4\0\0\0\0\0\0\0\0\4"), 0, 0, 3, "returns: one that waits cannot be read"},
	    {TABLE_WAITING, KEY("w"), 0, 0, 3, "returns: one that waits cannot be read"},
	    {TABLE_WAITING, KEY("w\0D1/T1\0R4\0\0\0\0\0\0\0\0\4"), offsetof(struct waiting, until), 1, 0, "returns: orders#4 waits and is never forgotten"},
	    {TABLE_WAITING, KEY("w\0D1/T1\0R1\0\0\0\0\0\0\0\0\1"), 0, 0, sizeof(struct waiting), "orders#1: waits for a sale, and names none"},
	    {TABLE_WAITING, KEY("w\0D1/T1\0R1\0\0\0\0\0\0\0\0\3"), 0, 0, sizeof(struct waiting), "orders#3: waits for a sale, and has found it"},
	    {TABLE_WAITING, KEY("w\0D1/T1\0R5\0\0\0\0\0\0\0\0\5"), 0, 0, sizeof(struct waiting), "orders#5: is matched with its sale, and waits for it"},
	    {TABLE_WAITING, KEY("w\0D1/T1\0R1\0\0\0\0\0\0\0\0\2"), 0, 0, sizeof(struct waiting), "returns: 2 wait, 1 of them in the journal"},
	    {TABLE_WAITING, KEY("d"), 0, 0, 3, "returns: 1 wait, 1 are counted and 2 have a last day"},
	    {TABLE_WAITING, KEY("n"), 0, 7, 0, "returns: 1 wait, 7 are counted and 1 have a last day"},
	    {TABLE_WAITING, KEY("n"), 0, 0, 3, "returns: 1 wait, 0 are counted and 1 have a last day"},
	    {TABLE_TICKET, KEY("D1/T1\0" "2026-03-01\0R5"), 0, 4, 0, "return orders#5 was matched with orders#4, which is no later sale"},
	    {TABLE_TICKET, KEY("D1/T1\0" "2026-03-02\0B5"), 0, 0, 0, "return orders#0 was matched with orders#6, which is no later sale"},
	};
	char dir[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stage stage;

		stage_folder(dir);
		stage_open(&stage, *state, dir);
		come_back(&stage);
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_spoil(*state, dir, &rows[i]);
		if (!stage_check_says(*state, dir, rows[i].says))
			fail_msg("not found: %s", rows[i].says);
		stage_folder_remove(dir, *state);
	}
}

static uint32_t answers(struct stage *stage, const char *what)
{
	static uint8_t room[QUERY_PAGE_BYTES];
	const struct bytes no_arguments = bytes_of("\x80", 1);
	struct page page;

	assert_int_equal(query_run(stage->engine, text_of(what), no_arguments, bytes_of(NULL, 0), room, &page), ERR_NONE);
	return page.row_count;
}

static void test_questions_leave_out_rows_that_cannot_be_read(void **state)
{
	static const struct {
		const char *what;
		struct odd row;
		uint32_t before, after;
	} cases[] = {
	    {"tickets", {TABLE_TICKET, KEY("D1/T1\0" "2026-03-01\0R1"), 0, 0, 3, NULL}, 2, 1},
	    {"tickets", {TABLE_TICKET, KEY("D1/T1\0" "2026-03-01\0R1"), STATE, TICKET_VOIDED + 1, 0, NULL}, 2, 1},
	    {"tickets", {TABLE_TERMINAL, KEY("D1/T1"), 0, 0, 3, NULL}, 2, 2}, /* of a till that nobody knows any more */
	    {"orders", {TABLE_ORDER, KEY("D1\0O1"), 0, 0, 3, NULL}, 4, 3},
	    {"outlets", {TABLE_OUTLET, KEY("D1"), 0, 0, 3, NULL}, 2, 1},
	    {"credit", {TABLE_CREDIT, KEY("D1"), 0, 0, 3, NULL}, 2, 1},
	};
	char dir[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage stage;

		stage_folder(dir);
		stage_open(&stage, *state, dir);
		happen(&stage);
		stage_commit(&stage);
		assert_int_equal(answers(&stage, cases[i].what), cases[i].before);
		stage_close(&stage);
		stage_spoil(*state, dir, &cases[i].row);
		stage_open(&stage, *state, dir);
		assert_int_equal(answers(&stage, cases[i].what), cases[i].after);
		stage_close(&stage);
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
	    cmocka_unit_test(test_a_row_that_the_journal_does_not_give_is_found),
	    cmocka_unit_test(test_a_return_that_waits_for_nothing_is_found),
	    cmocka_unit_test(test_questions_leave_out_rows_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
