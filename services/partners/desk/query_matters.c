/* query_matters.c -- `get service-tickets`, `get action-items`: what somebody has to do, or the time line of one. Arguments: ticket or action_item, outlet,
 * state, kind. */
#include "desk/matter.h"

static void text_if(struct query *query, const char *name, struct text value)
{
	if (value.size > 0)
		query_text(query, name, value);
}

/* What is asked for, and by which names. */
struct asked {
	const struct flow *flow;
	const char *name; /* of the thing, as a field and as an argument */
};

static void answer_matter(struct query *query, const struct asked *asked, struct text thing, const struct matter *matter)
{
	query_text(query, asked->name, thing);
	text_if(query, "outlet", CODE_TEXT(matter->outlet));
	text_if(query, "kind", CODE_TEXT(matter->kind));
	query_text(query, "state", matter_state(asked->flow, matter));
	query_int(query, "opened_us", matter->opened_us);
	if (matter->due_us != 0)
		query_int(query, "due_us", matter->due_us);
	query_bool(query, "overdue", matter_overdue(asked->flow, matter));
	query_int(query, "reopened", matter->again);
	text_if(query, "handler", CODE_TEXT(matter->handler));
	text_if(query, "warranty", CODE_TEXT(matter->verdict));
	text_if(query, "warranty_until", CODE_TEXT(matter->until));
}

static bool is_wanted(struct query *query, const struct asked *asked, const struct matter *matter)
{
	struct text outlet = query_argument(query, "outlet"), state = query_argument(query, "state"), kind = query_argument(query, "kind");

	return (outlet.size == 0 || text_equal(outlet, CODE_TEXT(matter->outlet))) &&
	       (state.size == 0 || text_equal(state, matter_state(asked->flow, matter))) &&
	       (kind.size == 0 || text_equal(kind, CODE_TEXT(matter->kind)));
}

static void answer_lines(struct query *query, const struct asked *asked, struct text thing)
{
	struct bytes from = query_from(query);
	uint32_t number = from.size == 8 ? (uint32_t)get_u64_be(from.data) : 1;
	struct matter matter;
	uint8_t key[KEY_SIZE];

	if (thing.size > 40 || !matter_read(query_get(query, TABLE_MATTER, matter_key(key, asked->flow, thing)), &matter))
		return;
	for (; number <= matter.lines; number++) {
		struct matter_line line;

		if (!matter_line_read(query_get(query, TABLE_MATTER_LINE, matter_line_key(key, asked->flow, thing, number)), &line))
			continue;
		if (!query_row(query)) {
			put_u64_be(key, number);
			query_more(query, bytes_of(key, 8));
			return;
		}
		query_text(query, asked->name, thing);
		text_if(query, "outlet", CODE_TEXT(matter.outlet));
		query_int(query, "number", number);
		query_int(query, "time_us", line.time_us);
		query_text(query, "step", CODE_TEXT(line.step));
		query_text(query, "who", CODE_TEXT(line.who));
		query_text(query, "event", CODE_TEXT(line.event));
		text_if(query, "reason", CODE_TEXT(line.reason));
	}
}

static void answer(struct query *query, const struct asked *asked)
{
	struct text thing = query_argument(query, asked->name);
	struct bytes key = query_from(query), row;
	uint8_t place[KEY_SIZE];
	struct matter matter;

	if (thing.size > 0) {
		answer_lines(query, asked, thing);
		return;
	}
	if (key.size == 0)
		key = matter_key(place, asked->flow, (struct text){0});
	for (row = query_seek(query, TABLE_MATTER, key, &key); key.data != NULL; row = query_next(query, TABLE_MATTER, &key)) {
		if (!text_equal(key_part(key, 0), text_of(asked->flow->name)))
			return;
		if (!matter_read(row, &matter) || !is_wanted(query, asked, &matter))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		answer_matter(query, asked, key_part(key, 1), &matter);
	}
}

void query_service_tickets(struct query *query)
{
	answer(query, &(const struct asked){&flow_ticket, "ticket"});
}

void query_action_items(struct query *query)
{
	answer(query, &(const struct asked){&flow_action_item, "action_item"});
}
