/* test_guard.c -- who somebody is by what they show, what they may, and that a change of the registry counts at the next look. */
#include <unistd.h>

#include "shop.h"

#define TEXT(s) text_of(s)

static struct guard *guard;
static struct guard_identity identity;

static int open_guard(void **state)
{
	static const struct guard_quota quota = {.events_per_second = 10, .events_burst = 100, .questions_per_second = 4, .questions_burst = 8,
					       .in_flight_kib = 7};

	return shop_open(state) == 0 && guard_open(&guard, shop_folder, &quota) == ERR_NONE ? 0 : -1;
}

static int close_guard(void **state)
{
	guard_close(&guard);
	return shop_close(state);
}

static const struct guard_principal *somebody(enum guard_role role, const char *name, const char *outlet)
{
	char token[GUARD_TOKEN_TEXT + 1];

	shop_enrol(role, name, outlet, NULL, token);
	(void)guard_refresh(guard);
	const struct guard_principal *who = guard_by_token(guard, TEXT(token), &identity);
	assert_non_null(who);
	return who;
}

static void test_keys_and_tokens_say_who_somebody_is(void **state)
{
	char key[GUARD_KEY_TEXT + 1], token[GUARD_TOKEN_TEXT + 1];
	struct registry_keypair stranger;

	(void)state;
	assert_false(guard_is_ready(guard));
	shop_enrol(GUARD_TERMINAL, "S1/T1", "S1", key, token);
	assert_null(guard_by_key(guard, TEXT(key), &identity)); /* not looked at yet */
	assert_true(guard_refresh(guard));
	assert_false(guard_refresh(guard));
	assert_true(guard_is_ready(guard));
	assert_string_equal(guard_by_key(guard, TEXT(key), &identity)->name, "S1/T1");
	assert_string_equal(guard_by_token(guard, TEXT(token), &identity)->name, "S1/T1");
	registry_make_pair(&stranger);
	assert_null(guard_by_key(guard, TEXT(stranger.public_key), &identity));
	assert_null(guard_by_key(guard, TEXT(token), &identity));
	assert_null(guard_by_token(guard, TEXT(key), &identity));
	assert_null(guard_by_token(guard, (struct text){0}, &identity));
	token[GUARD_TOKEN_TEXT - 1] ^= 1;
	assert_null(guard_by_token(guard, TEXT(token), &identity));
}

static void test_a_change_counts_at_the_next_look(void **state)
{
	char key[GUARD_KEY_TEXT + 1];

	(void)state;
	shop_enrol(GUARD_TERMINAL, "S1/T1", "S1", key, NULL);
	assert_true(guard_refresh(guard));
	assert_non_null(guard_by_key(guard, TEXT(key), &identity));
	shop_enrol(GUARD_DEALER, "D1", "S1", NULL, NULL);
	assert_true(guard_refresh(guard));
	assert_string_equal(guard_recheck(guard, &identity)->name, "S1/T1"); /* elsewhere in memory now */
	shop_revoke("S1/T1");
	assert_true(guard_refresh(guard));
	assert_null(guard_recheck(guard, &identity));
	assert_null(guard_by_key(guard, TEXT(key), &identity));
}

static void test_what_cannot_be_read_lets_nobody_in(void **state)
{
	char key[GUARD_KEY_TEXT + 1];

	(void)state;
	shop_enrol(GUARD_TERMINAL, "S1/T1", "S1", key, NULL);
	assert_true(guard_refresh(guard));
	assert_non_null(guard_by_key(guard, TEXT(key), &identity));
	shop_write("registry.yaml", "generation: 2\nprincipals: [");
	assert_true(guard_refresh(guard));
	assert_false(guard_is_ready(guard));
	assert_null(guard_recheck(guard, &identity));
	assert_non_null(guard_local(guard, &identity));
	assert_int_equal(unlink(shop_path("registry.yaml")), 0);
	assert_true(guard_refresh(guard));
	assert_null(guard_by_key(guard, TEXT(key), &identity));
	assert_false(guard_refresh(guard));
}

/* A thousand tills and one that is looked for. */
static void write_many(const char *key)
{
	FILE *out = fopen(shop_path("registry.yaml"), "w");

	assert_non_null(out);
	fputs("generation: 9\nprincipals:\n", out);
	for (unsigned i = 0; i < 1000; i++)
		fprintf(out, "  - {name: S9/T%u, role: terminal, state: active, outlets: [S9], keys: [\"%040u\"]}\n", i, i);
	fprintf(out, "  - {name: S1/T1, role: terminal, state: active, outlets: [S1], keys: [\"%s\"]}\n", key);
	assert_int_equal(fclose(out), 0);
}

static void test_a_large_registry_is_read_meanwhile(void **state)
{
	struct registry_keypair pair;
	struct guard *other;

	(void)state;
	shop_enrol(GUARD_DEALER, "D1", "S1", NULL, NULL);
	assert_true(guard_refresh(guard));
	registry_make_pair(&pair);
	write_many(pair.public_key);
	assert_false(guard_refresh(guard));
	assert_true(guard_is_ready(guard)); /* by the former one */
	for (int i = 0; !guard_refresh(guard); i++) {
		assert_true(i < 60000);
		usleep(1000);
	}
	assert_string_equal(guard_by_key(guard, TEXT(pair.public_key), &identity)->name, "S1/T1");
	assert_int_equal(guard_open(&other, shop_folder, NULL), ERR_NONE); /* at start it is waited for */
	assert_non_null(guard_by_key(other, TEXT(pair.public_key), &identity));
	write_many(pair.public_key);
	assert_false(guard_refresh(other));
	guard_close(&other); /* in the middle of it */
}

static void test_everybody_publishes_as_themselves(void **state)
{
	static const struct {
		enum guard_role role;
		const char *name, *outlet, *source;
	} table[] = {{GUARD_TERMINAL, "S1/T1", "S1", "S1/T1"}, {GUARD_WAREHOUSE, "WH-1", "WH-1", "wms/WH-1"}, {GUARD_STAFF, "mei", NULL, "staff/mei"},
		     {GUARD_DEALER, "D1", "S1", "dealer/D1"},  {GUARD_DASHBOARD, "wall", NULL, NULL},	      {GUARD_SERVICE, "kpi", NULL, NULL},
		     {GUARD_GATEWAY, "web", NULL, NULL}};
	static const char *const sources[] = {"S1/T1", "S1/T2", "S2/T1", "wms/WH-1", "wms/WH-2", "WH-1", "staff/mei", "mei", "D1", "wall",
					      "kpi", "web", "dealer/D1", "dealer/D2", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct guard_principal *who = somebody(table[i].role, table[i].name, table[i].outlet);

		for (size_t j = 0; j < sizeof(sources) / sizeof(sources[0]); j++)
			assert_int_equal(guard_may_publish(who, TEXT(sources[j])),
					 table[i].source != NULL && strcmp(table[i].source, sources[j]) == 0);
	}
}

/* Who may say what kind of word, of the place that is theirs, of another one, of none. */
static void test_everybody_says_what_their_kind_says(void **state)
{
	enum { NOTHING, OWN = 1, OTHER = 2, NONE = 4, ALL = 7 };
	const struct guard_word words[] = {{TEXT_LITERAL("terminals"), false}, {TEXT_LITERAL("warehouses"), false}, {TEXT_LITERAL("staff"), false},
						  {TEXT_LITERAL("staff"), true},      {TEXT_LITERAL("orders"), false},	   {TEXT_LITERAL("clock"), false},
						  {TEXT_LITERAL(""), false}};
	static const struct {
		enum guard_role role;
		const char *name, *place;
		int may[7]; /* of each word */
	} table[] = {{GUARD_TERMINAL, "S1/T1", "X", {OWN | NONE, OWN | NONE, NOTHING, NOTHING, NOTHING, NOTHING, OWN | NONE}},
		     {GUARD_WAREHOUSE, "WH-1", "X", {NOTHING, OWN | NONE, NOTHING, NOTHING, NOTHING, NOTHING, OWN | NONE}},
		     {GUARD_DEALER, "D1", "X", {NOTHING, NOTHING, NOTHING, OWN, NOTHING, NOTHING, NOTHING}},
		     {GUARD_STAFF, "mei", NULL, {ALL, ALL, ALL, ALL, NOTHING, NOTHING, ALL}},
		     {GUARD_DASHBOARD, "wall", "X", {NOTHING}},
		     {GUARD_SERVICE, "kpi", NULL, {NOTHING}},
		     {GUARD_GATEWAY, "web", NULL, {NOTHING}},
		     {GUARD_STAFF, GUARD_OPERATOR, NULL, {ALL, ALL, ALL, ALL, ALL, ALL, ALL}}};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct guard_principal *who = somebody(table[i].role, table[i].name, table[i].place);

		for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++) {
			int may = (guard_may_say(who, &words[j], TEXT("X")) ? OWN : 0) | (guard_may_say(who, &words[j], TEXT("Y")) ? OTHER : 0) |
				  (guard_may_say(who, &words[j], (struct text){0}) ? NONE : 0);

			assert_int_equal(may, table[i].may[j]);
		}
	}
}

static void test_what_is_seen(void **state)
{
	static const struct {
		enum guard_role role;
		const char *name, *place;
		bool all, own_outlet, other_outlet, own_warehouse, nobodys;
	} table[] = {
	    {GUARD_DEALER, "D1", "S1", false, true, false, false, false},    {GUARD_TERMINAL, "S1/T1", "S1", false, true, false, false, false},
	    {GUARD_WAREHOUSE, "WH-1", "WH-1", false, false, false, true, false}, {GUARD_DASHBOARD, "half", "S1", false, true, false, false, false},
	    {GUARD_DASHBOARD, "wall", NULL, true, true, true, true, true},   {GUARD_STAFF, "mei", NULL, true, true, true, true, true},
	    {GUARD_SERVICE, "kpi", NULL, true, true, true, true, true},	     {GUARD_GATEWAY, "web", NULL, false, false, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct guard_principal *who = somebody(table[i].role, table[i].name, table[i].place);
		struct text none = {0};

		assert_int_equal(guard_sees_all(who), table[i].all);
		assert_int_equal(guard_sees(who, TEXT("S1"), TEXT("WH-9")), table[i].own_outlet);
		assert_int_equal(guard_sees(who, TEXT("S2"), TEXT("WH-9")), table[i].other_outlet);
		assert_int_equal(guard_sees(who, TEXT("S9"), TEXT("WH-1")), table[i].own_warehouse);
		assert_int_equal(guard_sees(who, none, none), table[i].nobodys);
		assert_int_equal(guard_may_follow(who), table[i].role != GUARD_GATEWAY);
		assert_int_equal(guard_may_operate(who), table[i].role == GUARD_STAFF);
		assert_int_equal(guard_may_ask(who, TEXT("stock"), false), table[i].all);
		assert_int_equal(guard_may_ask(who, TEXT("stock"), true), table[i].role != GUARD_GATEWAY);
		assert_int_equal(guard_may_ask(who, TEXT("status"), false), table[i].all || table[i].role == GUARD_GATEWAY);
	}
}

static void test_a_quota_is_spent_and_comes_back(void **state)
{
	const struct guard_principal *till = somebody(GUARD_TERMINAL, "S1/T1", "S1"), *mei = NULL;
	int64_t now_us = 1000000;

	(void)state;
	assert_int_equal(guard_spend(guard, till, GUARD_EVENTS, 60, now_us), 0);
	assert_int_equal(guard_spend(guard, till, GUARD_EVENTS, 40, now_us), 0);
	uint64_t wait_ms = guard_spend(guard, till, GUARD_EVENTS, 5, now_us);
	assert_in_range(wait_ms, 500, 502);
	assert_int_not_equal(guard_spend(guard, till, GUARD_EVENTS, 5, now_us + 400000), 0);
	assert_int_equal(guard_spend(guard, till, GUARD_EVENTS, 5, now_us + 510000), 0);
	mei = somebody(GUARD_STAFF, "mei", NULL); /* another registry, the same bucket; and others have their own */
	assert_int_equal(guard_spend(guard, mei, GUARD_EVENTS, 100, now_us + 510000), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(guard_spend(guard, guard_local(guard, &identity), GUARD_EVENTS, 1000, now_us), 0);
	assert_int_equal(guard_spend(guard, mei, GUARD_EVENTS, 1000, now_us + 20000000), 0); /* more than a burst takes a full one */
}

static void test_questions_are_counted_beside_events(void **state)
{
	const struct guard_principal *dealer = somebody(GUARD_DEALER, "D1", "S1");
	int64_t now_us = 1000000;

	(void)state;
	assert_int_equal(guard_spend(guard, dealer, GUARD_EVENTS, 100, now_us), 0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(guard_spend(guard, dealer, GUARD_QUESTIONS, 1, now_us), 0);
	assert_in_range(guard_spend(guard, dealer, GUARD_QUESTIONS, 1, now_us), 250, 252);
	assert_int_not_equal(guard_spend(guard, dealer, GUARD_QUESTIONS, 1, now_us + 200000), 0);
	assert_int_equal(guard_spend(guard, dealer, GUARD_QUESTIONS, 1, now_us + 260000), 0);
	assert_int_equal(guard_spend(guard, guard_local(guard, &identity), GUARD_QUESTIONS, 1000, now_us), 0);
}

static void test_a_key_has_room_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(guard_room(guard, somebody(GUARD_TERMINAL, "S1/T1", "S1")), 7 << 10);
	assert_int_equal(guard_room(guard, guard_local(guard, &identity)), 0);
	assert_int_equal(guard_room(NULL, guard_local(NULL, &identity)), 0);
}

static void test_what_is_sealed_is_opened_by_its_guard_alone(void **state)
{
	uint8_t sealed[10 + GUARD_SEAL_BYTES], plain[10];
	struct guard *other;
	size_t size = guard_seal(guard, bytes_of("S2\0apple", 8), sealed);

	(void)state;
	assert_int_equal(size, 8 + GUARD_SEAL_BYTES);
	assert_null(memmem(sealed, size, "S2", 2));
	assert_true(guard_unseal(guard, bytes_of(sealed, size), plain));
	assert_memory_equal(plain, "S2\0apple", 8);
	assert_int_equal(guard_open(&other, shop_folder, NULL), ERR_NONE);
	assert_false(guard_unseal(other, bytes_of(sealed, size), plain));
	guard_close(&other);
	for (size_t i = 0; i < size; i++) {
		sealed[i] ^= 1;
		assert_false(guard_unseal(guard, bytes_of(sealed, size), plain));
		sealed[i] ^= 1;
	}
	assert_false(guard_unseal(guard, bytes_of(sealed, GUARD_SEAL_BYTES - 1), plain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_keys_and_tokens_say_who_somebody_is, open_guard, close_guard),
	    cmocka_unit_test_setup_teardown(test_a_change_counts_at_the_next_look, open_guard, close_guard),
	    cmocka_unit_test_setup_teardown(test_what_cannot_be_read_lets_nobody_in, open_guard, close_guard),
	    cmocka_unit_test_setup_teardown(test_a_large_registry_is_read_meanwhile, open_guard, close_guard),
	    cmocka_unit_test_setup_teardown(test_everybody_publishes_as_themselves, open_guard, close_guard),
	    cmocka_unit_test_setup_teardown(test_everybody_says_what_their_kind_says, open_guard, close_guard),
	    cmocka_unit_test_setup_teardown(test_what_is_seen, open_guard, close_guard),
	    cmocka_unit_test_setup_teardown(test_a_quota_is_spent_and_comes_back, open_guard, close_guard),
	    cmocka_unit_test_setup_teardown(test_questions_are_counted_beside_events, open_guard, close_guard),
	    cmocka_unit_test_setup_teardown(test_a_key_has_room_of_its_own, open_guard, close_guard),
	    cmocka_unit_test_setup_teardown(test_what_is_sealed_is_opened_by_its_guard_alone, open_guard, close_guard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
