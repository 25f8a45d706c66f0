/*
 * backup.h -- copies of all stores of a network as of one moment, taken while it runs; and what must change in them before they
 * serve again.
 *
 * A cut is consistent when nobody in it has heard what its source has not said in it: every cursor is at or before the head that it
 * points to. Commits of services do not wait for each other, so views are opened one after the other and, where two do not fit, the
 * source's again, later.
 */
#ifndef TRIBUTARY_KERNEL_BACKUP_H
#define TRIBUTARY_KERNEL_BACKUP_H

#include "kernel/engine.h"

#define BACKUP_SERVICES_MAX 8

/* One store of a backup: what the manifest says of it. */
struct backup_store {
	const char *service;
	struct meta meta;
	struct chain journal, intake;
	struct store_copied copied;
};

struct backup {
	struct backup_store stores[BACKUP_SERVICES_MAX]; /* service is set by the caller */
	unsigned count;
	const char *only;	/* fetch: this store alone, the others stay as they are; NULL: all of them */
	const char *failed;	/* the service that an error is about; NULL: none */
	uint64_t damaged_from, damaged_to; /* ERR_STORE_CORRUPT: entries of `damaged_log` among which the damage is; 0: elsewhere */
	const char *damaged_log;
};

/*
 * backup_take -- copy DIR/<service> of every store to TO/<service>, as of one consistent cut, and look through the copies.
 *   units   bytes_per_second: of each copy, 0: as fast as it goes.
 *   errors  ERR_AGAIN: no consistent cut in many tries; ERR_STORE_CORRUPT: a log is damaged, so this is no backup; those of store_open
 *           and store_copy.
 */
int backup_take(struct backup *backup, const char *dir, const char *to, uint64_t bytes_per_second) must_check;

/*
 * backup_fetch -- copy FROM/<service> to DIR/<service>.restored and compare with what *backup says of it; then begin the epoch
 * `epoch` in each, with cursors that say so. With backup->only the others keep their epochs, and who has heard more of it than it says
 * now will not go on.
 *   errors  ERR_STORE_CORRUPT: a copy is not what the manifest says; ERR_OUT_OF_RANGE: its cut is not consistent, or the epoch is not
 *           later than those in it.
 */
int backup_fetch(struct backup *backup, const char *from, const char *dir, uint64_t epoch) must_check;

#endif
