/*
 * client.c -- the conversation: hello, welcome, pings, and saying hello again when the door was silent or
 * forgot us.
 */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "client/client_inside.h"
#include "guard/registry.h"

#define HELLO_FIRST_US (200 * 1000)
#define HELLO_MOST_US (10 * US_PER_SECOND)
#define HELLOS_PATIENT 5 /* unanswered by a later welcome: the door's clock was set back, and its numbers with it */
#define SILENCE_US (5 * US_PER_SECOND)
#define TRIM_US (1 * US_PER_SECOND)
#define ANSWER_US                                                                                            \
	(2 * US_PER_SECOND) /* without an answer for what is on the way: it, or its answer, was lost */
#define WINDOW_EVENTS 2000
#define SPOOL_EVENTS UINT64_C(1000000)

void client_say(struct client *client, const struct writer *writer)
{
	CHECK(writer->error == ERR_NONE);
	(void)bus_send(client->port, NULL, writer_bytes(writer));
}

/*
 * Half of the wait is drawn, so that a thousand tills do not return in one moment; the other half leaves time
 * to answer.
 */
static uint64_t jitter(struct client *client, uint64_t wait_us)
{
	client->dice = client->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return wait_us / 2 + (client->dice >> 33) % (wait_us / 2 + 1) + 1;
}

/*
 * What is in doubt first, then what waits, then the rest: also a source of which nothing waits may have gone
 * on elsewhere.
 */
static unsigned urgency(const struct spool_source *source)
{
	return source->doubted != 0 ? 0 : source->waiting > 0 ? 1 : 2;
}

void client_say_hello(struct client *client)
{
	struct writer writer = writer_of(client->frame, FRAME_BYTES);
	struct message_source sources[MESSAGE_SOURCES_MAX];
	uint32_t count = 0;

	client->session = 0;
	client->sub_running = false;
	client_rewind(client);
	for (unsigned turn = 0; turn < 3; turn++)
		for (struct spool_source *s = client->spool.sources; s != NULL && count < MESSAGE_SOURCES_MAX;
		     s = s->hh.next)
			if (urgency(s) == turn)
				sources[count++] =
				    (struct message_source){.source = spool_name(s), .epoch = s->epoch};
	message_write_hello_for(&writer, text_of(client->name), sources, count,
				client->options.token != NULL ? text_of(client->options.token) : (struct text){0});
	CHECK(writer.error == ERR_NONE);
	if (bus_send(client->port, NULL, writer_bytes(&writer)) != ERR_NONE) {
		client->asked_us = 0; /* no line yet, so nobody was asked: the next tick tries again */
		return;
	}
	client->hellos++;
	client->asked_us = bus_monotonic_us(client->bus);
	client->backoff_us = client->backoff_us == 0 ? HELLO_FIRST_US : client->backoff_us * 2;
	if (client->backoff_us > HELLO_MOST_US)
		client->backoff_us = HELLO_MOST_US;
	client->hello_wait_us = jitter(client, client->backoff_us);
}

static void on_welcome(struct client *client)
{
	/*
	 * An older one, late: it tells where the source stood then, and must not pass for the second conversation that decides whether what
	 * waits is numbered anew.
	 */
#if defined(MUTANT_LATE_WELCOME)
	client->session_last = client->session;
#endif
	if (client->message.session <= client->session_last && (client->session != 0 || client->hellos < HELLOS_PATIENT))
		return;
	client->session = client->session_last = client->message.session;
	client->hellos = 0;
	client->backoff_us = 0;
	client->sub_running = false;
	client_on_welcome_sources(client);
	if (client->session == 0)
		return; /* it has to be asked again */
	client_hear_welcome(client);
	client_send(client);
}

static void on_error(struct client *client)
{
	const struct message *m = &client->message;

	if (text_equal(m->code, TEXT_LITERAL("hello_first"))) {
		/*
		 * Soon after a greeting it is about what was said before it. Greeting again then would make the session void that the
		 * welcome on its way brings, and what is sent in it, and so on for ever. A ping brings a true one back.
		 */
		if (client->session == 0 || bus_monotonic_us(client->bus) - client->asked_us < HELLO_FIRST_US)
			return;
		client_answers_forget(client);
		client_say_hello(client);
		return;
	}
	/* A door that names what an error is about means this question, or something that nobody waits for. */
	bool is_mine = m->about == MESSAGE_ABOUT_NOTHING || (m->about == MESSAGE_ABOUT_QUESTION && m->id == client->question.id);

	if (client->question.id != 0 && !client->question.answered && is_mine) {
		client->question.answered = client->question.failed = true;
		client->question.error =
		    text_equal(m->code, TEXT_LITERAL("unknown_query")) ? ERR_NOT_FOUND
		    : text_equal(m->code, TEXT_LITERAL("forbidden"))   ? ERR_FORBIDDEN
								       : ERR_AGAIN;
		return;
	}
	log_line(LOG_UNUSUAL, "door_error", "code=%.*s text=\"%.*s\"", TEXT_ARGS(m->code),
		 TEXT_ARGS(m->text));
}

static void on_session_message(struct client *client)
{
	switch (client->message.kind) {
	case MESSAGE_ACK:
		client_on_ack(client);
		return;
	case MESSAGE_RESEND:
		client_on_resend(client);
		return;
	case MESSAGE_BATCH:
		client_on_batch(client);
		return;
	case MESSAGE_HEAD:
		client_on_head(client);
		return;
	case MESSAGE_REPLY:
		client_on_reply(client);
		return;
	default:
		return;
	}
}

static void on_message(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	struct client *client = context;
	char reason[160];

	(void)port;
	(void)from;
	if (message_read(frame, &client->message, reason, sizeof(reason)) != ERR_NONE) {
		log_line(LOG_UNUSUAL, "malformed_message", "reason=\"%s\"", reason);
		return;
	}
	client->heard_us = bus_monotonic_us(client->bus);
	client->inside = true;
	if (client->message.kind == MESSAGE_WELCOME)
		on_welcome(client);
	else if (client->message.kind == MESSAGE_ERROR)
		on_error(client);
	else if (client->session != 0) /* else: of a conversation that is over */
		on_session_message(client);
	client->inside = false;
}

/* How far each source was sent, so that the service sees a lost tail. */
static void say_ping(struct client *client)
{
	struct writer writer = writer_of(client->frame, FRAME_BYTES);
	struct message_source sources[MESSAGE_SOURCES_MAX];
	uint32_t count = 0;

	for (struct spool_source *s = client->spool.sources; s != NULL && count < MESSAGE_SOURCES_MAX;
	     s = s->hh.next)
		if (s->sent > s->acked)
			sources[count++] = (struct message_source){
			    .source = spool_name(s), .epoch = s->epoch, .seq = s->sent};
	message_write_ping(&writer, client->session, sources, count);
	client_say(client, &writer);
	client->pinged_us = bus_monotonic_us(client->bus);
}

/*
 * A caller that did something else for a while, or a machine that slept, finds answers that wait to be read: the time away is
 * nobody's silence. Blaming the service for it would open another conversation and send again what it already has.
 */
static void forgive_absence(struct client *client, int64_t now_us)
{
	int64_t away_us = client->ticked_us != 0 ? now_us - client->ticked_us - TICK_MS * 1000 : 0;

	client->ticked_us = now_us;
	if (away_us < TICK_MS * 1000)
		return;
	client->heard_us += away_us;
	client->sub_heard_us += away_us;
	if (client->asked_us != 0)
		client->asked_us += away_us;
	for (struct spool_source *s = client->spool.sources; s != NULL; s = s->hh.next)
		s->waits_since_us += away_us;
}

static void on_tick(void *context)
{
	struct client *client = context;
	int64_t now_us = bus_monotonic_us(client->bus);

	forgive_absence(client, now_us);
	client->inside = true;
	if (client->session == 0) {
		if (client->asked_us == 0 || now_us - client->asked_us > (int64_t)client->hello_wait_us)
			client_say_hello(client);
	} else if (now_us - client->heard_us > SILENCE_US) {
		client_say_hello(client);
	} else {
		client_answers_missing(client);
		client_hear_missing(client);
		if (now_us - client->pinged_us > US_PER_SECOND)
			say_ping(client);
		client_send(client);
	}
	if (now_us - client->trimmed_us > TRIM_US || client->spool.acked_rows > client->spool.keep_rows + 4096) {
		client->trimmed_us = now_us;
		spool_trim(&client->spool);
	}
	client->inside = false;
}

/* A name that is cut is cut between characters. */
static void take_name(struct client *client, const char *name)
{
	size_t size = (size_t)snprintf(client->name, sizeof(client->name), "%s", name);

	for (size = size < sizeof(client->name) ? size : sizeof(client->name) - 1;
	     !reader_utf8(client->name, size); size--)
		client->name[size - 1] = 0;
}

/* Keys belong to the bus: on one that the caller has brought they hold for what is opened on it later as well. */
static int show_keys(struct client *client)
{
	const struct client_options *options = &client->options;
	struct registry_keypair pair;
	struct bus_keypair own;
	int error = ERR_NONE;

	if (options->plaintext_loopback)
		bus_plaintext(client->bus, true);
	if (options->key_file != NULL) {
		error = registry_key_read(options->key_file, &pair);
		memcpy(own.public_key, pair.public_key, sizeof(own.public_key));
		memcpy(own.secret_key, pair.secret_key, sizeof(own.secret_key));
		if (error == ERR_NONE)
			bus_identify(client->bus, &own);
	}
	if (error == ERR_NONE && options->server_key != NULL)
		error = registry_key_is_good(options->server_key) ? bus_pin(client->bus, options->endpoint, options->server_key)
								  : ERR_SYNTAX;
	return error;
}

int client_open(struct client **out, const struct client_options *options)
{
	struct client *client = calloc(1, sizeof(*client));
	int error = client != NULL ? ERR_NONE : ERR_MEMORY;

	*out = NULL;
	if (error != ERR_NONE)
		return error;
	client->options = *options;
	if (client->options.window_events == 0)
		client->options.window_events = WINDOW_EVENTS;
	take_name(client, options->name);
	client->question.answered = true; /* nobody asks: an answer that comes all the same finds nobody */
	client->frame = malloc(FRAME_BYTES);
	client->events = malloc(SEND_BYTES + EVENT_BYTES_MAX);
	error = client->frame != NULL && client->events != NULL ? client_answers_open(client) : ERR_MEMORY;
	if (error == ERR_NONE)
		error = spool_open(&client->spool, options->spool,
				   options->spool_events_max != 0 ? options->spool_events_max : SPOOL_EVENTS);
	client->spool.keep_rows = options->keep_events;
	client->bus = options->bus;
	client->own_bus = options->bus == NULL;
	if (error == ERR_NONE && client->own_bus)
		error = bus_open(&client->bus, NULL);
	if (error == ERR_NONE)
		error = show_keys(client);
	if (error == ERR_NONE) {
		client->dice = options->seed != 0 ? options->seed
						  : hash_seeded(bytes_of_text(text_of(client->name)),
								(uint64_t)bus_now_us(client->bus));
		error = bus_connect(client->bus, options->endpoint, on_message, client, &client->port);
	}
	if (error == ERR_NONE)
		error = bus_timer_start(client->bus, 1, TICK_MS, on_tick, client, &client->tick);
	if (error != ERR_NONE) {
		client_close(&client);
		return error;
	}
	*out = client;
	return ERR_NONE;
}

void client_close(struct client **out)
{
	struct client *client = *out;

	if (client == NULL)
		return;
	CHECK(!client->inside);
	if (client->tick != NULL)
		bus_timer_stop(&client->tick);
	if (client->port != NULL)
		bus_unplug(&client->port);
	if (client->own_bus && client->bus != NULL)
		bus_close(&client->bus);
	if (client->spool.store != NULL) {
		spool_trim(&client->spool);
		spool_close(&client->spool);
	}
	free(client->ring.sent);
	free(client->frame);
	free(client->events);
	free(client);
	*out = NULL;
}

int client_publish(struct client *client, const char *source, const struct event_type *type,
		   const void *event, int64_t time_us, uint64_t *seq)
{
	return spool_put(&client->spool, text_of(source), type, event, time_us, bus_now_us(client->bus), seq);
}

int client_number(struct client *client, const char *source, uint64_t epoch, uint64_t last)
{
	return spool_number(&client->spool, text_of(source), epoch, last);
}

int client_begin(struct client *client)
{
	return spool_begin(&client->spool);
}

int client_end(struct client *client)
{
	return spool_end(&client->spool);
}

uint64_t client_waiting(const struct client *client)
{
	return client->spool.waiting;
}

bool client_connected(const struct client *client)
{
	return client->session != 0;
}

void client_process(struct client *client, uint64_t wait_ms)
{
	if (client->inside)
		return;
	if (client->session != 0)
		client_send(client);
	bus_run_once(client->bus, wait_ms);
}

int client_flush(struct client *client, uint64_t timeout_ms)
{
	int64_t until_us = bus_monotonic_us(client->bus) + (int64_t)timeout_ms * 1000;

	if (client->inside)
		return ERR_USAGE;
	while (client_waiting(client) > 0) {
		if (bus_monotonic_us(client->bus) > until_us)
			return ERR_TIMEOUT;
		client_process(client, TICK_MS);
	}
	return ERR_NONE;
}
