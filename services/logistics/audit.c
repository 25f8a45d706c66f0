/* audit.c -- the truths of logistics: nothing travels that was not asked for, nothing is given that is not
   there, nothing is forgotten. */
#include <stdlib.h>

#include "counted.h"
#include "progress.h"

#define ARENA_BYTES (4u << 20)

/* struct part -- a quantity of a restock, found somewhere. */
struct part {
	char restock[NUMBER_SIZE];
	int64_t shipped; /* by the journal */
	int64_t queued;  /* pending or waiting */
};

struct audit_work {
	struct audit *audit;
	struct arena arena;
	struct envelope envelope;
	struct part *parts;
	size_t count, room;
	struct backfill_journal readings;
};

static struct part *part_add(struct audit_work *work, struct text restock)
{
	if (work->count == work->room) {
		work->room = work->room == 0 ? 1024 : 2 * work->room;
		work->parts = realloc(work->parts, work->room * sizeof(*work->parts));
		CHECK(work->parts != NULL);
	}
	struct part *part = &work->parts[work->count++];
	*part = (struct part){0};
	CODE_PUT(part->restock, restock);
	return part;
}

static void shipment_check(struct audit_work *work, const struct shipment_planned *planned)
{
	for (uint32_t i = 0; i < planned->lines.count; i++)
		part_add(work, planned->lines.items[i].restock)->shipped =
		    planned->lines.items[i].quantity.milli;
}

static void allocation_check(struct audit_work *work, const struct allocation_decided *decided)
{
	int64_t asked = 0, given = 0;

	for (uint32_t i = 0; i < decided->claims.count; i++) {
		const struct allocation_decided_claim *claim = &decided->claims.items[i];

		asked += claim->asked.milli;
		given += claim->given.milli;
		if (claim->given.milli < 0 || claim->given.milli > claim->asked.milli ||
		    claim->guaranteed.milli < 0 || claim->reserved.milli < 0 ||
		    claim->guaranteed.milli + claim->reserved.milli > claim->given.milli)
			audit_wrong(work->audit,
			            "logistics#%llu: restock %.*s asked %lld and was given %lld",
			            (unsigned long long)work->envelope.seq, TEXT_ARGS(claim->restock),
			            (long long)claim->asked.milli, (long long)claim->given.milli);
	}
	if (given > decided->available.milli || asked != decided->asked.milli)
		audit_wrong(
		    work->audit, "logistics#%llu: %lld given of %lld available, %lld asked of %lld said",
		    (unsigned long long)work->envelope.seq, (long long)given,
		    (long long)decided->available.milli, (long long)asked, (long long)decided->asked.milli);
}

static void event_check_one(struct audit_work *work, const struct event_type *type, const void *data)
{
	if (type == &shipment_planned_type) {
		shipment_check(work, data);
	} else if (type == &allocation_decided_type) {
		allocation_check(work, data);
	} else if (type == &shipment_metric_replay_begun_type) {
		const struct shipment_metric_replay_begun *event = data;

		backfill_audit_begun(&work->readings, work->envelope.seq, &BACKFILL_BEGUN(metric_replay_begun, event));
	} else if (type == &shipment_metric_replayed_type) {
		const struct shipment_metric_replayed *event = data;

		backfill_audit_part(&work->readings, work->envelope.seq, &BACKFILL_PART(metric_replayed, event));
	}
}

static void read_journal(struct audit_work *work)
{
	while (audit_event(work->audit, &work->envelope)) {
		const struct event_type *type = event_type_find(work->envelope.type);
		struct reader reader = reader_of(work->envelope.data);

		arena_reset(&work->arena);
		void *data = type != NULL ? arena_take(&work->arena, type->struct_size) : NULL;
		if (data == NULL || type->unpack(data, &reader, &work->arena) != 0)
			audit_wrong(work->audit, "logistics#%llu: does not decode",
			            (unsigned long long)work->envelope.seq);
		else
			event_check_one(work, type, data);
	}
}

/* Walks a table of the service; each is told every row. */
static void each_row(struct audit_work *work, unsigned number, size_t size,
                     void (*each)(struct audit_work *work, struct bytes key, const void *row))
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, number);
	union {
		struct pending pending;
		struct restock restock;
		struct line line;
	} row;
	struct bytes key, value;

	for (value = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL;
	     value = view_next(view, table, &key)) {
		if (value.size != size) {
			audit_wrong(work->audit, "%s: a row of %zu bytes", logistics_tables[number].name,
			            value.size);
			continue;
		}
		memcpy(&row, value.data, size);
		each(work, key, &row);
	}
}

static void pending_read(struct audit_work *work, struct bytes key, const void *row)
{
	part_add(work, key_part(key, 2))->queued = ((const struct pending *)row)->quantity.milli;
}

static void waiting_read(struct audit_work *work, struct bytes key, const void *row)
{
	part_add(work, key_part(key, 3))->queued = ((const struct pending *)row)->quantity.milli;
}

static int part_compare(const void *a, const void *b)
{
	return memcmp(((const struct part *)a)->restock, ((const struct part *)b)->restock, NUMBER_SIZE);
}

/* Parts of the same restock become one; afterwards they are sorted. */
static void parts_merge(struct audit_work *work)
{
	size_t count = 0;

	if (work->count > 0)
		qsort(work->parts, work->count, sizeof(*work->parts), part_compare);
	for (size_t i = 0; i < work->count; i++) {
		if (count > 0 && part_compare(&work->parts[count - 1], &work->parts[i]) == 0) {
			work->parts[count - 1].shipped += work->parts[i].shipped;
			work->parts[count - 1].queued += work->parts[i].queued;
		} else {
			work->parts[count++] = work->parts[i];
		}
	}
	work->count = count;
}

static void restock_check(struct audit_work *work, struct bytes key, const void *row)
{
	const struct restock *restock = row;
	struct part wanted = {0}, *part;
	int64_t shipped = 0, queued = 0;

	CODE_PUT(wanted.restock, key_part(key, 0));
	part = work->count > 0 ? bsearch(&wanted, work->parts, work->count, sizeof(*part), part_compare)
	                       : NULL;
	if (part != NULL) {
		shipped = part->shipped;
		queued = part->queued;
	}
	if (shipped > restock->asked.milli || shipped != restock->planned.milli)
		audit_wrong(work->audit,
		            "restock %.*s: %lld is in shipments, %lld was asked, %lld is written down",
		            TEXT_ARGS(key_part(key, 0)), (long long)shipped,
		            (long long)restock->asked.milli, (long long)restock->planned.milli);
	if (restock->cancelled ? queued != 0 : shipped + queued != restock->asked.milli)
		audit_wrong(work->audit,
		            "restock %.*s: of %lld asked %lld is in shipments and %lld is queued",
		            TEXT_ARGS(key_part(key, 0)), (long long)restock->asked.milli,
		            (long long)shipped, (long long)queued);
}

static void line_check(struct audit_work *work, struct bytes key, const void *row)
{
	const struct line *line = row;

	if (key.size != 16) {
		audit_wrong(work->audit, "line: a key of %zu bytes", key.size);
		return;
	}
	if (line->dispatched.milli > line->planned.milli || line->arrived.milli > line->dispatched.milli ||
	    line->damaged.milli > line->arrived.milli || line->damaged.milli < 0)
		audit_wrong(work->audit, "shipment S-%llu: restock %.*s has more further on than before",
		            (unsigned long long)get_u64_be(key.data), TEXT_ARGS(CODE_TEXT(line->restock)));
}

void logistics_audit(struct audit *audit)
{
	struct audit_work work = {.audit = audit, .readings = {.audit = audit}};

	CHECK(arena_open(&work.arena, ARENA_BYTES) == 0);
	read_journal(&work);
	each_row(&work, TABLE_PENDING, sizeof(struct pending), pending_read);
	each_row(&work, TABLE_WAITING, sizeof(struct pending), waiting_read);
	parts_merge(&work);
	each_row(&work, TABLE_RESTOCK, sizeof(struct restock), restock_check);
	each_row(&work, TABLE_LINE, sizeof(struct line), line_check);
	backfill_audit_rows(&work.readings, &counted);
	free(work.parts);
	arena_close(&work.arena);
}
