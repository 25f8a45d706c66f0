/* turns.c -- the store's thread: take what has arrived, run one turn over it, commit, hand the answers to the loop. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/crash.h"
#include "kernel/node_inside.h"
#include "kernel/scrub.h"
#include "log/log.h"

#define STORAGE_RETRY_MS 1000
#define BUSY_RETRY_MS 100
#define REST_INPUTS 500 /* a turn of so many is large: more come than small turns are good for */

struct outcomes {
	struct outcome *first, **end;
};

static struct outcome *outcome_add(struct outcomes *list, size_t size)
{
	struct outcome *outcome = calloc(1, sizeof(*outcome) + size);

	CHECK(outcome != NULL);
	outcome->size = size;
	*list->end = outcome;
	list->end = &outcome->next;
	return outcome;
}

static void outcomes_drop(struct outcomes *list)
{
	for (struct outcome *next; list->first != NULL; list->first = next) {
		next = list->first->next;
		free(list->first);
	}
	list->end = &list->first;
}

static void answer(struct outcomes *list, const struct parcel *parcel, struct bytes message)
{
	struct outcome *outcome = outcome_add(list, message.size);

	CHECK(message.size > 0);
	outcome->peer = parcel->peer;
	memcpy(outcome->bytes, message.data, message.size);
}

static void answer_resend(struct outcomes *list, const struct parcel *parcel, uint64_t epoch, uint64_t next, const char *code,
			  const char *text, uint64_t after_ms)
{
	uint8_t frame[512];
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_resend(&writer, parcel->run.source, epoch, next, text_of(code), text_of(text), after_ms);
	CHECK(writer.error == ERR_NONE);
	answer(list, parcel, writer_bytes(&writer));
}

static void answer_ack(struct outcomes *list, const struct parcel *parcel, const struct admission *admission)
{
	static const size_t refusal_bytes = MESSAGE_CODE_MAX + MESSAGE_TEXT_MAX + 32;
	size_t size = 256 + admission->refusal_count * refusal_bytes;
	uint8_t small[1024], *frame = size <= sizeof(small) ? small : malloc(size);
	struct writer writer = writer_of(frame, size);
	struct message_range duplicates = {admission->duplicate_first, admission->duplicate_last};

	CHECK(frame != NULL);
	message_write_ack(&writer, parcel->run.source, parcel->run.epoch, admission->through,
			  duplicates.first != 0 ? &duplicates : NULL, admission->refusal_count);
	for (uint32_t i = 0; i < admission->refusal_count; i++)
		message_write_refusal(&writer, admission->refusals[i].seq, admission->refusals[i].code,
				      admission->refusals[i].message);
	CHECK(writer.error == ERR_NONE);
	answer(list, parcel, writer_bytes(&writer));
	if (frame != small)
		free(frame);
}

static void answer_feed(struct outcomes *list, const struct parcel *parcel, enum admission_state state)
{
	struct outcome *outcome = outcome_add(list, 0);

	outcome->is_feed = true;
	outcome->follow = parcel->follow;
	outcome->generation = parcel->generation;
	outcome->state = state;
	outcome->events = parcel->run.count;
}

static void answer_publish(struct outcomes *list, const struct parcel *parcel, const struct admission *admission)
{
	switch (admission->state) {
	case ADMISSION_DONE:
		answer_ack(list, parcel, admission);
		return;
	case ADMISSION_GAP:
		answer_resend(list, parcel, parcel->run.epoch, admission->through + 1, "gap",
			      "something before it is missing", 0);
		return;
	case ADMISSION_FENCED:
		answer_resend(list, parcel, admission->epoch, 0, "epoch_fenced",
			      "a later epoch of this source is known: this numbering is over", 0);
		return;
	case ADMISSION_BROKEN:
	default:
		return; /* the whole turn is answered by refuse_all */
	}
}

static void refuse_all(struct node *node, struct outcomes *list, const struct parcel *parcels, int error)
{
	const char *code = error == ERR_DISK_FULL ? "disk_full" : "storage_full";

	for (const struct parcel *parcel = parcels; parcel != NULL; parcel = parcel->next) {
		if (parcel->kind == PARCEL_FEED) {
			answer_feed(list, parcel, ADMISSION_BROKEN);
			continue;
		}
		struct cursor at = engine_cursor(node->engine, parcel->run.source);
		uint64_t through = at.epoch == parcel->run.epoch ? at.through : 0;

		pthread_mutex_lock(&node->lock);
		node->usage.storage_refusals++;
		pthread_mutex_unlock(&node->lock);
		if (parcel->kind == PARCEL_PUBLISH || parcel->kind == PARCEL_BUSY)
			answer_resend(list, parcel, parcel->run.epoch, through + 1, code, error_text(error), STORAGE_RETRY_MS);
	}
}

/* An operator's hand in the quarantine is a turn of its own, outside the batch. */
static void run_operator(struct node *node, struct outcomes *list, const struct parcel *parcel)
{
	int64_t now_us = bus_now_us(node->bus);
	int error = parcel->kind == PARCEL_RETRY ? engine_retry(node->engine, parcel->number, now_us)
						 : engine_discard(node->engine, parcel->number, now_us);
	uint8_t row[256], frame[512];
	struct writer writer = writer_of(row, sizeof(row)), message = writer_of(frame, sizeof(frame));

	writer_map(&writer, 2);
	writer_text(&writer, TEXT_LITERAL("result"));
	writer_text(&writer, text_of(error_name(error)));
	writer_text(&writer, TEXT_LITERAL("message"));
	writer_text(&writer, text_of(error_text(error)));
	message_write_reply(&message, parcel->query, false, writer_bytes(&writer), 1, bytes_of(NULL, 0));
	CHECK(writer.error == ERR_NONE && message.error == ERR_NONE);
	answer(list, parcel, writer_bytes(&message));
}

/* What came before it in its lane was taken, nothing behind it. How much may be said, and may wait, is told: whoever hears it can keep to it. */
static void answer_busy(struct node *node, struct outcomes *list, const struct parcel *parcel)
{
	struct cursor at = engine_cursor(node->engine, parcel->run.source);
	uint64_t through = at.epoch == parcel->run.epoch ? at.through : 0;
	const struct guard_quota quota = guard_quota_of(node->options.guard);
	char text[120];

	if (parcel->code != NULL)
		snprintf(text, sizeof(text), "more than your share, which is %u events a second and %u at once", quota.events_per_second,
			 quota.events_burst);
	else
		snprintf(text, sizeof(text), "too much of yours waits already, at most %zu KiB may", parcel_room(parcel) >> 10);
	answer_resend(list, parcel, parcel->run.epoch, through + 1, parcel->code != NULL ? parcel->code : "busy", text,
		      parcel->code != NULL ? parcel->after_ms : BUSY_RETRY_MS);
}

static void admit_all(struct node *node, struct outcomes *list, struct parcel *parcels)
{
	for (struct parcel *parcel = parcels; parcel != NULL; parcel = parcel->next) {
		struct admission admission;

		if (parcel->kind == PARCEL_BUSY)
			answer_busy(node, list, parcel);
		if (parcel->kind != PARCEL_PUBLISH && parcel->kind != PARCEL_FEED)
			continue;
		engine_admit(node->engine, &parcel->run, &admission);
		if (parcel->kind == PARCEL_FEED)
			answer_feed(list, parcel, admission.state);
		else
			answer_publish(list, parcel, &admission);
	}
	if (parcels == NULL)
		engine_tick(node->engine);
}

static void hand_over(struct node *node, struct outcomes *list)
{
	uint32_t touched_count;
	const struct bytes *touched = engine_touched(node->engine, &touched_count);
	size_t bytes = 0;

	pthread_mutex_lock(&node->lock);
	node->committed_head = engine_meta(node->engine)->head;
	if (list->first != NULL) {
		*node->outcomes_end = list->first;
		node->outcomes_end = list->end;
	}
	if (touched_count > 0) { /* keys not yet looked at stay: they are joined */
		for (uint32_t i = 0; i < node->changed_count; i++)
			bytes += node->changed[i].size;
		for (uint32_t i = 0; i < touched_count; i++)
			bytes += touched[i].size;
		struct bytes *keys = malloc((node->changed_count + touched_count) * sizeof(*keys));
		uint8_t *copy = malloc(bytes + 1), *at = copy;

		CHECK(keys != NULL && copy != NULL);
		for (uint32_t i = 0; i < node->changed_count + touched_count; i++) {
			struct bytes key = i < node->changed_count ? node->changed[i] : touched[i - node->changed_count];

			memcpy(at, key.data, key.size);
			keys[i] = bytes_of(at, key.size);
			at += key.size;
		}
		free(node->changed);
		free(node->changed_bytes);
		node->changed = keys;
		node->changed_bytes = copy;
		node->changed_count += touched_count;
	}
	pthread_mutex_unlock(&node->lock);
	list->first = NULL;
	list->end = &list->first;
	bus_wake(node->bus);
}

static void fatal(struct node *node, int error)
{
	log_line(LOG_ALARM, "storage_failed", "error=%s remedy=\"check the disk, then start the service again\"",
		 error_name(error));
	if (node->options.on_fatal != NULL)
		node->options.on_fatal(node->options.context, error);
	else
		_exit(74); /* EX_IOERR: what was in doubt was never told to anybody */
	node->is_over = true;
}

static void note_storage(struct node *node, int error)
{
	bool full = error != ERR_NONE;

	if (full && !node->storage_full)
		log_line(LOG_ALARM, "storage_full", "error=%s remedy=\"free disk space or raise store.map_mib_max; input waits\"",
			 error_name(error));
	else if (!full && node->storage_full)
		log_line(LOG_INFO, "storage_recovered", "head=%llu", (unsigned long long)engine_meta(node->engine)->head);
	pthread_mutex_lock(&node->lock);
	node->storage_full = full;
	pthread_mutex_unlock(&node->lock);
}

static void keep_said(struct node *node, struct chunk *said)
{
	if (said == NULL)
		return;
	pthread_mutex_lock(&node->lock);
	*node->said_end = said;
	node->said_end = &said->next;
	pthread_mutex_unlock(&node->lock);
}

static int turn_try(struct node *node, struct outcomes *list, struct parcel *parcels)
{
	node->turn_inputs = 0;
	if (parcels != NULL && store_disk_low(engine_store(node->engine), node->options.disk_keep_bytes))
		return ERR_DISK_FULL;
	int error = engine_begin(node->engine, bus_now_us(node->bus));

	if (error != ERR_NONE)
		return error;
	admit_all(node, list, parcels);
#if defined(MUTANT_ACK_BEFORE_COMMIT)
	hand_over(node, list);
#endif
	if (!engine_dirty(node->engine)) {
		CHECK(store_failure(engine_store(node->engine)) == ERR_NONE); /* who reads has touched a source */
		engine_abort(node->engine);
		return ERR_NONE;
	}
	uint32_t inputs = engine_turn_size(node->engine);
	struct chunk *said = chunk_of_turn(engine_store(node->engine), KERNEL_JOURNAL);
#if defined(MUTANT_PUBLISH_BEFORE_COMMIT)
	keep_said(node, said);
	said = NULL;
#endif
	error = engine_commit(node->engine);
	if (error != ERR_NONE) {
		chunk_free(said);
		return error;
	}
	pthread_mutex_lock(&node->lock);
	node->usage.turns++;
	node->usage.inputs += inputs;
	node->turn_inputs = inputs;
	pthread_mutex_unlock(&node->lock);
	keep_said(node, said);
	return ERR_NONE;
}

static void run_turn(struct node *node, struct outcomes *list, struct parcel *parcels)
{
	CRASH_POINT("taken");
	int error = turn_try(node, list, parcels);
	CRASH_POINT("kept");

	if (error != ERR_NONE) {
		uint32_t ignored;

		outcomes_drop(list);
		(void)engine_touched(node->engine, &ignored);
		if (error_is_halt(error)) {
			fatal(node, error);
			return;
		}
		refuse_all(node, list, parcels, error);
	}
	if (parcels != NULL || error != ERR_NONE)
		note_storage(node, error);
	for (struct parcel *parcel = parcels; parcel != NULL; parcel = parcel->next)
		if (parcel->kind == PARCEL_RETRY || parcel->kind == PARCEL_DISCARD)
			run_operator(node, list, parcel);
}

void turns_run(struct node *node, struct parcel *parcels)
{
	struct outcomes list = {.end = &list.first};

	if (!node->is_over)
		run_turn(node, &list, parcels);
	for (struct parcel *next; parcels != NULL; parcels = next) {
		next = parcels->next;
		parcel_free(parcels);
	}
	if (!node->is_over)
		hand_over(node, &list);
}

static bool whole_turn_waits(const struct node *node)
{
	return node->queue.events >= node->options.turn_events_max || node->queue.bytes > node->options.turn_bytes_max;
}

/* Waits a moment for more to arrive: another one behind a large turn. The caller holds the lock. */
static void linger(struct node *node)
{
	const struct service *service = engine_service(node->engine);
	unsigned ms = node->turn_inputs < REST_INPUTS ? service->linger_ms : service->rest_ms;
	struct timespec span = {0, (long)ms * 1000000};

	if (ms == 0 || node->queue.waiting == NULL || whole_turn_waits(node))
		return;
	pthread_mutex_unlock(&node->lock);
	nanosleep(&span, NULL);
	pthread_mutex_lock(&node->lock);
}

void turns_scrub(struct node *node)
{
	int64_t now_us = bus_monotonic_us(node->bus);

	if (now_us - node->scrub_us < US_PER_SECOND)
		return;
	node->scrub_us = now_us;
	engine_scrub(node->engine, node->options.scrub_percent);
}

void *turns_thread(void *context)
{
	struct node *node = context;

	pthread_mutex_lock(&node->lock);
	while (!node->stopping) {
		if (node->queue.waiting == NULL) {
			struct timespec until;

			clock_gettime(CLOCK_MONOTONIC, &until); /* house: only for how long to sleep, no decision hangs on it */
			until.tv_sec++;
			pthread_cond_timedwait(&node->arrived, &node->lock, &until);
		}
		linger(node);
		if (node->stopping)
			break;
		struct parcel *parcels =
		    queue_take(&node->queue, node->options.turn_events_max, node->options.turn_bytes_max);
		node->in_turn = parcels != NULL;
		pthread_mutex_unlock(&node->lock);
		turns_run(node, parcels);
		turns_scrub(node);
		pthread_mutex_lock(&node->lock);
		node->in_turn = false;
	}
	pthread_mutex_unlock(&node->lock);
	return NULL;
}
