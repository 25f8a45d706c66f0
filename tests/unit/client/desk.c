/* desk.c -- the scripted door. A receipt that begins with "bad" is refused with unknown_product. */
#include "desk.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/when.h"
#include "events/terminals.h"

#define BATCH_EVENTS 7

static void on_message(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame);
static void on_second(void *context);

void desk_tell(struct desk *desk)
{
	CHECK(desk->kept_size > 0);
	(void)bus_send(desk->port, &desk->kept_for, bytes_of(desk->kept, desk->kept_size));
	desk->kept_size = 0;
}

static struct writer begin(struct desk *desk)
{
	return writer_of(desk->frame, sizeof(desk->frame));
}

static void end(struct desk *desk, const struct bus_peer *peer, const struct writer *writer)
{
	CHECK(writer->error == ERR_NONE);
	(void)bus_send(desk->port, peer, writer_bytes(writer));
}

void desk_return(struct desk *desk, struct bus *bus)
{
	desk->bus = bus;
	CHECK(bus_bind(bus, desk->endpoint, on_message, desk, &desk->port) == ERR_NONE);
	CHECK(bus_timer_start(bus, 1000, 1000, on_second, desk, &desk->second) == ERR_NONE);
	desk_forget_sessions(desk);
}

void desk_open(struct desk *desk, struct bus *bus, const char *endpoint)
{
	memset(desk, 0, offsetof(struct desk, message));
	snprintf(desk->endpoint, sizeof(desk->endpoint), "%s", endpoint);
	desk->epoch = 77;
	desk->sessions = 1000;
	desk_return(desk, bus);
}

void desk_leave(struct desk *desk)
{
	bus_timer_stop(&desk->second);
	bus_unplug(&desk->port);
}

void desk_close(struct desk *desk)
{
	if (desk->port != NULL)
		desk_leave(desk);
	for (uint64_t i = 0; i < desk->head; i++)
		free((void *)(uintptr_t)desk->journal[i].data);
	desk->head = 0;
}

void desk_forget_sessions(struct desk *desk)
{
	memset(desk->peers, 0, sizeof(desk->peers));
}

void desk_lose_store(struct desk *desk)
{
	desk->source_count = 0;
}

void desk_other_journal(struct desk *desk)
{
	for (uint64_t i = 0; i < desk->head; i++)
		free((void *)(uintptr_t)desk->journal[i].data);
	desk->head = 0;
	desk->epoch++;
}

struct desk_source *desk_find(struct desk *desk, const char *source)
{
	for (unsigned i = 0; i < desk->source_count; i++)
		if (strcmp(desk->sources[i].name, source) == 0)
			return &desk->sources[i];
	return NULL;
}

static struct desk_source *source_of(struct desk *desk, struct text name)
{
	char text[SOURCE_TEXT_MAX + 1];
	struct desk_source *source;

	snprintf(text, sizeof(text), "%.*s", TEXT_ARGS(name));
	source = desk_find(desk, text);
	if (source == NULL) {
		CHECK(desk->source_count < DESK_SOURCES);
		source = &desk->sources[desk->source_count++];
		*source = (struct desk_source){0};
		memcpy(source->name, text, sizeof(text));
	}
	return source;
}

void desk_stand(struct desk *desk, const char *name, uint64_t epoch, uint64_t through)
{
	struct desk_source *source = source_of(desk, text_of(name));

	source->epoch = epoch;
	source->through = through;
}

static struct desk_peer *peer_find(struct desk *desk, const struct bus_peer *peer)
{
	for (unsigned i = 0; i < DESK_PEERS; i++)
		if (desk->peers[i].known && memcmp(&desk->peers[i].peer, peer, sizeof(*peer)) == 0)
			return &desk->peers[i];
	return NULL;
}

static struct desk_peer *peer_new(struct desk *desk, const struct bus_peer *peer)
{
	struct desk_peer *found = peer_find(desk, peer);

	for (unsigned i = 0; found == NULL && i < DESK_PEERS; i++)
		if (!desk->peers[i].known)
			found = &desk->peers[i];
	if (found == NULL)
		found = &desk->peers[desk->sessions % DESK_PEERS];
	*found = (struct desk_peer){.peer = *peer, .session = desk->sessions++, .known = true};
	return found;
}

static void on_hello(struct desk *desk, const struct bus_peer *from)
{
	struct message_source stands[MESSAGE_SOURCES_MAX];
	const struct message *m = &desk->message;
	struct desk_peer *peer = peer_new(desk, from);
	struct writer writer = begin(desk);

	desk->hellos++;
	for (uint32_t i = 0; i < m->source_count; i++) {
		struct desk_source *source = source_of(desk, m->sources[i].source);

		stands[i] = (struct message_source){m->sources[i].source, m->sources[i].epoch, 1};
		if (source->epoch == m->sources[i].epoch)
			stands[i].seq = source->through + 1;
		if (source->epoch > m->sources[i].epoch)
			stands[i] = (struct message_source){m->sources[i].source, source->epoch, 0};
	}
	if (desk->mute_welcomes > 0) {
		desk->mute_welcomes--;
		return;
	}
	message_write_welcome(&writer, TEXT_LITERAL("desk"), desk->epoch, desk->head, peer->session, stands,
			      m->source_count, bus_now_us(desk->bus));
	if (desk->late_welcomes > 0) {
		desk->late_welcomes--;
		CHECK(bus_send(desk->port, from, bytes_of(desk->welcome, desk->welcome_size)) == ERR_NONE);
	} else if (desk->welcome_size == 0 && writer_bytes(&writer).size <= sizeof(desk->welcome)) {
		desk->welcome_size = writer_bytes(&writer).size;
		memcpy(desk->welcome, writer_bytes(&writer).data, desk->welcome_size);
	}
	end(desk, from, &writer);
	if (desk->repeat_welcomes > 0) {
		desk->repeat_welcomes--;
		end(desk, from, &writer);
	}
}

static void resend(struct desk *desk, const struct bus_peer *from, uint64_t epoch, uint64_t next,
		   const char *code, uint64_t after_ms)
{
	struct writer writer = begin(desk);

	desk->resends++;
	message_write_resend(&writer, desk->message.source, epoch, next, text_of(code),
			     TEXT_LITERAL("as scripted"), after_ms);
	end(desk, from, &writer);
}

/* The receipt of a packed ticket. */
static void receipt_of(struct bytes packed, char out[41], uint64_t *seq)
{
	struct reader reader = reader_of(packed);
	struct envelope envelope;

	envelope_read(&reader, &envelope);
	CHECK(reader.error == ERR_NONE);
	struct reader data = reader_of(envelope.data);
	*seq = envelope.seq;
	for (uint32_t pairs = reader_map(&data, 64); pairs > 0; pairs--) {
		struct text key = reader_text(&data, 64);

		if (text_equal(key, TEXT_LITERAL("receipt"))) {
			struct text receipt = reader_text(&data, 40);

			snprintf(out, 41, "%.*s", TEXT_ARGS(receipt));
			return;
		}
		reader_skip(&data);
	}
	CHECK(false); /* a ticket without a receipt */
}

static void admit(struct desk *desk, struct desk_source *source, const char *receipt)
{
	struct desk_event *event = &desk->admitted[desk->admitted_count++];

	CHECK(desk->admitted_count < DESK_ADMITTED);
	*event = (struct desk_event){
	    .source = (unsigned)(source - desk->sources), .epoch = source->epoch, .seq = ++source->through};
	snprintf(event->receipt, sizeof(event->receipt), "%s", receipt);
	event->refused = strncmp(receipt, "bad", 3) == 0;
}

static void on_publish(struct desk *desk, const struct bus_peer *from)
{
	static uint64_t refused[MESSAGE_EVENTS_MAX]; /* of this test program */
	const struct message *m = &desk->message;
	struct desk_source *source = source_of(desk, m->source);
	struct reader reader = reader_of(m->events);
	struct message_range again = {0};
	uint32_t refusals = 0;
	char receipt[41];
	uint64_t seq;

	desk->publishes++;
	if (desk->lose_publishes > 0) {
		desk->lose_publishes--;
		return;
	}
	if (desk->deaf_to != NULL && strcmp(desk->deaf_to, source->name) == 0)
		return;
	if (m->epoch < source->epoch) {
		resend(desk, from, source->epoch, 0, "epoch_fenced", 0);
		return;
	}
	uint64_t through = m->epoch == source->epoch ? source->through : 0;
	if (desk->early_resends > 0) {
		desk->early_resends--;
		resend(desk, from, m->epoch, 1, "gap", 0);
		return;
	}
	if (desk->full_ms != 0 || m->first_seq > through + 1) {
		resend(desk, from, m->epoch, through + 1, desk->full_ms != 0 ? "storage_full" : "gap",
		       desk->full_ms);
		return;
	}
	source->epoch = m->epoch;
	source->through = through;
	for (uint64_t i = 0; i < m->event_count; i++) {
		receipt_of(reader_value(&reader), receipt, &seq);
		CHECK(seq == m->first_seq + i);
		if (strncmp(receipt, "bad", 3) == 0)
			refused[refusals++] = seq;
		if (seq > source->through) {
			admit(desk, source, receipt);
			continue;
		}
		again.first = again.first == 0 ? seq : again.first;
		again.last = seq;
	}
	if (desk->mute_acks > 0) {
		desk->mute_acks--;
		return;
	}
	struct writer writer = begin(desk);
	message_write_ack(&writer, m->source, m->epoch, source->through, again.first != 0 ? &again : NULL,
			  refusals);
	for (uint32_t i = 0; i < refusals; i++)
		message_write_refusal(&writer, refused[i], TEXT_LITERAL("unknown_product"),
				      TEXT_LITERAL("no such thing is sold"));
	if (desk->keep_acks == 0) {
		end(desk, from, &writer);
		return;
	}
	desk->keep_acks--;
	CHECK(writer.used <= sizeof(desk->kept));
	memcpy(desk->kept, desk->frame, writer.used);
	desk->kept_size = writer.used;
	desk->kept_for = *from;
}

static void on_ping(struct desk *desk, const struct bus_peer *from)
{
	struct writer writer = begin(desk);
	struct message_source asked[64];
	uint32_t count = desk->message.source_count < 64 ? desk->message.source_count : 64;

	desk->pings++;
	memcpy(asked, desk->message.sources, count * sizeof(*asked));
	message_write_pong(&writer, bus_now_us(desk->bus), desk->epoch, desk->head);
	end(desk, from, &writer);
	for (uint32_t i = 0; i < count; i++) {
		struct desk_source *source = source_of(desk, asked[i].source);
		uint64_t through = source->epoch == asked[i].epoch ? source->through : 0;

		if (desk->deaf_to != NULL && strcmp(desk->deaf_to, source->name) == 0)
			continue;
		desk->message.source = asked[i].source;
		if (source->epoch <= asked[i].epoch && asked[i].seq > through)
			resend(desk, from, asked[i].epoch, through + 1, "gap", 0);
	}
}

/* ---- the journal ---- */

static void serve(struct desk *desk, struct desk_peer *peer)
{
	static uint8_t packed[64 << 10];

	while (peer->subscribed && peer->position < desk->head && peer->credit > 0) {
		struct writer events = writer_of(packed, sizeof(packed)), writer = begin(desk);
		uint64_t after = peer->position;
		uint32_t count = 0;

		while (peer->position < desk->head && count < BATCH_EVENTS && count < peer->credit) {
			writer_raw(&events, desk->journal[peer->position++]);
			count++;
		}
		peer->credit -= count;
		message_write_batch(&writer, peer->sub, TEXT_LITERAL("desk"), desk->epoch, after,
				    peer->position, desk->head, writer_bytes(&events), count);
		if (desk->lose_batches > 0) {
			desk->lose_batches--;
			continue;
		}
		end(desk, &peer->peer, &writer);
		if (desk->repeat_batches > 0) {
			desk->repeat_batches--;
			end(desk, &peer->peer, &writer);
		}
	}
}

void desk_say(struct desk *desk, const char *type, const char *outlet)
{
	uint8_t packed[256], *copy;
	struct writer writer = writer_of(packed, sizeof(packed));
	struct envelope envelope = {.source = TEXT_LITERAL("desk"),
				    .seq = desk->head + 1,
				    .type = text_of(type),
				    .subject = text_of(outlet),
				    .time_us = bus_now_us(desk->bus)};

	envelope_write(&writer, &envelope);
	writer_map(&writer, 0);
	CHECK(writer.error == ERR_NONE && desk->head < DESK_JOURNAL);
	copy = malloc(writer.used);
	CHECK(copy != NULL);
	memcpy(copy, packed, writer.used);
	desk->journal[desk->head++] = bytes_of(copy, writer.used);
	for (unsigned i = 0; i < DESK_PEERS; i++)
		serve(desk, &desk->peers[i]);
}

static void on_subscribe(struct desk *desk, struct desk_peer *peer)
{
	const struct message *m = &desk->message;

	desk->subscribes++;
	peer->subscribed = true;
	peer->sub = m->sub;
	peer->credit = m->credit;
	peer->position = m->from_seq == 0 || m->from_seq > desk->head + 1 ? desk->head : m->from_seq - 1;
	serve(desk, peer);
}

/*
 * Questions: "numbers" answers 1 to 10, three rows a page; "broken" says there is more without saying where; "misled" says first that
 * somebody else's question and run are refused.
 */
static void on_query(struct desk *desk, const struct bus_peer *from)
{
	const struct message *m = &desk->message;
	struct writer writer = begin(desk);
	uint8_t rows[64], next[1];
	struct writer row = writer_of(rows, sizeof(rows));
	bool misled = text_equal(m->what, TEXT_LITERAL("misled")), numbers = misled || text_equal(m->what, TEXT_LITERAL("numbers"));

	if (misled) {
		struct message other = {.kind = MESSAGE_QUERY, .id = m->id + 1};
		struct message run = {.kind = MESSAGE_PUBLISH, .source = TEXT_LITERAL("S1/T1"), .epoch = 1, .first_seq = 1};

		message_write_error_about(&writer, TEXT_LITERAL("forbidden"), TEXT_LITERAL("of another"), &other, 0);
		end(desk, from, &writer);
		writer = begin(desk);
		message_write_error_about(&writer, TEXT_LITERAL("too_large"), TEXT_LITERAL("of a run"), &run, 0);
		end(desk, from, &writer);
		writer = begin(desk);
	}
	if (!numbers && !text_equal(m->what, TEXT_LITERAL("broken"))) {
		message_write_error_about(&writer, TEXT_LITERAL("unknown_query"), TEXT_LITERAL("nobody knows"), m, 0);
		end(desk, from, &writer);
		return;
	}
	uint8_t number = m->from.size == 1 ? m->from.data[0] : 1;
	uint32_t count = 0;
	for (; count < 3 && number <= 10; count++) {
		writer_map(&row, 1);
		writer_text(&row, TEXT_LITERAL("number"));
		writer_int(&row, number++);
	}
	next[0] = number;
	message_write_reply(&writer, m->id, !numbers || number <= 10, writer_bytes(&row), count,
			    bytes_of(next, numbers && number <= 10));
	if (!desk->mute_replies)
		end(desk, from, &writer);
}

static void on_second(void *context)
{
	struct desk *desk = context;

	for (unsigned i = 0; i < DESK_PEERS; i++) {
		struct desk_peer *peer = &desk->peers[i];
		struct writer writer = begin(desk);

		if (!peer->subscribed)
			continue;
		message_write_head(&writer, peer->sub, TEXT_LITERAL("desk"), desk->epoch, desk->head,
				   peer->position);
		end(desk, &peer->peer, &writer);
	}
}

static void on_message(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	struct desk *desk = context;
	struct message *m = &desk->message;
	char reason[160];

	(void)port;
	CHECK(message_read(frame, m, reason, sizeof(reason)) == ERR_NONE);
	if (m->kind == MESSAGE_HELLO) {
		on_hello(desk, from);
		return;
	}
	struct desk_peer *peer = peer_find(desk, from);
	if (peer == NULL || peer->session != m->session) {
		struct writer writer = begin(desk);

		message_write_error(&writer, TEXT_LITERAL("hello_first"), TEXT_LITERAL("who are you"));
		end(desk, from, &writer);
		return;
	}
	if (m->kind == MESSAGE_PUBLISH) {
		on_publish(desk, from);
	} else if (m->kind == MESSAGE_PING) {
		on_ping(desk, from);
	} else if (m->kind == MESSAGE_SUBSCRIBE) {
		on_subscribe(desk, peer);
	} else if (m->kind == MESSAGE_CREDIT) {
		desk->durable = m->durable;
		peer->credit += m->credit;
		serve(desk, peer);
	} else if (m->kind == MESSAGE_UNSUBSCRIBE) {
		peer->subscribed = peer->subscribed && peer->sub != m->sub;
	} else {
		CHECK(m->kind == MESSAGE_QUERY);
		on_query(desk, from);
	}
}

unsigned desk_count(const struct desk *desk, const char *source, const char *receipt)
{
	unsigned count = 0;

	for (unsigned i = 0; i < desk->admitted_count; i++)
		count += strcmp(desk->sources[desk->admitted[i].source].name, source) == 0 &&
			 strcmp(desk->admitted[i].receipt, receipt) == 0;
	return count;
}
