/* test_params.c -- what a file may say, what is taken when it does not, and what is said about a file that is
 * wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "params/params.h"

static char folder[64], file[96];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/params-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/network.yaml", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(file);
	return rmdir(folder);
}

static void write_file(const char *text)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void load(const char *text, struct params *params)
{
	char message[600] = "";

	write_file(text);
	if (params_load(params, file, message, sizeof(message)) != ERR_NONE)
		fail_msg("%s", message);
}

/* Everything the parameters say, as text. */
static char *print(const struct params *params)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	params_print(params, out);
	fclose(out);
	return text;
}

static void assert_equal_params(const struct params *a, const struct params *b)
{
	char *one = print(a), *other = print(b);

	assert_string_equal(one, other);
	free(one);
	free(other);
}

static void test_a_network_without_a_file_has_defaults(void **state)
{
	struct params params;

	(void)state;
	assert_int_equal(params_defaults(&params, "/srv/shop"), ERR_NONE);
	assert_string_equal(params.dir, "/srv/shop");
	assert_string_equal(params.log_level, "info");
	assert_string_equal(params_endpoint(&params, "orders"), "ipc:///srv/shop/orders.door");
	assert_null(params_endpoint(&params, "tills"));
	assert_int_equal(params.store->map_mib, 64);
	assert_int_equal(params.store->map_mib_max, 65536);
	assert_int_equal(params.store->cache_mib, 128);
	assert_int_equal(params.store->keep_free_mib, 256);
	assert_int_equal(params.turn->events_max, 8192);
	assert_int_equal(params.turn->kib_max, 4096);
	assert_int_equal(params.settings_count, 0);
	assert_false(params_doors_moved(&params));
	params_free(&params);
	params_free(&params); /* empty already */
}

static void test_a_file_that_says_nothing_is_the_defaults_in_its_folder(void **state)
{
	static const char *const texts[] = {"", "# only a comment\n", "log_level: info\n"};
	struct params defaults, params;

	(void)state;
	assert_int_equal(params_defaults(&defaults, folder), ERR_NONE);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		load(texts[i], &params);
		assert_equal_params(&params, &defaults);
		params_free(&params);
	}
	params_free(&defaults);
}

static void test_the_committed_file_is_the_defaults(void **state)
{
	struct params defaults, params;
	char message[600] = "";

	(void)state;
	if (params_load(&params, NETWORK_YAML, message, sizeof(message)) != ERR_NONE)
		fail_msg("%s", message);
	assert_int_equal(params_defaults(&defaults, params.dir), ERR_NONE);
	assert_equal_params(&params, &defaults);
	params_free(&params);
	params_free(&defaults);
}

static void test_what_a_file_says_is_taken(void **state)
{
	struct params params;

	(void)state;
	load("dir: /srv/net\n"
	     "log_level: trace\n"
	     "doors: {orders: 'tcp://127.0.0.1:7101'}\n"
	     "store:\n  map_mib: 1\n  keep_free_mib: 0\n"
	     "turn:\n  events_max: 1\n"
	     "settings:\n  - {service: inventory, name: window, value: -5}\n  - service: kpi\n    name: "
	     "window\n    value: 9000000000\n",
	     &params);
	assert_string_equal(params.dir, "/srv/net");
	assert_string_equal(params.log_level, "trace");
	assert_string_equal(params_endpoint(&params, "orders"), "tcp://127.0.0.1:7101");
	assert_string_equal(params_endpoint(&params, "kpi"), "ipc:///srv/net/kpi.door");
	assert_int_equal(params.store->map_mib, 1);
	assert_int_equal(params.store->keep_free_mib, 0); /* a zero that is said is a zero */
	assert_int_equal(params.store->cache_mib, 128);
	assert_int_equal(params.turn->events_max, 1);
	assert_int_equal(params.turn->kib_max, 4096);
	assert_int_equal(params.settings_count, 2);
	assert_string_equal(params.settings[0].service, "inventory");
	assert_string_equal(params.settings[0].name, "window");
	assert_true(params.settings[0].value == -5);
	assert_true(params.settings[1].value == INT64_C(9000000000));
	params_free(&params);
	load("store: {map_mib: 100000}\n", &params); /* the largest follows when only the first is said */
	assert_int_equal(params.store->map_mib_max, 100000);
	params_free(&params);
}

static void test_what_is_printed_loads_back_the_same(void **state)
{
	static const char *const texts[] = {
	    "", "dir: /srv/with \"quotes\" and \\ back\n",
	    "dir: \"ends of lines \\N \\L \\P, no-break \\_, \\x01 \\x7f \\x80 \\x9f \\uFEFF \\uFFFF \\U0001F4A9\"\n",
	    "dir: \"tab\\there and \\u00fcml\\u00e4ut\"\ndoors: {kpi: 'ipc:///tmp/it''s.door'}\n",
	    "log_level: broken\nstore: {map_mib: 5, map_mib_max: 6, cache_mib: 7, keep_free_mib: 0}\nturn: "
	    "{events_max: 9, kib_max: 10}\n",
	    "settings:\n  - {service: orders, name: 'yes', value: -9223372036854775808}\n  - {service: kpi, "
	    "name: 'a: b', value: 7}\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct params params, again;

		load(texts[i], &params);
		char *printed = print(&params);
		load(printed, &again);
		assert_equal_params(&params, &again);
		assert_string_equal(params.dir, again.dir);
		assert_int_equal(params.settings_count, again.settings_count);
		for (uint32_t j = 0; j < params.settings_count; j++) {
			assert_string_equal(params.settings[j].name, again.settings[j].name);
			assert_true(params.settings[j].value == again.settings[j].value);
		}
		free(printed);
		params_free(&params);
		params_free(&again);
	}
}

static void test_what_is_wrong_is_said_with_line_and_guess(void **state)
{
	static const struct {
		const char *text;
		int error;
		const char *said; /* after "FILE:" */
	} cases[] = {
	    {"dri: a\n", ERR_SYNTAX, "1: unknown key 'dri'; did you mean 'dir'?"},
	    {"\n\nstore:\n  map_mib: 4\n  cash_mib: 5\n", ERR_SYNTAX,
	     "5: unknown key 'cash_mib' in store; did you mean 'cache_mib'?"},
	    {"doors:\n  ordrs: ipc:///x/y\n", ERR_SYNTAX,
	     "2: unknown key 'ordrs' in doors; did you mean 'orders'?"},
	    {"map_mib: 3\n", ERR_SYNTAX,
	     "1: unknown key 'map_mib'"}, /* known elsewhere, nothing near it here */
	    {"dir: a\nlog_level: info\ndir: b\n", ERR_SYNTAX, "3: key 'dir' is said twice, first in line 1"},
	    {"store: {map_mib: 1}\nstore: {map_mib: 1}\n", ERR_SYNTAX,
	     "2: key 'store' is said twice, first in line 1"},
	    {"settings:\n  - {service: kpi, nam: a, value: 1}\n", ERR_SYNTAX,
	     "2: unknown key 'nam' in settings[0]; did you mean 'name'?"},
	    {"settings:\n  - {service: kpi, name: a}\n", ERR_SYNTAX,
	     "2: Missing required mapping field: value"},
	    {"settings:\n  - {service: kpi, name: a, value: 1}\n  - {service: kpy, name: a, value: 1}\n",
	     ERR_OUT_OF_RANGE, "3: settings[1].service: no service 'kpy'; did you mean 'kpi'?"},
	    {"settings:\n  - {service: kpi, name: a, value: 1}\n  - {service: kpi, name: a, value: 2}\n",
	     ERR_OUT_OF_RANGE, "3: settings[1].name: a of kpi is said twice"},
	    {"store:\n  map_mib: many\n", ERR_SYNTAX,
	     "2: store.map_mib: 'many' is not a whole number from 0"},
	    {"store:\n  map_mib: -1\n", ERR_SYNTAX, "2: store.map_mib: '-1' is not a whole number from 0"},
	    {"store:\n  map_mib: 4294967296\n", ERR_SYNTAX, "2: Invalid"},
	    {"store:\n  map_mib: 12.5\n", ERR_SYNTAX,
	     "2: store.map_mib: '12.5' is not a whole number from 0"},
	    {"store:\n  map_mib: 010\n", ERR_SYNTAX, "2: store.map_mib: '010' is not a whole number from 0"},
	    {"store:\n  map_mib:\n", ERR_SYNTAX, "2: store.map_mib: '' is not a whole number from 0"},
	    {"settings:\n  - {service: kpi, name: a, value: 1s}\n", ERR_SYNTAX,
	     "2: settings[0].value: '1s' is not a whole number"},
	    {"settings:\n  - {service: kpi, name: a, value: 9223372036854775808}\n", ERR_SYNTAX,
	     "2: Invalid"},
	    {"store:\n  map_mib: 0\n", ERR_OUT_OF_RANGE,
	     "2: store.map_mib: 0 is not between 1 and 4194304 MiB"},
	    {"store:\n  map_mib: 9\n  map_mib_max: 8\n", ERR_OUT_OF_RANGE,
	     "3: store.map_mib_max: 8 is less than map_mib, 9"},
	    {"turn:\n  kib_max: 4096\n  events_max: 100001\n", ERR_OUT_OF_RANGE,
	     "3: turn.events_max: 100001 is not between 1 and 100000 events"},
	    {"turn: {kib_max: 0}\n", ERR_OUT_OF_RANGE, "1: turn.kib_max: 0 is not between 1 and 262144 KiB"},
	    {"dir: a\nlog_level: infos\n", ERR_OUT_OF_RANGE,
	     "2: log_level: 'infos' is none of broken alarm unusual info trace; did you mean 'info'?"},
	    {"doors:\n  kpi: ipc:///tmp/a\n  orders: ipc:///tmp/a\n", ERR_OUT_OF_RANGE,
	     "2: doors.kpi: orders has the same door"},
	    {"store: 5\n", ERR_SYNTAX, "1: "},
	    {"dir: [a, b]\n", ERR_SYNTAX, "1: "},
	    {"dir: ''\n", ERR_SYNTAX, "1: "},
	    {"- a\n- b\n", ERR_SYNTAX, "0: "},
	    {"text\n", ERR_SYNTAX, "0: "},
	    {"store: [\n", ERR_SYNTAX, "2: not YAML: "},
	    {"dir: \"\n", ERR_SYNTAX, "2: not YAML: "},
	    {"\tdir: a\n", ERR_SYNTAX, "1: not YAML: found character that cannot start any token"},
	    {"dir: \xff\xfe\n", ERR_SYNTAX, "1: not YAML: "},
	    {"dir: a\n---\ndir: b\n", ERR_SYNTAX, "2: a second document begins"},
	    {"dir: &x a\n", ERR_SYNTAX, "1: anchors are not used here"},
	    {"dir: *x\n", ERR_SYNTAX, "1: aliases are not used here"},
	    {"? [a]\n: b\n", ERR_SYNTAX, "1: a key is a word"},
	    {"a: [[[[[[[[1]]]]]]]]\n", ERR_SYNTAX, "1: unknown key 'a'"},
	    {"store: [[[[[[[[1]]]]]]]]\n", ERR_SYNTAX, "1: nested deeper than anything here"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct params params;
		char message[600] = "", wanted[600];

		write_file(cases[i].text);
		int error = params_load(&params, file, message, sizeof(message));
		snprintf(wanted, sizeof(wanted), "%s:%s", file, cases[i].said);
		if (error != cases[i].error || strncmp(message, wanted, strlen(wanted)) != 0)
			fail_msg("%s\n  gave %s: %s\n  not  %s", cases[i].text, error_name(error), message,
			         wanted);
		if (strchr("?b8", wanted[strlen(wanted) - 1]) != NULL || strstr(wanted, "twice") != NULL)
			assert_int_equal(strlen(message), strlen(wanted)); /* those are whole sentences */
		assert_null(params.dir);
		assert_null(params.doors);
		params_free(&params);
	}
}

/* One byte of a file changed: it loads within all ranges, or is refused with a sentence and nothing is left.
 */
static void test_a_damaged_file_is_refused_or_within_range(void **state)
{
	static const char bytes[] = {0, '\n', ' ', ':', '-', '{', '[', '"', '#', '9', 'x', (char)0xff};
	struct params params;
	unsigned refused = 0, taken = 0;

	(void)state;
	load("settings: [{service: kpi, name: a, value: 1}]\n", &params);
	char *text = print(&params);
	size_t size = strlen(text);
	params_free(&params);
	for (size_t at = 0; at < size; at++)
		for (size_t i = 0; i < sizeof(bytes); i++) {
			char kept = text[at], message[600] = "";
			FILE *out = fopen(file, "w");

			assert_non_null(out);
			text[at] = bytes[i];
			assert_int_equal(fwrite(text, 1, size, out), size);
			fclose(out);
			text[at] = kept;
			if (params_load(&params, file, message, sizeof(message)) == ERR_NONE) {
				assert_true(params.turn->events_max <= 100000 &&
				            params.store->map_mib <= params.store->map_mib_max);
				taken++;
			} else {
				assert_int_equal(strncmp(message, file, strlen(file)), 0);
				assert_null(params.doors);
				refused++;
			}
			params_free(&params);
		}
	free(text);
	assert_true(refused > 1000);
	assert_true(taken > 500);
}

static void test_a_file_that_is_not_there_is_not_found(void **state)
{
	struct params params;
	char message[600] = "";

	(void)state;
	assert_int_equal(params_load(&params, "/no/such/network.yaml", message, sizeof(message)),
	                 ERR_NOT_FOUND);
	assert_non_null(strstr(message, "/no/such/network.yaml: cannot be read"));
	assert_int_equal(params_load(&params, folder, message, sizeof(message)), ERR_SYNTAX); /* a folder */
	params_free(&params);
}

/* A run folder of so many bytes. */
static void long_dir(char *dir, size_t size)
{
	memset(dir, 'd', size); /* another one in each run: what a run that failed has left disturbs no later one */
	dir[snprintf(dir, size, "%s", folder)] = '/';
	dir[size] = 0;
}

static void test_doors_of_a_long_folder_lie_in_a_short_private_one(void **state)
{
	struct params params, again;
	struct stat found;
	char dir[300], short_folder[200];

	(void)state;
	long_dir(dir, 107 - strlen("/logistics.door"));
	assert_int_equal(params_defaults(&params, dir), ERR_NONE);
	assert_int_equal(strlen(params_endpoint(&params, "logistics")), 6 + 107);
	assert_false(params_doors_moved(&params));
	params_free(&params);

	long_dir(dir, 108 - strlen("/logistics.door"));
	assert_int_equal(params_defaults(&params, dir), ERR_NONE);
	assert_true(params_doors_moved(&params));
	assert_true(strlen(params_endpoint(&params, "logistics")) < 6 + 107);
	snprintf(short_folder, sizeof(short_folder), "%s",
	         params_endpoint(&params, "kpi") + strlen("ipc://"));
	*strrchr(short_folder, '/') = 0;
	assert_int_equal(stat(short_folder, &found), 0);
	assert_int_equal(found.st_mode & 0777, 0700);
	assert_int_equal(params_defaults(&again, dir), ERR_NONE); /* the same folder gives the same doors */
	assert_equal_params(&params, &again);
	params_free(&again);
	long_dir(dir, 200);
	assert_int_equal(params_defaults(&again, dir), ERR_NONE); /* another folder gives others */
	assert_string_not_equal(params_endpoint(&again, "kpi"), params_endpoint(&params, "kpi"));
	char other[200];
	snprintf(other, sizeof(other), "%s", params_endpoint(&again, "kpi") + strlen("ipc://"));
	*strrchr(other, '/') = 0;
	assert_int_equal(rmdir(other), 0);
	params_free(&again);

	assert_int_equal(chmod(short_folder, 0755), 0); /* open to others: never used */
	long_dir(dir, 108 - strlen("/logistics.door"));
	assert_int_equal(params_defaults(&again, dir), ERR_SYSTEM);
	assert_null(again.dir);
	assert_int_equal(rmdir(short_folder), 0);
	assert_int_equal(symlink("/tmp", short_folder), 0); /* nor is what only looks like it */
	assert_int_equal(params_defaults(&again, dir), ERR_SYSTEM);
	assert_int_equal(unlink(short_folder), 0);
	params_free(&params);
}

static void test_guesses_are_near_or_none(void **state)
{
	static const char *const names[] = {"partners", "orders", "inventory", "logistics", "kpi"};
	static const struct {
		const char *typed, *guess;
	} cases[] = {{"order", "orders"},        {"oders", "orders"}, {"roders", "orders"},
	             {"Inventory", "inventory"}, {"kpis", "kpi"},     {"kip", "kpi"},
	             {"logistik", "logistics"},  {"x", NULL},         {"", NULL},
	             {"warehouse", NULL},        {"zzz", NULL},       {"partner", "partners"}};
	char endless[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *guess = params_guess(cases[i].typed, names, 5);

		if (cases[i].guess == NULL && guess != NULL)
			fail_msg("%s is near to nothing, and not to %s", cases[i].typed, guess);
		if (cases[i].guess != NULL)
			assert_string_equal(guess, cases[i].guess);
	}
	memset(endless, 'o', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = 0;
	assert_null(params_guess(endless, names, 5));
	assert_null(params_guess("orders", names, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_network_without_a_file_has_defaults),
	    cmocka_unit_test(test_a_file_that_says_nothing_is_the_defaults_in_its_folder),
	    cmocka_unit_test(test_the_committed_file_is_the_defaults),
	    cmocka_unit_test(test_what_a_file_says_is_taken),
	    cmocka_unit_test(test_what_is_printed_loads_back_the_same),
	    cmocka_unit_test(test_what_is_wrong_is_said_with_line_and_guess),
	    cmocka_unit_test(test_a_damaged_file_is_refused_or_within_range),
	    cmocka_unit_test(test_a_file_that_is_not_there_is_not_found),
	    cmocka_unit_test(test_doors_of_a_long_folder_lie_in_a_short_private_one),
	    cmocka_unit_test(test_guesses_are_near_or_none),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
