/* store_disk.c -- the twin's disk and the faults that a test puts on it. */
#include "store/store_disk.h"

#include "base/error.h"
#include "base/hash.h"
#include "store/appends.h"
#include "store/disk_inside.h"

struct store_disk *store_disk_open(void)
{
	struct store_disk *disk = calloc(1, sizeof(*disk));

	CHECK(disk != NULL);
	CHECK(pthread_mutex_init(&disk->lock, NULL) == 0);
	return disk;
}

void store_disk_close(struct store_disk **out)
{
	struct store_disk *disk = *out;

	if (disk == NULL)
		return;
	CHECK(!disk->is_open);
	for (unsigned i = 0; i < disk->table_count; i++)
		tree_release(disk->tables[i].tree);
	pthread_mutex_destroy(&disk->lock);
	free(disk);
	*out = NULL;
}

void store_disk_fail(struct store_disk *disk, enum store_fault kind, uint32_t after, uint32_t times,
		     int error)
{
	CHECK(kind < STORE_FAULT_KINDS);
	pthread_mutex_lock(&disk->lock);
	disk->faults[kind] = (struct disk_fault){after, times, error};
	pthread_mutex_unlock(&disk->lock);
}

int store_disk_strike(struct store_disk *disk, enum store_fault kind)
{
	struct disk_fault *fault = &disk->faults[kind];

	if (fault->times == 0)
		return ERR_NONE;
	if (fault->after > 0) {
		fault->after--;
		return ERR_NONE;
	}
	fault->times--;
	return fault->error;
}

void store_disk_limit(struct store_disk *disk, uint64_t bytes, int error)
{
	pthread_mutex_lock(&disk->lock);
	disk->limit = bytes;
	disk->limit_error = error;
	pthread_mutex_unlock(&disk->lock);
}

int store_disk_table(struct store_disk *disk, const char *name, bool make)
{
	uint64_t hash = hash_bytes(bytes_of(name, strlen(name)));

	for (unsigned i = 0; i < disk->table_count; i++)
		if (disk->tables[i].hash == hash) {
			CHECK(strcmp(disk->tables[i].name, name) == 0);
			return (int)i;
		}
	if (!make)
		return -1;
	CHECK(disk->table_count < DISK_TABLES_MAX);
	disk->tables[disk->table_count].hash = hash;
	memcpy(disk->tables[disk->table_count].name, name, strlen(name) + 1);
	return (int)disk->table_count++;
}

bool store_disk_damage(struct store_disk *disk, const char *table, uint64_t number)
{
	uint8_t key[8];
	bool done = false;

	put_u64_be(key, number);
	pthread_mutex_lock(&disk->lock);
	int place = store_disk_table(disk, table, false);
	struct tree *tree = place >= 0 ? disk->tables[place].tree : NULL;
	struct tree *node = tree_get(tree, bytes_of(key, sizeof(key)));
	if (node != NULL && node->value_size > APPEND_SEAL) {
		node->bytes[node->value_size - 1] ^= 0x10;
		done = true;
	}
	pthread_mutex_unlock(&disk->lock);
	return done;
}
