/*
 * query_agenda.c -- `get agenda`: what a meeting should talk about: cases that are open, tickets and action items that are overdue, targets at risk.
 * Arguments: outlet.
 */
#include "aims/red.h"
#include "channel/conflict_rows.h"
#include "desk/matter.h"

struct topic {
	const char *sort;
	struct text thing, outlet, state;
	int64_t since_us, due_us;
	bool overdue;
};

static bool answer_topic(struct query *query, const struct topic *topic)
{
	struct text wanted = query_argument(query, "outlet");

	if (wanted.size > 0 && !text_equal(wanted, topic->outlet))
		return true;
	if (!query_row(query))
		return false;
	query_text(query, "topic", text_of(topic->sort));
	query_text(query, "thing", topic->thing);
	if (topic->outlet.size > 0)
		query_text(query, "outlet", topic->outlet);
	query_text(query, "state", topic->state);
	query_int(query, "since_us", topic->since_us);
	if (topic->due_us != 0)
		query_int(query, "due_us", topic->due_us);
	query_bool(query, "overdue", topic->overdue);
	return true;
}

/* Each sort of topic: the table that it lies in, and whether a row of it is one. */
static bool conflict_topic(struct bytes key, struct bytes row, struct topic *topic)
{
	static struct conflict conflict; /* its codes are lent until the next row */

	if (!conflict_read(row, &conflict) || conflict.state == STATE_CLOSED)
		return false;
	*topic = (struct topic){.sort = "conflict",
				.thing = key_part(key, 0),
				.outlet = CODE_TEXT(conflict.outlet),
				.state = text_of(conflict_states[conflict.state]),
				.since_us = conflict.opened_us,
				.due_us = conflict.due_us,
				.overdue = conflict.due_us == 0 && conflict.state != STATE_DECIDED};
	return true;
}

static bool matter_topic(struct bytes key, struct bytes row, struct topic *topic)
{
	static struct matter matter;
	int place = flow_find(key_part(key, 0));

	if (place < 0 || !matter_read(row, &matter) || !matter_overdue(flows[place], &matter))
		return false;
	*topic = (struct topic){.sort = flows[place]->name,
				.thing = key_part(key, 1),
				.outlet = CODE_TEXT(matter.outlet),
				.state = matter_state(flows[place], &matter),
				.since_us = matter.opened_us,
				.overdue = true};
	return true;
}

static bool red_topic(struct bytes key, struct bytes row, struct topic *topic)
{
	static struct red red;

	if (key.data[0] != 't' || !red_read(row, &red))
		return false;
	*topic = (struct topic){.sort = "target",
				.thing = {(const char *)key.data + 1, (uint32_t)key.size - 1},
				.outlet = CODE_TEXT(red.outlet),
				.state = TEXT_LITERAL("at_risk"),
				.since_us = red.time_us};
	return true;
}

static const struct {
	enum partners_table table;
	bool (*topic)(struct bytes key, struct bytes row, struct topic *topic);
} sorts[] = {{TABLE_CONFLICT, conflict_topic}, {TABLE_MATTER, matter_topic}, {TABLE_DESK_FIND, red_topic}};

/* R180: The agenda of a meeting has every case that is not closed, every ticket, action item and enrolment that is overdue, and every target that is red. */
void query_agenda(struct query *query)
{
	struct bytes from = query_from(query);
	size_t first = from.size > 0 ? from.data[0] : 0;
	uint8_t more[KEY_SIZE];

	for (size_t i = first; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
		struct bytes key = i == first && from.size > 1 ? bytes_of(from.data + 1, from.size - 1) : bytes_of(NULL, 0), row;
		struct topic topic;

		for (row = query_seek(query, sorts[i].table, key, &key); key.data != NULL; row = query_next(query, sorts[i].table, &key)) {
			if (!sorts[i].topic(key, row, &topic) || answer_topic(query, &topic))
				continue;
			CHECK(key.size < KEY_SIZE);
			more[0] = (uint8_t)i;
			memcpy(more + 1, key.data, key.size);
			query_more(query, bytes_of(more, key.size + 1));
			return;
		}
	}
}
