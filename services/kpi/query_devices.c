/* query_devices.c -- `get devices`: what the devices of outlets run, hold back and say of their clocks, when each was heard last, and since when it is
 * silent. Arguments: terminal, outlet, state (silent). */
#include "device.h"
#include "figures.h"
#include "till.h"

static bool is_wanted(struct query *query, struct text terminal, const struct till *till)
{
	struct text wanted = query_argument(query, "terminal"), outlet = query_argument(query, "outlet"), state = query_argument(query, "state");

	return (wanted.size == 0 || text_equal(wanted, terminal)) && (outlet.size == 0 || text_equal(outlet, CODE_TEXT(till->outlet))) &&
	       (state.size == 0 || text_equal(state, till->silent ? TEXT_LITERAL("silent") : TEXT_LITERAL("heard")));
}

static void answer_reported(struct query *query, struct bytes key)
{
	struct device device;

	if (!look_get(query, TABLE_DEVICE, key, &device, sizeof(device)))
		return;
	if (device.kind[0] != 0)
		query_text(query, "kind", CODE_TEXT(device.kind));
	query_text(query, "software", CODE_TEXT(device.software));
	if (device.has_queue_depth)
		query_int(query, "queue_depth", device.queue_depth);
	if (device.has_clock_offset)
		query_int(query, "clock_offset", device.clock_offset);
	query_int(query, "reported_us", device.reported_us);
}

void query_devices(struct query *query)
{
	struct bytes key, value = query_seek(query, TABLE_TILL, query_from(query), &key);
	struct till till;

	for (; key.data != NULL; value = query_next(query, TABLE_TILL, &key)) {
		struct text terminal = {(const char *)key.data, (uint32_t)key.size};

		if (!copy_row(value, &till, sizeof(till)) || !is_wanted(query, terminal, &till))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		query_text(query, "terminal", terminal);
		query_text(query, "outlet", CODE_TEXT(till.outlet));
		query_bool(query, "expected", till.counted != 0);
		answer_reported(query, key);
		if (till.heard_us != 0)
			query_int(query, "last_seen_us", till.heard_us);
		if (till.silent)
			query_int(query, "silent_since_us", till.heard_us);
	}
}
