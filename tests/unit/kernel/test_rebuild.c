/*
 * Goal: the recorded inputs of a service, run again, give its rows and its journal byte for byte, also
 * where the inputs stand in another service's journal; a row that no input gave is found. Method: a toy
 * service and one that follows it, in stores on disk; MUTANT_REBUILD_BEGINS_LATE must fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "events/orders.h"
#include "events/terminals.h"
#include "kernel/tools.h"
#include "log/log.h"
#include "pack/event.h"
#include "store/appends.h"
#include "toy.h"

#define START_US INT64_C(1772355600000000)
#define EVENTS 40
#define BATCH 7 /* events that the second service hears at a time */

struct pair {
	char folder[64];
	struct engine *toy, *echo;
};

static void open_engine(struct pair *pair, const struct service *service, struct engine **engine)
{
	char path[128];
	struct engine_options options = {.path = path, .map_bytes = 1 << 20, .map_bytes_max = 64 << 20, .now_us = START_US};

	snprintf(path, sizeof(path), "%s/%s", pair->folder, service->name);
	assert_int_equal(engine_open(engine, service, &options), ERR_NONE);
}

static void admit(struct engine *engine, const struct run *run)
{
	struct admission admission;

	assert_int_equal(engine_begin(engine, START_US + US_PER_DAY), ERR_NONE);
	engine_admit(engine, run, &admission);
	assert_int_equal(admission.state, ADMISSION_DONE);
	assert_int_equal(engine_commit(engine), ERR_NONE);
}

static void sell(struct engine *engine)
{
	for (uint64_t seq = 1; seq <= EVENTS; seq++) {
		uint8_t event[300];
		char receipt[24];

		snprintf(receipt, sizeof(receipt), "R%llu", (unsigned long long)seq);
		size_t size = toy_sale(event, sizeof(event), "S1/T1", seq, "S1", receipt, 1000,
		                       START_US + (int64_t)seq * US_PER_SECOND);
		struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .after = seq - 1, .count = 1, .events = bytes_of(event, size)};
		admit(engine, &run);
	}
}

/* Batches of the first one's journal, as a feed would bring them. */
static void hear(struct pair *pair)
{
	uint64_t number, head = engine_meta(pair->toy)->head;
	uint8_t *events = malloc(BATCH * 1024);

	assert_non_null(events);
	for (uint64_t after = 0; after < head;) {
		struct run run = {.source = TEXT_LITERAL("orders"), .epoch = engine_meta(pair->toy)->epoch, .feed = true, .after = after};
		struct writer writer = writer_of(events, BATCH * 1024);
		struct view view = {0};

		assert_int_equal(view_open(&view, engine_store(pair->toy)), ERR_NONE);
		struct bytes event = view_log_seek(&view, KERNEL_JOURNAL, after + 1, &number);
		for (; run.count < BATCH && event.data != NULL; event = view_log_next(&view, KERNEL_JOURNAL, &number)) {
			writer_raw(&writer, event);
			run.through = number;
			run.count++;
		}
		view_close(&view);
		run.events = writer_bytes(&writer);
		admit(pair->echo, &run);
		after = run.through;
	}
	free(events);
}

static int begin(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	snprintf(pair->folder, sizeof(pair->folder), "/tmp/rebuild-test-XXXXXX");
	assert_non_null(mkdtemp(pair->folder));
	open_engine(pair, &toy, &pair->toy);
	open_engine(pair, &toy_echo, &pair->echo);
	sell(pair->toy);
	hear(pair);
	*state = pair;
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

static int end(void **state)
{
	struct pair *pair = *state;

	engine_close(&pair->toy);
	engine_close(&pair->echo);
	assert_int_equal(nftw(pair->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(pair);
	return 0;
}

/* The tools open stores that nobody in this process has open. */
static int rebuild(struct pair *pair, const struct service *service)
{
	FILE *nowhere = fopen("/dev/null", "w");
	struct tool_options options = {.dir = pair->folder, .map_bytes_max = 64 << 20, .out = nowhere};

	assert_non_null(nowhere);
	engine_close(&pair->toy);
	engine_close(&pair->echo);
	int result = tool_rebuild(service, &options);
	fclose(nowhere);
	return result;
}

static void test_inputs_from_outside_give_the_same_again(void **state)
{
	assert_int_equal(rebuild(*state, &toy), 0);
}

static void test_inputs_of_a_feed_are_fetched_from_its_journal(void **state)
{
	assert_int_equal(rebuild(*state, &toy_echo), 0);
}

/*
 * Puts each event of a journal back as it was written before keys had numbers: with names, under its own seal. The event `other` ends
 * in another byte then; 0: none.
 */
static void write_with_names(const char *folder, uint64_t other)
{
	static uint8_t room[EVENT_OWN_BYTES_MAX];
	struct appends appends = {0};
	MDB_cursor *cursor;
	MDB_val key, value;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, STORE_TABLES_MAX), 0);
	assert_int_equal(mdb_env_open(env, folder, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "kernel.journal", 0, &dbi), 0);
	assert_int_equal(mdb_cursor_open(txn, dbi, &cursor), 0);
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		uint64_t number = get_u64_be(key.mv_data);
		struct bytes event = appends_value(number, bytes_of(value.mv_data, value.mv_size));
		struct writer named = writer_of(room, sizeof(room));

		assert_int_equal(event_named(event, &named), ERR_NONE);
		assert_true(named.used >= event.size);
		if (number == other)
			room[named.used - 1] ^= 1;
		assert_true(appends_add(&appends, number, writer_bytes(&named)));
		const struct append *append = appends_find(&appends, number);
		uint8_t place[8]; /* a key on the page would move with what is put there */
		put_u64_be(place, number);
		key = (MDB_val){sizeof(place), place};
		value = (MDB_val){append->size, (void *)(uintptr_t)append->sealed};
		assert_int_equal(mdb_cursor_put(cursor, &key, &value, MDB_CURRENT), 0);
	}
	mdb_cursor_close(cursor);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	appends_drop(&appends);
}

static void test_a_journal_of_before_keys_had_numbers_is_the_same(void **state)
{
	struct pair *pair = *state;
	char path[128];

	engine_close(&pair->toy);
	snprintf(path, sizeof(path), "%s/%s", pair->folder, toy.name);
	write_with_names(path, 0);
	assert_int_equal(rebuild(pair, &toy), 0);
	assert_int_equal(rebuild(pair, &toy_echo), 0);
	write_with_names(path, 17);
	assert_int_equal(rebuild(pair, &toy), 1);
}

static void test_a_row_that_no_input_gave_is_found(void **state)
{
	struct pair *pair = *state;
	struct store *store = engine_store(pair->echo);

	assert_int_equal(store_begin(store), ERR_NONE);
	store_put(store, KERNEL_TABLES + TOY_SUMS, bytes_of("S9", 2), bytes_of("12345678", 8));
	assert_int_equal(store_commit(store), ERR_NONE);
	assert_int_equal(rebuild(pair, &toy_echo), 1);
}

/* ---- a service that did not hear everything while it was idle ---- */

static bool never_idle(struct query *query)
{
	(void)query;
	return false;
}

/* The first toy, that says of each ticket that it came back as well. */
static void on_ticket(struct turn *turn, const void *event)
{
	const struct ticket_sold *sold = event;
	struct sale_returned_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}};
	struct sale_returned returned = {.outlet = sold->outlet, .terminal = turn_input(turn)->source, .receipt = sold->receipt,
					 .currency = sold->currency, .day = sold->day, .tier = 1, .units = {1000}, .lines = {&line, 1}};

	toy.routes[1].handle(turn, event);
	turn_emit(turn, &sale_returned_type, &returned);
}

static void on_return(struct turn *turn, const void *event)
{
	const struct sale_returned *returned = event;

	turn_put(turn, TOY_TICKS, bytes_of_text(returned->receipt), bytes_of("12345678", 8));
}

static const struct service *returning_service(void)
{
	static struct route routes[2];
	static struct service returning;

	routes[0] = toy.routes[0];
	routes[1] = (struct route){&ticket_sold_type, on_ticket};
	returning = toy;
	returning.routes = routes;
	return &returning;
}

static const struct service *sparing_service(void)
{
	static const char *const spared[] = {"sale.returned", NULL};
	static struct route routes[2];
	static struct service sparing;

	routes[0] = toy_echo.routes[0];
	routes[1] = (struct route){&sale_returned_type, on_return};
	sparing = toy_echo;
	sparing.routes = routes;
	sparing.route_count = 2;
	sparing.is_idle = never_idle;
	sparing.idle_types = spared;
	return &sparing;
}

/* Events of the first one's journal, through a number of it: all of them, or without those that an idle service does not hear. */
static void hear_through(struct pair *pair, uint64_t through, bool is_idle)
{
	static uint8_t events[2 * EVENTS * 1024];
	uint64_t number;
	struct cursor at = engine_cursor(pair->echo, TEXT_LITERAL("orders"));
	struct run run = {.source = TEXT_LITERAL("orders"), .epoch = engine_meta(pair->toy)->epoch, .feed = true, .after = at.through,
			  .through = through};
	struct writer writer = writer_of(events, sizeof(events));
	struct view view = {0};

	assert_int_equal(view_open(&view, engine_store(pair->toy)), ERR_NONE);
	for (struct bytes event = view_log_seek(&view, KERNEL_JOURNAL, at.through + 1, &number); event.data != NULL && number <= through;
	     event = view_log_next(&view, KERNEL_JOURNAL, &number)) {
		struct reader reader = reader_of(event);
		struct envelope envelope;

		envelope_read(&reader, &envelope);
		if (is_idle && service_is_spared(engine_service(pair->echo), envelope.type))
			continue;
		writer_raw(&writer, event);
		run.count++;
	}
	view_close(&view);
	run.events = writer_bytes(&writer);
	assert_int_equal(writer.error, ERR_NONE);
	admit(pair->echo, &run);
}

/* K30: of each run that a feed brought, the count tells whether the service was idle when it came. */
static void test_what_an_idle_service_did_not_hear_is_not_run_again(void **state)
{
	struct pair *pair = *state;
	struct view view = {0};

	hear_through(pair, 8, true);
	hear_through(pair, 12, true);
	hear_through(pair, 2 * EVENTS, false);
	assert_int_equal(view_open(&view, engine_store(pair->echo)), ERR_NONE);
	assert_null(view_get(&view, KERNEL_TABLES + TOY_TICKS, bytes_of("R1", 2)).data);
	view_close(&view);
	assert_int_equal(rebuild(pair, sparing_service()), 0);
	struct service busy = *sparing_service(); /* one that always hears everything: these inputs cannot be its own */
	busy.is_idle = NULL;
	assert_int_equal(rebuild(pair, &busy), ERR_NOT_FOUND);
}

static int begin_idle(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	snprintf(pair->folder, sizeof(pair->folder), "/tmp/rebuild-test-XXXXXX");
	assert_non_null(mkdtemp(pair->folder));
	open_engine(pair, returning_service(), &pair->toy);
	open_engine(pair, sparing_service(), &pair->echo);
	sell(pair->toy);
	*state = pair;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_inputs_from_outside_give_the_same_again, begin, end),
	    cmocka_unit_test_setup_teardown(test_inputs_of_a_feed_are_fetched_from_its_journal, begin, end),
	    cmocka_unit_test_setup_teardown(test_a_journal_of_before_keys_had_numbers_is_the_same, begin, end),
	    cmocka_unit_test_setup_teardown(test_a_row_that_no_input_gave_is_found, begin, end),
	    cmocka_unit_test_setup_teardown(test_what_an_idle_service_did_not_hear_is_not_run_again, begin_idle, end),
	};

	log_open("test", LOG_BROKEN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
