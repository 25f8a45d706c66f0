/*
 * fuzz_reader.c -- any bytes: the reader and msgpack-c's unpacker must agree, and what is accepted must
 * have JSON.
 */
#include "../unit/pack/oracle.h"
#include "base/check.h"
#include "base/error.h"
#include "fuzz.h"
#include "pack/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char json[1 << 20]; /* as large as any input of a fuzzer needs */
	struct bytes bytes = bytes_of(data, size);
	struct oracle_verdict verdict = oracle_compare(bytes);

	if (verdict.disagreement != NULL)
		fprintf(stderr, "%s: %s\n", error_name(verdict.error), verdict.disagreement);
	CHECK(verdict.disagreement == NULL);
	int error = json_of_msgpack(bytes, json, sizeof(json));
	CHECK(error == verdict.error || error == ERR_TOO_LARGE);
	return 0;
}
