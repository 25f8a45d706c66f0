/* test_registry.c -- the file of who is known: what is written is read back, what is wrong is refused whole, secrets are for their owner. */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shop.h"

static char message[400];

static void test_what_is_written_is_read_back(void **state)
{
	struct registry registry;
	char key[GUARD_KEY_TEXT + 1], token[GUARD_TOKEN_TEXT + 1], hash[GUARD_HASH_TEXT + 1];

	(void)state;
	shop_enrol(GUARD_TERMINAL, "S1/T1", "S1", key, token);
	shop_enrol(GUARD_DEALER, "北京经销商", "外-1", NULL, NULL);
	assert_int_equal(registry_load(&registry, shop_folder, message, sizeof(message)), ERR_NONE);
	assert_int_equal(registry.generation, 2);
	assert_int_equal(registry.principals_count, 2);
	struct registry_entry *till = registry_find(&registry, "S1/T1");
	assert_string_equal(till->role, "terminal");
	assert_string_equal(till->outlets[0], "S1");
	assert_string_equal(till->keys[0], key);
	registry_hash(token, strlen(token), hash);
	assert_string_equal(till->token, hash);
	assert_string_equal(registry_find(&registry, "北京经销商")->outlets[0], "外-1");
	assert_null(registry_find(&registry, "S1/T2"));
	registry_free(&registry);
}

static void test_a_secret_key_is_for_its_owner(void **state)
{
	struct registry_keypair pair;
	char path[4200], key[GUARD_KEY_TEXT + 1];
	struct stat status;

	(void)state;
	shop_enrol(GUARD_TERMINAL, "S1/T1", "S1", key, NULL);
	registry_key_path(shop_folder, "S1/T1", path, sizeof(path));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(registry_key_read(path, &pair), ERR_NONE);
	assert_string_equal(pair.public_key, key);
	assert_true(registry_key_is_good(pair.secret_key));
	assert_string_not_equal(pair.secret_key, key);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(registry_key_read(path, &pair), ERR_OUT_OF_RANGE);
	assert_int_equal(registry_key_read(shop_path("nobody.key"), &pair), ERR_NOT_FOUND);
	assert_int_equal(stat(shop_path("registry.yaml"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_two_keys_at_most(void **state)
{
	struct registry_change change;
	char first[GUARD_KEY_TEXT + 1];

	(void)state;
	shop_enrol(GUARD_TERMINAL, "S1/T1", "S1", first, NULL);
	assert_int_equal(registry_begin(&change, shop_folder, message, sizeof(message)), ERR_NONE);
	struct registry_entry *till = registry_find(&change.registry, "S1/T1");
	assert_int_equal(registry_new_key(&change, till), ERR_NONE);
	assert_int_equal(till->keys_count, 2);
	assert_string_equal(till->keys[1], first);
	assert_int_equal(registry_new_key(&change, till), ERR_NONE);
	assert_int_equal(till->keys_count, 2);
	assert_string_not_equal(till->keys[1], first);
	registry_retire(till);
	assert_int_equal(till->keys_count, 1);
	assert_int_equal(registry_commit(&change), ERR_NONE);
}

static void test_a_wrong_file_is_refused_whole(void **state)
{
#define TILL "  - {name: S1/T1, role: terminal, state: active, outlets: [S1], keys: []"
	static const struct {
		const char *text;
		int error;
	} table[] = {
	    {"generation: 1\nprincipals: []\n", ERR_NONE},
	    {"generation: 1\nprincipals:\n" TILL "}\n", ERR_NONE},
	    {"generation: 1\nprincipals:\n" TILL "}\n" TILL "}\n", ERR_OUT_OF_RANGE},
	    {"generation: 1\nprincipals:\n" TILL ", tenant: D1, unknown: 1}\n", ERR_SYNTAX},
	    {"generation: 1\nprincipals:\n" TILL ", token: abc}\n", ERR_OUT_OF_RANGE},
	    {"generation: 1\nprincipals:\n  - {name: ../x, role: terminal, state: active}\n", ERR_OUT_OF_RANGE},
	    {"generation: 1\nprincipals:\n  - {name: x, role: root, state: active}\n", ERR_OUT_OF_RANGE},
	    {"generation: 1\nprincipals:\n  - {name: x, role: staff, state: resting}\n", ERR_OUT_OF_RANGE},
	    {"generation: 1\nprincipals:\n  - {name: x, role: staff, state: active, keys: [short]}\n", ERR_OUT_OF_RANGE},
	    {"generation: 1\nprincipals:\n  - {name: wms/WH-1, role: terminal, state: active}\n", ERR_OUT_OF_RANGE},
	    {"generation: 1\nprincipals:\n  - {name: staff/mei, role: terminal, state: active}\n", ERR_OUT_OF_RANGE},
	    {"principals: []\n", ERR_SYNTAX},
	    {"", ERR_SYNTAX},
	    {"generation: [", ERR_SYNTAX},
	};
	struct registry registry;

	(void)state;
	assert_int_equal(registry_load(&registry, shop_folder, message, sizeof(message)), ERR_NOT_FOUND);
	shop_enrol(GUARD_STAFF, "mei", NULL, NULL, NULL);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		shop_write("registry.yaml", table[i].text);
		if (registry_load(&registry, shop_folder, message, sizeof(message)) != table[i].error)
			fail_msg("row %zu: %s", i, message);
		registry_free(&registry);
	}
}

static void test_names_stay_in_their_folder(void **state)
{
	static const char *const good[] = {"S1/T1", "orders", "OUT-001/T1", "外-1/T1", "a.b"},
				*const wrong[] = {"", "/a", "a/", "a//b", "..", "a/../b", ".hidden", "a b", "a\"b", "a\\b", "a\nb", "-x", "lock"};
	char longest[GUARD_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(registry_name_is_good(good[i]));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(registry_name_is_good(wrong[i]));
	memset(longest, 'a', sizeof(longest));
	longest[GUARD_NAME_MAX] = 0;
	assert_true(registry_name_is_good(longest));
	longest[GUARD_NAME_MAX] = 'a';
	longest[GUARD_NAME_MAX + 1] = 0;
	assert_false(registry_name_is_good(longest));
}

/* Whoever waits for the lock finds what the other wrote. */
static void test_one_writer_at_a_time(void **state)
{
	struct registry_change change;

	(void)state;
	assert_int_equal(registry_begin(&change, shop_folder, message, sizeof(message)), ERR_NONE);
	pid_t other = fork();
	if (other == 0) {
		struct registry_change theirs;
		close(change.lock); /* the lock is the parent's: a copy of it would keep it for ever */
		int error = registry_begin(&theirs, shop_folder, message, sizeof(message));

		_exit(error == ERR_NONE && theirs.registry.principals_count == 1 ? 0 : 1);
	}
	assert_non_null(registry_add(&change, "mei", GUARD_STAFF));
	assert_int_equal(registry_commit(&change), ERR_NONE);
	int status;
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_what_is_written_is_read_back, shop_open, shop_close),
	    cmocka_unit_test_setup_teardown(test_a_secret_key_is_for_its_owner, shop_open, shop_close),
	    cmocka_unit_test_setup_teardown(test_two_keys_at_most, shop_open, shop_close),
	    cmocka_unit_test_setup_teardown(test_a_wrong_file_is_refused_whole, shop_open, shop_close),
	    cmocka_unit_test_setup_teardown(test_names_stay_in_their_folder, shop_open, shop_close),
	    cmocka_unit_test_setup_teardown(test_one_writer_at_a_time, shop_open, shop_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
