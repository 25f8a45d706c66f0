/* shop.c -- a registry made as `tributary keys` makes it. */
#include "shop.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

char shop_folder[64];
static char message[400];

int shop_open(void **state)
{
	(void)state;
	snprintf(shop_folder, sizeof(shop_folder), "/tmp/guard-test-XXXXXX");
	return mkdtemp(shop_folder) != NULL ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

int shop_close(void **state)
{
	(void)state;
	return nftw(shop_folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *shop_path(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/keys/%s", shop_folder, name);
	return path;
}

void shop_write(const char *name, const char *text)
{
	FILE *out = fopen(shop_path(name), "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

void shop_enrol(enum guard_role role, const char *name, const char *outlet, char key[GUARD_KEY_TEXT + 1], char token[GUARD_TOKEN_TEXT + 1])
{
	struct registry_change change;
	char made[GUARD_TOKEN_TEXT + 1];

	assert_int_equal(registry_begin(&change, shop_folder, message, sizeof(message)), ERR_NONE);
	struct registry_entry *entry = registry_add(&change, name, role);
	assert_non_null(entry);
	if (outlet != NULL)
		registry_add_outlet(entry, outlet);
	assert_int_equal(registry_new_key(&change, entry), ERR_NONE);
	registry_new_token(entry, made);
	if (key != NULL)
		snprintf(key, GUARD_KEY_TEXT + 1, "%s", entry->keys[0]);
	if (token != NULL)
		snprintf(token, GUARD_TOKEN_TEXT + 1, "%s", made);
	assert_int_equal(registry_commit(&change), ERR_NONE);
}

void shop_revoke(const char *name)
{
	struct registry_change change;

	assert_int_equal(registry_begin(&change, shop_folder, message, sizeof(message)), ERR_NONE);
	struct registry_entry *entry = registry_find(&change.registry, name);
	assert_non_null(entry);
	free(entry->state);
	entry->state = strdup("revoked");
	assert_int_equal(registry_commit(&change), ERR_NONE);
}
