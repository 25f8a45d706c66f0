/* backfill_audit.c -- the truths of readings: each goes as far as the journal did, forward, to its end, once. */
#include <stdlib.h>

#include "backfill/backfill.h"

/* What was told of the latest reading for a metric. */
struct backfill_told {
	char metric[32];
	int64_t version, through, told; /* told: through which event parts were said */
	bool is_done;
};

static struct backfill_told *told_of(const struct backfill_journal *journal, struct text metric)
{
	for (size_t i = 0; i < journal->count; i++)
		if (text_equal(CODE_TEXT(journal->told[i].metric), metric))
			return &journal->told[i];
	return NULL;
}

static struct backfill_told *told_new(struct backfill_journal *journal, struct text metric)
{
	if (journal->count == journal->room) {
		journal->room = journal->room == 0 ? 64 : 2 * journal->room;
		journal->told = realloc(journal->told, journal->room * sizeof(*journal->told));
		CHECK(journal->told != NULL);
	}
	struct backfill_told *told = &journal->told[journal->count++];
	*told = (struct backfill_told){0};
	CODE_PUT(told->metric, metric);
	return told;
}

void backfill_audit_begun(struct backfill_journal *journal, uint64_t seq, const struct metric_replay_begun *begun)
{
	struct backfill_told *told = told_of(journal, begun->metric);

	if (begun->through != (int64_t)seq - 1)
		audit_wrong(journal->audit, "#%llu: the reading for metric %.*s goes to event %lld, not to the one before it", (unsigned long long)seq,
		            TEXT_ARGS(begun->metric), (long long)begun->through);
	if (told == NULL)
		told = told_new(journal, begun->metric);
	told->version = begun->metric_version;
	told->through = begun->through;
	told->told = 0;
	told->is_done = false;
}

void backfill_audit_part(struct backfill_journal *journal, uint64_t seq, const struct metric_replayed *part)
{
	struct backfill_told *told = told_of(journal, part->metric);
	bool is_last = part->has_done && part->done;

	if (told == NULL || told->version != part->metric_version || told->is_done) {
		audit_wrong(journal->audit, "#%llu: a part for metric %.*s, which nothing is read for", (unsigned long long)seq, TEXT_ARGS(part->metric));
		return;
	}
	if (part->through < told->told || part->through > told->through || (is_last && part->through != told->through))
		audit_wrong(journal->audit, "#%llu: a part for metric %.*s through event %lld, after %lld of %lld", (unsigned long long)seq,
		            TEXT_ARGS(part->metric), (long long)part->through, (long long)told->told, (long long)told->through);
	told->told = part->through;
	told->is_done = is_last;
}

static void row_check(const struct backfill_journal *journal, const struct backfill_source *source, struct bytes key, struct bytes row)
{
	struct text metric = {(const char *)key.data, (uint32_t)key.size};
	const struct backfill_told *told = told_of(journal, metric);
	const struct backfill_event *event = source->events;
	struct backfill backfill;

	if (row.size != sizeof(backfill)) {
		audit_wrong(journal->audit, "backfill %.*s: a row of %zu bytes", TEXT_ARGS(metric), row.size);
		return;
	}
	memcpy(&backfill, row.data, sizeof(backfill));
	while (event->type != NULL && !text_equal(CODE_TEXT(backfill.event), text_of(event->type->name)))
		event++;
	if (event->type == NULL)
		audit_wrong(journal->audit, "backfill %.*s: no metric counts %.*s here", TEXT_ARGS(metric), TEXT_ARGS(CODE_TEXT(backfill.event)));
	if (told == NULL || told->version != backfill.version || told->through != (int64_t)backfill.through || told->is_done)
		audit_wrong(journal->audit, "backfill %.*s: no such reading is open", TEXT_ARGS(metric));
	else if (backfill.next > backfill.through + 1 || (int64_t)backfill.next <= told->told)
		audit_wrong(journal->audit, "backfill %.*s: goes on at event %llu, and was told through %lld of %lld", TEXT_ARGS(metric),
		            (unsigned long long)backfill.next, (long long)told->told, (long long)told->through);
}

void backfill_audit_rows(struct backfill_journal *journal, const struct backfill_source *source)
{
	struct view *view = audit_view(journal->audit);
	unsigned table = audit_table(journal->audit, source->table);
	struct bytes key, row;

	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key))
		row_check(journal, source, key, row);
	free(journal->told);
	*journal = (struct backfill_journal){0};
}
