/*
 * query_processes.c -- `get processes`: how long things stay in each state of their flow and what comes next, how many wait there, how often they
 * came back; `get waiting`: what waits in a state, the longest first. Arguments: flow, state, outlet.
 */
#include "process.h"

/* Counts by length, in order; what is asked of them needs one look at each. */
struct spread {
	int64_t count, median, p95;
};

static struct bytes hop_prefix(uint8_t key[KEY_SIZE], struct text flow, const char *state, const char *next)
{
	const struct text codes[] = {flow, text_of(state), text_of(next), {0}};

	return key_join(key, codes, 4);
}

static bool hop_walk(struct query *query, struct bytes prefix, struct bytes *key, int64_t *count)
{
	struct bytes value = key->data == NULL ? query_seek(query, TABLE_HOP, prefix, key) : query_next(query, TABLE_HOP, key);

	return key->size == prefix.size + 4 && memcmp(key->data, prefix.data, prefix.size) == 0 && copy_row(value, count, sizeof(*count));
}

static int64_t hop_sum(struct query *query, struct bytes prefix)
{
	struct bytes key = {0};
	int64_t sum = 0, count;

	while (hop_walk(query, prefix, &key, &count))
		sum += count;
	return sum;
}

/* The nearest rank: the least span that so many of a hundred do not exceed. */
static struct spread spread_of(struct query *query, struct bytes prefix)
{
	struct spread spread = {.count = hop_sum(query, prefix), .median = -1, .p95 = -1};
	int64_t seen = 0, count;
	struct bytes key = {0};

	while (hop_walk(query, prefix, &key, &count)) {
		int64_t seconds = hop_seconds(number_of_key(key.data + prefix.size));

		seen += count;
		if (spread.median < 0 && 2 * seen >= spread.count)
			spread.median = seconds;
		if (spread.p95 < 0 && 20 * seen >= 19 * spread.count)
			spread.p95 = seconds;
	}
	return spread;
}

static void row_begin(struct query *query, const struct flow *flow, const char *state)
{
	query_text(query, "flow", text_of(flow->name));
	query_text(query, "state", text_of(state));
}

/* How many are in a state now and since when the one that waits longest is; how often things came back to it. */
static bool answer_state(struct query *query, const struct flow *flow, const char *state)
{
	uint8_t key[KEY_SIZE];
	int64_t waiting = hop_sum(query, hop_prefix(key, text_of(flow->name), state, ""));
	int64_t again = hop_sum(query, hop_prefix(key, text_of(flow->name), state, HOP_AGAIN));
	const struct text codes[] = {text_of(flow->name), text_of(state), {0}};
	struct bytes prefix = key_join(key, codes, 3), found;

	if (waiting == 0 && again == 0)
		return true;
	if (!query_row(query))
		return false;
	row_begin(query, flow, state);
	query_int(query, "waiting", waiting);
	query_int(query, "again", again);
	(void)query_seek(query, TABLE_WAIT, prefix, &found);
	if (waiting > 0 && found.size > prefix.size + 8 && memcmp(found.data, prefix.data, prefix.size) == 0) {
		query_int(query, "since_us", (int64_t)get_u64_be(found.data + prefix.size));
		query_text(query, "longest",
			   (struct text){(const char *)found.data + prefix.size + 8, (uint32_t)(found.size - prefix.size - 8)});
	}
	return true;
}

static bool answer_hop(struct query *query, const struct flow *flow, const char *state, const char *next)
{
	uint8_t key[KEY_SIZE];
	struct spread spread = spread_of(query, hop_prefix(key, text_of(flow->name), state, next));

	if (spread.count == 0)
		return true;
	if (!query_row(query))
		return false;
	row_begin(query, flow, state);
	query_text(query, "next", text_of(next));
	query_int(query, "count", spread.count);
	query_int(query, "median_s", spread.median);
	query_int(query, "p95_s", spread.p95);
	/* R94: Where the moments of two services show a step that the flow does not have, it is counted and shown as not allowed, and not said. */
	query_bool(query, "allowed", flow_leads(flow, text_of(state), text_of(next)));
	return true;
}

/* A place among the answers: of a flow, of a state, 0 for what waits there, then each state that may come next. */
struct answer_place {
	uint8_t flow, state, next;
};

/* A place comes back from outside. */
static bool place_is(const struct answer_place *place)
{
	unsigned count = 0;

	while (flows[count] != NULL)
		count++;
	return place->flow < count && place->state < flow_states(flows[place->flow]) && place->next <= flow_states(flows[place->flow]);
}

static bool place_next(struct answer_place *place)
{
	unsigned count = flow_states(flows[place->flow]);

	if (++place->next <= count)
		return true;
	place->next = 0;
	if (++place->state < count)
		return true;
	place->state = 0;
	return flows[++place->flow] != NULL;
}

static bool answer_place(struct query *query, const struct answer_place *place)
{
	const struct flow *flow = flows[place->flow];
	const char *state = flow->states[place->state];

	return place->next == 0 ? answer_state(query, flow, state) : answer_hop(query, flow, state, flow->states[place->next - 1]);
}

void query_processes(struct query *query)
{
	struct text wanted = query_argument(query, "flow"), only = query_argument(query, "state");
	struct bytes from = query_from(query);
	struct answer_place place = {0};

	if (from.size == sizeof(place))
		memcpy(&place, from.data, sizeof(place));
	if (!place_is(&place))
		return;
	do {
		const struct flow *flow = flows[place.flow];

		if ((wanted.size > 0 && !text_equal(wanted, text_of(flow->name))) ||
		    (only.size > 0 && !text_equal(only, text_of(flow->states[place.state]))))
			continue;
		if (!answer_place(query, &place)) {
			query_more(query, bytes_of(&place, sizeof(place)));
			return;
		}
	} while (place_next(&place));
}

void query_waiting(struct query *query)
{
	struct text flow = query_argument(query, "flow"), state = query_argument(query, "state"), outlet = query_argument(query, "outlet");
	struct bytes key = query_from(query), value;

	for (value = query_seek(query, TABLE_WAIT, key, &key); key.data != NULL; value = query_next(query, TABLE_WAIT, &key)) {
		struct text in = key_part(key, 0), at = key_part(key, 1), whose = {(const char *)value.data, (uint32_t)value.size};
		size_t head = in.size + at.size + 2;

		if (key.size < head + 8 || (flow.size > 0 && !text_equal(flow, in)) || (state.size > 0 && !text_equal(state, at)) ||
		    (outlet.size > 0 && !text_equal(outlet, whose)))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		query_text(query, "flow", in);
		query_text(query, "state", at);
		query_text(query, "thing", (struct text){(const char *)key.data + head + 8, (uint32_t)(key.size - head - 8)});
		if (whose.size > 0)
			query_text(query, "outlet", whose);
		query_int(query, "since_us", (int64_t)get_u64_be(key.data + head));
	}
}
