/* store_memory.c -- the twin: sorted skip lists in memory, the same promises, and a disk whose commits can be made to fail. */
#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "store/store_inside.h"

#define LEVELS 16

struct node {
	uint32_t key_size, value_size;
	uint8_t *bytes;		/* key, then value */
	struct node *next[];	/* as many as its level */
};

struct disk_table {
	char name[48];
	struct node *head;	/* no key; LEVELS next pointers */
	struct node *last;
};

struct store_disk {
	pthread_rwlock_t lock;
	struct disk_table tables[STORE_TABLES_MAX * 4]; /* by name: stores with other tables may share a disk's life */
	unsigned table_count;
	uint32_t good_commits, failures;
	int failure;
	bool owned;		/* by the one store that was opened without a disk */
};

struct memory {
	struct store_disk *disk;
	struct disk_table *tables[STORE_TABLES_MAX];
};

struct store_disk *store_disk_open(void)
{
	struct store_disk *disk = calloc(1, sizeof(*disk));

	if (disk != NULL)
		pthread_rwlock_init(&disk->lock, NULL);
	return disk;
}

static void node_free(struct node *node)
{
	free(node->bytes);
	free(node);
}

void store_disk_close(struct store_disk **out)
{
	struct store_disk *disk = *out;

	if (disk == NULL)
		return;
	for (unsigned i = 0; i < disk->table_count; i++)
		for (struct node *node = disk->tables[i].head, *next; node != NULL; node = next) {
			next = node->next[0];
			node_free(node);
		}
	pthread_rwlock_destroy(&disk->lock);
	free(disk);
	*out = NULL;
}

void store_disk_fail(struct store_disk *disk, uint32_t commits, int error, uint32_t times)
{
	disk->good_commits = commits;
	disk->failure = error;
	disk->failures = error != ERR_NONE ? times : 0;
}

static struct disk_table *table_named(struct store_disk *disk, const char *name)
{
	for (unsigned i = 0; i < disk->table_count; i++)
		if (strcmp(disk->tables[i].name, name) == 0)
			return &disk->tables[i];
	CHECK(disk->table_count < STORE_TABLES_MAX * 4 && strlen(name) < sizeof(disk->tables[0].name));
	struct disk_table *table = &disk->tables[disk->table_count++];
	strcpy(table->name, name); /* house: its length was checked */
	table->head = calloc(1, sizeof(*table->head) + LEVELS * sizeof(struct node *));
	CHECK(table->head != NULL);
	return table;
}

static int memory_open(struct store *store, const struct store_options *options)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (memory == NULL)
		return ERR_MEMORY;
	memory->disk = options->disk;
	if (memory->disk == NULL) {
		memory->disk = store_disk_open();
		if (memory->disk == NULL) {
			free(memory);
			return ERR_MEMORY;
		}
		memory->disk->owned = true;
	}
	for (unsigned i = 0; i < store->table_count; i++)
		memory->tables[i] = table_named(memory->disk, store->tables[i].name);
	store->base = memory;
	return ERR_NONE;
}

static void memory_close(struct store *store)
{
	struct memory *memory = store->base;

	if (memory->disk->owned)
		store_disk_close(&memory->disk);
	free(memory);
	store->base = NULL;
}

static struct bytes node_key(const struct node *node)
{
	return bytes_of(node->bytes, node->key_size);
}

static struct bytes node_value(const struct node *node)
{
	return bytes_of(node->bytes + node->key_size, node->value_size);
}

/* The last node on each level whose key is smaller. */
static void find_before(const struct disk_table *table, struct bytes key, struct node *before[LEVELS])
{
	struct node *node = table->head;

	for (int level = LEVELS - 1; level >= 0; level--) {
		while (node->next[level] != NULL && bytes_compare(node_key(node->next[level]), key) < 0)
			node = node->next[level];
		before[level] = node;
	}
}

static struct node *find_at(const struct disk_table *table, struct bytes key)
{
	struct node *before[LEVELS];

	find_before(table, key, before);
	return before[0]->next[0];
}

/* A node's height hangs on its key alone, so that equal contents have equal lists. */
static int level_of(struct bytes key)
{
	uint64_t dice = hash_bytes(key);
	int level = 1;

	while (level < LEVELS && (dice & 1) != 0) {
		dice >>= 1;
		level++;
	}
	return level;
}

static void table_del(struct disk_table *table, struct bytes key)
{
	struct node *before[LEVELS];

	find_before(table, key, before);
	struct node *gone = before[0]->next[0];
	if (gone == NULL || !bytes_equal(node_key(gone), key))
		return;
	for (int level = 0; level < LEVELS && before[level]->next[level] == gone; level++)
		before[level]->next[level] = gone->next[level];
	if (table->last == gone)
		table->last = before[0] != table->head ? before[0] : NULL;
	node_free(gone);
}

static void table_put(struct disk_table *table, struct bytes key, struct bytes value, struct bytes tail)
{
	struct node *before[LEVELS];
	int level = level_of(key);
	uint8_t *bytes = malloc(key.size + value.size + tail.size + 1);

	CHECK(bytes != NULL);
	memcpy(bytes, key.data, key.size);
	if (value.size > 0)
		memcpy(bytes + key.size, value.data, value.size);
	if (tail.size > 0)
		memcpy(bytes + key.size + value.size, tail.data, tail.size);
	find_before(table, key, before);
	struct node *node = before[0]->next[0];
	if (node != NULL && bytes_equal(node_key(node), key)) {
		free(node->bytes);
	} else {
		node = calloc(1, sizeof(*node) + (size_t)level * sizeof(struct node *));
		CHECK(node != NULL);
		for (int i = 0; i < level; i++) {
			node->next[i] = before[i]->next[i];
			before[i]->next[i] = node;
		}
		if (node->next[0] == NULL)
			table->last = node;
	}
	node->bytes = bytes;
	node->key_size = (uint32_t)key.size;
	node->value_size = (uint32_t)(value.size + tail.size);
}

static int memory_apply(struct store *store)
{
	struct memory *memory = store->base;
	struct store_disk *disk = memory->disk;

	if (disk->failures > 0 && disk->good_commits == 0) {
		disk->failures--;
		return disk->failure;
	}
	if (disk->good_commits > 0)
		disk->good_commits--;
	pthread_rwlock_wrlock(&disk->lock);
	for (const struct append *append = append_next(store, NULL); append != NULL; append = append_next(store, append)) {
		struct bytes value = bytes_of(append->value, append->size);
		uint32_t seal = log_seal(append->number, value);
		uint8_t key[8];

		put_u64_be(key, append->number);
		table_put(memory->tables[append->table], bytes_of(key, sizeof(key)), bytes_of(&seal, sizeof(seal)), value);
	}
	for (size_t i = 0; i < store->rows.dirty_count; i++) {
		const struct row *row = store->rows.dirty[i];

		if (row->present)
			table_put(memory->tables[row->table], row_key(row), row_value(row), bytes_of(NULL, 0));
		else
			table_del(memory->tables[row->table], row_key(row));
	}
	pthread_rwlock_unlock(&disk->lock);
	return ERR_NONE;
}

static int memory_view_open(struct view *view)
{
	struct memory *memory = view->store->base;

	pthread_rwlock_rdlock(&memory->disk->lock);
	return ERR_NONE;
}

static void memory_view_close(struct view *view)
{
	struct memory *memory = view->store->base;

	pthread_rwlock_unlock(&memory->disk->lock);
}

static struct bytes memory_get(struct view *view, unsigned table, struct bytes key)
{
	struct memory *memory = view->store->base;
	struct node *node = find_at(memory->tables[table], key);

	return node != NULL && bytes_equal(node_key(node), key) ? node_value(node) : bytes_of(NULL, 0);
}

static struct bytes found_node(struct view *view, unsigned table, struct node *node, struct bytes *found)
{
	view->cursors[table] = node;
	*found = node != NULL ? node_key(node) : bytes_of(NULL, 0);
	return node != NULL ? node_value(node) : bytes_of(NULL, 0);
}

static struct bytes memory_seek(struct view *view, unsigned table, struct bytes key, struct bytes *found)
{
	struct memory *memory = view->store->base;

	return found_node(view, table, find_at(memory->tables[table], key), found);
}

static struct bytes memory_next(struct view *view, unsigned table, struct bytes *found)
{
	struct node *node = view->cursors[table];

	return found_node(view, table, node != NULL ? node->next[0] : NULL, found);
}

static struct bytes memory_last(struct view *view, unsigned table, struct bytes *found)
{
	struct memory *memory = view->store->base;

	return found_node(view, table, memory->tables[table]->last, found);
}

static void memory_usage(struct store *store, struct store_usage *usage)
{
	(void)store;
	(void)usage;
}

static int memory_clear_stale(struct store *store)
{
	(void)store;
	return 0;
}

static bool memory_disk_low(struct store *store, uint64_t keep_bytes)
{
	(void)store;
	(void)keep_bytes;
	return false;
}

const struct backend store_memory = {.open = memory_open,
				     .close = memory_close,
				     .apply = memory_apply,
				     .view_open = memory_view_open,
				     .view_close = memory_view_close,
				     .get = memory_get,
				     .seek = memory_seek,
				     .next = memory_next,
				     .last = memory_last,
				     .usage = memory_usage,
				     .clear_stale = memory_clear_stale,
				     .disk_low = memory_disk_low};
