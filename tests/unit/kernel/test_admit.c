/*
 * Goal: what is admitted in unusual circumstances: events too large, torn feeds, refusals by the thousand, a clock that was set back.
 * Method: an engine over the store's twin in memory, one run at a time; rows and answers are compared with what the header promises.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "events/orders.h"
#include "kernel/quarantine.h"
#include "kernel/turn.h"
#include "log/log.h"
#include "store/store_disk.h"
#include "toy.h"

#define START_US INT64_C(1772355600000000)
#define LARGE (80u << 10)
#define MANY 5000

static struct engine *open_engine(const struct service *service, struct store_disk *disk, int64_t now_us, bool replay)
{
	struct engine_options options = {.path = "toy", .memory = true, .disk = disk, .now_us = now_us, .replay = replay};
	struct engine *engine;

	assert_int_equal(engine_open(&engine, service, &options), ERR_NONE);
	return engine;
}

static struct admission admit(struct engine *engine, const struct run *run, int64_t now_us)
{
	struct admission admission;

	assert_int_equal(engine_begin(engine, now_us), ERR_NONE);
	engine_admit(engine, run, &admission);
	return admission;
}

static void commit(struct engine *engine)
{
	assert_int_equal(engine_commit(engine), ERR_NONE);
}

static struct run run_of(const char *source, uint64_t after, uint32_t count, const uint8_t *bytes, size_t size)
{
	return (struct run){.source = text_of(source), .epoch = 5, .after = after, .count = count, .events = bytes_of(bytes, size)};
}

/* An event whose data has one more field, of this many bytes, that nobody knows. */
static size_t with_a_large_field(uint8_t *out, size_t room, struct bytes event, uint32_t large)
{
	struct reader reader = reader_of(event);
	struct writer writer = writer_of(out, room);
	struct envelope envelope;
	uint8_t *filler = calloc(1, large);

	assert_non_null(filler);
	envelope_read(&reader, &envelope);
	assert_int_equal(reader_finish(&reader), ERR_NONE);
	struct bytes data = envelope.data;
	assert_int_equal(data.data[0] & 0xf0, 0x80); /* a map of few pairs */
	envelope.data = bytes_of(NULL, 0);
	envelope_write(&writer, &envelope);
	writer_map(&writer, (data.data[0] & 0x0fu) + 1);
	writer_raw(&writer, bytes_of(data.data + 1, data.size - 1));
	writer_text(&writer, TEXT_LITERAL("zz_of_tomorrow"));
	writer_bin(&writer, bytes_of(filler, large));
	assert_int_equal(writer.error, ERR_NONE);
	free(filler);
	return writer.used;
}

/* An event of the toy's journal, as a follower gets it. */
static size_t sale_recorded_at(uint8_t *out, size_t room, uint64_t seq, int64_t time_us)
{
	struct writer writer = writer_of(out, room);
	struct sale_recorded_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}};
	struct sale_recorded recorded = {.outlet = TEXT_LITERAL("S1"), .terminal = TEXT_LITERAL("S1/T1"), .receipt = TEXT_LITERAL("R"),
					 .currency = TEXT_LITERAL("GBP"), .day = TEXT_LITERAL("2026-03-01"), .tier = 1, .units = {7}};
	struct envelope envelope = {.source = TEXT_LITERAL("orders"), .seq = seq, .type = TEXT_LITERAL("sale.recorded"),
				    .time_us = time_us};

	recorded.lines.items = &line;
	recorded.lines.count = 1;
	envelope_write(&writer, &envelope);
	sale_recorded_type.pack(&recorded, &writer);
	assert_int_equal(writer.error, ERR_NONE);
	return writer.used;
}

static size_t sale_recorded(uint8_t *out, size_t room, uint64_t seq)
{
	return sale_recorded_at(out, room, seq, START_US);
}

static void test_an_event_above_the_limit_is_kept_whole_in_quarantine(void **state)
{
	struct engine *engine = open_engine(&toy, NULL, START_US, false);
	uint8_t event[300], *large = malloc(2 * LARGE), key[8];
	size_t size = toy_sale(event, sizeof(event), "S1/T1", 1, "S1", "R1", 1000, START_US);
	struct quarantined record;
	struct view view = {0};

	(void)state;
	assert_non_null(large);
	size = with_a_large_field(large, 2 * LARGE, bytes_of(event, size), LARGE);
	struct run run = run_of("S1/T1", 0, 1, large, size);
	struct admission admission = admit(engine, &run, START_US);
	assert_int_equal(admission.through, 1);
	assert_int_equal(admission.refusal_count, 1);
	assert_true(text_equal(admission.refusals[0].message, TEXT_LITERAL("data: map: larger than its limit")));
	commit(engine);
	assert_int_equal(engine_meta(engine)->head, 0);
	put_u64_be(key, 1);
	assert_int_equal(view_open(&view, engine_store(engine)), ERR_NONE);
	assert_true(quarantine_read(view_get(&view, KERNEL_QUARANTINE, bytes_of(key, 8)), &record));
	assert_true(bytes_equal(record.event, bytes_of(large, size)));
	view_close(&view);
	engine_close(&engine);
	free(large);
}

/* What a service says is a fact, however large it is; what cannot be read of it is set aside, and the service is not told. */
static void test_a_feed_may_bring_what_no_peer_may(void **state)
{
	struct engine *engine = open_engine(&toy_echo, NULL, START_US, false);
	uint8_t event[300], *large = malloc(2 * LARGE);
	size_t size = sale_recorded(event, sizeof(event), 1);

	(void)state;
	assert_non_null(large);
	size = with_a_large_field(large, 2 * LARGE, bytes_of(event, size), LARGE);
	struct run run = run_of("orders", 0, 1, large, size);
	run.feed = true;
	run.through = 1;
	assert_int_equal(admit(engine, &run, START_US).admitted, 1);
	assert_int_equal(engine_meta(engine)->quarantined, 0);
	size = sale_recorded(large, LARGE, 2);
	large[size - 4] = 0xc1;
	run = run_of("orders", 1, 1, large, size);
	run.feed = true;
	run.through = 9; /* beyond the torn one stands what nobody can read: the cursor does not pass it */
	struct admission admission;
	engine_admit(engine, &run, &admission);
	assert_int_equal(admission.through, 2);
	assert_int_equal(admission.refusal_count, 0);
	assert_int_equal(engine_meta(engine)->quarantined, 1);
	size = sale_recorded(large, LARGE, 5);
	run = run_of("orders", 2, 1, large, size);
	run.feed = true;
	run.through = 9; /* the rest is not of a type that is heard here */
	engine_admit(engine, &run, &admission);
	assert_int_equal(admission.through, 9);
	run.after = 2; /* and once more, by an upstream that sends it again */
	engine_admit(engine, &run, &admission);
	assert_int_equal(admission.duplicate_first, 5);
	commit(engine);
	assert_int_equal(engine_cursor(engine, TEXT_LITERAL("orders")).through, 9);
	engine_close(&engine);
	free(large);
}

/* More refusals than a turn has memory to tell of: each is kept, and a resend hears it. */
static void test_refusals_beyond_the_memory_of_a_turn_are_heard_by_a_resend(void **state)
{
	struct engine *engine = open_engine(&toy, NULL, START_US, false);
	uint8_t *bytes = malloc(MANY * 300);
	size_t used = 0, last = 0;

	(void)state;
	assert_non_null(bytes);
	for (uint64_t seq = 1; seq <= MANY; seq++) {
		last = used;
		used += toy_sale(bytes + used, 300, "S1/T1", seq, "S1", "refuse", 1000, START_US);
	}
	struct run run = run_of("S1/T1", 0, MANY, bytes, used);
	struct admission admission = admit(engine, &run, START_US);
	assert_int_equal(admission.through, MANY);
	assert_in_range(admission.refusal_count, 100, MANY - 1);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(admission.refusals[i].seq, i + 1);
	commit(engine);
	run = run_of("S1/T1", MANY - 1, 1, bytes + last, used - last);
	admission = admit(engine, &run, START_US);
	assert_int_equal(admission.refusal_count, 1);
	assert_true(text_equal(admission.refusals[0].message, TEXT_LITERAL("ticket 5000 is unwanted")));
	commit(engine);
	engine_close(&engine);
	free(bytes);
}

static void test_a_refusal_whose_words_do_not_fit_is_told_without_them(void **state)
{
	struct engine *engine = open_engine(&toy, NULL, START_US, false);
	uint8_t event[300];
	struct run run = run_of("S1/T1", 0, 1, event, toy_sale(event, sizeof(event), "S1/T1", 1, "S1", "refuse", 1000, START_US));
	struct admission admission;

	(void)state;
	assert_int_equal(engine_begin(engine, START_US), ERR_NONE);
	assert_non_null(arena_take(&engine->turn_arena, TURN_ARENA_BYTES - 64 * sizeof(struct refusal) - 8));
	engine_admit(engine, &run, &admission);
	assert_int_equal(admission.refusal_count, 1);
	assert_true(text_equal(admission.refusals[0].code, TEXT_LITERAL("unwanted")));
	assert_int_equal(admission.refusals[0].message.size, 0);
	commit(engine);
	admission = admit(engine, &run, START_US);
	assert_true(text_equal(admission.refusals[0].message, TEXT_LITERAL("ticket 1 is unwanted")));
	commit(engine);
	engine_close(&engine);
}

static void test_a_refusal_may_have_no_words(void **state)
{
	struct engine *engine = open_engine(&toy, NULL, START_US, false);
	uint8_t event[300];
	struct run run = run_of("S1/T1", 0, 1, event, toy_sale(event, sizeof(event), "S1/T1", 1, "S1", "mute", 1000, START_US));

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct admission admission = admit(engine, &run, START_US);

		assert_int_equal(admission.refusal_count, 1);
		assert_true(text_equal(admission.refusals[0].code, TEXT_LITERAL("unwanted")));
		assert_int_equal(admission.refusals[0].message.size, 0);
		commit(engine);
	}
	engine_close(&engine);
}

/* ---- the idle clock ---- */

static void sell_at(struct engine *engine, uint64_t seq, int64_t now_us)
{
	uint8_t event[300];
	struct run run = run_of("S1/T1", seq - 1, 1, event, toy_sale(event, sizeof(event), "S1/T1", seq, "S1", "R", 1000, now_us));

	assert_int_equal(admit(engine, &run, now_us).admitted, 1);
	commit(engine);
}

static bool ticks_at(struct engine *engine, int64_t now_us)
{
	assert_int_equal(engine_begin(engine, now_us), ERR_NONE);
	bool ticked = engine_tick(engine);
	assert_int_equal(engine_dirty(engine), ticked);
	commit(engine);
	return ticked;
}

static void test_the_clock_ticks_after_an_idle_minute_and_not_before(void **state)
{
	struct engine *engine = open_engine(&toy, NULL, START_US, false);

	(void)state;
	assert_false(ticks_at(engine, START_US + US_PER_DAY)); /* nothing has happened yet: business has not begun */
	sell_at(engine, 1, START_US + US_PER_DAY);
	assert_false(ticks_at(engine, START_US + US_PER_DAY + US_PER_MINUTE - 1));
	assert_true(ticks_at(engine, START_US + US_PER_DAY + US_PER_MINUTE));
	assert_int_equal(engine_meta(engine)->tick_us, START_US + US_PER_DAY + US_PER_MINUTE);
	engine_close(&engine);
}

/* A machine whose clock was set back while the service was down: business time does not run ahead of the wall. */
static void test_a_clock_that_was_set_back_ticks_when_the_wall_has_caught_up(void **state)
{
	struct store_disk *disk = store_disk_open();
	struct engine *engine = open_engine(&toy, disk, START_US, false);

	(void)state;
	sell_at(engine, 1, START_US);
	engine_close(&engine);
	engine = open_engine(&toy, disk, START_US - 10 * US_PER_MINUTE, false);
	assert_false(ticks_at(engine, START_US - 8 * US_PER_MINUTE));
	engine_close(&engine);
	engine = open_engine(&toy, disk, START_US - US_PER_MINUTE, false);
	assert_true(ticks_at(engine, START_US + US_PER_MINUTE));
	assert_int_equal(engine_meta(engine)->tick_us, START_US + US_PER_MINUTE);
	engine_close(&engine);
	store_disk_close(&disk);
}

static void test_nobody_ticks_for_who_does_not_hear_the_clock_nor_in_a_replay(void **state)
{
	struct store_disk *disk = store_disk_open();
	struct engine *engine = open_engine(&toy_echo, NULL, START_US, false);
	uint8_t event[300];
	struct run run = run_of("orders", 0, 1, event, sale_recorded(event, sizeof(event), 1));

	(void)state;
	run.feed = true;
	run.through = 1;
	assert_int_equal(admit(engine, &run, START_US + US_PER_DAY).admitted, 1);
	commit(engine);
	assert_int_not_equal(engine_meta(engine)->business_us, 0);
	run = run_of("orders", 1, 1, event, sale_recorded_at(event, sizeof(event), 2, START_US + US_PER_HOUR));
	run.feed = true;
	run.through = 2;
	assert_int_equal(admit(engine, &run, START_US + US_PER_DAY).admitted, 1);
	commit(engine);
	assert_int_equal(engine_meta(engine)->business_us, START_US + US_PER_HOUR);
	assert_int_equal(engine_meta(engine)->intake, 2); /* the minutes in between are no inputs */
	assert_false(ticks_at(engine, START_US + US_PER_DAY + US_PER_HOUR));
	engine_close(&engine);
	engine = open_engine(&toy, disk, START_US, false);
	sell_at(engine, 1, START_US);
	engine_close(&engine);
	engine = open_engine(&toy, disk, START_US, true);
	assert_false(ticks_at(engine, START_US + US_PER_HOUR));
	engine_close(&engine);
	store_disk_close(&disk);
}

/* ---- what a turn touched ---- */

static void test_touched_rows_are_told_once_and_up_to_a_limit(void **state)
{
	struct engine *engine = open_engine(&toy, NULL, START_US, false);
	uint32_t count;

	(void)state;
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < TOUCHED_MAX + 100; i++)
			turn_touch(&engine->turn, bytes_of(&i, sizeof(i)));
	(void)engine_touched(engine, &count);
	assert_int_equal(count, TOUCHED_MAX - 1);
	(void)engine_touched(engine, &count);
	assert_int_equal(count, 0);
	uint32_t again = 7;
	turn_touch(&engine->turn, bytes_of(&again, sizeof(again)));
	const struct bytes *keys = engine_touched(engine, &count);
	assert_int_equal(count, 1);
	assert_true(bytes_equal(keys[0], bytes_of(&again, sizeof(again))));
	engine_close(&engine);
}

/* ---- an operator, when the store fails ---- */

static void test_an_operator_is_told_that_no_turn_can_begin(void **state)
{
	struct store_disk *disk = store_disk_open();
	struct engine *engine = open_engine(&toy, disk, START_US, false);

	(void)state;
	store_disk_fail(disk, STORE_FAULT_BEGIN, 0, 2, ERR_AGAIN);
	assert_int_equal(engine_retry(engine, 1, START_US), ERR_AGAIN);
	assert_int_equal(engine_discard(engine, 1, START_US), ERR_AGAIN);
	assert_int_equal(engine_discard(engine, 1, START_US), ERR_NOT_FOUND);
	engine_close(&engine);
	store_disk_close(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_an_event_above_the_limit_is_kept_whole_in_quarantine),
	    cmocka_unit_test(test_a_feed_may_bring_what_no_peer_may),
	    cmocka_unit_test(test_refusals_beyond_the_memory_of_a_turn_are_heard_by_a_resend),
	    cmocka_unit_test(test_a_refusal_whose_words_do_not_fit_is_told_without_them),
	    cmocka_unit_test(test_a_refusal_may_have_no_words),
	    cmocka_unit_test(test_the_clock_ticks_after_an_idle_minute_and_not_before),
	    cmocka_unit_test(test_a_clock_that_was_set_back_ticks_when_the_wall_has_caught_up),
	    cmocka_unit_test(test_nobody_ticks_for_who_does_not_hear_the_clock_nor_in_a_replay),
	    cmocka_unit_test(test_touched_rows_are_told_once_and_up_to_a_limit),
	    cmocka_unit_test(test_an_operator_is_told_that_no_turn_can_begin),
	};

	log_open("test", LOG_BROKEN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
