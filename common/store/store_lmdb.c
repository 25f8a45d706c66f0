/*
 * store_lmdb.c -- the store on disk: views through pooled read transactions, one plain synced commit per
 * turn.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/crash.h"
#include "base/error.h"
#include "log/log.h"
#include "store/lmdb_env.h"
#include "store/lmdb_room.h"

#define ROOM_OF_A_FULL_DISK (UINT64_C(1) << 20)

/* ---- views ---- */

static int look_begin(struct lmdb *lmdb, struct look *look)
{
	if (look->txn != NULL)
		return mdb_txn_renew(look->txn);
	int error = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &look->txn);
	if (error == MDB_READERS_FULL) { /* slots of processes that died count until somebody looks */
		(void)mdb_reader_check(lmdb->env, NULL);
		error = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &look->txn);
	}
	return error;
}

static int try_view(struct view *view)
{
	struct lmdb *lmdb = view->store->base;

	lmdb_env_enter(lmdb);
	struct look *look = lmdb_env_take(lmdb);
	int error = look != NULL ? look_begin(lmdb, look) : ENOMEM;
	if (error == MDB_SUCCESS) {
		view->look = look;
		return MDB_SUCCESS;
	}
	if (look != NULL)
		lmdb_env_drop(look);
	lmdb_env_leave(lmdb);
	return error;
}

static int lmdb_view_open(struct view *view)
{
	int error = try_view(view);

	while (error == MDB_MAP_RESIZED) { /* the service that writes has grown its map: follow */
		error = lmdb_env_resize(view->store, 0);
		if (error == MDB_SUCCESS)
			error = try_view(view);
	}
	return error == MDB_MAP_FULL ? ERR_AGAIN : lmdb_env_code(error);
}

static void lmdb_view_close(struct view *view)
{
	struct lmdb *lmdb = view->store->base;
	struct look *look = view->look;

	mdb_txn_reset(look->txn);
	lmdb_env_give(lmdb, look);
	lmdb_env_leave(lmdb);
}

static void read_failed(struct view *view, int error)
{
	if (error == MDB_NOTFOUND)
		return;
	if (view->failure == ERR_NONE)
		view->failure = lmdb_env_code(error);
	log_line(LOG_ALARM, "read_failed", "store=%s why=\"%s\"", view->store->path, mdb_strerror(error));
}

static MDB_val val_of(struct bytes bytes)
{
	return (MDB_val){bytes.size, (void *)(uintptr_t)bytes.data}; /* LMDB only reads through it */
}

/* The cursor that stands at this spot of a table, in this view. */
static int bind(struct view *view, unsigned table, struct spot *spot, MDB_cursor **cursor)
{
	struct lmdb *lmdb = view->store->base;
	struct look *look = view->look;
	int error = MDB_SUCCESS;

	if (!lmdb->known[table])
		return MDB_NOTFOUND;
	if (spot->cursor == NULL)
		error = mdb_cursor_open(look->txn, lmdb->tables[table], &spot->cursor);
	else if (!spot->is_bound)
		error = mdb_cursor_renew(look->txn, spot->cursor);
	spot->is_bound = error == MDB_SUCCESS;
	*cursor = spot->cursor;
	return error;
}

static bool is_packed(const struct view *view, unsigned table)
{
	const struct lmdb *lmdb = view->store->base;

	return lmdb->packed[table];
}

/* Through a cursor that stays where it was, because what is asked for next is often on the same page: the receipts of one till. */
static struct bytes lmdb_get(struct view *view, unsigned table, struct bytes key)
{
	struct look *look = view->look;
	MDB_val name = val_of(key), value;
	MDB_cursor *cursor;
	int error = bind(view, table, &look->gets[table], &cursor);

	if (error == MDB_SUCCESS && is_packed(view, table)) {
		struct bytes found;

		error = lmdb_packs_get(cursor, key, &found);
		if (error == MDB_SUCCESS)
			return found;
	} else if (error == MDB_SUCCESS) {
		error = mdb_cursor_get(cursor, &name, &value, MDB_SET);
	}
	if (error == MDB_SUCCESS)
		return bytes_of(value.mv_data, value.mv_size);
	read_failed(view, error);
	return bytes_of(NULL, 0);
}

/* The first row of a packed table with key >= key, or the next one behind what was found last. */
static struct bytes move_packed(struct view *view, unsigned table, const struct bytes *key, struct bytes *found)
{
	struct look *look = view->look;
	struct spot *spot = &look->walks[table];
	bool is_fresh = !spot->is_bound;
	struct bytes value;
	MDB_cursor *cursor;
	int error = bind(view, table, spot, &cursor);

	if (error == MDB_SUCCESS && spot->packs == NULL)
		error = (spot->packs = calloc(1, sizeof(*spot->packs))) != NULL ? MDB_SUCCESS : ENOMEM;
	if (error == MDB_SUCCESS && is_fresh)
		spot->packs->pack.rows.size = spot->packs->key_size = 0; /* what an earlier view has found is gone */
	if (error == MDB_SUCCESS)
		error = key != NULL ? lmdb_packs_seek(cursor, spot->packs, *key, found, &value)
				    : lmdb_packs_next(cursor, spot->packs, found, &value);
	if (error == MDB_SUCCESS)
		return value;
	read_failed(view, error);
	*found = bytes_of(NULL, 0);
	return bytes_of(NULL, 0);
}

static struct bytes move(struct view *view, unsigned table, struct bytes key, MDB_cursor_op how,
			 struct bytes *found)
{
	struct look *look = view->look;
	MDB_cursor *cursor;
	MDB_val name = val_of(key), value;
	int error = bind(view, table, &look->walks[table], &cursor);

	if (error == MDB_SUCCESS)
		error = mdb_cursor_get(cursor, &name, &value, how);
	if (error == MDB_SUCCESS) {
		*found = bytes_of(name.mv_data, name.mv_size);
		return bytes_of(value.mv_data, value.mv_size);
	}
	read_failed(view, error);
	*found = bytes_of(NULL, 0);
	return bytes_of(NULL, 0);
}

static struct bytes lmdb_seek(struct view *view, unsigned table, struct bytes key, struct bytes *found)
{
	if (is_packed(view, table))
		return move_packed(view, table, &key, found);
	return move(view, table, key, key.size > 0 ? MDB_SET_RANGE : MDB_FIRST, found);
}

static struct bytes lmdb_next(struct view *view, unsigned table, struct bytes *found)
{
	if (is_packed(view, table))
		return move_packed(view, table, NULL, found);
	return move(view, table, bytes_of(NULL, 0), MDB_NEXT, found);
}

static struct bytes lmdb_last(struct view *view, unsigned table, struct bytes *found)
{
	return move(view, table, bytes_of(NULL, 0), MDB_LAST, found);
}

/* ---- the commit ---- */

static int apply_rows(MDB_txn *txn, MDB_cursor *cursor, MDB_dbi table, const struct changes *changes)
{
	int error = MDB_SUCCESS;

	for (size_t i = 0; i < changes->count && error == MDB_SUCCESS; i++) {
		rows_come(changes, i);
		MDB_val name = val_of(row_key(changes->rows[i])), value = val_of(row_value(changes->rows[i]));

		if (changes->rows[i]->present)
			error = mdb_cursor_put(cursor, &name, &value, 0);
		else
			error = mdb_del(txn, table, &name, NULL);
		if (error == MDB_NOTFOUND)
			error = MDB_SUCCESS; /* put and deleted in one turn */
	}
	return error;
}

static int apply_appends(MDB_cursor *cursor, const struct appends *appends)
{
	int error = MDB_SUCCESS;

	for (size_t i = 0; i < appends->count && error == MDB_SUCCESS; i++) {
		const struct append *append = appends_at(appends, i);
		uint8_t key[8];

		put_u64_be(key, append->number);
		MDB_val name = {sizeof(key), key}, value = val_of(bytes_of(append->sealed, append->size));
		error = mdb_cursor_put(cursor, &name, &value, MDB_APPEND);
	}
	return error;
}

static int apply_table(struct store *store, MDB_txn *txn, unsigned table)
{
	struct lmdb *lmdb = store->base;
	const struct changes *changes = rows_in_order(&store->rows, table);
	MDB_cursor *cursor;

	if (changes->count + store->appends[table].count == 0)
		return MDB_SUCCESS;
	int error = mdb_cursor_open(txn, lmdb->tables[table], &cursor);
	if (error != MDB_SUCCESS)
		return error;
	error = lmdb->packed[table] ? lmdb_packs_apply(cursor, &lmdb->packing, changes)
				    : apply_rows(txn, cursor, lmdb->tables[table], changes);
	if (error == MDB_SUCCESS)
		error = apply_appends(cursor, &store->appends[table]);
	mdb_cursor_close(cursor);
	return error;
}

static int try_apply(struct store *store)
{
	struct lmdb *lmdb = store->base;
	MDB_txn *txn;
	size_t pages;
	int error = lmdb_room_plan(lmdb, &pages);

	if (error == MDB_SUCCESS)
		error = mdb_txn_begin(lmdb->env, NULL, 0, &txn);
	if (error != MDB_SUCCESS)
		return error;
	error = lmdb_room_gather(lmdb, txn, pages);
	for (unsigned table = 0; table < store->table_count && error == MDB_SUCCESS; table++)
		error = apply_table(store, txn, table);
	if (error == MDB_SUCCESS) {
		CRASH_POINT("committing");
		error = mdb_txn_commit(txn);
		CRASH_POINT("committed");
		return error;
	}
	mdb_txn_abort(txn);
	return error;
}

/*
 * LMDB says EIO for a write that a full disk cut short. Nothing is in doubt then: the pages were new ones,
 * and the environment still works. It does not (MDB_PANIC) when the page failed that makes a commit true.
 */
static int explain(struct store *store, int error)
{
	struct lmdb *lmdb = store->base;
	MDB_txn *txn;

	if (error == EIO && place_free_bytes(&lmdb->place) < ROOM_OF_A_FULL_DISK &&
	    mdb_txn_begin(lmdb->env, NULL, 0, &txn) == MDB_SUCCESS) {
		mdb_txn_abort(txn);
		error = ENOSPC;
	}
	int code = lmdb_env_code(error);
	if (code != ERR_NONE) /* what comes back with every retry is told once, by who retries */
		log_line(error_is_halt(code) ? LOG_ALARM : LOG_TRACE, "commit_failed", "store=%s why=\"%s\"",
			 store->path, mdb_strerror(error));
	return code;
}

/*
 * The turn's changes are all in memory, so when the map is too small they are applied again to a larger
 * one.
 */
static int lmdb_apply(struct store *store)
{
	int error = try_apply(store);

	while (error == MDB_MAP_FULL) {
		int resized = lmdb_env_make_room(store);

		if (resized != MDB_SUCCESS)
			return explain(store, resized);
		error = try_apply(store);
	}
	return explain(store, error);
}

/* ---- the operator's figures ---- */

static void lmdb_usage(struct store *store, struct store_usage *usage)
{
	struct lmdb *lmdb = store->base;
	struct stat status;
	MDB_envinfo info;
	int file;

	usage->limit_bytes = lmdb->map_bytes_max;
	lmdb_env_enter(lmdb);
	CHECK(mdb_env_get_fd(lmdb->env, &file) == MDB_SUCCESS && mdb_env_info(lmdb->env, &info) == MDB_SUCCESS);
	if (fstat(file, &status) == 0)
		usage->file_bytes = (uint64_t)status.st_blocks * 512;
	usage->map_bytes = info.me_mapsize;
	usage->used_bytes = (info.me_last_pgno + 1) * lmdb->page_bytes;
	usage->readers = info.me_numreaders;
	lmdb_env_leave(lmdb);
}

static int lmdb_clear_stale(struct store *store)
{
	struct lmdb *lmdb = store->base;
	int stale = 0;

	(void)mdb_reader_check(lmdb->env, &stale);
	return stale;
}

static bool lmdb_disk_low(struct store *store, uint64_t keep_bytes)
{
	struct lmdb *lmdb = store->base;

	return place_free_bytes(&lmdb->place) < keep_bytes;
}

const struct backend store_lmdb = {.open = lmdb_env_open,
				   .close = lmdb_env_close,
				   .apply = lmdb_apply,
				   .view_open = lmdb_view_open,
				   .view_close = lmdb_view_close,
				   .get = lmdb_get,
				   .seek = lmdb_seek,
				   .next = lmdb_next,
				   .last = lmdb_last,
				   .usage = lmdb_usage,
				   .clear_stale = lmdb_clear_stale,
				   .disk_low = lmdb_disk_low};
