/*
 * test_golden.c -- goal: what has once been written can be read for ever, and means the same in bytes, in C and in JSON.
 * Method: every golden sample of every event, there and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "samples.h"

#define JSON_BYTES_MAX (64u << 10)
#define MESSAGE_BYTES_MAX 256

static struct arena arena;

/* Runs one look over every sample of every event. */
static void each_sample(void (*look)(const struct event_type *type, const struct sample *sample))
{
	struct sample samples[SAMPLES_MAX];
	unsigned count;

	assert_true(event_type_count >= 60);
	for (uint32_t i = 0; i < event_type_count; i++) {
		count = samples_read(event_types[i], samples);
		assert_true(count >= 4);
		for (unsigned k = 0; k < count; k++) {
			arena_reset(&arena);
			look(event_types[i], &samples[k]);
		}
		samples_free(samples, count);
	}
}

static void assert_packs_to(const struct event_type *type, const void *event, struct bytes expected)
{
	uint8_t *buffer = malloc(type->bytes_max);
	struct writer writer = writer_of(buffer, type->bytes_max);

	assert_non_null(buffer);
	type->pack(event, &writer);
	assert_int_equal(writer.error, ERR_NONE);
	assert_int_equal(writer.used, expected.size);
	assert_memory_equal(buffer, expected.data, expected.size);
	free(buffer);
}

static void *event_of_json(const struct event_type *type, const char *json)
{
	char message[MESSAGE_BYTES_MAX] = "";
	void *event = arena_take(&arena, type->struct_size);

	assert_non_null(event);
	if (event_from_json(type, json, event, &arena, message, sizeof message) != ERR_NONE)
		fail_msg("%s: %s: %s", type->name, message, json);
	return event;
}

static void *event_of_bytes(const struct event_type *type, struct bytes bytes)
{
	const char *field = NULL;
	int error;
	void *event = samples_unpack(type, bytes, &arena, &error, &field);

	if (event == NULL)
		fail_msg("%s: %s (%s)", type->name, error_name(error), field == NULL ? "-" : field);
	return event;
}

static void look_json_packs(const struct event_type *type, const struct sample *sample)
{
	assert_packs_to(type, event_of_json(type, sample->json), sample->bytes);
}

static void look_bytes_print(const struct event_type *type, const struct sample *sample)
{
	static char json[JSON_BYTES_MAX];

	assert_int_equal(event_to_json(type, sample->bytes, json, sizeof json), ERR_NONE);
	assert_string_equal(json, sample->json);
}

static void look_bytes_repack(const struct event_type *type, const struct sample *sample)
{
	assert_packs_to(type, event_of_bytes(type, sample->bytes), sample->bytes);
}

static void look_ways_meet(const struct event_type *type, const struct sample *sample)
{
	const void *from_json = event_of_json(type, sample->json);
	const void *from_bytes = event_of_bytes(type, sample->bytes);
	const char *field = NULL;

	assert_true(event_equal(type, from_json, from_bytes));
	assert_int_equal(event_check(type, from_bytes, &field), ERR_NONE);
}

static void assert_unsound(const struct event_type *type, const void *event)
{
	const char *offender = NULL;

	assert_false(type->is_sound(event));
	assert_int_not_equal(event_check(type, event, &offender), ERR_NONE);
	assert_non_null(offender);
}

/* One value beyond its bounds, in place; then as it was. */
static void look_beyond(const struct event_type *type, const void *event, const struct field *field, void *member)
{
	static char long_text[0x10000];
	int64_t number;
	struct text text;

	if (field->kind == FIELD_TEXT) {
		memcpy(&text, member, sizeof text);
		memset(long_text, 'x', sizeof long_text);
		memcpy(member, &(struct text){long_text, (uint32_t)field->max + 1}, sizeof text);
		assert_unsound(type, event);
		memcpy(member, &(struct text){"\xff\xff\xff\xff", field->max < 4 ? (uint32_t)field->max : 4}, sizeof text);
		assert_unsound(type, event);
		memcpy(member, &text, sizeof text);
	} else if (field->kind != FIELD_BOOL) {
		memcpy(&number, member, sizeof number);
		memcpy(member, &(int64_t){field->max + 1}, sizeof number);
		assert_unsound(type, event);
		memcpy(member, &(int64_t){field->min - 1}, sizeof number);
		assert_unsound(type, event);
		memcpy(member, &number, sizeof number);
	}
	assert_true(type->is_sound(event));
}

/* Every value that is there, beyond each of its bounds, is found by the quick look and by the one that says why. */
static void look_each_field(const struct event_type *type, const void *event, const struct field *fields, uint32_t count, char *at)
{
	struct {
		char *items;
		uint32_t count;
	} list;

	for (uint32_t i = 0; i < count; i++) {
		if (!fields[i].required && !*(bool *)(at + fields[i].has_offset))
			continue;
		if (fields[i].kind != FIELD_LIST) {
			look_beyond(type, event, &fields[i], at + fields[i].offset);
			continue;
		}
		memcpy(&list, at + fields[i].offset, sizeof list);
		for (uint32_t item = 0; item < list.count; item++)
			look_each_field(type, event, fields[i].fields, fields[i].field_count, list.items + item * fields[i].item_size);
		uint32_t most = (uint32_t)fields[i].max + 1;
		if (list.count == 0)
			continue;
		memcpy(at + fields[i].offset + sizeof(char *), &most, sizeof most); /* nobody reads so far: the count alone is unsound */
		assert_false(type->is_sound(event));
		memcpy(at + fields[i].offset + sizeof(char *), &list.count, sizeof list.count);
	}
}

static void look_bounds(const struct event_type *type, const struct sample *sample)
{
	void *event = event_of_bytes(type, sample->bytes);

	assert_true(type->is_sound(event));
	look_each_field(type, event, type->fields, type->field_count, event);
}

/* With numbers for keys: fewer bytes, the same event, and with names again the golden bytes. */
static void look_numbers(const struct event_type *type, const struct sample *sample)
{
	const void *event = event_of_bytes(type, sample->bytes);
	uint8_t *rooms = malloc(2 * type->bytes_max);
	struct writer numbered = writer_of(rooms, type->bytes_max), named = writer_of(rooms + type->bytes_max, type->bytes_max);

	assert_non_null(rooms);
	numbered.numbered = true;
	type->pack(event, &numbered);
	assert_int_equal(numbered.error, ERR_NONE);
	assert_true(numbered.used < sample->bytes.size);
	assert_true(event_equal(type, event, event_of_bytes(type, writer_bytes(&numbered))));
	assert_int_equal(event_data_named(type, writer_bytes(&numbered), &named), ERR_NONE);
	assert_true(bytes_equal(writer_bytes(&named), sample->bytes));
	free(rooms);
}

/* The struct of a sample equals no struct of another one with other bytes. */
static void look_others_differ(const struct event_type *type, const struct sample *sample)
{
	struct sample others[SAMPLES_MAX];
	unsigned count = samples_read(type, others);
	const void *event = event_of_bytes(type, sample->bytes);

	for (unsigned i = 0; i < count; i++)
		assert_int_equal(event_equal(type, event, event_of_bytes(type, others[i].bytes)),
				 bytes_equal(sample->bytes, others[i].bytes));
	samples_free(others, count);
}

static void test_json_packs_to_the_golden_bytes(void **state)
{
	(void)state;
	each_sample(look_json_packs);
}

static void test_golden_bytes_print_as_the_golden_json(void **state)
{
	(void)state;
	each_sample(look_bytes_print);
}

static void test_golden_bytes_unpack_and_pack_to_themselves(void **state)
{
	(void)state;
	each_sample(look_bytes_repack);
}

static void test_every_value_beyond_its_bounds_is_found(void **state)
{
	(void)state;
	each_sample(look_bounds);
}

static void test_keys_by_their_numbers_say_the_same(void **state)
{
	(void)state;
	each_sample(look_numbers);
}

static void test_json_and_bytes_make_equal_and_valid_events(void **state)
{
	(void)state;
	each_sample(look_ways_meet);
}

static void test_different_events_are_not_equal(void **state)
{
	(void)state;
	each_sample(look_others_differ);
}

static void test_every_type_is_found_by_its_name_and_no_other(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < event_type_count; i++) {
		assert_ptr_equal(event_type_find(text_of(event_types[i]->name)), event_types[i]);
		if (i > 0)
			assert_true(strcmp(event_types[i - 1]->name, event_types[i]->name) < 0);
	}
	assert_null(event_type_find(TEXT_LITERAL("moon.risen")));
	assert_null(event_type_find(TEXT_LITERAL("")));
	assert_null(event_type_find(TEXT_LITERAL("sale.recorde")));
	assert_null(event_type_find(TEXT_LITERAL("sale.recordedd")));
}

static int open_arena(void **state)
{
	(void)state;
	return arena_open(&arena, SAMPLES_ARENA_BYTES);
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_packs_to_the_golden_bytes),
		cmocka_unit_test(test_golden_bytes_print_as_the_golden_json),
		cmocka_unit_test(test_golden_bytes_unpack_and_pack_to_themselves),
		cmocka_unit_test(test_every_value_beyond_its_bounds_is_found),
		cmocka_unit_test(test_keys_by_their_numbers_say_the_same),
		cmocka_unit_test(test_json_and_bytes_make_equal_and_valid_events),
		cmocka_unit_test(test_different_events_are_not_equal),
		cmocka_unit_test(test_every_type_is_found_by_its_name_and_no_other),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
