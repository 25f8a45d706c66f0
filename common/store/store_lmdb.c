/* store_lmdb.c -- the store on disk: one LMDB environment, plain synced commits, a map that grows, short views. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <lmdb.h>

#include "base/error.h"
#include "log/log.h"
#include "store/store_inside.h"

#define POOL_MAX 8
#define MAP_BYTES_DEFAULT (UINT64_C(64) << 20)
#define READERS_MAX 64
#define OPEN_STORES_MAX 256

struct lmdb {
	MDB_env *env;
	MDB_dbi tables[STORE_TABLES_MAX];
	pthread_rwlock_t growing;	/* views hold it shared; the map grows under it alone */
	pthread_mutex_t pool_lock;
	MDB_txn *pool[POOL_MAX];	/* finished read transactions, to be renewed */
	unsigned pool_count;
	uint64_t map_bytes, map_bytes_max;
	dev_t device;
	ino_t inode;
	bool registered;
};

/* LMDB forbids a second open of one path in a process and does not notice it: so we do. */
static struct {
	pthread_mutex_t lock;
	struct {
		dev_t device;
		ino_t inode;
	} open[OPEN_STORES_MAX];
	unsigned count;
} registry = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int code_of(int lmdb_error)
{
	switch (lmdb_error) {
	case MDB_SUCCESS:
		return ERR_NONE;
	case MDB_NOTFOUND:
		return ERR_NOT_FOUND;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return ERR_STORE_FULL;
	case ENOSPC:
	case EDQUOT:
		return ERR_DISK_FULL;
	case ENOMEM:
		return ERR_MEMORY;
	case MDB_READERS_FULL:
		return ERR_AGAIN;
	case ENOENT:
		return ERR_NOT_FOUND;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
		return ERR_STORE_CORRUPT;
	default:
		return ERR_STORE_IO;
	}
}

static int registry_enter(struct lmdb *lmdb, const char *path)
{
	struct stat status;
	int error = ERR_NONE;

	if (stat(path, &status) != 0)
		return code_of(errno);
	pthread_mutex_lock(&registry.lock);
	for (unsigned i = 0; i < registry.count; i++)
		if (registry.open[i].device == status.st_dev && registry.open[i].inode == status.st_ino)
			error = ERR_STORE_BUSY;
	if (error == ERR_NONE && registry.count == OPEN_STORES_MAX)
		error = ERR_MEMORY;
	if (error == ERR_NONE) {
		registry.open[registry.count].device = lmdb->device = status.st_dev;
		registry.open[registry.count].inode = lmdb->inode = status.st_ino;
		registry.count++;
		lmdb->registered = true;
	}
	pthread_mutex_unlock(&registry.lock);
	return error;
}

static void registry_leave(struct lmdb *lmdb)
{
	if (!lmdb->registered)
		return;
	pthread_mutex_lock(&registry.lock);
	for (unsigned i = 0; i < registry.count; i++)
		if (registry.open[i].device == lmdb->device && registry.open[i].inode == lmdb->inode) {
			registry.open[i] = registry.open[--registry.count];
			break;
		}
	pthread_mutex_unlock(&registry.lock);
}

static int sync_folder(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return code_of(errno);
	int error = fsync(folder) == 0 ? ERR_NONE : ERR_STORE_IO;
	close(folder);
	return error;
}

static int sync_parent(const char *path)
{
	char parent[4096];

	snprintf(parent, sizeof(parent), "%s", path);
	char *slash = strrchr(parent, '/');
	if (slash == NULL)
		return sync_folder(".");
	*(slash == parent ? slash + 1 : slash) = 0;
	return sync_folder(parent);
}

/* LMDB's locks and maps need a local file system. */
static int refuse_remote(const char *path)
{
	static const long remote[] = {0x6969 /* NFS */, 0xff534d42 /* CIFS */, 0xfe534d42 /* SMB2 */, 0x01021997 /* 9p */};
	struct statfs status;

	if (statfs(path, &status) != 0)
		return code_of(errno);
	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		if ((unsigned long)status.f_type == (unsigned long)remote[i]) {
			log_line(LOG_ALARM, "remote_file_system", "path=%s remedy=\"put the store on a local disk\"", path);
			return ERR_USAGE;
		}
	return ERR_NONE;
}

static int open_tables(struct store *store, bool create)
{
	struct lmdb *lmdb = store->base;
	MDB_txn *txn;
	int error = mdb_txn_begin(lmdb->env, NULL, create ? 0 : MDB_RDONLY, &txn);

	if (error == MDB_MAP_RESIZED && !create) {
		error = mdb_env_set_mapsize(lmdb->env, 0);
		if (error == MDB_SUCCESS)
			error = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &txn);
	}
	if (error != MDB_SUCCESS)
		return code_of(error);
	for (unsigned i = 0; i < store->table_count && error == MDB_SUCCESS; i++)
		error = mdb_dbi_open(txn, store->tables[i].name, create ? MDB_CREATE : 0, &lmdb->tables[i]);
	if (error != MDB_SUCCESS) {
		mdb_txn_abort(txn);
		return code_of(error);
	}
	return code_of(mdb_txn_commit(txn));
}

static int open_environment(struct store *store, const struct store_options *options)
{
	struct lmdb *lmdb = store->base;
	int error = mdb_env_create(&lmdb->env);

	if (error == MDB_SUCCESS)
		error = mdb_env_set_maxdbs(lmdb->env, STORE_TABLES_MAX);
	if (error == MDB_SUCCESS)
		error = mdb_env_set_maxreaders(lmdb->env, READERS_MAX);
	if (error == MDB_SUCCESS && !options->read_only)
		error = mdb_env_set_mapsize(lmdb->env, lmdb->map_bytes);
	if (error == MDB_SUCCESS) /* full sync always; other sync flags cannot be asked for */
		error = mdb_env_open(lmdb->env, store->path, MDB_NOTLS | (options->read_only ? MDB_RDONLY : 0), 0600);
	return code_of(error);
}

/* The map is at least as large as what the file holds already. */
static void note_map(struct lmdb *lmdb)
{
	MDB_envinfo info;

	if (mdb_env_info(lmdb->env, &info) == MDB_SUCCESS && info.me_mapsize > lmdb->map_bytes)
		lmdb->map_bytes = info.me_mapsize;
}

static int lmdb_open(struct store *store, const struct store_options *options)
{
	struct lmdb *lmdb = calloc(1, sizeof(*lmdb));
	bool is_new = access(store->path, F_OK) != 0;

	if (lmdb == NULL)
		return ERR_MEMORY;
	store->base = lmdb;
	pthread_rwlock_init(&lmdb->growing, NULL);
	pthread_mutex_init(&lmdb->pool_lock, NULL);
	lmdb->map_bytes = options->map_bytes != 0 ? options->map_bytes : MAP_BYTES_DEFAULT;
	lmdb->map_bytes_max = options->map_bytes_max > lmdb->map_bytes ? options->map_bytes_max : lmdb->map_bytes;
	if (is_new && options->read_only)
		return ERR_NOT_FOUND;
	if (is_new && mkdir(store->path, 0700) != 0)
		return code_of(errno);
	int error = registry_enter(lmdb, store->path);
	if (error == ERR_NONE)
		error = refuse_remote(store->path);
	if (error == ERR_NONE)
		error = open_environment(store, options);
	if (error == ERR_NONE && !options->read_only) {
		int stale;

		(void)mdb_reader_check(lmdb->env, &stale);
	}
	if (error == ERR_NONE)
		error = open_tables(store, !options->read_only);
	if (error == ERR_NONE && is_new)
		error = sync_folder(store->path);
	if (error == ERR_NONE && is_new)
		error = sync_parent(store->path);
	if (error == ERR_NONE)
		note_map(lmdb);
	return error;
}

static void lmdb_close(struct store *store)
{
	struct lmdb *lmdb = store->base;

	while (lmdb->pool_count > 0)
		mdb_txn_abort(lmdb->pool[--lmdb->pool_count]);
	if (lmdb->env != NULL)
		mdb_env_close(lmdb->env);
	registry_leave(lmdb);
	pthread_rwlock_destroy(&lmdb->growing);
	pthread_mutex_destroy(&lmdb->pool_lock);
	free(lmdb);
	store->base = NULL;
}

/* ---- views ---- */

static MDB_txn *pool_take(struct lmdb *lmdb)
{
	MDB_txn *txn = NULL;

	pthread_mutex_lock(&lmdb->pool_lock);
	if (lmdb->pool_count > 0)
		txn = lmdb->pool[--lmdb->pool_count];
	pthread_mutex_unlock(&lmdb->pool_lock);
	return txn;
}

static int begin_read(struct lmdb *lmdb, MDB_txn **txn)
{
	*txn = pool_take(lmdb);
	if (*txn != NULL) {
		if (mdb_txn_renew(*txn) == MDB_SUCCESS)
			return MDB_SUCCESS;
		mdb_txn_abort(*txn);
	}
	return mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, txn);
}

static int lmdb_view_open(struct view *view)
{
	struct lmdb *lmdb = view->store->base;
	MDB_txn *txn;

	pthread_rwlock_rdlock(&lmdb->growing);
	int error = begin_read(lmdb, &txn);
	if (error == MDB_MAP_RESIZED && view->store->read_only) { /* the service has grown its map: follow */
		error = mdb_env_set_mapsize(lmdb->env, 0);
		if (error == MDB_SUCCESS)
			error = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &txn);
	}
	if (error != MDB_SUCCESS) {
		pthread_rwlock_unlock(&lmdb->growing);
		return code_of(error);
	}
	view->transaction = txn;
	return ERR_NONE;
}

static void lmdb_view_close(struct view *view)
{
	struct lmdb *lmdb = view->store->base;
	MDB_txn *txn = view->transaction;

	for (unsigned i = 0; i < view->store->table_count; i++)
		if (view->cursors[i] != NULL)
			mdb_cursor_close(view->cursors[i]);
	mdb_txn_reset(txn);
	pthread_mutex_lock(&lmdb->pool_lock);
	bool kept = lmdb->pool_count < POOL_MAX;
	if (kept)
		lmdb->pool[lmdb->pool_count++] = txn;
	pthread_mutex_unlock(&lmdb->pool_lock);
	if (!kept)
		mdb_txn_abort(txn);
	pthread_rwlock_unlock(&lmdb->growing);
}

/* A failed read inside a turn spoils the turn; a tool's view has nobody to tell but the log. */
static void read_failed(struct view *view, int error)
{
	struct store *store = view->store;

	if (error == MDB_NOTFOUND)
		return;
	if (view == &store->snapshot && store->failure == ERR_NONE)
		store->failure = code_of(error);
	log_line(LOG_ALARM, "read_failed", "store=%s error=\"%s\"", store->path, mdb_strerror(error));
}

static struct bytes lmdb_get(struct view *view, unsigned table, struct bytes key)
{
	struct lmdb *lmdb = view->store->base;
	MDB_val name = {key.size, (void *)(uintptr_t)key.data}, value;
	int error = mdb_get(view->transaction, lmdb->tables[table], &name, &value);

	if (error == MDB_SUCCESS)
		return bytes_of(value.mv_data, value.mv_size);
	read_failed(view, error);
	return bytes_of(NULL, 0);
}

static struct bytes move(struct view *view, unsigned table, struct bytes key, MDB_cursor_op how, struct bytes *found)
{
	struct lmdb *lmdb = view->store->base;
	MDB_cursor *cursor = view->cursors[table];
	MDB_val name = {key.size, (void *)(uintptr_t)key.data}, value;
	int error = MDB_SUCCESS;

	*found = bytes_of(NULL, 0);
	if (cursor == NULL) {
		error = mdb_cursor_open(view->transaction, lmdb->tables[table], &cursor);
		view->cursors[table] = error == MDB_SUCCESS ? cursor : NULL;
	}
	if (error == MDB_SUCCESS)
		error = mdb_cursor_get(cursor, &name, &value, how);
	if (error != MDB_SUCCESS) {
		read_failed(view, error);
		return bytes_of(NULL, 0);
	}
	*found = bytes_of(name.mv_data, name.mv_size);
	return bytes_of(value.mv_data, value.mv_size);
}

static struct bytes lmdb_seek(struct view *view, unsigned table, struct bytes key, struct bytes *found)
{
	return move(view, table, key, key.size > 0 ? MDB_SET_RANGE : MDB_FIRST, found);
}

static struct bytes lmdb_next(struct view *view, unsigned table, struct bytes *found)
{
	return move(view, table, bytes_of(NULL, 0), MDB_NEXT, found);
}

static struct bytes lmdb_last(struct view *view, unsigned table, struct bytes *found)
{
	return move(view, table, bytes_of(NULL, 0), MDB_LAST, found);
}

/* ---- the commit ---- */

static int put_append(MDB_txn *txn, const struct lmdb *lmdb, const struct append *append)
{
	uint8_t key[8];
	uint32_t seal = log_seal(append->number, bytes_of(append->value, append->size));
	MDB_val name = {sizeof(key), key}, value = {append->size + sizeof(seal), NULL};

	put_u64_be(key, append->number);
	int error = mdb_put(txn, lmdb->tables[append->table], &name, &value, MDB_APPEND | MDB_RESERVE);
	if (error == MDB_SUCCESS) {
		memcpy(value.mv_data, &seal, sizeof(seal));
		memcpy((uint8_t *)value.mv_data + sizeof(seal), append->value, append->size);
	}
	return error;
}

static int put_row(MDB_txn *txn, MDB_cursor *cursor, MDB_dbi table, const struct row *row)
{
	MDB_val name = {row->key_size, (void *)(uintptr_t)row->bytes};
	MDB_val value = {row->value_size, (void *)(uintptr_t)(row->bytes + row->key_size)};

	if (row->present)
		return mdb_cursor_put(cursor, &name, &value, 0);
	int error = mdb_del(txn, table, &name, NULL);
	return error == MDB_NOTFOUND ? MDB_SUCCESS : error;
}

static int put_rows(struct store *store, MDB_txn *txn)
{
	struct lmdb *lmdb = store->base;
	MDB_cursor *cursor = NULL;
	uint32_t table = UINT32_MAX;
	int error = MDB_SUCCESS;

	for (size_t i = 0; i < store->rows.dirty_count && error == MDB_SUCCESS; i++) {
		const struct row *row = store->rows.dirty[i];

		if (row->table != table) {
			if (cursor != NULL)
				mdb_cursor_close(cursor);
			cursor = NULL;
			table = row->table;
			error = mdb_cursor_open(txn, lmdb->tables[table], &cursor);
		}
		if (error == MDB_SUCCESS)
			error = put_row(txn, cursor, lmdb->tables[table], row);
	}
	if (cursor != NULL)
		mdb_cursor_close(cursor);
	return error;
}

static int apply_once(struct store *store)
{
	struct lmdb *lmdb = store->base;
	MDB_txn *txn;
	int error = mdb_txn_begin(lmdb->env, NULL, 0, &txn);

	if (error != MDB_SUCCESS)
		return error;
	for (const struct append *append = append_next(store, NULL); append != NULL && error == MDB_SUCCESS;
	     append = append_next(store, append))
		error = put_append(txn, lmdb, append);
	if (error == MDB_SUCCESS)
		error = put_rows(store, txn);
	if (error == MDB_SUCCESS)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return error;
}

/* Doubles the map, alone: no view and no transaction is open. */
static bool grow_map(struct store *store)
{
	struct lmdb *lmdb = store->base;
	uint64_t larger = lmdb->map_bytes * 2 < lmdb->map_bytes_max ? lmdb->map_bytes * 2 : lmdb->map_bytes_max;

	if (larger <= lmdb->map_bytes)
		return false;
	pthread_rwlock_wrlock(&lmdb->growing);
	int error = mdb_env_set_mapsize(lmdb->env, larger);
	pthread_rwlock_unlock(&lmdb->growing);
	if (error != MDB_SUCCESS)
		return false;
	lmdb->map_bytes = larger;
	log_line(LOG_INFO, "map_grown", "store=%s mib=%llu", store->path, (unsigned long long)(larger >> 20));
	return true;
}

/* The turn's changes are all in memory, so a map that is too small is grown and they are applied again. */
static int lmdb_apply(struct store *store)
{
	int error = apply_once(store);

	while (error == MDB_MAP_FULL && grow_map(store))
		error = apply_once(store);
	return code_of(error);
}

/* ---- the operator's figures ---- */

static void lmdb_usage(struct store *store, struct store_usage *usage)
{
	struct lmdb *lmdb = store->base;
	MDB_envinfo info;
	MDB_stat stat_main;
	struct stat status;
	char file[4096];

	snprintf(file, sizeof(file), "%s/data.mdb", store->path);
	if (stat(file, &status) == 0)
		usage->file_bytes = (uint64_t)status.st_blocks * 512;
	if (mdb_env_info(lmdb->env, &info) == MDB_SUCCESS && mdb_env_stat(lmdb->env, &stat_main) == MDB_SUCCESS) {
		usage->map_bytes = info.me_mapsize;
		usage->used_bytes = (info.me_last_pgno + 1) * stat_main.ms_psize;
		usage->readers = info.me_numreaders;
	}
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
	struct statvfs status;

	return keep_bytes > 0 && statvfs(store->path, &status) == 0 &&
	       (uint64_t)status.f_bavail * status.f_frsize < keep_bytes;
}

const struct backend store_lmdb = {.open = lmdb_open,
				   .close = lmdb_close,
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
