/*
 * Goal: an event whose keys are numbers is the same event with names, byte for byte, whatever it says; what nobody knows and
 * what is torn stays as it is. Method: a ticket packed both ways, maps by hand, every size of room. That every golden event is the
 * same both ways: tests/golden.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "events/terminals.h"
#include "hex.h"
#include "pack/writer.h"

static const struct ticket_sold_line lines[] = {
    {.sku = {"A", 1}, .quantity = {1000}, .has_unit_price = true, .unit_price = {25000}},
    {.sku = {"B", 1}, .quantity = {2000}},
};

/* The ticket as a whole event, its keys as names or numbers. */
static struct bytes ticket(uint8_t *room, size_t size, bool numbered, const char *type)
{
	struct writer writer = writer_of(room, size);
	struct envelope envelope = {.source = TEXT_LITERAL("S1/T1"), .seq = 7, .type = text_of(type), .time_us = 1};
	struct ticket_sold sold = {.outlet = TEXT_LITERAL("S1"),
				   .receipt = TEXT_LITERAL("R1"),
				   .currency = TEXT_LITERAL("GBP"),
				   .day = TEXT_LITERAL("2026-03-01"),
				   .lines = {lines, 2}};

	envelope_write(&writer, &envelope);
	writer.numbered = numbered;
	ticket_sold_type.pack(&sold, &writer);
	assert_int_equal(writer.error, ERR_NONE);
	return writer_bytes(&writer);
}

static void assert_named(struct bytes event, struct bytes expected)
{
	uint8_t room[300];
	struct writer writer = writer_of(room, sizeof(room));

	assert_int_equal(event_named(event, &writer), ERR_NONE);
	assert_true(bytes_equal(writer_bytes(&writer), expected));
}

static void assert_data_named(struct bytes data, struct bytes expected)
{
	uint8_t room[300];
	struct writer writer = writer_of(room, sizeof(room));

	assert_int_equal(event_data_named(&ticket_sold_type, data, &writer), ERR_NONE);
	assert_true(bytes_equal(writer_bytes(&writer), expected));
}

static void test_numbers_become_names(void **state)
{
	uint8_t rooms[2][300];
	struct bytes named = ticket(rooms[0], 300, false, "ticket.sold"), numbered = ticket(rooms[1], 300, true, "ticket.sold");

	(void)state;
	assert_true(numbered.size < named.size);
	assert_named(numbered, named);
	assert_named(named, named);
}

static void test_what_nobody_knows_stays_as_it_is(void **state)
{
	uint8_t room[300];
	struct bytes other = ticket(room, 300, true, "moon.risen");

	(void)state;
	assert_named(other, other);
	assert_named(hex("93 01 02 03"), hex("93 01 02 03")); /* it has no envelope */
	/* A field of later days, by its number, and one by its name: both behind outlet, which is named. */
	assert_data_named(hex("83 00 a2 5331 3f 92 01 02 a1 78 c3"), hex("83 a6 6f75746c6574 a2 5331 3f 92 01 02 a1 78 c3"));
}

static void test_an_empty_map_and_one_that_begins_with_a_name_are_copied(void **state)
{
	static const char *const whole[] = {"80", "81 a1 61 01", "c0", ""};
	uint8_t room[1];

	(void)state;
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		assert_data_named(hex(whole[i]), hex(whole[i]));
	struct writer none = writer_of(room, sizeof(room));
	assert_int_equal(event_data_named(&ticket_sold_type, hex("81 a1 61 01"), &none), ERR_TOO_LARGE);
}

static void test_a_torn_event_stays_as_it_is_and_a_room_that_is_too_small_is_told(void **state)
{
	uint8_t rooms[2][300];
	struct bytes numbered = ticket(rooms[0], 300, true, "ticket.sold");
	struct writer whole = writer_of(rooms[1], 300);

	(void)state;
	assert_int_equal(event_named(numbered, &whole), ERR_NONE);
	for (size_t size = 0; size < whole.used; size++) {
		struct writer small = writer_of(rooms[1], size);

		assert_int_equal(event_named(numbered, &small), ERR_TOO_LARGE);
	}
	for (size_t left = 1; left < numbered.size - 40; left++) { /* within its data */
		struct bytes torn = bytes_of(numbered.data, numbered.size - left);

		assert_named(torn, torn);
	}
	assert_data_named(hex("81 00 a2 5331 c0"), hex("81 00 a2 5331 c0")); /* with something behind it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_numbers_become_names, hex_free),
	    cmocka_unit_test_teardown(test_what_nobody_knows_stays_as_it_is, hex_free),
	    cmocka_unit_test_teardown(test_an_empty_map_and_one_that_begins_with_a_name_are_copied, hex_free),
	    cmocka_unit_test_teardown(test_a_torn_event_stays_as_it_is_and_a_room_that_is_too_small_is_told, hex_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
