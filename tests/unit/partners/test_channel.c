/*
 * Goal: the audit finds a territory or a case whose rows do not belong together, and says nothing of those that do. Method: one of each
 * through the real engine, then one row taken away or changed in the store, as a bug would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aims/red.h"
#include "base/error.h"
#include "channel/conflict.h"
#include "channel/territory.h"
#include "desk/matter.h"
#include "desk/notice.h"
#include "events/orders.h"
#include "events/staff.h"
#include "rulebook.h"

static void happen(const struct service *service, const char *dir)
{
	struct outlet_submitted outlet = {
	    .outlet = TEXT_LITERAL("D1"), .name = TEXT_LITERAL("d"), .tier = 2, .kind = TEXT_LITERAL("dealer"), .currency = TEXT_LITERAL("CNY")};
	struct territory_submitted_area areas[] = {{.area = TEXT_LITERAL("310000")}, {.area = TEXT_LITERAL("GB-LND")}};
	struct territory_submitted territory = {.territory = TEXT_LITERAL("EAST"),
						.name = TEXT_LITERAL("e"),
						.kind = TEXT_LITERAL("exclusive"),
						.holder = TEXT_LITERAL("D1"),
						.areas = {areas, 2}};
	struct territory_breach_detected breach = {.outlet = TEXT_LITERAL("D2"),
						   .day = TEXT_LITERAL("2026-03-01"),
						   .sku = TEXT_LITERAL("A"),
						   .ship_to = TEXT_LITERAL("310115"),
						   .holder = TEXT_LITERAL("D1"),
						   .territory = TEXT_LITERAL("EAST"),
						   .territory_version = 1,
						   .kind = TEXT_LITERAL("exclusive")};
	struct stage stage;

	stage_open(&stage, service, dir);
	stage_hear(&stage, STAFF, &outlet_submitted_type, &outlet);
	stage_hear(&stage, STAFF, &territory_submitted_type, &territory);
	stage_hear(&stage, "finder", &territory_breach_detected_type, &breach);
	stage_hear(&stage, "finder", &territory_breach_detected_type, &breach);
	stage_hear(&stage, STAFF, &ticket_submitted_type,
		   &(struct ticket_submitted){.ticket = TEXT_LITERAL("AS-1"),
					      .kind = TEXT_LITERAL("it"),
					      .outlet = TEXT_LITERAL("D1"),
					      .severity = TEXT_LITERAL("low"),
					      .about = TEXT_LITERAL("a")});
	stage_close(&stage);
}

static void drop(struct store *store, unsigned table, struct bytes key)
{
	assert_non_null(store_get(store, KERNEL_TABLES + table, key).data);
	store_del(store, KERNEL_TABLES + table, key);
}

static struct text first_case(struct store *store, char code[32])
{
	struct bytes key;

	(void)store_seek(store, KERNEL_TABLES + TABLE_CONFLICT, bytes_of(NULL, 0), &key);
	assert_in_range(key.size, 1, 31);
	memcpy(code, key.data, key.size);
	return (struct text){code, (uint32_t)key.size};
}

static void grant_lost(struct store *store)
{
	drop(store, TABLE_GRANT, bytes_of("310000\0EAST", 11));
}

static void territory_lost(struct store *store)
{
	struct grant grant = {.from = 0};

	store_put(store, KERNEL_TABLES + TABLE_GRANT, bytes_of("110000\0EAST", 11), bytes_of(&grant, sizeof(grant)));
}

static void line_lost(struct store *store)
{
	uint8_t key[KEY_SIZE];
	char code[32];

	drop(store, TABLE_CONFLICT_LINE, conflict_line_key(key, first_case(store, code), 2));
}

static void change_case(struct store *store, void (*change)(struct conflict *conflict))
{
	struct conflict conflict;
	char code[32];
	struct text name = first_case(store, code);

	assert_true(conflict_read(store_get(store, KERNEL_TABLES + TABLE_CONFLICT, bytes_of_text(name)), &conflict));
	change(&conflict);
	store_put(store, KERNEL_TABLES + TABLE_CONFLICT, bytes_of_text(name), bytes_of(&conflict, sizeof(conflict)));
}

static void be_closed(struct conflict *conflict)
{
	conflict->state = STATE_CLOSED;
}

static void be_another(struct conflict *conflict)
{
	CODE_PUT(conflict->rule, TEXT_LITERAL("WEST"));
}

static void be_later(struct conflict *conflict)
{
	conflict->due_us++;
}

static void case_closed(struct store *store)
{
	change_case(store, be_closed);
}

static void case_moved(struct store *store)
{
	change_case(store, be_another);
}

static void deadline_lost(struct store *store)
{
	change_case(store, be_later);
}

static void case_doubled(struct store *store)
{
	struct conflict conflict = {.state = STATE_CLOSED};

	store_put(store, KERNEL_TABLES + TABLE_CONFLICT, bytes_of("C-X", 3), bytes_of(&conflict, sizeof(conflict)));
}

static void case_cut(struct store *store)
{
	char code[32];

	store_put(store, KERNEL_TABLES + TABLE_CONFLICT, bytes_of_text(first_case(store, code)), bytes_of("x", 1));
}

static struct bytes ticket_at(uint8_t key[KEY_SIZE])
{
	return matter_key(key, &flow_ticket, TEXT_LITERAL("AS-1"));
}

static void matter_lost(struct store *store)
{
	uint8_t key[KEY_SIZE];

	drop(store, TABLE_MATTER, ticket_at(key));
}

static void matter_cut(struct store *store)
{
	uint8_t key[KEY_SIZE];

	store_put(store, KERNEL_TABLES + TABLE_MATTER, ticket_at(key), bytes_of("x", 1));
}

static void matter_line_lost(struct store *store)
{
	uint8_t key[KEY_SIZE];

	drop(store, TABLE_MATTER_LINE, matter_line_key(key, &flow_ticket, TEXT_LITERAL("AS-1"), 1));
}

static void change_matter(struct store *store, bool state)
{
	struct matter matter;
	uint8_t key[KEY_SIZE];

	assert_true(matter_read(store_get(store, KERNEL_TABLES + TABLE_MATTER, ticket_at(key)), &matter));
	matter.state = state ? 200 : matter.state;
	matter.due_us += !state;
	store_put(store, KERNEL_TABLES + TABLE_MATTER, ticket_at(key), bytes_of(&matter, sizeof(matter)));
}

static void matter_later(struct store *store)
{
	change_matter(store, false);
}

static void matter_nowhere(struct store *store)
{
	change_matter(store, true);
}

static void red_lost(struct store *store)
{
	uint8_t key[KEY_SIZE];
	struct red red = {.time_us = 7};

	store_put(store, KERNEL_TABLES + TABLE_DESK_FIND, red_key(key, TEXT_LITERAL("T-1")), bytes_of(&red, sizeof(red)));
}

static void receipt_invented(struct store *store)
{
	uint8_t key[KEY_SIZE];
	struct receipt receipt = {.version = 1};

	store_put(store, KERNEL_TABLES + TABLE_RECEIPT, receipt_key(key, TEXT_LITERAL("N"), TEXT_LITERAL("D1")), bytes_of(&receipt, sizeof(receipt)));
}

static void tamper(const struct service *service, const char *dir, void (*breaks)(struct store *store))
{
	struct stage stage;

	stage_open(&stage, service, dir);
	assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
	breaks(engine_store(stage.engine));
	assert_int_equal(store_commit(engine_store(stage.engine)), ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
}

static void test_rows_that_do_not_belong_together_are_found(void **state)
{
	static const struct {
		void (*breaks)(struct store *store);
		int wrongs;
	} cases[] = {{grant_lost, 1},  {territory_lost, 1}, {line_lost, 1},    {case_closed, 1},
		     {case_moved, 1}, {deadline_lost, 1},  {case_doubled, 1}, {case_cut, 1},
		     {matter_lost, 2}, {matter_cut, 2},     {matter_line_lost, 1}, {matter_later, 2},
		     {matter_nowhere, 1},  {red_lost, 2},        {receipt_invented, 1}};
	char dir[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stage_folder(dir);
		happen(*state, dir);
		assert_int_equal(stage_check(*state, dir), 0);
		tamper(*state, dir, cases[i].breaks);
		assert_int_equal(stage_check(*state, dir), cases[i].wrongs);
		stage_folder_remove(dir, *state);
	}
}

/* R50: every step from every state leads where the list says, and nowhere else. */
static void test_a_case_moves_as_the_list_says(void **state)
{
	static const char *const to[CONFLICT_STATES] = {"--a--c-", "--ad---", "----pc-", "--pd---", "-------"};
	static const char letters[] = "oadpc"; /* of the states */

	(void)state;
	for (int from = 0; from < CONFLICT_STATES; from++)
		for (int step = 0; step < CONFLICT_STEPS; step++) {
			enum conflict_state next;
			bool is_move = conflict_next((enum conflict_state)from, (enum conflict_step)step, &next);

			assert_int_equal(is_move ? letters[next] : '-', to[from][step]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows_that_do_not_belong_together_are_found),
	    cmocka_unit_test(test_a_case_moves_as_the_list_says),
	};

	return cmocka_run_group_tests(tests, rulebook_service, NULL);
}
