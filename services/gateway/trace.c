/*
 * trace.c -- `GET /v1/trace/ID`: what an event followed from, and what followed from it. Causes are looked up one by one, each where it
 * stands; effects are found by reading the journals, round after round, until a round finds nothing new. What follows from an event is
 * recorded later than it is: a long journal is read from there on, and the place is found by halving.
 */
#include <stdlib.h>

#include <uthash.h>

#include "pack/envelope.h"
#include "routes.h"

#define KNOWN_MAX 10000
#define TRACE_MS 20000
#define SKEW_US US_PER_MINUTE	/* by which clocks of services may differ */
#define SHORT_JOURNAL 4096	/* is read whole */
#define ROUNDS_MAX 8
#define CREDIT 20000

struct known {
	UT_hash_handle hh;
	char id[ID_TEXT_MAX + 1], cause[ID_TEXT_MAX + 1], type[TYPE_TEXT_MAX + 1], subject[SUBJECT_TEXT_MAX + 1];
	int64_t time_us, recorded_us;
	bool found;
};

struct trace {
	struct request *request;
	struct known *known;
	struct feed *feed;
	struct bus_timer *step; /* the next journal is begun from the loop, not from within a callback */
	struct bus_timer *patience;
	unsigned service, round;
	bool upward, grown, incomplete, heard;
	int64_t since_us; /* nothing that is looked for was recorded before; INT64_MAX: nothing is known of it yet */
	uint64_t low, high; /* of halving: the first event since then is one of these; high 0: it does not go on */
	char wanted[ID_TEXT_MAX + 1]; /* of the way up: this one now */
	uint64_t through, head;
};

static struct known *known_find(const struct trace *trace, struct text id)
{
	struct known *known = NULL;

	if (id.size > 0)
		HASH_FIND(hh, trace->known, id.data, id.size, known);
	return known;
}

static struct known *known_add(struct trace *trace, struct text id)
{
	struct known *known = known_find(trace, id);

	if (known != NULL || id.size == 0 || id.size > ID_TEXT_MAX)
		return known;
	if (HASH_COUNT(trace->known) >= KNOWN_MAX || (known = calloc(1, sizeof(*known))) == NULL) {
		trace->incomplete = true;
		return NULL;
	}
	memcpy(known->id, id.data, id.size);
	HASH_ADD_KEYPTR(hh, trace->known, known->id, id.size, known);
	trace->grown = true;
	return known;
}

/* An event belongs to the tree when it is one we look for, or when its cause belongs to it. */
static void take_event(struct trace *trace, const struct envelope *e)
{
	char name[ID_TEXT_MAX + 32];
	int size = snprintf(name, sizeof(name), "%.*s#%llu", TEXT_ARGS(e->source), (unsigned long long)e->seq);
	struct text id = {name, (uint32_t)size};
	struct known *known = known_find(trace, id);

	if (known == NULL && !trace->upward && known_find(trace, e->cause) != NULL)
		known = known_add(trace, id);
	if (known == NULL || known->found)
		return;
	known->found = true;
	snprintf(known->type, sizeof(known->type), "%.*s", TEXT_ARGS(e->type));
	snprintf(known->subject, sizeof(known->subject), "%.*s", TEXT_ARGS(e->subject));
	snprintf(known->cause, sizeof(known->cause), "%.*s", TEXT_ARGS(e->cause));
	known->time_us = e->time_us;
	known->recorded_us = e->recorded_us;
	if (e->recorded_us > 0 && e->recorded_us - SKEW_US < trace->since_us)
		trace->since_us = e->recorded_us - SKEW_US;
	(void)known_add(trace, e->cause);
}

/* ---- the answer ---- */

static void trace_free(struct trace *trace)
{
	struct known *known, *next;

	trace->request->on_gone = NULL;
	trace->request->gateway->counts.requests_open--;
	line_unfollow(&trace->feed);
	bus_timer_stop(&trace->step);
	bus_timer_stop(&trace->patience);
	HASH_ITER(hh, trace->known, known, next) {
		HASH_DEL(trace->known, known);
		free(known);
	}
	request_release(trace->request);
	free(trace);
}

static void on_gone(struct request *request)
{
	trace_free(request->context);
}

static int by_time(struct known *a, struct known *b)
{
	int64_t left = a->recorded_us != 0 ? a->recorded_us : a->time_us, right = b->recorded_us != 0 ? b->recorded_us : b->time_us;

	return (left > right) - (left < right);
}

static void put_known(struct buffer *buffer, const struct known *known)
{
	buffer_text(buffer, "{\"id\":");
	buffer_quoted(buffer, text_of(known->id));
	buffer_text(buffer, ",\"type\":");
	buffer_quoted(buffer, text_of(known->type));
	buffer_text(buffer, ",\"subject\":");
	buffer_quoted(buffer, text_of(known->subject));
	buffer_text(buffer, ",\"cause\":");
	buffer_quoted(buffer, text_of(known->cause));
	buffer_format(buffer, ",\"time_us\":%lld,\"recorded_us\":%lld,\"found\":%s}", (long long)known->time_us, (long long)known->recorded_us,
		      known->found ? "true" : "false");
}

static void answer(struct trace *trace)
{
	struct buffer buffer = {0};
	unsigned count = 0;
	bool any = false;

	for (const struct known *known = trace->known; known != NULL; known = known->hh.next)
		any = any || known->found;
	if (!any) {
		request_problem(trace->request, 404, NULL, "There is no such event, and nothing that followed from it.");
		trace_free(trace);
		return;
	}
	HASH_SORT(trace->known, by_time);
	buffer_text(&buffer, "{\"events\":[");
	for (const struct known *known = trace->known; known != NULL; known = known->hh.next) {
		buffer_text(&buffer, count++ > 0 ? ",\n" : "");
		put_known(&buffer, known);
	}
	buffer_format(&buffer, "],\"complete\":%s}\n", trace->incomplete ? "false" : "true");
	request_json(trace->request, 200, &buffer);
	trace_free(trace);
}

/* ---- one journal after the other ---- */

static void begin_step(struct trace *trace);

static void on_step(void *context)
{
	struct trace *trace = context;

	bus_timer_stop(&trace->step);
	line_unfollow(&trace->feed);
	begin_step(trace);
}

static void step(struct trace *trace)
{
	if (trace->step == NULL && bus_timer_start(trace->request->gateway->bus, 0, 0, on_step, trace, &trace->step) != ERR_NONE)
		trace->incomplete = true;
}

/* The next thing to look for: upward the cause of what was found; downward the next journal. */
static void step_on(struct trace *trace)
{
	const struct known *known = trace->upward ? known_find(trace, text_of(trace->wanted)) : NULL;

	if (trace->upward && known != NULL && known->found && known->cause[0] != 0) {
		snprintf(trace->wanted, sizeof(trace->wanted), "%s", known->cause);
	} else if (trace->upward) {
		trace->upward = trace->grown = false;
		trace->service = 0;
	} else if (trace->high > 0) { /* halved: from there on */
		trace->high = 0;
	} else {
		trace->low = 0;
		trace->service++;
	}
	step(trace);
}

/* The first event that is seen from the middle on says which half it is. */
static void halve(struct trace *trace, const struct message *message)
{
	uint64_t middle = trace->low + (trace->high - trace->low) / 2;
	struct reader reader = reader_of(message->events);
	struct envelope envelope = {0};

	if (message->kind == MESSAGE_BATCH && message->event_count > 0)
		envelope_read(&reader, &envelope);
	if (message->kind != MESSAGE_BATCH && message->through < message->head)
		return; /* it is on its way */
	if (envelope.seq >= middle && reader.error == ERR_NONE && envelope.recorded_us != 0 && envelope.recorded_us < trace->since_us)
		trace->low = envelope.seq + 1;
	else
		trace->high = middle;
	if (trace->low >= trace->high)
		step_on(trace);
	else
		step(trace);
}

/* Whether the place to begin is worth looking for: once the head is known. */
static bool is_long(struct trace *trace, const struct message *message)
{
	if (trace->upward || trace->low != 0 || trace->since_us == INT64_MAX || message->head < SHORT_JOURNAL)
		return false;
	trace->low = 1;
	trace->high = message->head + 1;
	step(trace);
	return true;
}

static void on_feed(void *context, const struct line_end *end, const struct message *message)
{
	struct trace *trace = context;

	if (trace->step != NULL)
		return;
	if (message == NULL) {
		request_failed(trace->request, params_services[trace->service], end);
		trace_free(trace);
		return;
	}
	trace->heard = true;
	trace->head = message->head;
	if (trace->high > 0) {
		halve(trace, message);
		return;
	}
	if (is_long(trace, message))
		return;
	if (message->kind == MESSAGE_BATCH) {
		struct reader reader = reader_of(message->events);

		for (uint32_t i = 0; i < message->event_count && reader.error == ERR_NONE; i++) {
			struct envelope envelope;

			envelope_read(&reader, &envelope);
			if (reader.error == ERR_NONE)
				take_event(trace, &envelope);
		}
		trace->through = message->through;
		if (trace->upward || trace->through >= trace->head) {
			step_on(trace);
			return;
		}
		line_credit(trace->feed, message->event_count, message->through);
	} else if (trace->through >= trace->head) {
		step_on(trace);
	}
}

/* What was found by now, or, where no door has said anything, that. */
static void on_patience(void *context)
{
	struct trace *trace = context;

	if (trace->heard) {
		trace->incomplete = true;
		answer(trace);
		return;
	}
	request_failed(trace->request, params_services[trace->service < PARAMS_SERVICES ? trace->service : 0], &(struct line_end){.error = ERR_TIMEOUT});
	trace_free(trace);
}

/* Upward an event stands at its number in its service's journal; one of a source outside stands in none. */
static bool where_is(const struct trace *trace, unsigned *service, uint64_t *seq)
{
	const char *hash = strrchr(trace->wanted, '#');

	*service = hash != NULL ? service_index((struct text){trace->wanted, (uint32_t)(hash - trace->wanted)}) : PARAMS_SERVICES;
	*seq = hash != NULL ? strtoull(hash + 1, NULL, 10) : 0;
	return *service < PARAMS_SERVICES && *seq > 0;
}

static void begin_step(struct trace *trace)
{
	struct line_wish wish = {.from = 1, .credit = CREDIT};

	if (trace->upward) {
		wish.credit = 1;
		if (!where_is(trace, &trace->service, &wish.from)) {
			step_on(trace);
			return;
		}
	} else if (trace->service == PARAMS_SERVICES) {
		bool again = trace->grown && ++trace->round < ROUNDS_MAX;

		if (!again) {
			answer(trace);
			return;
		}
		trace->grown = false;
		trace->service = 0;
	}
	if (trace->high > 0) {
		wish.from = trace->low + (trace->high - trace->low) / 2;
		wish.credit = 1;
	} else if (trace->low > 0) {
		wish.from = trace->low;
	}
	trace->through = wish.from - 1;
	trace->feed = line_follow(trace->request->gateway->lines, trace->request->caller.token, trace->service, &wish, on_feed, trace);
	if (trace->feed == NULL) {
		request_failed(trace->request, params_services[trace->service], &(struct line_end){.error = ERR_AGAIN});
		trace_free(trace);
	}
}

void get_trace(struct request *request)
{
	const char *id = request->path + strlen("/v1/trace/"), *hash = strrchr(id, '#');
	struct trace *trace = NULL;

	if (hash == NULL || hash == id || strlen(id) > ID_TEXT_MAX || hash[1] < '1' || hash[1] > '9') {
		request_problem(request, 400, NULL, "An event's id is its source, # and its sequence, such as orders#42: /v1/trace/orders%%2342.");
		return;
	}
	if (request->gateway->counts.requests_open >= REQUESTS_MAX || (trace = calloc(1, sizeof(*trace))) == NULL) {
		request_problem(request, 503, "busy", "Too many requests wait already. Try again later.");
		return;
	}
	trace->request = request_keep(request);
	request->gateway->counts.requests_open++;
	request->context = trace;
	request->on_gone = on_gone;
	trace->upward = true;
	trace->since_us = INT64_MAX;
	snprintf(trace->wanted, sizeof(trace->wanted), "%s", id);
	(void)known_add(trace, text_of(id));
	if (bus_timer_start(request->gateway->bus, TRACE_MS, 0, on_patience, trace, &trace->patience) != ERR_NONE) {
		request_failed(request, "the gateway", &(struct line_end){.error = ERR_AGAIN});
		trace_free(trace);
		return;
	}
	step(trace);
}
