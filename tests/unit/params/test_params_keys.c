/* test_params_keys.c -- the lines of keys, on a schema of its own; and that damaged files only ever end in a
 * sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "params/params_keys.h"

struct leaf {
	uint32_t size;
};

struct tree {
	uint32_t height;
	struct leaf *crown;
	struct leaf *leaves;
	uint32_t leaves_count;
};

static const cyaml_schema_field_t leaf_fields[] = {
    CYAML_FIELD_UINT("size", CYAML_FLAG_OPTIONAL, struct leaf, size), CYAML_FIELD_END};
static const cyaml_schema_value_t leaf_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct leaf, leaf_fields)};
static const cyaml_schema_field_t tree_fields[] = {
    CYAML_FIELD_UINT("height", CYAML_FLAG_OPTIONAL, struct tree, height),
    CYAML_FIELD_MAPPING_PTR("crown", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct tree, crown,
                            leaf_fields),
    CYAML_FIELD_SEQUENCE("leaves", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct tree, leaves, &leaf_value,
                         0, 10),
    CYAML_FIELD_END};

static char file[64];

static int make_file(void **state)
{
	(void)state;
	snprintf(file, sizeof(file), "/tmp/params-keys-XXXXXX");
	int fd = mkstemp(file);
	assert_true(fd >= 0);
	return close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

static int read_text(struct params_keys *keys, const char *text, size_t size, char *message,
                     size_t message_size)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, size, out), size);
	fclose(out);
	return params_keys_read(keys, file, tree_fields, message, message_size);
}

static const char good[] =
    "# a tree\nheight: 3\n\ncrown:\n  size: 4\nleaves:\n- size: 1\n- {size: 2}\n-\n  size: 3\n";

static void test_every_key_has_its_line(void **state)
{
	static const struct {
		const char *path;
		unsigned line;
	} wanted[] = {{"height", 2},
	              {"crown", 4},
	              {"crown.size", 5},
	              {"leaves", 6},
	              {"leaves[0].size", 7},
	              {"leaves[1].size", 8},
	              {"leaves[2].size", 10},
	              {"leaves[3].size", 0},
	              {"size", 0},
	              {"root", 0}};
	struct params_keys keys;
	char message[400] = "";

	(void)state;
	assert_int_equal(read_text(&keys, good, strlen(good), message, sizeof(message)), ERR_NONE);
	assert_int_equal(keys.count, 7);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_int_equal(params_keys_line(&keys, wanted[i].path), wanted[i].line);
	params_keys_free(&keys);
	assert_int_equal(params_keys_line(&keys, "height"), 0);
}

static void test_the_same_name_in_two_places_is_not_said_twice(void **state)
{
	static const char text[] = "leaves: [{size: 1}, {size: 1}]\ncrown: {size: 1}\nheight: 1\n";
	struct params_keys keys;
	char message[400] = "";

	(void)state;
	assert_int_equal(read_text(&keys, text, strlen(text), message, sizeof(message)), ERR_NONE);
	params_keys_free(&keys);
	assert_int_equal(read_text(&keys, "leaves: [{size: 1, size: 2}]\n", 29, message, sizeof(message)),
	                 ERR_SYNTAX);
	assert_non_null(strstr(message, ":1: key 'leaves[0].size' is said twice, first in line 1"));
	params_keys_free(&keys);
}

/* Every text that is one byte away from a good one is read or refused with a sentence that begins with the
 * file. */
static void test_a_damaged_file_ends_in_a_sentence(void **state)
{
	static const char bytes[] = {0,   '\n', '\t', ' ', ':', '-', '{', '}', '[',       ']',
	                             '"', '\'', '#',  '&', '*', '?', '!', 'x', (char)0xff};
	unsigned refused = 0, taken = 0;

	(void)state;
	for (size_t at = 0; at < sizeof(good) - 1; at++)
		for (size_t i = 0; i < sizeof(bytes); i++) {
			struct params_keys keys;
			char text[sizeof(good)], message[400] = "";

			memcpy(text, good, sizeof(good));
			text[at] = bytes[i];
			int error = read_text(&keys, text, sizeof(good) - 1, message, sizeof(message));
			assert_true(error == ERR_NONE || error == ERR_SYNTAX);
			assert_int_equal(strncmp(message, file, strlen(file)) == 0, error == ERR_SYNTAX);
			refused += error == ERR_SYNTAX;
			taken += error == ERR_NONE;
			params_keys_free(&keys);
		}
	assert_true(refused > 300);
	assert_true(taken > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_key_has_its_line),
	    cmocka_unit_test(test_the_same_name_in_two_places_is_not_said_twice),
	    cmocka_unit_test(test_a_damaged_file_ends_in_a_sentence),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
