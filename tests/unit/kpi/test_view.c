/*
 * Goal: every row of measures can be shown to those who watch, within the bounds of its event, and the rows
 * agree with each other.
 * Method: a seeded history through the real engine; every row rendered as the live view renders it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "kernel/query.h"
#include "state.h"
#include "world.h"

int kpi_main(int argc, char **argv);

/* What was rendered, added up. */
struct seen {
	uint32_t rows, hidden, wrong, running_totals;
	struct money outlet_days, total_days, outlets_running, totals_running;
	int64_t expected;
};

static void add_up(struct seen *seen, const struct kpi_updated *row)
{
	bool is_running = row->day.size == 0;

	if (text_equal(row->scope, TEXT_LITERAL("outlet"))) {
		seen->outlet_days.minor += is_running ? 0 : row->revenue.minor;
		seen->outlets_running.minor += is_running ? row->revenue.minor : 0;
	}
	if (text_equal(row->scope, TEXT_LITERAL("total"))) {
		seen->total_days.minor += is_running ? 0 : row->revenue.minor;
		seen->totals_running.minor += is_running ? row->revenue.minor : 0;
		seen->running_totals += is_running;
		seen->expected = row->terminals_expected;
	}
	bool has_places = !text_equal(row->scope, TEXT_LITERAL("category"));
	seen->wrong += has_places && is_running != (row->has_stock_units && row->has_stock_value);
}

static void look(struct query *query, void *context)
{
	struct seen *seen = context;
	uint8_t at[KEY_SIZE + 1];
	struct arena arena;
	const char *field;
	struct bytes key;

	assert_int_equal(arena_open(&arena, 1 << 16), ERR_NONE);
	for (size_t size = 0;; size = key.size + 1) {
		struct kpi_updated row = {.tickets = 0};

		(void)query_seek(query, TABLE_MEASURE, bytes_of(at, size), &key);
		if (key.data == NULL)
			break;
		memcpy(at, key.data, key.size);
		at[key.size] = 0;
		arena_reset(&arena);
		if (!view_render(query, bytes_of(at, key.size), &row, &arena)) {
			seen->hidden++;
			continue;
		}
		seen->rows++;
		seen->wrong += event_check(&kpi_updated_type, &row, &field) != ERR_NONE;
		add_up(seen, &row);
	}
	arena_close(&arena);
}

static struct seen watch(const struct service *service, const struct world *world)
{
	struct seen seen = {0};
	struct stage stage;

	stage_open(&stage, service, NULL);
	stage.turn_size = 20;
	world_tell(world, &stage, 0);
	stage_commit(&stage);
	assert_int_equal(query_with_view(stage.engine, look, &seen), ERR_NONE);
	stage_close(&stage);
	return seen;
}

static void test_every_row_can_be_shown(void **state)
{
	struct world world;

	world_make(&world, 1618, 5);
	struct seen seen = watch(*state, &world);
	world_free(&world);
	assert_in_range(seen.rows, 60, 200); /* 12 scopes of 6 days */
	assert_int_equal(seen.hidden, 0);
	assert_int_equal(seen.wrong, 0);
	assert_int_equal(seen.running_totals, 2); /* pounds and yuan */
	assert_int_equal(seen.expected, 10);
	assert_true(seen.totals_running.minor > 0);
	assert_int_equal(seen.outlet_days.minor, seen.total_days.minor);
	assert_int_equal(seen.outlets_running.minor, seen.totals_running.minor);
	assert_int_equal(seen.total_days.minor, seen.totals_running.minor);
}

static void test_an_undeclared_outlet_is_shown_to_nobody(void **state)
{
	struct world world;
	uint32_t kept = 0;

	world_make(&world, 1618, 2);
	for (uint32_t i = 0; i < world.count; i++) /* without the office nobody knows what the outlets are */
		if (world.events[i].feed == FEED_STOCK)
			world.events[kept++] = world.events[i];
	world.count = kept;
	struct seen seen = watch(*state, &world);
	world_free(&world);
	assert_int_equal(seen.rows, 0);
	assert_in_range(seen.hidden, 5, 100);
}

static int service_find(void **state)
{
	*state = (void *)(uintptr_t)stage_service(kpi_main);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_row_can_be_shown),
	    cmocka_unit_test(test_an_undeclared_outlet_is_shown_to_nobody),
	};

	return cmocka_run_group_tests(tests, service_find, NULL);
}
