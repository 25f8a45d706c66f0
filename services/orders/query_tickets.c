/* query_tickets.c -- tickets that were recorded. */
#include "state.h"

void query_tickets(struct query *query)
{
	static const char *const states[] = {"", "sold", "returned", "voided"};
	struct text terminal = query_argument(query, "terminal"), day = query_argument(query, "day");
	struct bytes key = query_from(query), row;

	for (row = query_seek(query, TABLE_TICKET, key, &key); key.data != NULL;
	     row = query_next(query, TABLE_TICKET, &key)) {
		struct ticket_row ticket;

		if (!ticket_read(row, &ticket) || ticket.state > TICKET_VOIDED ||
		    (terminal.size > 0 && !text_equal(terminal, key_part(key, 0))) ||
		    (day.size > 0 && !text_equal(day, key_part(key, 1))))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		query_text(query, "terminal", key_part(key, 0));
		query_text(query, "day", key_part(key, 1));
		query_text(query, "receipt", key_part(key, 2));
		query_text(query, "state", text_of(states[ticket.state]));
		query_int(query, "seq", (int64_t)ticket.seq);
	}
}
