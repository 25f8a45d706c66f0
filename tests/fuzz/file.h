/* file.h -- bytes as a file that a reader of files can open by its name. */
#ifndef TRIBUTARY_TESTS_FUZZ_FILE_H
#define TRIBUTARY_TESTS_FUZZ_FILE_H

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"

struct file {
	int descriptor;
	char path[32];
};

/* file_open -- in memory, until file_close. */
static inline struct file file_open(struct bytes bytes)
{
	struct file file = {.descriptor = memfd_create("fuzz", MFD_CLOEXEC)};

	CHECK(file.descriptor >= 0);
	CHECK(write(file.descriptor, bytes.data, bytes.size) == (ssize_t)bytes.size);
	snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.descriptor);
	return file;
}

static inline void file_close(const struct file *file)
{
	CHECK(close(file->descriptor) == 0);
}

#endif
