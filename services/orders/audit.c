/* audit.c -- the truths of orders: a recorded ticket is the sum of its lines, and every row points at its
 * event. */
#include "audit_promotion.h"
#include "audit_waiting.h"
#include "base/error.h"
#include "counted.h"
#include "state.h"

#define ARENA_BYTES (4u << 20)

struct audit_work {
	struct audit *audit;
	struct arena arena;
	struct envelope envelope;
	uint64_t tickets, voids, orders, cancelled, writeoffs; /* in the journal */
	struct given given;
	struct backfill_journal readings;
	struct waiting_audit waiting;
};

/* What sales, returns and voids have in common. */
struct recorded {
	struct text terminal, day, receipt;
	struct money total;
	struct quantity units;
	const struct sale_recorded_line *lines;
	uint32_t count;
};

_Static_assert(sizeof(struct sale_returned_line) == sizeof(struct sale_recorded_line) &&
                   sizeof(struct sale_voided_line) == sizeof(struct sale_recorded_line),
               "a line is a line");

#define RECORDED_OF(sale)                                                                                    \
	(struct recorded)                                                                                    \
	{                                                                                                    \
		(sale)->terminal, (sale)->day, (sale)->receipt, (sale)->total, (sale)->units,                \
		    (const struct sale_recorded_line *)(const void *)(sale)->lines.items,                    \
		    (sale)->lines.count                                                                      \
	}

static void check_sums(struct audit_work *work, const struct recorded *recorded)
{
	struct money total = {0};
	struct quantity units = {0};

	for (uint32_t i = 0; i < recorded->count; i++) {
		const struct sale_recorded_line *line = &recorded->lines[i];

		total = money_add(total, line->amount);
		if (!line->has_service || !line->service)
			units = quantity_add(units, line->quantity);
	}
	if (total.minor != recorded->total.minor)
		audit_wrong(work->audit, "orders#%llu: its lines sum to %lld, its total says %lld",
		            (unsigned long long)work->envelope.seq, (long long)total.minor,
		            (long long)recorded->total.minor);
	if (units.milli != recorded->units.milli)
		audit_wrong(work->audit, "orders#%llu: its goods sum to %lld, its units say %lld",
		            (unsigned long long)work->envelope.seq, (long long)units.milli,
		            (long long)recorded->units.milli);
}

/* The row of a ticket says which event recorded it, and whether it was voided. */
static void check_ticket(struct audit_work *work, const struct recorded *recorded, enum ticket_state state)
{
	uint8_t key[KEY_SIZE];
	struct ticket_row row;
	bool is_known =
	    ticket_read(view_get(audit_view(work->audit), audit_table(work->audit, TABLE_TICKET),
	                         ticket_key(key, recorded->terminal, recorded->day, recorded->receipt)),
	                &row);

	check_sums(work, recorded);
	if (state == TICKET_VOIDED
	        ? row.seq < work->envelope.seq && row.state == TICKET_VOIDED
	        : row.seq == work->envelope.seq && (row.state == state || row.state == TICKET_VOIDED))
		return;
	audit_wrong(work->audit, "orders#%llu: the row of receipt %.*s of %.*s on %.*s %s",
	            (unsigned long long)work->envelope.seq, TEXT_ARGS(recorded->receipt),
	            TEXT_ARGS(recorded->terminal), TEXT_ARGS(recorded->day),
	            is_known ? "says otherwise" : "is missing");
}

static void check_order(struct audit_work *work, struct text outlet, struct text order, bool is_cancelled)
{
	uint8_t key[KEY_SIZE];
	struct order_row row;

	(void)order_read(view_get(audit_view(work->audit), audit_table(work->audit, TABLE_ORDER),
	                          order_key(key, outlet, order)),
	                 &row);
	if (is_cancelled ? row.seq < work->envelope.seq && row.state == ORDER_CANCELLED
	                 : row.seq == work->envelope.seq && row.state != 0)
		return;
	audit_wrong(work->audit, "orders#%llu: the row of order %.*s of %.*s says otherwise",
	            (unsigned long long)work->envelope.seq, TEXT_ARGS(order), TEXT_ARGS(outlet));
}

static void check_writeoff(struct audit_work *work, const struct writeoff_recorded *off)
{
	uint8_t key[KEY_SIZE];

	if (view_get(audit_view(work->audit), audit_table(work->audit, TABLE_WRITEOFF),
	             ticket_key(key, off->terminal, off->day, off->reference))
	        .data == NULL)
		audit_wrong(work->audit, "orders#%llu: write-off %.*s has no row",
		            (unsigned long long)work->envelope.seq, TEXT_ARGS(off->reference));
}

static void check_event(struct audit_work *work, const struct event_type *type, const void *event)
{
	waiting_audit_event(work->audit, &work->waiting, work->envelope.seq, type, event);
	if (type == &sale_recorded_type) {
		work->tickets++;
		check_ticket(work, &RECORDED_OF((const struct sale_recorded *)event), TICKET_SOLD);
	} else if (type == &sale_returned_type) {
		work->tickets++;
		check_ticket(work, &RECORDED_OF((const struct sale_returned *)event), TICKET_RETURNED);
	} else if (type == &sale_voided_type) {
		work->voids++;
		check_ticket(work, &RECORDED_OF((const struct sale_voided *)event), TICKET_VOIDED);
	} else if (type == &writeoff_recorded_type) {
		work->writeoffs++;
		check_writeoff(work, event);
	} else if (type == &order_placed_type) {
		const struct order_placed *placed = event;

		work->orders++;
		check_order(work, placed->outlet, placed->order, false);
	} else if (type == &order_cancelled_type) {
		const struct order_cancelled *cancelled = event;

		work->cancelled++;
		check_order(work, cancelled->outlet, cancelled->order, true);
	} else if (type == &metric_replay_begun_type) {
		backfill_audit_begun(&work->readings, work->envelope.seq, event);
	} else if (type == &metric_replayed_type) {
		backfill_audit_part(&work->readings, work->envelope.seq, event);
	} else {
		audit_promotion_event(work->audit, &work->given, type, event);
	}
}

static void check_journal(struct audit_work *work)
{
	while (audit_event(work->audit, &work->envelope)) {
		const struct event_type *type = event_type_find(work->envelope.type);
		struct reader reader = reader_of(work->envelope.data);

		arena_reset(&work->arena);
		void *event = type != NULL ? arena_take(&work->arena, type->struct_size) : NULL;
		if (event == NULL || type->unpack(event, &reader, &work->arena) != ERR_NONE)
			audit_wrong(work->audit, "orders#%llu: does not decode",
			            (unsigned long long)work->envelope.seq);
		else
			check_event(work, type, event);
	}
}

/* Rows of a table, and those among them whose second number is `state`. */
static void count_rows(struct audit_work *work, unsigned table, uint64_t state, uint64_t *rows,
                       uint64_t *those)
{
	struct view *view = audit_view(work->audit);
	struct bytes key, row;

	*rows = *those = 0;
	for (row = view_seek(view, audit_table(work->audit, table), bytes_of(NULL, 0), &key);
	     key.data != NULL; row = view_next(view, audit_table(work->audit, table), &key)) {
		struct ticket_row both; /* an order's row begins with its shape */

		(*rows)++;
		if (row.size >= sizeof(both) && ticket_read(bytes_of(row.data, sizeof(both)), &both))
			*those += both.state == state;
	}
}

static void compare(struct audit_work *work, const char *what, uint64_t events, uint64_t rows)
{
	if (events != rows)
		audit_wrong(work->audit, "%s: %llu in the journal, %llu in the rows", what,
		            (unsigned long long)events, (unsigned long long)rows);
}

void orders_audit(struct audit *audit)
{
	struct audit_work work = {.audit = audit, .readings = {.audit = audit}};
	uint64_t rows, those;

	CHECK(arena_open(&work.arena, ARENA_BYTES) == ERR_NONE);
	waiting_audit_open(audit, &work.waiting);
	check_journal(&work);
	waiting_audit_close(audit, &work.waiting);
	count_rows(&work, TABLE_TICKET, TICKET_VOIDED, &rows, &those);
	compare(&work, "tickets", work.tickets, rows);
	compare(&work, "voids", work.voids, those);
	count_rows(&work, TABLE_ORDER, ORDER_CANCELLED, &rows, &those);
	compare(&work, "orders", work.orders, rows);
	compare(&work, "cancelled orders", work.cancelled, those);
	count_rows(&work, TABLE_WRITEOFF, 0, &rows, &those);
	compare(&work, "write-offs", work.writeoffs, rows);
	orders_audit_channel(audit);
	audit_promotion_rows(audit, &work.given);
	orders_audit_credit(audit);
	backfill_audit_rows(&work.readings, &counted);
	arena_close(&work.arena);
}
