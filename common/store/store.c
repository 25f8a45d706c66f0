/* store.c -- turns over rows and logs: read through a snapshot, change in memory, apply at the commit. */
#include "store.h"

#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/hash.h"
#include "store/store_inside.h"

#define CACHE_BYTES_DEFAULT (64u << 20)

uint32_t log_seal(uint64_t number, struct bytes value)
{
	return (uint32_t)hash_seeded(value, number);
}

struct bytes log_open_sealed(uint64_t number, struct bytes sealed)
{
	uint32_t seal;

	if (sealed.size < sizeof(seal))
		return bytes_of(NULL, 0);
	memcpy(&seal, sealed.data, sizeof(seal));
	struct bytes value = bytes_of(sealed.data + sizeof(seal), sealed.size - sizeof(seal));
	return log_seal(number, value) == seal ? value : bytes_of(NULL, 0);
}

static int find_ends_of_logs(struct store *store)
{
	struct view view = {0};
	int error = view_open(&view, store);

	for (unsigned table = 0; table < store->table_count && error == ERR_NONE; table++)
		if (store->tables[table].kind == TABLE_LOG) {
			(void)view_log_last(&view, table, &store->last_committed[table]);
			store->last_number[table] = store->last_committed[table];
		}
	view_close(&view);
	return error;
}

int store_open(struct store **out, const struct store_options *options, const struct table *tables, unsigned table_count)
{
	struct store *store = calloc(1, sizeof(*store));

	*out = NULL;
	if (store == NULL)
		return ERR_MEMORY;
	CHECK(table_count <= STORE_TABLES_MAX);
	store->backend = options->memory ? &store_memory : &store_lmdb;
	store->tables = tables;
	store->table_count = table_count;
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
	free(store->appends);
	free(store->path);
	free(store);
	*out = NULL;
}

static void fail(struct store *store, int error)
{
	if (store->failure == ERR_NONE)
		store->failure = error;
}

int store_begin(struct store *store)
{
	CHECK(!store->in_turn && !store->read_only);
	int error = view_open(&store->snapshot, store);

	if (error != ERR_NONE)
		return error;
	store->in_turn = true;
	store->failure = ERR_NONE;
	return ERR_NONE;
}

struct bytes store_get(struct store *store, unsigned table, struct bytes key)
{
	uint64_t hash = rows_hash(table, key);

	CHECK(store->in_turn && table < store->table_count && key.size > 0 && key.size <= STORE_KEY_MAX);
	if (store->failure != ERR_NONE)
		return bytes_of(NULL, 0);
	struct row *row = rows_find(&store->rows, table, key, hash);
	if (row == NULL) {
		struct bytes value = store->backend->get(&store->snapshot, table, key);

		if (store->failure == ERR_NONE)
			row = rows_set(&store->rows, table, key, hash, value, value.data != NULL);
		if (row == NULL) {
			fail(store, ERR_MEMORY);
			return bytes_of(NULL, 0);
		}
	}
	return row_value(row);
}

static void change(struct store *store, unsigned table, struct bytes key, struct bytes value, bool present)
{
	CHECK(store->in_turn && table < store->table_count && store->tables[table].kind != TABLE_LOG);
	CHECK(key.size > 0 && key.size <= STORE_KEY_MAX && value.size <= STORE_VALUE_MAX);
	if (store->failure == ERR_NONE &&
	    rows_change(&store->rows, table, key, rows_hash(table, key), value, present) == NULL)
		fail(store, ERR_MEMORY);
}

void store_put(struct store *store, unsigned table, struct bytes key, struct bytes value)
{
	change(store, table, key, value, true);
}

void store_del(struct store *store, unsigned table, struct bytes key)
{
	change(store, table, key, bytes_of(NULL, 0), false);
}

static struct append *append_room(struct store *store, size_t size)
{
	size_t need = (sizeof(struct append) + size + 7) & ~(size_t)7;

	if (need > store->appends_size - store->appends_used) {
		size_t larger = store->appends_size > 0 ? store->appends_size * 2 : 1 << 20;

		while (larger < store->appends_used + need)
			larger *= 2;
		uint8_t *appends = realloc(store->appends, larger);
		if (appends == NULL)
			return NULL;
		store->appends = appends;
		store->appends_size = larger;
	}
	struct append *append = (struct append *)(void *)(store->appends + store->appends_used);
	store->appends_used += need;
	return append;
}

const struct append *append_next(const struct store *store, const struct append *append)
{
	const uint8_t *at = store->appends;

	if (append != NULL)
		at = (const uint8_t *)append + ((sizeof(*append) + append->size + 7) & ~(size_t)7);
	return at < store->appends + store->appends_used ? (const struct append *)(const void *)at : NULL;
}

void store_append(struct store *store, unsigned table, uint64_t number, struct bytes value)
{
	CHECK(store->in_turn && table < store->table_count && store->tables[table].kind == TABLE_LOG);
	if (store->failure != ERR_NONE)
		return;
	CHECK(number > store->last_number[table]);
	struct append *append = append_room(store, value.size);
	if (append == NULL) {
		fail(store, ERR_MEMORY);
		return;
	}
	append->table = table;
	append->size = (uint32_t)value.size;
	append->number = number;
	if (value.size > 0)
		memcpy(append->value, value.data, value.size);
	store->last_number[table] = number;
}

struct bytes store_log_get(struct store *store, unsigned table, uint64_t number)
{
	uint8_t key[8];

	CHECK(store->in_turn && table < store->table_count && store->tables[table].kind == TABLE_LOG);
	if (store->failure != ERR_NONE)
		return bytes_of(NULL, 0);
	if (number > store->last_committed[table]) {
		for (const struct append *append = append_next(store, NULL); append != NULL; append = append_next(store, append))
			if (append->table == table && append->number == number)
				return bytes_of(append->value, append->size);
		return bytes_of(NULL, 0);
	}
	put_u64_be(key, number);
	struct bytes sealed = store->backend->get(&store->snapshot, table, bytes_of(key, sizeof(key)));
	if (sealed.data == NULL)
		return sealed;
	struct bytes value = log_open_sealed(number, sealed);
	if (value.data == NULL)
		fail(store, ERR_STORE_CORRUPT);
	return value;
}

/* The smallest changed row of the table with a key in [from, below), below {NULL, 0}: without end. */
static struct row *first_dirty(struct store *store, unsigned table, struct bytes from, struct bytes below)
{
	struct row *best = NULL;

	if (store->rows.dirty_in[table] == 0)
		return NULL;
	for (size_t i = 0; i < store->rows.dirty_count; i++) {
		struct row *row = store->rows.dirty[i];

		if (row->table != table || !row->present || bytes_compare(row_key(row), from) < 0)
			continue;
		if (below.data != NULL && bytes_compare(row_key(row), below) >= 0)
			continue;
		if (best == NULL || bytes_compare(row_key(row), row_key(best)) < 0)
			best = row;
	}
	return best;
}

struct bytes store_seek(struct store *store, unsigned table, struct bytes key, struct bytes *found_key)
{
	CHECK(store->in_turn && table < store->table_count && store->tables[table].kind != TABLE_LOG);
	*found_key = bytes_of(NULL, 0);
	if (store->failure != ERR_NONE)
		return bytes_of(NULL, 0);
	struct bytes found, value = store->backend->seek(&store->snapshot, table, key, &found);
	struct row *row = NULL;

	while (found.data != NULL) { /* what this turn has changed or deleted is told by the rows */
		row = store->rows.dirty_in[table] > 0 ? rows_find(&store->rows, table, found, rows_hash(table, found)) : NULL;
		if (row == NULL || !row->dirty || row->present)
			break;
		value = store->backend->next(&store->snapshot, table, &found);
	}
	struct row *before = first_dirty(store, table, key, found);
	if (before != NULL)
		row = before;
	else if (found.data == NULL || row == NULL || !row->dirty)
		row = NULL;
	*found_key = row != NULL ? row_key(row) : found;
	return row != NULL ? row_value(row) : value;
}

int store_failure(const struct store *store)
{
	return store->failure;
}

static void end_turn(struct store *store)
{
	store->appends_used = 0;
	store->in_turn = false;
	store->failure = ERR_NONE;
}

void store_abort(struct store *store)
{
	if (!store->in_turn)
		return;
	view_close(&store->snapshot);
	rows_drop(&store->rows);
	memcpy(store->last_number, store->last_committed, sizeof(store->last_number));
	end_turn(store);
}

static uint64_t monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now); /* house: how long a commit took, for the operator only */
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int store_commit(struct store *store)
{
	CHECK(store->in_turn);
	uint64_t began = monotonic_us();
	int error = store->failure;

	view_close(&store->snapshot);
	if (error == ERR_NONE) {
		rows_sort_dirty(&store->rows);
		error = store->backend->apply(store);
	}
	if (error != ERR_NONE) {
		rows_drop(&store->rows);
		memcpy(store->last_number, store->last_committed, sizeof(store->last_number));
		end_turn(store);
		return error;
	}
	rows_settle(&store->rows);
	if (store->rows.bytes > store->cache_bytes)
		rows_drop(&store->rows);
	memcpy(store->last_committed, store->last_number, sizeof(store->last_number));
	end_turn(store);
	store->commits++;
	store->commit_us_last = monotonic_us() - began;
	if (store->commit_us_last > store->commit_us_max)
		store->commit_us_max = store->commit_us_last;
	return ERR_NONE;
}

void store_usage(struct store *store, struct store_usage *usage)
{
	*usage = (struct store_usage){.commits = store->commits,
				      .commit_us_last = store->commit_us_last,
				      .commit_us_max = store->commit_us_max,
				      .cache_rows = store->rows.used,
				      .cache_bytes = store->rows.bytes};
	store->backend->usage(store, usage);
}

int store_clear_stale_readers(struct store *store)
{
	return store->backend->clear_stale(store);
}

bool store_disk_low(struct store *store, uint64_t keep_bytes)
{
	return store->backend->disk_low(store, keep_bytes);
}
