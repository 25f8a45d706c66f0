/* test_tree.c -- the twin's map: every edition stays as it was, and nothing leaks (the sanitizer counts). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fixture.h"
#include "store/tree.h"

#define KEYS 400
#define EDITIONS 12

struct edition {
	struct tree *tree;
	int values[KEYS]; /* 0: absent */
};

static struct bytes key_of(int index, char room[16])
{
	snprintf(room, 16, "%d", index * 37 % 1009);
	return word(room);
}

static void check(const struct edition *edition)
{
	char room[16], value[16];
	int present = 0, walked = 0;

	for (int i = 0; i < KEYS; i++) {
		const struct tree *node = tree_get(edition->tree, key_of(i, room));

		snprintf(value, sizeof(value), "%d", edition->values[i]);
		assert_int_equal(node != NULL, edition->values[i] != 0);
		if (node == NULL)
			continue;
		assert_word(tree_value(node), value);
		present++;
	}
	struct tree *last = NULL;
	for (struct tree *node = tree_seek(edition->tree, bytes_of(NULL, 0)); node != NULL;
	     node = tree_after(edition->tree, tree_key(node))) {
		assert_true(last == NULL || bytes_compare(tree_key(last), tree_key(node)) < 0);
		last = node;
		walked++;
	}
	assert_int_equal(walked, present);
	assert_ptr_equal(tree_last(edition->tree), last);
}

static void editions_stay_as_they_were(void **state)
{
	static struct edition editions[EDITIONS];
	uint64_t seed = 3;
	char room[16], value[16];

	(void)state;
	for (int e = 0; e < EDITIONS; e++) {
		struct edition *now = &editions[e];

		if (e > 0) {
			*now = editions[e - 1];
			(void)tree_hold(now->tree);
		}
		for (int step = 0; step < 300; step++) {
			int i = (int)(dice(&seed) % KEYS);

			now->values[i] = dice(&seed) % 3 == 0 ? 0 : (int)(dice(&seed) % 1000) + 1;
			snprintf(value, sizeof(value), "%d", now->values[i]);
			now->tree = now->values[i] != 0 ? tree_put(now->tree, key_of(i, room), word(value))
							: tree_del(now->tree, key_of(i, room));
		}
		for (int other = 0; other <= e; other++)
			check(&editions[other]);
	}
	for (int e = 0; e < EDITIONS; e += 2)
		tree_release(editions[e].tree);
	for (int e = 1; e < EDITIONS; e += 2)
		check(&editions[e]);
	for (int e = 1; e < EDITIONS; e += 2)
		tree_release(editions[e].tree);
	tree_release(NULL);
}

static void rising_keys_do_not_make_a_list(void **state)
{
	struct tree *tree = NULL;
	uint8_t key[8];
	int depth = 0;

	(void)state;
	for (uint64_t i = 1; i <= 20000; i++) {
		put_u64_be(key, i);
		tree = tree_put(tree, bytes_of(key, sizeof(key)), word("x"));
	}
	for (struct tree *node = tree; node != NULL; node = node->right)
		depth++;
	assert_true(depth < 100);
	tree_release(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(editions_stay_as_they_were),
		cmocka_unit_test(rising_keys_do_not_make_a_list),
	};

	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
