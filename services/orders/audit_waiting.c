/* audit_waiting.c -- the truths of returns before their sale: what waits is a return without a sale, and none is matched twice. */
#include "audit_waiting.h"

#include <stdlib.h>

#include "base/error.h"
#include "waiting.h"

static void add(struct seqs *seqs, uint64_t seq)
{
	if (seqs->count == seqs->room) {
		seqs->room = seqs->room > 0 ? seqs->room * 2 : 64;
		seqs->items = realloc(seqs->items, seqs->room * sizeof(*seqs->items));
		CHECK(seqs->items != NULL);
	}
	seqs->items[seqs->count++] = seq;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *first = a, *second = b;

	return (*first > *second) - (*first < *second);
}

static void sort(struct seqs *seqs)
{
	if (seqs->count > 0)
		qsort(seqs->items, seqs->count, sizeof(*seqs->items), by_number);
}

static bool holds(const struct seqs *seqs, uint64_t seq)
{
	return seqs->count > 0 && bsearch(&seq, seqs->items, seqs->count, sizeof(seq), by_number) != NULL;
}

/* A return that waits has a row by its last day. */
static void check_row(struct audit *audit, struct waiting_audit *work, struct bytes key, struct bytes row)
{
	struct waiting waiting;
	uint8_t end[KEY_SIZE];

	if (key.size <= WAITING_KEY || !waiting_read(row, &waiting)) {
		audit_wrong(audit, "returns: one that waits cannot be read");
		return;
	}
	uint64_t seq = get_u64_be(key.data + key.size - WAITING_KEY);
	add(&work->waiting, seq);
	if (view_get(audit_view(audit), audit_table(audit, TABLE_WAITING), waiting_end_key(end, &waiting, key)).data == NULL)
		audit_wrong(audit, "returns: orders#%llu waits and is never forgotten", (unsigned long long)seq);
}

void waiting_audit_open(struct audit *audit, struct waiting_audit *work)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_WAITING);
	struct bytes key, row;
	uint64_t ends = 0, count = 0;

	*work = (struct waiting_audit){0};
	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		if (key.data[0] == 'w')
			check_row(audit, work, key, row);
		else if (key.data[0] == 'd')
			ends++;
		else
			count = row.size == sizeof(count) ? load_8(row.data) : 0;
	}
	sort(&work->waiting);
	if (count != work->waiting.count || ends != work->waiting.count)
		audit_wrong(audit, "returns: %zu wait, %llu are counted and %llu have a last day", work->waiting.count, (unsigned long long)count,
			    (unsigned long long)ends);
}

static uint64_t ticket_seq(struct audit *audit, struct text terminal, struct text day, struct text receipt)
{
	struct ticket_row row;
	uint8_t key[KEY_SIZE];

	(void)ticket_read(view_get(audit_view(audit), audit_table(audit, TABLE_TICKET), ticket_key(key, terminal, day, receipt)), &row);
	return row.seq;
}

void waiting_audit_event(struct audit *audit, struct waiting_audit *work, uint64_t seq, const struct event_type *type, const void *event)
{
	if (type == &sale_returned_type) {
		const struct sale_returned *returned = event;

		if (!holds(&work->waiting, seq))
			return;
		work->found++;
		if (!returned->has_original || returned->has_original_day)
			audit_wrong(audit, "orders#%llu: waits for a sale, and %s", (unsigned long long)seq,
				    returned->has_original ? "has found it" : "names none");
	} else if (type == &return_matched_type) {
		const struct return_matched *matched = event;
		uint64_t back = ticket_seq(audit, matched->terminal, matched->day, matched->receipt);
		uint64_t sale = ticket_seq(audit, matched->original_terminal, matched->original_day, matched->original);

		add(&work->matched, back);
		if (back == 0 || back >= sale || sale >= seq)
			audit_wrong(audit, "orders#%llu: return orders#%llu was matched with orders#%llu, which is no later sale",
				    (unsigned long long)seq, (unsigned long long)back, (unsigned long long)sale);
	}
}

void waiting_audit_close(struct audit *audit, struct waiting_audit *work)
{
	sort(&work->matched);
	for (size_t i = 0; i < work->matched.count; i++)
		if (holds(&work->waiting, work->matched.items[i]) || (i > 0 && work->matched.items[i] == work->matched.items[i - 1]))
			audit_wrong(audit, "orders#%llu: is matched with its sale, and %s", (unsigned long long)work->matched.items[i],
				    holds(&work->waiting, work->matched.items[i]) ? "waits for it" : "once more");
	if (work->found != work->waiting.count)
		audit_wrong(audit, "returns: %zu wait, %zu of them in the journal", work->waiting.count, work->found);
	free(work->waiting.items);
	free(work->matched.items);
	*work = (struct waiting_audit){0};
}
