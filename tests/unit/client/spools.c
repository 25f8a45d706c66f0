/* spools.c -- linked with --wrap=mdb_txn_commit. */
#include "spools.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "client/spool_inside.h"
#include "events/terminals.h"

static int failing; /* what the wrapped commit says next */

int __real_mdb_txn_commit(void *txn);
int __wrap_mdb_txn_commit(void *txn);
void mdb_txn_abort(void *txn);

int __wrap_mdb_txn_commit(void *txn)
{
	int code = failing;

	if (code == 0)
		return __real_mdb_txn_commit(txn);
	failing = 0;
	mdb_txn_abort(txn);
	return code;
}

void spools_fail_commit(int code)
{
	failing = code;
}

static int begin(void **state, bool on_disk)
{
	struct spools *spools = calloc(1, sizeof(*spools));

	assert_non_null(spools);
	spools->on_disk = on_disk;
	spools->now_us = 1000;
	snprintf(spools->folder, sizeof(spools->folder), "/tmp/spool-test-XXXXXX");
	assert_non_null(mkdtemp(spools->folder));
	assert_int_equal(spool_open(&spools->spool, on_disk ? spools->folder : NULL, 100000), ERR_NONE);
	*state = spools;
	return 0;
}

int spools_disk(void **state)
{
	return begin(state, true);
}

int spools_memory(void **state)
{
	return begin(state, false);
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *where)
{
	(void)stat;
	(void)kind;
	(void)where;
	return remove(path);
}

int spools_end(void **state)
{
	struct spools *spools = *state;

	spool_close(&spools->spool);
	assert_int_equal(nftw(spools->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(spools);
	return 0;
}

void spools_reopen(struct spools *spools)
{
	assert_true(spools->on_disk);
	spool_close(&spools->spool);
	assert_int_equal(spool_open(&spools->spool, spools->folder, 100000), ERR_NONE);
}

int spools_try(struct spools *spools, struct text source, const char *receipt, uint64_t *seq)
{
	struct ticket_sold_line line = {
	    .sku = TEXT_LITERAL("A"), .quantity = {1000}, .has_amount = true, .amount = {250}};
	struct ticket_sold sold = {.outlet = TEXT_LITERAL("OUT-001"),
				   .receipt = text_of(receipt),
				   .currency = TEXT_LITERAL("GBP"),
				   .day = TEXT_LITERAL("2026-03-01"),
				   .lines = {&line, 1}};

	return spool_put(&spools->spool, source, &ticket_sold_type, &sold, 1, spools->now_us++, seq);
}

uint64_t spools_put(struct spools *spools, struct text source, const char *receipt)
{
	uint64_t seq = 0;

	assert_int_equal(spools_try(spools, source, receipt, &seq), ERR_NONE);
	return seq;
}

/* The event as a receiver sees it: its envelope must say what the row says. */
static void append(const struct spooled *spooled, char *text, size_t size)
{
	struct reader reader = reader_of(spooled->event), data;
	struct envelope envelope;
	struct text receipt = {0};
	size_t used = strlen(text);

	envelope_read(&reader, &envelope);
	assert_int_equal(reader_finish(&reader), ERR_NONE);
	assert_true(text_equal(envelope.source, spool_name(spooled->source)));
	assert_int_equal(envelope.seq, spooled->seq);
	assert_true(text_equal(envelope.subject, TEXT_LITERAL("OUT-001")));
	data = reader_of(envelope.data);
	for (uint32_t pairs = reader_map(&data, 64); pairs > 0; pairs--)
		if (text_equal(reader_text(&data, 64), TEXT_LITERAL("receipt")))
			receipt = reader_text(&data, 40);
		else
			reader_skip(&data);
	snprintf(text + used, size - used, "%s%.*s#%llu=%.*s", used > 0 ? " " : "",
		 (int)envelope.source.size - 8, envelope.source.data + 8, (unsigned long long)spooled->seq,
		 TEXT_ARGS(receipt));
}

void spools_assert(struct spools *spools, const char *expected)
{
	struct view view = {0};
	struct spooled spooled;
	char text[1000] = "";
	uint64_t after = 0;

	assert_int_equal(view_open(&view, spools->spool.store), ERR_NONE);
	while (spool_next(&spools->spool, &view, after, &spooled)) {
		after = spooled.arrival;
		append(&spooled, text, sizeof(text));
	}
	view_close(&view);
	assert_string_equal(text, expected);
}

unsigned spools_rows(struct spools *spools)
{
	struct bytes key = {0};
	struct view view = {0};
	unsigned count = 0;

	assert_int_equal(view_open(&view, spools->spool.store), ERR_NONE);
	for (view_seek(&view, SPOOL_EVENTS, key, &key); key.data != NULL;
	     view_next(&view, SPOOL_EVENTS, &key))
		count++;
	view_close(&view);
	return count;
}
