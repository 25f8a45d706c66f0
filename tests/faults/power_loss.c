/*
 * power_loss.c -- power_loss NOTES SEED: takes back what was not synced, as a machine that lost its power would find it.
 *
 * Of each file's writes that no sync has covered every sector of 512 bytes survives or not, by itself: writes are torn and out of order.
 * A sync that failed covers nothing, and a later one does not make up for it: the system has forgotten that these pages were to be written.
 * A sector that was written several times may hold any of its earlier values. A file that grew may have its old size, and a file
 * whose name was not synced may be gone. NOTES is the folder that faults.c wrote; it is emptied.
 */
#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "notes.h"

#define SECTOR 512u
#define NOTES_MAX 200000

static struct note notes[NOTES_MAX];
static const uint8_t *olds[NOTES_MAX];
static size_t count;
static uint64_t dice;

static uint64_t roll(void)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return dice >> 33;
}

static void die(const char *sentence, const char *name)
{
	fprintf(stderr, "power_loss: %s: %s\n", sentence, name);
	exit(2);
}

static void read_notes(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &status) != 0)
		die("cannot read", path);
	size_t size = (size_t)status.st_size, at = 0;
	uint8_t *bytes = malloc(size + 1);
	for (ssize_t got; at < size; at += (size_t)got)
		if ((got = read(fd, bytes + at, size - at)) <= 0)
			die("cannot read", path);
	close(fd);
	for (at = 0; at + sizeof(struct note) <= size;) {
		if (count == NOTES_MAX)
			die("more notes than it can hold", path);
		memcpy(&notes[count], bytes + at, sizeof(struct note));
		at += sizeof(struct note);
		if (notes[count].old_length > size - at)
			return; /* killed while it noted: the write did not happen */
		olds[count] = bytes + at;
		at += notes[count++].old_length;
	}
}

static bool is_of(size_t i, const char *path)
{
	return strcmp(notes[i].path, path) == 0;
}

/* The sectors of one file, from its newest write back to the last sync. */
struct torn {
	int fd;
	uint8_t *settled; /* per sector: its fate is known */
	uint64_t size;
	unsigned taken_back;
};

static void take_back(struct torn *torn, size_t i, bool is_durable)
{
	const struct note *note = &notes[i];
	uint64_t end = note->offset + note->length;

	for (uint64_t at = note->offset; at < end;) {
		uint64_t sector = at / SECTOR, next = (sector + 1) * SECTOR < end ? (sector + 1) * SECTOR : end;
		uint64_t from = at - note->offset, until = next - note->offset;

		if (!torn->settled[sector]) {
			static const uint8_t zeros[SECTOR];
			uint64_t old = until <= note->old_length ? until - from : from < note->old_length ? note->old_length - from : 0;

			if (is_durable || roll() % 2 == 0) {
				torn->settled[sector] = 1;
			} else {
				torn->taken_back++;
				if ((old > 0 && pwrite(torn->fd, olds[i] + from, old, (off_t)at) != (ssize_t)old) ||
				    (old < next - at && pwrite(torn->fd, zeros, next - at - old, (off_t)(at + old)) < 0))
					die("cannot take back", note->path);
			}
		}
		at = next;
	}
}

static unsigned lose_file(const char *path)
{
	struct torn torn = {.fd = open(path, O_RDWR)};
	uint64_t old_size = UINT64_MAX;
	struct stat status;
	bool synced = false, size_synced = false;

	if (torn.fd < 0)
		return 0; /* a folder, or gone meanwhile */
	if (fstat(torn.fd, &status) != 0)
		die("cannot look at", path);
	for (size_t i = 0; i < count; i++)
		if (is_of(i, path) && notes[i].offset + notes[i].length > torn.size)
			torn.size = notes[i].offset + notes[i].length;
	torn.settled = calloc(torn.size / SECTOR + 2, 1);
	for (size_t i = count; i-- > 0;) {
		if (!is_of(i, path))
			continue;
		if (notes[i].kind == NOTE_CREATE)
			break; /* what was noted before was another file */
		if (notes[i].kind == NOTE_SYNC || notes[i].kind == NOTE_SYNC_FAILED)
			synced = notes[i].kind == NOTE_SYNC;
		size_synced |= synced;
		if (notes[i].kind == NOTE_WRITE || notes[i].kind == NOTE_KEEP)
			take_back(&torn, i, synced || notes[i].kind == NOTE_KEEP);
		if (notes[i].kind == NOTE_WRITE && !size_synced && notes[i].size_before < old_size)
			old_size = notes[i].size_before;
	}
	/* A size that no sync has covered may be lost, but for what durable bytes hold up. */
	for (size_t i = 0; i < count; i++)
		if (is_of(i, path) && notes[i].kind == NOTE_KEEP && notes[i].offset + notes[i].length > old_size)
			old_size = notes[i].offset + notes[i].length;
	if (old_size < (uint64_t)status.st_size && roll() % 2 == 0 && ftruncate(torn.fd, (off_t)old_size) != 0)
		die("cannot shorten", path);
	close(torn.fd);
	free(torn.settled);
	return torn.taken_back;
}

/* A name that its folder's sync has not covered. */
static bool lose_name(size_t created)
{
	char path[sizeof(notes[created].path)];

	snprintf(path, sizeof(path), "%s", notes[created].path);
	const char *folder = dirname(path);
	for (size_t i = created + 1; i < count; i++)
		if (notes[i].kind == NOTE_FOLDER_SYNC && strcmp(notes[i].path, folder) == 0)
			return false;
	return roll() % 2 == 0 && unlink(notes[created].path) == 0;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	unsigned taken_back = 0, names = 0;
	struct dirent **entries;
	char path[512];

	if (argc != 3)
		die("usage", "power_loss NOTES SEED");
	dice = strtoull(argv[2], NULL, 10);
	int files = scandir(argv[1], &entries, is_visible, alphasort);
	if (files < 0)
		die("cannot open", argv[1]);
	for (int i = 0; i < files; i++) { /* whoever opened a file later found there what an earlier process had left */
		snprintf(path, sizeof(path), "%s/%s", argv[1], entries[i]->d_name);
		read_notes(path);
		unlink(path);
		free(entries[i]);
	}
	free(entries);
	for (size_t i = 0; i < count; i++) {
		size_t first = 0;

		while (!is_of(first, notes[i].path))
			first++;
		if (first == i)
			taken_back += lose_file(notes[i].path);
	}
	for (size_t i = 0; i < count; i++)
		if (notes[i].kind == NOTE_CREATE)
			names += lose_name(i);
	printf("%u sectors and %u names taken back\n", taken_back, names);
	return 0;
}
