/* audit_credit.c -- what outlets owe is what their orders and payments give; what waits waits once. */
#include "base/error.h"
#include "credit.h"

/* What rows of other tables give for one outlet; both tables begin with its code. */
static void add_orders(struct audit *audit, struct text outlet, struct credit *given)
{
	struct view *view = audit_view(audit);
	uint8_t at[KEY_SIZE];
	struct bytes key, row;

	for (row = view_seek(view, audit_table(audit, TABLE_ORDER), order_key(at, outlet, (struct text){0}), &key);
	     key.data != NULL && text_equal(key_part(key, 0), outlet); row = view_next(view, audit_table(audit, TABLE_ORDER), &key)) {
		struct order_row order;

		if (!order_read(row, &order))
			continue;
		given->ordered += order.state == ORDER_ACCEPTED ? order.amount : 0;
		given->held += order.state == ORDER_HELD;
	}
}

static void add_payments(struct audit *audit, struct text outlet, struct credit *given)
{
	struct view *view = audit_view(audit);
	struct bytes key, row;
	struct paid_day paid;
	struct text of;

	for (row = view_seek(view, audit_table(audit, TABLE_PAID), bytes_of_text(outlet), &key);
	     key.data != NULL && text_equal(key_part(key, 0), outlet); row = view_next(view, audit_table(audit, TABLE_PAID), &key))
		if (paid_read(key, row, &of, &paid)) {
			given->paid += paid.paid;
			given->deposit += paid.deposit;
		}
}

static void check_book(struct audit *audit, struct text outlet, const struct credit *credit)
{
	struct credit given = {0};

	add_orders(audit, outlet, &given);
	add_payments(audit, outlet, &given);
	if (given.ordered != credit->ordered || given.paid != credit->paid || given.deposit != credit->deposit || given.held != credit->held)
		audit_wrong(audit, "credit of %.*s: %lld ordered, %lld paid, %lld deposited, %lld waiting; its rows give %lld, %lld, %lld, %lld",
			    TEXT_ARGS(outlet), (long long)credit->ordered, (long long)credit->paid, (long long)credit->deposit,
			    (long long)credit->held, (long long)given.ordered, (long long)given.paid, (long long)given.deposit,
			    (long long)given.held);
}

/* What waits is an order that is held, under its own sequence; and it would not fit. */
static void check_held(struct audit *audit)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_HELD);
	struct bytes key, row;

	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		struct text outlet = key_part(key, 0), order = {(const char *)row.data, (uint32_t)row.size};
		struct order_row known;
		struct credit credit;
		uint8_t at[KEY_SIZE];

		(void)order_read(view_get(view, audit_table(audit, TABLE_ORDER), order_key(at, outlet, order)), &known);
		(void)credit_read(view_get(view, audit_table(audit, TABLE_CREDIT), bytes_of_text(outlet)), &credit);
		if (known.state != ORDER_HELD || known.seq != get_u64_be(key.data + key.size - 8))
			audit_wrong(audit, "order %.*s of %.*s waits and is not held", TEXT_ARGS(order), TEXT_ARGS(outlet));
		else if (credit_fits(&credit, known.amount))
			audit_wrong(audit, "order %.*s of %.*s waits and would fit", TEXT_ARGS(order), TEXT_ARGS(outlet));
	}
}

void orders_audit_credit(struct audit *audit)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_CREDIT);
	struct bytes key, row;

	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		struct text outlet = {(const char *)key.data, (uint32_t)key.size};
		struct credit credit;

		if (credit_read(row, &credit))
			check_book(audit, outlet, &credit);
		else
			audit_wrong(audit, "the credit of %.*s cannot be read", TEXT_ARGS(outlet));
	}
	check_held(audit);
}
