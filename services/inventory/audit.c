/* audit.c -- the truths of inventory: goods are conserved, one open restock per shelf, nothing on order
   that nobody wants. */
#include "audit_supply.h"
#include "counted.h"
#include "restock.h"
#include "tally.h"

#define ARENA_BYTES (4u << 20)

/*~ 12. The audit is a second opinion. It adds up what this service has told the world and compares it with
 *~    what it believes: were a movement lost, doubled or told wrongly, the two would differ here. */
struct audit_work {
	struct audit *audit;
	struct tally tally;
	struct arena arena;
	struct envelope envelope;
	struct backfill_journal readings;
};

static void movement_check(struct audit_work *work, struct text place, struct text sku, int64_t delta,
                           int64_t on_hand)
{
	struct tally_row *row = tally_row(&work->tally, place, sku);

	row->stock.on_hand.milli += delta;
	if (row->stock.on_hand.milli != on_hand)
		audit_wrong(work->audit,
		            "inventory#%llu: %.*s at %.*s says on hand %lld, its movements add up to %lld",
		            (unsigned long long)work->envelope.seq, TEXT_ARGS(sku), TEXT_ARGS(place),
		            (long long)on_hand, (long long)row->stock.on_hand.milli);
}

static void restock_opens(struct audit_work *work, const struct restock_requested *event)
{
	struct tally_row *row = tally_row(&work->tally, event->place, event->sku);

	if (row->restock != 0)
		audit_wrong(work->audit, "%.*s: %.*s at %.*s has R-%llu open already",
		            TEXT_ARGS(event->restock), TEXT_ARGS(event->sku), TEXT_ARGS(event->place),
		            (unsigned long long)row->restock);
	row->restock = restock_number(event->restock);
}

static void restock_closes(struct audit_work *work, struct text restock, struct text place, struct text sku)
{
	struct tally_row *row = tally_row(&work->tally, place, sku);

	if (row->restock != restock_number(restock))
		audit_wrong(work->audit, "%.*s: closes, but R-%llu is the one open for %.*s at %.*s",
		            TEXT_ARGS(restock), (unsigned long long)row->restock, TEXT_ARGS(sku),
		            TEXT_ARGS(place));
	row->restock = 0;
}

static void event_check_one(struct audit_work *work, const struct event_type *type, const void *data)
{
	if (type == &stock_changed_type) {
		const struct stock_changed *event = data;

		for (uint32_t i = 0; i < event->lines.count; i++)
			movement_check(work, event->place, event->lines.items[i].sku,
			               event->lines.items[i].delta.milli,
			               event->lines.items[i].on_hand.milli);
	} else if (type == &supply_changed_type) {
		const struct supply_changed *event = data;

		for (uint32_t i = 0; i < event->lines.count; i++)
			movement_check(work, event->warehouse, event->lines.items[i].sku,
			               event->lines.items[i].delta.milli,
			               event->lines.items[i].on_hand.milli);
	} else if (type == &restock_requested_type) {
		restock_opens(work, data);
	} else if (type == &restock_fulfilled_type) {
		const struct restock_fulfilled *event = data;

		restock_closes(work, event->restock, event->place, event->sku);
	} else if (type == &restock_cancelled_type) {
		const struct restock_cancelled *event = data;

		restock_closes(work, event->restock, event->place, event->sku);
	} else if (type == &stock_metric_replay_begun_type) {
		const struct stock_metric_replay_begun *event = data;

		backfill_audit_begun(&work->readings, work->envelope.seq, &BACKFILL_BEGUN(metric_replay_begun, event));
	} else if (type == &stock_metric_replayed_type) {
		const struct stock_metric_replayed *event = data;

		backfill_audit_part(&work->readings, work->envelope.seq, &BACKFILL_PART(metric_replayed, event));
	}
}

static void add_journal(struct audit_work *work)
{
	while (audit_event(work->audit, &work->envelope)) {
		const struct event_type *type = event_type_find(work->envelope.type);
		struct reader reader = reader_of(work->envelope.data);

		arena_reset(&work->arena);
		void *data = type != NULL ? arena_take(&work->arena, type->struct_size) : NULL;
		if (data == NULL || type->unpack(data, &reader, &work->arena) != 0)
			audit_wrong(work->audit, "inventory#%llu: does not decode",
			            (unsigned long long)work->envelope.seq);
		else
			event_check_one(work, type, data);
	}
}

static void add_restocks(struct audit_work *work)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, TABLE_RESTOCK);
	struct restock restock;
	struct bytes key, value;

	for (value = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL;
	     value = view_next(view, table, &key)) {
		if (value.size != sizeof(restock) || key.size != 8) {
			audit_wrong(work->audit, "restock: a row of %zu bytes", value.size);
			continue;
		}
		memcpy(&restock, value.data, sizeof(restock));
		int64_t left =
		    restock.state < RESTOCK_RECEIVED ? restock.asked.milli - restock.dispatched.milli : 0;
		struct tally_row *row =
		    tally_row(&work->tally, CODE_TEXT(restock.place), CODE_TEXT(restock.sku));

		row->stock.on_order.milli += left;
		row->stock.in_transit.milli +=
		    restock.dispatched.milli - restock.arrived.milli - restock.lost.milli;
		if (restock.state < RESTOCK_RECEIVED && row->restock != get_u64_be(key.data))
			audit_wrong(work->audit, "R-%llu: open, but not by the journal",
			            (unsigned long long)get_u64_be(key.data));
		row = tally_row(&work->tally, CODE_TEXT(restock.from), CODE_TEXT(restock.sku));
		row->stock.reserved.milli += left;
	}
}

static void add_waiting(struct audit_work *work)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, TABLE_WAITING);
	struct waiting waiting;
	struct bytes key, value;

	for (value = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL;
	     value = view_next(view, table, &key)) {
		if (value.size != sizeof(waiting)) {
			audit_wrong(work->audit, "waiting: a row of %zu bytes", value.size);
			continue;
		}
		memcpy(&waiting, value.data, sizeof(waiting));
		tally_row(&work->tally, key_part(key, 0), key_part(key, 1))->stock.backlog.milli +=
		    waiting.quantity.milli;
	}
}

static void figure_check(struct audit_work *work, struct bytes key, const char *name, int64_t row,
                         int64_t added)
{
	if (row != added)
		audit_wrong(work->audit, "%.*s at %.*s: %s is %lld, it must be %lld",
		            TEXT_ARGS(key_part(key, 1)), TEXT_ARGS(key_part(key, 0)), name, (long long)row,
		            (long long)added);
}

static void shelf_check(struct audit_work *work, struct bytes key, const struct shelf *shelf)
{
	struct tally_row *row = tally_row(&work->tally, key_part(key, 0), key_part(key, 1));

	row->seen = true;
	figure_check(work, key, "on hand", shelf->stock.on_hand.milli, row->stock.on_hand.milli);
	figure_check(work, key, "in transit", shelf->stock.in_transit.milli, row->stock.in_transit.milli);
	figure_check(work, key, "on order", shelf->stock.on_order.milli, row->stock.on_order.milli);
	figure_check(work, key, "reserved", shelf->stock.reserved.milli, row->stock.reserved.milli);
	figure_check(work, key, "backlog", shelf->stock.backlog.milli, row->stock.backlog.milli);
	figure_check(work, key, "open restock", (int64_t)shelf->restock, (int64_t)row->restock);
}

static void compare_shelves(struct audit_work *work)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, TABLE_SHELF);
	struct shelf shelf;
	struct bytes key, value;

	for (value = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL;
	     value = view_next(view, table, &key)) {
		if (!shelf_read(value, &shelf)) {
			audit_wrong(work->audit, "shelf: a row of %zu bytes", value.size);
			continue;
		}
		shelf_check(work, key, &shelf);
	}
	for (uint32_t i = 0; i < work->tally.count; i++) {
		struct tally_row *row = &work->tally.rows[i];

		if (!row->seen)
			shelf_check(work, bytes_of(row->key, row->key_size), &(struct shelf){0});
	}
}

void inventory_audit(struct audit *audit)
{
	struct audit_work work = {.audit = audit, .readings = {.audit = audit}};

	CHECK(arena_open(&work.arena, ARENA_BYTES) == 0);
	add_journal(&work);
	add_restocks(&work);
	add_waiting(&work);
	compare_shelves(&work);
	audit_supply(audit);
	backfill_audit_rows(&work.readings, &counted);
	tally_close(&work.tally);
	arena_close(&work.arena);
}
