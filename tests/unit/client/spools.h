/*
 * spools.h -- a spool on disk or in memory for tests, with its content as one line of text, and commits that
 * fail on request.
 */
#ifndef TRIBUTARY_TESTS_CLIENT_SPOOLS_H
#define TRIBUTARY_TESTS_CLIENT_SPOOLS_H

#include <errno.h>

#include "client/spool.h"

struct spools {
	struct spool spool;
	char folder[64];
	bool on_disk;
	int64_t now_us;
};

int spools_disk(void **state);
int spools_memory(void **state);
int spools_end(void **state);

#define SPOOLS_DISK(test)                                                                                    \
	{                                                                                                    \
#test, test, spools_disk, spools_end, NULL                                                   \
	}
#define SPOOLS_BOTH(test)                                                                                    \
	SPOOLS_DISK(test),                                                                                   \
	{                                                                                                    \
#test " (memory)", test, spools_memory, spools_end, NULL                                     \
	}

void spools_reopen(struct spools *spools);

/*
 * spools_put -- one ticket with this receipt; it must work. Returns its number.   spools_try -- the same,
 * returns the error.
 */
uint64_t spools_put(struct spools *spools, struct text source, const char *receipt);
int spools_try(struct spools *spools, struct text source, const char *receipt, uint64_t *seq);

/* spools_assert -- what spool_next gives is exactly this: "T1#1=a T2#1=b", of sources named OUT-001/.... */
void spools_assert(struct spools *spools, const char *expected);

/* spools_rows -- events on the disk, acknowledged or not. */
unsigned spools_rows(struct spools *spools);

/* spools_fail_commit -- the next commit that writes fails with this code of LMDB (or errno). */
void spools_fail_commit(int code);

#endif
