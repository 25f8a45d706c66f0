/*
 * place.h -- the directory of a store: made, local, ours alone.
 *
 * LMDB does not notice a second open in one process and breaks its own locks by it; several processes may
 * open it for writing, which our cache of rows could not bear. Both are refused here, before LMDB is asked.
 */
#ifndef TRIBUTARY_STORE_PLACE_H
#define TRIBUTARY_STORE_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/check.h"

struct place {
	int folder;	/* open directory, -1: none; carries the writer's lock */
	dev_t device;
	ino_t inode;
	bool registered;
};

/*
 * place_open -- find or make the directory and claim it.
 *   shape   read_only claims it in this process only, and makes nothing.
 *   errors  ERR_NOT_FOUND, ERR_STORE_BUSY, ERR_USAGE (remote_allowed false and the file system is a
 *           network's or FUSE's; a log line says which), ERR_DISK_FULL, ERR_STORE_IO. *place needs
 *           place_close in any case.
 */
int place_open(struct place *place, const char *path, bool read_only, bool remote_allowed) must_check;
void place_close(struct place *place);

/* place_sync -- the directory and its parent are on disk.   errors  ERR_STORE_IO. */
int place_sync(const struct place *place, const char *path) must_check;

/*
 * place_adopt -- after LMDB has opened its files: they do not pass to programs that this process starts,
 * and the lock file, which LMDB maps, has all its blocks, so that a full disk cannot become a SIGBUS.
 *   errors  ERR_DISK_FULL.
 */
int place_adopt(const struct place *place, bool read_only) must_check;

/*
 * place_forget_unborn -- remove a data file that is too short to hold more than LMDB's two meta pages: no commit was ever durable
 * in it.   errors  false: it is longer, or not there; it stays.
 */
bool place_forget_unborn(const struct place *place);

/* place_free_bytes -- free space of its file system; UINT64_MAX when it does not say. */
uint64_t place_free_bytes(const struct place *place);

/* place_remote -- the name of a network file system (or FUSE) by its statfs type, NULL: local. */
const char *place_remote(uint64_t type);

#endif
