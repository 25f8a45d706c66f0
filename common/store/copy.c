/* copy.c -- what a view shows, table by table, into a new environment: compact, at the pace that is asked for. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "store/lmdb_env.h"

#define COPY_TABLES_MAX STORE_TABLES_MAX
#define COPY_TURN_BYTES ((uint64_t)8 << 20) /* written with one commit of the copy */

struct copying {
	MDB_env *env;
	MDB_txn *from, *to;
	MDB_cursor *at;		/* in the copy's table */
	MDB_dbi table;		/* the copy's */
	uint64_t turn_bytes;	/* since its last commit */
	uint64_t bytes_per_second;
	struct timespec began;
	XXH3_state_t hash;
	struct store_copied *copied;
};

static int open_copy(struct copying *copying, struct view *view, const char *path)
{
	struct lmdb *lmdb = view->store->base;
	MDB_envinfo info;

	if (mkdir(path, 0700) != 0)
		return errno;
	int error = mdb_env_create(&copying->env);
	if (error != MDB_SUCCESS)
		return error;
	CHECK(mdb_env_info(lmdb->env, &info) == MDB_SUCCESS);
	CHECK(mdb_env_set_maxdbs(copying->env, COPY_TABLES_MAX) == MDB_SUCCESS);
	CHECK(mdb_env_set_mapsize(copying->env, info.me_mapsize + COPY_TURN_BYTES) == MDB_SUCCESS);
	/* It is flushed as a whole at its end: before that it is not a copy. */
	return mdb_env_open(copying->env, path, MDB_NOTLS | MDB_NOSYNC, 0600);
}

/* Sleeps for as long as this much should have taken. */
static void keep_pace(const struct copying *copying)
{
	struct timespec now;

	if (copying->bytes_per_second == 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double due_s = (double)copying->copied->bytes / (double)copying->bytes_per_second;
	double took_s = (double)(now.tv_sec - copying->began.tv_sec) + (double)(now.tv_nsec - copying->began.tv_nsec) / 1e9;
	double wait_s = due_s - took_s;
	struct timespec span = {(time_t)wait_s, (long)((wait_s - (double)(time_t)wait_s) * 1e9)};

	if (wait_s > 0)
		nanosleep(&span, NULL);
}

static int turn_begin(struct copying *copying)
{
	int error = mdb_txn_begin(copying->env, NULL, 0, &copying->to);

	if (error == MDB_SUCCESS)
		error = mdb_cursor_open(copying->to, copying->table, &copying->at);
	return error;
}

static int turn_end(struct copying *copying)
{
	MDB_txn *txn = copying->to;

	mdb_cursor_close(copying->at);
	copying->at = NULL;
	copying->to = NULL;
	copying->turn_bytes = 0;
	return mdb_txn_commit(txn);
}

static void hash_value(struct copying *copying, const MDB_val *value)
{
	uint8_t size[8];

	put_u64_be(size, value->mv_size);
	XXH3_64bits_update(&copying->hash, size, sizeof(size));
	if (value->mv_size > 0)
		XXH3_64bits_update(&copying->hash, value->mv_data, value->mv_size);
	copying->turn_bytes += value->mv_size;
	copying->copied->bytes += value->mv_size;
}

static int copy_rows(struct copying *copying, MDB_cursor *from)
{
	MDB_val key, value;
	int error = mdb_cursor_get(from, &key, &value, MDB_FIRST);

	for (; error == MDB_SUCCESS; error = mdb_cursor_get(from, &key, &value, MDB_NEXT)) {
		hash_value(copying, &key);
		hash_value(copying, &value);
		copying->copied->rows++;
		error = mdb_cursor_put(copying->at, &key, &value, MDB_APPEND);
		if (error == MDB_SUCCESS && copying->turn_bytes > COPY_TURN_BYTES) {
			error = turn_end(copying);
			keep_pace(copying);
			if (error == MDB_SUCCESS)
				error = turn_begin(copying);
		}
		if (error != MDB_SUCCESS)
			return error;
	}
	return error == MDB_NOTFOUND ? MDB_SUCCESS : error;
}

static int copy_table(struct copying *copying, const MDB_val *name)
{
	char text[512];
	MDB_cursor *from = NULL;
	MDB_dbi table;

	CHECK(name->mv_size < sizeof(text)); /* LMDB's keys are shorter */
	memcpy(text, name->mv_data, name->mv_size);
	text[name->mv_size] = 0;
	hash_value(copying, name);
	int error = mdb_dbi_open(copying->from, text, 0, &table);
	if (error == MDB_SUCCESS)
		error = mdb_cursor_open(copying->from, table, &from);
	if (error == MDB_SUCCESS)
		error = mdb_txn_begin(copying->env, NULL, 0, &copying->to);
	if (error == MDB_SUCCESS)
		error = mdb_dbi_open(copying->to, text, MDB_CREATE, &copying->table);
	if (error == MDB_SUCCESS)
		error = mdb_cursor_open(copying->to, copying->table, &copying->at);
	if (error == MDB_SUCCESS)
		error = copy_rows(copying, from);
	if (from != NULL)
		mdb_cursor_close(from);
	return error == MDB_SUCCESS ? turn_end(copying) : error;
}

static int copy_tables(struct copying *copying)
{
	MDB_cursor *names;
	MDB_dbi main_table;
	MDB_val name, ignored;
	int error = mdb_dbi_open(copying->from, NULL, 0, &main_table);

	if (error == MDB_SUCCESS)
		error = mdb_cursor_open(copying->from, main_table, &names);
	if (error != MDB_SUCCESS)
		return error;
	error = mdb_cursor_get(names, &name, &ignored, MDB_FIRST);
	for (; error == MDB_SUCCESS; error = mdb_cursor_get(names, &name, &ignored, MDB_NEXT)) {
		error = copy_table(copying, &name);
		if (error != MDB_SUCCESS)
			break;
	}
	mdb_cursor_close(names);
	return error == MDB_NOTFOUND ? MDB_SUCCESS : error;
}

static int finish(const struct copying *copying, const char *path)
{
	char lock[4096];
	struct place place;
	int error = mdb_env_sync(copying->env, 1);

	snprintf(lock, sizeof(lock), "%s/lock.mdb", path);
	(void)unlink(lock); /* nobody has it open but us */
	if (error != MDB_SUCCESS)
		return lmdb_env_code(error);
	int code = place_open(&place, path, true, true);
	if (code == ERR_NONE)
		code = place_sync(&place, path);
	place_close(&place);
	return code;
}

int store_copy(struct view *view, const char *path, uint64_t bytes_per_second, struct store_copied *copied)
{
	struct look *look = view->look;
	struct copying copying = {.from = look->txn, .bytes_per_second = bytes_per_second, .copied = copied};

	CHECK(view->store->backend == &store_lmdb);
	*copied = (struct store_copied){0};
	clock_gettime(CLOCK_MONOTONIC, &copying.began);
	XXH3_64bits_reset(&copying.hash);
	int failed = open_copy(&copying, view, path);
	if (failed == MDB_SUCCESS)
		failed = copy_tables(&copying);
	if (copying.at != NULL)
		mdb_cursor_close(copying.at);
	if (copying.to != NULL)
		mdb_txn_abort(copying.to);
	int error = failed == EEXIST ? ERR_USAGE : lmdb_env_code(failed);
	if (error == ERR_NONE)
		error = finish(&copying, path);
	copied->hash = XXH3_64bits_digest(&copying.hash);
	if (copying.env != NULL)
		mdb_env_close(copying.env);
	return error;
}
