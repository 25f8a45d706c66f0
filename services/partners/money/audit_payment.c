/* audit_payment.c -- all that outlets have paid is what their payments add up to. */
#include "base/error.h"
#include "state.h"

#define ARENA_BYTES (1u << 16)

/* What payments add up to, less what the rows of their outlets hold: nothing, where each row is right; and none holds too much. */
void partners_audit_payments(struct audit *audit)
{
	struct view *view = audit_view(audit);
	struct payment_submitted payment;
	struct bytes key, row;
	struct arena arena;
	wide sum = 0;

	CHECK(arena_open(&arena, ARENA_BYTES) == ERR_NONE);
	for (row = view_seek(view, audit_table(audit, TABLE_PAYMENT), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_PAYMENT), &key)) {
		struct record record;

		arena_reset(&arena);
		if (!record_read(row, &record))
			continue; /* said already */
		struct reader reader = reader_of(record.fields);
		if (payment_submitted_type.unpack(&payment, &reader, &arena) == ERR_NONE)
			sum += payment.amount.minor;
	}
	arena_close(&arena);
	for (row = view_seek(view, audit_table(audit, TABLE_PAYMENT_SUM), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_PAYMENT_SUM), &key)) {
		int64_t paid = payment_sum_read(row);

		sum -= paid;
		if (paid > NUMBER_MAX)
			audit_wrong(audit, "payments of %.*s: %lld is more than can be said", (int)key.size, (const char *)key.data, (long long)paid);
	}
	if (sum != 0)
		audit_wrong(audit, "payments add up to %lld more than the sums of their outlets", (long long)sum);
}
