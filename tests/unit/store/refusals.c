/* refusals.c -- linked with --wrap for every call of refusals.def. */
#include "refusals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>

#include <lmdb.h>

static const char *const names[CALLS] = {
#define CALL(name) #name,
#include "refusals.def"
#undef CALL
};

static struct {
	enum call call;
	unsigned after, times;
	int answer;
} plan;
static atomic_uint seen[CALLS], struck; /* threads of the tests call too */

unsigned long stated_type, stated_device;
bool stated_full;
long slept_s, clock_step_s;

const char *call_name(enum call call)
{
	return names[call];
}

void refuse(enum call call, unsigned after, unsigned times, int answer)
{
	plan.call = call;
	plan.after = after;
	plan.times = times;
	plan.answer = answer;
	struck = 0;
	slept_s = 0;
	for (unsigned i = 0; i < CALLS; i++)
		seen[i] = 0;
}

unsigned refused(void)
{
	return struck;
}

unsigned calls_seen(enum call call)
{
	return seen[call];
}

void refuse_nothing(void)
{
	plan.times = 0;
}

static bool strikes(enum call call)
{
	unsigned before = atomic_fetch_add(&seen[call], 1);

	if (plan.times == 0 || plan.call != call || before < plan.after || before >= plan.after + plan.times)
		return false;
	struck++;
	errno = plan.answer;
	return true;
}

/* WRAP(what it returns, its name, what it returns when refused, its parameters, its arguments) */
#define WRAP(type, name, refusal, parameters, arguments)                                           \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return strikes(CALL_##name) ? (refusal) : __real_##name arguments;                 \
	}

WRAP(void *, malloc, NULL, (size_t size), (size))
WRAP(void *, calloc, NULL, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, NULL, (void *old, size_t size), (old, size))
WRAP(char *, strdup, NULL, (const char *text), (text))
WRAP(int, mkdir, -1, (const char *path, mode_t mode), (path, mode))
WRAP(int, fstatat, -1, (int folder, const char *path, struct stat *status, int flags), (folder, path, status, flags))
WRAP(int, faccessat, -1, (int folder, const char *path, int mode, int flags), (folder, path, mode, flags))
WRAP(int, fsync, -1, (int file), (file))
WRAP(int, flock, -1, (int file, int how), (file, how))
WRAP(DIR *, opendir, NULL, (const char *path), (path))
WRAP(int, posix_fallocate, plan.answer, (int file, off_t from, off_t size), (file, from, size))
WRAP(int, unlinkat, -1, (int folder, const char *path, int flags), (folder, path, flags))
WRAP(int, pthread_cond_wait, 0, (pthread_cond_t *condition, pthread_mutex_t *mutex), (condition, mutex))
WRAP(int, mdb_env_create, plan.answer, (MDB_env **env), (env))
WRAP(int, mdb_env_open, plan.answer, (MDB_env *env, const char *path, unsigned flags, mdb_mode_t mode), (env, path, flags, mode))
WRAP(int, mdb_env_set_mapsize, plan.answer, (MDB_env *env, size_t size), (env, size))
WRAP(int, mdb_env_sync, plan.answer, (MDB_env *env, int force), (env, force))
WRAP(int, mdb_txn_begin, plan.answer, (MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **txn), (env, parent, flags, txn))
WRAP(int, mdb_txn_renew, plan.answer, (MDB_txn *txn), (txn))
WRAP(int, mdb_dbi_open, plan.answer, (MDB_txn *txn, const char *name, unsigned flags, MDB_dbi *table), (txn, name, flags, table))
WRAP(int, mdb_cursor_open, plan.answer, (MDB_txn *txn, MDB_dbi table, MDB_cursor **cursor), (txn, table, cursor))
WRAP(int, mdb_cursor_renew, plan.answer, (MDB_txn *txn, MDB_cursor *cursor), (txn, cursor))
WRAP(int, mdb_cursor_get, plan.answer, (MDB_cursor *cursor, MDB_val *key, MDB_val *value, MDB_cursor_op how), (cursor, key, value, how))
WRAP(int, mdb_cursor_put, plan.answer, (MDB_cursor *cursor, MDB_val *key, MDB_val *value, unsigned flags), (cursor, key, value, flags))
WRAP(int, mdb_cursor_del, plan.answer, (MDB_cursor *cursor, unsigned flags), (cursor, flags))
WRAP(int, mdb_del, plan.answer, (MDB_txn *txn, MDB_dbi table, MDB_val *key, MDB_val *value), (txn, table, key, value))
WRAP(int, mdb_reader_check, plan.answer, (MDB_env *env, int *dead), (env, dead))

/* As LMDB does, a commit that fails ends the transaction. */
int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn)
{
	if (!strikes(CALL_mdb_txn_commit))
		return __real_mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return plan.answer;
}

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	static long ahead_s;

	if (strikes(CALL_clock_gettime))
		return -1;
	int answer = __real_clock_gettime(clock, now);
	ahead_s = clock_step_s != 0 ? ahead_s + clock_step_s : 0;
	now->tv_sec += ahead_s;
	return answer;
}

int __real_nanosleep(const struct timespec *span, struct timespec *left);
int __wrap_nanosleep(const struct timespec *span, struct timespec *left);
int __wrap_nanosleep(const struct timespec *span, struct timespec *left)
{
	slept_s += span->tv_sec;
	return strikes(CALL_nanosleep) ? -1 : __real_nanosleep(span, left);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	va_list list;

	if (strikes(CALL_open))
		return -1;
	va_start(list, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
	va_end(list);
	return __real_open(path, flags, mode);
}

int __real_fstat(int file, struct stat *status);
int __wrap_fstat(int file, struct stat *status);
int __wrap_fstat(int file, struct stat *status)
{
	if (strikes(CALL_fstat))
		return -1;
	int answer = __real_fstat(file, status);
	if (stated_device != 0)
		status->st_dev = stated_device;
	return answer;
}

int __real_fstatvfs(int file, struct statvfs *status);
int __wrap_fstatvfs(int file, struct statvfs *status);
int __wrap_fstatvfs(int file, struct statvfs *status)
{
	if (strikes(CALL_fstatvfs))
		return -1;
	int answer = __real_fstatvfs(file, status);
	if (stated_full)
		status->f_bavail = 0;
	return answer;
}

int __real_fstatfs(int file, struct statfs *status);
int __wrap_fstatfs(int file, struct statfs *status);
int __wrap_fstatfs(int file, struct statfs *status)
{
	if (strikes(CALL_fstatfs))
		return -1;
	int answer = __real_fstatfs(file, status);
	if (stated_type != 0)
		status->f_type = (__fsword_t)stated_type;
	return answer;
}
