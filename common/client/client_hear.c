/* client_hear.c -- subscribing: every event once and in order, from where the last one was heard. */
#include "client/client_inside.h"

#define CREDIT 1000
#define SILENCE_US (4 * US_PER_SECOND) /* a subscription is told the head about once a second */

static uint32_t texts_of(const char *const *names, struct text *texts)
{
	uint32_t count = 0;

	for (; names != NULL && names[count] != NULL; count++) {
		CHECK(count < MESSAGE_TYPES_MAX);
		texts[count] = text_of(names[count]);
	}
	return count;
}

/* A view begins anew, with a snapshot, in every subscription; its numbers are its own. */
static bool is_live_view(const struct client *client)
{
	const char *const *types = client->subscription.types;

	for (; types != NULL && *types != NULL; types++)
		if (strcmp(*types, "kpi.updated") == 0)
			return true;
	return false;
}

static uint64_t credit_of(const struct client *client)
{
	return client->subscription.credit != 0 ? client->subscription.credit : CREDIT;
}

/* A subscription that is over must not go on sending, nor count among those that a session may have. */
static void unsubscribe(struct client *client, uint64_t generation)
{
	struct writer writer = writer_of(client->frame, FRAME_BYTES);

	message_write_unsubscribe(&writer, client->session, generation);
	client_say(client, &writer);
}

static void subscribe(struct client *client)
{
	struct text types[MESSAGE_TYPES_MAX], keys[MESSAGE_TYPES_MAX];
	struct writer writer = writer_of(client->frame, FRAME_BYTES);
	const struct client_subscription *s = &client->subscription;
	uint64_t from = client->sub_epoch != 0 ? client->position + 1 : s->from;
	uint32_t type_count = texts_of(s->types, types), key_count = texts_of(s->keys, keys);

	if (is_live_view(client)) {
		client->position = 0;
		from = 1;
	}
	if (client->sub_running)
		unsubscribe(client, client->generation);
	writer = writer_of(client->frame, FRAME_BYTES);
	client->generation++;
	client->start = client->position;
	client->stands_at = UINT64_MAX;
	client->owed = 0;
	client->sub_running = true;
	client->sub_heard_us = bus_monotonic_us(client->bus);
	message_write_subscribe(&writer, client->session, client->generation, types, type_count, keys,
				key_count, from, credit_of(client));
	client_say(client, &writer);
}

int client_subscribe(struct client *client, const struct client_subscription *subscription)
{
	if (client->subscribed || (subscription->epoch != 0 && subscription->from == 0))
		return ERR_USAGE;
	client->subscription = *subscription;
	client->subscribed = true;
	client->sub_epoch = subscription->epoch;
	client->position = subscription->from > 0 ? subscription->from - 1 : 0;
	if (client->session != 0)
		subscribe(client);
	return ERR_NONE;
}

/* Another epoch is another journal: it is heard from its beginning. */
static bool journal_changed(struct client *client, const struct message *m)
{
	if (client->sub_epoch == 0 || client->sub_epoch == m->epoch)
		return false;
	log_line(LOG_UNUSUAL, "epoch_changed", "was=%llu now=%llu heard=%llu",
		 (unsigned long long)client->sub_epoch, (unsigned long long)m->epoch,
		 (unsigned long long)client->position);
	client->sub_epoch = m->epoch;
#if !defined(MUTANT_EPOCHS_MIXED)
	client->position = 0;
#endif
	return true;
}

void client_hear_welcome(struct client *client)
{
	(void)journal_changed(client, &client->message);
	if (client->subscribed)
		subscribe(client);
}

enum place { PLACE_NEXT, PLACE_AGAIN, PLACE_LOST };

/*
 * Where a message that continues behind `after` stands. The first one settles the epoch and, for "from now
 * on", where now is.
 */
static enum place place_of(struct client *client, const struct message *m, uint64_t after)
{
	if (journal_changed(client, m))
		return PLACE_LOST;
	if (client->sub_epoch == 0) {
		client->sub_epoch = m->epoch;
		if (client->subscription.from == 0 && !is_live_view(client))
			client->start = client->position = after;
	}
	if (after < client->start) { /* its journal does not reach as far as was asked for */
		log_line(LOG_ALARM, "journal_shorter",
			 "source=%.*s heard=%llu now=%llu remedy=\"was an old copy restored?\"",
			 TEXT_ARGS(m->source), (unsigned long long)client->position,
			 (unsigned long long)after);
		client->start = client->position = after;
	}
	if (after == client->position)
		return PLACE_NEXT;
#if defined(MUTANT_GAP_UNNOTICED)
	return after < client->position ? PLACE_AGAIN : PLACE_NEXT;
#endif
	return after < client->position ? PLACE_AGAIN : PLACE_LOST;
}

static void give_credit(struct client *client)
{
	struct writer writer = writer_of(client->frame, FRAME_BYTES);

	if (client->owed * 2 < credit_of(client))
		return;
	message_write_credit(&writer, client->session, client->generation, client->owed,
			     client->spool.heard_epoch == client->sub_epoch ? client->spool.heard : 0);
	client_say(client, &writer);
	client->owed = 0;
}

void client_on_batch(struct client *client)
{
	const struct message *m = &client->message;
	struct reader reader = reader_of(m->events);

	if (!client->sub_running || m->sub != client->generation)
		return;
	client->sub_heard_us = client->heard_us;
	enum place place = place_of(client, m, m->after);
	if (place == PLACE_LOST)
		subscribe(client);
	if (place != PLACE_NEXT)
		return;
	for (uint32_t i = 0; i < m->event_count && reader.error == ERR_NONE; i++) {
		struct bytes event = reader_value(&reader);
		struct reader inside = reader_of(event);
		struct envelope envelope;

		envelope_read(&inside, &envelope);
		if (inside.error == ERR_NONE)
			client->subscription.on_event(client->subscription.context, &envelope, event,
						      m->epoch);
		else
			log_line(LOG_UNUSUAL, "unreadable_event", "source=%.*s after=%llu",
				 TEXT_ARGS(m->source), (unsigned long long)m->after);
	}
	client->position = m->through;
	client->owed += m->event_count;
	if (client->subscription.on_progress != NULL)
		client->subscription.on_progress(client->subscription.context, m->through, m->head);
	give_credit(client);
}

/* The door says how far it has sent: when that is not what arrived, something was lost on the way. */
void client_on_head(struct client *client)
{
	const struct message *m = &client->message;

	if (!client->sub_running)
		return;
	if (m->sub != client->generation) { /* our word that it is over was lost */
		unsubscribe(client, m->sub);
		return;
	}
	client->sub_heard_us = client->heard_us;
	enum place place = place_of(client, m, m->through);
	if (m->head > m->through && client->stands_at == m->through)
		place = PLACE_LOST; /* there is more, and for a second none of it came: our credit was lost, or we are heard twice */
	client->stands_at = m->through;
	if (place == PLACE_LOST)
		subscribe(client);
	else if (place == PLACE_NEXT && client->subscription.on_progress != NULL)
		client->subscription.on_progress(client->subscription.context, client->position, m->head);
}

void client_hear_missing(struct client *client)
{
	if (client->sub_running && bus_monotonic_us(client->bus) - client->sub_heard_us > SILENCE_US)
		subscribe(client);
}

int client_confirm(struct client *client, uint64_t epoch, uint64_t seq)
{
	return spool_confirm(&client->spool, epoch, seq);
}

void client_confirmed(const struct client *client, uint64_t *epoch, uint64_t *seq)
{
	*epoch = client->spool.heard_epoch;
	*seq = client->spool.heard;
}
