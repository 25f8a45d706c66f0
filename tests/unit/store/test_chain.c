/* test_chain.c -- the chain of a log: the same however it was cut into turns, and broken by whatever a seal cannot see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <lmdb.h>

#include "base/error.h"
#include "fixture.h"

#define ENTRIES 5000
#define STEP 1024

static void append_some(struct fixture *f, uint64_t first, uint64_t last, uint64_t batch, const char *salt)
{
	for (uint64_t number = first; number <= last;) {
		begin(f);
		for (uint64_t i = 0; i < batch && number <= last; i++, number++) {
			char value[64];

			snprintf(value, sizeof(value), "%s entry %llu", salt, (unsigned long long)number);
			store_append(f->store, JOURNAL, number, word(value));
		}
		commit(f);
	}
}

/* Every place that a walk in steps of `most` names. Returns how many. */
static unsigned walk(struct fixture *f, uint32_t most, struct log_walk *last)
{
	struct log_walk at = {.table = JOURNAL};
	unsigned damages = 0;

	for (enum log_state state = LOG_HOLDS; state != LOG_ENDED;) {
		struct view view;

		assert_int_equal(view_open(&view, f->store), ERR_NONE);
		state = log_walk(&view, &at, most);
		view_close(&view);
		if (state == LOG_DAMAGED) {
			damages++;
			*last = at;
		}
	}
	return damages;
}

static struct chain noted(struct fixture *f)
{
	struct chain chain;
	struct view view;

	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	(void)view_chain(&view, JOURNAL, &chain);
	view_close(&view);
	return chain;
}

static void the_cut_into_turns_changes_nothing(void **state)
{
	static const uint64_t batches[] = {1, 7, 1023, 1024, 1025, 3000};
	struct fixture *f = *state, other;
	struct log_walk at;

	append_some(f, 1, ENTRIES, ENTRIES, "the");
	struct chain chain = noted(f);
	assert_int_equal(chain.count, ENTRIES);
	assert_int_equal(chain.last, ENTRIES);
	assert_int_equal(walk(f, UINT32_MAX, &at), 0);
	assert_int_equal(walk(f, 100, &at), 0);
	for (size_t i = batches[0] == 1 && !f->memory ? 1 : 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
		fixture_make(&other, f->memory);
		fixture_open(&other);
		append_some(&other, 1, ENTRIES / 2, batches[i], "the");
		fixture_reopen(&other);
		append_some(&other, ENTRIES / 2 + 1, ENTRIES, batches[i], "the");
		struct chain same = noted(&other);
		assert_memory_equal(&same, &chain, sizeof(chain));
		assert_int_equal(walk(&other, STEP, &at), 0);
		fixture_clear(&other);
	}
}

static void an_aborted_turn_leaves_no_link(void **state)
{
	struct fixture *f = *state;
	struct log_walk at;

	append_some(f, 1, 10, 10, "the");
	struct chain chain = noted(f);
	begin(f);
	for (uint64_t number = 11; number < 11 + 2 * STEP; number++)
		store_append(f->store, JOURNAL, number, word("never"));
	assert_int_equal(store_chain(f->store, JOURNAL).count, 10 + 2 * STEP);
	store_abort(f->store);
	struct chain same = store_chain(f->store, JOURNAL);
	assert_memory_equal(&same, &chain, sizeof(chain));
	append_some(f, 11, ENTRIES, 100, "the");
	assert_int_equal(walk(f, UINT32_MAX, &at), 0);
}

static void numbers_may_have_holes(void **state)
{
	struct fixture *f = *state;
	struct log_walk at;

	append_some(f, 1, 1500, 100, "the");
	append_some(f, 2000000001, 2000001500, 100, "the");
	assert_int_equal(walk(f, UINT32_MAX, &at), 0);
	assert_int_equal(noted(f).count, 3000);
}

/* ---- by hand, beside the store ---- */

struct hand {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi journal;
};

static void hand_open(struct hand *hand, struct fixture *f)
{
	store_close(&f->store);
	assert_int_equal(mdb_env_create(&hand->env), 0);
	assert_int_equal(mdb_env_set_maxdbs(hand->env, 32), 0);
	assert_int_equal(mdb_env_set_mapsize(hand->env, 16 << 20), 0);
	assert_int_equal(mdb_env_open(hand->env, f->path, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(hand->env, NULL, 0, &hand->txn), 0);
	assert_int_equal(mdb_dbi_open(hand->txn, fixture_tables[JOURNAL].name, 0, &hand->journal), 0);
}

static void hand_close(struct hand *hand)
{
	assert_int_equal(mdb_txn_commit(hand->txn), 0);
	mdb_env_close(hand->env);
}

static void delete_entry(struct fixture *f, uint64_t number)
{
	struct hand hand;
	uint8_t key[8];
	MDB_val name = {sizeof(key), key};

	put_u64_be(key, number);
	hand_open(&hand, f);
	assert_int_equal(mdb_del(hand.txn, hand.journal, &name, NULL), 0);
	hand_close(&hand);
}

/* The entry of another history takes the place of ours: number and seal are right. */
static void exchange_entry(struct fixture *f, struct fixture *other, uint64_t number)
{
	struct hand hand, theirs;
	uint8_t key[8];
	MDB_val name = {sizeof(key), key}, value;

	put_u64_be(key, number);
	hand_open(&theirs, other);
	assert_int_equal(mdb_get(theirs.txn, theirs.journal, &name, &value), 0);
	hand_open(&hand, f);
	assert_int_equal(mdb_put(hand.txn, hand.journal, &name, &value, 0), 0);
	hand_close(&hand);
	hand_close(&theirs);
}

static void an_entry_of_another_history_is_found(void **state)
{
	struct fixture *f = *state, other;
	struct log_walk at;

	fixture_make(&other, false);
	fixture_open(&other);
	append_some(f, 1, ENTRIES, 1000, "one");
	append_some(&other, 1, ENTRIES, 1000, "two");
	exchange_entry(f, &other, 3000);
	fixture_open(f);
	assert_int_equal(walk(f, UINT32_MAX, &at), 1); /* told once: what follows is whole */
	assert_in_range(3000, at.damaged_from, at.damaged_to);
	assert_true(at.damaged_to - at.damaged_from < STEP);
	exchange_entry(f, &other, ENTRIES);
	fixture_open(f);
	assert_int_equal(walk(f, UINT32_MAX, &at), 2);
	assert_in_range(ENTRIES, at.damaged_from, at.damaged_to);
	fixture_clear(&other);
}

static void a_lost_entry_is_found(void **state)
{
	struct fixture *f = *state;
	struct log_walk at;

	append_some(f, 1, ENTRIES, 1000, "the");
	delete_entry(f, 1500);
	fixture_open(f);
	assert_int_equal(walk(f, UINT32_MAX, &at), 1);
	assert_in_range(1500, at.damaged_from, at.damaged_to);
}

/* Numbering on behind a lost end would give numbers twice. */
static void a_log_that_lost_its_end_is_not_written_on(void **state)
{
	struct fixture *f = *state;
	struct log_walk at;

	append_some(f, 1, 100, 10, "the");
	delete_entry(f, 100);
	assert_int_equal(store_open(&f->store, &f->options, fixture_tables, TABLES), ERR_STORE_CORRUPT);
	f->options.read_only = true; /* a tool may look */
	fixture_open(f);
	assert_int_equal(walk(f, UINT32_MAX, &at), 1);
	assert_in_range(100, at.damaged_from, at.damaged_to);
	store_close(&f->store);
	f->options.read_only = false;
}

/* Without the note of its end nobody knows whether the log has lost anything. */
static void a_log_without_its_note_is_not_written_on(void **state)
{
	struct fixture *f = *state;
	struct log_walk at;
	struct hand hand;
	MDB_dbi chains;
	MDB_val name = {strlen("journal"), (void *)(uintptr_t)"journal"};

	append_some(f, 1, 100, 10, "the");
	hand_open(&hand, f);
	assert_int_equal(mdb_dbi_open(hand.txn, "store.chain", 0, &chains), 0);
	assert_int_equal(mdb_del(hand.txn, chains, &name, NULL), 0);
	hand_close(&hand);
	assert_int_equal(store_open(&f->store, &f->options, fixture_tables, TABLES), ERR_STORE_CORRUPT);
	f->options.read_only = true;
	fixture_open(f);
	assert_int_equal(walk(f, UINT32_MAX, &at), 1);
	assert_int_equal(at.damaged_from, 1);
	assert_int_equal(at.damaged_to, 100);
	store_close(&f->store);
	f->options.read_only = false;
}

static void put_by_hand(struct fixture *f, const void *key, size_t size)
{
	struct hand hand;
	MDB_val name = {size, (void *)(uintptr_t)key}, value = {5, (void *)(uintptr_t)"stray"};

	hand_open(&hand, f);
	assert_int_equal(mdb_put(hand.txn, hand.journal, &name, &value, 0), 0);
	hand_close(&hand);
}

static void a_key_that_no_append_wrote_is_damage(void **state)
{
	static const uint8_t between[9] = {0, 0, 0, 0, 0, 0, 0, 50, 1};
	struct fixture *f = *state;
	struct log_walk at;
	struct view view;
	uint64_t number;

	append_some(f, 1, 100, 10, "the");
	put_by_hand(f, between, sizeof(between));
	fixture_open(f); /* it ends where it should */
	assert_int_equal(walk(f, UINT32_MAX, &at), 1);
	assert_int_equal(at.damaged_from, 51);
	assert_int_equal(at.damaged_to, 51);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_non_null(view_log_seek(&view, JOURNAL, 50, &number).data);
	assert_int_equal(view.failure, ERR_NONE);
	assert_null(view_log_next(&view, JOURNAL, &number).data);
	assert_int_equal(number, 0);
	assert_int_equal(view.failure, ERR_STORE_CORRUPT);
	view_close(&view);
	put_by_hand(f, "a last word", 11);
	assert_int_equal(store_open(&f->store, &f->options, fixture_tables, TABLES), ERR_STORE_CORRUPT);
	f->options.read_only = true; /* nor can a tool say where it ends */
	assert_int_equal(store_open(&f->store, &f->options, fixture_tables, TABLES), ERR_STORE_CORRUPT);
	f->options.read_only = false;
}

static void a_walk_that_cannot_read_says_where(void **state)
{
	struct fixture *f = *state;
	struct log_walk at = {.table = JOURNAL};
	struct view view;

	append_some(f, 1, 100, 10, "the");
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_int_equal(log_walk(&view, &at, 40), LOG_HOLDS);
	store_disk_fail(f->disk, STORE_FAULT_READ, 3, 1, ERR_STORE_IO); /* it seeks, and meets two of three */
	assert_int_equal(log_walk(&view, &at, 40), LOG_DAMAGED);
	assert_int_equal(at.damaged_from, 44);
	assert_int_equal(at.damaged_to, 44);
	assert_int_equal(view.failure, ERR_STORE_IO);
	assert_int_equal(log_walk(&view, &at, 40), LOG_ENDED);
	view_close(&view);
}

/* The seal tells the entry; the notes behind it, which cannot fit either, are not told as well. */
static void a_flipped_bit_is_told_once(void **state)
{
	struct fixture *f = *state;
	struct log_walk at;

	append_some(f, 1, 3000, 100, "the");
	assert_true(store_disk_damage(f->disk, "journal", 500));
	assert_int_equal(walk(f, UINT32_MAX, &at), 1);
	assert_int_equal(at.damaged_from, 500);
	assert_int_equal(at.damaged_to, 500);
	assert_true(store_disk_damage(f->disk, "journal", 2999));
	assert_int_equal(walk(f, UINT32_MAX, &at), 2);
	assert_int_equal(at.damaged_from, 2999);
	assert_int_equal(at.damaged_to, 2999);
}

/* As many entries as there should be, each with its seal, and the last under another number. */
static void an_end_under_another_number_is_found(void **state)
{
	struct fixture *f = *state, other;
	struct hand hand, theirs;
	struct log_walk at;
	uint8_t key[8];
	MDB_val name = {sizeof(key), key}, value;

	fixture_make(&other, false);
	fixture_open(&other);
	append_some(f, 1, 100, 10, "the");
	append_some(&other, 101, 101, 1, "the");
	delete_entry(f, 100);
	put_u64_be(key, 101);
	hand_open(&theirs, &other);
	assert_int_equal(mdb_get(theirs.txn, theirs.journal, &name, &value), 0);
	hand_open(&hand, f);
	assert_int_equal(mdb_put(hand.txn, hand.journal, &name, &value, 0), 0);
	hand_close(&hand);
	hand_close(&theirs);
	assert_int_equal(store_open(&f->store, &f->options, fixture_tables, TABLES), ERR_STORE_CORRUPT);
	f->options.read_only = true;
	fixture_open(f);
	assert_int_equal(walk(f, UINT32_MAX, &at), 1);
	assert_in_range(100, at.damaged_from, at.damaged_to);
	store_close(&f->store);
	f->options.read_only = false;
	fixture_clear(&other);
}

/* More checkpoints in one turn than there is room for at first. */
static void a_long_turn_leaves_all_its_checkpoints(void **state)
{
	struct fixture *f = *state;
	struct log_walk at;
	struct view view;
	uint64_t number = 40 * STEP;

	append_some(f, 1, number, number, "the");
	assert_int_equal(walk(f, UINT32_MAX, &at), 0);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	struct bytes found;
	unsigned notes = 0;
	for (struct bytes row = view_seek(&view, TABLES, word("journal"), &found); row.data != NULL; notes++)
		row = view_next(&view, TABLES, &found);
	view_close(&view);
	assert_int_equal(notes, 40 + 1);
	assert_int_equal(noted(f).count, number);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(the_cut_into_turns_changes_nothing),
		ON_BOTH(an_aborted_turn_leaves_no_link),
		ON_BOTH(numbers_may_have_holes),
		ON_DISK(an_entry_of_another_history_is_found),
		ON_DISK(a_lost_entry_is_found),
		ON_DISK(a_log_that_lost_its_end_is_not_written_on),
		ON_DISK(a_log_without_its_note_is_not_written_on),
		ON_DISK(a_key_that_no_append_wrote_is_damage),
		IN_MEMORY(a_walk_that_cannot_read_says_where),
		IN_MEMORY(a_flipped_bit_is_told_once),
		ON_DISK(an_end_under_another_number_is_found),
		ON_BOTH(a_long_turn_leaves_all_its_checkpoints),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
