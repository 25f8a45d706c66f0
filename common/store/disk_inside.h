/* disk_inside.h -- the inside of the disk in memory: what store_memory.c reads and writes. */
#ifndef TRIBUTARY_STORE_DISK_INSIDE_H
#define TRIBUTARY_STORE_DISK_INSIDE_H

#include <pthread.h>

#include "store/store_disk.h"
#include "store/tree.h"

#define DISK_TABLES_MAX (4 * STORE_TABLES_MAX) /* stores with other tables may share a disk's life */

struct disk_table {
	uint64_t hash; /* of its name */
	char name[STORE_TABLE_NAME_MAX + 1];
	struct tree *tree; /* the committed edition */
};

struct disk_fault {
	uint32_t after, times;
	int error;
};

struct store_disk {
	pthread_mutex_t lock; /* over everything below */
	struct disk_table tables[DISK_TABLES_MAX];
	unsigned table_count;
	uint64_t bytes;		/* keys and values committed */
	uint64_t limit;		/* 0: none */
	int limit_error;
	struct disk_fault faults[STORE_FAULT_KINDS];
	bool is_open;
};

/* store_disk_strike -- the error that this call meets, ERR_NONE mostly. The caller holds the lock. */
int store_disk_strike(struct store_disk *disk, enum store_fault kind);

/*
 * store_disk_table -- the place of a table by name; made when missing and there is room, else -1. Lock
 * held.
 */
int store_disk_table(struct store_disk *disk, const char *name, bool make);

#endif
