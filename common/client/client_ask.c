/* client_ask.c -- asking: one question at a time, page by page, again when the door has forgotten it. */
#include "client/client_inside.h"

void client_on_reply(struct client *client)
{
	const struct message *m = &client->message;
	struct question *question = &client->question;
	struct reader reader = reader_of(m->rows);

	if (question->answered || m->id != question->id)
		return;
	question->answered = true;
	question->more = m->more;
	question->from_size = m->from.size <= sizeof(question->from) ? m->from.size : 0;
	if (question->from_size > 0)
		memcpy(question->from, m->from.data, question->from_size);
	if (m->more && question->from_size == 0) { /* it would be the first page for ever */
		question->failed = true;
		question->error = ERR_MISSING_FIELD;
	}
	for (uint32_t i = 0; i < m->row_count && reader.error == ERR_NONE; i++)
		question->on_row(question->context, reader_value(&reader));
}

static int ask_page(struct client *client, const char *what, struct bytes arguments, int64_t until_us)
{
	struct question *question = &client->question;
	uint64_t asked_in = 0;

	question->answered = question->failed = question->more = false;
	question->id++;
	while (!question->answered) {
		if (bus_monotonic_us(client->bus) > until_us)
			return client->session == 0 ? ERR_UNREACHABLE : ERR_TIMEOUT;
		if (client->session != 0 &&
		    asked_in != client->session) { /* a new session has forgotten the question */
			struct writer writer = writer_of(client->frame, FRAME_BYTES);

			asked_in = client->session;
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

	if (client->inside)
		return ERR_USAGE;
	question->on_row = on_row;
	question->context = context;
	question->from_size = 0;
	do {
		error = ask_page(client, what, arguments,
				 bus_monotonic_us(client->bus) + (int64_t)timeout_ms * 1000);
	} while (error == ERR_NONE && question->more);
	question->answered = true; /* an answer that comes too late finds nobody */
	return error;
}
