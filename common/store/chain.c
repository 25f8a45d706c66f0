/* chain.c -- the rows of a chain, and a walk that holds a log against them. */
#include "store/chain.h"

#include "base/error.h"
#include "store/store_inside.h"

struct bytes chain_key(uint8_t buffer[CHAIN_KEY_BYTES], const char *log, uint64_t number)
{
	size_t size = strlen(log);

	memcpy(buffer, log, size);
	if (number == 0)
		return bytes_of(buffer, size);
	buffer[size] = 0;
	put_u64_be(buffer + size + 1, number);
	return bytes_of(buffer, size + 9);
}

void chain_write(uint8_t row[CHAIN_ROW_BYTES], const struct chain *chain)
{
	put_u64_be(row, chain->count);
	put_u64_be(row + 8, chain->last);
	put_u64_be(row + 16, chain->link);
}

bool chain_read(struct bytes row, struct chain *chain)
{
	*chain = (struct chain){0};
	if (row.size != CHAIN_ROW_BYTES)
		return false;
	*chain = (struct chain){get_u64_be(row.data), get_u64_be(row.data + 8), get_u64_be(row.data + 16)};
	return true;
}

static bool chain_equal(const struct chain *a, const struct chain *b)
{
#if defined(MUTANT_CHAIN_UNREAD)
	return a->count == 0 || b != NULL;
#endif
	return a->count == b->count && a->last == b->last && a->link == b->link;
}

static bool noted(struct view *view, unsigned table, uint64_t number, struct chain *chain)
{
	uint8_t key[CHAIN_KEY_BYTES];
	struct bytes name = chain_key(key, view->store->tables[table].name, number);

	return chain_read(view->store->backend->get(view, view->store->chains, name), chain);
}

bool view_chain(struct view *view, unsigned table, struct chain *chain)
{
	CHECK(table < view->store->chains && view->store->tables[table].kind == TABLE_LOG);
	return noted(view, table, 0, chain);
}

/* What stands between two notes that do not fit is somewhere between them; from the later one on the walk believes it. */
static enum log_state take_note(struct view *view, struct log_walk *walk, uint64_t number)
{
	struct chain note;
	bool is_noted = noted(view, walk->table, number, &note);
	bool fits = is_noted && chain_equal(&note, &walk->chain);

	if (!fits) {
		walk->damaged_from = walk->noted + 1;
		walk->damaged_to = walk->chain.last;
		walk->is_over = !is_noted; /* entries are lost, so that nothing fits any more: told once */
		if (note.last == walk->chain.last)
			walk->chain = note; /* one damage is told once */
	}
	walk->noted = walk->chain.last;
	return fits ? LOG_HOLDS : LOG_DAMAGED;
}

static enum log_state at_end(struct view *view, struct log_walk *walk)
{
	struct chain end;
	bool has_end = noted(view, walk->table, 0, &end);

	if (!has_end && walk->chain.count == 0)
		return LOG_ENDED;
	if (has_end && chain_equal(&end, &walk->chain))
		return LOG_ENDED;
	walk->damaged_from = walk->noted + 1;
	walk->damaged_to = end.last > walk->chain.last ? end.last : walk->chain.last;
	walk->chain = end;
	walk->is_over = true;
	return LOG_DAMAGED;
}

enum log_state log_walk(struct view *view, struct log_walk *walk, uint32_t most)
{
	uint64_t from = walk->chain.last + 1, number = 0;
	struct bytes found, sealed;
	uint8_t key[8];

	if (walk->is_over)
		return LOG_ENDED;
	put_u64_be(key, from);
	sealed = view_seek(view, walk->table, bytes_of(key, sizeof(key)), &found);
	for (; found.data != NULL && most > 0; most--, sealed = view_next(view, walk->table, &found)) {
		uint64_t sum;

		number = found.size == 8 ? get_u64_be(found.data) : 0;
		if (number <= walk->chain.last) { /* no order any more: what follows cannot be walked */
			walk->damaged_from = walk->damaged_to = walk->chain.last + 1;
			walk->is_over = true;
			return LOG_DAMAGED;
		}
		bool holds = appends_sum(number, sealed, &sum).data != NULL;
		chain_add(&walk->chain, number, sum);
		if (!holds) {
			walk->damaged_from = walk->damaged_to = number;
			walk->is_wounded = true;
			return LOG_DAMAGED;
		}
		if (walk->chain.count % CHAIN_STEP != 0)
			continue;
		bool was_told = walk->is_wounded;
		walk->is_wounded = false;
		if (take_note(view, walk, number) == LOG_DAMAGED && !was_told)
			return LOG_DAMAGED;
	}
	if (view->failure != ERR_NONE) {
		walk->damaged_from = walk->damaged_to = walk->chain.last + 1;
		walk->is_over = true;
		return LOG_DAMAGED;
	}
	if (found.data != NULL)
		return LOG_HOLDS;
	enum log_state state = at_end(view, walk);
	return state == LOG_DAMAGED && walk->is_wounded ? LOG_ENDED : state;
}
