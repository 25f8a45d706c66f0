/*
 * test_hostile.c -- goal: whatever bytes come from outside, an event is either refused for the right reason or as good as any.
 * Method: golden bytes of every event are rebuilt with one thing wrong, at the event's own level and inside the items of its
 * lists; odd but honest bytes (any order, longest forms, unknown keys) must mean the same as the plain ones.
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
#include "pairs.h"
#include "samples.h"

#define ITEM_SIZE_MAX 256 /* bytes of any list item's struct */
#define TEXT_SIZE_MAX 2048

static struct arena arena;

/* struct level -- one map of a golden event that is about to be changed: the event's own, or the first item of a list. */
struct level {
	const struct event_type *type;
	const struct field *fields;
	uint32_t field_count;
	struct pairs pairs;	/* of the map */
	struct pairs outer;	/* of the event */
	const char *list;	/* the list's name, NULL at the event's own level */
	uint32_t items;		/* how many the list has at least, and at least one */
	struct bytes golden;
};

static void free_bytes(struct bytes bytes)
{
	free((void *)(uintptr_t)bytes.data);
}

/* The whole event around a changed map. Takes the map's block, gives the event's. */
static struct bytes level_whole(const struct level *level, struct bytes map)
{
	struct pairs outer = level->outer;
	struct bytes whole, list;

	if (level->list == NULL)
		return map;
	list = pairs_list(map, level->items, level->items);
	pairs_find(&outer, level->list)->value = list;
	whole = pairs_write(&outer);
	free_bytes(list);
	free_bytes(map);
	return whole;
}

/* The field's name as a failure tells it: "sku" or "lines.sku". */
static void level_name(const struct level *level, const char *field, char name[128])
{
	snprintf(name, 128, "%s%s%s", level->list == NULL ? "" : level->list, level->list == NULL ? "" : ".", field);
}

static void assert_refused(const struct level *level, const struct pairs *pairs, int expected, const char *field)
{
	struct bytes whole = level_whole(level, pairs_write(pairs));
	const char *found = NULL;
	char name[128];
	int error;

	arena_reset(&arena);
	level_name(level, field, name);
	if (samples_unpack(level->type, whole, &arena, &error, &found) != NULL)
		fail_msg("%s: %s: accepted, should be %s", level->type->name, name, error_name(expected));
	if (error != expected)
		fail_msg("%s: %s: %s, should be %s", level->type->name, name, error_name(error), error_name(expected));
	assert_non_null(found);
	assert_string_equal(found, name);
	free_bytes(whole);
}

/* Bytes that mean the same as the level's golden ones, with as few items as may be in the list that the level is in. */
static void assert_same(const struct level *level, struct bytes whole)
{
	struct bytes plain = level_whole(level, pairs_write(&level->pairs));
	const char *field = NULL;
	const void *event, *expected;
	int error;

	arena_reset(&arena);
	expected = samples_unpack(level->type, plain, &arena, &error, &field);
	assert_non_null(expected);
	event = samples_unpack(level->type, whole, &arena, &error, &field);
	if (event == NULL)
		fail_msg("%s: %s: %s", level->type->name, field == NULL ? "-" : field, error_name(error));
	assert_true(event_equal(level->type, expected, event));
	free_bytes(plain);
	free_bytes(whole);
}

static void look_at_lists(struct level *level, void (*look)(const struct level *level))
{
	struct level inner = *level;

	for (uint32_t i = 0; i < level->field_count; i++) {
		const struct field *field = &level->fields[i];
		struct reader reader;

		if (field->kind != FIELD_LIST)
			continue;
		reader = reader_of(pairs_find(&level->outer, field->name)->value);
		assert_true(reader_array(&reader, 1000) > 0);
		pairs_read(&inner.pairs, reader_value(&reader));
		inner.fields = field->fields;
		inner.field_count = field->field_count;
		inner.list = field->name;
		inner.items = field->min > 1 ? (uint32_t)field->min : 1;
		look(&inner);
	}
}

/* The fullest sample of an event is that of its newest version. */
static struct bytes fullest(const struct sample *samples, unsigned count)
{
	struct bytes found = {0};
	unsigned long newest = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned long version = strtoul(samples[i].name, NULL, 10);

		if (strstr(samples[i].name, "-full") == NULL || version <= newest)
			continue;
		newest = version;
		found = samples[i].bytes;
	}
	return found;
}

/* Runs one look at every map of the fullest golden sample of every event. */
static void each_level(void (*look)(const struct level *level))
{
	struct sample samples[SAMPLES_MAX];
	struct level level;

	for (uint32_t i = 0; i < event_type_count; i++) {
		unsigned count = samples_read(event_types[i], samples);

		level = (struct level){.type = event_types[i], .fields = event_types[i]->fields,
				       .field_count = event_types[i]->field_count,
				       .golden = fullest(samples, count)};
		pairs_read(&level.pairs, level.golden);
		assert_int_equal(level.pairs.count, level.field_count);
		level.outer = level.pairs;
		look(&level);
		look_at_lists(&level, look);
		samples_free(samples, count);
	}
}

/* ---- one thing wrong ---- */

static void look_duplicates(const struct level *level)
{
	for (uint32_t i = 0; i < level->field_count; i++) {
		struct pairs pairs = level->pairs;

		pairs_add(&pairs, level->fields[i].name, pairs_find(&pairs, level->fields[i].name)->value);
		assert_refused(level, &pairs, ERR_DUPLICATE_KEY, level->fields[i].name);
	}
}

static void look_missing(const struct level *level)
{
	for (uint32_t i = 0; i < level->field_count; i++) {
		struct pairs pairs = level->pairs;

		pairs_remove(&pairs, pairs_find(&pairs, level->fields[i].name));
		if (level->fields[i].required) {
			assert_refused(level, &pairs, ERR_MISSING_FIELD, level->fields[i].name);
		} else {
			struct level without = *level;

			without.pairs = pairs;
			assert_same(&without, level_whole(level, pairs_write(&pairs)));
		}
	}
}

/* One packed value of each kind; the tag of kinds that the field may have is left out. */
static void look_wrong_types(const struct level *level)
{
	static const struct {
		const char *packed;
		size_t size;
		enum field_kind fits; /* FIELD_INT stands for every number */
	} values[] = {
		{"\xc0", 1, (enum field_kind)-1},			       /* nil */
		{"\xc3", 1, FIELD_BOOL},				       /* true */
		{"\x01", 1, FIELD_INT},					       /* 1 */
		{"\xa1x", 2, FIELD_TEXT},				       /* "x" */
		{"\xc4\x01x", 3, (enum field_kind)-1},			       /* bin */
		{"\x90", 1, FIELD_LIST},				       /* [] */
		{"\x80", 1, (enum field_kind)-1},			       /* {} */
		{"\xca\x3f\x80\x00\x00", 5, (enum field_kind)-1},	       /* 1.0, single */
		{"\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00", 9, (enum field_kind)-1}, /* 1.0, double */
		{"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", 9, (enum field_kind)-1}, /* not a number */
		{"\xd4\x01x", 3, (enum field_kind)-1},			       /* ext */
	};

	for (uint32_t i = 0; i < level->field_count; i++) {
		const struct field *field = &level->fields[i];
		bool number = field->kind != FIELD_TEXT && field->kind != FIELD_BOOL && field->kind != FIELD_LIST;

		for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
			struct pairs pairs = level->pairs;

			if (values[k].fits == (number ? FIELD_INT : field->kind))
				continue;
			pairs_find(&pairs, field->name)->value = bytes_of(values[k].packed, values[k].size);
			assert_refused(level, &pairs, ERR_WRONG_TYPE, field->name);
		}
	}
}

static void refuse_number(const struct level *level, const struct field *field, int64_t number)
{
	struct pairs pairs = level->pairs;
	uint8_t packed[9] = {0xd3};

	put_u64_be(packed + 1, (uint64_t)number);
	pairs_find(&pairs, field->name)->value = bytes_of(packed, sizeof packed);
	assert_refused(level, &pairs, ERR_OUT_OF_RANGE, field->name);
}

/* A text of so many bytes, in the shortest form and in a longer one; one byte of it, if any, is wrong. */
static void refuse_text(const struct level *level, const struct field *field, size_t size, const size_t *wrong,
			int expected)
{
	struct pairs pairs = level->pairs;
	uint8_t packed[3 + TEXT_SIZE_MAX] = {0xda, (uint8_t)(size >> 8), (uint8_t)size};
	struct bytes *value = &pairs_find(&pairs, field->name)->value;

	assert_true(size <= TEXT_SIZE_MAX);
	memset(packed + 3, 'x', size);
	if (wrong != NULL)
		packed[3 + *wrong] = 0xff;
	*value = bytes_of(packed, 3 + size);
	assert_refused(level, &pairs, expected, field->name);
	if (size < 256) {
		packed[1] = 0xd9;
		*value = bytes_of(packed + 1, 2 + size);
		assert_refused(level, &pairs, expected, field->name);
	}
	if (size < 32) {
		packed[2] = (uint8_t)(0xa0 | size);
		*value = bytes_of(packed + 2, 1 + size);
		assert_refused(level, &pairs, expected, field->name);
	}
}

static void refuse_texts(const struct level *level, const struct field *field)
{
	refuse_text(level, field, (size_t)field->max + 1, NULL, ERR_TOO_LARGE);
	if (field->min > 0)
		refuse_text(level, field, (size_t)field->min - 1, NULL, ERR_OUT_OF_RANGE);
	for (size_t size = (size_t)field->min > 0 ? (size_t)field->min : 1; size <= (size_t)field->max; size++)
		for (size_t wrong = 0; wrong < size && size < 33; wrong++)
			refuse_text(level, field, size, &wrong, ERR_NOT_UTF8);
}

static void look_out_of_range(const struct level *level)
{
	for (uint32_t i = 0; i < level->field_count; i++) {
		const struct field *field = &level->fields[i];

		if (field->kind == FIELD_BOOL || field->kind == FIELD_LIST)
			continue;
		if (field->kind == FIELD_TEXT) {
			refuse_texts(level, field);
			continue;
		}
		refuse_number(level, field, field->max + 1);
		refuse_number(level, field, field->min - 1);
		refuse_number(level, field, INT64_MAX);
		refuse_number(level, field, INT64_MIN);
	}
}

static void look_lying_lists(const struct level *level)
{
	static const uint32_t lies[] = {2, 1000, 1001, 65536, 0x10000000, UINT32_MAX};
	struct bytes value, whole;
	struct pairs outer;
	const char *field;
	int error;

	if (level->list == NULL)
		return;
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		outer = level->outer;
		value = pairs_list(bytes_of("\x80", 1), 1, lies[i]);
		pairs_find(&outer, level->list)->value = value;
		whole = pairs_write(&outer);
		arena_reset(&arena);
		assert_null(samples_unpack(level->type, whole, &arena, &error, &field));
		/* A lie about the count takes memory for as many items as there are bytes at most, never for the claim. */
		assert_true(arena.used <= level->type->struct_size + 16 + whole.size * ITEM_SIZE_MAX);
		free_bytes(value);
		free_bytes(whole);
	}
}

static void look_long_lists(const struct level *level)
{
	struct bytes item, value;
	struct pairs outer = level->outer;
	struct level event = *level;
	const struct field *list = NULL;

	if (level->list == NULL)
		return;
	event.list = NULL;
	for (uint32_t i = 0; i < level->type->field_count; i++)
		if (strcmp(level->type->fields[i].name, level->list) == 0)
			list = &level->type->fields[i];
	assert_non_null(list);
	item = pairs_write(&level->pairs);
	value = pairs_list(item, (uint32_t)list->max + 1, (uint32_t)list->max + 1);
	pairs_find(&outer, level->list)->value = value;
	assert_refused(&event, &outer, ERR_TOO_MANY, level->list);
	free_bytes(value);
	if (list->min > 0) {
		value = pairs_list(item, (uint32_t)list->min - 1, (uint32_t)list->min - 1);
		pairs_find(&outer, level->list)->value = value;
		assert_refused(&event, &outer, ERR_OUT_OF_RANGE, level->list);
		free_bytes(value);
	}
	free_bytes(item);
}

static void look_critical_keys(const struct level *level)
{
	struct pairs pairs = level->pairs;
	struct bytes whole;
	const char *field;
	int error;

	pairs_add(&pairs, "!seal", bytes_of("\x01", 1));
	whole = level_whole(level, pairs_write(&pairs));
	arena_reset(&arena);
	assert_null(samples_unpack(level->type, whole, &arena, &error, &field));
	assert_int_equal(error, ERR_UNKNOWN_CRITICAL);
	free_bytes(whole);
}

/* ---- odd, but honest ---- */

static void look_unknown_keys(const struct level *level)
{
	/* {"later":[{"a":nil},1.5,true]} and keys that look like known ones. */
	static const char nested[] = "\x93\x81\xa1\x61\xc0\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xc3";
	struct pairs pairs = {.count = 0};
	char longer[64], changed[64];

	pairs_add(&pairs, "later", bytes_of(nested, sizeof nested - 1));
	snprintf(longer, sizeof longer, "%ss", level->fields[0].name);
	snprintf(changed, sizeof changed, "%s", level->fields[0].name);
	changed[strlen(changed) - 1] = '_';
	for (uint32_t i = 0; i < level->pairs.count; i++)
		pairs.items[pairs.count++] = level->pairs.items[i];
	if (pairs_find(&pairs, longer) == NULL)
		pairs_add(&pairs, longer, bytes_of("\x01", 1));
	pairs_add(&pairs, changed, bytes_of("\xc0", 1));
	pairs_add(&pairs, "", bytes_of("\xc0", 1));
	assert_same(level, level_whole(level, pairs_write(&pairs)));
}

static void look_other_orders(const struct level *level)
{
	uint32_t count = level->pairs.count;
	struct pairs pairs = level->pairs;

	for (uint32_t turn = 0; turn < count; turn++) {
		for (uint32_t i = 0; i < count; i++)
			pairs.items[i] = level->pairs.items[(i + turn) % count];
		assert_same(level, level_whole(level, pairs_write(&pairs)));
		for (uint32_t i = 0; i < count; i++)
			pairs.items[i] = level->pairs.items[(count - 1 - i + turn) % count];
		assert_same(level, level_whole(level, pairs_write(&pairs)));
	}
}

static void look_long_forms(const struct level *level)
{
	assert_same(level, level_whole(level, pairs_write_long(&level->pairs)));
}

/* ---- the tests ---- */

#define LEVEL_TEST(name, look)                                                                                         \
	static void name(void **state)                                                                                 \
	{                                                                                                              \
		(void)state;                                                                                           \
		each_level(look);                                                                                      \
	}

LEVEL_TEST(test_a_key_that_stands_twice_is_refused, look_duplicates)
LEVEL_TEST(test_a_missing_field_is_refused_if_it_is_required, look_missing)
LEVEL_TEST(test_a_value_of_another_type_is_refused, look_wrong_types)
LEVEL_TEST(test_a_value_outside_its_bounds_is_refused, look_out_of_range)
LEVEL_TEST(test_a_list_that_lies_about_its_count_is_refused_and_takes_no_memory, look_lying_lists)
LEVEL_TEST(test_a_list_longer_or_shorter_than_allowed_is_refused, look_long_lists)
LEVEL_TEST(test_an_unknown_key_that_must_be_understood_is_refused, look_critical_keys)
LEVEL_TEST(test_unknown_keys_are_skipped, look_unknown_keys)
LEVEL_TEST(test_any_order_of_keys_means_the_same, look_other_orders)
LEVEL_TEST(test_longest_forms_mean_the_same, look_long_forms)

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
		cmocka_unit_test(test_a_key_that_stands_twice_is_refused),
		cmocka_unit_test(test_a_missing_field_is_refused_if_it_is_required),
		cmocka_unit_test(test_a_value_of_another_type_is_refused),
		cmocka_unit_test(test_a_value_outside_its_bounds_is_refused),
		cmocka_unit_test(test_a_list_that_lies_about_its_count_is_refused_and_takes_no_memory),
		cmocka_unit_test(test_a_list_longer_or_shorter_than_allowed_is_refused),
		cmocka_unit_test(test_an_unknown_key_that_must_be_understood_is_refused),
		cmocka_unit_test(test_unknown_keys_are_skipped),
		cmocka_unit_test(test_any_order_of_keys_means_the_same),
		cmocka_unit_test(test_longest_forms_mean_the_same),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
