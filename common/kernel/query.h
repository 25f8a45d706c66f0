/*
 * query.h -- answering looks at a service's committed state, a page at a time.
 *
 * A query runs on one view, which is closed before the answer leaves; a long answer goes on with `from` in the next page.
 */
#ifndef TRIBUTARY_KERNEL_QUERY_H
#define TRIBUTARY_KERNEL_QUERY_H

#include "guard/guard.h"
#include "kernel/engine.h"

#define QUERY_PAGE_BYTES (256 << 10)
#define QUERY_ROW_BYTES (16 << 10)	/* room kept free for one row */
#define QUERY_KEY_MAX STORE_KEY_MAX
#define QUERY_HIDDEN_MAX 20000		/* rows that are not the asker's, in one page: then the answer goes on in the next */

struct page {
	struct bytes rows;	/* row_count msgpack maps */
	uint32_t row_count;
	bool more;
	uint8_t from[QUERY_KEY_MAX];
	size_t from_size;
};

/* principal: who is to see the rows; NULL: somebody who sees all. */
struct query_asked {
	struct text what;
	struct bytes arguments, from;
	const struct guard_principal *principal;
};

/*
 * query_answer -- answer one page; rows that the principal does not see are left out.   query_run -- the same for somebody who sees all.
 *   shape   arguments is a msgpack map of text to text or int; from is empty for the first page; buffer holds QUERY_PAGE_BYTES.
 *   owns    page->rows lends from buffer.
 *   errors  ERR_NOT_FOUND: no such query; ERR_FORBIDDEN: not theirs to ask; ERR_AGAIN: no view to be had; a read that failed on the way: the page is not whole.
 */
int query_answer(struct engine *engine, const struct query_asked *asked, uint8_t *buffer, struct page *page) must_check;
int query_run(struct engine *engine, struct text what, struct bytes arguments, struct bytes from, uint8_t *buffer,
	      struct page *page) must_check;

/*
 * query_with_view -- for the live view: run look(query) on a view without writing rows.   query_failure -- of reading, so far.
 *   errors  no view to be had, or a read failed on the way: what look has seen is then not all.
 */
int query_failure(const struct query *query);
int query_with_view(struct engine *engine, void (*look)(struct query *query, void *context), void *context);

/* query_kernel -- the answers that every service gives: sources, quarantine, status, epochs, settings, metrics, hash. NULL: none of that name. */
const struct query_handler *query_kernel(struct text what);
struct engine *query_engine(struct query *query);
struct view *query_view_of(struct query *query);

#endif
