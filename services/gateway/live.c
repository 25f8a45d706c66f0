/* live.c -- `/v1/live`: a WebSocket that shows events as they are published, by filters and no faster than it asks for. */
#include "live.h"

#include <stdlib.h>

#include "http_inside.h"
#include "pack/row.h"
#include "routes.h"

#define TEXT_BYTES_MAX (512u << 10) /* of one event as text; a longer one is counted as dropped */

/* ---- who may look ---- */

static struct request *head_of(struct lws *handle, struct gateway *gateway)
{
	struct request *request = calloc(1, sizeof(*request));

	if (request == NULL)
		return NULL;
	request->gateway = gateway;
	request->handle = handle;
	request->holders = 1;
	request->close = true;
	return request;
}

/* R11: a WebSocket comes from our own pages, or shows a token in its head; anything that it says beyond MESSAGE_BYTES_MAX ends it. */
static bool may_look(struct request *request)
{
	if (!http_head(request))
		return false;
	if (strcmp(request->path, "/v1/live") != 0 || request->method != METHOD_GET)
		request_problem(request, 404, NULL, "The WebSocket is at /v1/live.");
	else if (!http_same_origin(request->handle))
		request_problem(request, 403, NULL, "Another origin may not look. Open the WebSocket from the gateway's own pages.");
	else if (request->gateway->counts.streams >= STREAMS_MAX)
		request_problem(request, 503, "busy", "Too many streams are open. Close some, or try again later.");
	else
		return caller_find(request);
	return false;
}

static bool take_words(struct request *request, const char *name, char **place, struct text *words, unsigned *count)
{
	const char *value = request_argument(request, name);

	if (value == NULL)
		return true;
	char *copy = *place;
	memcpy(copy, value, strlen(value) + 1);
	*place += strlen(value) + 1;
	*count = words_split(copy, words, LIVE_WORDS_MAX);
	if (*count <= LIVE_WORDS_MAX)
		return true;
	request_problem(request, 400, NULL, "At most %d of %s.", LIVE_WORDS_MAX, name);
	return false;
}

static bool take_services(struct request *request, struct live *live)
{
	struct text words[PARAMS_SERVICES + 1];
	unsigned count = words_split(request_argument(request, "service"), words, PARAMS_SERVICES);

	live->services = count == 0 ? (1u << PARAMS_SERVICES) - 1 : 0;
	for (unsigned i = 0; i < count && i < PARAMS_SERVICES; i++) {
		if (service_index(words[i]) >= PARAMS_SERVICES) {
			request_problem(request, 400, NULL, "service must be some of partners, orders, inventory, logistics and kpi.");
			return false;
		}
		live->services |= (uint8_t)(1u << service_index(words[i]));
	}
	return true;
}

static struct live *live_of(struct request *request)
{
	struct live *live = calloc(1, sizeof(*live));
	char *place = calloc(2, ARGUMENT_BYTES_MAX + 1);

	if (live == NULL || place == NULL) {
		free(live);
		free(place);
		request_problem(request, 503, NULL, "The gateway is short of memory. Try again later.");
		return NULL;
	}
	live->words = place;
	live->rate = request_number(request, "rate", 1, 1000, 100);
	if (live->rate > 0 && take_services(request, live) && take_words(request, "type", &place, live->types, &live->type_count) &&
	    take_words(request, "outlet", &place, live->outlets, &live->outlet_count))
		return live;
	free(live->words);
	free(live);
	return NULL;
}

static void live_free(struct live *live)
{
	for (; live->count > 0; live->count--, live->from++)
		body_release(&live->queue[live->from % LIVE_QUEUE_MAX]);
	free(live->words);
	free(live);
}

bool live_welcome(struct lws *handle, struct gateway *gateway)
{
	struct request *request = head_of(handle, gateway);

	if (request == NULL)
		return false;
	struct live *probe = may_look(request) ? live_of(request) : NULL;
	bool welcome = probe != NULL;
	if (probe != NULL)
		live_free(probe);
	if (request->answered)
		http_refuse(handle, request);
	request_release(request);
	return welcome;
}

/* The same head again, now that the connection has a place of its own. */
static int begin(struct lws *handle, struct seat *seat)
{
	struct gateway *gateway = http_gateway(handle);
	struct request *request = head_of(handle, gateway);
	struct live *live = request != NULL && may_look(request) ? live_of(request) : NULL;

	if (live != NULL) {
		live->handle = handle;
		live->filled_us = bus_monotonic_us(gateway->bus);
		live->allowance_milli = live->rate * 1000;
		if (tail_join(gateway, request->caller.token, live)) {
			seat->live = live;
			gateway->counts.streams++;
			http_until(handle, 0);
		} else {
			live_free(live);
		}
	}
	if (request != NULL)
		request_release(request);
	return seat->live != NULL ? 0 : -1;
}

/* ---- what is shown ---- */

static bool is_about(const struct live *live, const struct envelope *envelope)
{
	static const char *const keys[] = {"outlet", "place", "to", "from"};

	if (live->outlet_count == 0 || words_have(live->outlets, live->outlet_count, envelope->subject))
		return true;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (words_have(live->outlets, live->outlet_count, row_text(envelope->data, keys[i])))
			return true;
	return false;
}

/* A bucket of one second's events, filled as time goes by. */
static bool may_show(struct live *live, int64_t now_us)
{
	live->allowance_milli += (now_us - live->filled_us) * live->rate / 1000;
	if (live->allowance_milli > live->rate * 1000)
		live->allowance_milli = live->rate * 1000;
	live->filled_us = now_us;
	if (live->allowance_milli < 1000)
		return false;
	live->allowance_milli -= 1000;
	return true;
}

void live_offer(struct live *live, const struct envelope *envelope, unsigned service, struct body *text)
{
	struct gateway *gateway = http_gateway(live->handle);

	if ((live->services & 1u << service) == 0 || !is_about(live, envelope) ||
	    (live->type_count > 0 && !words_have(live->types, live->type_count, envelope->type)))
		return;
	if (live->count == LIVE_QUEUE_MAX || text->size > TEXT_BYTES_MAX || !may_show(live, bus_monotonic_us(gateway->bus))) {
		live->dropped++;
		gateway->counts.dropped++;
	} else {
		live->queue[(live->from + live->count++) % LIVE_QUEUE_MAX] = body_hold(text);
	}
	lws_callback_on_writable(live->handle);
}

void live_drop(struct live *live)
{
	lws_set_timeout(live->handle, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static int show(struct lws *handle, struct live *live)
{
	static unsigned char place[LWS_PRE + TEXT_BYTES_MAX]; /* house: large, and the loop's thread is one */
	unsigned char *out = place + LWS_PRE;
	size_t size = 0;

	http_until(handle, 0);
	if (live->dropped > 0 && live->count == 0) {
		size = (size_t)snprintf((char *)out, 64, "{\"dropped\":%llu}", (unsigned long long)live->dropped);
		live->dropped = 0;
	} else if (live->count > 0) {
		struct body **body = &live->queue[live->from % LIVE_QUEUE_MAX];

		size = (*body)->size;
		memcpy(out, (*body)->bytes, size);
		body_release(body);
		live->from++;
		live->count--;
	}
	if (size == 0)
		return 0;
	http_until(handle, READER_US);
	if (lws_write(handle, out, size, LWS_WRITE_TEXT) < 0)
		return -1;
	if (live->count > 0 || live->dropped > 0)
		lws_callback_on_writable(handle);
	else
		http_until(handle, 0);
	return 0;
}

static int hear(struct live *live, struct lws *handle, size_t size)
{
	live->heard = lws_is_first_fragment(handle) ? size : live->heard + size;
#if defined(MUTANT_FRAME_UNBOUNDED)
	return 0;
#endif
	return live->heard + lws_remaining_packet_payload(handle) > MESSAGE_BYTES_MAX ? -1 : 0;
}

int live_callback(struct lws *handle, enum lws_callback_reasons reason, struct seat *seat, void *in, size_t size)
{
	(void)in;
	if (reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION)
		return begin(handle, seat);
	if (seat == NULL || seat->live == NULL)
		return reason == LWS_CALLBACK_CLOSED ? 0 : -1;
	switch (reason) {
	case LWS_CALLBACK_RECEIVE:
		return hear(seat->live, handle, size);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return show(handle, seat->live);
	case LWS_CALLBACK_CLOSED:
		http_gateway(handle)->counts.streams--;
		tail_leave(seat->live);
		live_free(seat->live);
		seat->live = NULL;
		return 0;
	default:
		return 0;
	}
}
