/* fixture.c -- stores for tests. */
#include "fixture.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"

struct table fixture_tables[TABLES] = {
	[STOCK] = {"stock", TABLE_ROWS, "what lies where"},
	[PLACES] = {"places", TABLE_ARCHIVE, "where things can lie"},
	[JOURNAL] = {"journal", TABLE_LOG, "what was said"},
	[INTAKE] = {"intake", TABLE_LOG, "what was heard"},
	[BOOKS] = {"books", TABLE_PRIVATE, "how far we are"},
};

const bool fixture_on_disk = false, fixture_in_memory = true;

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

void remove_folder(const char *path)
{
	(void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void fixture_make(struct fixture *fixture, bool memory)
{
	const char *folder = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";

	*fixture = (struct fixture){.memory = memory};
	if (memory) {
		fixture->disk = store_disk_open();
	} else {
		snprintf(fixture->path, sizeof(fixture->path), "%s/store-XXXXXX", folder);
		assert_non_null(mkdtemp(fixture->path));
		strcat(fixture->path, "/s");
	}
	fixture->options = (struct store_options){.path = fixture->path,
						  .map_bytes = 16 << 20,
						  .map_bytes_max = 64 << 20,
						  .memory = memory,
						  .disk = fixture->disk};
}

void fixture_clear(struct fixture *fixture)
{
	store_close(&fixture->store);
	store_disk_close(&fixture->disk);
	if (!fixture->memory) {
		fixture->path[strlen(fixture->path) - 2] = 0;
		remove_folder(fixture->path);
	}
}

void fixture_open(struct fixture *fixture)
{
	assert_int_equal(store_open(&fixture->store, &fixture->options, fixture_tables, TABLES), ERR_NONE);
}

void fixture_reopen(struct fixture *fixture)
{
	store_close(&fixture->store);
	fixture_open(fixture);
}

int fixture_setup(void **state)
{
	struct fixture *fixture = malloc(sizeof(*fixture));

	fixture_make(fixture, *(const bool *)*state);
	fixture_open(fixture);
	*state = fixture;
	return 0;
}

int fixture_teardown(void **state)
{
	fixture_clear(*state);
	free(*state);
	return 0;
}

struct bytes word(const char *text)
{
	return bytes_of(text, strlen(text));
}

void begin(struct fixture *fixture)
{
	assert_int_equal(store_begin(fixture->store), ERR_NONE);
}

void commit(struct fixture *fixture)
{
	assert_int_equal(store_commit(fixture->store), ERR_NONE);
}

void put(struct fixture *fixture, unsigned table, const char *key, const char *value)
{
	store_put(fixture->store, table, word(key), word(value));
}

void assert_word(struct bytes value, const char *expected)
{
	if (expected == NULL) {
		assert_null(value.data);
		return;
	}
	assert_non_null(value.data);
	assert_int_equal(value.size, strlen(expected));
	assert_memory_equal(value.data, expected, value.size);
}

uint64_t dice(uint64_t *seed)
{
	uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 */

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}
