/* lmdb_env.c -- opening an environment so that nothing is lost, and growing it so that nobody falls. */
#include "store/lmdb_env.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "log/log.h"

#if defined(MUTANT_NO_SYNC)
#define UNSAFE MDB_NOSYNC
#else
#define UNSAFE 0u
#endif
#define MAP_BYTES_DEFAULT (UINT64_C(64) << 20)
#define MAP_BYTES_MIN (UINT64_C(256) << 10)
#define READERS_MAX 126
#define GROWTH_PATIENCE_S 2
#define HEADROOM_PAGES 64 /* that a full store lends to a turn which deletes more than it adds */

int lmdb_env_code(int lmdb_error)
{
	switch (lmdb_error) {
	case MDB_SUCCESS:
		return ERR_NONE;
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
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
	case MDB_KEYEXIST: /* an append met a greater key than we had read: somebody else wrote */
		return ERR_STORE_CORRUPT;
	default: /* EIO, MDB_PANIC and what nobody foresaw */
		return ERR_STORE_IO;
	}
}

/* ---- the gate: views pass together, a change of the map alone ---- */

void lmdb_env_enter(struct lmdb *lmdb)
{
	pthread_mutex_lock(&lmdb->gate);
	while (lmdb->resizing)
		pthread_cond_wait(&lmdb->calm, &lmdb->gate);
	lmdb->looking++;
	pthread_mutex_unlock(&lmdb->gate);
}

void lmdb_env_leave(struct lmdb *lmdb)
{
	pthread_mutex_lock(&lmdb->gate);
	if (--lmdb->looking == 0 && lmdb->resizing)
		pthread_cond_broadcast(&lmdb->calm);
	pthread_mutex_unlock(&lmdb->gate);
}

/*
 * Waits until no view is open; gives up, so that a view that should not be so long stops a turn and not the
 * process.
 */
static bool wait_for_calm(struct lmdb *lmdb)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += GROWTH_PATIENCE_S;
	while (lmdb->looking > 0)
		if (pthread_cond_timedwait(&lmdb->calm, &lmdb->gate, &until) == ETIMEDOUT)
			break;
	return lmdb->looking == 0;
}

/* Gives the map this size, 0: the size that another process gave it. The caller has no transaction open. */
int lmdb_env_resize(struct store *store, uint64_t bytes)
{
	struct lmdb *lmdb = store->base;
	int error = MDB_MAP_FULL;

	pthread_mutex_lock(&lmdb->gate);
	while (lmdb->resizing)
		pthread_cond_wait(&lmdb->calm, &lmdb->gate);
	lmdb->resizing = true;
	bool calm = wait_for_calm(lmdb);
	if (calm)
		error = mdb_env_set_mapsize(lmdb->env, bytes);
	lmdb->resizing = false;
	pthread_cond_broadcast(&lmdb->calm);
	pthread_mutex_unlock(&lmdb->gate);
	if (!calm)
		log_line(LOG_ALARM, "map_cannot_grow", "store=%s why=\"a view stays open\"", store->path);
	else if (error == MDB_SUCCESS && bytes != 0)
		log_line(LOG_INFO, "map_grown", "store=%s kib=%llu", store->path,
			 (unsigned long long)(bytes >> 10));
	return error;
}

static uint64_t map_bytes(struct lmdb *lmdb)
{
	MDB_envinfo info;

	CHECK(mdb_env_info(lmdb->env, &info) == MDB_SUCCESS);
	return info.me_mapsize;
}

/* The map met its end: make it larger, or say MDB_MAP_FULL when it may not be. */
int lmdb_env_make_room(struct store *store)
{
	struct lmdb *lmdb = store->base;
	uint64_t now = map_bytes(lmdb), larger = now * 2;

	if (now < lmdb->map_bytes_max)
		larger = larger < lmdb->map_bytes_max ? larger : lmdb->map_bytes_max;
	else if (store_shrinks(store)) /* deleting takes pages before it gives any back */
		larger = now + HEADROOM_PAGES * lmdb->page_bytes;
	else
		return MDB_MAP_FULL;
	return lmdb_env_resize(store, larger);
}

/* ---- open and close ---- */

static int open_environment(struct store *store, const struct store_options *options)
{
	struct lmdb *lmdb = store->base;
	MDB_stat pages;
	uint64_t bytes = options->map_bytes != 0 ? options->map_bytes : MAP_BYTES_DEFAULT;
	int error = mdb_env_create(&lmdb->env);

	bytes = bytes > MAP_BYTES_MIN ? bytes : MAP_BYTES_MIN;
	lmdb->map_bytes_max = options->map_bytes_max > bytes ? options->map_bytes_max : bytes;
	if (error != MDB_SUCCESS)
		return error;
	CHECK(mdb_env_set_maxdbs(lmdb->env, STORE_TABLES_MAX) == MDB_SUCCESS);
	CHECK(mdb_env_set_maxreaders(lmdb->env, READERS_MAX) == MDB_SUCCESS);
	if (!store->read_only) /* a reader takes the writer's size */
		CHECK(mdb_env_set_mapsize(lmdb->env, bytes) == MDB_SUCCESS);
	/* Full sync always: there is no way to ask for less. */
	error = mdb_env_open(lmdb->env, store->path, MDB_NOTLS | UNSAFE | (store->read_only ? MDB_RDONLY : 0), 0600);
	if (error != MDB_SUCCESS)
		return error;
	CHECK(mdb_env_stat(lmdb->env, &pages) == MDB_SUCCESS);
	lmdb->page_bytes = pages.ms_psize;
	return MDB_SUCCESS;
}

/*
 * A packed table has a name of its own on disk: a store that has one of the plain name was made before there were packs, and goes on
 * without them until it is rebuilt.
 */
static int open_table(struct store *store, MDB_txn *txn, unsigned table)
{
	struct lmdb *lmdb = store->base;
	const char *name = store->tables[table].name;
	unsigned flags = store->read_only ? 0 : MDB_CREATE;
	char packed[STORE_TABLE_NAME_MAX + sizeof(".packed")];

	lmdb->packed[table] = false;
	if (store->tables[table].kind != TABLE_PACKED)
		return mdb_dbi_open(txn, name, flags, &lmdb->tables[table]);
	int error = mdb_dbi_open(txn, name, 0, &lmdb->tables[table]);
	if (error != MDB_NOTFOUND)
		return error;
	lmdb->packed[table] = true;
	snprintf(packed, sizeof(packed), "%s.packed", name);
	return mdb_dbi_open(txn, packed, flags, &lmdb->tables[table]);
}

static int try_open_tables(struct store *store)
{
	struct lmdb *lmdb = store->base;
	MDB_txn *txn;
	int error = mdb_txn_begin(lmdb->env, NULL, store->read_only ? MDB_RDONLY : 0, &txn);

	if (error != MDB_SUCCESS)
		return error;
	for (unsigned i = 0; i < store->table_count && error == MDB_SUCCESS; i++) {
		error = open_table(store, txn, i);
		lmdb->known[i] = error == MDB_SUCCESS;
		if (store->read_only && error == MDB_NOTFOUND)
			error = MDB_SUCCESS; /* a tool newer than the store */
	}
	if (error == MDB_SUCCESS)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return error;
}

/* Makes what is missing; this is the first commit of a new store. */
static int open_tables(struct store *store)
{
	int error = try_open_tables(store);

	while (error == MDB_MAP_FULL || error == MDB_MAP_RESIZED) {
		int resized = error == MDB_MAP_FULL ? lmdb_env_make_room(store) : lmdb_env_resize(store, 0);

		if (resized != MDB_SUCCESS)
			return resized;
		error = try_open_tables(store);
	}
	return error;
}

static int make_durable(struct store *store)
{
	struct lmdb *lmdb = store->base;
	int file;

	CHECK(mdb_env_get_fd(lmdb->env, &file) == MDB_SUCCESS);
	return fsync(file) == 0 ? place_sync(&lmdb->place, store->path) : ERR_STORE_IO;
}

static void gate_open(struct lmdb *lmdb)
{
	pthread_condattr_t attributes;

	CHECK(pthread_mutex_init(&lmdb->gate, NULL) == 0);
	CHECK(pthread_condattr_init(&attributes) == 0);
	CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	CHECK(pthread_cond_init(&lmdb->calm, &attributes) == 0);
	pthread_condattr_destroy(&attributes);
}

int lmdb_env_open(struct store *store, const struct store_options *options)
{
	struct lmdb *lmdb = calloc(1, sizeof(*lmdb));

	if (lmdb == NULL)
		return ERR_MEMORY;
	lmdb->place.folder = -1;
	gate_open(lmdb);
	store->base = lmdb;
	int error = place_open(&lmdb->place, store->path, store->read_only, options->any_file_system);
	if (error != ERR_NONE)
		return error;
	int failed = open_environment(store, options);
	if (failed == MDB_INVALID && !store->read_only && place_forget_unborn(&lmdb->place)) {
		log_line(LOG_UNUSUAL, "store_born_again", "store=%s why=\"its making was cut short before it held anything\"",
			 store->path);
		mdb_env_close(lmdb->env);
		lmdb->env = NULL;
		failed = open_environment(store, options);
	}
	if (failed == MDB_SUCCESS) {
		error = place_adopt(&lmdb->place, store->read_only);
		if (error != ERR_NONE)
			return error;
		(void)mdb_reader_check(lmdb->env, NULL);
		failed = open_tables(store);
	}
	if (failed != MDB_SUCCESS)
		log_line(LOG_UNUSUAL, "store_not_opened", "store=%s why=\"%s\"", store->path,
			 mdb_strerror(failed));
	error = failed == ENOENT ? ERR_NOT_FOUND : lmdb_env_code(failed);
	return error == ERR_NONE && !store->read_only ? make_durable(store) : error;
}

/* ---- looks ---- */

void lmdb_env_drop(struct look *look)
{
	for (unsigned table = 0; table < STORE_TABLES_MAX; table++) {
		if (look->walks[table].cursor != NULL)
			mdb_cursor_close(look->walks[table].cursor);
		if (look->gets[table].cursor != NULL)
			mdb_cursor_close(look->gets[table].cursor);
		free(look->walks[table].packs);
	}
	if (look->txn != NULL)
		mdb_txn_abort(look->txn);
	free(look);
}

struct look *lmdb_env_take(struct lmdb *lmdb)
{
	pthread_mutex_lock(&lmdb->gate);
	struct look *look = lmdb->idle;
	if (look != NULL)
		lmdb->idle = look->next;
	pthread_mutex_unlock(&lmdb->gate);
	return look != NULL ? look : calloc(1, sizeof(*look));
}

void lmdb_env_give(struct lmdb *lmdb, struct look *look)
{
	for (unsigned table = 0; table < STORE_TABLES_MAX; table++)
		look->walks[table].is_bound = look->gets[table].is_bound = false;
	pthread_mutex_lock(&lmdb->gate);
	look->next = lmdb->idle;
	lmdb->idle = look;
	pthread_mutex_unlock(&lmdb->gate);
}

void lmdb_env_close(struct store *store)
{
	struct lmdb *lmdb = store->base;

	CHECK(lmdb->looking == 0); /* a view that outlives its store would read unmapped memory */
	for (struct look *look = lmdb->idle, *next; look != NULL; look = next) {
		next = look->next;
		lmdb_env_drop(look);
	}
	if (lmdb->env != NULL)
		mdb_env_close(lmdb->env);
	packing_drop(&lmdb->packing);
	place_close(&lmdb->place);
	pthread_cond_destroy(&lmdb->calm);
	pthread_mutex_destroy(&lmdb->gate);
	free(lmdb);
	store->base = NULL;
}
