/*
 * store_memory.c -- the twin: the same promises without a disk; every commit is a new edition of sorted
 * maps.
 */
#include "base/error.h"
#include "store/disk_inside.h"
#include "store/store_inside.h"

struct memory {
	struct store_disk *disk;
	bool own_disk;
	int places[STORE_TABLES_MAX]; /* of our tables on the disk; -1: not there (read_only) */
};

/* One look: the editions held, and where each walk stands. */
struct look {
	struct tree *trees[STORE_TABLES_MAX];
	struct bytes places[STORE_TABLES_MAX];
};

static int memory_open(struct store *store, const struct store_options *options)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (memory == NULL)
		return ERR_MEMORY;
	memory->own_disk = options->disk == NULL;
	memory->disk = memory->own_disk ? store_disk_open() : options->disk;
	pthread_mutex_lock(&memory->disk->lock);
	int error = memory->disk->is_open ? ERR_STORE_BUSY : ERR_NONE;
	if (error == ERR_NONE && store->read_only && memory->disk->table_count == 0)
		error = ERR_NOT_FOUND;
	for (unsigned i = 0; i < store->table_count && error == ERR_NONE; i++) {
		memory->places[i] = store_disk_table(memory->disk, store->tables[i].name, !store->read_only);
		CHECK(memory->places[i] >= 0 || store->read_only);
	}
	memory->disk->is_open |= error == ERR_NONE;
	pthread_mutex_unlock(&memory->disk->lock);
	if (error != ERR_NONE) {
		if (memory->own_disk)
			store_disk_close(&memory->disk);
		free(memory);
		return error;
	}
	store->base = memory;
	return ERR_NONE;
}

static void memory_close(struct store *store)
{
	struct memory *memory = store->base;

	pthread_mutex_lock(&memory->disk->lock);
	memory->disk->is_open = false;
	pthread_mutex_unlock(&memory->disk->lock);
	if (memory->own_disk)
		store_disk_close(&memory->disk);
	free(memory);
	store->base = NULL;
}

/* ---- the commit ---- */

static uint64_t bytes_at(struct tree *tree, struct bytes key)
{
	const struct tree *node = tree_get(tree, key);

	return node != NULL ? (uint64_t)node->key_size + node->value_size : 0;
}

/* The next edition of one table; *bytes follows what the disk would hold. */
static struct tree *next_edition(struct store *store, unsigned table, struct tree *tree, uint64_t *bytes)
{
	const struct changes *changes = rows_in_order(&store->rows, table);
	const struct appends *appends = &store->appends[table];

	for (size_t i = 0; i < changes->count; i++) {
		struct bytes key = row_key(changes->rows[i]), value = row_value(changes->rows[i]);

		*bytes -= bytes_at(tree, key);
		*bytes += changes->rows[i]->present ? key.size + value.size : 0;
		tree = changes->rows[i]->present ? tree_put(tree, key, value) : tree_del(tree, key);
	}
	for (size_t i = 0; i < appends->count; i++) {
		const struct append *append = appends_at(appends, i);
		uint8_t key[8];

		put_u64_be(key, append->number);
		tree = tree_put(tree, bytes_of(key, sizeof(key)), bytes_of(append->sealed, append->size));
		*bytes += sizeof(key) + append->size;
	}
	return tree;
}

static int verdict(struct store *store, struct store_disk *disk, uint64_t bytes)
{
	int error = store_disk_strike(disk, STORE_FAULT_COMMIT);

	if (error == ERR_NONE && disk->limit != 0 && bytes > disk->limit && !store_shrinks(store))
		error = disk->limit_error;
	return error;
}

static int memory_apply(struct store *store)
{
	struct memory *memory = store->base;
	struct store_disk *disk = memory->disk;
	struct tree *next[STORE_TABLES_MAX];
	uint64_t bytes = disk->bytes; /* only the writer changes it */

	for (unsigned table = 0; table < store->table_count; table++) {
		struct tree *now = disk->tables[memory->places[table]].tree;

		next[table] = next_edition(store, table, tree_hold(now), &bytes);
	}
	pthread_mutex_lock(&disk->lock);
	int error = verdict(store, disk, bytes);
	for (unsigned table = 0; table < store->table_count && error == ERR_NONE; table++) {
		struct tree **now = &disk->tables[memory->places[table]].tree, *before = *now;

		*now = next[table];
		next[table] = before;
	}
	if (error == ERR_NONE) {
		disk->bytes = bytes;
		error = store_disk_strike(disk, STORE_FAULT_COMMIT_AFTER);
	}
	pthread_mutex_unlock(&disk->lock);
	for (unsigned table = 0; table < store->table_count; table++)
		tree_release(next[table]);
	return error;
}

/* ---- views ---- */

static int memory_view_open(struct view *view)
{
	struct memory *memory = view->store->base;
	struct look *look = calloc(1, sizeof(*look));

	if (look == NULL)
		return ERR_MEMORY;
	pthread_mutex_lock(&memory->disk->lock);
	int error = store_disk_strike(memory->disk, STORE_FAULT_BEGIN);
	for (unsigned table = 0; table < view->store->table_count && error == ERR_NONE; table++)
		if (memory->places[table] >= 0)
			look->trees[table] = tree_hold(memory->disk->tables[memory->places[table]].tree);
	pthread_mutex_unlock(&memory->disk->lock);
	if (error != ERR_NONE)
		free(look);
	else
		view->look = look;
	return error;
}

static void memory_view_close(struct view *view)
{
	struct look *look = view->look;

	for (unsigned table = 0; table < view->store->table_count; table++)
		tree_release(look->trees[table]);
	free(look);
}

static bool can_read(struct view *view)
{
	struct memory *memory = view->store->base;

	pthread_mutex_lock(&memory->disk->lock);
	int error = store_disk_strike(memory->disk, STORE_FAULT_READ);
	pthread_mutex_unlock(&memory->disk->lock);
	if (view->failure == ERR_NONE)
		view->failure = error;
	return error == ERR_NONE;
}

static struct bytes memory_get(struct view *view, unsigned table, struct bytes key)
{
	struct look *look = view->look;
	const struct tree *node = can_read(view) ? tree_get(look->trees[table], key) : NULL;

	return node != NULL ? tree_value(node) : bytes_of(NULL, 0);
}

static struct bytes stand_at(struct look *look, unsigned table, const struct tree *node, struct bytes *found)
{
	*found = node != NULL ? tree_key(node) : bytes_of(NULL, 0);
	if (node != NULL)
		look->places[table] = *found;
	return node != NULL ? tree_value(node) : bytes_of(NULL, 0);
}

static struct bytes memory_seek(struct view *view, unsigned table, struct bytes key, struct bytes *found)
{
	struct look *look = view->look;

	return stand_at(look, table, can_read(view) ? tree_seek(look->trees[table], key) : NULL, found);
}

static struct bytes memory_next(struct view *view, unsigned table, struct bytes *found)
{
	struct look *look = view->look;

	if (!can_read(view))
		return stand_at(look, table, NULL, found);
	return stand_at(look, table, tree_after(look->trees[table], look->places[table]), found);
}

static struct bytes memory_last(struct view *view, unsigned table, struct bytes *found)
{
	struct look *look = view->look;

	return stand_at(look, table, can_read(view) ? tree_last(look->trees[table]) : NULL, found);
}

/* ---- the operator's figures ---- */

static void memory_usage(struct store *store, struct store_usage *usage)
{
	struct memory *memory = store->base;

	pthread_mutex_lock(&memory->disk->lock);
	usage->file_bytes = usage->used_bytes = memory->disk->bytes;
	usage->map_bytes = usage->limit_bytes = memory->disk->limit;
	pthread_mutex_unlock(&memory->disk->lock);
}

static int memory_clear_stale(struct store *store)
{
	(void)store; /* its readers die with it */
	return 0;
}

static bool memory_disk_low(struct store *store, uint64_t keep_bytes)
{
	struct memory *memory = store->base;

	pthread_mutex_lock(&memory->disk->lock);
	bool low = memory->disk->limit != 0 && memory->disk->bytes + keep_bytes > memory->disk->limit;
	pthread_mutex_unlock(&memory->disk->lock);
	return low;
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
