/*
 * client_send.c -- publishing: in order of arrival, within a window, again from the oldest when the service
 * asks.
 */
#include "client/client_inside.h"

#define RENUMBER_AGAIN_US (10 * US_PER_SECOND)

void client_rewind(struct client *client)
{
	client->sent = 0;
	client->in_flight = 0;
	client->ring.fresh = client->ring.to;
	client->ring.bytes = 0;
	for (struct spool_source *s = client->spool.sources; s != NULL; s = s->hh.next)
		s->sent = 0;
}

/* Consecutive events of one source behind `sent` as one message; 0: nothing to send. */
static uint32_t gather(struct client *client, struct writer *events, struct spooled *first, uint64_t *through)
{
	struct view view = {0};
	struct spooled next;
	uint32_t count = 0;
	uint64_t room = client->options.window_events - client->in_flight;

	*through = client->sent;
	if (view_open(&view, client->spool.store) != ERR_NONE)
		return 0;
	while (count < room && spool_next(&client->spool, &view, *through, &next)) {
		if (count > 0 && (next.source != first->source || next.seq != first->seq + count ||
				  events->used + next.event.size > SEND_BYTES))
			break;
		if (count == 0)
			*first = next;
		writer_raw(events, next.event);
		*through = next.arrival;
		count++;
	}
	if (count == 0 && view.failure == ERR_NONE)
		*through = client->spool.arrivals; /* all behind is acknowledged or held back */
	view_close(&view);
	return count;
}

static bool send_one(struct client *client)
{
	struct writer events = writer_of(client->events, SEND_BYTES + EVENT_BYTES_MAX);
	struct writer frame = writer_of(client->frame, FRAME_BYTES);
	struct spooled first;
	uint64_t through;
	uint32_t count = gather(client, &events, &first, &through);

	if (count > 0) {
		message_write_publish(&frame, client->session, spool_name(first.source), first.source->epoch,
				      first.seq, writer_bytes(&events), count);
		CHECK(frame.error == ERR_NONE);
		if (bus_send(client->port, NULL, writer_bytes(&frame)) != ERR_NONE)
			return false; /* the queue is full or the line is down: the next tick goes on */
		size_t bytes = frame.used;
		if (client->options.send_twice && bus_send(client->port, NULL, writer_bytes(&frame)) == ERR_NONE)
			bytes += frame.used;
		if (first.source->sent <= first.source->acked)
			first.source->waits_since_us = bus_monotonic_us(client->bus);
		first.source->sent = first.seq + count - 1;
		client_answers_note(client, first.source, first.seq, first.source->sent, bytes);
		client->in_flight += count;
	}
	client->sent = through;
	return count > 0;
}

void client_send(struct client *client)
{
	if (client->spool.reloaded) {
		client->spool.reloaded = false;
		client_rewind(client);
	}
	if (client->spool.open_turn || bus_monotonic_us(client->bus) < client->hold_until_us)
		return;
	while (client->session != 0 && client->sent < client->spool.arrivals &&
	       client->in_flight < client->options.window_events && client->ring.bytes < WINDOW_BYTES)
		if (!send_one(client))
			return;
}

/* Later than every epoch that is known. */
static int renumber(struct client *client, struct spool_source *source, const char *why)
{
	uint64_t epoch = (uint64_t)bus_now_us(client->bus);

	if (epoch <= source->epoch)
		epoch = source->epoch + 1;
	if (epoch <= source->later_epoch)
		epoch = source->later_epoch + 1;
	log_line(LOG_ALARM, "renumbered", "source=%.*s waiting=%llu why=\"%s\"",
		 TEXT_ARGS(spool_name(source)), (unsigned long long)source->waiting, why);
	int error = spool_renumber(&client->spool, source, epoch);
	if (error != ERR_NONE) {
		log_line(LOG_ALARM, "renumber_failed", "error=%s remedy=\"check the disk of the spool\"",
			 error_name(error));
		client->hold_until_us = bus_monotonic_us(client->bus) + RENUMBER_AGAIN_US;
	}
	return error;
}

int client_renumber(struct client *client, const char *name)
{
	struct spool_source *source = spool_find(&client->spool, text_of(name));

	if (source == NULL)
		return ERR_NOT_FOUND;
	int error = renumber(client, source, "somebody has decided so");
	client_rewind(client);
	return error;
}

/* The service went back to a backup: what it misses is here still. False: not all of it, so the rest needs other numbers. */
static bool send_again(struct client *client, struct spool_source *source, uint64_t next)
{
	uint64_t acked = source->acked;
	bool all = false;
	int error = spool_take_back(&client->spool, source, next - 1, &all);

	log_line(error == ERR_NONE && all ? LOG_UNUSUAL : LOG_ALARM, "sent_again", "source=%.*s wanted=%llu acknowledged=%llu kept_from=%llu",
		 TEXT_ARGS(spool_name(source)), (unsigned long long)next, (unsigned long long)acked,
		 (unsigned long long)source->acked + 1);
	if (error == ERR_NONE && all)
		source->doubted = 0;
	return error != ERR_NONE || all;
}

/*
 * The service wants this number next: can that be, or is this another spool, or another store? New numbers
 * for events that the service may have would double them, so two conversations must say so. False: say hello
 * again to be sure.
 */
bool client_stand(struct client *client, struct spool_source *source, uint64_t next)
{
	bool keeps = client->options.keep_events > 0;
	bool more = next > source->last + 1, less = next <= source->acked && (source->waiting > 0 || keeps);

	if (source->numbered && less)
		client_answers_refuse(client, source, TEXT_LITERAL("gap"),
				      TEXT_LITERAL("the service wants an earlier number next"));
	if (source->numbered || (!more && !less)) {
		source->doubted = 0;
		return true; /* what waits is sent again, also what the service has: answers tell verdicts */
	}
	if (client->spool.open_turn)
		return true; /* nothing is sent meanwhile, and it will be seen again */
#if defined(MUTANT_RENUMBERED_AT_ONCE)
	source->doubted = client->session - 1;
#endif
	if (source->doubted == 0 || source->doubted == client->session) {
		source->doubted = client->session;
		return false;
	}
	if (less && keeps && send_again(client, source, next))
		return true;
	if (more)
		(void)renumber(client, source, "the service has more than this spool ever sent: a copied disk");
	else
		(void)renumber(client, source, "the service wants what this spool no longer has");
	return true;
}

static void fence(struct client *client, struct spool_source *source, uint64_t later_epoch)
{
	static const struct text code = {"epoch_fenced", 12};

	if (source->numbered && source->waiting > 0) {
		client_answers_refuse(client, source, code,
				      TEXT_LITERAL("a later epoch of this source is known"));
		return;
	}
	source->later_epoch = later_epoch;
	if (source->fenced)
		return;
	source->fenced = true;
	log_line(LOG_ALARM, "epoch_fenced",
		 "source=%.*s waiting=%llu remedy=\"another spool publishes under this name\"",
		 TEXT_ARGS(spool_name(source)), (unsigned long long)source->waiting);
	if (client->options.on_held != NULL)
		client->options.on_held(client->options.context, spool_name(source), code);
}

void client_on_welcome_sources(struct client *client)
{
	bool sure = true;

	for (struct spool_source *s = client->spool.sources; s != NULL; s = s->hh.next)
		s->held_until_us = 0; /* another conversation, another chance */
	for (uint32_t i = 0; i < client->message.source_count; i++) {
		const struct message_source *at = &client->message.sources[i];
		struct spool_source *source = spool_find(&client->spool, at->source);

		if (source == NULL)
			continue;
		if (at->seq == 0)
			fence(client, source, at->epoch);
		else if (at->epoch == source->epoch)
			sure = client_stand(client, source, at->seq) && sure;
	}
	client_rewind(client);
	if (!sure)
		client_say_hello(client);
}

void client_on_resend(struct client *client)
{
	const struct message *m = &client->message;
	struct spool_source *source = spool_find(&client->spool, m->source);

	if (source == NULL)
		return;
	if (m->after_ms > 0)
		client->hold_until_us = bus_monotonic_us(client->bus) + (int64_t)m->after_ms * 1000;
	if (m->seq == 0) {
		if (m->epoch >= source->epoch)
			fence(client, source, m->epoch);
	} else if (m->epoch == source->epoch) {
		source->strikes = 0; /* it is an answer */
		if (!client_stand(client, source, m->seq)) {
			client_say_hello(client);
			return;
		}
	}
	client_rewind(client);
	client_send(client);
}
