/*
 * client_answers.c -- from acknowledgements to verdicts: which events one answers, and what to do when none
 * comes.
 *
 * An acknowledgement says how far its source is durable, and what became of the events of one message. It
 * does not say which message. Verdicts must not be guessed (a refusal may be in an answer that was lost), so
 * the client remembers what its messages held, takes the narrowest meaning an answer can have, and sends
 * again what stays unanswered: repeated events are answered in full.
 */
#include <stdlib.h>

#include "base/crash.h"
#include "client/client_inside.h"

#define ANSWER_US (4 * US_PER_SECOND) /* doubled each time it was waited in vain */
#define SOON_US (US_PER_SECOND / 2)
#define STRIKES_MAX 3
#define HOLD_US (60 * US_PER_SECOND)

int client_answers_open(struct client *client)
{
	client->ring.size = 2 * (uint64_t)client->options.window_events;
	client->ring.sent = calloc(client->ring.size, sizeof(*client->ring.sent));
	return client->ring.sent != NULL ? ERR_NONE : ERR_MEMORY;
}

static void forget_oldest(struct sent_ring *ring)
{
	if (ring->from >= ring->fresh)
		ring->bytes -= ring->sent[ring->from % ring->size].bytes;
	ring->from++;
}

void client_answers_note(struct client *client, const struct spool_source *source, uint64_t first,
			 uint64_t last, size_t bytes)
{
	struct sent_ring *ring = &client->ring;

	if (ring->to - ring->from == ring->size)
		forget_oldest(ring); /* its answer will not be understood, and it is sent again */
	ring->sent[ring->to++ % ring->size] = (struct sent){source, source->epoch, first, last, bytes};
	ring->bytes += bytes;
}

void client_answers_forget(struct client *client)
{
	client->ring.from = client->ring.to;
	client->ring.bytes = 0;
}

static void forget_answered(struct sent_ring *ring)
{
	while (ring->from < ring->to) {
		const struct sent *oldest = &ring->sent[ring->from % ring->size];

		if (oldest->epoch == oldest->source->epoch && oldest->last > oldest->source->acked)
			return;
		forget_oldest(ring);
	}
}

/*
 * How far this answer tells what became of the events after source->acked; 0: it does not. Without duplicates
 * it answers a message that ended at `through`, with duplicates one that began with the first of them.
 * Several messages may fit when the client has begun again meanwhile: then the one that tells least.
 */
static uint64_t answered_through(const struct client *client, const struct spool_source *source)
{
	const struct message_range *again =
	    client->message.range_count > 0 ? &client->message.ranges[0] : NULL;
	const struct sent_ring *ring = &client->ring;
	uint64_t first = again != NULL ? again->first : 0, last = 0;

	for (uint64_t i = ring->from; i < ring->to; i++) {
		const struct sent *sent = &ring->sent[i % ring->size];

		if (sent->source != source || sent->epoch != client->message.epoch)
			continue;
		if (again != NULL && sent->first == first && sent->last >= again->last &&
		    (last == 0 || sent->last < last))
			last = sent->last;
		if (again == NULL && sent->last == client->message.through && sent->first > first) {
			first = sent->first;
			last = sent->last;
		}
		if (last != 0 && ring->from >= ring->fresh)
			break; /* nothing was sent twice: no other fits */
	}
	if (again != NULL && last == 0)
		last = again->last;
	if (last > client->message.through)
		last = client->message.through;
	return first <= source->acked + 1 ? last : 0;
}

static bool in_ranges(const struct message *m, uint64_t seq)
{
#if defined(MUTANT_RANGE_ONE_SHORT)
	seq++;
#endif
	for (uint32_t i = 0; i < m->range_count; i++)
		if (seq >= m->ranges[i].first && seq <= m->ranges[i].last)
			return true;
	return false;
}

/* One verdict per event, in order: refusals come in order as well, so one walk along both is enough. */
static void tell_verdicts(struct client *client, uint64_t first, uint64_t last)
{
	const struct message *m = &client->message;
	struct reader reader = reader_of(m->refusals);
	struct message_refusal refusal = {0};
	uint32_t left = m->refusal_count;

	for (uint64_t seq = first; seq <= last; seq++) {
		struct client_verdict verdict = {.source = m->source, .seq = seq};

		while (refusal.seq < seq && left > 0) {
			message_refusal_next(&reader, &refusal);
			left--;
		}
		verdict.verdict = in_ranges(m, seq) ? VERDICT_DUPLICATE : VERDICT_ACCEPTED;
		if (refusal.seq == seq) {
			verdict.verdict = VERDICT_REFUSED;
			verdict.code = refusal.code;
			verdict.message = refusal.message;
		}
		client->options.on_verdict(client->options.context, &verdict);
	}
}

/* The events up to `through` are no longer the client's concern. */
static void settle(struct client *client, struct spool_source *source, uint64_t through)
{
	uint64_t count = through - source->acked;

	client->in_flight -= count < client->in_flight ? count : client->in_flight;
	source->strikes = 0;
	source->waits_since_us = bus_monotonic_us(client->bus);
	spool_ack(&client->spool, source, through);
	forget_answered(&client->ring);
}

/*
 * It is answered, but not so that it is certain what became of each: when nothing better comes soon it is
 * sent again.
 */
static void ask_again_soon(struct client *client, struct spool_source *source)
{
	int64_t due_us = bus_monotonic_us(client->bus) - ANSWER_US + SOON_US;

	source->strikes = 0;
	if (source->waits_since_us > due_us)
		source->waits_since_us = due_us;
}

void client_on_ack(struct client *client)
{
	const struct message *m = &client->message;
	struct spool_source *source = spool_find(&client->spool, m->source);

	if (source == NULL || m->epoch != source->epoch)
		return;
	if (m->through > source->last && !source->numbered) { /* somebody else has used these numbers */
		if (!client_stand(client, source, m->through + 1))
			client_say_hello(client);
		return;
	}
	uint64_t last = answered_through(client, source);
	if (last > source->last)
		last = source->last;
#if defined(MUTANT_VERDICT_GUESSED)
	last = m->through < source->last ? m->through : source->last;
#endif
	if (last <= source->acked) {
		if (m->through > source->acked)
			ask_again_soon(client, source);
		return;
	}
	if (client->options.on_verdict != NULL)
		tell_verdicts(client, source->acked + 1, last);
	CRASH_POINT("told");
	source = spool_find(&client->spool, m->source); /* the caller may have published, and failed */
	if (source != NULL && last > source->acked)
		settle(client, source, last);
	client_send(client);
}

void client_answers_refuse(struct client *client, struct spool_source *source, struct text code,
			   struct text text)
{
	struct client_verdict verdict = {
	    .source = spool_name(source), .verdict = VERDICT_REFUSED, .code = code, .message = text};
	uint64_t first = source->acked + 1, last = source->last;

	settle(client, source, last);
	for (verdict.seq = first; verdict.seq <= last && client->options.on_verdict != NULL; verdict.seq++)
		client->options.on_verdict(client->options.context, &verdict);
}

/* A source that is never answered must not keep the others waiting for ever. */
static void hold(struct client *client, struct spool_source *source, int64_t now_us)
{
	log_line(LOG_ALARM, "unanswered",
		 "source=%.*s seq=%llu remedy=\"see what the service's log says of it\"",
		 TEXT_ARGS(spool_name(source)), (unsigned long long)source->acked + 1);
	source->held_until_us = now_us + HOLD_US;
	source->strikes = STRIKES_MAX - 1; /* one more chance then */
	if (client->options.on_held != NULL)
		client->options.on_held(client->options.context, spool_name(source),
					TEXT_LITERAL("unanswered"));
}

void client_answers_missing(struct client *client)
{
	int64_t now_us = bus_monotonic_us(client->bus);
	struct spool_source *source, *next;
	bool again = false;

	HASH_ITER(hh, client->spool.sources, source, next)
	{
		if (source->held_until_us != 0) {
			if (now_us < source->held_until_us)
				continue;
			source->held_until_us = 0;
			again = true;
		} else if (source->sent > source->acked && !source->fenced &&
			   now_us - source->waits_since_us > ANSWER_US << source->strikes) {
			again = true;
			if (++source->strikes >= STRIKES_MAX)
				hold(client, source, now_us);
		}
	}
	if (again)
		client_rewind(client);
}
