/* audit_hash.c -- BLAKE2b with 32 bytes, as text. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include <sodium.h>

#include "audit/audit_line.h"
#include "base/error.h"

#define HASH_BYTES (AUDIT_HASH_TEXT / 2)

static void finish(crypto_generichash_state *state, char out[AUDIT_HASH_TEXT + 1])
{
	unsigned char hash[HASH_BYTES];

	CHECK(crypto_generichash_final(state, hash, sizeof(hash)) == 0);
	CHECK(sodium_bin2hex(out, AUDIT_HASH_TEXT + 1, hash, sizeof(hash)) == out);
}

static void begin(crypto_generichash_state *state)
{
	CHECK(sodium_init() >= 0);
	CHECK(crypto_generichash_init(state, NULL, 0, HASH_BYTES) == 0);
}

void audit_hash(const char *bytes, size_t size, char out[AUDIT_HASH_TEXT + 1])
{
	crypto_generichash_state state;

	begin(&state);
	CHECK(crypto_generichash_update(&state, (const unsigned char *)bytes, size) == 0);
	finish(&state, out);
}

int audit_hash_file(const char *path, char out[AUDIT_HASH_TEXT + 1])
{
	crypto_generichash_state state;
	struct stat status;
	unsigned char block[16384];
	size_t size;

	out[0] = 0;
	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
		return ERR_NOT_FOUND;
	FILE *in = fopen(path, "r");
	if (in == NULL)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM;
	begin(&state);
	while ((size = fread(block, 1, sizeof(block), in)) > 0)
		CHECK(crypto_generichash_update(&state, block, size) == 0);
	int error = ferror(in) ? ERR_SYSTEM : ERR_NONE;
	fclose(in);
	if (error == ERR_NONE)
		finish(&state, out);
	return error;
}
