/*
 * orders.c -- Goal: what an input does hangs on nothing that was played before it. Method: FUZZ_ORDERS=FOLDER plays the folder's files forward
 * and backward, and compares the memory that each leaves behind, word for word.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "fuzz.h"
#include "scene.h"

#define INPUTS_MAX 20000
#define INPUT_BYTES 65536

struct input {
	uint8_t *data;
	size_t size;
	uint64_t print;
	char name[256];
};

static struct input inputs[INPUTS_MAX]; /* of the process: they are many */
static unsigned count;

int LLVMFuzzerInitialize(int *argc, char ***argv);

static void load(const char *folder)
{
	DIR *opened = opendir(folder);

	CHECK(opened != NULL);
	for (struct dirent *entry; (entry = readdir(opened)) != NULL && count < INPUTS_MAX;) {
		struct input *input = &inputs[count];
		char path[4096];

		CHECK(snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) < (int)sizeof(path));
		FILE *file = entry->d_name[0] != '.' ? fopen(path, "rb") : NULL;
		if (file == NULL)
			continue;
		input->data = malloc(INPUT_BYTES);
		CHECK(input->data != NULL);
		input->size = fread(input->data, 1, INPUT_BYTES, file);
		snprintf(input->name, sizeof(input->name), "%s", entry->d_name);
		fclose(file);
		count++;
	}
	closedir(opened);
}

static uint64_t play(const struct input *input)
{
	scene_print = 0;
	LLVMFuzzerTestOneInput(input->data, input->size);
	return scene_print;
}

/* The first round finds places for large blocks. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *folder = getenv("FUZZ_ORDERS");
	unsigned others = 0;

	(void)argc;
	(void)argv;
	if (folder == NULL)
		return 0;
	load(folder);
	scene_prints = true;
	for (unsigned i = 0; i < count; i++)
		(void)play(&inputs[i]);
	for (unsigned i = 0; i < count; i++)
		inputs[i].print = play(&inputs[i]);
	for (unsigned i = count; i-- > 0;)
		if (play(&inputs[i]) != inputs[i].print) {
			others++;
			fprintf(stderr, "%s: its outcome hangs on what was played before\n", inputs[i].name);
		}
	printf("%u inputs in two orders, %u with two outcomes\n", count, others);
	exit(count > 0 && others == 0 ? 0 : 1);
}
