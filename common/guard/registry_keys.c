/* registry_keys.c -- keys and tokens: made from libsodium's randomness, written as ZeroMQ writes keys (Z85). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/error.h"
#include "guard/registry.h"
#include "guard/registry_file.h"

static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/* Each four bytes, big-endian, as five digits of base 85. */
static void z85(const uint8_t bytes[32], char out[GUARD_KEY_TEXT + 1])
{
	for (unsigned i = 0; i < 8; i++) {
		uint32_t number = (uint32_t)bytes[4 * i] << 24 | (uint32_t)bytes[4 * i + 1] << 16 |
				  (uint32_t)bytes[4 * i + 2] << 8 | bytes[4 * i + 3];

		for (unsigned digit = 5; digit-- > 0; number /= 85)
			out[5 * i + digit] = letters[number % 85];
	}
	out[GUARD_KEY_TEXT] = 0;
}

bool registry_key_is_good(const char *key)
{
	return strlen(key) == GUARD_KEY_TEXT && strspn(key, letters) == GUARD_KEY_TEXT;
}

void registry_make_pair(struct registry_keypair *pair)
{
	uint8_t public_key[crypto_box_PUBLICKEYBYTES], secret_key[crypto_box_SECRETKEYBYTES];

	CHECK(sodium_init() >= 0);
	CHECK(crypto_box_keypair(public_key, secret_key) == 0);
	z85(public_key, pair->public_key);
	z85(secret_key, pair->secret_key);
	sodium_memzero(secret_key, sizeof(secret_key));
}

void registry_hash(const char *token, size_t size, char hash[GUARD_HASH_TEXT + 1])
{
	uint8_t digest[GUARD_HASH_TEXT / 2];

	CHECK(sodium_init() >= 0);
	crypto_generichash(digest, sizeof(digest), (const uint8_t *)token, size, NULL, 0);
	sodium_bin2hex(hash, GUARD_HASH_TEXT + 1, digest, sizeof(digest));
}

void registry_new_token(struct registry_entry *entry, char token[GUARD_TOKEN_TEXT + 1])
{
	uint8_t random[32];
	char hash[GUARD_HASH_TEXT + 1];

	CHECK(sodium_init() >= 0);
	randombytes_buf(random, sizeof(random));
	memcpy(token, "tk_", 3);
	sodium_bin2base64(token + 3, GUARD_TOKEN_TEXT - 2, random, sizeof(random), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	registry_hash(token, strlen(token), hash);
	free(entry->token);
	entry->token = strdup(hash);
	CHECK(entry->token != NULL);
	sodium_memzero(random, sizeof(random));
}

void registry_key_path(const char *dir, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/keys/%s.key", dir, name);
}

/* A name with slashes lies in folders of its own. */
static int make_folders(char *path)
{
	char *keys = strstr(path, "/keys/");

	for (char *slash = keys != NULL ? strchr(keys + 6, '/') : NULL; slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		int made = mkdir(path, 0700);
		*slash = '/';
		if (made != 0 && errno != EEXIST)
			return ERR_SYSTEM;
	}
	return ERR_NONE;
}

static int key_write(const char *path, const char *name, const struct registry_keypair *pair)
{
	char text[400];
	int size = snprintf(text, sizeof(text), "# The key of %s. Whoever has it is %s.\npublic: \"%s\"\nsecret: \"%s\"\n", name, name,
			    pair->public_key, pair->secret_key);
	int error = registry_file_write(path, text, (size_t)size);

	sodium_memzero(text, sizeof(text));
	return error;
}

int registry_new_key(const struct registry_change *change, struct registry_entry *entry)
{
	struct registry_keypair pair;
	char path[4200];

	registry_make_pair(&pair);
	registry_key_path(change->dir, entry->name, path, sizeof(path));
	int error = make_folders(path);
	if (error == ERR_NONE)
		error = key_write(path, entry->name, &pair);
	if (error != ERR_NONE)
		return error;
	if (entry->keys_count == GUARD_KEYS_MAX)
		free(entry->keys[--entry->keys_count]);
	entry->keys = realloc(entry->keys, GUARD_KEYS_MAX * sizeof(*entry->keys));
	CHECK(entry->keys != NULL);
	memmove(entry->keys + 1, entry->keys, entry->keys_count * sizeof(*entry->keys));
	entry->keys[0] = strdup(pair.public_key);
	CHECK(entry->keys[0] != NULL);
	entry->keys_count++;
	sodium_memzero(&pair, sizeof(pair));
	return ERR_NONE;
}

void registry_retire(struct registry_entry *entry)
{
	while (entry->keys_count > 1)
		free(entry->keys[--entry->keys_count]);
}

static bool take_line(const char *text, const char *word, char key[GUARD_KEY_TEXT + 1])
{
	const char *at = strstr(text, word);

	if (at == NULL || strlen(at) < strlen(word) + GUARD_KEY_TEXT)
		return false;
	memcpy(key, at + strlen(word), GUARD_KEY_TEXT);
	key[GUARD_KEY_TEXT] = 0;
	return registry_key_is_good(key) && at[strlen(word) + GUARD_KEY_TEXT] == '"';
}

int registry_key_read(const char *path, struct registry_keypair *pair)
{
	char text[600] = {0};
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = ERR_SYNTAX;

	*pair = (struct registry_keypair){0};
	if (fd < 0)
		return ERR_NOT_FOUND;
	if (fstat(fd, &status) != 0 || (status.st_mode & 077) != 0)
		error = ERR_OUT_OF_RANGE; /* a secret that others can read is none */
	else if (read(fd, text, sizeof(text) - 1) > 0 && take_line(text, "\npublic: \"", pair->public_key) &&
		 take_line(text, "\nsecret: \"", pair->secret_key))
		error = ERR_NONE;
	close(fd);
	sodium_memzero(text, sizeof(text));
	return error;
}
