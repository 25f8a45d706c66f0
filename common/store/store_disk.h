/*
 * store_disk.h -- the disk of the store's twin in memory: it outlives its stores and fails on request.
 *
 * What stores opened on a disk committed is there again at the next open; what was not committed is gone,
 * so closing a store in the middle of a turn is a crash. Faults are counted per kind of call. For tests and
 * simulators only: it stops the process when memory runs out.
 */
#ifndef TRIBUTARY_STORE_STORE_DISK_H
#define TRIBUTARY_STORE_STORE_DISK_H

#include "store/store.h"

/*
 * Where a fault strikes. COMMIT_AFTER: the commit happens and fails all the same, as a lost answer of a
 * disk does.
 */
enum store_fault {
	STORE_FAULT_BEGIN,
	STORE_FAULT_READ,
	STORE_FAULT_COMMIT,
	STORE_FAULT_COMMIT_AFTER,
	STORE_FAULT_KINDS
};

struct store_disk;

/* store_disk_open -- an empty disk.   owns  gives it until store_disk_close, after its stores. */
struct store_disk *store_disk_open(void);
void store_disk_close(struct store_disk **disk);

/*
 * store_disk_fail -- after `after` more good calls of this kind, the next `times` calls fail with error.
 *   shape   times 0 heals. BEGIN counts turns and views, READ every look at a row that the cache does not
 *           know.
 */
void store_disk_fail(struct store_disk *disk, enum store_fault kind, uint32_t after, uint32_t times,
		     int error);

/*
 * store_disk_limit -- a commit that would leave more than `bytes` of keys and values fails with error; 0:
 * no limit.
 */
void store_disk_limit(struct store_disk *disk, uint64_t bytes, int error);

/* store_disk_damage -- flip one bit in the value of a log's entry; false: there is no such entry. */
bool store_disk_damage(struct store_disk *disk, const char *table, uint64_t number);

#endif
