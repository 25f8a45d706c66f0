/* test_store_model.c -- LMDB, the twin and a naive model do the same random things and must never differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/error.h"
#include "fixture.h"

#define KEYS 120
#define VALUE_MAX 2600 /* beyond LMDB's 2 KiB, so that overflow pages are met */
#define ENTRIES_MAX 4000

/*
 * The model: for each table a row per possible key, a list per log; what is committed and what the turn
 * has.
 */
struct model_row {
	bool present;
	uint32_t size;
	uint8_t value[VALUE_MAX];
};

struct model {
	struct model_row rows[2][2][KEYS]; /* committed and turn; table; key */
	uint64_t numbers[2][ENTRIES_MAX];  /* of the log's entries */
	size_t counts[2];
};

enum { COMMITTED, TURN };

struct trio {
	struct fixture stores[2];
	struct model *model;
	uint64_t seed;
	bool in_turn;
};

/* Keys of many lengths with common beginnings; index order is not key order. */
static struct bytes key_of(unsigned index, uint8_t room[STORE_KEY_MAX])
{
	size_t size = 1 + index % 7 + (index % 31 == 0 ? 400 : 0);

	memset(room, 'a' + (int)(index % 3), size);
	room[size - 1] = (uint8_t)(index % 11 == 0 ? 0 : 200 - index);
	if (size >= 3)
		room[size - 2] = (uint8_t)index;
	else
		room[0] = (uint8_t)(index + 1);
	return bytes_of(room, size);
}

static struct bytes random_value(uint64_t *seed, uint8_t room[VALUE_MAX])
{
	uint64_t kind = dice(seed) % 10;
	size_t size = kind == 0 ? 0 : kind == 1 ? dice(seed) % VALUE_MAX : dice(seed) % 60;

	for (size_t i = 0; i < size; i += 8) {
		uint64_t word_of_it = dice(seed);

		memcpy(room + i, &word_of_it, size - i < 8 ? size - i : 8);
	}
	return bytes_of(room, size);
}

static void assert_same(struct bytes value, const struct model_row *row)
{
	if (!row->present) {
		assert_null(value.data);
		return;
	}
	assert_non_null(value.data);
	assert_int_equal(value.size, row->size);
	assert_memory_equal(value.data, row->value, row->size);
}

/* The model's first key >= key: looked for in no clever way. */
static int model_seek(const struct model_row rows[KEYS], struct bytes key)
{
	uint8_t room[STORE_KEY_MAX], best_room[STORE_KEY_MAX];
	int best = -1;

	for (int i = 0; i < KEYS; i++) {
		struct bytes candidate = key_of((unsigned)i, room);

		if (!rows[i].present || bytes_compare(candidate, key) < 0)
			continue;
		if (best < 0 || bytes_compare(candidate, key_of((unsigned)best, best_room)) < 0)
			best = i;
	}
	return best;
}

static void check_seek(struct trio *trio, unsigned table, struct bytes from)
{
	uint8_t room[STORE_KEY_MAX];
	int expected = model_seek(trio->model->rows[TURN][table], from);

	for (int s = 0; s < 2; s++) {
		struct bytes found, value = store_seek(trio->stores[s].store, table, from, &found);

		if (expected < 0) {
			assert_null(value.data);
			assert_null(found.data);
			continue;
		}
		assert_true(bytes_equal(found, key_of((unsigned)expected, room)));
		assert_same(value, &trio->model->rows[TURN][table][expected]);
	}
}

/* On from there by seeking, as a turn walks: mostly for what follows next, now and then for what follows a longer key. */
static void check_walk(struct trio *trio, unsigned table, struct bytes from)
{
	uint8_t next[STORE_KEY_MAX + 1];

	for (uint64_t steps = dice(&trio->seed) % 6;; steps--) {
		int expected = model_seek(trio->model->rows[TURN][table], from);

		check_seek(trio, table, from);
		if (expected < 0 || steps == 0)
			return;
		from = key_of((unsigned)expected, next);
		next[from.size] = dice(&trio->seed) % 4 == 0;
		from = bytes_of(next, from.size + 1);
	}
}

static void check_committed_rows(struct trio *trio, struct view *view, unsigned table)
{
	uint8_t room[STORE_KEY_MAX], next[STORE_KEY_MAX + 1];
	struct bytes from = {NULL, 0}, found, value = view_seek(view, table, from, &found);

	for (;;) {
		int expected = model_seek(trio->model->rows[COMMITTED][table], from);

		if (expected < 0)
			break;
		assert_true(bytes_equal(found, key_of((unsigned)expected, room)));
		assert_same(value, &trio->model->rows[COMMITTED][table][expected]);
		memcpy(next, found.data, found.size);
		next[found.size] = 0;
		from = bytes_of(next, found.size + 1);
		value = view_next(view, table, &found);
	}
	assert_null(found.data);
}

static void check_committed(struct trio *trio)
{
	uint64_t hashes[2], number;

	for (int s = 0; s < 2; s++) {
		struct view view;

		assert_int_equal(view_open(&view, trio->stores[s].store), ERR_NONE);
		check_committed_rows(trio, &view, STOCK);
		check_committed_rows(trio, &view, PLACES);
		struct bytes entry = view_log_seek(&view, JOURNAL, 1, &number);
		for (size_t i = 0; i < trio->model->counts[COMMITTED]; i++) {
			assert_int_equal(number, trio->model->numbers[COMMITTED][i]);
			assert_int_equal(entry.size, number % 97);
			entry = view_log_next(&view, JOURNAL, &number);
		}
		assert_int_equal(number, 0);
		hashes[s] = view_state_hash(&view);
		assert_int_equal(view.failure, ERR_NONE);
		view_close(&view);
	}
	assert_true(hashes[0] == hashes[1]);
}

static void change_row(struct trio *trio)
{
	uint8_t key_room[STORE_KEY_MAX], value_room[VALUE_MAX];
	unsigned table = (unsigned)(dice(&trio->seed) % 2), index = (unsigned)(dice(&trio->seed) % KEYS);
	struct bytes key = key_of(index, key_room), value = random_value(&trio->seed, value_room);
	struct model_row *row = &trio->model->rows[TURN][table][index];

	row->present = dice(&trio->seed) % 3 != 0;
	row->size = (uint32_t)value.size;
	memcpy(row->value, value_room, value.size);
	for (int s = 0; s < 2; s++)
		if (row->present)
			store_put(trio->stores[s].store, table, key, value);
		else
			store_del(trio->stores[s].store, table, key);
}

/* In place, where there is one of this size; nowhere else. */
static void edit_row(struct trio *trio)
{
	uint8_t key_room[STORE_KEY_MAX], value_room[VALUE_MAX];
	unsigned table = (unsigned)(dice(&trio->seed) % 2), index = (unsigned)(dice(&trio->seed) % KEYS);
	struct bytes key = key_of(index, key_room);
	struct model_row *row = &trio->model->rows[TURN][table][index];

	(void)random_value(&trio->seed, value_room);
	for (int s = 0; s < 2; s++) {
		assert_null(store_edit(trio->stores[s].store, table, key, row->size + 1));
		void *value = store_edit(trio->stores[s].store, table, key, row->size);

		assert_int_equal(value != NULL, row->present);
		if (row->present)
			memcpy(value, value_room, row->size);
	}
	if (row->present)
		memcpy(row->value, value_room, row->size);
}

static void append_entry(struct trio *trio)
{
	uint8_t value[97];
	size_t count = trio->model->counts[TURN];
	uint64_t last = count > 0 ? trio->model->numbers[TURN][count - 1] : 0;
	uint64_t number = last + 1 + (dice(&trio->seed) % 5 == 0 ? dice(&trio->seed) % 1000 : 0);

	if (count == ENTRIES_MAX)
		return;
	memset(value, (int)(number % 251), sizeof(value));
	trio->model->numbers[TURN][trio->model->counts[TURN]++] = number;
	for (int s = 0; s < 2; s++)
		store_append(trio->stores[s].store, JOURNAL, number, bytes_of(value, number % 97));
}

static void look_at_log(struct trio *trio)
{
	size_t count = trio->model->counts[TURN];

	if (count == 0)
		return;
	uint64_t number = trio->model->numbers[TURN][dice(&trio->seed) % count];
	for (int s = 0; s < 2; s++) {
		struct bytes value = store_log_get(trio->stores[s].store, JOURNAL, number);

		assert_non_null(value.data);
		assert_int_equal(value.size, number % 97);
		for (size_t i = 0; i < value.size; i++)
			assert_int_equal(value.data[i], number % 251);
	}
}

static void look_at_row(struct trio *trio)
{
	uint8_t room[STORE_KEY_MAX];
	unsigned table = (unsigned)(dice(&trio->seed) % 2), index = (unsigned)(dice(&trio->seed) % KEYS);
	struct bytes key = key_of(index, room);

	const struct model_row *row = &trio->model->rows[TURN][table][index];

	for (int s = 0; s < 2; s++)
		assert_same(store_get(trio->stores[s].store, table, key), row);
}

static void end_turn(struct trio *trio, bool good)
{
	struct model *model = trio->model;
	int from = good ? TURN : COMMITTED, to = good ? COMMITTED : TURN;

	for (int s = 0; s < 2; s++)
		if (good)
			commit(&trio->stores[s]);
		else
			store_abort(trio->stores[s].store);
	memcpy(model->rows[to], model->rows[from], sizeof(model->rows[to]));
	memcpy(model->numbers[to], model->numbers[from], sizeof(model->numbers[to]));
	model->counts[to] = model->counts[from];
	trio->in_turn = false;
}

static void one_step(struct trio *trio)
{
	uint8_t room[STORE_KEY_MAX];
	uint64_t what = dice(&trio->seed) % 100;

	if (!trio->in_turn) {
		for (int s = 0; s < 2; s++)
			if (what < 5)
				fixture_reopen(&trio->stores[s]);
		for (int s = 0; s < 2; s++)
			begin(&trio->stores[s]);
		trio->in_turn = true;
	}
	if (what < 25)
		change_row(trio);
	else if (what < 30)
		edit_row(trio);
	else if (what < 40)
		append_entry(trio);
	else if (what < 65)
		look_at_row(trio);
	else if (what < 70)
		look_at_log(trio);
	else if (what < 95)
		check_walk(trio, what % 2, key_of((unsigned)(dice(&trio->seed) % KEYS), room));
	else if (what < 98)
		end_turn(trio, true);
	else if (what < 99)
		end_turn(trio, false);
	else
		check_committed(trio);
}

static void run(uint64_t seed, uint64_t cache_bytes, int steps)
{
	struct trio trio = {.seed = seed, .model = calloc(1, sizeof(struct model))};

	for (int s = 0; s < 2; s++) {
		fixture_make(&trio.stores[s], s == 1);
		trio.stores[s].options.cache_bytes = cache_bytes;
		trio.stores[s].options.map_bytes = 1; /* the smallest that there is: it must grow */
		fixture_open(&trio.stores[s]);
	}
	for (int i = 0; i < steps; i++)
		one_step(&trio);
	if (trio.in_turn)
		end_turn(&trio, true);
	check_committed(&trio);
	for (int s = 0; s < 2; s++) {
		fixture_reopen(&trio.stores[s]);
		assert_int_equal(trio.model->counts[COMMITTED] > 0, 1);
	}
	check_committed(&trio);
	for (int s = 0; s < 2; s++)
		fixture_clear(&trio.stores[s]);
	free(trio.model);
}

static void keys_are_different(void **state)
{
	uint8_t left[STORE_KEY_MAX], right[STORE_KEY_MAX];

	(void)state;
	for (unsigned i = 0; i < KEYS; i++)
		for (unsigned j = 0; j < i; j++)
			assert_false(bytes_equal(key_of(i, left), key_of(j, right)));
}

static void the_three_never_differ(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++)
		run(seed, 0, 4000);
}

static void the_three_never_differ_with_a_tiny_cache(void **state)
{
	(void)state;
	for (uint64_t seed = 101; seed <= 108; seed++)
		run(seed, 6000, 4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_different),
		cmocka_unit_test(the_three_never_differ),
		cmocka_unit_test(the_three_never_differ_with_a_tiny_cache),
	};

	int failed = cmocka_run_group_tests_name("store_model", tests, NULL, NULL);
	fixture_tables[STOCK].kind = TABLE_PACKED;
	return failed + cmocka_run_group_tests_name("store_model, in packs", tests, NULL, NULL);
}
