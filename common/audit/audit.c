/* audit.c -- the file: appended to under a lock and synced, read from its beginning. */
#include "audit/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit_line.h"
#include "base/error.h"

#define PATH_BYTES 4200
#define LOCK_WAIT_MS 5000 /* whoever holds it longer than that has stopped: nobody waits for them */
#define LOCK_LOOK_MS 5
#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now); /* house: the time of a person's act, for people */
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void audit_caller(char *out, unsigned size)
{
	struct passwd user, *found = NULL;
	char buffer[4096];
	uid_t uid = getuid();

	if (getpwuid_r(uid, &user, buffer, sizeof(buffer), &found) != 0 || found == NULL)
		snprintf(out, size, "unknown (uid %u)", (unsigned)uid);
	else
		snprintf(out, size, "%s (uid %u)", user.pw_name, (unsigned)uid);
}

/* ---- appending ---- */

/* The file, its end, and what stands there. */
struct end {
	int file;
	off_t size;	  /* through the last whole line */
	off_t torn;	  /* bytes behind it */
	uint64_t n;	  /* of the last line */
	char hash[AUDIT_HASH_TEXT + 1];
	bool is_sound;	  /* the last line is one, or there is none yet */
};

static int of_errno(void)
{
	return errno == ENOSPC || errno == EDQUOT ? ERR_DISK_FULL : ERR_SYSTEM;
}

static bool read_all(int file, char *out, size_t size, off_t from)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = pread(file, out + done, size - done, from + (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

static bool write_all(int file, const char *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t put = write(file, bytes + done, size - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		done += (size_t)put;
	}
	return true;
}

/* Lines up to a place, for the number of the next one when the last line does not tell. */
static uint64_t count_lines(int file, off_t size)
{
	char block[65536];
	uint64_t lines = 0;

	for (off_t at = 0; at < size;) {
		size_t want = (size_t)(size - at < (off_t)sizeof(block) ? size - at : (off_t)sizeof(block));

		if (!read_all(file, block, want, at))
			return lines;
		for (size_t i = 0; i < want; i++)
			lines += block[i] == '\n';
		at += (off_t)want;
	}
	return lines;
}

/*
 * Where the next line goes. A last line that was tampered with is no reason to lose what is done from now on: the chain goes on from
 * whatever stands there, and verify names it.
 */
static int find_end(struct end *end)
{
	char block[2 * AUDIT_LINE_MAX];
	struct stat status;
	struct audit_place place;

	if (fstat(end->file, &status) != 0)
		return ERR_SYSTEM;
	size_t size = (size_t)(status.st_size < (off_t)sizeof(block) ? status.st_size : (off_t)sizeof(block));
	if (!read_all(end->file, block, size, status.st_size - (off_t)size))
		return ERR_SYSTEM;
	size_t whole = size;
	while (whole > 0 && block[whole - 1] != '\n')
		whole--;
	end->torn = (off_t)(size - whole);
	end->size = status.st_size - end->torn;
	end->is_sound = whole == 0 && end->size == 0;
	memcpy(end->hash, NO_HASH, sizeof(end->hash));
	if (whole == 0)
		return ERR_NONE;
	size_t begin = whole - 1;
	while (begin > 0 && block[begin - 1] != '\n')
		begin--;
	end->is_sound = audit_line_read(block + begin, whole - 1 - begin, &place) && place.is_sound;
	if (!end->is_sound) {
		audit_hash(block + begin, whole - 1 - begin, end->hash);
		end->n = count_lines(end->file, end->size);
		return ERR_NONE;
	}
	memcpy(end->hash, place.hash, sizeof(end->hash));
	end->n = place.n;
	return ERR_NONE;
}

static int sync_folder(const char *dir)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = folder >= 0 && fsync(folder) == 0 ? ERR_NONE : ERR_SYSTEM;

	if (folder >= 0)
		close(folder);
	return error;
}

/* All of the line or nothing of it. */
static int append(struct end *end, const struct audit_act *act)
{
	char line[AUDIT_LINE_MAX];
	struct audit_place place;
	size_t size = audit_line_write(line, end->n + 1, now_us(), act, end->hash);

	if (lseek(end->file, end->size, SEEK_SET) < 0)
		return ERR_SYSTEM;
#if defined(MUTANT_NOTE_NOT_SYNCED)
	bool is_kept = write_all(end->file, line, size);
#else
	bool is_kept = write_all(end->file, line, size) && fsync(end->file) == 0;
#endif
	if (!is_kept) {
		int error = of_errno();

		(void)!ftruncate(end->file, end->size);
		return error;
	}
	CHECK(audit_line_read(line, size - 1, &place));
	memcpy(end->hash, place.hash, sizeof(end->hash));
	end->n = place.n;
	end->size += (off_t)size;
	return ERR_NONE;
}

/* Moves what a crash left of a line to the file beside it. */
static int cut(struct end *end, const char *dir)
{
	char path[PATH_BYTES], bytes[2 * AUDIT_LINE_MAX];
	size_t size = (size_t)end->torn;
	int error = ERR_NONE;

	CHECK(size <= sizeof(bytes));
	snprintf(path, sizeof(path), "%s/" AUDIT_TORN_FILE, dir);
	int aside = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (aside < 0)
		return of_errno();
	if (!read_all(end->file, bytes, size, end->size) || !write_all(aside, bytes, size) || fsync(aside) != 0)
		error = of_errno();
	close(aside);
	if (error == ERR_NONE)
		error = sync_folder(dir);
	if (error == ERR_NONE && ftruncate(end->file, end->size) != 0)
		error = ERR_SYSTEM;
	return error;
}

/* The file ends with a line again, and that it did not is noted. Nobody was told that the torn act was done. */
static int repair(struct end *end, const char *dir)
{
	char detail[256];
	off_t moved = 0;
	int error = ERR_NONE;

	while (error == ERR_NONE && end->torn > 0) { /* one crash leaves less than a line; who tampers may leave more */
		moved += end->torn;
		error = cut(end, dir);
		if (error == ERR_NONE)
			error = find_end(end);
	}
	snprintf(detail, sizeof(detail), "the last line had no end: %lld bytes were moved to " AUDIT_TORN_FILE, (long long)moved);
	return error == ERR_NONE ? append(end, &(const struct audit_act){"tributary", "audit.repair", AUDIT_FILE, detail}) : error;
}

static int open_file(const char *dir, int how)
{
	char path[PATH_BYTES];

	if ((size_t)snprintf(path, sizeof(path), "%s/" AUDIT_FILE, dir) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, how | O_CLOEXEC, 0600);
}

static bool lock(int file, int how)
{
#if defined(MUTANT_NO_LOCK)
	return file >= 0 || how == 0;
#else
	struct timespec moment = {0, LOCK_LOOK_MS * 1000000L};

	for (int waited_ms = 0; flock(file, how | LOCK_NB) != 0; waited_ms += LOCK_LOOK_MS) {
		if ((errno != EINTR && errno != EWOULDBLOCK) || waited_ms > LOCK_WAIT_MS)
			return false;
		nanosleep(&moment, NULL);
	}
	return true;
#endif
}

int audit_note(const char *dir, const struct audit_act *act)
{
	struct end end = {.file = open_file(dir, O_RDWR | O_CREAT)};
	char caller[256];
	struct audit_act whole = *act;

	if (end.file < 0)
		return of_errno();
	audit_caller(caller, sizeof(caller));
	whole.who = act->who != NULL ? act->who : caller;
	int error = lock(end.file, LOCK_EX) ? find_end(&end) : ERR_SYSTEM;
	if (error == ERR_NONE && end.size == 0)
		error = sync_folder(dir);
	if (error == ERR_NONE && end.torn > 0)
		error = repair(&end, dir);
	if (error == ERR_NONE)
		error = append(&end, &whole);
	close(end.file); /* and with it the lock */
	return error;
}

int audit_last(const char *dir, struct audit_head *head)
{
	struct end end = {.file = open_file(dir, O_RDONLY)};

	*head = (struct audit_head){.hash = NO_HASH};
	if (end.file < 0)
		return errno == ENOENT ? ERR_NONE : ERR_SYSTEM;
	int error = lock(end.file, LOCK_SH) ? find_end(&end) : ERR_SYSTEM;
	close(end.file);
	if (error == ERR_NONE && !end.is_sound)
		error = ERR_STORE_CORRUPT;
	if (error == ERR_NONE) {
		head->count = end.n;
		memcpy(head->hash, end.hash, sizeof(head->hash));
	}
	return error;
}

/* ---- reading ---- */

/* Bytes of the file while nobody is in the middle of a line. What stands there stays: reading it needs no lock, and keeps nobody waiting. */
static off_t settled_size(int file)
{
	struct stat status;
	off_t size = lock(file, LOCK_SH) && fstat(file, &status) == 0 ? status.st_size : -1;

	(void)lock(file, LOCK_UN);
	return size;
}

/* Calls each for every line; the last one may have no end. */
static int read_lines(const char *dir, void (*each)(void *context, const char *line, size_t size, bool is_whole), void *context)
{
	int file = open_file(dir, O_RDONLY);
	FILE *in = file >= 0 ? fdopen(file, "r") : NULL;
	char *line = NULL;
	size_t room = 0;

	if (in == NULL) {
		int error = file < 0 && errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM;

		if (file >= 0)
			close(file);
		return error;
	}
	off_t left = settled_size(file);
	int error = left >= 0 ? ERR_NONE : ERR_SYSTEM;
	for (ssize_t size; left > 0 && (size = getline(&line, &room, in)) > 0; left -= size) {
		bool is_whole = line[size - 1] == '\n';

		each(context, line, (size_t)(is_whole ? size - 1 : size), is_whole);
	}
	if (ferror(in))
		error = ERR_SYSTEM;
	free(line);
	fclose(in);
	return error;
}

struct verification {
	void (*each)(void *context, const struct audit_wrong *wrong);
	void *context;
	const char *anchor;
	bool anchor_found;
	uint64_t line, wrong, n;		/* n: of the line before */
	char hash[AUDIT_HASH_TEXT + 1]; /* of the line before; empty: it is not known, since that line was altered */
};

static void wrong(struct verification *v, enum audit_wrong_kind kind, const char *format, uint64_t a, uint64_t b)
{
	static const char *const words[] = {"altered", "removed", "reordered", "torn", "truncated"};
	struct audit_wrong wrong = {.kind = kind, .line = v->line, .word = words[kind]};

	snprintf(wrong.what, sizeof(wrong.what), format, (unsigned long long)a, (unsigned long long)b);
	v->wrong++;
	if (v->each != NULL)
		v->each(v->context, &wrong);
}

/* Its bytes are those of its hash: is it where it was written? */
static void verify_place(struct verification *v, const struct audit_place *place)
{
	bool follows = v->hash[0] == 0 || strcmp(place->previous, v->hash) == 0;

	if (place->n <= v->n)
		wrong(v, AUDIT_REORDERED, "number %llu stands behind number %llu", place->n, v->n);
	else if (place->n > v->n + 1)
		wrong(v, AUDIT_REMOVED, "number %llu follows number %llu: what was between them is not there", place->n, v->n);
#if !defined(MUTANT_CHAIN_UNCHECKED)
	else if (!follows)
		wrong(v, AUDIT_ALTERED, "number %llu was written behind another number %llu than the one that stands there", place->n, v->n);
#endif
	(void)follows;
}

static void verify_line(void *context, const char *line, size_t size, bool is_whole)
{
	struct verification *v = context;
	struct audit_place place;

	v->line++;
	if (!is_whole) {
		wrong(v, AUDIT_TORN, "%llu bytes without an end: what was noted last was not noted whole", size, 0);
		return;
	}
	bool is_read = audit_line_read(line, size, &place);
	if (!is_read || !place.is_sound) {
		wrong(v, AUDIT_ALTERED, "its hash is not that of its bytes", 0, 0);
		v->hash[0] = 0;
		v->n++; /* the next line tells whether this one was in its place */
		return;
	}
	verify_place(v, &place);
	v->n = place.n;
	memcpy(v->hash, place.hash, sizeof(v->hash));
	v->anchor_found = v->anchor_found || (v->anchor != NULL && strcmp(v->anchor, place.hash) == 0);
}

int audit_verify(const char *dir, const char *anchor, void (*each)(void *context, const struct audit_wrong *wrong), void *context,
		 struct audit_head *head, uint64_t *count)
{
	struct verification v = {.each = each, .context = context, .anchor = anchor, .hash = NO_HASH};
	int error = read_lines(dir, verify_line, &v);

	*head = (struct audit_head){.hash = NO_HASH};
	*count = 0;
	if (error == ERR_NOT_FOUND && anchor != NULL)
		error = ERR_NONE; /* there was a file when the anchor was taken */
	if (error != ERR_NONE)
		return error;
#if !defined(MUTANT_ANCHOR_IGNORED)
	if (anchor != NULL && !v.anchor_found && strcmp(anchor, NO_HASH) != 0)
		wrong(&v, AUDIT_TRUNCATED, "none of the %llu lines is the one that the anchor was taken of", v.line, 0);
#endif
	head->count = v.n;
	memcpy(head->hash, v.hash, sizeof(head->hash));
	*count = v.wrong;
	return ERR_NONE;
}

struct listing {
	void (*each)(void *context, const char *line, unsigned size);
	void *context;
};

static void list_line(void *context, const char *line, size_t size, bool is_whole)
{
	struct listing *listing = context;

	if (is_whole)
		listing->each(listing->context, line, (unsigned)size);
}

int audit_each(const char *dir, void (*each)(void *context, const char *line, unsigned size), void *context)
{
	struct listing listing = {each, context};

	return read_lines(dir, list_line, &listing);
}
