/* samples.c -- reads what the generator laid out: golden/<event>/<version>-<case>.json, corpus/<event>/<version>-<case>. */
#include "samples.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void samples_c_name(const struct event_type *type, char name[TYPE_TEXT_MAX + 1])
{
	snprintf(name, TYPE_TEXT_MAX + 1, "%s", type->name);
	for (char *at = name; *at != 0; at++)
		if (*at == '.')
			*at = '_';
}

/* A whole file, with a zero behind it that does not count. */
static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	long end;

	CHECK(file != NULL);
	CHECK(fseek(file, 0, SEEK_END) == 0);
	end = ftell(file);
	CHECK(end >= 0);
	rewind(file);
	data = malloc((size_t)end + 1);
	CHECK(data != NULL);
	CHECK(fread(data, 1, (size_t)end, file) == (size_t)end);
	fclose(file);
	data[end] = 0;
	*size = (size_t)end;
	return data;
}

uint8_t *samples_copy(struct bytes bytes)
{
	uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);

	CHECK(copy != NULL);
	if (bytes.size > 0)
		memcpy(copy, bytes.data, bytes.size);
	return copy;
}

static void read_one(struct sample *sample, const char *c_name)
{
	char path[1024];
	size_t size;
	uint8_t *data;

	CHECK(snprintf(path, sizeof path, GENERATED_FOLDER "/golden/%s/%s.json", c_name, sample->name) < 1024);
	sample->json = (char *)read_file(path, &size);
	CHECK(snprintf(path, sizeof path, GENERATED_FOLDER "/corpus/%s/%s", c_name, sample->name) < 1024);
	data = read_file(path, &size);
	sample->bytes = bytes_of(samples_copy(bytes_of(data, size)), size);
	free(data);
}

unsigned samples_read(const struct event_type *type, struct sample samples[SAMPLES_MAX])
{
	char c_name[TYPE_TEXT_MAX + 1], path[1024];
	struct dirent *entry;
	unsigned count = 0;
	DIR *folder;

	samples_c_name(type, c_name);
	CHECK(snprintf(path, sizeof path, GENERATED_FOLDER "/corpus/%s", c_name) < 1024);
	folder = opendir(path);
	CHECK(folder != NULL);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		CHECK(count < SAMPLES_MAX);
		CHECK(strlen(entry->d_name) < sizeof samples[count].name);
		memcpy(samples[count].name, entry->d_name, strlen(entry->d_name) + 1);
		read_one(&samples[count++], c_name);
	}
	closedir(folder);
	return count;
}

void samples_free(struct sample samples[SAMPLES_MAX], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		free(samples[i].json);
		free((void *)(uintptr_t)samples[i].bytes.data);
	}
}

void *samples_unpack(const struct event_type *type, struct bytes bytes, struct arena *arena, int *error,
		     const char **field)
{
	struct reader reader = reader_of(bytes);
	void *event = arena_take(arena, type->struct_size);

	CHECK(event != NULL);
	*error = type->unpack(event, &reader, arena);
	CHECK(*error == reader.error);
	*error = reader_finish(&reader);
	*field = reader.field;
	return *error == ERR_NONE ? event : NULL;
}
