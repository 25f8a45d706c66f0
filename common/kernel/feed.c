/* feed.c -- the journal as a feed: from any sequence, with credit, filtered by type and key; a socket is only a doorbell. */
#include <stdlib.h>

#include "base/crash.h"
#include "base/error.h"
#include "kernel/epochs.h"
#include "kernel/node_inside.h"
#include "kernel/scope.h"

static struct subscription *subscription_find(struct session *session, uint64_t id)
{
	struct subscription *s = session->subscriptions;

	while (s != NULL && s->id != id)
		s = s->next;
	return s;
}

/* Texts of the message are copied behind their own array: one block, freed with it. */
static struct text *copy_texts(const struct text *texts, uint32_t count)
{
	size_t size = count * sizeof(*texts);

	for (uint32_t i = 0; i < count; i++)
		size += texts[i].size;
	struct text *copy = malloc(size > 0 ? size : 1);
	char *at = (char *)(copy + count);

	CHECK(copy != NULL);
	for (uint32_t i = 0; i < count; i++) {
		memcpy(at, texts[i].data, texts[i].size);
		copy[i] = (struct text){at, texts[i].size};
		at += texts[i].size;
	}
	return copy;
}

static bool names(const struct text *texts, uint32_t count, struct text wanted)
{
	for (uint32_t i = 0; i < count; i++)
		if (text_equal(texts[i], wanted))
			return true;
	return false;
}

static bool wants_view(const struct node *node, const struct message *message)
{
	const struct event_type *type = engine_service(node->engine)->view_type;

	return type != NULL && names(message->types, message->type_count, text_of(type->name));
}

bool feed_subscribe(struct node *node, struct session *session, const struct message *message)
{
	struct subscription *s;
	unsigned count = 0;

	feed_unsubscribe(session, message->sub);
	for (s = session->subscriptions; s != NULL; s = s->next)
		count++;
	if (count >= SUBSCRIPTIONS_PER_SESSION_MAX)
		return false;
	s = calloc(1, sizeof(*s));
	CHECK(s != NULL);
	s->id = message->sub;
	s->types = copy_texts(message->types, message->type_count);
	s->type_count = message->type_count;
	s->keys = copy_texts(message->keys, message->key_count);
	s->key_count = message->key_count;
	s->credit = message->credit;
	s->position = message->from_seq == 0 || message->from_seq > node->head + 1 ? node->head : message->from_seq - 1;
#if defined(MUTANT_OFF_BY_ONE_IN_REPLAY)
	s->position += s->position < node->head;
#endif
	s->said = s->position;
	s->is_view = wants_view(node, message);
	if (s->is_view)
		s->watch = watch_open(s);
	s->next = session->subscriptions;
	session->subscriptions = s;
	if (s->is_view)
		watch_pump(node, session, s);
	else
		feed_pump(node, session, s);
	return true;
}

void feed_unsubscribe(struct session *session, uint64_t id)
{
	for (struct subscription **at = &session->subscriptions; *at != NULL; at = &(*at)->next)
		if ((*at)->id == id) {
			struct subscription *gone = *at;

			*at = gone->next;
			watch_close(&gone->watch);
			free(gone->types);
			free(gone->keys);
			free(gone);
			return;
		}
}

void feed_credit(struct node *node, struct session *session, uint64_t id, uint64_t events, uint64_t durable)
{
	struct subscription *s = subscription_find(session, id);

	if (s == NULL)
		return;
	s->credit += events;
	s->durable = durable;
	if (s->is_view)
		watch_pump(node, session, s);
	else
		feed_pump(node, session, s);
}

static bool subscription_wants(const struct subscription *s, struct bytes event)
{
	struct envelope envelope;

	if (s->type_count == 0 && s->key_count == 0)
		return true;
	return envelope_peek(event, &envelope) && (s->type_count == 0 || names(s->types, s->type_count, envelope.type)) &&
	       (s->key_count == 0 || names(s->keys, s->key_count, envelope.subject));
}

static bool is_theirs(const struct guard_principal *who, struct bytes event)
{
#if defined(MUTANT_FEED_UNSCOPED)
	return true;
#endif
	if (guard_sees_all(who))
		return true;
	struct scope scope = scope_of_event(event);
	return guard_sees(who, scope.outlet, scope.warehouse);
}

/* The journal from some number on: its newest events from memory, what is older from the store. */
struct reading {
	struct node *node;
	const struct chunk *chunk;
	struct view view;
	bool is_open;
};

static struct bytes journal_read(struct reading *reading, uint64_t number)
{
	bool goes_on = reading->is_open;
	uint64_t found;
	struct bytes event;

	if (reading->chunk == NULL || number - reading->chunk->said.first >= reading->chunk->said.count)
		reading->chunk = tail_find(&reading->node->tail, number);
	if (reading->chunk != NULL)
		return chunk_event(reading->chunk, number);
	if (!goes_on) {
		if (view_open(&reading->view, engine_store(reading->node->engine)) != ERR_NONE)
			return bytes_of(NULL, 0); /* the next second tries again */
		reading->is_open = true;
	}
	event = goes_on ? view_log_next(&reading->view, KERNEL_JOURNAL, &found)
			: view_log_seek(&reading->view, KERNEL_JOURNAL, number, &found);
	return event.data != NULL && found == number ? event : bytes_of(NULL, 0);
}

static void journal_leave(struct reading *reading)
{
	if (reading->is_open)
		view_close(&reading->view);
	reading->is_open = false;
}

/* K31: As the journal has it for who takes keys by their numbers, with their names for everybody else. */
static void write_event(const struct session *session, struct writer *events, struct bytes event)
{
	bool as_it_is = session->takes_numbers;

#if defined(MUTANT_NUMBERS_FOR_ALL)
	as_it_is = true;
#endif
	if (as_it_is)
		writer_raw(events, event);
	else
		CHECK(event_named(event, events) == ERR_NONE); /* there is room for the largest with names */
}

/* One batch's worth of what the subscription wants next; *through is how far the journal was looked through. */
static uint32_t collect(struct node *node, const struct session *session, struct subscription *s, struct writer *events,
			uint64_t *through)
{
	struct reading reading = {.node = node};
	uint32_t count = 0;

	for (*through = s->position; *through < node->head; (*through)++) {
		struct bytes event = journal_read(&reading, *through + 1);

		if (event.data == NULL) {
			uint64_t hole = epochs_hole(engine_epochs(node->engine), *through + 1);

			if (hole == 0)
				break;
			journal_leave(&reading);
			*through = hole - 1; /* no such numbers: a backup was restored */
			continue;
		}
		if (!subscription_wants(s, event) || !is_theirs(session->who, event))
			continue;
#if defined(MUTANT_CREDIT_IGNORED)
		s->credit = count + 1;
#endif
		if (count >= s->credit || (count > 0 && events->used + event.size > BATCH_BYTES))
			break;
		write_event(session, events, event);
		count++;
	}
	journal_leave(&reading);
	return count;
}

/*
 * Tell a subscriber how far it was sent. The events stand in node->frame behind room for what goes before them. A full queue is
 * not waited for: the next credit or second goes on from there.
 */
static bool feed_say(struct node *node, const struct session *session, struct subscription *s, size_t size, uint32_t count,
		     uint64_t through)
{
	uint8_t head[BATCH_HEAD_BYTES], *at;
	struct writer writer = writer_of(head, sizeof(head));

	CRASH_POINT("feeding");
	message_write_batch_head(&writer, s->id, text_of(engine_service(node->engine)->name), node->epoch, s->said, through,
				 node->head, count);
	CHECK(writer.error == ERR_NONE);
	at = node->frame + BATCH_HEAD_BYTES - writer.used;
	memcpy(at, head, writer.used);
	s->stuck = node_send(node, &session->peer, bytes_of(at, writer.used + size)) != ERR_NONE;
	if (!s->stuck)
		s->said = through;
	return !s->stuck;
}

void feed_pump(struct node *node, struct session *session, struct subscription *s)
{
	s->stuck = false;
	while (s->position < node->head && s->credit > 0) {
		struct writer events = writer_of(node->frame + BATCH_HEAD_BYTES, node->frame_size - BATCH_HEAD_BYTES);
		uint64_t through;
		uint32_t count = collect(node, session, s, &events, &through);

		CHECK(events.error == ERR_NONE);
		if (through == s->position || (count > 0 && !feed_say(node, session, s, events.used, count, through)))
			return;
		s->position = through;
		s->credit -= count;
	}
}

void feed_pump_all(struct node *node)
{
	struct session *session, *next;

	HASH_ITER(hh, node->sessions, session, next)
		for (struct subscription *s = session->subscriptions; s != NULL; s = s->next)
			if (!s->is_view && !s->stuck)
				feed_pump(node, session, s);
}

/* What was of no interest to a subscriber it hears of when the journal has stood still for a moment, not at every commit. */
static void feed_passed(struct node *node, const struct session *session, struct subscription *s)
{
	if (!s->is_view && !s->stuck && s->said < s->position)
		(void)feed_say(node, session, s, 0, 0, s->position);
}

static void on_rest(void *context)
{
	struct node *node = context;
	struct session *session, *next;
	bool moves = node->rested != node->head;

	node->rested = node->head;
	if (moves)
		return;
	bus_timer_stop(&node->rest_timer);
	HASH_ITER(hh, node->sessions, session, next)
		for (struct subscription *s = session->subscriptions; s != NULL; s = s->next)
			feed_passed(node, session, s);
}

void feed_rest(struct node *node)
{
	if (node->rest_timer == NULL && bus_timer_start(node->bus, REST_MS, REST_MS, on_rest, node, &node->rest_timer) != ERR_NONE)
		node->rest_timer = NULL; /* the second says it as well */
}

/* Once a second every subscriber hears how far the journal goes, so that a lost tail is seen. */
void feed_heads(struct node *node, struct session *session)
{
	uint8_t frame[256];

	for (struct subscription *s = session->subscriptions; s != NULL; s = s->next) {
		struct writer writer = writer_of(frame, sizeof(frame));
		uint64_t head = node->head, said;

		if (s->is_view) {
			watch_pump(node, session, s);
			said = s->position;
			head = watch_is_behind(s->watch) ? said + 1 : said; /* a view counts its own changes */
		} else {
			feed_pump(node, session, s);
			feed_passed(node, session, s);
			said = s->said;
		}
#if !defined(MUTANT_NO_HEAD_BEACON)
		message_write_head(&writer, s->id, text_of(engine_service(node->engine)->name), node->epoch, head, said);
		(void)node_send(node, &session->peer, writer_bytes(&writer));
#else
		(void)writer;
		(void)head;
		(void)said;
#endif
	}
}
