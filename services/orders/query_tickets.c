/* query_tickets.c -- `get tickets`: what was recorded, till by till. Arguments: terminal, outlet, day. */
#include "state.h"

/* The outlet of a till, empty for one that is not known. */
static struct text outlet_of(struct query *query, struct text till, struct terminal *terminal)
{
	if (!terminal_read(query_get(query, TABLE_TERMINAL, bytes_of_text(till)), terminal))
		return (struct text){0};
	return terminal_outlet(terminal);
}

static bool is_till_of(struct query *query, struct text till, struct text outlet)
{
	struct terminal terminal;

	return outlet.size == 0 || text_equal(outlet_of(query, till, &terminal), outlet);
}

static bool answer_row(struct query *query, struct bytes key, struct bytes row)
{
	static const char *const states[] = {"", "sold", "returned", "voided"};
	struct terminal terminal;
	struct ticket_row ticket;

	if (!ticket_read(row, &ticket) || ticket.state > TICKET_VOIDED)
		return true;
	if (!query_row(query)) {
		query_more(query, key);
		return false;
	}
	query_text(query, "outlet", outlet_of(query, key_part(key, 0), &terminal));
	query_text(query, "terminal", key_part(key, 0));
	query_text(query, "day", key_part(key, 1));
	query_text(query, "receipt", key_part(key, 2));
	query_text(query, "state", text_of(states[ticket.state]));
	query_int(query, "seq", (int64_t)ticket.seq);
	return true;
}

/* Tickets that are not wanted are leapt over: the effort is one look per till and one per answer. */
void query_tickets(struct query *query)
{
	struct text terminal = query_argument(query, "terminal"), outlet = query_argument(query, "outlet"),
	            day = query_argument(query, "day");
	struct bytes key = query_from(query), row;
	uint8_t at[KEY_SIZE];

	if (terminal.size > TERMINAL_SIZE || day.size >= DAY_TEXT_SIZE)
		return; /* there is no such till or day */
	if (key.size == 0 && terminal.size > 0)
		key = ticket_key(at, terminal, day, (struct text){0});
	row = query_seek(query, TABLE_TICKET, key, &key);
	while (key.data != NULL) {
		struct text till = key_part(key, 0);
		int order =
		    day.size == 0 ? 0 : bytes_compare(bytes_of_text(key_part(key, 1)), bytes_of_text(day));

		if (terminal.size > 0 && !text_equal(till, terminal))
			return;
		if (order > 0 || !is_till_of(query, till, outlet)) {
			row = query_seek(query, TABLE_TICKET, ticket_key_after(at, till), &key);
		} else if (order < 0) {
			row = query_seek(query, TABLE_TICKET, ticket_key(at, till, day, (struct text){0}),
			                 &key);
		} else {
			if (!answer_row(query, key, row))
				return;
			row = query_next(query, TABLE_TICKET, &key);
		}
	}
}
