/* follow.c -- a link to a service that this one hears: hello, subscribe from the cursor, give credit back after each commit. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "kernel/node_inside.h"
#include "log/log.h"

#define SILENCE_US (3 * US_PER_SECOND)
#define HELLO_STALE_US (US_PER_SECOND / 5)
#define HELLO_AGAIN_US (1 * US_PER_SECOND)
#define HOLD_US (1 * US_PER_SECOND)
#define FORKED_US (10 * US_PER_SECOND)
#define EPOCHS_ASKED 1 /* id of the query */

void follow_open(struct node *node, unsigned index, const char *service)
{
	node->follows[index] = (struct follow){.node = node, .index = index, .service = service};
}

void follow_repin(struct follow *follow)
{
	struct node *node = follow->node;
	const char *endpoint = node->options.upstreams[follow->index], *key = guard_key_of(node->options.guard, follow->service);
	bool is_other = key != NULL && strcmp(key, follow->pinned) != 0, is_first = follow->pinned[0] == 0;

	if (!is_other)
		return;
	snprintf(follow->pinned, sizeof(follow->pinned), "%s", key);
	if (is_first || strncmp(endpoint, "tcp://", 6) != 0)
		return; /* it was opened with this one, or takes none */
	log_line(LOG_INFO, "upstream_key", "source=%s", follow->service);
	follow->state = FOLLOW_SILENT;
	bus_unplug(&follow->port);
	int error = bus_pin(node->bus, endpoint, key);
	if (error == ERR_NONE)
		error = bus_connect(node->bus, endpoint, follow_on_message, follow, &follow->port);
	if (error != ERR_NONE)
		log_line(LOG_ALARM, "upstream_unplugged", "source=%s error=%s remedy=\"start this service again\"", follow->service,
			 error_name(error));
}

static void say(struct follow *follow, const struct writer *writer)
{
	CHECK(writer->error == ERR_NONE);
	if (follow->port == NULL)
		return; /* it could not be opened again: with the next change of the registry */
	(void)bus_send(follow->port, NULL, writer_bytes(writer)); /* lost: asked again within a second */
}

static void say_hello(struct follow *follow)
{
	struct node *node = follow->node;
	struct writer writer = writer_of(node->frame, node->frame_size);

	follow->state = FOLLOW_SILENT;
	follow->asked_us = bus_monotonic_us(node->bus);
	message_write_hello_of(&writer, text_of(engine_service(node->engine)->name));
	say(follow, &writer);
}

/* What of the upstream was committed here; false: that cannot be read now. */
static bool follow_cursor(struct follow *follow, struct cursor *cursor)
{
	struct view view = {0};

	*cursor = (struct cursor){0};
	if (view_open(&view, engine_store(follow->node->engine)) != ERR_NONE)
		return false;
	struct bytes row = view_get(&view, KERNEL_CURSOR, bytes_of_text(text_of(follow->service)));
	if (row.size == sizeof(*cursor))
		memcpy(cursor, row.data, sizeof(*cursor));
	bool sure = view.failure == ERR_NONE;
	view_close(&view);
	return sure;
}

/* Ask for everything again in a while. */
static void hold(struct follow *follow)
{
	follow->state = FOLLOW_GREETED;
	follow->asked_us = bus_monotonic_us(follow->node->bus);
	follow->generation++;
	follow->owed = 0;
}

static void look_idle(struct query *query, void *context)
{
	bool *is_idle = context;

	*is_idle = engine_service(query_engine(query))->is_idle(query);
}

/* Whether the service is idle; one that cannot be looked at is not. */
static bool is_idle(struct follow *follow)
{
	struct engine *engine = follow->node->engine;
	bool idle = false;

	return engine_service(engine)->is_idle != NULL && query_with_view(engine, look_idle, &idle) == ERR_NONE && idle;
}

/* The types of this service's routes that the upstream publishes, but for those that it has no use for now. */
static uint32_t wanted_types(struct follow *follow, struct text *types, uint32_t most)
{
	const struct service *service = engine_service(follow->node->engine);
	uint32_t count = 0;

	for (unsigned i = 0; i < service->route_count; i++) {
		struct text name = text_of(service->routes[i].type->name);

		if (strcmp(service->routes[i].type->publisher, follow->service) != 0 ||
		    (follow->is_idle && service_is_spared(service, name)))
			continue;
		CHECK(count < most);
		types[count++] = name;
	}
	CHECK(count > 0); /* none would be all */
	return count;
}

/* A subscription that is over must not go on sending, nor count among those that a session may have. */
static void unsubscribe(struct follow *follow, uint64_t generation)
{
	uint8_t frame[64];
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_unsubscribe(&writer, follow->session, generation);
	say(follow, &writer);
}

static void subscribe(struct follow *follow)
{
	struct node *node = follow->node;
	struct text types[MESSAGE_TYPES_MAX];
	struct cursor at;

	if (follow->state == FOLLOW_SUBSCRIBED)
		unsubscribe(follow, follow->generation);
	if (!follow_cursor(follow, &at)) {
		hold(follow);
		return;
	}
	struct writer writer = writer_of(node->frame, node->frame_size);
	follow->continues = follow->continues && at.epoch != follow->epoch;
	follow->queued = at.epoch == follow->epoch || follow->continues ? at.through : 0;
	follow->generation++;
	follow->owed = 0;
	follow->state = FOLLOW_SUBSCRIBED;
	follow->is_idle = is_idle(follow);
	follow->moved_us = bus_monotonic_us(node->bus);
	message_write_subscribe(&writer, follow->session, follow->generation, types, wanted_types(follow, types, MESSAGE_TYPES_MAX),
				NULL, 0, follow->queued + 1, FOLLOW_CREDIT);
	say(follow, &writer);
}

/*
 * What was heard is not what this journal says: a backup was restored there, or another store stands in its place. Taking more of it
 * would mix two histories, so nothing is taken until somebody has decided.
 */
static void fork_off(struct follow *follow, const struct cursor *at)
{
	if (follow->forked != follow->epoch)
		log_line(LOG_ALARM, "journal_forked", "source=%s heard_epoch=%llu heard=%llu epoch=%llu head=%llu remedy=\"%s\"",
			 follow->service, (unsigned long long)at->epoch, (unsigned long long)at->through,
			 (unsigned long long)follow->epoch, (unsigned long long)follow->head,
			 "restore the whole network from one backup (tributary restore)");
	follow->forked = follow->epoch;
	follow->state = FOLLOW_FORKED;
}

static void on_welcome(struct follow *follow, const struct message *message)
{
	struct cursor at;

	follow->session = message->session;
	follow->epoch = message->epoch;
	follow->head = message->head;
	follow->continues = false;
	if (!follow_cursor(follow, &at)) {
		follow->state = FOLLOW_SILENT; /* greeted again in a second */
		return;
	}
	if (at.epoch == follow->epoch && at.through > follow->head) {
		fork_off(follow, &at); /* an old copy that somebody put there without a new epoch */
	} else if (at.through == 0 || at.epoch == follow->epoch) {
		subscribe(follow);
	} else {
		uint8_t frame[128];
		struct writer writer = writer_of(frame, sizeof(frame));

		follow->state = FOLLOW_ASKING;
		message_write_query(&writer, follow->session, EPOCHS_ASKED, TEXT_LITERAL("epochs"), bytes_of(NULL, 0),
				    bytes_of(NULL, 0));
		say(follow, &writer);
	}
}

/* The last number of an epoch, as a row of `epochs` says; 0: the row is of another one. */
static uint64_t last_of_epoch(struct bytes row, uint64_t epoch)
{
	struct reader reader = reader_of(row);
	uint64_t found = 0, last = 0;

	for (uint32_t pairs = reader_map(&reader, 64); pairs > 0 && reader.error == ERR_NONE; pairs--) {
		struct text key = reader_text(&reader, 64);

		if (text_equal(key, TEXT_LITERAL("epoch")))
			found = reader_uint(&reader);
		else if (text_equal(key, TEXT_LITERAL("last")))
			last = reader_uint(&reader);
		else
			reader_skip(&reader);
	}
	return reader.error == ERR_NONE && found == epoch ? last : 0;
}

static void on_epochs(struct follow *follow, const struct message *message)
{
	struct reader rows = reader_of(message->rows);
	struct cursor at;

	if (follow->state != FOLLOW_ASKING || message->id != EPOCHS_ASKED)
		return;
	if (!follow_cursor(follow, &at)) {
		follow->state = FOLLOW_SILENT;
		return;
	}
	for (uint32_t i = 0; i < message->row_count && !follow->continues; i++)
		follow->continues = last_of_epoch(reader_value(&rows), at.epoch) >= at.through;
	CHECK(rows.error == ERR_NONE); /* message_read has counted them */
	if (follow->continues)
		subscribe(follow);
	else
		fork_off(follow, &at);
}

static void on_batch(struct follow *follow, const struct message *message, struct bytes frame)
{
	struct node *node = follow->node;

	if (message->sub != follow->generation || follow->state != FOLLOW_SUBSCRIBED)
		return; /* of a subscription that is over */
	follow->head = message->head;
	follow->moved_us = bus_monotonic_us(node->bus);
	if (message->after != follow->queued) {
		log_line(LOG_UNUSUAL, "gap", "source=%s want=%llu got=%llu", follow->service,
			 (unsigned long long)follow->queued, (unsigned long long)message->after);
		subscribe(follow);
		return;
	}
	CRASH_POINT("heard");
	struct parcel *parcel = node_parcel_of(node, frame);
	parcel->kind = PARCEL_FEED;
	parcel->follow = follow->index;
	parcel->generation = follow->generation;
	parcel->run = (struct run){.source = text_of(follow->service),
				   .epoch = message->epoch,
				   .feed = true,
				   .continues = follow->continues,
				   .after = message->after,
				   .through = message->through,
				   .count = message->event_count,
				   .events = node_parcel_part(parcel, frame, message->events)};
	follow->queued = message->through;
	(void)node_enqueue(node, parcel); /* credit bounds what a link brings */
}

/* The publisher says how far it has sent this subscription: when that is not what arrived, a batch was lost on the way. */
static void on_head(struct follow *follow, const struct message *message)
{
	follow->head = message->head;
	if (follow->state != FOLLOW_SUBSCRIBED)
		return;
	if (message->sub != follow->generation) { /* our word that it is over was lost */
		unsubscribe(follow, message->sub);
		return;
	}
	if (message->epoch != follow->epoch)
		say_hello(follow);
	else if (message->through != follow->queued)
		subscribe(follow);
}

void follow_on_message(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	struct follow *follow = context;
	static struct message message; /* house: large, and the loop's thread is one; reset by every read */
	char reason[160];

	(void)port;
	(void)from;
	if (message_read(frame, &message, reason, sizeof(reason)) != ERR_NONE) {
		log_line(LOG_UNUSUAL, "malformed_message", "source=%s reason=\"%s\"", follow->service, reason);
		return;
	}
	follow->heard_us = bus_monotonic_us(follow->node->bus);
	switch (message.kind) {
	case MESSAGE_WELCOME:
		if (!text_equal(message.service, text_of(follow->service))) {
			log_line(LOG_ALARM, "wrong_upstream", "want=%s got=%.*s remedy=\"check the endpoints\"", follow->service,
				 TEXT_ARGS(message.service));
			return;
		}
		if (follow->state == FOLLOW_SUBSCRIBED && message.session <= follow->session)
			return; /* an older one, late */
		on_welcome(follow, &message);
		return;
	case MESSAGE_REPLY:
		on_epochs(follow, &message);
		return;
	case MESSAGE_BATCH:
		on_batch(follow, &message, frame);
		return;
	case MESSAGE_HEAD:
		on_head(follow, &message);
		return;
	case MESSAGE_PONG:
		follow->head = message.head;
		return;
	case MESSAGE_ERROR:
		/* Soon after a greeting it is about what was said before it: greeting again would void the session that begins. */
		if (text_equal(message.code, TEXT_LITERAL("hello_first")) && follow->state == FOLLOW_SUBSCRIBED &&
		    bus_monotonic_us(follow->node->bus) - follow->asked_us >= HELLO_STALE_US)
			say_hello(follow);
		return;
	default:
		return;
	}
}

/* A batch has been through a turn. */
void follow_outcome(struct node *node, const struct outcome *outcome)
{
	struct follow *follow = &node->follows[outcome->follow];

	if (outcome->generation != follow->generation || follow->state != FOLLOW_SUBSCRIBED)
		return;
	if (outcome->state == ADMISSION_GAP) {
		subscribe(follow);
	} else if (outcome->state == ADMISSION_BROKEN) { /* nothing of it happened: ask for it again in a while */
		unsubscribe(follow, follow->generation);
		hold(follow);
	} else if (outcome->state == ADMISSION_DONE) {
		follow->owed += outcome->events;
	}
}

void follow_credit(struct follow *follow)
{
	uint8_t frame[64];
	struct writer writer = writer_of(frame, sizeof(frame));

	if (follow->owed == 0)
		return;
	message_write_credit(&writer, follow->session, follow->generation, follow->owed, follow->queued);
	follow->owed = 0;
	say(follow, &writer);
}

/*
 * Who was told of the turn that ended the idleness, tells its tills, and they sell: what they sell is heard, because the subscription
 * changes before anybody is told.
 */
void follow_awake(struct follow *follow)
{
	if (follow->is_idle && follow->state == FOLLOW_SUBSCRIBED && !is_idle(follow))
		subscribe(follow);
}

void follow_second(struct follow *follow)
{
	struct node *node = follow->node;
	int64_t now_us = bus_monotonic_us(node->bus);
	uint8_t frame[64];
	struct writer writer = writer_of(frame, sizeof(frame));

	if (follow->state == FOLLOW_FORKED) {
		if (now_us - follow->asked_us >= FORKED_US)
			say_hello(follow);
	} else if (follow->state == FOLLOW_SILENT || follow->state == FOLLOW_ASKING) {
		if (now_us - follow->asked_us >= HELLO_AGAIN_US) /* never asked: long ago */
			say_hello(follow);
	} else if (follow->state == FOLLOW_GREETED) {
		if (now_us - follow->asked_us >= HOLD_US)
			subscribe(follow);
	} else if (now_us - follow->heard_us > SILENCE_US) {
		say_hello(follow);
	} else if (follow->head > follow->queued && now_us - follow->moved_us > SILENCE_US && node_idle(node)) {
		subscribe(follow); /* there is more and nothing comes: the subscription or its credit was lost on the way */
	} else {
		message_write_ping(&writer, follow->session, NULL, 0);
		say(follow, &writer);
	}
}
