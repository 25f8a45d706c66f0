/* store.c -- turns over rows and logs: read through a snapshot, change in memory, apply at the commit. */
#include "store/store.h"

#include <time.h>

#include "base/error.h"
#include "log/log.h"
#include "store/store_inside.h"

#define CACHE_BYTES_DEFAULT (UINT64_C(64) << 20)

static const struct bytes none = {NULL, 0};

static void fail(struct store *store, int error)
{
	if (store->failure == ERR_NONE)
		store->failure = error;
}

/* A log that does not end where its chain does has lost entries: nobody may number on from there. A tool may look at it. */
static int find_end(struct store *store, struct view *view, unsigned table)
{
	struct appends *appends = &store->appends[table];
	uint64_t last;

	(void)view_log_last(view, table, &last);
	bool is_noted = view_chain(view, table, &appends->committed);
	appends->chain = appends->committed;
	if (view->failure != ERR_NONE || store->read_only || appends->committed.last == last)
		return view->failure;
	log_line(LOG_ALARM, "log_cut_short", "store=%s log=%s ends=%llu noted=%llu remedy=\"tributary check; then restore a backup\"",
		 store->path, store->tables[table].name, (unsigned long long)last,
		 is_noted ? (unsigned long long)appends->committed.last : 0);
	return ERR_STORE_CORRUPT;
}

static int find_ends_of_logs(struct store *store)
{
	struct view view = {0};
	int error = view_open(&view, store);

	for (unsigned table = 0; table < store->table_count && error == ERR_NONE; table++)
		if (store->tables[table].kind == TABLE_LOG)
			error = find_end(store, &view, table);
	view_close(&view);
	return error;
}

/* The caller's tables, and the chains' where there is a log. */
static void take_tables(struct store *store, const struct table *tables, unsigned count)
{
	static const struct table chains = {"store.chain", TABLE_PRIVATE, "log, checkpoint -> count, last number, link"};
	bool has_log = false;

	CHECK(count < STORE_TABLES_MAX);
	for (unsigned i = 0; i < count; i++) {
		CHECK(strlen(tables[i].name) <= STORE_TABLE_NAME_MAX);
		store->tables[i] = tables[i];
		has_log |= tables[i].kind == TABLE_LOG;
		store->rows.passing[i] = tables[i].kind == TABLE_ARCHIVE;
	}
	store->chains = count;
	if (has_log)
		store->tables[count++] = chains;
	store->table_count = count;
}

int store_open(struct store **out, const struct store_options *options, const struct table *tables,
	       unsigned table_count)
{
	struct store *store = calloc(1, sizeof(*store));

	*out = NULL;
	if (store == NULL)
		return ERR_MEMORY;
	take_tables(store, tables, table_count);
	store->backend = options->memory ? &store_memory : &store_lmdb;
	store->read_only = options->read_only;
	store->cache_bytes = options->cache_bytes != 0 ? options->cache_bytes : CACHE_BYTES_DEFAULT;
	store->path = strdup(options->path);
	int error = store->path != NULL ? store->backend->open(store, options) : ERR_MEMORY;
	if (error == ERR_NONE)
		error = find_ends_of_logs(store);
	if (error != ERR_NONE) {
		store_close(&store);
		return error;
	}
	*out = store;
	return ERR_NONE;
}

void store_close(struct store **out)
{
	struct store *store = *out;

	if (store == NULL)
		return;
	store_abort(store);
	if (store->base != NULL)
		store->backend->close(store);
	rows_drop(&store->rows);
	for (unsigned table = 0; table < store->table_count; table++)
		appends_drop(&store->appends[table]);
	free(store->path);
	free(store);
	*out = NULL;
}

int store_begin(struct store *store)
{
	CHECK(!store->in_turn && !store->read_only);
	store->failure = view_open(&store->snapshot, store);
	store->in_turn = store->failure == ERR_NONE;
	return store->failure;
}

/* A bug of the caller stops the process; a turn that is broken already answers nothing. */
static bool can_touch(const struct store *store, unsigned table, bool log)
{
	CHECK(store->in_turn && table < store->table_count);
	CHECK((store->tables[table].kind == TABLE_LOG) == log);
	return store->failure == ERR_NONE;
}

static struct row *read_and_learn(struct store *store, unsigned table, struct bytes key)
{
	struct bytes value = store->backend->get(&store->snapshot, table, key);

	if (store->snapshot.failure != ERR_NONE) {
		fail(store, store->snapshot.failure);
		return NULL;
	}
	struct row *row = rows_learn(&store->rows, table, key, value);
	if (row == NULL)
		fail(store, ERR_MEMORY);
	return row;
}

/* The row of a key, known or read; NULL: the turn is broken. */
static struct row *row_of(struct store *store, unsigned table, struct bytes key)
{
	CHECK(key.size > 0 && key.size <= STORE_KEY_MAX);
	if (!can_touch(store, table, false))
		return NULL;
	struct row *row = rows_find(&store->rows, table, key);
	return row != NULL ? row : read_and_learn(store, table, key);
}

struct bytes store_get(struct store *store, unsigned table, struct bytes key)
{
	const struct row *row = row_of(store, table, key);

	return row != NULL ? row_value(row) : none;
}

void *store_edit(struct store *store, unsigned table, struct bytes key, size_t size)
{
	struct row *row = row_of(store, table, key);

	if (row == NULL || !row->present || row->value_size != size)
		return NULL;
	if (rows_mark(&store->rows, row))
		return row->value;
	fail(store, ERR_MEMORY);
	return NULL;
}

void store_expect(struct store *store, unsigned table, const struct bytes *keys, unsigned count)
{
	rows_expect(&store->rows, table, keys, count);
}

static void change(struct store *store, unsigned table, struct bytes key, struct bytes value)
{
	CHECK(key.size > 0 && key.size <= STORE_KEY_MAX && value.size <= STORE_VALUE_MAX);
	if (can_touch(store, table, false) && rows_change(&store->rows, table, key, value) == NULL)
		fail(store, ERR_MEMORY);
}

void store_put(struct store *store, unsigned table, struct bytes key, struct bytes value)
{
	static const uint8_t empty[1];

	change(store, table, key, value.data != NULL ? value : bytes_of(empty, 0));
}

void store_del(struct store *store, unsigned table, struct bytes key)
{
	change(store, table, key, none);
}

void store_append(struct store *store, unsigned table, uint64_t number, struct bytes value)
{
	CHECK(value.size <= STORE_VALUE_MAX);
	if (!can_touch(store, table, true))
		return;
	CHECK(number > store->appends[table].chain.last);
	if (!appends_add(&store->appends[table], number, value))
		fail(store, ERR_MEMORY);
}

struct bytes store_log_get(struct store *store, unsigned table, uint64_t number)
{
	uint8_t key[8];

	if (!can_touch(store, table, true))
		return none;
	if (number > store->appends[table].committed.last) {
		const struct append *append = appends_find(&store->appends[table], number);

		if (append == NULL)
			return none;
		return bytes_of(append->sealed + APPEND_SEAL, append->size - APPEND_SEAL);
	}
	put_u64_be(key, number);
	struct bytes sealed = store->backend->get(&store->snapshot, table, bytes_of(key, sizeof(key)));
	fail(store, store->snapshot.failure);
	if (sealed.data == NULL)
		return none;
	struct bytes value = appends_value(number, sealed);
	if (value.data == NULL)
		fail(store, ERR_STORE_CORRUPT);
	return value;
}

bool store_give_appended(struct store *store, unsigned table, struct appended *appended)
{
	return can_touch(store, table, true) && appends_give(&store->appends[table], appended);
}

struct bytes store_seek(struct store *store, unsigned table, struct bytes key, struct bytes *found_key)
{
	size_t count;

	*found_key = none;
	if (!can_touch(store, table, false))
		return none;
	struct row *const *changed = rows_changed(&store->rows, table, key, &count);
	struct bytes found, value = store->backend->seek(&store->snapshot, table, key, &found);
	for (; count > 0; changed++, count--) { /* merge the two orders; the turn hides what the disk says */
		int order = found.data != NULL ? bytes_compare(row_key(*changed), found) : -1;

		if (order > 0)
			break;
		if ((*changed)->present) {
			found = row_key(*changed);
			value = row_value(*changed);
			break;
		}
		if (order == 0)
			value = store->backend->next(&store->snapshot, table, &found);
	}
	fail(store, store->snapshot.failure);
	if (store->failure != ERR_NONE)
		return none;
	*found_key = found;
	return value;
}

int store_failure(const struct store *store)
{
	return store->failure;
}

bool store_shrinks(struct store *store)
{
	size_t added = 0, deleted = 0;

	for (unsigned table = 0; table < store->table_count; table++) {
		const struct changes *changes = &store->rows.changed[table];

		added += store->appends[table].count;
		for (size_t i = 0; i < changes->count; i++)
			if (changes->rows[i]->present)
				added++;
			else
				deleted++;
	}
	return deleted > added;
}

/* The turn is over: true, or as if it had never been. */
static void end_turn(struct store *store, bool is_true)
{
	for (unsigned table = 0; table < store->table_count; table++)
		if (is_true)
			appends_settle(&store->appends[table]);
		else
			appends_undo(&store->appends[table]);
	if (is_true)
		rows_settle(&store->rows, store->cache_bytes);
	else
		rows_undo(&store->rows);
	atomic_store_explicit(&store->figures.cache_rows, store->rows.used, memory_order_relaxed);
	atomic_store_explicit(&store->figures.cache_bytes, store->rows.bytes, memory_order_relaxed);
	store->in_turn = false;
	store->failure = ERR_NONE;
}

void store_abort(struct store *store)
{
	if (!store->in_turn)
		return;
	view_close(&store->snapshot);
	end_turn(store, false);
}

static uint64_t monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now); /* how long a commit took, for the operator only */
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

const uint32_t store_span_us[STORE_SPANS] = {100,   250,    500,    1000,   2500,    5000,	   10000,   25000,
					     50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};

static void note_commit(struct figures *figures, uint64_t took_us)
{
	unsigned span = 0;

	while (span < STORE_SPANS && took_us > store_span_us[span])
		span++;
	if (span < STORE_SPANS)
		atomic_fetch_add_explicit(&figures->commit_spans[span], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&figures->commit_us_sum, took_us, memory_order_relaxed);
	atomic_fetch_add_explicit(&figures->commits, 1, memory_order_relaxed);
	atomic_store_explicit(&figures->commit_us_last, took_us, memory_order_relaxed);
	if (took_us > atomic_load_explicit(&figures->commit_us_max, memory_order_relaxed))
		atomic_store_explicit(&figures->commit_us_max, took_us, memory_order_relaxed);
}

struct chain store_chain(const struct store *store, unsigned table)
{
	CHECK(table < store->chains && store->tables[table].kind == TABLE_LOG);
	return store->appends[table].chain;
}

static void note_chain(struct store *store, const char *log, uint64_t number, const struct chain *chain)
{
	uint8_t key[CHAIN_KEY_BYTES], row[CHAIN_ROW_BYTES];

	chain_write(row, chain);
	if (rows_change(&store->rows, store->chains, chain_key(key, log, number), bytes_of(row, sizeof(row))) == NULL)
		fail(store, ERR_MEMORY);
}

/* The checkpoints that the turn has passed, and where its logs end now. */
static void note_chains(struct store *store)
{
	for (unsigned table = 0; table < store->chains; table++) {
		const struct appends *appends = &store->appends[table];

		for (size_t i = 0; i < appends->note_count; i++)
			note_chain(store, store->tables[table].name, appends->notes[i].last, &appends->notes[i]);
		if (appends->count > 0)
			note_chain(store, store->tables[table].name, 0, &appends->chain);
	}
}

int store_commit(struct store *store)
{
	CHECK(store->in_turn);
	uint64_t began = monotonic_us();

	if (store->failure == ERR_NONE)
		note_chains(store);
	int error = store->failure;

	view_close(&store->snapshot); /* first, so that the pages it pins can be written again */
	if (error == ERR_NONE)
		error = store->backend->apply(store);
	end_turn(store, error == ERR_NONE);
	if (error == ERR_NONE)
		note_commit(&store->figures, monotonic_us() - began);
	return error;
}

void store_usage(struct store *store, struct store_usage *usage)
{
	struct figures *figures = &store->figures;

	*usage = (struct store_usage){
		.commits = atomic_load_explicit(&figures->commits, memory_order_relaxed),
		.commit_us_last = atomic_load_explicit(&figures->commit_us_last, memory_order_relaxed),
		.commit_us_max = atomic_load_explicit(&figures->commit_us_max, memory_order_relaxed),
		.commit_us_sum = atomic_load_explicit(&figures->commit_us_sum, memory_order_relaxed),
		.cache_rows = atomic_load_explicit(&figures->cache_rows, memory_order_relaxed),
		.cache_bytes = atomic_load_explicit(&figures->cache_bytes, memory_order_relaxed),
	};
	for (unsigned i = 0; i < STORE_SPANS; i++)
		usage->commit_spans[i] = atomic_load_explicit(&figures->commit_spans[i], memory_order_relaxed);
	store->backend->usage(store, usage);
}

int store_clear_stale_readers(struct store *store)
{
	return store->backend->clear_stale(store);
}

bool store_disk_low(struct store *store, uint64_t keep_bytes)
{
	return keep_bytes > 0 && store->backend->disk_low(store, keep_bytes);
}
