/* store_view.c -- looks at what is committed. */
#include "base/error.h"
#include "base/hash.h"
#include "store/store_inside.h"

int view_open(struct view *view, struct store *store)
{
	*view = (struct view){.store = store};
	int error = store->backend->view_open(view);

	if (error != ERR_NONE)
		*view = (struct view){0};
	return error;
}

void view_close(struct view *view)
{
	if (view->store != NULL)
		view->store->backend->view_close(view);
	*view = (struct view){0};
}

struct bytes view_get(struct view *view, unsigned table, struct bytes key)
{
	return view->store->backend->get(view, table, key);
}

struct bytes view_seek(struct view *view, unsigned table, struct bytes key, struct bytes *found_key)
{
	return view->store->backend->seek(view, table, key, found_key);
}

struct bytes view_next(struct view *view, unsigned table, struct bytes *found_key)
{
	return view->store->backend->next(view, table, found_key);
}

static struct bytes log_entry(struct bytes sealed, struct bytes key, uint64_t *number)
{
	*number = key.size == 8 ? get_u64_be(key.data) : 0;
	return *number != 0 ? log_open_sealed(*number, sealed) : bytes_of(NULL, 0);
}

struct bytes view_log_seek(struct view *view, unsigned table, uint64_t from, uint64_t *number)
{
	struct bytes found;
	uint8_t key[8];

	put_u64_be(key, from);
	struct bytes sealed = view->store->backend->seek(view, table, bytes_of(key, sizeof(key)), &found);
	return log_entry(sealed, found, number);
}

struct bytes view_log_next(struct view *view, unsigned table, uint64_t *number)
{
	struct bytes found, sealed = view->store->backend->next(view, table, &found);

	return log_entry(sealed, found, number);
}

struct bytes view_log_last(struct view *view, unsigned table, uint64_t *number)
{
	struct bytes found, sealed = view->store->backend->last(view, table, &found);

	return log_entry(sealed, found, number);
}

static void hash_part(XXH3_state_t *state, struct bytes part)
{
	uint8_t size[8];

	put_u64_be(size, part.size);
	XXH3_64bits_update(state, size, sizeof(size));
	if (part.size > 0)
		XXH3_64bits_update(state, part.data, part.size);
}

uint64_t view_state_hash(struct view *view)
{
	XXH3_state_t state;

	XXH3_64bits_reset(&state);
	for (unsigned table = 0; table < view->store->table_count; table++) {
		const struct table *described = &view->store->tables[table];
		struct bytes key = {0}, value;

		if (described->kind != TABLE_ROWS)
			continue;
		hash_part(&state, bytes_of(described->name, strlen(described->name)));
		for (value = view_seek(view, table, key, &key); key.data != NULL; value = view_next(view, table, &key)) {
			hash_part(&state, key);
			hash_part(&state, value);
		}
	}
	return XXH3_64bits_digest(&state);
}
