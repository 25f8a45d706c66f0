/* fuzz_params.c -- any text as network.yaml: refused with a sentence, or values that print and load back the same. */
#include <string.h>

#include "base/error.h"
#include "file.h"
#include "fuzz.h"
#include "params/params.h"
#include "scene.h"

#define PRINTED_BYTES (256u << 10)

/* It ends with a zero, which fmemopen writes. */
static void print(const struct params *params, char text[PRINTED_BYTES])
{
	FILE *out = fmemopen(text, PRINTED_BYTES - 1, "w");

	CHECK(out != NULL);
	params_print(params, out);
	CHECK(fclose(out) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[PRINTED_BYTES], second[PRINTED_BYTES]; /* of the process: they are large */
	char message[400] = "";
	struct params params, again;

	if (size > 16384)
		return 0;
	if (scene_enter(0))
		scene_keep(); /* nothing is prepared */
	int error = params_load(&params, file_of(bytes_of(data, size)), message, sizeof(message));
	CHECK(error == ERR_NONE || message[0] != 0);
	if (error == ERR_NONE) {
		print(&params, text);
		CHECK(params_load(&again, file_of(bytes_of(text, strlen(text))), message, sizeof(message)) == ERR_NONE);
		print(&again, second);
		CHECK(strcmp(text, second) == 0);
		params_free(&again);
	}
	params_free(&params);
	scene_leave();
	return 0;
}
