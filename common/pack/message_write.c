/* message_write.c -- packing the sentences of the dialogue. */
#include "base/error.h"
#include "pack/message.h"
#include "pack/message_words.h"

static void begin(struct writer *writer, enum message_kind kind)
{
	writer_array(writer, message_words[kind].items);
	writer_text(writer, text_of(message_words[kind].word));
}

static void write_sources(struct writer *writer, const struct message_source *sources, uint32_t count,
			  bool with_seq)
{
	writer_array(writer, count);
	for (uint32_t i = 0; i < count; i++) {
		writer_array(writer, with_seq ? 3 : 2);
		writer_text(writer, sources[i].source);
		writer_uint(writer, sources[i].epoch);
		if (with_seq)
			writer_uint(writer, sources[i].seq);
	}
}

static void write_packed(struct writer *writer, struct bytes packed, uint32_t count)
{
	writer_array(writer, count);
	writer_raw(writer, packed);
}

void message_write_hello(struct writer *writer, struct text name, const struct message_source *sources,
			 uint32_t count)
{
	begin(writer, MESSAGE_HELLO);
	writer_uint(writer, MESSAGE_VERSION);
	writer_text(writer, name);
	write_sources(writer, sources, count, false);
}

/* A hello up to the one option that it has. */
static void hello_with(struct writer *writer, struct text name, const struct message_source *sources, uint32_t count,
		       struct text option)
{
	writer_array(writer, message_words[MESSAGE_HELLO].items + 1);
	writer_text(writer, text_of(message_words[MESSAGE_HELLO].word));
	writer_uint(writer, MESSAGE_VERSION);
	writer_text(writer, name);
	write_sources(writer, sources, count, false);
	writer_map(writer, 1);
	writer_text(writer, option);
}

void message_write_hello_for(struct writer *writer, struct text name, const struct message_source *sources,
			     uint32_t count, struct text token)
{
	if (token.size == 0) {
		message_write_hello(writer, name, sources, count);
		return;
	}
	hello_with(writer, name, sources, count, TEXT_LITERAL("token"));
	writer_text(writer, token);
}

void message_write_hello_of(struct writer *writer, struct text service)
{
	hello_with(writer, service, NULL, 0, TEXT_LITERAL("numbers"));
	writer_bool(writer, true);
}

void message_write_publish(struct writer *writer, uint64_t session, struct text source, uint64_t epoch,
			   uint64_t first_seq, struct bytes events, uint32_t count)
{
	begin(writer, MESSAGE_PUBLISH);
	writer_uint(writer, session);
	writer_text(writer, source);
	writer_uint(writer, epoch);
	writer_uint(writer, first_seq);
	write_packed(writer, events, count);
}

void message_write_ping(struct writer *writer, uint64_t session, const struct message_source *sources,
			uint32_t count)
{
	begin(writer, MESSAGE_PING);
	writer_uint(writer, session);
	write_sources(writer, sources, count, true);
}

void message_write_subscribe(struct writer *writer, uint64_t session, uint64_t sub, const struct text *types,
			     uint32_t type_count, const struct text *keys, uint32_t key_count,
			     uint64_t from_seq, uint64_t credit)
{
	begin(writer, MESSAGE_SUBSCRIBE);
	writer_uint(writer, session);
	writer_uint(writer, sub);
	writer_array(writer, type_count);
	for (uint32_t i = 0; i < type_count; i++)
		writer_text(writer, types[i]);
	writer_array(writer, key_count);
	for (uint32_t i = 0; i < key_count; i++)
		writer_text(writer, keys[i]);
	writer_uint(writer, from_seq);
	writer_uint(writer, credit);
}

void message_write_credit(struct writer *writer, uint64_t session, uint64_t sub, uint64_t credit,
			  uint64_t durable)
{
	begin(writer, MESSAGE_CREDIT);
	writer_uint(writer, session);
	writer_uint(writer, sub);
	writer_uint(writer, credit);
	writer_uint(writer, durable);
}

void message_write_unsubscribe(struct writer *writer, uint64_t session, uint64_t sub)
{
	begin(writer, MESSAGE_UNSUBSCRIBE);
	writer_uint(writer, session);
	writer_uint(writer, sub);
}

/* The pairs of the given map, and "from" behind them. */
void message_write_query(struct writer *writer, uint64_t session, uint64_t id, struct text what,
			 struct bytes arguments, struct bytes from)
{
	struct reader reader = reader_of(arguments);
	uint32_t pairs = arguments.size > 0 ? reader_map(&reader, 64) : 0;

	begin(writer, MESSAGE_QUERY);
	writer_uint(writer, session);
	writer_uint(writer, id);
	writer_text(writer, what);
	writer_map(writer, pairs + (from.size > 0 ? 1 : 0));
	writer_raw(writer, bytes_of(reader.at, (size_t)(reader.end - reader.at)));
	if (from.size > 0) {
		writer_text(writer, TEXT_LITERAL("from"));
		writer_bin(writer, from);
	}
}

void message_write_welcome(struct writer *writer, struct text service, uint64_t epoch, uint64_t head,
			   uint64_t session, const struct message_source *sources, uint32_t count,
			   int64_t time_us)
{
	begin(writer, MESSAGE_WELCOME);
	writer_uint(writer, MESSAGE_VERSION);
	writer_text(writer, service);
	writer_uint(writer, epoch);
	writer_uint(writer, head);
	writer_uint(writer, session);
	write_sources(writer, sources, count, true);
	writer_int(writer, time_us);
}

void message_write_ack(struct writer *writer, struct text source, uint64_t epoch, uint64_t through,
		       const struct message_range *duplicates, uint32_t refusal_count)
{
	begin(writer, MESSAGE_ACK);
	writer_text(writer, source);
	writer_uint(writer, epoch);
	writer_uint(writer, through);
	writer_array(writer, duplicates != NULL ? 1 : 0);
	if (duplicates != NULL) {
		writer_array(writer, 2);
		writer_uint(writer, duplicates->first);
		writer_uint(writer, duplicates->last);
	}
	writer_array(writer, refusal_count);
}

void message_write_refusal(struct writer *writer, uint64_t seq, struct text code, struct text text)
{
	writer_array(writer, 3);
	writer_uint(writer, seq);
	writer_text(writer, text_cut(code, MESSAGE_CODE_MAX));
	writer_text(writer, text_cut(text, MESSAGE_TEXT_MAX));
}

void message_write_error_about(struct writer *writer, struct text code, struct text text,
			       const struct message *said, uint64_t after_ms)
{
	CHECK(said->kind == MESSAGE_QUERY || said->kind == MESSAGE_SUBSCRIBE || said->kind == MESSAGE_PUBLISH);
	writer_array(writer, message_words[MESSAGE_ERROR].items + 1);
	writer_text(writer, text_of(message_words[MESSAGE_ERROR].word));
	writer_text(writer, text_cut(code, MESSAGE_CODE_MAX));
	writer_text(writer, text_cut(text, MESSAGE_TEXT_MAX));
	writer_map(writer, (said->kind == MESSAGE_PUBLISH ? 3u : 1u) + (after_ms > 0));
	if (said->kind == MESSAGE_QUERY) {
		writer_text(writer, TEXT_LITERAL("query"));
		writer_uint(writer, said->id);
	} else if (said->kind == MESSAGE_SUBSCRIBE) {
		writer_text(writer, TEXT_LITERAL("sub"));
		writer_uint(writer, said->sub);
	} else {
		writer_text(writer, TEXT_LITERAL("source"));
		writer_text(writer, said->source);
		writer_text(writer, TEXT_LITERAL("epoch"));
		writer_uint(writer, said->epoch);
		writer_text(writer, TEXT_LITERAL("seq"));
		writer_uint(writer, said->first_seq);
	}
	if (after_ms > 0) {
		writer_text(writer, TEXT_LITERAL("after_ms"));
		writer_uint(writer, after_ms);
	}
}

void message_write_resend(struct writer *writer, struct text source, uint64_t epoch, uint64_t next_seq,
			  struct text code, struct text text, uint64_t after_ms)
{
	begin(writer, MESSAGE_RESEND);
	writer_text(writer, source);
	writer_uint(writer, epoch);
	writer_uint(writer, next_seq);
	writer_text(writer, text_cut(code, MESSAGE_CODE_MAX));
	writer_text(writer, text_cut(text, MESSAGE_TEXT_MAX));
	writer_uint(writer, after_ms);
}

void message_write_batch_head(struct writer *writer, uint64_t sub, struct text source, uint64_t epoch,
			      uint64_t after, uint64_t through, uint64_t head, uint32_t count)
{
	begin(writer, MESSAGE_BATCH);
	writer_uint(writer, sub);
	writer_text(writer, source);
	writer_uint(writer, epoch);
	writer_uint(writer, after);
	writer_uint(writer, through);
	writer_uint(writer, head);
	writer_array(writer, count);
}

void message_write_batch(struct writer *writer, uint64_t sub, struct text source, uint64_t epoch,
			 uint64_t after, uint64_t through, uint64_t head, struct bytes events, uint32_t count)
{
	message_write_batch_head(writer, sub, source, epoch, after, through, head, count);
	writer_raw(writer, events);
}

void message_write_head(struct writer *writer, uint64_t sub, struct text source, uint64_t epoch,
			uint64_t head, uint64_t through)
{
	begin(writer, MESSAGE_HEAD);
	writer_uint(writer, sub);
	writer_text(writer, source);
	writer_uint(writer, epoch);
	writer_uint(writer, head);
	writer_uint(writer, through);
}

void message_write_reply(struct writer *writer, uint64_t id, bool more, struct bytes rows, uint32_t count,
			 struct bytes from)
{
	begin(writer, MESSAGE_REPLY);
	writer_uint(writer, id);
	writer_bool(writer, more);
	write_packed(writer, rows, count);
	writer_bin(writer, from);
}

void message_write_pong(struct writer *writer, int64_t time_us, uint64_t epoch, uint64_t head)
{
	begin(writer, MESSAGE_PONG);
	writer_int(writer, time_us);
	writer_uint(writer, epoch);
	writer_uint(writer, head);
}

void message_write_error(struct writer *writer, struct text code, struct text text)
{
	begin(writer, MESSAGE_ERROR);
	writer_text(writer, text_cut(code, MESSAGE_CODE_MAX));
	writer_text(writer, text_cut(text, MESSAGE_TEXT_MAX));
}
