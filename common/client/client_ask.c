/* client_ask.c -- subscribing and asking. */
#include "client/client_inside.h"

#define CREDIT 1000

static uint32_t texts_of(const char *const *names, struct text *texts)
{
	uint32_t count = 0;

	for (; names != NULL && names[count] != NULL; count++) {
		CHECK(count < MESSAGE_TYPES_MAX);
		texts[count] = text_of(names[count]);
	}
	return count;
}

void client_subscribe_now(struct client *client)
{
	struct text types[MESSAGE_TYPES_MAX], keys[MESSAGE_TYPES_MAX];
	struct writer writer = writer_of(client->frame, FRAME_BYTES);
	const struct client_subscription *s = &client->subscription;
	uint64_t from = client->sub_epoch != 0 ? client->position + 1 : s->from;
	uint32_t type_count = texts_of(s->types, types), key_count = texts_of(s->keys, keys);

	client->generation++;
	client->owed = 0;
	client->sub_running = true;
	message_write_subscribe(&writer, client->session, client->generation, types, type_count, keys, key_count, from,
				s->credit != 0 ? s->credit : CREDIT);
	client_say(client, &writer);
}

int client_subscribe(struct client *client, const struct client_subscription *subscription)
{
	if (client->subscribed)
		return ERR_USAGE;
	client->subscription = *subscription;
	client->subscribed = true;
	client->position = subscription->from > 0 ? subscription->from - 1 : 0;
	if (client->session != 0)
		client_subscribe_now(client);
	return ERR_NONE;
}

static bool is_live_view(const struct client *client)
{
	const char *const *types = client->subscription.types;

	return types != NULL && types[0] != NULL && strcmp(types[0], "kpi.updated") == 0;
}

/* The first batch tells the epoch and, for "from now on", where now is; a view begins anew with every subscription. */
static bool follow_on(struct client *client, const struct message *m)
{
	if (client->sub_epoch != m->epoch || is_live_view(client)) {
		bool first = client->sub_epoch == 0 || (is_live_view(client) && m->after == 0);

		if (!first && client->sub_epoch != m->epoch)
			log_line(LOG_UNUSUAL, "epoch_changed", "source=%.*s", TEXT_ARGS(m->source));
		if (client->sub_epoch != m->epoch || first)
			client->position = first ? m->after : 0;
		client->sub_epoch = m->epoch;
	}
	return m->after == client->position;
}

void client_on_batch(struct client *client)
{
	const struct message *m = &client->message;
	struct reader reader = reader_of(m->events);
	struct writer writer = writer_of(client->frame, FRAME_BYTES);

	if (!client->sub_running || m->sub != client->generation)
		return;
	if (!follow_on(client, m)) {
		client_subscribe_now(client);
		return;
	}
	for (uint32_t i = 0; i < m->event_count && reader.error == ERR_NONE; i++) {
		struct bytes event = reader_value(&reader);
		struct reader inside = reader_of(event);
		struct envelope envelope;

		envelope_read(&inside, &envelope);
		if (inside.error == ERR_NONE)
			client->subscription.on_event(client->subscription.context, &envelope, event, m->epoch);
	}
	client->position = m->through;
	client->owed += m->event_count;
	if (client->subscription.on_progress != NULL)
		client->subscription.on_progress(client->subscription.context, m->through, m->head);
	uint32_t credit = client->subscription.credit != 0 ? client->subscription.credit : CREDIT;
	if (client->owed * 2 >= credit) {
		message_write_credit(&writer, client->session, client->generation, client->owed, client->position);
		client_say(client, &writer);
		client->owed = 0;
	}
}

/* The door says how far it has sent: when that is not what arrived, something was lost on the way. */
void client_on_head(struct client *client)
{
	const struct message *m = &client->message;

	if (!client->sub_running || m->sub != client->generation)
		return;
	if (client->sub_epoch == 0) {
		client->sub_epoch = m->epoch;
		if (client->subscription.from == 0)
			client->position = m->through;
	}
	if (m->epoch == client->sub_epoch && m->through != client->position)
		client_subscribe_now(client);
	else if (client->subscription.on_progress != NULL)
		client->subscription.on_progress(client->subscription.context, client->position, m->head);
}

void client_on_reply(struct client *client)
{
	const struct message *m = &client->message;
	struct question *question = &client->question;
	struct reader reader = reader_of(m->rows);

	if (question->answered || m->id != question->id)
		return;
	for (uint32_t i = 0; i < m->row_count && reader.error == ERR_NONE; i++)
		question->on_row(question->context, reader_value(&reader));
	question->answered = true;
	question->more = m->more;
	question->from_size = m->from.size <= sizeof(question->from) ? m->from.size : 0;
	if (question->from_size > 0)
		memcpy(question->from, m->from.data, question->from_size);
}

static int ask_page(struct client *client, const char *what, struct bytes arguments, int64_t until_us)
{
	struct question *question = &client->question;
	struct writer writer = writer_of(client->frame, FRAME_BYTES);
	uint64_t asked_in = 0;

	question->answered = question->failed = false;
	question->id++;
	while (!question->answered) {
		if (bus_monotonic_us(client->bus) > until_us)
			return client->session == 0 ? ERR_UNREACHABLE : ERR_TIMEOUT;
		if (client->session != 0 && asked_in != client->session) { /* a new session has forgotten the question */
			asked_in = client->session;
			writer = writer_of(client->frame, FRAME_BYTES);
			message_write_query(&writer, client->session, question->id, text_of(what), arguments,
					    bytes_of(question->from, question->from_size));
			client_say(client, &writer);
		}
		bus_run_once(client->bus, TICK_MS);
	}
	return question->failed ? question->error : ERR_NONE;
}

int client_query(struct client *client, const char *what, struct bytes arguments,
		 void (*on_row)(void *context, struct bytes row), void *context, uint64_t timeout_ms)
{
	struct question *question = &client->question;
	int error;

	question->on_row = on_row;
	question->context = context;
	question->from_size = 0;
	do {
		question->more = false;
		error = ask_page(client, what, arguments, bus_monotonic_us(client->bus) + (int64_t)timeout_ms * 1000);
	} while (error == ERR_NONE && question->more);
	return error;
}
