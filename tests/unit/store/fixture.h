/* fixture.h -- one store for one test, on disk or in memory: the same test body runs over both. */
#ifndef TRIBUTARY_TESTS_STORE_FIXTURE_H
#define TRIBUTARY_TESTS_STORE_FIXTURE_H

#include "store/store.h"
#include "store/store_disk.h"

enum { STOCK, PLACES, JOURNAL, INTAKE, BOOKS, TABLES };

extern struct table fixture_tables[TABLES]; /* a test may set their kinds, before it opens a store */

struct fixture {
	bool memory;
	char path[128];
	struct store_disk *disk;
	struct store_options options;
	struct store *store;
};

/* fixture_make -- a fresh folder or disk, options set, nothing open.   fixture_clear -- close and remove. */
void fixture_make(struct fixture *fixture, bool memory);
void fixture_clear(struct fixture *fixture);

/* fixture_open, fixture_reopen -- must succeed. */
void fixture_open(struct fixture *fixture);
void fixture_reopen(struct fixture *fixture);

/*
 * cmocka's setup and teardown: *state says &fixture_on_disk or &fixture_in_memory and becomes an open
 * fixture.
 */
extern const bool fixture_on_disk, fixture_in_memory;
int fixture_setup(void **state);
int fixture_teardown(void **state);

#define ON_ONE(test, kind, where) \
	{#test kind, test, fixture_setup, fixture_teardown, (void *)(uintptr_t)(where)}
#define ON_DISK(test) ON_ONE(test, ".disk", &fixture_on_disk)
#define IN_MEMORY(test) ON_ONE(test, ".memory", &fixture_in_memory)
#define ON_BOTH(test) ON_DISK(test), IN_MEMORY(test)

/* Words instead of bytes, for readable tests. */
struct bytes word(const char *text);
void begin(struct fixture *fixture);
void commit(struct fixture *fixture);
void put(struct fixture *fixture, unsigned table, const char *key, const char *value);
void assert_word(struct bytes value, const char *expected); /* NULL: absent */

/* remove_folder -- and all that is in it. */
void remove_folder(const char *path);

/* A number from a seed, the same on every machine. */
uint64_t dice(uint64_t *seed);

#endif
