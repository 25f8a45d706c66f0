/*
 * Goal: what a service answers about itself is whole or goes on, whatever the question says. Method: an engine over the store's twin in
 * memory with rows written by hand, one question at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "kernel/query.h"
#include "log/log.h"
#include "store/store_disk.h"
#include "toy.h"

#define START_US INT64_C(1772355600000000)
#define MANY 5000

static uint8_t buffer[QUERY_PAGE_BYTES];
static const struct setting setting = {"stretch", "days", "how far it stretches", 1, 10, 5};

static struct engine *open_engine(const int64_t *settings)
{
	static struct service service;
	struct engine_options options = {.path = "toy", .memory = true, .now_us = START_US, .settings = settings};
	struct engine *engine;

	service = toy;
	service.settings = &setting;
	service.setting_count = 1;
	assert_int_equal(engine_open(&engine, &service, &options), ERR_NONE);
	return engine;
}

static void put(struct engine *engine, unsigned table, struct bytes key, struct bytes value)
{
	assert_int_equal(store_begin(engine_store(engine)), ERR_NONE);
	store_put(engine_store(engine), table, key, value);
	assert_int_equal(store_commit(engine_store(engine)), ERR_NONE);
}

static struct page ask(struct engine *engine, const char *what, struct bytes arguments, struct bytes from)
{
	struct page page;

	assert_int_equal(query_run(engine, text_of(what), arguments, from, buffer, &page), ERR_NONE);
	return page;
}

/* A map of one pair: this name, and a number or a text. */
static struct bytes argument(const char *name, const char *text, int64_t number)
{
	static uint8_t map[128];
	struct writer writer = writer_of(map, sizeof(map));

	writer_map(&writer, 2);
	writer_text(&writer, TEXT_LITERAL("other"));
	writer_bool(&writer, true);
	writer_text(&writer, text_of(name));
	if (text != NULL)
		writer_text(&writer, text_of(text));
	else
		writer_int(&writer, number);
	return writer_bytes(&writer);
}

static void put_cursors(struct engine *engine)
{
	struct cursor cursor = {.epoch = 5, .through = 7};

	put(engine, KERNEL_CURSOR, bytes_of("S1/T1", 5), bytes_of(&cursor, sizeof(cursor)));
	put(engine, KERNEL_CURSOR, bytes_of("S1/T2", 5), bytes_of(&cursor, sizeof(cursor)));
	put(engine, KERNEL_CURSOR, bytes_of("S1/T3", 5), bytes_of("short", 5)); /* no cursor: it is left out */
}

static void test_sources_are_all_or_the_one_that_is_asked_for(void **state)
{
	struct engine *engine = open_engine(NULL);
	static const uint8_t bad_key[] = {0x82, 0x01, 0x02, 0x03, 0x04}, no_map[] = {0x01};

	(void)state;
	put_cursors(engine);
	assert_int_equal(ask(engine, "sources", bytes_of(NULL, 0), bytes_of(NULL, 0)).row_count, 2);
	assert_int_equal(ask(engine, "sources", argument("source", "S1/T2", 0), bytes_of(NULL, 0)).row_count, 1);
	assert_int_equal(ask(engine, "sources", argument("source", "S9/T9", 0), bytes_of(NULL, 0)).row_count, 0);
	assert_int_equal(ask(engine, "sources", argument("source", NULL, 3), bytes_of(NULL, 0)).row_count, 2); /* not a name: no wish */
	assert_int_equal(ask(engine, "sources", bytes_of(bad_key, sizeof(bad_key)), bytes_of(NULL, 0)).row_count, 2);
	assert_int_equal(ask(engine, "sources", bytes_of(no_map, sizeof(no_map)), bytes_of(NULL, 0)).row_count, 2);
	assert_int_equal(ask(engine, "sources", bytes_of(NULL, 0), bytes_of("S1/T2", 5)).row_count, 1);
	engine_close(&engine);
}

static void put_quarantined(struct engine *engine, uint64_t number, size_t key_size)
{
	uint8_t key[8], row[200];
	struct writer writer = writer_of(row, sizeof(row));

	put_u64_be(key, number);
	writer_array(&writer, 6);
	writer_text(&writer, TEXT_LITERAL("S1/T1"));
	writer_uint(&writer, 5);
	writer_uint(&writer, number);
	writer_int(&writer, START_US);
	writer_text(&writer, TEXT_LITERAL("nobody knows why"));
	writer_bin(&writer, bytes_of("\xc1", 1));
	store_put(engine_store(engine), KERNEL_QUARANTINE, bytes_of(key, key_size), writer_bytes(&writer));
}

static void test_a_long_quarantine_comes_in_pages_and_one_of_it_alone(void **state)
{
	struct engine *engine = open_engine(NULL);
	uint8_t key[8], from[QUERY_KEY_MAX];
	uint32_t rows = 0, pages = 0;
	size_t from_size = 0;
	struct page page;

	(void)state;
	assert_int_equal(store_begin(engine_store(engine)), ERR_NONE);
	for (uint64_t number = 1; number <= MANY; number++)
		put_quarantined(engine, number, 8);
	put_quarantined(engine, 1, 3); /* a damaged key is no number */
	assert_int_equal(store_commit(engine_store(engine)), ERR_NONE);
	put_u64_be(key, MANY + 1);
	put(engine, KERNEL_QUARANTINE, bytes_of(key, 8), bytes_of("damaged", 7));
	do {
		page = ask(engine, "quarantine", bytes_of(NULL, 0), bytes_of(from, from_size));
		rows += page.row_count;
		pages++;
		from_size = page.from_size;
		memcpy(from, page.from, from_size);
	} while (page.more);
	assert_int_equal(rows, MANY);
	assert_in_range(pages, 2, 20);
	page = ask(engine, "quarantine", argument("number", NULL, 3000), bytes_of(NULL, 0));
	assert_int_equal(page.row_count, 1);
	page = ask(engine, "quarantine", argument("number", "three", 0), bytes_of(NULL, 0)); /* not a number: all of it */
	assert_true(page.more);
	engine_close(&engine);
}

static void test_settings_are_those_in_effect(void **state)
{
	const int64_t given = 9;
	struct engine *engine = open_engine(&given);

	(void)state;
	assert_int_equal(engine_setting(engine, 0), 9);
	assert_int_equal(ask(engine, "settings", bytes_of(NULL, 0), bytes_of(NULL, 0)).row_count, 1);
	engine_close(&engine);
	engine = open_engine(NULL);
	assert_int_equal(engine_setting(engine, 0), 5);
	engine_close(&engine);
}

/* Fewer rows than there are is no reason to stop, whatever is asked; less than one is one. */
static void test_a_limit_is_kept_by_every_answer(void **state)
{
	static const struct setting two[] = {{"stretch", "days", "how far it stretches", 1, 10, 5},
					     {"depth", "days", "how deep it goes", 1, 10, 5}};
	static const char *const questions[] = {"sources", "status", "settings", "metrics", "hash"};
	struct engine_options options = {.path = "toy", .memory = true, .now_us = START_US};
	struct service service = toy;
	struct engine *engine;

	(void)state;
	service.settings = two;
	service.setting_count = 2;
	assert_int_equal(engine_open(&engine, &service, &options), ERR_NONE);
	put_cursors(engine);
	for (int64_t limit = -1; limit <= 1; limit++)
		for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
			assert_int_equal(ask(engine, questions[i], argument("limit", NULL, limit), bytes_of(NULL, 0)).row_count, 1);
	assert_int_equal(ask(engine, "settings", argument("limit", NULL, 2), bytes_of(NULL, 0)).row_count, 2);
	assert_true(ask(engine, "sources", argument("limit", NULL, 1), bytes_of(NULL, 0)).more);
	engine_close(&engine);
}

/* One row of S1 behind more of S2 than are looked through for a page. */
static void answer_shops(struct query *query)
{
	struct bytes from = query_from(query);
	uint32_t number = from.size == sizeof(number) ? *(const uint8_t *)from.data : 0;

	for (uint32_t seen = 0; seen <= QUERY_HIDDEN_MAX; seen++) {
		if (!query_row(query)) {
			query_more(query, bytes_of("\1\0\0", sizeof(number)));
			return;
		}
		query_text(query, "outlet", number == 1 ? TEXT_LITERAL("S1") : TEXT_LITERAL("S2"));
		if (number == 1)
			return;
	}
}

static void test_rows_of_others_fill_no_page_and_end(void **state)
{
	static const struct query_handler shops = {.name = "shops", .outlet = "outlet", .answer = answer_shops, .sentence = "outlets"};
	static const char *const places[] = {"S1"};
	const struct guard_principal dealer = {.name = "D1", .role = GUARD_DEALER, .places = places, .place_count = 1};
	struct query_asked asked = {.what = TEXT_LITERAL("shops"), .principal = &dealer};
	struct engine_options options = {.path = "toy", .memory = true, .now_us = START_US};
	struct service service = toy;
	struct engine *engine;
	struct page page;

	(void)state;
	service.queries = &shops;
	service.query_count = 1;
	assert_int_equal(engine_open(&engine, &service, &options), ERR_NONE);
	assert_int_equal(query_answer(engine, &asked, buffer, &page), ERR_NONE);
	assert_int_equal(page.row_count, 0);
	assert_true(page.more);
	asked.from = bytes_of("\1\0\0", 4);
	assert_int_equal(query_answer(engine, &asked, buffer, &page), ERR_NONE);
	assert_int_equal(page.row_count, 1);
	assert_false(page.more);
	engine_close(&engine);
}

static void test_without_its_books_a_service_has_no_status(void **state)
{
	static const char *const questions[] = {"status", "hash", "metrics"};
	struct engine *engine = open_engine(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		assert_true(ask(engine, questions[i], bytes_of(NULL, 0), bytes_of(NULL, 0)).row_count > 0);
	put(engine, KERNEL_META, bytes_of("meta", 4), bytes_of("short", 5));
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		assert_int_equal(ask(engine, questions[i], bytes_of(NULL, 0), bytes_of(NULL, 0)).row_count, 0);
	engine_close(&engine);
}

static void test_epochs_fill_a_page_and_no_more(void **state)
{
	struct store_disk *disk = store_disk_open();
	struct engine_options options = {.path = "toy", .memory = true, .disk = disk, .now_us = START_US};
	struct engine *engine;
	uint8_t key[8], row[32] = {0};

	(void)state;
	assert_int_equal(engine_open(&engine, &toy, &options), ERR_NONE);
	assert_int_equal(ask(engine, "epochs", bytes_of(NULL, 0), bytes_of(NULL, 0)).row_count, 0);
	assert_int_equal(store_begin(engine_store(engine)), ERR_NONE);
	for (uint64_t epoch = 1; epoch <= 2 * MANY; epoch++) {
		put_u64_be(key, epoch);
		store_put(engine_store(engine), KERNEL_EPOCHS, bytes_of(key, 8), bytes_of(row, sizeof(row)));
	}
	assert_int_equal(store_commit(engine_store(engine)), ERR_NONE);
	engine_close(&engine);
	assert_int_equal(engine_open(&engine, &toy, &options), ERR_NONE);
	assert_in_range(ask(engine, "epochs", bytes_of(NULL, 0), bytes_of(NULL, 0)).row_count, 1000, 2 * MANY - 1);
	engine_close(&engine);
	store_disk_close(&disk);
}

static void look_at_nothing(struct query *query, void *context)
{
	assert_non_null(query);
	(*(unsigned *)context)++;
}

static void test_a_read_that_fails_is_no_answer(void **state)
{
	struct store_disk *disk = store_disk_open();
	struct engine_options options = {.path = "toy", .memory = true, .disk = disk, .now_us = START_US};
	struct engine *engine;
	struct page page;

	(void)state;
	assert_int_equal(engine_open(&engine, &toy, &options), ERR_NONE);
	store_disk_fail(disk, STORE_FAULT_BEGIN, 0, 1, ERR_AGAIN);
	assert_int_equal(query_run(engine, TEXT_LITERAL("status"), bytes_of(NULL, 0), bytes_of(NULL, 0), buffer, &page), ERR_AGAIN);
	store_disk_fail(disk, STORE_FAULT_READ, 0, 1, ERR_STORE_IO);
	assert_int_equal(query_run(engine, TEXT_LITERAL("status"), bytes_of(NULL, 0), bytes_of(NULL, 0), buffer, &page), ERR_STORE_IO);
	unsigned looks = 0;
	store_disk_fail(disk, STORE_FAULT_BEGIN, 0, 1, ERR_AGAIN);
	assert_int_equal(query_with_view(engine, look_at_nothing, &looks), ERR_AGAIN);
	assert_int_equal(looks, 0);
	assert_int_equal(query_with_view(engine, look_at_nothing, &looks), ERR_NONE);
	assert_int_equal(looks, 1);
	assert_int_equal(query_run(engine, TEXT_LITERAL("weather"), bytes_of(NULL, 0), bytes_of(NULL, 0), buffer, &page), ERR_NOT_FOUND);
	engine_close(&engine);
	store_disk_close(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sources_are_all_or_the_one_that_is_asked_for),
	    cmocka_unit_test(test_a_long_quarantine_comes_in_pages_and_one_of_it_alone),
	    cmocka_unit_test(test_settings_are_those_in_effect),
	    cmocka_unit_test(test_a_limit_is_kept_by_every_answer),
	    cmocka_unit_test(test_rows_of_others_fill_no_page_and_end),
	    cmocka_unit_test(test_without_its_books_a_service_has_no_status),
	    cmocka_unit_test(test_epochs_fill_a_page_and_no_more),
	    cmocka_unit_test(test_a_read_that_fails_is_no_answer),
	};

	log_open("test", LOG_BROKEN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
