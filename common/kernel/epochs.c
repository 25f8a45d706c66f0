/* epochs.c -- rows of ended epochs: epoch -> last, next, intake, link; all big-endian. */
#include "kernel/epochs.h"

#include <stdlib.h>

#include "base/error.h"

#define ROW_BYTES 32

int epochs_load(struct epochs *epochs, struct view *view)
{
	struct bytes key = {0};

	*epochs = (struct epochs){0};
	for (struct bytes row = view_seek(view, KERNEL_EPOCHS, key, &key); key.data != NULL;
	     row = view_next(view, KERNEL_EPOCHS, &key)) {
		struct epoch *larger = realloc(epochs->list, (epochs->count + 1) * sizeof(*larger));

		if (larger == NULL)
			return ERR_MEMORY;
		epochs->list = larger;
		if (key.size != 8 || row.size != ROW_BYTES)
			return ERR_STORE_CORRUPT;
		larger[epochs->count++] = (struct epoch){get_u64_be(key.data), get_u64_be(row.data), get_u64_be(row.data + 8),
							 get_u64_be(row.data + 16), get_u64_be(row.data + 24)};
	}
	return view->failure;
}

void epochs_close(struct epochs *epochs)
{
	free(epochs->list);
	*epochs = (struct epochs){0};
}

void epochs_put(struct store *store, struct meta *meta, uint64_t epoch)
{
	uint8_t key[8], row[ROW_BYTES];
	uint64_t next = (meta->head / EPOCH_NUMBERS + 2) * EPOCH_NUMBERS + 1;

#if defined(MUTANT_NUMBERS_AGAIN)
	next = meta->head + 1;
#endif
	CHECK(epoch > meta->epoch);
	put_u64_be(key, meta->epoch);
	put_u64_be(row, meta->head);
	put_u64_be(row + 8, next);
	put_u64_be(row + 16, meta->intake);
	put_u64_be(row + 24, store_chain(store, KERNEL_JOURNAL).link);
	store_put(store, KERNEL_EPOCHS, bytes_of(key, sizeof(key)), bytes_of(row, sizeof(row)));
	meta->epoch = epoch;
	meta->head = next - 1;
}

uint64_t epochs_hole(const struct epochs *epochs, uint64_t number)
{
	uint64_t end = 0;

	for (unsigned i = 0; i < epochs->count; i++) /* an epoch in which nothing was said joins two holes */
		if (number > epochs->list[i].last && number < epochs->list[i].next) {
			end = epochs->list[i].next - 1;
			number = end + 1;
		}
	return end;
}

const struct epoch *epochs_find(const struct epochs *epochs, uint64_t epoch)
{
	for (unsigned i = 0; i < epochs->count; i++)
		if (epochs->list[i].epoch == epoch)
			return &epochs->list[i];
	return NULL;
}
