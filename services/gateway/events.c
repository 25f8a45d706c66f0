/*
 * events.c -- `GET /v1/events`: a piece of a journal, behind a cursor that the asker holds. Nothing is kept here between two requests:
 * each subscribes, hears until it has enough or knows that there is no more, and is answered.
 */
#include <stdlib.h>

#include "event_text.h"
#include "routes.h"

#define AFTER_MAX (INT64_C(9007199254740991) - 1) /* a door is asked for the next one, which must be a number yet */
#define WORDS_MAX 64
#define EVENTS_BYTES_MAX (8u << 20) /* of one answer; then `next` goes on */

struct listening {
	struct request *request;
	unsigned service;
	struct feed *feed;
	struct bus_timer *patience;
	uint64_t after, through, head, epoch, wanted_epoch;
	int64_t limit;
	bool waits;
	unsigned count;
	struct buffer buffer;
};

static void end_listening(struct listening *listening)
{
	listening->request->on_gone = NULL;
	line_unfollow(&listening->feed);
	bus_timer_stop(&listening->patience);
	buffer_free(&listening->buffer);
	request_release(listening->request);
	free(listening);
}

static void on_gone(struct request *request)
{
	request->gateway->counts.requests_open--;
	end_listening(request->context);
}

static void answer(struct listening *listening)
{
	struct buffer *buffer = &listening->buffer;

	buffer_format(buffer, "],\"next\":%llu,\"head\":%llu,\"epoch\":%llu}\n", (unsigned long long)listening->through,
		      (unsigned long long)listening->head, (unsigned long long)listening->epoch);
	request_json(listening->request, 200, buffer);
	listening->request->gateway->counts.requests_open--;
	end_listening(listening);
}

static void on_patience(void *context)
{
	struct listening *listening = context;

	bus_timer_stop(&listening->patience);
	if (listening->epoch == 0) { /* not a word from the door */
		request_failed(listening->request, params_services[listening->service], &(struct line_end){.error = ERR_TIMEOUT});
		listening->request->gateway->counts.requests_open--;
		end_listening(listening);
		return;
	}
	answer(listening);
}

static void fail(struct listening *listening, const struct line_end *end)
{
	request_failed(listening->request, params_services[listening->service], end);
	listening->request->gateway->counts.requests_open--;
	end_listening(listening);
}

/* The journal was begun anew since: what the asker holds belongs to the former one. False: it was told, and all is over. */
static bool same_epoch(struct listening *listening, uint64_t epoch)
{
	listening->epoch = epoch;
	if (listening->wanted_epoch == 0 || listening->wanted_epoch == epoch)
		return true;
	request_problem(listening->request, 409, "epoch",
			"The journal of %s was begun anew: its epoch is %llu. What you hold belongs to the former one; begin with after=0.",
			params_services[listening->service], (unsigned long long)epoch);
	listening->request->gateway->counts.requests_open--;
	end_listening(listening);
	return false;
}

static void take_batch(struct listening *listening, const struct message *message)
{
	struct reader reader = reader_of(message->events);

	listening->head = message->head;
	for (uint32_t i = 0; i < message->event_count && listening->count < listening->limit; i++) {
		struct envelope envelope;

		envelope_read(&reader, &envelope);
		if (reader.error != ERR_NONE)
			break;
		if (listening->count++ > 0)
			buffer_text(&listening->buffer, ",\n");
		event_text(&listening->buffer, &envelope, message->epoch);
		listening->through = envelope.seq;
	}
	if (listening->count < listening->limit)
		listening->through = message->through;
}

static void on_feed(void *context, const struct line_end *end, const struct message *message)
{
	struct listening *listening = context;

	if (message == NULL) {
		fail(listening, end);
		return;
	}
	if (!same_epoch(listening, message->epoch))
		return;
	if (message->kind == MESSAGE_BATCH)
		take_batch(listening, message);
	else
		listening->head = message->head;
	bool enough = listening->count >= listening->limit || listening->buffer.used > EVENTS_BYTES_MAX;
	bool beyond = listening->after > listening->head, all = listening->through >= listening->head || beyond;
	if (enough || beyond || (all && (listening->count > 0 || !listening->waits)))
		answer(listening);
}

static bool take_words(struct request *request, const char *name, struct text *words, unsigned *count)
{
	*count = 0;
	for (unsigned i = 0; i < request->argument_count; i++) {
		if (strcmp(request->arguments[i].name, name) != 0)
			continue;
		*count += words_split(request->arguments[i].value, words + *count, WORDS_MAX - *count);
		if (*count > WORDS_MAX) {
			request_problem(request, 400, NULL, "At most %d of %s.", WORDS_MAX, name);
			return false;
		}
	}
	return true;
}

static bool take_type(struct request *request, const struct text *types, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (text_equal(types[i], TEXT_LITERAL("kpi.updated"))) {
			request_problem(request, 400, NULL, "kpi.updated is a live view and in no journal: see /v1/stream/kpi.");
			return false;
		}
	return true;
}

static void listen_to(struct request *request, struct listening *listening, const struct line_wish *wish, int64_t wait)
{
	struct gateway *gateway = request->gateway;
	uint64_t patience_ms = wait > 0 ? (uint64_t)wait * 1000 : DOOR_MS;

	listening->request = request_keep(request);
	request->context = listening;
	request->on_gone = on_gone;
	gateway->counts.requests_open++;
	buffer_text(&listening->buffer, "{\"events\":[");
	listening->feed = line_follow(gateway->lines, request->caller.token, listening->service, wish, on_feed, listening);
	if (listening->feed == NULL || bus_timer_start(gateway->bus, patience_ms, 0, on_patience, listening, &listening->patience) != ERR_NONE)
		fail(listening, &(struct line_end){.error = ERR_AGAIN});
}

void get_events(struct request *request)
{
	struct text types[WORDS_MAX + 1], keys[WORDS_MAX + 1];
	const char *service = request_argument(request, "service");
	struct line_wish wish = {.types = types, .keys = keys};
	int64_t after = request_number(request, "after", 0, AFTER_MAX, 0), limit = request_number(request, "limit", 1, 1000, 1000);
	int64_t epoch = request_number(request, "epoch", 0, INT64_C(9007199254740991), 0), wait = request_number(request, "wait", 0, 30, 0);

	if (after < 0 || limit < 0 || epoch < 0 || wait < 0 || !take_words(request, "type", types, &wish.type_count) ||
	    !take_words(request, "key", keys, &wish.key_count) || !take_type(request, types, wish.type_count))
		return;
	unsigned index = service != NULL ? service_index(text_of(service)) : PARAMS_SERVICES;
	if (index >= PARAMS_SERVICES) {
		request_problem(request, 400, NULL, "service must be partners, orders, inventory, logistics or kpi.");
		return;
	}
	if (request->gateway->counts.requests_open >= REQUESTS_MAX) {
		request_problem(request, 503, "busy", "Too many requests wait already. Try again later.");
		return;
	}
	struct listening *listening = calloc(1, sizeof(*listening));
	if (listening == NULL) {
		request_problem(request, 503, NULL, "The gateway is short of memory. Try again later.");
		return;
	}
	wish.from = (uint64_t)after + 1;
	wish.credit = (uint64_t)limit;
	*listening = (struct listening){.service = index, .after = (uint64_t)after, .through = (uint64_t)after, .limit = limit,
					.wanted_epoch = (uint64_t)epoch, .waits = wait > 0};
	listen_to(request, listening, &wish, wait);
}
