/* file.h -- bytes as a file that a reader of files can open by its name, and a place for what such a reader says to people. */
#ifndef TRIBUTARY_TESTS_FUZZ_FILE_H
#define TRIBUTARY_TESTS_FUZZ_FILE_H

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"

/* file_of -- its name. It is in memory, and one for the process: the next call fills it anew. */
#if defined(FUZZ_FOPEN)
const char *file_of(struct bytes bytes); /* and fopen knows it: no file is made */
#else
static inline const char *file_of(struct bytes bytes)
{
	static char path[32];
	static int descriptor;

	if (path[0] == 0) {
		descriptor = memfd_create("fuzz", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	}
	CHECK(descriptor >= 0);
	CHECK(pwrite(descriptor, bytes.data, bytes.size, 0) == (ssize_t)bytes.size);
	CHECK(ftruncate(descriptor, (off_t)bytes.size) == 0);
	return path;
}
#endif

/* file_nowhere -- what is written to it is gone; its buffer belongs to the process, not to whoever writes first. */
static inline FILE *file_nowhere(void)
{
	static char buffer[1 << 16];
	static FILE *nowhere;

	if (nowhere == NULL) {
		nowhere = fopen("/dev/null", "w");
		CHECK(nowhere != NULL);
		CHECK(setvbuf(nowhere, buffer, _IOFBF, sizeof(buffer)) == 0);
	}
	return nowhere;
}

/* file_hush -- complaints of a reader go nowhere until stderr is what was returned again: writing them takes longer than reading. */
static inline FILE *file_hush(void)
{
	FILE *loud = stderr;

	stderr = file_nowhere();
	return loud;
}

#endif
