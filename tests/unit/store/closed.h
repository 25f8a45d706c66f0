/* closed.h -- a store with a little in it, closed: where the tests of refusals begin. */
#ifndef TRIBUTARY_TESTS_STORE_CLOSED_H
#define TRIBUTARY_TESTS_STORE_CLOSED_H

#include "fixture.h"

/* cmocka's: *state says &fixture_on_disk or &fixture_in_memory. The teardown ends every refusal. */
int closed_setup(void **state);
int closed_teardown(void **state);

#define CLOSED(test) {#test, test, closed_setup, closed_teardown, (void *)(uintptr_t)&fixture_on_disk}
#define CLOSED_IN_MEMORY(test) {#test ".memory", test, closed_setup, closed_teardown, (void *)(uintptr_t)&fixture_in_memory}

/* closed_make -- "a" and "gone" are "old", the journal has one entry; for a store that is empty and closed. */
void closed_make(struct fixture *fixture);

/*
 * closed_assert -- opens the store, holds its content against what it began with, or against that of one more turn ("a" is "new", "gone"
 * is, closed_wide() lies in PLACES under "grows", the journal has two entries), and closes it.
 */
void closed_assert(struct fixture *fixture, bool is_new);

/* closed_wide -- a value that needs a place of its own in the cache. */
struct bytes closed_wide(void);

#endif
