/* client_send.c -- publishing: in order of arrival, within a window, again from the oldest when the service asks. */
#include "client/client_inside.h"

void client_rewind(struct client *client)
{
	client->sent = 0;
	client->in_flight = 0;
}

/* Consecutive events of one source behind `sent` as one message; 0: nothing to send. */
static uint32_t gather(struct client *client, struct writer *events, struct spooled *first)
{
	struct view view = {0};
	struct spooled next;
	uint32_t count = 0;
	uint64_t room = client->options.window_events - client->in_flight;

	if (view_open(&view, client->spool.store) != ERR_NONE)
		return 0;
	while (count < room && spool_next(&client->spool, &view, client->sent, &next)) {
		if (count > 0 && (next.source != first->source || next.seq != first->seq + count ||
				  events->used + next.event.size > SEND_BYTES))
			break;
		if (count == 0)
			*first = next;
		writer_raw(events, next.event);
		client->sent = next.arrival;
		count++;
	}
	view_close(&view);
	return count;
}

void client_send(struct client *client)
{
	if (client->spool.open_turn || bus_monotonic_us(client->bus) < client->hold_until_us)
		return;
	while (client->session != 0 && client->sent < client->spool.arrivals && client->in_flight < client->options.window_events) {
		struct writer events = writer_of(client->events, SEND_BYTES + EVENT_BYTES_MAX);
		struct writer frame = writer_of(client->frame, FRAME_BYTES);
		struct spooled first;
		uint64_t before = client->sent;
		uint32_t count = gather(client, &events, &first);

		if (count == 0) {
			client->sent = client->spool.arrivals; /* all behind is acknowledged or held back */
			return;
		}
		message_write_publish(&frame, client->session, spool_name(first.source), first.source->epoch, first.seq,
				      writer_bytes(&events), count);
		CHECK(frame.error == ERR_NONE);
		if (bus_send(client->port, NULL, writer_bytes(&frame)) != ERR_NONE) {
			client->sent = before; /* the queue is full or the line is down: the next tick goes on */
			return;
		}
		if (client->options.send_twice)
			(void)bus_send(client->port, NULL, writer_bytes(&frame));
		client->in_flight += count;
	}
}

static void renumber(struct client *client, struct spool_source *source, const char *why)
{
	uint64_t epoch = (uint64_t)bus_now_us(client->bus);

	if (epoch <= source->epoch)
		epoch = source->epoch + 1;
	log_line(LOG_ALARM, "renumbered", "source=%.*s waiting=%llu why=\"%s\"", TEXT_ARGS(spool_name(source)),
		 (unsigned long long)source->waiting, why);
	if (spool_renumber(&client->spool, source, epoch) != ERR_NONE)
		log_line(LOG_ALARM, "renumber_failed", "source=%.*s remedy=\"check the disk of the spool\"",
			 TEXT_ARGS(spool_name(source)));
	client_rewind(client);
}

/* The service wants this number next: can that be, or is this another spool, or another store? */
static void stand(struct client *client, struct spool_source *source, uint64_t next)
{
	if (next > source->last + 1)
		renumber(client, source, "the service has more than this spool ever sent: its disk was copied or restored");
	else if (next <= source->acked && source->waiting > 0)
		renumber(client, source, "the service wants what this spool no longer has: its store is another one");
	/* Whatever waits is sent again, even what the service has: its answer tells which were refused. */
}

static void fence(struct spool_source *source)
{
	if (!source->fenced)
		log_line(LOG_ALARM, "epoch_fenced", "source=%.*s waiting=%llu remedy=\"another spool publishes under this name\"",
			 TEXT_ARGS(spool_name(source)), (unsigned long long)source->waiting);
	source->fenced = true;
}

void client_on_welcome_sources(struct client *client)
{
	for (uint32_t i = 0; i < client->message.source_count; i++) {
		const struct message_source *at = &client->message.sources[i];
		struct spool_source *source = spool_find(&client->spool, at->source);

		if (source == NULL)
			continue;
		if (at->seq == 0)
			fence(source);
		else if (at->epoch == source->epoch)
			stand(client, source, at->seq);
	}
	client_rewind(client);
}

static bool in_ranges(const struct message *m, uint64_t seq)
{
	for (uint32_t i = 0; i < m->range_count; i++)
		if (seq >= m->ranges[i].first && seq <= m->ranges[i].last)
			return true;
	return false;
}

/* One verdict per event, in order: refusals come in order as well, so one walk along both is enough. */
static void tell_verdicts(struct client *client, const struct spool_source *source, uint64_t first, uint64_t last)
{
	const struct message *m = &client->message;
	struct reader reader = reader_of(m->refusals);
	struct message_refusal refusal = {0};
	uint32_t left = m->refusal_count;

	for (uint64_t seq = first; seq <= last; seq++) {
		struct client_verdict verdict = {.source = spool_name(source), .seq = seq};

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

void client_on_ack(struct client *client)
{
	const struct message *m = &client->message;
	struct spool_source *source = spool_find(&client->spool, m->source);

	if (source == NULL || m->epoch != source->epoch || m->through <= source->acked)
		return;
	uint64_t through = m->through < source->last ? m->through : source->last;
	uint64_t count = through - source->acked;
	if (client->options.on_verdict != NULL)
		tell_verdicts(client, source, source->acked + 1, through);
	client->in_flight -= count < client->in_flight ? count : client->in_flight;
	spool_ack(&client->spool, source, through);
	client_send(client);
}

void client_on_resend(struct client *client)
{
	const struct message *m = &client->message;
	struct spool_source *source = spool_find(&client->spool, m->source);

	if (source == NULL)
		return;
	if (m->seq == 0)
		fence(source);
	else if (m->epoch == source->epoch)
		stand(client, source, m->seq);
	if (m->after_ms > 0)
		client->hold_until_us = bus_monotonic_us(client->bus) + (int64_t)m->after_ms * 1000;
	client_rewind(client);
	client_send(client);
}
