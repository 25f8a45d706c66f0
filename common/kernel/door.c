/* door.c -- the dialogue at a service's door: who is there, what they publish, what they ask. */
#include <stdio.h>
#include <stdlib.h>

#include "audit/audit.h"
#include "kernel/node_inside.h"
#include "kernel/scope.h"
#include "log/log.h"

#define LINK_QUIET_US (5 * US_PER_SECOND) /* heads come once a second */

static void say_error(struct node *node, const struct bus_peer *peer, const char *code, const char *text)
{
	uint8_t frame[512];
	struct writer writer = writer_of(frame, sizeof(frame));

	tally_add(&node->refusals, code, 1);
	message_write_error(&writer, text_of(code), text_of(text));
	(void)node_send(node, peer, writer_bytes(&writer));
}

/* The same about a question, a subscription or a run, whose sayer may have said others meanwhile. */
static void refuse(struct node *node, const struct bus_peer *peer, const struct message *said, const char *code, const char *text,
		   uint64_t after_ms)
{
	uint8_t frame[700];
	struct writer writer = writer_of(frame, sizeof(frame));

	tally_add(&node->refusals, code, 1);
	message_write_error_about(&writer, text_of(code), text_of(text), said, after_ms);
	(void)node_send(node, peer, writer_bytes(&writer));
}

/* Not let in. A registry that cannot be read now says nothing of anybody: that passes. */
static void say_forbidden(struct node *node, const struct bus_peer *peer, const char *text)
{
	bool passes = node->options.guard != NULL && !guard_is_ready(node->options.guard);

	say_error(node, peer, passes ? "busy" : "forbidden", passes ? "the registry of keys cannot be read now" : text);
}

/* Let in, but this is not theirs. */

static void forbid(struct node *node, const struct bus_peer *peer, const struct message *said, const char *text)
{
	refuse(node, peer, said, "forbidden", text, 0);
}

struct session *door_session(struct node *node, const struct bus_peer *peer)
{
	struct session *session = NULL;

	HASH_FIND(hh, node->sessions, peer, sizeof(*peer), session);
	return session;
}

static const struct guard_principal *line_of(struct node *node, const struct bus_peer *peer, struct guard_identity *identity)
{
	if (peer->key[0] == 0)
		return guard_local(node->options.guard, identity); /* a socket file, or loopback where that was allowed */
	return guard_by_key(node->options.guard, text_of(peer->key), identity);
}

static void session_end(struct node *node, struct session *session)
{
	while (session->subscriptions != NULL)
		feed_unsubscribe(session, session->subscriptions->id);
	HASH_DEL(node->sessions, session);
	free(session);
}

/*
 * Who speaks: whose connection it is, or, where somebody's token was shown, that somebody. Only a gateway and the local operator may speak
 * for others. NULL: nobody that may.
 */
static const struct guard_principal *identify(struct node *node, const struct bus_peer *peer, struct text token, struct session *session)
{
	struct guard *guard = node->options.guard;
	const struct guard_principal *line = line_of(node, peer, &session->line);

	session->speaker = session->line;
	session->who = line;
	CHECK(line != NULL); /* a stranger has been cut */
	if (token.size == 0)
		return line;
	session->who = NULL;
	if (line->is_operator || line->role == GUARD_GATEWAY)
		session->who = guard_by_token(guard, token, &session->speaker);
	return session->who;
}

/*
 * Somebody on a connection whose key is nobody's any more: it is told so, and the connection ends. While the registry cannot be read nobody is
 * sent away for good.
 */
static bool cut_stranger(struct node *node, const struct bus_peer *peer, const char *text)
{
	struct guard_identity identity;

	if (line_of(node, peer, &identity) != NULL)
		return false;
	say_forbidden(node, peer, text);
#if !defined(MUTANT_LINE_STAYS)
	if (node->options.guard == NULL || guard_is_ready(node->options.guard))
		bus_cut(node->door, peer);
#endif
	return true;
}

static bool may_say_hello(const struct guard_principal *who, const struct message *message)
{
	for (uint32_t i = 0; i < message->source_count; i++)
		if (!guard_may_publish(who, message->sources[i].source))
			return false;
	return true;
}

static struct session *session_begin(struct node *node, const struct bus_peer *peer, struct text name)
{
	struct session *session = door_session(node, peer);

	if (session != NULL)
		session_end(node, session);
	if (HASH_COUNT(node->sessions) >= SESSIONS_MAX)
		return NULL;
	session = calloc(1, sizeof(*session));
	if (session == NULL)
		return NULL;
	session->peer = *peer;
	session->id = node->session_next++;
	session->heard_us = bus_monotonic_us(node->bus);
	snprintf(session->name, sizeof(session->name), "%.*s", TEXT_ARGS(name));
	HASH_ADD(hh, node->sessions, peer, sizeof(session->peer), session);
	return session;
}

/*
 * Where sources stand, as far as is committed: read through a view, since the cursors belong to the store's thread. False: it cannot be
 * read now. That is not the same as a source that is not known: whoever is told to begin again would double what was taken.
 */
static bool say_where(struct node *node, struct message_source *sources, uint32_t count)
{
	struct view view = {0};
	bool sure = view_open(&view, engine_store(node->engine)) == ERR_NONE;

	if (!sure)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		struct bytes row = view_get(&view, KERNEL_CURSOR, bytes_of_text(sources[i].source));
		struct cursor at = {0};

		if (row.size == sizeof(at))
			memcpy(&at, row.data, sizeof(at));
		sources[i].seq = at.epoch == sources[i].epoch ? at.through + 1 : 1;
		if (at.epoch > sources[i].epoch)
			sources[i].seq = 0; /* fenced: a later epoch is known */
		sources[i].epoch = at.epoch > sources[i].epoch ? at.epoch : sources[i].epoch;
	}
	sure = view.failure == ERR_NONE;
	view_close(&view);
	return sure;
}

static void on_hello(struct node *node, const struct bus_peer *peer, const struct message *message)
{
	struct message_source asked[MESSAGE_SOURCES_MAX];
	struct writer writer = writer_of(node->frame, node->frame_size);
	uint32_t count = message->source_count;

	if (message->version != MESSAGE_VERSION) {
		say_error(node, peer, "version", "this door speaks version 1");
		return;
	}
	struct session shown = {0};
	if (cut_stranger(node, peer, "this key is not known"))
		return;
	if (identify(node, peer, message->token, &shown) == NULL) {
		say_forbidden(node, peer, "this token is not known");
		return;
	}
	if (!may_say_hello(shown.who, message)) {
		say_forbidden(node, peer, "one of these sources is not yours");
		return;
	}
	CHECK(count <= MESSAGE_SOURCES_MAX);
	memcpy(asked, message->sources, count * sizeof(asked[0]));
	if (!say_where(node, asked, count)) {
		say_error(node, peer, "busy", "the store cannot be read now; try again later");
		return;
	}
	struct session *session = session_begin(node, peer, message->name);
	if (session == NULL) {
		say_error(node, peer, "busy", "too many sessions; try again later");
		return;
	}
	session->takes_numbers = message->numbers;
	session->line = shown.line;
	session->speaker = shown.speaker;
	session->who = shown.who;
	message_write_welcome(&writer, text_of(engine_service(node->engine)->name), node->epoch, node->head, session->id, asked,
			      count, bus_now_us(node->bus));
	CHECK(writer.error == ERR_NONE);
	(void)node_send(node, peer, writer_bytes(&writer));
}

/* Names that no peer may publish under: services number their own events, the clock and the operator are the kernel's. */
static bool is_reserved(struct text source)
{
	static const char *const reserved[] = {"partners", "orders", "inventory", "logistics", "kpi", "relations", "gateway",
					       "clock", ENGINE_OPERATOR};

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (text_equal(source, text_of(reserved[i])))
			return true;
	return source.size == 0;
}

/* Whose inputs wait together: whoever has a key or a token is one, by however many connections. */
static struct bus_peer lane_of(const struct session *session)
{
	struct bus_peer lane = {.size = 1};

	if (session->speaker.proof == GUARD_PROOF_LOCAL)
		return session->peer;
	memcpy(lane.key, session->speaker.text, BUS_KEY_TEXT);
	return lane;
}

/* In the place of what was not taken waits a word to send it again, so that answers keep their order. */
static void say_quota(struct node *node, const struct session *session, const struct message *message, uint64_t after_ms)
{
	struct parcel *word = node_parcel(bytes_of_text(message->source));

	word->kind = PARCEL_BUSY;
	word->peer = session->peer;
	word->lane = lane_of(session);
	word->code = "quota";
	word->after_ms = after_ms;
	word->run = (struct run){.source = {(const char *)word->bytes, message->source.size}, .epoch = message->epoch};
	tally_add(&node->refusals, "quota", 1);
	(void)node_enqueue(node, word); /* one that has no room is not missed: others say the same */
}

static void on_publish(struct node *node, const struct session *session, const struct message *message, struct bytes frame)
{
	const struct bus_peer *peer = &session->peer;

	if (is_reserved(message->source)) {
		refuse(node, peer, message, "reserved_source", "this source name belongs to the network itself", 0);
		return;
	}
	if (message->events.size > PUBLISH_BYTES_MAX) {
		refuse(node, peer, message, "too_large", "at most 1023 KiB of events in a message: send fewer at once", 0);
		return;
	}
	if (!scope_may_publish(session->who, message->source, message->events, message->event_count)) {
		log_line(LOG_UNUSUAL, "forbidden", "who=%s source=%.*s seq=%llu", session->who->name, TEXT_ARGS(message->source),
			 (unsigned long long)message->first_seq);
		forbid(node, peer, message, "this source, an outlet that these events name, or such an event, is not yours to say");
		return;
	}
	uint64_t wait_ms = guard_spend(node->options.guard, session->who, GUARD_EVENTS, message->event_count, bus_monotonic_us(node->bus));
	if (wait_ms > 0) {
		say_quota(node, session, message, wait_ms);
		return;
	}
	struct parcel *parcel = node_parcel_of(node, frame);
	struct bytes source = node_parcel_part(parcel, frame, bytes_of_text(message->source));

	parcel->kind = PARCEL_PUBLISH;
	parcel->peer = *peer;
	parcel->lane = lane_of(session);
	parcel->room = guard_room(node->options.guard, session->who);
	parcel->run = (struct run){.source = {(const char *)source.data, (uint32_t)source.size},
				   .epoch = message->epoch,
				   .after = message->first_seq - 1,
				   .count = message->event_count,
				   .events = node_parcel_part(parcel, frame, message->events)};
	(void)node_enqueue(node, parcel); /* one that is not taken is answered in its turn */
}

/* A source that says its head is beyond what is durable here, and has nothing on the way, lost the tail: ask for it. */
static void on_ping(struct node *node, const struct session *session, const struct message *message)
{
	const struct bus_peer *peer = &session->peer;
	struct message_source at[MESSAGE_SOURCES_MAX];
	uint8_t frame[256];

	memcpy(at, message->sources, message->source_count * sizeof(at[0]));
	bool sure = may_say_hello(session->who, message) && node_idle(node) && say_where(node, at, message->source_count);
	for (uint32_t i = 0; i < message->source_count && sure; i++) {
		if (at[i].seq == 0 || message->sources[i].seq < at[i].seq)
			continue; /* fenced, or all of it is here */
#if !defined(MUTANT_NO_HEAD_BEACON)
		struct writer writer = writer_of(frame, sizeof(frame));
		message_write_resend(&writer, message->sources[i].source, message->sources[i].epoch, at[i].seq,
				     TEXT_LITERAL("gap"), TEXT_LITERAL("the tail is missing"), 0);
		(void)node_send(node, peer, writer_bytes(&writer));
#endif
	}
	struct writer writer = writer_of(frame, sizeof(frame));
	message_write_pong(&writer, bus_now_us(node->bus), node->epoch, node->head);
	(void)node_send(node, peer, writer_bytes(&writer));
}

/* Where the next page begins is the key of a row, perhaps of somebody else's: who does not see all carries it sealed. */
static void reply(struct node *node, const struct session *session, uint64_t query, const struct page *page)
{
	struct writer writer = writer_of(node->frame, node->frame_size);
	const struct bus_peer *peer = &session->peer;
	uint8_t sealed[QUERY_KEY_MAX + GUARD_SEAL_BYTES];
	struct bytes from = bytes_of(page->from, page->from_size);

	if (from.size > 0 && node->options.guard != NULL && !guard_sees_all(session->who))
		from = bytes_of(sealed, guard_seal(node->options.guard, from, sealed));
	message_write_reply(&writer, query, page->more, page->rows, page->row_count, from);
	CHECK(writer.error == ERR_NONE);
	(void)node_send(node, peer, writer_bytes(&writer));
}

static bool argument_int(struct bytes arguments, const char *name, uint64_t *value)
{
	struct reader reader = reader_of(arguments);

	for (uint32_t pairs = reader_map(&reader, 64); pairs > 0; pairs--) { /* behind an error every name is empty */
		if (text_equal(reader_text(&reader, 64), text_of(name))) {
			*value = reader_uint(&reader);
			return reader.error == ERR_NONE;
		}
		reader_skip(&reader);
	}
	return false;
}

/* Whoever asks, through the command, a gateway or a client of their own, it is noted before it is done. */
static bool note_operator(struct node *node, const struct session *session, const char *act, uint64_t number)
{
	const char *service = engine_service(node->engine)->name;
	char who[GUARD_NAME_MAX + 32], object[80];
	struct audit_act noted = {.who = who, .act = act, .object = object, .detail = "asked for at the door"};

	if (node->options.audit_dir == NULL)
		return true;
	snprintf(who, sizeof(who), "%s (at the door)", session->who->name);
	snprintf(object, sizeof(object), "%s %llu", service, (unsigned long long)number);
	int error = audit_note(node->options.audit_dir, &noted);
	if (error != ERR_NONE)
		log_line(LOG_ALARM, "not_noted", "act=%s error=%s remedy=\"make room for " AUDIT_FILE ", or let go of it\"", act, error_name(error));
	return error == ERR_NONE;
}

static bool on_operator(struct node *node, const struct session *session, const struct message *message)
{
	const struct bus_peer *peer = &session->peer;
	bool retry = text_equal(message->what, TEXT_LITERAL("quarantine.retry"));

	if (!retry && !text_equal(message->what, TEXT_LITERAL("quarantine.discard")))
		return false;
	if (!guard_may_operate(session->who)) {
		forbid(node, peer, message, "only staff decides about what is in quarantine");
		return true;
	}
	struct parcel *parcel = node_parcel(bytes_of(NULL, 0));
	parcel->kind = retry ? PARCEL_RETRY : PARCEL_DISCARD;
	parcel->peer = parcel->lane = *peer;
	parcel->query = message->id;
	if (!argument_int(message->arguments, "number", &parcel->number)) {
		free(parcel);
		refuse(node, peer, message, "malformed", "needs the argument number", 0);
		return true;
	}
	if (!note_operator(node, session, retry ? "quarantine.retry" : "quarantine.discard", parcel->number)) {
		free(parcel);
		refuse(node, peer, message, "not_noted", "the audit log cannot be written: nothing was done", 0);
		return true;
	}
	if (!node_enqueue(node, parcel))
		refuse(node, peer, message, "busy", "too much of yours waits already", 0);
	return true;
}

static void on_query(struct node *node, const struct session *session, const struct message *message)
{
	const struct bus_peer *peer = &session->peer;
	struct query_asked asked = {message->what, message->arguments, message->from, session->who};
	uint8_t from[QUERY_KEY_MAX + GUARD_SEAL_BYTES];
	struct page page;

	if (on_operator(node, session, message))
		return;
	if (asked.from.size > 0 && node->options.guard != NULL && !guard_sees_all(session->who)) {
		CHECK(asked.from.size <= sizeof(from)); /* message_read takes no longer one */
		if (!guard_unseal(node->options.guard, asked.from, from)) {
			refuse(node, peer, message, "malformed", "this page is not known here: ask from the beginning", 0);
			return;
		}
		asked.from = bytes_of(from, asked.from.size - GUARD_SEAL_BYTES);
	}
	int error = query_answer(node->engine, &asked, node->page, &page);
	if (error == ERR_NOT_FOUND)
		refuse(node, peer, message, "unknown_query", "this service does not answer that", 0);
	else if (error == ERR_FORBIDDEN)
		forbid(node, peer, message, "these answers are for the principal");
	else if (error != ERR_NONE)
		refuse(node, peer, message, "busy", error_text(error), 0);
	else
		reply(node, session, message->id, &page);
}

/* Whether one more question or subscription may be worked on; whoever asks too much is told when there is room again. */
static bool may_ask_now(struct node *node, const struct session *session, const struct message *message)
{
	uint64_t wait_ms = guard_spend(node->options.guard, session->who, GUARD_QUESTIONS, 1, bus_monotonic_us(node->bus));

	if (wait_ms > 0) {
		const struct guard_quota quota = guard_quota_of(node->options.guard);
		char text[120];

		snprintf(text, sizeof(text), "more questions than this key may ask, which is %u a second and %u at once", quota.questions_per_second,
			 quota.questions_burst);
		refuse(node, &session->peer, message, "quota", text, wait_ms);
	}
	return wait_ms == 0;
}

static void on_subscribe(struct node *node, struct session *session, const struct message *message)
{
	if (!guard_may_follow(session->who))
		forbid(node, &session->peer, message, "a gateway hears nothing for itself");
	else if (may_ask_now(node, session, message) && !feed_subscribe(node, session, message))
		refuse(node, &session->peer, message, "too_many", "at most 16 subscriptions in a session", 0);
}

static void on_session_message(struct node *node, struct session *session, const struct message *message, struct bytes frame)
{
	session->heard_us = bus_monotonic_us(node->bus);
	switch (message->kind) {
	case MESSAGE_PUBLISH:
		on_publish(node, session, message, frame);
		return;
	case MESSAGE_PING:
		on_ping(node, session, message);
		return;
	case MESSAGE_SUBSCRIBE:
		on_subscribe(node, session, message);
		return;
	case MESSAGE_CREDIT:
		feed_credit(node, session, message->sub, message->credit, message->durable);
		return;
	case MESSAGE_UNSUBSCRIBE:
		feed_unsubscribe(session, message->sub);
		return;
	default: /* nothing else has a session */
		CHECK(message->kind == MESSAGE_QUERY);
		if (may_ask_now(node, session, message))
			on_query(node, session, message);
		return;
	}
}

/* Whether both whose connection it is and whom it speaks for are still somebody. */
static bool session_recheck(struct node *node, struct session *session)
{
	struct guard *guard = node->options.guard;
	bool stands = guard_recheck(guard, &session->line) != NULL;

#if defined(MUTANT_GATEWAY_FORGOTTEN)
	stands = true;
#endif
	session->who = stands ? guard_recheck(guard, &session->speaker) : NULL;
	return session->who != NULL;
}

static void session_cut(struct node *node, struct session *session)
{
	struct bus_peer peer = session->peer;

	log_line(LOG_UNUSUAL, "session_cut", "name=\"%s\"", session->name);
	session_end(node, session);
	if (!cut_stranger(node, &peer, "this key is no longer valid"))
		say_forbidden(node, &peer, "this token is no longer valid"); /* others may speak through the same connection */
}

void door_on_message(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	struct node *node = context;
	static struct message message; /* house: large, and the loop's thread is one; reset by every read */
	char reason[160];

	(void)port;
	if (message_read(frame, &message, reason, sizeof(reason)) != ERR_NONE) {
		log_line(LOG_UNUSUAL, "malformed_message", "bytes=%zu reason=\"%s\"", frame.size, reason);
		if (!cut_stranger(node, from, "this key is not known"))
			say_error(node, from, "malformed", reason);
		return;
	}
	if (message.kind == MESSAGE_HELLO) {
		on_hello(node, from, &message);
		return;
	}
	struct session *session = door_session(node, from);
#if defined(MUTANT_SESSION_IGNORED)
	message.session = session != NULL ? session->id : 0;
#endif
	if (session == NULL || session->id != message.session) {
		if (!cut_stranger(node, from, "this key is not known"))
			say_error(node, from, "hello_first", "this session is not known: say hello and go on from the welcome");
		return;
	}
	if (!session_recheck(node, session)) {
		session_cut(node, session);
		return;
	}
	on_session_message(node, session, &message, frame);
}

void door_recheck(struct node *node)
{
	struct session *session, *next;

	HASH_ITER(hh, node->sessions, session, next)
		if (!session_recheck(node, session))
			session_cut(node, session);
}

void door_second(struct node *node)
{
	int64_t now_us = bus_monotonic_us(node->bus);
	struct session *session, *next;

	HASH_ITER(hh, node->sessions, session, next) {
		if (now_us - session->heard_us > SESSION_IDLE_US)
			session_end(node, session);
		else
			feed_heads(node, session);
	}
}

void door_observe(void *context, struct metrics_node *out)
{
	struct node *node = context;
	struct node_usage usage;
	int64_t now_us = bus_monotonic_us(node->bus);

	node_usage(node, &usage);
	*out = (struct metrics_node){.sessions = usage.sessions,
				     .subscriptions = usage.subscriptions,
				     .queued_bytes = usage.queued_bytes,
				     .turns = usage.turns,
				     .storage_refusals = usage.storage_refusals,
				     .storage_full = usage.storage_full,
				     .started_us = node->started_us,
				     .door = &node->refusals,
				     .link_count = node->follow_count};
	for (unsigned i = 0; i < node->follow_count; i++) {
		const struct follow *follow = &node->follows[i];

		out->links[i] = (struct metrics_link){.source = follow->service,
						      .head = follow->head,
						      .epoch = follow->epoch,
						      .is_live = follow->state == FOLLOW_SUBSCRIBED && now_us - follow->heard_us < LINK_QUIET_US,
						      .is_forked = follow->state == FOLLOW_FORKED};
	}
}

void door_close_sessions(struct node *node)
{
	struct session *session, *next;

	HASH_ITER(hh, node->sessions, session, next)
		session_end(node, session);
}
