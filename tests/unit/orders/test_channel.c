/*
 * Goal: the audit finds a corridor or a territory whose rows do not belong together, and says nothing of those that do. Method: one of each
 * through the real engine, then one row taken away or put too many in the store, as a bug would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "events/partners.h"
#include "promotion.h"
#include "territory.h"
#include "../stage/stage.h"

int orders_main(int argc, char **argv);

static void happen(const struct service *service, const char *dir)
{
	struct corridor_declared corridor = {.corridor = TEXT_LITERAL("C"), .has_floor_bp = true, .floor_bp = 9000, .version = 1};
	struct territory_declared_area areas[] = {{.area = TEXT_LITERAL("310000")}, {.area = TEXT_LITERAL("GB-LND")}};
	struct territory_declared territory = {.territory = TEXT_LITERAL("EAST"),
					       .name = TEXT_LITERAL("e"),
					       .kind = TEXT_LITERAL("exclusive"),
					       .holder = TEXT_LITERAL("D1"),
					       .areas = {areas, 2},
					       .version = 1};
	struct territory_declared_point points[] = {{0, 0}, {0, 10}, {10, 0}};
	struct territory_declared zone = {.territory = TEXT_LITERAL("ZONE"),
					  .name = TEXT_LITERAL("z"),
					  .kind = TEXT_LITERAL("exclusive"),
					  .holder = TEXT_LITERAL("D1"),
					  .areas = {areas, 1},
					  .has_points = true,
					  .points = {points, 3},
					  .version = 1};
	struct promotion_declared promotion = {.promotion = TEXT_LITERAL("P"),
					       .name = TEXT_LITERAL("p"),
					       .mechanic = TEXT_LITERAL("floor"),
					       .has_floor = true,
					       .currency = TEXT_LITERAL("GBP"),
					       .from = TEXT_LITERAL("2026-03-01"),
					       .until = TEXT_LITERAL("2026-03-07"),
					       .brand_bp = 10000,
					       .version = 1};
	struct stage stage;

	stage_open(&stage, service, dir);
	stage_hear(&stage, "rulebook", &promotion_declared_type, &promotion);
	stage_hear(&stage, "rulebook", &corridor_declared_type, &corridor);
	corridor.has_tier = true; /* it moves */
	corridor.tier = 2;
	corridor.version = 2;
	stage_hear(&stage, "rulebook", &corridor_declared_type, &corridor);
	stage_hear(&stage, "rulebook", &territory_declared_type, &territory);
	stage_hear(&stage, "rulebook", &territory_declared_type, &zone);
	stage_close(&stage);
}

static void grant_lost(struct store *store)
{
	assert_non_null(store_get(store, KERNEL_TABLES + TABLE_GRANT, bytes_of("310000\0EAST", 11)).data);
	store_del(store, KERNEL_TABLES + TABLE_GRANT, bytes_of("310000\0EAST", 11));
}

static void grant_too_many(struct store *store)
{
	struct grant grant = {.version = 1};

	store_put(store, KERNEL_TABLES + TABLE_GRANT, bytes_of("110000\0EAST", 11), bytes_of(&grant, sizeof(grant)));
}

static void rule_too_many(struct store *store)
{
	struct rule rule = {.version = 1};
	struct bytes key;
	uint8_t other[KEY_SIZE];

	(void)store_seek(store, KERNEL_TABLES + TABLE_RULE, bytes_of(NULL, 0), &key);
	assert_in_range(key.size, 2, KEY_SIZE);
	memcpy(other, key.data, key.size);
	other[0]++; /* another sort of scope */
	store_put(store, KERNEL_TABLES + TABLE_RULE, bytes_of(other, key.size), bytes_of(&rule, sizeof(rule)));
}

/* Given by nobody's sale; and parts that do not sum. */
static void given_too_much(struct store *store)
{
	struct promotion_sum sum = {.given = 100, .brand = 100};

	store_put(store, KERNEL_TABLES + TABLE_PROMOTION_SUM, bytes_of("P", 1), bytes_of(&sum, sizeof(sum)));
}

static void cell_lost(struct store *store)
{
	struct bytes key;
	uint8_t other[KEY_SIZE];

	(void)store_seek(store, KERNEL_TABLES + TABLE_CELL, bytes_of(NULL, 0), &key);
	assert_in_range(key.size, CELL_SIZE + 1, KEY_SIZE);
	memcpy(other, key.data, key.size);
	store_del(store, KERNEL_TABLES + TABLE_CELL, bytes_of(other, key.size));
}

static void promoted_too_many(struct store *store)
{
	store_put(store, KERNEL_TABLES + TABLE_PROMOTED, bytes_of("T\0D\0R\0" "0001", 10), bytes_of("", 0));
}

/* Of a line that nobody has promoted. */
static void came_back_of_nothing(struct store *store)
{
	struct promoted_back back = {.milli = 1000, .of_milli = 1000};

	store_put(store, KERNEL_TABLES + TABLE_PROMOTED_BACK, bytes_of("T\0D\0R\0" "0001", 10), bytes_of(&back, sizeof(back)));
}

static void test_rows_that_do_not_belong_together_are_found(void **state)
{
	static void (*const breaks[])(struct store * store) = {grant_lost, grant_too_many, rule_too_many, given_too_much, promoted_too_many, cell_lost,
						    came_back_of_nothing};
	char dir[64];

	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		struct stage stage;

		stage_folder(dir);
		happen(*state, dir);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_open(&stage, *state, dir);
		assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
		breaks[i](engine_store(stage.engine));
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
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows_that_do_not_belong_together_are_found)};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
