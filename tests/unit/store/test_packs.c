/*
 * test_packs.c -- packs as bytes: what is made can be found again, is split in time, and damage is told.
 * That a packed table is a table like the others is test_store's and test_store_model's.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/error.h"
#include "fixture.h"
#include "refusals.h"
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

/* A pack that ends before its last row does: the rows before it are found, and the end is told as damage. */
static void a_pack_that_is_cut_short_is_damage(void **state)
{
	struct packing packing = {0}, other = {0};
	struct pack none = {.rows = word("")};
	struct rows rows = {0}, late = {0};
	size_t whole = 0, cut = 0;

	(void)state;
	assert_int_equal(packs_make(&packing, &none, changes_of(&rows, 3, "value"), 3), ERR_NONE);
	struct pack pack = packs_made(&packing, 0);
	struct row *const *changes = changes_of(&late, 1, "other");
	for (size_t size = 0; size <= pack.rows.size; size++) {
		struct pack part = {pack.key, bytes_of(pack.rows.data, size)};
		const uint8_t *at = pack.rows.data, *end = at + size;
		struct packed row;

		while (pack_next(&part, &at, &row))
			assert_word(row.value, "value");
		assert_int_equal(packs_make(&other, &part, changes, 1), at == end ? ERR_NONE : ERR_STORE_CORRUPT);
		whole += at == end;
		cut += at != end;
	}
	assert_int_equal(whole, 4); /* without any row, with one, two, three */
	assert_int_equal(cut, pack.rows.size + 1 - whole);
	rows_drop(&rows);
	rows_drop(&late);
	packing_drop(&packing);
	packing_drop(&other);
}

/* Numbers have five bytes at most, though the pack goes on. */
static void a_number_that_does_not_end_is_damage(void **state)
{
	static const uint8_t endless[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0, 1, 0, 'k'}, ends[] = {0x80, 0x80, 0x80, 0x80, 0, 1, 0, 'k'};
	struct pack bad = {word("a"), bytes_of(endless, sizeof(endless))}, good = {word("a"), bytes_of(ends, sizeof(ends))};
	const uint8_t *at = endless;
	struct packed row;

	(void)state;
	assert_false(pack_next(&bad, &at, &row));
	assert_ptr_equal(at, endless);
	at = ends;
	assert_true(pack_next(&good, &at, &row));
	assert_word(row.rest, "k");
	assert_ptr_equal(at, ends + sizeof(ends));
}

/* Memory refused at each of its times: it is told, and the same packing makes the same packs once there is memory. */
static unsigned refuse_each(const struct pack *pack, struct row *const *changes, size_t count)
{
	struct packing whole = {0};

	assert_int_equal(packs_make(&whole, pack, changes, count), ERR_NONE);
	for (unsigned after = 0;; after++) {
		struct packing packing = {0};

		refuse(CALL_realloc, after, 1, ENOMEM);
		int error = packs_make(&packing, pack, changes, count);
		unsigned struck = refused();
		refuse_nothing();
		assert_int_equal(error, struck > 0 ? ERR_MEMORY : ERR_NONE);
		assert_int_equal(packs_make(&packing, pack, changes, count), ERR_NONE);
		assert_int_equal(packing.made_count, whole.made_count);
		for (size_t i = 0; i < whole.made_count; i++) {
			assert_true(bytes_equal(packs_made(&packing, i).key, packs_made(&whole, i).key));
			assert_true(bytes_equal(packs_made(&packing, i).rows, packs_made(&whole, i).rows));
		}
		packing_drop(&packing);
		if (struck > 0)
			continue;
		packing_drop(&whole);
		return after;
	}
}

static void packs_that_find_no_memory_are_made_later(void **state)
{
	static char wide[5000];
	struct pack none = {.rows = word("")};
	struct rows few = {0}, many = {0}, large = {0}, first = {0}, last = {0};
	struct packing little = {0}, long_one = {0};

	(void)state;
	memset(wide, 'w', sizeof(wide) - 1);
	assert_non_null(rows_change(&first, 0, word("shelf 000"), word("new")));
	assert_non_null(rows_change(&last, 0, word("shelf 999"), word("new")));
	struct row *const *early = rows_in_order(&first, 0)->rows, *const *late = rows_in_order(&last, 0)->rows;
	assert_int_equal(packs_make(&little, &none, changes_of(&few, 9, "value"), 9), ERR_NONE);
	assert_int_equal(packs_make(&long_one, &none, changes_of(&large, 1, wide), 1), ERR_NONE);
	struct pack small = packs_made(&little, 0), wide_one = packs_made(&long_one, 0);
	wide[200] = 0;
	assert_in_range(refuse_each(&none, changes_of(&many, MANY, wide), MANY), 8, 30); /* more and more items, packs and bytes */
	assert_int_equal(refuse_each(&none, rows_in_order(&large, 0)->rows, 1), 4);	  /* a row that is long */
	assert_int_equal(refuse_each(&wide_one, late, 1), 4);			  /* one that is there already */
	assert_int_equal(refuse_each(&small, early, 1), 3);				  /* a change in a row's place */
	assert_int_equal(refuse_each(&small, late, 1), 3);				  /* and behind all rows */
	rows_drop(&few);
	rows_drop(&many);
	rows_drop(&large);
	rows_drop(&first);
	rows_drop(&last);
	packing_drop(&little);
	packing_drop(&long_one);
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
		cmocka_unit_test(a_pack_that_is_cut_short_is_damage),
		cmocka_unit_test(a_number_that_does_not_end_is_damage),
		cmocka_unit_test(packs_that_find_no_memory_are_made_later),
		cmocka_unit_test(a_store_without_packs_stays_so),
	};

	return cmocka_run_group_tests_name("packs", tests, NULL, NULL);
}
