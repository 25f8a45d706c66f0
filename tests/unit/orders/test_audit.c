/*
 * Goal: the audit finds every row and every event of orders that says what is not so. Method: the smallest
 * books with one of everything; one row changed as a bug would change it; a ticket recorded as a bug would
 * record it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "events/orders.h"
#include "events/terminals.h"
#include "kernel/turn.h"
#include "world.h"

int orders_main(int argc, char **argv);

/* Each changes one row, as a bug would; the tickets of receipt 0 of S1/T1 and of order R0 are there for it.
 */
static void break_ticket_seq(struct store *store, struct bytes key, struct ticket_row row)
{
	row.seq++;
	store_put(store, KERNEL_TABLES + TABLE_TICKET, key, bytes_of(&row, sizeof(row)));
}

static void break_ticket_state(struct store *store, struct bytes key, struct ticket_row row)
{
	row.state = TICKET_VOIDED;
	store_put(store, KERNEL_TABLES + TABLE_TICKET, key, bytes_of(&row, sizeof(row)));
}

static void break_ticket_kind(struct store *store, struct bytes key, struct ticket_row row)
{
	row.state = TICKET_RETURNED;
	store_put(store, KERNEL_TABLES + TABLE_TICKET, key, bytes_of(&row, sizeof(row)));
}

static void break_ticket_gone(struct store *store, struct bytes key, struct ticket_row row)
{
	(void)row;
	store_del(store, KERNEL_TABLES + TABLE_TICKET, key);
}

static void break_ticket_more(struct store *store, struct bytes key, struct ticket_row row)
{
	uint8_t other[KEY_SIZE];

	(void)key;
	store_put(store, KERNEL_TABLES + TABLE_TICKET,
	          ticket_key(other, text_of(world_tills[0]), TEXT_LITERAL("2026-03-09"), TEXT_LITERAL("R0")),
	          bytes_of(&row, sizeof(row)));
}

static void break_order(struct store *store, struct bytes key, struct ticket_row row)
{
	uint8_t other[KEY_SIZE];
	struct order_row order = {.seq = row.seq, .state = ORDER_CANCELLED};

	(void)key;
	store_put(store, KERNEL_TABLES + TABLE_ORDER,
	          order_key(other, TEXT_LITERAL("S1"), TEXT_LITERAL("O0")), bytes_of(&order, sizeof(order)));
}

static void break_writeoff(struct store *store, struct bytes key, struct ticket_row row)
{
	uint8_t other[KEY_SIZE];

	(void)key;
	(void)row;
	store_del(store, KERNEL_TABLES + TABLE_WRITEOFF,
	          ticket_key(other, text_of(world_tills[0]), TEXT_LITERAL("2026-03-01"), TEXT_LITERAL("W0")));
}

/* One ticket, one write-off: the smallest books that all of the above can break. */
static void small_books(const struct service *service, const char *dir)
{
	static struct world world;
	struct ticket_sold_line line = {
	    .sku = TEXT_LITERAL("A"), .quantity = {1000}, .has_amount = true, .amount = {150}};
	struct stock_written_off_line lost = {.sku = TEXT_LITERAL("A"), .quantity = {1000}};
	struct ticket_sold sold = {.outlet = TEXT_LITERAL("S1"),
	                           .receipt = TEXT_LITERAL("R0"),
	                           .currency = TEXT_LITERAL("GBP"),
	                           .day = TEXT_LITERAL("2026-03-01")};
	struct stock_written_off off = {
	    .outlet = TEXT_LITERAL("S1"), .reference = TEXT_LITERAL("W0"), .day = TEXT_LITERAL("2026-03-01")};

	world_open(&world, service, dir, 1, 1);
	sold.lines.items = &line;
	sold.lines.count = 1;
	off.lines.items = &lost;
	off.lines.count = 1;
	stage_hear(&world.stage, world_tills[0], &ticket_sold_type, &sold);
	stage_hear(&world.stage, world_tills[0], &stock_written_off_type, &off);
	stage_close(&world.stage);
}

static void tamper(const struct service *service, const char *dir,
                   void (*breaks)(struct store *store, struct bytes key, struct ticket_row row))
{
	struct stage stage;
	uint8_t key[KEY_SIZE];
	struct bytes at =
	    ticket_key(key, text_of(world_tills[0]), TEXT_LITERAL("2026-03-01"), TEXT_LITERAL("R0"));
	struct ticket_row row;

	stage_open(&stage, service, dir);
	assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
	assert_true(
	    ticket_read(store_get(engine_store(stage.engine), KERNEL_TABLES + TABLE_TICKET, at), &row));
	breaks(engine_store(stage.engine), at, row);
	assert_int_equal(store_commit(engine_store(stage.engine)), ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
}

static void test_a_broken_row_is_found(void **state)
{
	static const struct {
		void (*breaks)(struct store *store, struct bytes key, struct ticket_row row);
		int wrongs;
	} cases[] = {{break_ticket_seq, 1},  {break_ticket_state, 1}, {break_ticket_kind, 1},
	             {break_ticket_gone, 2}, {break_ticket_more, 1},  {break_order, 2},
	             {break_writeoff, 2}};
	char dir[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stage_folder(dir);
		small_books(*state, dir);
		assert_int_equal(stage_check(*state, dir), 0);
		tamper(*state, dir, cases[i].breaks);
		assert_int_equal(stage_check(*state, dir), cases[i].wrongs);
		stage_folder_remove(dir, *state);
	}
}

/* A ticket that says more than its lines, recorded as a handler with a bug would. */
static void record_wrongly(const struct service *service, const char *dir, int64_t more_money,
                           int64_t more_units)
{
	struct sale_recorded_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}, .amount = {150}};
	struct sale_recorded sale = {.outlet = TEXT_LITERAL("S1"),
	                             .terminal = TEXT_LITERAL("S1/T1"),
	                             .receipt = TEXT_LITERAL("R1"),
	                             .currency = TEXT_LITERAL("GBP"),
	                             .day = TEXT_LITERAL("2026-03-01"),
	                             .tier = 1,
	                             .total = {150 + more_money},
	                             .units = {1000 + more_units}};
	struct stage stage;

	sale.lines.items = &line;
	sale.lines.count = 1;
	stage_open(&stage, service, dir);
	assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
	struct turn *turn = &stage.engine->turn;
	struct ticket_row row = {.seq = emit_sale_recorded(turn, &sale), .state = TICKET_SOLD};
	ticket_put(turn, sale.terminal, sale.day, sale.receipt, &row);
	assert_int_equal(engine_commit(stage.engine), ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
}

static void test_a_ticket_that_is_not_its_lines_is_found(void **state)
{
	static const struct {
		int64_t more_money, more_units;
		int wrongs;
	} cases[] = {{0, 0, 0}, {1, 0, 1}, {0, -1, 1}, {-5, 5, 2}};
	char dir[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stage_folder(dir);
		small_books(*state, dir);
		record_wrongly(*state, dir, cases[i].more_money, cases[i].more_units);
		assert_int_equal(stage_check(*state, dir), cases[i].wrongs);
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
	    cmocka_unit_test(test_a_broken_row_is_found),
	    cmocka_unit_test(test_a_ticket_that_is_not_its_lines_is_found),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
