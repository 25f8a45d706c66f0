/* view.c -- looks at what is committed. */
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
	CHECK(table < view->store->table_count && key.size > 0);
	return view->store->backend->get(view, table, key);
}

struct bytes view_seek(struct view *view, unsigned table, struct bytes key, struct bytes *found_key)
{
	CHECK(table < view->store->table_count);
	return view->store->backend->seek(view, table, key, found_key);
}

struct bytes view_next(struct view *view, unsigned table, struct bytes *found_key)
{
	CHECK(table < view->store->table_count);
	return view->store->backend->next(view, table, found_key);
}

static struct bytes log_entry(struct view *view, struct bytes sealed, struct bytes key, uint64_t *number)
{
	*number = key.size == 8 ? get_u64_be(key.data) : 0;
	if (key.data != NULL && *number == 0)
		view->failure = ERR_STORE_CORRUPT; /* a key that no append has written */
	return *number != 0 ? appends_value(*number, sealed) : bytes_of(NULL, 0);
}

struct bytes view_log_seek(struct view *view, unsigned table, uint64_t from, uint64_t *number)
{
	struct bytes found;
	uint8_t key[8];

	put_u64_be(key, from);
	struct bytes sealed = view_seek(view, table, bytes_of(key, sizeof(key)), &found);
	return log_entry(view, sealed, found, number);
}

struct bytes view_log_next(struct view *view, unsigned table, uint64_t *number)
{
	struct bytes found, sealed = view_next(view, table, &found);

	return log_entry(view, sealed, found, number);
}

struct bytes view_log_last(struct view *view, unsigned table, uint64_t *number)
{
	CHECK(table < view->store->table_count);
	struct bytes found, sealed = view->store->backend->last(view, table, &found);

	return log_entry(view, sealed, found, number);
}

static void hash_number(XXH3_state_t *state, uint64_t number)
{
	uint8_t big_endian[8];

	put_u64_be(big_endian, number);
	XXH3_64bits_update(state, big_endian, sizeof(big_endian));
}

/* Each part behind its size, each table behind its name and before its count: no two states read alike. */
static void hash_part(XXH3_state_t *state, struct bytes part)
{
	hash_number(state, part.size);
	if (part.size > 0)
		XXH3_64bits_update(state, part.data, part.size);
}

static void hash_table(XXH3_state_t *state, struct view *view, unsigned table)
{
	const char *name = view->store->tables[table].name;
	struct bytes key = {NULL, 0};
	uint64_t count = 0;

	hash_part(state, bytes_of(name, strlen(name)));
	for (struct bytes value = view_seek(view, table, key, &key); key.data != NULL; count++) {
		hash_part(state, key);
		hash_part(state, value);
		value = view_next(view, table, &key);
	}
	hash_number(state, UINT64_MAX);
	hash_number(state, count);
}

uint64_t view_state_hash(struct view *view)
{
	XXH3_state_t state;

	XXH3_64bits_reset(&state);
	for (unsigned table = 0; table < view->store->table_count; table++)
		if (view->store->tables[table].kind != TABLE_LOG && view->store->tables[table].kind != TABLE_PRIVATE)
			hash_table(&state, view, table);
	return XXH3_64bits_digest(&state);
}
