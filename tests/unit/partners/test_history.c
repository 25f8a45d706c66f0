/*
 * Goal: a store from before there was a history answers what it knows, says what it lacks, and has all of it after a rebuild; and answers
 * that are cut into pages are the same rows. Method: two versions through the real engine, then the rows of the history taken away as if
 * they had never been written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "kernel/query.h"
#include "kernel/tools.h"
#include "pack/question.h"
#include "pack/row.h"
#include "state.h"
#include "rulebook.h"

static void submit(struct stage *stage, const char *who, const char *name, const char *supplier)
{
	struct outlet_submitted_upstream above = {.has_outlet = true, .outlet = text_of(supplier)};
	struct outlet_submitted outlet = {.outlet = TEXT_LITERAL("S1"),
					  .name = text_of(name),
					  .tier = 2,
					  .kind = TEXT_LITERAL("dealer"),
					  .currency = TEXT_LITERAL("GBP"),
					  .has_upstreams = supplier[0] != 0,
					  .upstreams = {&above, 1}};

	if (supplier[0] != 0) {
		struct outlet_submitted top = {.outlet = text_of(supplier),
					       .name = TEXT_LITERAL("d"),
					       .tier = 1,
					       .kind = TEXT_LITERAL("distributor"),
					       .currency = TEXT_LITERAL("GBP")};
		stage_hear(stage, who, &outlet_submitted_type, &top);
	}
	stage_hear(stage, who, &outlet_submitted_type, &outlet);
}

/* How many rows the answer has; the last of them in row. */
static unsigned ask(struct stage *stage, const char *what, struct question *question, struct bytes *row)
{
	static uint8_t buffer[QUERY_PAGE_BYTES];
	struct page page = {0};

	stage_commit(stage);
	assert_int_equal(query_run(stage->engine, text_of(what), question_end(question), bytes_of(NULL, 0), buffer, &page), ERR_NONE);
	struct reader reader = reader_of(page.rows);
	for (uint32_t i = 0; i < page.row_count; i++)
		*row = reader_value(&reader);
	return page.row_count;
}

static void about(struct question *question)
{
	question_begin(question);
	question_text(question, "kind", "outlet");
	question_text(question, "key", "S1");
}

static void forget_history(const struct service *service, const char *dir)
{
	uint8_t place[VERSION_KEY_SIZE];

	for (int64_t version = 1; version <= 2; version++)
		stage_write(service, dir, TABLE_HISTORY, version_key(place, TABLE_OUTLET, bytes_of_text(TEXT_LITERAL("S1")), version),
			    bytes_of(NULL, 0));
}

static void look_without_history(struct stage *stage)
{
	struct question question;
	struct bytes row;

	about(&question);
	assert_int_equal(ask(stage, "policies", &question, &row), 1);
	assert_int_equal(row_int(row, "version", 0), 2);
	assert_int_equal(row_int(row, "known_us", -1), -1);
	assert_true(text_equal(row_text(row, "name"), TEXT_LITERAL("new")));
	about(&question);
	question_int(&question, "version", 2);
	assert_int_equal(ask(stage, "policies", &question, &row), 1);
	about(&question);
	question_int(&question, "version", 1);
	assert_int_equal(ask(stage, "policies", &question, &row), 0);
	about(&question);
	question_int(&question, "known", stage->time_us);
	assert_int_equal(ask(stage, "policies", &question, &row), 0);
	about(&question);
	question_text(&question, "history", "yes");
	assert_int_equal(ask(stage, "policies", &question, &row), 0);
	question_begin(&question);
	question_text(&question, "outlet", "S1");
	assert_int_equal(ask(stage, "network", &question, &row), 1);
	assert_true(text_equal(row_text(row, "supplier"), TEXT_LITERAL("D1")));
	question_begin(&question);
	question_text(&question, "outlet", "S1");
	question_int(&question, "known", stage->time_us);
	assert_int_equal(ask(stage, "network", &question, &row), 0);
}

static void test_a_store_without_a_history_answers_what_it_knows(void **state)
{
	struct question question;
	struct stage stage;
	struct bytes row;
	char dir[64];

	stage_folder(dir);
	stage_open(&stage, *state, dir);
	submit(&stage, "staff/anna", "old", "");
	submit(&stage, "staff/anna", "new", "D1");
	about(&question);
	question_text(&question, "history", "yes");
	assert_int_equal(ask(&stage, "policies", &question, &row), 2);
	stage_close(&stage);
	assert_int_equal(stage_check(*state, dir), 0);

	forget_history(*state, dir);
	assert_true(stage_check_says(*state, dir, "outlet: 3 declarations, but 1 versions in the history"));
	stage_open(&stage, *state, dir);
	look_without_history(&stage);
	/* what comes from now on is kept, and the versions before it stay unknown */
	submit(&stage, "staff/bert", "newer", "D1");
	about(&question);
	assert_int_equal(ask(&stage, "policies", &question, &row), 1);
	assert_int_equal(row_int(row, "version", 0), 3);
	about(&question);
	question_text(&question, "history", "yes");
	assert_int_equal(ask(&stage, "policies", &question, &row), 1);
	stage_close(&stage);
	stage_folder_remove(dir, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_store_without_a_history_answers_what_it_knows),
	};

	return cmocka_run_group_tests(tests, rulebook_service, NULL);
}
