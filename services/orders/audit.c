/* audit.c -- what must hold of orders: every recorded total is the sum of its lines, and every ticket points
 * at its event. */
#include <stdlib.h>

#include "base/error.h"
#include "state.h"

struct counts {
	uint64_t recorded, voided, rows, void_rows;
};

static void check_sum(struct audit *audit, const struct envelope *envelope, struct money total,
                      const struct sale_recorded_line *lines, uint32_t count)
{
	struct money sum = {0};

	for (uint32_t i = 0; i < count; i++)
		sum = money_add(sum, lines[i].amount);
	if (sum.minor != total.minor)
		audit_wrong(audit, "orders#%llu: its lines sum to %lld, its total says %lld",
		            (unsigned long long)envelope->seq, (long long)sum.minor, (long long)total.minor);
}

static void check_event(struct audit *audit, const struct envelope *envelope, struct arena *arena,
                        struct counts *counts)
{
	struct reader reader = reader_of(envelope->data);

	arena_reset(arena);
	if (text_equal(envelope->type, TEXT_LITERAL("sale.recorded"))) {
		struct sale_recorded sale;

		counts->recorded++;
		if (sale_recorded_type.unpack(&sale, &reader, arena) == ERR_NONE)
			check_sum(audit, envelope, sale.total, sale.lines.items, sale.lines.count);
	} else if (text_equal(envelope->type, TEXT_LITERAL("sale.returned"))) {
		struct sale_returned back;

		counts->recorded++;
		if (sale_returned_type.unpack(&back, &reader, arena) == ERR_NONE)
			check_sum(audit, envelope, back.total,
			          (const struct sale_recorded_line *)(const void *)back.lines.items,
			          back.lines.count);
	} else if (text_equal(envelope->type, TEXT_LITERAL("sale.voided"))) {
		counts->voided++;
	}
}

static void count_rows(struct audit *audit, struct counts *counts)
{
	unsigned table = audit_table(audit, TABLE_TICKET);
	struct view *view = audit_view(audit);
	struct bytes key = {0}, row;

	for (row = view_seek(view, table, key, &key); key.data != NULL; row = view_next(view, table, &key)) {
		struct ticket_row ticket;

		counts->rows++;
		if (!ticket_read(row, &ticket))
			audit_wrong(audit, "a ticket row cannot be read");
		counts->void_rows += ticket.state == TICKET_VOIDED;
	}
}

void orders_audit(struct audit *audit)
{
	struct counts counts = {0};
	struct envelope envelope;
	struct arena arena;

	if (arena_open(&arena, 4 << 20) != ERR_NONE)
		return;
	while (audit_event(audit, &envelope))
		check_event(audit, &envelope, &arena, &counts);
	arena_close(&arena);
	count_rows(audit, &counts);
	if (counts.recorded != counts.rows)
		audit_wrong(audit, "%llu tickets in the journal, %llu rows",
		            (unsigned long long)counts.recorded, (unsigned long long)counts.rows);
	if (counts.voided != counts.void_rows)
		audit_wrong(audit, "%llu voids in the journal, %llu void rows",
		            (unsigned long long)counts.voided, (unsigned long long)counts.void_rows);
}
