/* fuzz_params.c -- any text as network.yaml: refused with a sentence, or values that print and load back the same. */
#include <string.h>

#include "base/error.h"
#include "file.h"
#include "fuzz.h"
#include "params/params.h"

#define PRINTED_BYTES (256u << 10)

static char *print(const struct params *params)
{
	char *text = calloc(1, PRINTED_BYTES);
	FILE *out = text != NULL ? fmemopen(text, PRINTED_BYTES - 1, "w") : NULL;

	CHECK(out != NULL);
	params_print(params, out);
	CHECK(fclose(out) == 0);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char message[400] = "";
	struct params params, again;

	if (size > 16384)
		return 0;
	struct file file = file_open(bytes_of(data, size));
	int error = params_load(&params, file.path, message, sizeof(message));
	file_close(&file);
	CHECK(error == ERR_NONE || message[0] != 0);
	if (error == ERR_NONE) {
		char *text = print(&params);
		file = file_open(bytes_of(text, strlen(text)));
		CHECK(params_load(&again, file.path, message, sizeof(message)) == ERR_NONE);
		file_close(&file);
		char *second = print(&again);
		CHECK(strcmp(text, second) == 0);
		free(text);
		free(second);
		params_free(&again);
	}
	params_free(&params);
	return 0;
}
