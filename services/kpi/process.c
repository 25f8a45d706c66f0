/* process.c -- visits in the order of time, and the counts that follow from them. */
#include "process.h"

#include <stddef.h>

#include "count.h"

_Static_assert(sizeof(struct visit) == 16 && offsetof(struct process, visits) == 80, "a process has no padding");

bool process_read(struct bytes row, struct process *process)
{
	size_t head = offsetof(struct process, visits);

	*process = (struct process){0};
	if (row.size < head || row.size > sizeof(*process))
		return false;
	memcpy(process, row.data, row.size);
	return process->count <= VISITS_MAX && row.size == head + process->count * sizeof(struct visit);
}

/* ---- spans of time, in classes ---- */

/* R91: A span is counted in whole seconds, a long one among those within a thirty-second of it; a median and a 95th percentile are the middle of the
   class that holds them. */
uint32_t hop_length(int64_t us)
{
	uint64_t seconds = us > 0 ? (uint64_t)us / US_PER_SECOND : 0;
	uint32_t shift = 0;

	for (; seconds >> shift >= 2 * HOP_EXACT; shift++)
		;
	return shift * HOP_EXACT + (uint32_t)(seconds >> shift);
}

int64_t hop_seconds(uint32_t length)
{
	uint32_t shift = length < 2 * HOP_EXACT ? 0 : length / HOP_EXACT - 1;
	int64_t least = (int64_t)(length - shift * HOP_EXACT) << shift;

	return least + ((INT64_C(1) << shift) - 1) / 2;
}

/* ---- what follows from the visits of a thing ---- */

static struct bytes hop_key(uint8_t key[KEY_SIZE], const struct flow *flow, uint32_t state, const char *next, uint32_t length)
{
	const struct text codes[] = {text_of(flow->name), text_of(flow->states[state]), text_of(next), {0}};
	size_t size = key_join(key, codes, 4).size;

	number_key(key + size, length);
	return bytes_of(key, size + 4);
}

static bool was_there(const struct process *process, uint32_t before)
{
	uint32_t count = before;

#if defined(MUTANT_REWORK_UNCOUNTED)
	count = 0;
#endif
	for (uint32_t i = 0; i < count; i++)
		if (process->visits[i].state == process->visits[before].state)
			return true;
	return false;
}

/* R90: What is measured of a thing in a flow is how long it stayed in each state before it came to the next, what it came back to, and where it waits:
   in its last state, unless that is one to rest in. */
void process_hops(const struct flow *flow, const struct process *process, uint32_t first, int64_t sign,
		  void (*add)(void *context, struct bytes key, int64_t count), void *context)
{
	uint8_t key[KEY_SIZE];

	for (uint32_t i = first; i < process->count; i++) {
		const struct visit *visit = &process->visits[i];

		if (i + 1 < process->count)
			add(context,
			    hop_key(key, flow, visit->state, flow->states[visit[1].state], hop_length(visit[1].time_us - visit->time_us)), sign);
		else if (!flow_rests(flow, text_of(flow->states[visit->state])))
			add(context, hop_key(key, flow, visit->state, "", 0), sign);
		if (was_there(process, i))
			add(context, hop_key(key, flow, visit->state, HOP_AGAIN, 0), sign);
	}
}

bool process_wait(const struct flow *flow, const struct process *process, struct text thing, uint8_t key[KEY_SIZE], struct bytes *at)
{
	const struct visit *last = process->count > 0 ? &process->visits[process->count - 1] : NULL;

	if (last == NULL || flow_rests(flow, text_of(flow->states[last->state])))
		return false;
	const struct text codes[] = {text_of(flow->name), text_of(flow->states[last->state]), {0}};
	size_t size = key_join(key, codes, 3).size;
	put_u64_be(key + size, (uint64_t)last->time_us);
	memcpy(key + size + 8, thing.data, thing.size);
	*at = bytes_of(key, size + 8 + thing.size);
	return true;
}

/* ---- a thing moves ---- */

static void add_hop(void *context, struct bytes key, int64_t count)
{
	struct turn *turn = context;
	int64_t known;

	row_get(turn, TABLE_HOP, key, &known, sizeof(known));
	known += count;
	if (known != 0)
		row_put(turn, TABLE_HOP, key, &known, sizeof(known));
	else
		turn_del(turn, TABLE_HOP, key);
}

static bool is_before(const struct visit *a, const struct visit *b)
{
	return a->time_us < b->time_us || (a->time_us == b->time_us && a->state < b->state);
}

/* R92: Of a flow that comes to each of its states once, what is said again counts at its latest moment. An order has come as far as the restocks that
   stand for it alone. */
static void visit_latest(struct process *process, struct visit *visit)
{
	for (uint32_t i = 0; i < process->count; i++) {
		if (process->visits[i].state != visit->state)
			continue;
		if (process->visits[i].time_us > visit->time_us)
			visit->time_us = process->visits[i].time_us;
		process->count--;
		memmove(&process->visits[i], &process->visits[i + 1], (process->count - i) * sizeof(*visit));
		return;
	}
}

/* Of more than there is room for the earliest are kept, whatever was heard first. */
static void visit_put(struct process *process, struct visit visit)
{
	if (process->count == VISITS_MAX && !is_before(&visit, &process->visits[VISITS_MAX - 1]))
		return;
	uint32_t at = process->count -= process->count == VISITS_MAX;

#if !defined(MUTANT_HEARD_ORDER)
	for (; at > 0 && is_before(&visit, &process->visits[at - 1]); at--)
		process->visits[at] = process->visits[at - 1];
#endif
	process->visits[at] = visit;
	process->count++;
}

static struct bytes process_key(uint8_t key[KEY_SIZE], const struct flow *flow, struct text thing)
{
	const struct text codes[] = {text_of(flow->name), thing};

	return key_join(key, codes, 2);
}

static void process_put(struct turn *turn, const struct flow *flow, struct text thing, const struct process *process)
{
	uint8_t key[KEY_SIZE];

	row_put(turn, TABLE_PROCESS, process_key(key, flow, thing), process, offsetof(struct process, visits) + process->count * sizeof(struct visit));
}

/* The counts that change are those from one visit before the first that is another. */
static void count_again(struct turn *turn, const struct flow *flow, struct text thing, const struct process *before, const struct process *after)
{
	uint32_t first = 0;
	uint8_t key[KEY_SIZE];
	struct bytes at;

	while (first < before->count && first < after->count && memcmp(&before->visits[first], &after->visits[first], sizeof(struct visit)) == 0)
		first++;
	first -= first > 0;
	process_hops(flow, before, first, -1, add_hop, turn);
	process_hops(flow, after, first, 1, add_hop, turn);
	if (process_wait(flow, before, thing, key, &at))
		turn_del(turn, TABLE_WAIT, at);
	if (process_wait(flow, after, thing, key, &at))
		turn_put(turn, TABLE_WAIT, at, bytes_of_text(CODE_TEXT(after->outlet)));
}

/* ---- when an order is paid ---- */

static const struct visit *visit_find(const struct process *process, const char *state)
{
	uint32_t wanted = (uint32_t)flow_state(&flow_order, text_of(state));

	for (uint32_t i = 0; i < process->count; i++)
		if (process->visits[i].state == wanted)
			return &process->visits[i];
	return NULL;
}

static int64_t time_of(const struct process *process, const char *state)
{
	const struct visit *visit = visit_find(process, state);

	return visit != NULL ? visit->time_us : -1;
}

static void visit_drop(struct process *process, const char *state)
{
	const struct visit *visit = visit_find(process, state);

	if (visit == NULL)
		return;
	size_t at = (size_t)(visit - process->visits);
	process->count--;
	memmove(&process->visits[at], &process->visits[at + 1], (process->count - at) * sizeof(*visit));
}

static void visit_order(struct process *process, const char *state, int64_t time_us)
{
	visit_put(process, (struct visit){time_us, (uint32_t)flow_state(&flow_order, text_of(state)), 0});
}

/* R130: An order is paid at the latest of the moments at which its payments were all there, its goods were received and its invoice was issued,
   where there is one; whose payments were all there before that, or whose goods are not there, is prepaid at that moment. An invoice that is open
   again was not paid. */
static void place_payment(struct process *process, int64_t settled_us)
{
	int64_t received_us = time_of(process, "received"), invoiced_us = time_of(process, "invoiced");
	int64_t done_us = received_us > invoiced_us ? received_us : invoiced_us;

	visit_drop(process, "prepaid");
	visit_drop(process, "paid");
	if (settled_us < 0)
		return;
#if defined(MUTANT_PAID_IS_DONE)
	done_us = settled_us;
#endif
	if (received_us < 0 || settled_us < done_us)
		visit_order(process, "prepaid", settled_us);
	if (received_us >= 0)
		visit_order(process, "paid", settled_us > done_us ? settled_us : done_us);
}

/* The moment at which its payments were all there, as its visits hold it; -1: they are not. */
static int64_t settled_at(const struct process *process)
{
	int64_t prepaid_us = time_of(process, "prepaid");

	return prepaid_us >= 0 ? prepaid_us : time_of(process, "paid");
}

static void visit_at(struct turn *turn, const struct flow *flow, struct text thing, struct text outlet, struct visit visit)
{
	struct process before, after;
	uint8_t key[KEY_SIZE];

	(void)process_read(turn_get(turn, TABLE_PROCESS, process_key(key, flow, thing)), &before);
	after = before;
	if (outlet.size > 0)
		CODE_PUT(after.outlet, outlet);
	if (flow->is_once)
		visit_latest(&after, &visit);
	visit_put(&after, visit);
	if (flow == &flow_order)
		place_payment(&after, settled_at(&before));
	process_put(turn, flow, thing, &after);
	count_again(turn, flow, thing, &before, &after);
}

void process_visit(struct turn *turn, const struct flow *flow, struct text thing, struct text outlet, const char *state)
{
	struct visit visit = {.time_us = turn_input(turn)->time_us, .state = (uint32_t)flow_state(flow, text_of(state))};

	if (visit.time_us >= 0 && thing.size <= THING_SIZE)
		visit_at(turn, flow, thing, outlet, visit);
}

void process_order(struct turn *turn, struct text outlet, struct text order, const char *state)
{
	process_visit(turn, &flow_order, turn_text(turn, "%.*s/%.*s", TEXT_ARGS(outlet), TEXT_ARGS(order)), outlet, state);
}

void process_paid(struct turn *turn, struct text outlet, struct text order, bool is_paid)
{
	struct text thing = turn_text(turn, "%.*s/%.*s", TEXT_ARGS(outlet), TEXT_ARGS(order));
	int64_t time_us = turn_input(turn)->time_us;
	struct process before, after;
	uint8_t key[KEY_SIZE];

	if (time_us < 0 || thing.size > THING_SIZE)
		return;
	(void)process_read(turn_get(turn, TABLE_PROCESS, process_key(key, &flow_order, thing)), &before);
	after = before;
	CODE_PUT(after.outlet, outlet);
	place_payment(&after, !is_paid ? -1 : time_us > settled_at(&before) ? time_us : settled_at(&before));
	process_put(turn, &flow_order, thing, &after);
	count_again(turn, &flow_order, thing, &before, &after);
}

/* ---- restocks and the orders that they stand for ---- */

static const struct {
	const char *restock, *order;
} stands_for[] = {{"requested", "allocated"}, {"dispatched", "shipped"}, {"received", "received"}};

static void order_follows(struct turn *turn, const struct process *restock, const struct visit *visit)
{
	struct text state = text_of(flow_restock.states[visit->state]);
	struct text order = turn_text(turn, "%.*s/%.*s", TEXT_ARGS(CODE_TEXT(restock->outlet)), TEXT_ARGS(CODE_TEXT(restock->order)));

	for (size_t i = 0; i < sizeof(stands_for) / sizeof(stands_for[0]); i++)
		if (text_equal(state, text_of(stands_for[i].restock)))
			visit_at(turn, &flow_order, order, CODE_TEXT(restock->outlet),
				 (struct visit){visit->time_us, (uint32_t)flow_state(&flow_order, text_of(stands_for[i].order)), 0});
}

void process_restock(struct turn *turn, struct text restock, struct text outlet, struct text order, const char *state)
{
	struct process process;
	uint8_t key[KEY_SIZE];

	process_visit(turn, &flow_restock, restock, outlet, state);
	(void)process_read(turn_get(turn, TABLE_PROCESS, process_key(key, &flow_restock, restock)), &process);
	bool is_new = order.size > 0 && process.order[0] == 0;
	if (is_new) {
		CODE_PUT(process.order, order);
		process_put(turn, &flow_restock, restock, &process);
	}
	if (process.order[0] == 0)
		return;
	/* What was heard of it before its order was known is told now; else this one. */
	for (uint32_t i = 0; i < process.count; i++)
		if (is_new || text_equal(text_of(state), text_of(flow_restock.states[process.visits[i].state])))
			order_follows(turn, &process, &process.visits[i]);
}

/* R93: A step that was refused because its flow does not have it is said as a violation, with the rule that the flow is written in. */
void process_breach(struct turn *turn, const struct breach *breach)
{
	int place = flow_find(breach->flow);

	if (place < 0)
		return;
	emit_process_violation_detected(turn, &(struct process_violation_detected){.flow = breach->flow,
										   .thing = breach->thing,
										   .has_outlet = breach->outlet.size > 0,
										   .outlet = breach->outlet,
										   .has_from_state = breach->from.size > 0,
										   .from_state = breach->from,
										   .has_to_state = breach->to.size > 0,
										   .to_state = breach->to,
										   .rule = text_of(flows[place]->rule),
										   .refusal = turn_input(turn)->id,
										   .has_by = breach->code.size > 0,
										   .by = breach->code});
}
