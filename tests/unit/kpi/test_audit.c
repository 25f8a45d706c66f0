/*
 * Goal: whatever kpi hears, its truths hold; the order in which its feeds are heard changes no sum; and a
 * figure that is changed on purpose is found. Method: seeded histories of four feeds through the real engine,
 * in order of time and mixed; the audit over the outcome, and over the outcome with one figure of one row
 * changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "events/inventory.h"
#include "events/orders.h"
#include "events/partners.h"
#include "kernel/tools.h"
#include "state.h"
#include "world.h"

int kpi_main(int argc, char **argv);

/* The rows alone: what is said of targets on the way depends on the order, what is summed up must not. */
static uint64_t rows_hash(struct stage *stage)
{
	struct view view = {0};

	stage_commit(stage);
	assert_int_equal(view_open(&view, engine_store(stage->engine)), ERR_NONE);
	uint64_t hash = view_state_hash(&view);
	view_close(&view);
	return hash;
}

static void play(const struct world *world, const struct service *service, const char *dir, uint64_t mix)
{
	struct stage stage;

	stage_open(&stage, service, dir);
	stage.turn_size = 50;
	world_tell(world, &stage, mix);
	assert_in_range(engine_meta(stage.engine)->head, 5, 1000); /* targets have moved */
	assert_int_equal(engine_meta(stage.engine)->quarantined, 0);
	stage_close(&stage);
}

static void test_the_truths_hold_in_any_mixture(void **state)
{
	struct world world;
	char dir[64];

	for (uint64_t seed = 1; seed <= 6; seed++) {
		stage_folder(dir);
		world_make(&world, seed * 7919, 6);
		play(&world, *state, dir, seed == 1 ? 0 : seed * 104729);
		assert_int_equal(stage_check(*state, dir), 0);
		world_free(&world);
		stage_folder_remove(dir, *state);
	}
}

static void test_the_order_of_the_feeds_changes_no_sum(void **state)
{
	struct world world;
	struct stage stage;
	uint64_t hash = 0;

	world_make(&world, 4711, 6);
	for (uint64_t mix = 0; mix < 8; mix++) {
		stage_open(&stage, *state, NULL);
		stage.turn_size = (uint32_t)mix * 13 + 1;
		world_tell(&world, &stage, mix * 15485863);
		hash = hash == 0 ? rows_hash(&stage) : hash;
		assert_true(hash == rows_hash(&stage));
		stage_close(&stage);
	}
	world_free(&world);
}

static void test_the_cut_of_turns_changes_nothing(void **state)
{
	struct world world;
	struct stage stage;
	uint64_t hash = 0;

	world_make(&world, 31337, 4);
	for (uint32_t size = 1; size <= 99; size += 49) {
		stage_open(&stage, *state, NULL);
		stage.turn_size = size;
		world_tell(&world, &stage, 0);
		hash = hash == 0 ? stage_hash(&stage) : hash;
		assert_true(hash == stage_hash(&stage));
		stage_close(&stage);
	}
	world_free(&world);
}

/* ---- one figure of one row changed, as a bug would ---- */

struct breakage {
	enum kpi_table table;
	const char *scope_and_code, *currency;
	int32_t day;
	size_t offset; /* of the number that is raised by one */
};

static struct bytes breakage_key(const struct breakage *b, uint8_t key[KEY_SIZE])
{
	if (b->table == TABLE_MEASURE)
		return measure_key(key, b->scope_and_code[0], text_of(b->scope_and_code + 1),
				   text_of(b->currency), b->day);
	if (b->table == TABLE_SHELF)
		return key_pair(key, text_of(b->scope_and_code), "\0\0\0", 4);
	return bytes_of_text(text_of(b->scope_and_code));
}

static void tamper(const struct service *service, const char *dir, const struct breakage *b)
{
	struct stage stage;
	uint8_t key[KEY_SIZE], row[1024];
	struct bytes at = breakage_key(b, key);
	int64_t number;

	stage_open(&stage, service, dir);
	assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
	struct bytes found = store_get(engine_store(stage.engine), KERNEL_TABLES + b->table, at);
	assert_in_range(found.size, b->offset + sizeof(number), sizeof(row));
	memcpy(row, found.data, found.size);
	memcpy(&number, row + b->offset, sizeof(number));
	number++;
	memcpy(row + b->offset, &number, sizeof(number));
	store_put(engine_store(stage.engine), KERNEL_TABLES + b->table, at, bytes_of(row, found.size));
	assert_int_equal(store_commit(engine_store(stage.engine)), ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
}

static void test_a_changed_figure_is_found(void **state)
{
	static const struct breakage breakages[] = {
	    {TABLE_MEASURE, "oS1", "GBP", 0, offsetof(struct standing, running.revenue)},
	    {TABLE_MEASURE, "oS1", "GBP", 0, offsetof(struct standing, today.tickets)},
	    {TABLE_MEASURE, "oS2", "GBP", 20501, offsetof(struct measures, units)},
	    {TABLE_MEASURE, "oS2", "GBP", 20501, offsetof(struct measures, delayed)},
	    {TABLE_MEASURE, "t1", "GBP", 20501, offsetof(struct measures, short_lines)},
	    {TABLE_MEASURE, "aall", "CNY", 20501, offsetof(struct measures, returns)},
	    {TABLE_MEASURE, "cTOY", "GBP", 20501, offsetof(struct measures, revenue)},
	    {TABLE_MEASURE, "oS1", "GBP", 0, offsetof(struct standing, stock.units)},
	    {TABLE_MEASURE, "oS1", "GBP", 0, offsetof(struct standing, stock.value)},
	    {TABLE_MEASURE, "t2", "GBP", 0, offsetof(struct standing, stock.value)},
	    {TABLE_MEASURE, "aall", "GBP", 0, offsetof(struct standing, stock.moment)},
	    {TABLE_SHELF, "S3", NULL, 0, 3 * sizeof(int64_t)},
	    {TABLE_TILL, "S1/T1", NULL, 0, offsetof(struct till, tier)},
	    {TABLE_PRODUCT, "C", NULL, 0, offsetof(struct product, number)},
	    {TABLE_TARGET, "T0", NULL, 0, offsetof(struct target, achieved)},
	    {TABLE_TARGET, "T3", NULL, 0, offsetof(struct target, achieved)},
	    {TABLE_TARGET, "T0", NULL, 0, offsetof(struct target, person)}, /* narrow, and without a day of its own */
	    {TABLE_TARGET, "T0", NULL, 0, offsetof(struct target, parent)}, /* a part that nobody adds up */
	};
	struct world world;
	char dir[64];

	world_make(&world, 2718, 3);
	for (size_t i = 0; i < sizeof(breakages) / sizeof(breakages[0]); i++) {
		stage_folder(dir);
		play(&world, *state, dir, 0);
		assert_int_equal(stage_check(*state, dir), 0);
		tamper(*state, dir, &breakages[i]);
		assert_true(stage_check(*state, dir) > 0);
		stage_folder_remove(dir, *state);
	}
	world_free(&world);
}

/* A row that kpi would not write, or one that is gone. */
static const uint8_t some_bytes[256] = {1, 2, 3};

struct stranger {
	struct breakage at; /* which row; scope_and_code NULL: the key below */
	const char *key;
	size_t key_size, size; /* of what is written; 0: the row goes */
	const char *says;
};

static void intrude(const struct service *service, const char *dir, const struct stranger *s)
{
	uint8_t room[KEY_SIZE];
	struct bytes key = s->key != NULL ? bytes_of(s->key, s->key_size) : breakage_key(&s->at, room);

	stage_write(service, dir, s->at.table, key, s->size > 0 ? bytes_of(some_bytes, s->size) : bytes_of(NULL, 0));
}

static void test_a_row_that_cannot_be_is_found(void **state)
{
	static const struct stranger strangers[] = {
	    {{.table = TABLE_MEASURE}, "short", 5, 3, "measure: a key of 5 bytes"},
	    {{TABLE_MEASURE, "oS1", "GBP", 0, 0}, NULL, 0, 3, "measure: a running row of 3 bytes"},
	    {{TABLE_MEASURE, "oS1", "GBP", 20500, 0}, NULL, 0, 3, "measure: a day's row of 3 bytes"},
	    {{TABLE_MEASURE, "oS1", "GBP", 20502, 0}, NULL, 0, 0, "o S1 GBP: the latest day has no row"},
	    {{.table = TABLE_HOUR}, "short", 5, 24, "hour: a key of 5 bytes"},
	    {{.table = TABLE_HOUR}, "\0\0\x50\x16\x18oS1\0GBP", 12, 3, "hour: a key of 12 bytes, a row of 3"},
	    {{.table = TABLE_HOUR}, "\0\0\x50\x16\x18oS1\0GBP", 12, 24, "o S1 GBP, day 20502: the hours do not add up to the day"},
	    {{.table = TABLE_HOUR}, "\0\0\x50\x16\x18oS7\0GBP", 12, 24, "o S7 GBP, day 20502: the hours do not add up to the day"},
	    {{.table = TABLE_SHELF}, "abc", 3, 3, "shelf: a key of 3 bytes"},
	    {{.table = TABLE_SHELF}, "a-code-that-is-longer-than-any-code-may-be", 42, 3, "shelf: a key of 42 bytes"},
	    {{.table = TABLE_STRAY}, "abc", 3, 8, "stray: a row of 8 bytes"},
	    {{.table = TABLE_STRAY}, "Z\0S1", 4, 3, "stray: a row of 3 bytes"},
	    {{.table = TABLE_STRAY}, "Z\0S1", 4, 8, "S1: stock of"},
	    {{TABLE_OUTLET, "S1", NULL, 0, 0}, NULL, 0, 0, "S1: stock of 0, its balances add up to"},
	    {{TABLE_PRODUCT, "A", NULL, 0, 0}, NULL, 0, 3, "the stock is not worth its balances at list price"},
	    {{.table = TABLE_NUMBER}, "\0\0\0\1", 4, 0, "product number 1 has a balance and no SKU"},
	    {{TABLE_TILL, "S1/T1", NULL, 0, 0}, NULL, 0, 3, ": the tills count"},
	    {{.table = TABLE_HEARD}, "abc", 3, 8, "heard: a key of 3 bytes"},
	    {{.table = TABLE_HEARD}, "oS9\0\0\0\0\7", 8, 8, "heard oS9: the tills count 0"},
	    {{.table = TABLE_HEARD}, "oS1\0\0\0\0\0", 8, 0, "heard oS1: a row is missing"},
	    {{.table = TABLE_WAITING}, "abc", 3, 3, "waiting: a key of 3 bytes"},
	    {{.table = TABLE_WAITING}, "A\0" "12345678" "12345678", 18, 3, "A: a ticket waits, the product is there"},
	    {{TABLE_TARGET, "T9", NULL, 0, 0}, NULL, 0, 3, "target: a row of 3 bytes"},
	    {{.table = TABLE_SCORE}, "A\0S1", 4, 3, "score: a row of 3 bytes"},
	    {{.table = TABLE_SCORE}, "A\0S1", 4, 48, "appraisal A, S1: a score of 197121, its inputs add up to 0"},
	    {{.table = TABLE_GRANT}, "A\0S1\0R", 6, 8, "appraisal A, S1: a reward without a final score"},
	    {{.table = TABLE_PROCESS}, "shipment\0SH", 11, 3, "process: a row of 3 bytes that is none"},
	    {{.table = TABLE_PROCESS}, "shipment\0SH", 11, 80, "shipment: the things give 0"},
	    {{.table = TABLE_PROCESS}, "nothing\0SH", 10, 80, "process: a row of 80 bytes that is none"},
	    {{.table = TABLE_HOP}, "shipment\0a\0b\0\0\0\0\0", 17, 3, "hop: a row of 3 bytes"},
	    {{.table = TABLE_HOP}, "shipment\0delivered\0\0\0\0\0\0", 24, 0, "hop: a row is missing"},
	    {{.table = TABLE_WAIT}, "shipment\0planned\0" "12345678" "S-1", 28, 3, "wait shipment: the things give 0"},
	};
	struct world world;
	char dir[64];

	world_make(&world, 2718, 3);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		stage_folder(dir);
		play(&world, *state, dir, 0);
		intrude(*state, dir, &strangers[i]);
		assert_true(stage_check_says(*state, dir, strangers[i].says));
		stage_folder_remove(dir, *state);
	}
	world_free(&world);
}

/* What waits for its master data is no breach. */
static void test_strays_and_waiting_tickets_are_sound(void **state)
{
	struct stage stage;
	char dir[64];
	struct stock_changed_line lines[2] = {{.sku = TEXT_LITERAL("A"), .delta = {5000}, .on_hand = {5000}},
					      {.sku = TEXT_LITERAL("Z"), .delta = {-2000}, .on_hand = {-2000}}};
	struct sale_recorded_line sold = {.sku = TEXT_LITERAL("Z"), .quantity = {1000}, .amount = {500}};

	stage_folder(dir);
	stage_open(&stage, *state, dir);
	stage_hear(&stage, "staff", &product_declared_type,
		   &(struct product_declared){.sku = TEXT_LITERAL("A"), .name = TEXT_LITERAL("a"), .goods = true, .version = 1});
	stage_hear(&stage, "stock", &stock_changed_type,
		   &(struct stock_changed){.place = TEXT_LITERAL("S1"), .reason = TEXT_LITERAL("count"), .lines = {lines, 2}});
	stage_hear(&stage, "tills", &sale_recorded_type,
		   &(struct sale_recorded){.outlet = TEXT_LITERAL("S1"),
					   .terminal = TEXT_LITERAL("S1/T1"),
					   .receipt = TEXT_LITERAL("1"),
					   .currency = TEXT_LITERAL("GBP"),
					   .day = TEXT_LITERAL("2026-03-01"),
					   .tier = 1,
					   .total = {500},
					   .units = {1000},
					   .lines = {&sold, 1}});
	stage_close(&stage);
	assert_int_equal(stage_check(*state, dir), 0);
	stage_folder_remove(dir, *state);
}

static int service_find(void **state)
{
	*state = (void *)(uintptr_t)stage_service(kpi_main);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_truths_hold_in_any_mixture),
	    cmocka_unit_test(test_the_order_of_the_feeds_changes_no_sum),
	    cmocka_unit_test(test_the_cut_of_turns_changes_nothing),
	    cmocka_unit_test(test_a_changed_figure_is_found),
	    cmocka_unit_test(test_a_row_that_cannot_be_is_found),
	    cmocka_unit_test(test_strays_and_waiting_tickets_are_sound),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
