/* node.c -- opening and closing a service at work, and the hand-over between its two threads. */
#include "node.h"

#include <stdlib.h>

#include "base/crash.h"
#include "kernel/node_inside.h"
#include "log/log.h"

#define STALE_READERS_SECONDS 30
#define GUARD_MS 100

int node_send(struct node *node, const struct bus_peer *peer, struct bytes message)
{
	return bus_send(node->door, peer, message);
}

bool node_idle(struct node *node)
{
	pthread_mutex_lock(&node->lock);
	bool idle = node->queue.waiting == NULL && !node->in_turn;
	pthread_mutex_unlock(&node->lock);
	return idle;
}

struct parcel *node_parcel(struct bytes message)
{
	struct parcel *parcel = malloc(sizeof(*parcel) + message.size);

	CHECK(parcel != NULL);
	memset(parcel, 0, sizeof(*parcel));
	parcel->size = message.size;
	if (message.size > 0)
		memcpy(parcel->bytes, message.data, message.size);
	return parcel;
}

struct parcel *node_parcel_of(struct node *node, struct bytes message)
{
	struct bus_kept *kept = bus_keep(node->bus);

	if (kept == NULL)
		return node_parcel(message);
	struct parcel *parcel = node_parcel(bytes_of(NULL, 0));
	parcel->kept = kept;
	parcel->size = message.size;
	return parcel;
}

struct bytes node_parcel_part(const struct parcel *parcel, struct bytes message, struct bytes part)
{
	return parcel->kept != NULL ? part : bytes_of(parcel->bytes + (part.data - message.data), part.size);
}

bool node_enqueue(struct node *node, struct parcel *parcel)
{
	pthread_mutex_lock(&node->lock);
	bool taken = queue_add(&node->queue, parcel);
	bool pause = node->queue.bytes > QUEUE_BYTES_HIGH;
	pthread_mutex_unlock(&node->lock);
	pthread_cond_signal(&node->arrived); /* only now: who wakes wants the lock */
	if (pause && !node->paused) {
		node->paused = true;
		bus_pause(node->door, true);
	}
	if (!node->threaded)
		bus_wake(node->bus);
	return taken;
}

static void run_inline(struct node *node)
{
	struct parcel *parcels;

	while ((parcels = queue_take(&node->queue, node->options.turn_events_max, node->options.turn_bytes_max)) != NULL)
		turns_run(node, parcels);
}

static void tell_watchers(struct node *node, const struct bytes *keys, uint32_t count)
{
	struct session *session, *next;

	HASH_ITER(hh, node->sessions, session, next)
		for (struct subscription *s = session->subscriptions; s != NULL; s = s->next)
			if (s->is_view) {
				watch_changed(node, s->watch, keys, count);
				watch_pump(node, session, s);
			}
}

static void on_late(void *context);

/* An answer is kept for a moment. Takes the outcome. */
static void keep_late(struct node *node, struct session *session, struct outcome *outcome)
{
#if defined(MUTANT_LATE_ANSWER_LOST)
	node->late_bytes = LATE_BYTES_MAX + 1;
#endif
	if (node->late_bytes > LATE_BYTES_MAX) {
		free(outcome);
		return;
	}
	if (session != NULL)
		session->is_late = true;
	outcome->next = NULL;
	*node->late_end = outcome;
	node->late_end = &outcome->next;
	node->late_bytes += outcome->size;
	if (node->late_timer == NULL && bus_timer_start(node->bus, LATE_MS, LATE_MS, on_late, node, &node->late_timer) != ERR_NONE)
		node->late_timer = NULL; /* the next answer tries again */
}

/*
 * Send an answer; one that its peer's queue does not take now is kept, and so is each later one to this peer: an answer that
 * overtook another could not be told from one whose predecessor was lost. Takes the outcome.
 */
static void answer_send(struct node *node, struct outcome *outcome)
{
	struct session *session = node->late != NULL ? door_session(node, &outcome->peer) : NULL;

	if (session != NULL && session->is_late) {
		keep_late(node, session, outcome);
		return;
	}
	if (node_send(node, &outcome->peer, bytes_of(outcome->bytes, outcome->size)) == ERR_AGAIN)
		keep_late(node, door_session(node, &outcome->peer), outcome);
	else
		free(outcome);
}

static void on_late(void *context)
{
	struct node *node = context;
	struct outcome *late = node->late;

	for (struct session *session = node->sessions; session != NULL; session = session->hh.next)
		session->is_late = false;
	node->late = NULL;
	node->late_end = &node->late;
	node->late_bytes = 0;
	for (struct outcome *next; late != NULL; late = next) {
		next = late->next;
		answer_send(node, late);
	}
	if (node->late == NULL)
		bus_timer_stop(&node->late_timer);
}

/* The store's thread has news: answers to send, a new head to publish, rows that changed. */
static void on_wake(void *context)
{
	struct node *node = context;

	if (!node->threaded)
		run_inline(node);
	pthread_mutex_lock(&node->lock);
	struct outcome *outcomes = node->outcomes;
	struct bytes *changed = node->changed;
	uint8_t *changed_bytes = node->changed_bytes;
	uint32_t changed_count = node->changed_count;
	uint64_t head = node->committed_head;
	struct chunk *said = node->said;
	bool resume = node->paused && node->queue.bytes < QUEUE_BYTES_LOW;
	node->outcomes = NULL;
	node->outcomes_end = &node->outcomes;
	node->changed = NULL;
	node->changed_bytes = NULL;
	node->changed_count = 0;
	node->said = NULL;
	node->said_end = &node->said;
	pthread_mutex_unlock(&node->lock);

	tail_add(&node->tail, said);
	for (unsigned i = 0; i < node->follow_count && outcomes != NULL; i++)
		follow_awake(&node->follows[i]);
	CRASH_POINT("answering");
	for (struct outcome *outcome = outcomes, *next; outcome != NULL; outcome = next) {
		next = outcome->next;
		if (!outcome->is_feed) {
			answer_send(node, outcome);
			continue;
		}
		follow_outcome(node, outcome);
		free(outcome);
	}
	for (unsigned i = 0; i < node->follow_count; i++)
		follow_credit(&node->follows[i]);
	if (head != node->head) {
		node->head = head;
		feed_pump_all(node);
		feed_rest(node);
	}
	if (changed_count > 0)
		tell_watchers(node, changed, changed_count);
	free(changed);
	free(changed_bytes);
	if (resume) {
		node->paused = false;
		bus_pause(node->door, false);
	}
}

static void on_second(void *context)
{
	struct node *node = context;

	pthread_mutex_lock(&node->lock);
	queue_second(&node->queue);
	pthread_mutex_unlock(&node->lock);
	if (!node->threaded && node->queue.waiting == NULL)
		turns_run(node, NULL); /* the idle tick */
	if (!node->threaded)
		turns_scrub(node);
	if (node->usage.turns % STALE_READERS_SECONDS == 0)
		(void)store_clear_stale_readers(engine_store(node->engine));
	door_second(node);
	for (unsigned i = 0; i < node->follow_count; i++)
		follow_second(&node->follows[i]);
}

/* Somebody who was revoked is sent away from here; nobody waits for it to say something. */
static void on_guard(void *context)
{
	struct node *node = context;

	if (!guard_refresh(node->options.guard))
		return;
	door_recheck(node);
	for (unsigned i = 0; i < node->follow_count; i++)
		follow_repin(&node->follows[i]);
}

static int start(struct node *node, const struct service *service)
{
	int error = bus_bind(node->bus, node->options.endpoint, door_on_message, node, &node->door);

	if (error != ERR_NONE)
		return error;
	for (unsigned i = 0; service->follows[i] != NULL && error == ERR_NONE; i++) {
		CHECK(i < FOLLOWS_MAX);
		follow_open(node, i, service->follows[i]);
		error = bus_connect(node->bus, node->options.upstreams[i], follow_on_message, &node->follows[i],
				    &node->follows[i].port);
		node->follow_count = i + 1;
	}
	if (error == ERR_NONE)
		error = bus_timer_start(node->bus, 1000, 1000, on_second, node, &node->second);
	if (error == ERR_NONE && node->options.guard != NULL)
		error = bus_timer_start(node->bus, GUARD_MS, GUARD_MS, on_guard, node, &node->guarding);
	if (error == ERR_NONE && !node->options.inline_turns) {
		node->threaded = true;
		if (pthread_create(&node->thread, NULL, turns_thread, node) != 0) {
			node->threaded = false;
			error = ERR_SYSTEM;
		}
	}
	for (unsigned i = 0; i < node->follow_count && error == ERR_NONE; i++) {
		follow_repin(&node->follows[i]);
		follow_second(&node->follows[i]);
	}
	return error;
}

/* Sleeps are counted by the clock that does not jump. */
static void arrived_init(struct node *node)
{
	pthread_condattr_t attributes;

	CHECK(pthread_condattr_init(&attributes) == 0);
	CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	CHECK(pthread_cond_init(&node->arrived, &attributes) == 0);
	pthread_condattr_destroy(&attributes);
}

int node_open(struct node **out, const struct service *service, struct bus *bus, const struct node_options *options)
{
	struct node *node = calloc(1, sizeof(*node));

	*out = NULL;
	if (node == NULL)
		return ERR_MEMORY;
	node->bus = bus;
	node->options = *options;
	queue_begin(&node->queue);
	node->outcomes_end = &node->outcomes;
	node->late_end = &node->late;
	node->said_end = &node->said;
	pthread_mutex_init(&node->lock, NULL);
	arrived_init(node);
	node->frame_size = BATCH_BYTES + EVENT_OWN_BYTES_MAX + QUERY_PAGE_BYTES;
	node->frame = malloc(node->frame_size);
	node->page = malloc(QUERY_PAGE_BYTES);
	int error = node->frame != NULL && node->page != NULL ? ERR_NONE : ERR_MEMORY;
	if (error == ERR_NONE)
		error = engine_open(&node->engine, service, &options->engine);
	if (error == ERR_NONE) {
		node->head = node->committed_head = engine_meta(node->engine)->head;
		node->epoch = engine_meta(node->engine)->epoch;
		node->session_next = (uint64_t)bus_now_us(bus);
		node->started_us = bus_now_us(bus);
		engine_observe(node->engine, door_observe, node);
		bus_on_wake(bus, on_wake, node);
		error = start(node, service);
	}
	if (error != ERR_NONE) {
		node_close(&node);
		return error;
	}
	*out = node;
	return ERR_NONE;
}

void node_close(struct node **out)
{
	struct node *node = *out;

	if (node == NULL)
		return;
	if (node->threaded) {
		pthread_mutex_lock(&node->lock);
		node->stopping = true;
		pthread_cond_signal(&node->arrived);
		pthread_mutex_unlock(&node->lock);
		pthread_join(node->thread, NULL);
	}
	if (node->second != NULL)
		bus_timer_stop(&node->second);
	if (node->guarding != NULL)
		bus_timer_stop(&node->guarding);
	if (node->late_timer != NULL)
		bus_timer_stop(&node->late_timer);
	if (node->rest_timer != NULL)
		bus_timer_stop(&node->rest_timer);
	for (struct outcome *next; node->late != NULL; node->late = next) {
		next = node->late->next;
		free(node->late);
	}
	bus_on_wake(node->bus, NULL, NULL);
	door_close_sessions(node);
	for (unsigned i = 0; i < node->follow_count; i++)
		if (node->follows[i].port != NULL)
			bus_unplug(&node->follows[i].port);
	if (node->door != NULL)
		bus_unplug(&node->door);
	queue_end(&node->queue);
	for (struct outcome *next; node->outcomes != NULL; node->outcomes = next) {
		next = node->outcomes->next;
		free(node->outcomes);
	}
	tail_add(&node->tail, node->said);
	tail_drop(&node->tail);
	engine_close(&node->engine);
	pthread_mutex_destroy(&node->lock);
	pthread_cond_destroy(&node->arrived);
	free(node->changed);
	free(node->changed_bytes);
	free(node->frame);
	free(node->page);
	free(node);
	*out = NULL;
}

struct engine *node_engine(struct node *node)
{
	return node->engine;
}

void node_usage(struct node *node, struct node_usage *usage)
{
	pthread_mutex_lock(&node->lock);
	*usage = node->usage;
	usage->queued_bytes = node->queue.bytes;
	usage->storage_full = node->storage_full;
	pthread_mutex_unlock(&node->lock);
	usage->sessions = HASH_COUNT(node->sessions);
	for (const struct session *session = node->sessions; session != NULL; session = session->hh.next)
		for (const struct subscription *s = session->subscriptions; s != NULL; s = s->next)
			usage->subscriptions++;
}
