/*
 * lmdb_room.c -- free pages in long stretches, so that a commit writes few large pieces and not many single pages.
 *
 * A commit writes each changed page to a free one. LMDB frees them turn by turn and takes them back turn by turn, and never joins what
 * two turns have freed: soon every page of a commit lies by itself and is a request of its own to the disk. But for whoever
 * asks for a stretch, LMDB joins one turn's list after the other in order until it finds it. So the longest stretch that all lists have
 * together is asked for and given back at once, in one transaction, nothing of it written. From then on turns take their pages in
 * order, from the lowest up, while behind them whole stretches become free again; when those that were joined are used up, it is done
 * anew. Stretches need slack: while less than an eighth of the pages is free (16 MiB at most), one is asked for that is nowhere, and so
 * comes from the end.
 */
#include "store/lmdb_room.h"

#include <stdlib.h>

#define FREE_LISTS 0 /* LMDB's own table: turn -> count and numbers of pages that it has freed */
#define PAGE_HEAD_BYTES 16
#define USED_PAGES_MIN 1024
#define FREE_SHARE 8 /* of the pages in use */
#define FREE_PAGES_MAX 4096
#define RECENT_TURNS 4 /* whose pages somebody may look at still: LMDB does not take the last one's in any case */
#define LOOKED_AT_MAX (3 * FREE_PAGES_MAX)

struct free_page {
	size_t number, turn;
};

struct free_pages {
	struct free_page *pages;
	size_t count, room;
	size_t stretch, through; /* the longest one, and the last turn whose list it takes to have it */
};

static size_t number_at(const MDB_val *value, size_t index)
{
	size_t number;

	memcpy(&number, (const uint8_t *)value->mv_data + index * sizeof(number), sizeof(number));
	return number;
}

static bool add_list(struct free_pages *all, size_t turn, const MDB_val *list)
{
	size_t count = number_at(list, 0), room = all->count + count;

	if (room > all->room) {
		struct free_page *grown = realloc(all->pages, room * 2 * sizeof(*grown));

		if (grown == NULL)
			return false;
		all->pages = grown;
		all->room = room * 2;
	}
	for (size_t i = 1; i <= count; i++)
		all->pages[all->count++] = (struct free_page){number_at(list, i), turn};
	return true;
}

/* The lists that can be joined, but none when what was joined last is not used up. */
static bool read_lists(struct lmdb *lmdb, MDB_cursor *cursor, size_t now, struct free_pages *all)
{
	MDB_val turn, list;
	int error = mdb_cursor_get(cursor, &turn, &list, MDB_FIRST);

	if (error == MDB_SUCCESS && number_at(&turn, 0) <= lmdb->joined_through)
		return false;
	while (error == MDB_SUCCESS && number_at(&turn, 0) + RECENT_TURNS <= now && all->count < LOOKED_AT_MAX) {
		if (!add_list(all, number_at(&turn, 0), &list))
			return false;
		all->through = number_at(&turn, 0);
		error = mdb_cursor_get(cursor, &turn, &list, MDB_NEXT);
	}
	return true;
}

static int compare_numbers(const void *left, const void *right)
{
	const struct free_page *a = left, *b = right;

	return (a->number > b->number) - (a->number < b->number);
}

static size_t stretch_from(const struct free_pages *all, size_t from, size_t *through)
{
	size_t end = from + 1;

	*through = all->pages[from].turn;
	for (; end < all->count && all->pages[end].number == all->pages[end - 1].number + 1; end++)
		if (all->pages[end].turn > *through)
			*through = all->pages[end].turn;
	return end - from;
}

/* Of several that are the longest, LMDB meets the one first that is whole first. */
static void find_longest(struct free_pages *all)
{
	size_t through;

	if (all->count > 0)
		qsort(all->pages, all->count, sizeof(*all->pages), compare_numbers);
	for (size_t at = 0, size; at < all->count; at += size) {
		size = stretch_from(all, at, &through);
		if (size > all->stretch || (size == all->stretch && through < all->through)) {
			all->stretch = size;
			all->through = through;
		}
	}
}

static bool look_at_lists(struct lmdb *lmdb, size_t now, struct free_pages *all)
{
	MDB_cursor *cursor;
	MDB_txn *txn;
	bool done = false;

	if (mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &txn) != MDB_SUCCESS)
		return false;
	if (mdb_cursor_open(txn, FREE_LISTS, &cursor) == MDB_SUCCESS) {
		done = read_lists(lmdb, cursor, now, all);
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return done;
}

int lmdb_room_plan(struct lmdb *lmdb, size_t *pages)
{
	struct free_pages all = {.pages = NULL};
	MDB_envinfo info;

	*pages = 0;
	CHECK(mdb_env_info(lmdb->env, &info) == MDB_SUCCESS);
	size_t used = info.me_last_pgno + 1, wanted = used / FREE_SHARE < FREE_PAGES_MAX ? used / FREE_SHARE : FREE_PAGES_MAX;
	bool is_due = used >= USED_PAGES_MIN && look_at_lists(lmdb, info.me_last_txnid, &all);
	size_t fresh = wanted / 2;

	find_longest(&all);
	free(all.pages);
	if (!is_due)
		return MDB_SUCCESS;
	bool is_fresh = all.count < wanted;

	if (is_fresh && (used + 2 * fresh) * lmdb->page_bytes > info.me_mapsize) { /* the turn itself wants some as well */
		if (info.me_mapsize < lmdb->map_bytes_max)
			return MDB_MAP_FULL;
		is_fresh = false;
	}
	if (is_fresh)
		*pages = fresh;
	else if (all.count < 3 * wanted) /* where there are so many, they lie together, or joining them does not help */
		*pages = all.stretch;
	lmdb->joined_through = is_fresh ? info.me_last_txnid + 1 : all.through; /* where no list was, the stretch is this turn's */
	return MDB_SUCCESS;
}

int lmdb_room_gather(struct lmdb *lmdb, MDB_txn *txn, size_t pages)
{
	uint8_t name = 1; /* of no table */
	MDB_val key = {sizeof(name), &name}, stretch = {pages * lmdb->page_bytes - PAGE_HEAD_BYTES, NULL};
	MDB_dbi names;

	if (pages < 2)
		return MDB_SUCCESS;
	CHECK(mdb_dbi_open(txn, NULL, 0, &names) == MDB_SUCCESS);
	int error = mdb_put(txn, names, &key, &stretch, MDB_RESERVE);

	return error == MDB_SUCCESS ? mdb_del(txn, names, &key, NULL) : error;
}
