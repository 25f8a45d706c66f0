/*
 * replay.c -- a fuzz target without its engine: every file of the folders it is called with, and every
 * truncation of each (of a script: some, since a script that is cut is mostly a shorter script).
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "fuzz.h"

#define PATH_BYTES 4096
#define CUT_BYTES_MAX 2048 /* files beyond it are replayed whole only */
#define CUTS_OF_SCRIPT 4

/* One input in a block of exactly its size, so that a sanitizer catches a read beyond it. */
static void replay_bytes(const uint8_t *bytes, size_t size)
{
	uint8_t *exact = malloc(size > 0 ? size : 1);

	CHECK(exact != NULL);
	memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static void replay_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(size > 0 ? size : 1);

	CHECK(file != NULL);
	CHECK(data != NULL);
	CHECK(fread(data, 1, size, file) == size);
	fclose(file);
	size_t step = FUZZ_SHAPE == SCRIPT ? size / CUTS_OF_SCRIPT + 1 : 1;

	replay_bytes(data, size);
	for (size_t cut = 0; cut < size && size <= CUT_BYTES_MAX; cut += step)
		replay_bytes(data, cut);
	free(data);
}

static unsigned replay(const char *path)
{
	char inner[PATH_BYTES];
	struct dirent *entry;
	unsigned count = 0;
	struct stat found;

	CHECK(stat(path, &found) == 0);
	if (!S_ISDIR(found.st_mode)) {
		replay_file(path, (size_t)found.st_size);
		return 1;
	}
	DIR *folder = opendir(path);
	CHECK(folder != NULL);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		CHECK(snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name) < (int)sizeof(inner));
		count += replay(inner);
	}
	closedir(folder);
	return count;
}

int main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++)
		count += replay(argv[i]);
	printf("%u inputs\n", count);
	return count > 0 ? 0 : 1;
}
