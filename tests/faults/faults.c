/*
 * faults.c -- a library to preload (LD_PRELOAD): it makes calls on chosen files fail, or notes what a power loss would take back.
 *
 *   FAULTS_PATH   only files below this folder are concerned (lock files are not)
 *   FAULTS_PLAN   a file that says "PROGRAM CALL N WHAT": the N-th CALL of that program from its start fails: open write pwrite writev
 *                 fdatasync fsync ftruncate mmap malloc. WHAT is EIO, ENOSPC, EINTR, SHORT (half is written), HANG (2 seconds, then it
 *                 works), KILL (the process dies of SIGKILL before the call), LIE (this sync and all later ones say that they did, and
 *                 did not). Who meets the fault removes the file: it happens once, and a sweep knows its end. A plan that is no longer
 *                 there, or is another one by then, was given up: nothing fails.
 *   FAULTS_CLOCK  folder with a file for each program, eight bytes: so many microseconds (int64) its wall clock is ahead, now
 *   FAULTS_UNDO   folder for the notes of power_loss, one file a process: before each write the bytes that stood there, and each
 *                 sync that makes them history
 *
 * Calls of its own go straight to the kernel.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "notes.h"

#define FILES_MAX 1024

static struct file {
	bool concerned, is_folder, durable; /* durable: opened with O_DSYNC */
	char path[240];
} files[FILES_MAX];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* No signal meanwhile: a handler that writes, as libuv's does, would wait for the lock that its own thread holds. */
static void hold(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, before);
	pthread_mutex_lock(&lock);
}

static void release(const sigset_t *before)
{
	pthread_mutex_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

static char folder[240], plan[240], planned[128], call[16], what[16];
static long left; /* calls until the one that fails; 0: none will */
static int64_t *ahead_us;
static bool lying;
static int undo = -1;

static void read_file(const char *path, char *text, size_t size)
{
	int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);

	memset(text, 0, size);
	if (file < 0)
		return;
	syscall(SYS_read, file, text, size - 1);
	syscall(SYS_close, file);
}

static void read_plan(void)
{
	char program[32];

	read_file(plan, planned, sizeof(planned));
	if (planned[0] == 0)
		return;
	if (sscanf(planned, "%31s %15[a-z] %ld %15[A-Z]", program, call, &left, what) != 4)
		abort();
	if (strcmp(program, program_invocation_short_name) != 0)
		left = 0;
}

static void find_clock(const char *clocks)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", clocks, program_invocation_short_name);
	int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return;
	ahead_us = (int64_t *)syscall(SYS_mmap, NULL, sizeof(*ahead_us), PROT_READ, MAP_SHARED, file, 0);
	syscall(SYS_close, file);
	if (ahead_us == MAP_FAILED)
		abort();
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAULTS_PATH"), *plans = getenv("FAULTS_PLAN"), *notes = getenv("FAULTS_UNDO");
	char name[300];

	if (path != NULL)
		snprintf(folder, sizeof(folder), "%s", path);
	if (notes != NULL) { /* named so that power_loss reads them in the order of their beginning */
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		snprintf(name, sizeof(name), "%s/%012lld.%09ld.%d", notes, (long long)now.tv_sec, now.tv_nsec, getpid());
		undo = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	}
	if (getenv("FAULTS_CLOCK") != NULL)
		find_clock(getenv("FAULTS_CLOCK"));
	snprintf(plan, sizeof(plan), "%s", plans != NULL ? plans : "");
	if (plan[0] != 0)
		read_plan();
}

static void *real(const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	if (symbol == NULL)
		abort();
	return symbol;
}

/* Whether this call is the one: then errno is set, or the call was only late and goes on. */
static bool fails(const char *name, bool concerned)
{
	char now[sizeof(planned)];

	if (!concerned || left <= 0 || strcmp(name, call) != 0 || __atomic_sub_fetch(&left, 1, __ATOMIC_SEQ_CST) != 0)
		return false;
	read_file(plan, now, sizeof(now));
	if (strcmp(now, planned) != 0)
		return false;
	syscall(SYS_unlinkat, AT_FDCWD, plan, 0);
	lying = strcmp(what, "LIE") == 0;
	if (strcmp(what, "KILL") == 0) {
		kill(getpid(), SIGKILL);
		for (;;)
			pause();
	}
	if (strcmp(what, "HANG") == 0) {
		nanosleep(&(struct timespec){2, 0}, NULL);
		return false;
	}
	errno = strcmp(what, "ENOSPC") == 0 ? ENOSPC : strcmp(what, "EINTR") == 0 ? EINTR : EIO;
	return true;
}

static struct file *file_of(int fd)
{
	return fd >= 0 && fd < FILES_MAX && files[fd].concerned ? &files[fd] : NULL;
}

/* ---- notes for power_loss ---- */

static void note(enum note_kind kind, const struct file *file, uint64_t offset, uint64_t length, uint64_t size_before,
		 const void *old, uint64_t old_length)
{
	struct note note = {.kind = kind, .offset = offset, .length = length, .size_before = size_before, .old_length = old_length};

	if (undo < 0)
		return;
	snprintf(note.path, sizeof(note.path), "%s", file->path);
	struct iovec parts[] = {{&note, sizeof(note)}, {(void *)(uintptr_t)old, old_length}};
	if (syscall(SYS_writev, undo, parts, old_length > 0 ? 2 : 1) != (long)(sizeof(note) + old_length))
		abort(); /* a note that is lost would make the test lie */
}

/* What stands where something is about to be written. */
static void note_write(const struct file *file, int fd, uint64_t offset, uint64_t length)
{
	struct stat status;
	uint8_t *old = NULL;
	uint64_t kept = 0;

	if (undo < 0)
		return;
	if (file->durable) {
		note(NOTE_KEEP, file, offset, length, 0, NULL, 0);
		return;
	}
	if (fstat(fd, &status) != 0)
		abort();
	if ((uint64_t)status.st_size > offset)
		kept = (uint64_t)status.st_size - offset < length ? (uint64_t)status.st_size - offset : length;
	int readable = kept > 0 ? (int)syscall(SYS_openat, AT_FDCWD, file->path, O_RDONLY | O_CLOEXEC) : -1;
	if (kept > 0) {
		old = mmap(NULL, kept, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (old == MAP_FAILED || syscall(SYS_pread64, readable, old, kept, offset) != (long)kept)
			abort();
		syscall(SYS_close, readable);
	}
	note(NOTE_WRITE, file, offset, length, (uint64_t)status.st_size, old, kept);
	if (kept > 0)
		munmap(old, kept);
}

/* ---- the calls ---- */

static void opened(int fd, const char *path, int flags, bool is_new)
{
	const char *base = strrchr(path, '/');

	if (fd < 0 || fd >= FILES_MAX)
		return;
	files[fd].concerned = folder[0] != 0 && strncmp(path, folder, strlen(folder)) == 0 &&
			      (base == NULL || strcmp(base, "/lock.mdb") != 0);
	if (!files[fd].concerned)
		return;
	struct stat status;
	snprintf(files[fd].path, sizeof(files[fd].path), "%s", path);
	files[fd].durable = (flags & O_DSYNC) != 0;
	files[fd].is_folder = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
	if (is_new && !files[fd].is_folder)
		note(NOTE_CREATE, &files[fd], 0, 0, 0, NULL, 0);
}

static int open_any(int at, const char *path, int flags, mode_t mode)
{
	bool concerned = folder[0] != 0 && strncmp(path, folder, strlen(folder)) == 0;
	bool is_new = (flags & O_CREAT) != 0 && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;

	if (fails("open", concerned))
		return -1;
	int fd = (int)syscall(SYS_openat, at, path, flags, mode);
	opened(fd, path, flags, is_new);
	return fd;
}

#define OPEN(name, before, at)                                                                                   \
	int name(before const char *path, int flags, ...)                                                        \
	{                                                                                                        \
		va_list rest;                                                                                    \
                                                                                                                 \
		va_start(rest, flags);                                                                           \
		mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;                   \
		va_end(rest);                                                                                    \
		return open_any(at, path, flags, mode);                                                          \
	}
#define FOLDER int folder_of_path,
OPEN(open, , AT_FDCWD)
OPEN(open64, , AT_FDCWD)
OPEN(openat, FOLDER, folder_of_path)
OPEN(openat64, FOLDER, folder_of_path)

int close(int fd)
{
	if (fd >= 0 && fd < FILES_MAX)
		files[fd].concerned = false;
	return (int)syscall(SYS_close, fd);
}

static ssize_t write_vector(const char *name, int fd, const struct iovec *parts, int count, int64_t offset)
{
	struct file *file = file_of(fd);
	size_t length = 0;
	ssize_t done;

	for (int i = 0; i < count; i++)
		length += parts[i].iov_len;
	bool failed = fails(name, file != NULL);
	if (failed && strcmp(what, "SHORT") != 0)
		return -1;
	struct iovec half = {parts[0].iov_base, parts[0].iov_len / 2};
	if (failed) {
		parts = &half;
		count = 1;
		length = half.iov_len;
	}
	sigset_t before;

	hold(&before);
	if (file != NULL)
		note_write(file, fd, offset >= 0 ? (uint64_t)offset : (uint64_t)syscall(SYS_lseek, fd, 0, SEEK_CUR), length);
	if (offset >= 0)
		done = count == 1 ? syscall(SYS_pwrite64, fd, parts[0].iov_base, parts[0].iov_len, offset)
				  : syscall(SYS_pwritev, fd, parts, count, (unsigned long)offset, (unsigned long)offset >> 32 >> 32);
	else
		done = syscall(SYS_writev, fd, parts, count);
	release(&before);
	return done;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	return write_vector("write", fd, &(struct iovec){(void *)(uintptr_t)bytes, size}, 1, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	return write_vector("pwrite", fd, &(struct iovec){(void *)(uintptr_t)bytes, size}, 1, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t offset)
{
	return write_vector("pwrite", fd, &(struct iovec){(void *)(uintptr_t)bytes, size}, 1, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	return write_vector("writev", fd, parts, count, -1);
}

static int sync_with(const char *name, long number, int fd)
{
	struct file *file = file_of(fd);

	bool failed = fails(name, file != NULL);
	if (file != NULL && lying)
		return 0;
	if (failed) {
		note(NOTE_SYNC_FAILED, file, 0, 0, 0, NULL, 0);
		return -1;
	}
	sigset_t before;

	hold(&before);
	int result = (int)syscall(number, fd);
	if (result == 0 && file != NULL)
		note(file->is_folder ? NOTE_FOLDER_SYNC : NOTE_SYNC, file, 0, 0, 0, NULL, 0);
	release(&before);
	return result;
}

int fdatasync(int fd)
{
	return sync_with("fdatasync", SYS_fdatasync, fd);
}

int fsync(int fd)
{
	return sync_with("fsync", SYS_fsync, fd);
}

int ftruncate(int fd, off_t size)
{
	return fails("ftruncate", file_of(fd) != NULL) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	if (fails("mmap", file_of(fd) != NULL))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}

/* What waits until some time of the wall clock waits in the kernel, which knows nothing of this: as if the clock had jumped afterwards. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (ahead_us == NULL || clock != CLOCK_REALTIME || result != 0)
		return result;
	int64_t us = (int64_t)now->tv_sec * 1000000 + now->tv_nsec / 1000 + __atomic_load_n(ahead_us, __ATOMIC_RELAXED);
	*now = (struct timespec){us / 1000000, us % 1000000 * 1000 + now->tv_nsec % 1000};
	return 0;
}

void *malloc(size_t size)
{
	static void *(*real_malloc)(size_t);

	if (left > 0 && call[0] == 'm' && call[1] == 'a' && fails("malloc", true)) {
		errno = ENOMEM;
		return NULL;
	}
	if (real_malloc == NULL)
		real_malloc = (void *(*)(size_t))(uintptr_t)real("__libc_malloc");
	return real_malloc(size);
}
