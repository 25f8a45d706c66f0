/*
 * test_packs.c -- packs as bytes: what is made can be found again, is split in time, and damage is told.
 * That a packed table is a table like the others is test_store's and test_store_model's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/error.h"
#include "fixture.h"
#include "store/packs.h"

#define MANY 300

/* `count` changes "shelf 000", "shelf 002" ..., each with this value. */
static struct row *const *changes_of(struct rows *rows, unsigned count, const char *value)
{
	char key[16];
	size_t found;

	for (unsigned i = 0; i < count; i++) {
		snprintf(key, sizeof(key), "shelf %03u", 2 * i);
		assert_non_null(rows_change(rows, 0, word(key), word(value)));
	}
	struct row *const *changed = rows_changed(rows, 0, word("s"), &found);
	assert_int_equal(found, count);
	return changed;
}

static void what_was_made_is_found(void **state)
{
	struct packing packing = {0};
	struct pack none = {.rows = word("")};
	struct rows rows = {0};
	unsigned seen = 0;
	char key[16];

	(void)state;
	assert_int_equal(packs_make(&packing, &none, changes_of(&rows, MANY, "0123456789"), MANY), ERR_NONE);
	assert_in_range(packing.made_count, 2, MANY / 4);
	for (size_t i = 0; i < packing.made_count; i++) {
		struct pack pack = packs_made(&packing, i);
		uint8_t room[STORE_KEY_MAX];
		const uint8_t *at = pack.rows.data, *place;
		struct packed row, found;
		bool is_equal;

		assert_in_range(pack.rows.size, 1, PACK_BYTES + 100);
		for (; pack_next(&pack, &at, &row); seen++) {
			snprintf(key, sizeof(key), "shelf %03u", 2 * seen);
			assert_true(bytes_equal(pack_key(&pack, &row, room), word(key)));
			assert_true(pack_seek(&pack, word(key), &place, &found, &is_equal) && is_equal && place == at);
			assert_word(found.value, "0123456789");
			snprintf(key, sizeof(key), "shelf %03u", 2 * seen + 1);
			if (pack_seek(&pack, word(key), &place, &found, &is_equal))
				assert_false(is_equal);
		}
		assert_ptr_equal(at, pack.rows.data + pack.rows.size);
	}
	assert_int_equal(seen, MANY);
	rows_drop(&rows);
	packing_drop(&packing);
}

/* A byte set to each value at each place of a pack: rows are found, or damage is, and nothing beyond the pack is read. */
static void no_damage_leads_out_of_a_pack(void **state)
{
	struct packing packing = {0}, other = {0};
	struct pack none = {.rows = word("")};
	struct rows rows = {0}, late = {0};

	(void)state;
	assert_int_equal(packs_make(&packing, &none, changes_of(&rows, 9, "value"), 9), ERR_NONE);
	assert_int_equal(packing.made_count, 1);
	struct pack pack = packs_made(&packing, 0);
	uint8_t *copy = malloc(pack.rows.size);
	struct row *const *changes = changes_of(&late, 1, "other");
	unsigned damaged = 0;
	for (size_t place = 0; place < pack.rows.size; place++)
		for (unsigned byte = 0; byte < 256; byte++) {
			struct pack bad = {pack.key, bytes_of(copy, pack.rows.size)};
			const uint8_t *at = copy;
			struct packed row;
			bool is_equal;

			memcpy(copy, pack.rows.data, pack.rows.size);
			copy[place] = (uint8_t)byte;
			while (pack_next(&bad, &at, &row))
				assert_true(row.value.data + row.value.size <= copy + pack.rows.size);
			(void)pack_seek(&bad, word("shelf 011"), &at, &row, &is_equal);
			int error = packs_make(&other, &bad, changes, 1);
			assert_true(error == ERR_NONE || error == ERR_STORE_CORRUPT);
			damaged += error != ERR_NONE;
		}
	assert_true(damaged > 1000);
	free(copy);
	rows_drop(&rows);
	rows_drop(&late);
	packing_drop(&packing);
	packing_drop(&other);
}

/* A store that was made when the table had no packs goes on as it is. */
static void a_store_without_packs_stays_so(void **state)
{
	struct fixture f;
	struct bytes found;

	(void)state;
	fixture_make(&f, false);
	for (int life = 0; life < 2; life++) {
		fixture_tables[STOCK].kind = life == 0 ? TABLE_ROWS : TABLE_PACKED;
		fixture_open(&f);
		begin(&f);
		put(&f, STOCK, life == 0 ? "a" : "b", life == 0 ? "first" : "second");
		commit(&f);
		store_close(&f.store);
	}
	fixture_open(&f);
	begin(&f);
	assert_word(store_get(f.store, STOCK, word("a")), "first");
	assert_word(store_get(f.store, STOCK, word("b")), "second");
	assert_word(store_seek(f.store, STOCK, word("aa"), &found), "second");
	store_abort(f.store);
	fixture_clear(&f);
	fixture_tables[STOCK].kind = TABLE_ROWS;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_made_is_found),
		cmocka_unit_test(no_damage_leads_out_of_a_pack),
		cmocka_unit_test(a_store_without_packs_stays_so),
	};

	return cmocka_run_group_tests_name("packs", tests, NULL, NULL);
}
