/*
 * test_standard.c -- goal: the reader agrees with the msgpack-test-suite on every encoding of every value.
 * Method: the suite's JSON, from the folder of shared data (environment TRIBUTARY_SHARED); skipped, and said
 * so, where it is not. Each encoding must be decoded to the suite's value, or refused for one of two stated
 * reasons: an integer beyond +-(2^53 - 1) is ERR_OUT_OF_RANGE, and a float, an extension or a timestamp is
 * ERR_WRONG_TYPE where a field wants a value, although it can be skipped. The first encoding of a value is
 * the shortest, and what the writer writes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdlib.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/units.h"
#include "hex.h"
#include "pack/json.h"
#include "pack/reader.h"
#include "pack/writer.h"

#define SUITE_FILE "data/standards/msgpack/dist/msgpack-test-suite.json"
#define SUITE_BYTES_MAX (1 << 20)
#define ENCODINGS_LEAST 100

static struct {
	uint32_t decoded, out_of_range, not_a_field;
} counts; /* of this test program */

static cJSON *suite;

static int open_suite(void **state)
{
	const char *folder = getenv("TRIBUTARY_SHARED");
	char path[4096];

	(void)state;
	snprintf(path, sizeof(path), "%s/" SUITE_FILE, folder != NULL ? folder : TRIBUTARY_SHARED);
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		printf("skipped: the msgpack-test-suite is not here (%s)\n", path);
		return 0;
	}
	char *text = calloc(1, SUITE_BYTES_MAX);
	size_t size = text != NULL ? fread(text, 1, SUITE_BYTES_MAX - 1, file) : 0;
	suite = size > 0 ? cJSON_Parse(text) : NULL;
	fclose(file);
	free(text);
	return suite != NULL ? 0 : -1;
}

static int close_suite(void **state)
{
	(void)state;
	cJSON_Delete(suite);
	return 0;
}

static const cJSON *member(const cJSON *item, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(item, name);
}

/* Skipping must take exactly the encoding, whatever it is. */
static void assert_skipped(struct bytes packed)
{
	struct reader reader = reader_of(packed);

	reader_skip(&reader);
	assert_int_equal(reader_finish(&reader), ERR_NONE);
}

static void assert_refused_as(struct bytes packed, int error)
{
	struct reader number = reader_of(packed);

	(void)reader_int(&number);
	assert_string_equal(error_name(number.error), error_name(error));
}

static void assert_float(struct bytes packed, double expected)
{
	char json[64];

	assert_skipped(packed);
	assert_refused_as(packed, ERR_WRONG_TYPE);
	assert_int_equal(json_of_msgpack(packed, json, sizeof(json)), ERR_NONE);
	assert_true(fabs(strtod(json, NULL) - expected) <= 0);
	counts.not_a_field++;
}

static void look_at_number(const cJSON *item, struct bytes packed, bool first)
{
	uint8_t written[16];
	struct writer writer = writer_of(written, sizeof(written));
	const cJSON *big = member(item, "bignum");
	const cJSON *number = member(item, "number");
	struct reader reader = reader_of(packed);

	if (reader_peek(&reader) == READER_FLOAT) {
		assert_float(packed, big != NULL ? strtod(big->valuestring, NULL) : number->valuedouble);
		return;
	}
	__extension__ __int128 expected = big == NULL ? (int64_t)number->valuedouble
					: big->valuestring[0] == '-' ? strtoll(big->valuestring, NULL, 10)
					: (__extension__ (__int128)strtoull(big->valuestring, NULL, 10));
	if (expected > NUMBER_MAX || expected < -NUMBER_MAX) {
		assert_refused_as(packed, ERR_OUT_OF_RANGE);
		counts.out_of_range++;
		return;
	}
	assert_skipped(packed);
	assert_int_equal(reader_int(&reader), (int64_t)expected);
	assert_int_equal(reader_finish(&reader), ERR_NONE);
	counts.decoded++;
	writer_int(&writer, (int64_t)expected);
	if (first)
		assert_true(bytes_equal(writer_bytes(&writer), packed));
	assert_true(writer.used <= packed.size);
}

static void look_at_text(const cJSON *item, struct bytes packed, bool first)
{
	uint8_t written[256];
	struct writer writer = writer_of(written, sizeof(written));
	struct text expected = text_of(member(item, "string")->valuestring);
	struct reader reader = reader_of(packed);

	assert_skipped(packed);
	assert_true(text_equal(reader_text(&reader, 256), expected));
	assert_int_equal(reader_finish(&reader), ERR_NONE);
	counts.decoded++;
	writer_text(&writer, expected);
	if (first)
		assert_true(bytes_equal(writer_bytes(&writer), packed));
}

/* JSON writes everything that is left; binary as hexadecimal. */
static void look_at_other(const cJSON *item, struct bytes packed, const char *kind)
{
	char json[1024];

	assert_skipped(packed);
	assert_int_equal(json_of_msgpack(packed, json, sizeof(json)), ERR_NONE);
	cJSON *value = cJSON_Parse(json);
	assert_non_null(value);
	if (strcmp(kind, "binary") == 0) {
		struct reader reader = reader_of(packed);

		assert_true(bytes_equal(reader_bin(&reader, 256), hex(member(item, "binary")->valuestring)));
		assert_true(bytes_equal(hex(value->valuestring), hex(member(item, "binary")->valuestring)));
	} else {
		assert_true(cJSON_Compare(value, member(item, kind), true));
	}
	cJSON_Delete(value);
	counts.decoded++;
}

static void look_at_extension(struct bytes packed)
{
	struct reader text = reader_of(packed), bin = reader_of(packed);

	assert_skipped(packed);
	assert_refused_as(packed, ERR_WRONG_TYPE);
	(void)reader_text(&text, 256);
	assert_int_equal(text.error, ERR_WRONG_TYPE);
	(void)reader_bin(&bin, 256);
	assert_int_equal(bin.error, ERR_WRONG_TYPE);
	counts.not_a_field++;
}

static void look(const cJSON *item, const char *digits, bool first)
{
	static const char *const others[] = {"nil", "bool", "binary", "array", "map"};
	struct bytes packed = hex(digits);

	if (member(item, "number") != NULL || member(item, "bignum") != NULL) {
		look_at_number(item, packed, first);
		return;
	}
	if (member(item, "string") != NULL) {
		look_at_text(item, packed, first);
		return;
	}
	if (member(item, "ext") != NULL || member(item, "timestamp") != NULL) {
		look_at_extension(packed);
		return;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (member(item, others[i]) != NULL) {
			look_at_other(item, packed, others[i]);
			return;
		}
	}
	fail_msg("a kind of value that this test does not know");
}

static void test_every_encoding_is_decoded_or_refused_for_a_stated_reason(void **state)
{
	const cJSON *group, *item, *encoding;

	if (suite == NULL)
		skip();
	cJSON_ArrayForEach(group, suite) {
		cJSON_ArrayForEach(item, group) {
			const cJSON *first = member(item, "msgpack")->child;

			cJSON_ArrayForEach(encoding, member(item, "msgpack")) {
				look(item, encoding->valuestring, encoding == first);
				hex_free(state);
			}
		}
	}
	printf("%u encodings decoded, %u refused as out of range, %u skipped as values but refused "
	       "as fields\n", counts.decoded, counts.out_of_range, counts.not_a_field);
	assert_true(counts.decoded + counts.out_of_range + counts.not_a_field >= ENCODINGS_LEAST);
	assert_true(counts.out_of_range > 0);
}

/* Cut anywhere, no encoding is taken for a shorter one. */
static void test_every_truncation_of_every_encoding_is_refused(void **state)
{
	const cJSON *group, *item, *encoding;

	if (suite == NULL)
		skip();
	cJSON_ArrayForEach(group, suite) {
		cJSON_ArrayForEach(item, group) {
			cJSON_ArrayForEach(encoding, member(item, "msgpack")) {
				struct bytes packed = hex(encoding->valuestring);

				for (size_t size = 0; size < packed.size; size++) {
					struct reader cut = reader_of(hex_exact(bytes_of(packed.data, size)));

					reader_skip(&cut);
					assert_string_equal(error_name(cut.error), error_name(ERR_TRUNCATED));
				}
				hex_free(state);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_encoding_is_decoded_or_refused_for_a_stated_reason),
	    cmocka_unit_test(test_every_truncation_of_every_encoding_is_refused),
	};

	return cmocka_run_group_tests(tests, open_suite, close_suite);
}
