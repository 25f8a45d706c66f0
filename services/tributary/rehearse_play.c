/* rehearse_play.c -- a period once more, in a network of its own: tills say their tickets, a warehouse delivers what is planned. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/when.h"
#include "events/logistics.h"
#include "events/warehouses.h"
#include "rehearse.h"
#include "settle.h"

#define FLUSH_MS 120000
#define SETTLE_MS 120000
#define COUNTED_LINES 500
#define SENT_AT_ONCE 5000
#define PICKED_US (20 * US_PER_MINUTE)
#define DISPATCHED_US (30 * US_PER_MINUTE)
#define TAKEN_IN_US (10 * US_PER_MINUTE)

/* A shipment on its way, until it is delivered by the hour that was promised. */
struct underway {
	struct underway *next;
	char shipment[41], warehouse[33], outlet[33];
	int64_t planned_us, promised_us;
};

struct stage {
	struct rehearsal *rehearsal;
	const struct network *network;
	struct client *doors[PARAMS_SERVICES]; /* who is asked how far it has come */
	struct client *office, *tills, *counters, *warehouse;
	struct client *listener; /* of logistics' plans */
	uint64_t heard;		 /* through this sequence of logistics */
	struct underway *underway; /* by promise */
	bool plays;		   /* the rules are said: what is refused to staff from now on is no rule */
};

struct outcome *rehearsal_outcome(struct rehearsal *rehearsal, struct text outlet)
{
	struct outcome *outcome = NULL;

	HASH_FIND(hh, rehearsal->outcomes, outlet.data, outlet.size, outcome);
	if (outcome != NULL || outlet.size >= sizeof(outcome->outlet))
		return outcome;
	outcome = calloc(1, sizeof(*outcome));
	CHECK(outcome != NULL);
	memcpy(outcome->outlet, outlet.data, outlet.size);
	HASH_ADD_KEYPTR(hh, rehearsal->outcomes, outcome->outlet, outlet.size, outcome);
	return outcome;
}

void rehearsal_free(struct rehearsal *rehearsal)
{
	struct outcome *outcome, *next;

	HASH_ITER(hh, rehearsal->outcomes, outcome, next) {
		HASH_DEL(rehearsal->outcomes, outcome);
		free(outcome);
	}
}

/* ---- who speaks ---- */

static void on_verdict(void *context, const struct client_verdict *verdict)
{
	struct stage *stage = context;

	if (verdict->verdict != VERDICT_REFUSED || stage->plays)
		return;
	if (verdict->source.size > 6 && memcmp(verdict->source.data, "staff/", 6) == 0) {
		stage->rehearsal->refused++;
		fprintf(stderr, "tributary rehearse: %s: refused %.*s: %.*s\n", stage->rehearsal->name, TEXT_ARGS(verdict->code),
			TEXT_ARGS(verdict->message));
	}
}

static int speaker(struct stage *stage, const char *service, struct client **client)
{
	struct client_options options = {.name = "tributary rehearse", .window_events = 4000, .on_verdict = on_verdict, .context = stage};

	return network_open(stage->network, service, &options, client);
}

static int settle(struct stage *stage)
{
	int error = ERR_NONE;

	/* Twice round, since services hear each other. */
	for (unsigned i = 0; i < 2 * PARAMS_SERVICES * PARAMS_SERVICES && error == ERR_NONE; i++) {
		unsigned from = i % (PARAMS_SERVICES * PARAMS_SERVICES) / PARAMS_SERVICES, to = i % PARAMS_SERVICES;

		if (settle_hears(params_services[to], params_services[from]))
			error = settle_edge(stage->doors[from], stage->doors[to], params_services[from], SETTLE_MS);
	}
	return error;
}

static int say_part(struct client *client, const struct said *said, size_t count)
{
	int error = client_begin(client);

	for (size_t i = 0; i < count && error == ERR_NONE; i++)
		error = client_publish(client, said[i].source, said[i].type, said[i].event, said[i].time_us, NULL);
	int ended = client_end(client);
	return error != ERR_NONE ? error : ended != ERR_NONE ? ended : client_flush(client, FLUSH_MS);
}

static int say_all(struct client *client, const struct said *said, size_t count)
{
	int error = ERR_NONE;

	for (size_t i = 0; i < count && error == ERR_NONE; i += SENT_AT_ONCE)
		error = say_part(client, said + i, count - i < SENT_AT_ONCE ? count - i : SENT_AT_ONCE);
	return error;
}

/* ---- before the period ---- */

static int say_candidate(struct stage *stage)
{
	const struct records *records = stage->rehearsal->candidate;
	int64_t time_us = stage->rehearsal->past->begins_us;
	int error = ERR_NONE;

	for (const struct record *record = records != NULL ? records->first : NULL; record != NULL && error == ERR_NONE; record = record->next)
		error = client_publish(stage->office, "staff/candidate", record->type, record->event, time_us, NULL);
	return error == ERR_NONE ? client_flush(stage->office, FLUSH_MS) : error;
}

/* Shelves lie sorted by place: counts of so many lines, each of one place. A shelf that owed goods is counted as empty. */
static int say_counts(struct stage *stage, const struct shelf *shelves)
{
	struct stock_counted_line lines[COUNTED_LINES];
	unsigned number = 0;
	int error = ERR_NONE;

	while (shelves != NULL && error == ERR_NONE) {
		const char *place = shelves->key;
		char source[80], reference[40];
		struct stock_counted counted = {.place = text_of(place), .lines = {lines, 0}};

		snprintf(source, sizeof(source), "wms/%s", place);
		snprintf(reference, sizeof(reference), "rehearsal-%u", ++number);
		counted.reference = text_of(reference);
		for (; shelves != NULL && counted.lines.count < COUNTED_LINES && strcmp(shelves->key, place) == 0; shelves = shelves->hh.next)
			lines[counted.lines.count++] = (struct stock_counted_line){text_of(shelves->key + strlen(shelves->key) + 1),
										     {shelves->milli > 0 ? shelves->milli : 0}};
		error = client_publish(stage->counters, source, &stock_counted_type, &counted,
				       stage->rehearsal->past->begins_us - US_PER_HOUR, NULL);
	}
	return error == ERR_NONE ? client_flush(stage->counters, FLUSH_MS) : error;
}

static int set_up(struct stage *stage)
{
	const struct past *past = stage->rehearsal->past;
	int error = say_all(stage->office, past->rules.items, past->rules.count);

	if (error == ERR_NONE)
		error = say_candidate(stage);
	if (error == ERR_NONE)
		error = settle(stage);
	stage->plays = true;
	if (error == ERR_NONE)
		error = say_all(stage->office, past->openings.items, past->openings.count);
	if (error == ERR_NONE)
		error = say_counts(stage, past->shelves);
	return error == ERR_NONE ? settle(stage) : error;
}

/* ---- the warehouse ---- */

static void on_plan(void *context, const struct envelope *envelope, struct bytes event, uint64_t epoch)
{
	static uint8_t memory[1 << 18]; /* house: large, and one plan is read at a time */
	struct arena arena = {.block = memory, .size = sizeof(memory)};
	struct reader reader = reader_of(envelope->data);
	struct stage *stage = context;
	struct shipment_planned planned;

	(void)event;
	(void)epoch;
	if (shipment_planned_type.unpack(&planned, &reader, &arena) != ERR_NONE)
		return;
	struct outcome *outcome = rehearsal_outcome(stage->rehearsal, planned.outlet);
	if (outcome != NULL)
		outcome->values[MEASURE_FREIGHT] += planned.cost.minor;
	struct underway *made = calloc(1, sizeof(*made));
	CHECK(made != NULL);
	snprintf(made->shipment, sizeof(made->shipment), "%.*s", TEXT_ARGS(planned.shipment));
	snprintf(made->warehouse, sizeof(made->warehouse), "%.*s", TEXT_ARGS(planned.warehouse));
	snprintf(made->outlet, sizeof(made->outlet), "%.*s", TEXT_ARGS(planned.outlet));
	made->planned_us = envelope->time_us;
	made->promised_us = planned.promised > envelope->time_us + DISPATCHED_US ? planned.promised : envelope->time_us + DISPATCHED_US;
	struct underway **at = &stage->underway;
	while (*at != NULL && (*at)->promised_us <= made->promised_us)
		at = &(*at)->next;
	made->next = *at;
	*at = made;
}

static void on_heard(void *context, uint64_t through, uint64_t head)
{
	struct stage *stage = context;

	(void)head;
	stage->heard = through;
}

static void on_head(void *context, struct bytes row)
{
	*(int64_t *)context = row_int(row, "head", 0);
}

/* Every plan that logistics has made by now. */
static int hear_plans(struct stage *stage)
{
	int64_t head = 0;
	int error = client_query(stage->doors[3], "status", bytes_of(NULL, 0), on_head, &head, QUERY_TIMEOUT_MS);

	for (int waited = 0; error == ERR_NONE && stage->heard < (uint64_t)head; waited++) {
		client_process(stage->listener, 10);
		error = waited < FLUSH_MS / 10 ? ERR_NONE : ERR_TIMEOUT;
	}
	return error;
}

/*
 * Logistics hears of restocks only: the time of day comes to it with what warehouses say. A confirmation of a shipment that never was
 * is refused and changes nothing but the clock.
 */
static int tell_time(struct stage *stage, int64_t now_us)
{
	struct pick_confirmed nothing = {.shipment = TEXT_LITERAL("time-of-day"), .warehouse = TEXT_LITERAL("time-of-day")};
	const struct said said = {&pick_confirmed_type, "wms/time-of-day", &nothing, now_us, 0};

	return say_part(stage->warehouse, &said, 1);
}

static int deliver(struct stage *stage, const struct underway *underway)
{
	struct text shipment = text_of(underway->shipment), warehouse = text_of(underway->warehouse), outlet = text_of(underway->outlet);
	struct pick_confirmed picked = {.shipment = shipment, .warehouse = warehouse};
	struct dispatch_confirmed dispatched = {.shipment = shipment, .warehouse = warehouse};
	struct delivery_confirmed delivered = {.shipment = shipment, .outlet = outlet};
	struct receipt_confirmed received = {.shipment = shipment, .outlet = outlet};
	char source[48];

	snprintf(source, sizeof(source), "wms/%s", underway->warehouse);
	const struct said steps[] = {
	    {&pick_confirmed_type, source, &picked, underway->planned_us + PICKED_US, 0},
	    {&dispatch_confirmed_type, source, &dispatched, underway->planned_us + DISPATCHED_US, 0},
	    {&delivery_confirmed_type, source, &delivered, underway->promised_us, 0},
	    {&receipt_confirmed_type, source, &received, underway->promised_us + TAKEN_IN_US, 0},
	};
	return say_part(stage->warehouse, steps, sizeof(steps) / sizeof(steps[0]));
}

static int deliver_until(struct stage *stage, int64_t until_us)
{
	int error = ERR_NONE;

	while (error == ERR_NONE && stage->underway != NULL && stage->underway->promised_us <= until_us) {
		struct underway *first = stage->underway;

		stage->underway = first->next;
		error = deliver(stage, first);
		free(first);
	}
	return error;
}

/* ---- the period ---- */

/* The next events before a moment, from *at on. */
static size_t before(const struct sayings *sayings, size_t at, int64_t until_us)
{
	size_t count = 0;

	while (at + count < sayings->count && sayings->items[at + count].time_us < until_us)
		count++;
	return count;
}

static int play_period(struct stage *stage)
{
	const struct past *past = stage->rehearsal->past;
	size_t ticket = 0, supply = 0, office = 0, shown = 0;
	int64_t until_us = past->begins_us;
	int error = ERR_NONE;

	while (error == ERR_NONE && ticket < past->tickets.count) {
		int64_t next_us = past->tickets.items[ticket].time_us;

		until_us += (next_us - until_us) / stage->rehearsal->step_us * stage->rehearsal->step_us + stage->rehearsal->step_us;
		size_t goods = before(&past->supplies, supply, until_us), sold = before(&past->tickets, ticket, until_us);
		size_t papers = before(&past->office, office, until_us);
		if (papers > 0)
			error = say_all(stage->office, past->office.items + office, papers);
		if (goods > 0 && error == ERR_NONE)
			error = say_all(stage->counters, past->supplies.items + supply, goods);
		if (error == ERR_NONE)
			error = say_all(stage->tills, past->tickets.items + ticket, sold);
		supply += goods;
		office += papers;
		ticket += sold;
		if (error == ERR_NONE)
			error = settle(stage);
		if (error == ERR_NONE)
			error = tell_time(stage, until_us);
		if (error == ERR_NONE)
			error = hear_plans(stage);
		if (error == ERR_NONE)
			error = deliver_until(stage, until_us);
		if (ticket * 10 / past->tickets.count > shown) {
			shown = ticket * 10 / past->tickets.count;
			fprintf(stderr, "tributary rehearse: %s: %zu of %zu tickets\n", stage->rehearsal->name, ticket, past->tickets.count);
		}
	}
	/* What is decided after the last ticket is about the period as well. */
	if (error == ERR_NONE)
		error = say_all(stage->office, past->office.items + office, past->office.count - office);
	return error == ERR_NONE ? settle(stage) : error;
}

static int stage_open(struct stage *stage)
{
	static const char *const types[] = {"shipment.planned", NULL};
	struct client_subscription subscription = {.types = types, .from = 1, .on_event = on_plan, .on_progress = on_heard, .context = stage};
	int error = ERR_NONE;

	for (unsigned i = 0; i < PARAMS_SERVICES && error == ERR_NONE; i++)
		error = speaker(stage, params_services[i], &stage->doors[i]);
	if (error == ERR_NONE)
		error = speaker(stage, "partners", &stage->office);
	if (error == ERR_NONE)
		error = speaker(stage, "orders", &stage->tills);
	if (error == ERR_NONE)
		error = speaker(stage, "inventory", &stage->counters);
	if (error == ERR_NONE)
		error = speaker(stage, "logistics", &stage->warehouse);
	if (error == ERR_NONE)
		error = speaker(stage, "logistics", &stage->listener);
	return error == ERR_NONE ? client_subscribe(stage->listener, &subscription) : error;
}

static void stage_close(struct stage *stage)
{
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		client_close(&stage->doors[i]);
	client_close(&stage->office);
	client_close(&stage->tills);
	client_close(&stage->counters);
	client_close(&stage->warehouse);
	client_close(&stage->listener);
	while (stage->underway != NULL) {
		struct underway *first = stage->underway;

		stage->underway = first->next;
		free(first);
	}
}

int rehearsal_play(struct rehearsal *rehearsal)
{
	struct scratch scratch = {.command = "rehearse", .tmp = rehearsal->tmp, .keep = rehearsal->keep};
	struct stage stage = {.rehearsal = rehearsal, .network = &scratch.network};
	int code = scratch_begin(&scratch);
	int error = code == EXIT_DONE ? stage_open(&stage) : ERR_NONE;

	if (code == EXIT_DONE && error == ERR_NONE)
		error = set_up(&stage);
	if (code == EXIT_DONE && error == ERR_NONE)
		error = play_period(&stage);
	if (code == EXIT_DONE && error == ERR_NONE)
		error = rehearsal_measure(rehearsal, &scratch.network);
	stage_close(&stage);
	scratch_end(&scratch);
	return code != EXIT_DONE ? code : network_say("the network of the rehearsal", error);
}
