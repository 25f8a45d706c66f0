/*
 * test_message.c -- goal: every sentence of the dialogue is understood as it was said, and one that is not is
 * refused with a reason. Method: each kind there and back; every truncation; hand-made messages with one
 * thing wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/error.h"
#include "hex.h"
#include "pack/message.h"

static uint8_t buffer[128 << 10]; /* of this test program, as the two below */
static struct message message;
static char reason[200];

static const struct message_source sources[2] = {{{"OUT-001/T1", 10}, 1772359200000000, 7},
						 {{"OUT-001/T2", 10}, 2, 0}};

static struct writer begin(void)
{
	memset(&message, 0xee, sizeof(message));
	return writer_of(buffer, sizeof(buffer));
}

/* Reads what was written from a block of exactly its size. */
static void assert_understood(const struct writer *writer, enum message_kind kind)
{
	assert_int_equal(writer->error, ERR_NONE);
	assert_int_equal(message_read(hex_exact(writer_bytes(writer)), &message, reason, sizeof(reason)),
			 ERR_NONE);
	assert_int_equal(message.kind, kind);
}

/* Everything before the last `open` bytes is needed. */
static void assert_truncations_refused(const struct writer *writer, size_t open)
{
	static struct message cut;

	for (size_t size = 0; size < writer->used - open; size++) {
		int error = message_read(hex_exact(bytes_of(buffer, size)), &cut, reason, sizeof(reason));

		assert_int_equal(error, ERR_TRUNCATED);
		assert_non_null(strstr(reason, error_text(ERR_TRUNCATED)));
	}
}

static void assert_trailing_refused(struct writer *writer)
{
	writer_nil(writer);
	assert_int_equal(message_read(writer_bytes(writer), &message, reason, sizeof(reason)), ERR_TRAILING);
}

static void assert_text(struct text text, const char *expected)
{
	assert_true(text_equal(text, text_of(expected)));
}

static void assert_sources(bool with_seq)
{
	assert_int_equal(message.source_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(text_equal(message.sources[i].source, sources[i].source));
		assert_int_equal(message.sources[i].epoch, sources[i].epoch);
		assert_int_equal(message.sources[i].seq, with_seq ? sources[i].seq : 0);
	}
}

static void test_hello(void **state)
{
	struct writer writer = begin();

	(void)state;
	message_write_hello(&writer, TEXT_LITERAL("till OUT-001/T1"), sources, 2);
	assert_understood(&writer, MESSAGE_HELLO);
	assert_int_equal(message.version, MESSAGE_VERSION);
	assert_text(message.name, "till OUT-001/T1");
	assert_sources(false);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
}

static void test_hello_for_somebody(void **state)
{
	struct writer writer = begin();

	(void)state;
	message_write_hello_for(&writer, TEXT_LITERAL("web"), sources, 2, TEXT_LITERAL("tk_secret"));
	assert_understood(&writer, MESSAGE_HELLO);
	assert_text(message.token, "tk_secret");
	assert_sources(false);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
	writer = begin();
	message_write_hello_for(&writer, TEXT_LITERAL("web"), sources, 2, (struct text){0});
	assert_understood(&writer, MESSAGE_HELLO);
	assert_int_equal(message.token.size, 0);
}

static void test_hello_of_a_service(void **state)
{
	struct writer writer = begin();

	(void)state;
	message_write_hello_of(&writer, TEXT_LITERAL("kpi"));
	assert_understood(&writer, MESSAGE_HELLO);
	assert_text(message.name, "kpi");
	assert_true(message.numbers);
	assert_int_equal(message.source_count, 0);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
	writer = begin();
	message_write_hello(&writer, TEXT_LITERAL("web"), sources, 2);
	assert_understood(&writer, MESSAGE_HELLO);
	assert_false(message.numbers);
}

static void test_publish(void **state)
{
	struct writer writer = begin();
	struct bytes events = hex("91 01 91 02");

	(void)state;
	message_write_publish(&writer, 99, TEXT_LITERAL("OUT-001/T1"), 5, 17, events, 2);
	assert_understood(&writer, MESSAGE_PUBLISH);
	assert_int_equal(message.session, 99);
	assert_text(message.source, "OUT-001/T1");
	assert_int_equal(message.epoch, 5);
	assert_int_equal(message.first_seq, 17);
	assert_int_equal(message.event_count, 2);
	assert_true(bytes_equal(message.events, events));
	assert_truncations_refused(&writer, 2); /* the second event is torn: for whoever takes it to see */
}

static void test_a_source_epoch_or_sequence_of_zero_is_refused(void **state)
{
	struct writer writer = begin();

	(void)state;
	message_write_publish(&writer, 1, TEXT_LITERAL("t"), 0, 1, bytes_of("\xc0", 1), 1);
	assert_int_equal(message_read(writer_bytes(&writer), &message, reason, sizeof(reason)),
			 ERR_OUT_OF_RANGE);
	writer = begin();
	message_write_publish(&writer, 1, TEXT_LITERAL("t"), 1, 0, bytes_of("\xc0", 1), 1);
	assert_int_equal(message_read(writer_bytes(&writer), &message, reason, sizeof(reason)),
			 ERR_OUT_OF_RANGE);
	writer = begin();
	message_write_publish(&writer, 1, TEXT_LITERAL("t"), 1, 1, bytes_of("\xc0", 1), 1);
	assert_int_equal(message_read(writer_bytes(&writer), &message, reason, sizeof(reason)), ERR_NONE);
}

static void test_ping(void **state)
{
	struct writer writer = begin();

	(void)state;
	message_write_ping(&writer, 3, sources, 2);
	assert_understood(&writer, MESSAGE_PING);
	assert_int_equal(message.session, 3);
	assert_sources(true);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
}

static void test_subscribe(void **state)
{
	const struct text types[] = {{"sale.recorded", 13}, {"sale.voided", 11}}, keys[] = {{"OUT-001", 7}};
	struct writer writer = begin();

	(void)state;
	message_write_subscribe(&writer, 3, 4, types, 2, keys, 1, 1000, 500);
	assert_understood(&writer, MESSAGE_SUBSCRIBE);
	assert_int_equal(message.session, 3);
	assert_int_equal(message.sub, 4);
	assert_int_equal(message.type_count, 2);
	assert_text(message.types[0], "sale.recorded");
	assert_text(message.types[1], "sale.voided");
	assert_int_equal(message.key_count, 1);
	assert_text(message.keys[0], "OUT-001");
	assert_int_equal(message.from_seq, 1000);
	assert_int_equal(message.credit, 500);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
}

static void test_credit_and_unsubscribe(void **state)
{
	struct writer writer = begin();

	(void)state;
	message_write_credit(&writer, 3, 4, 100, 77);
	assert_understood(&writer, MESSAGE_CREDIT);
	assert_int_equal(message.session, 3);
	assert_int_equal(message.sub, 4);
	assert_int_equal(message.credit, 100);
	assert_int_equal(message.durable, 77);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
	writer = begin();
	message_write_unsubscribe(&writer, 3, 4);
	assert_understood(&writer, MESSAGE_UNSUBSCRIBE);
	assert_int_equal(message.session, 3);
	assert_int_equal(message.sub, 4);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
}

static void test_query(void **state)
{
	struct bytes arguments = hex("82 a6 6f75746c6574 a3 53 30 31 a1 6e 05"); /* {"outlet":"S01","n":5} */
	struct writer writer = begin();

	(void)state;
	message_write_query(&writer, 3, 9, TEXT_LITERAL("stock"), arguments, bytes_of("\x00\xff", 2));
	assert_understood(&writer, MESSAGE_QUERY);
	assert_int_equal(message.session, 3);
	assert_int_equal(message.id, 9);
	assert_text(message.what, "stock");
	assert_true(bytes_equal(message.from, bytes_of("\x00\xff", 2)));
	struct reader reader = reader_of(message.arguments);
	assert_int_equal(reader_map(&reader, 8), 3);
	assert_text(reader_text(&reader, 8), "outlet");
	assert_text(reader_text(&reader, 8), "S01");
	assert_text(reader_text(&reader, 8), "n");
	assert_int_equal(reader_int(&reader), 5);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
	writer = begin();
	message_write_query(&writer, 3, 9, TEXT_LITERAL("hash"), bytes_of(NULL, 0), bytes_of(NULL, 0));
	assert_understood(&writer, MESSAGE_QUERY);
	assert_true(bytes_equal(message.arguments, bytes_of("\x80", 1)));
	assert_int_equal(message.from.size, 0);
}

static void test_welcome(void **state)
{
	struct writer writer = begin();

	(void)state;
	message_write_welcome(&writer, TEXT_LITERAL("orders"), 8, 1234, 99, sources, 2, 1772359200000000);
	assert_understood(&writer, MESSAGE_WELCOME);
	assert_int_equal(message.version, MESSAGE_VERSION);
	assert_text(message.service, "orders");
	assert_int_equal(message.epoch, 8);
	assert_int_equal(message.head, 1234);
	assert_int_equal(message.session, 99);
	assert_sources(true);
	assert_int_equal(message.time_us, 1772359200000000);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
}

static void test_ack(void **state)
{
	const struct message_range duplicates = {3, 5};
	struct message_refusal refusal;
	struct writer writer = begin();

	(void)state;
	message_write_ack(&writer, TEXT_LITERAL("t"), 2, 20, &duplicates, 2);
	message_write_refusal(&writer, 7, TEXT_LITERAL("unknown_outlet"), TEXT_LITERAL("no outlet S9"));
	message_write_refusal(&writer, 8, TEXT_LITERAL("closed"), TEXT_LITERAL(""));
	assert_understood(&writer, MESSAGE_ACK);
	assert_text(message.source, "t");
	assert_int_equal(message.epoch, 2);
	assert_int_equal(message.through, 20);
	assert_int_equal(message.range_count, 1);
	assert_int_equal(message.ranges[0].first, 3);
	assert_int_equal(message.ranges[0].last, 5);
	assert_int_equal(message.refusal_count, 2);
	struct reader reader = reader_of(message.refusals);
	message_refusal_next(&reader, &refusal);
	assert_int_equal(refusal.seq, 7);
	assert_text(refusal.code, "unknown_outlet");
	assert_text(refusal.message, "no outlet S9");
	message_refusal_next(&reader, &refusal);
	assert_int_equal(refusal.seq, 8);
	assert_int_equal(reader_finish(&reader), ERR_NONE);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
	writer = begin();
	message_write_ack(&writer, TEXT_LITERAL("t"), 2, 20, NULL, 0);
	assert_understood(&writer, MESSAGE_ACK);
	assert_int_equal(message.range_count, 0);
	assert_int_equal(message.refusal_count, 0);
}

static void test_resend(void **state)
{
	struct writer writer = begin();

	(void)state;
	message_write_resend(&writer, TEXT_LITERAL("t"), 2, 20, TEXT_LITERAL("gap"),
			     TEXT_LITERAL("20 is missing"), 50);
	assert_understood(&writer, MESSAGE_RESEND);
	assert_text(message.source, "t");
	assert_int_equal(message.epoch, 2);
	assert_int_equal(message.seq, 20);
	assert_text(message.code, "gap");
	assert_text(message.text, "20 is missing");
	assert_int_equal(message.after_ms, 50);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
}

static void test_batch_and_head(void **state)
{
	struct writer writer = begin();

	(void)state;
	message_write_batch(&writer, 4, TEXT_LITERAL("orders"), 2, 10, 12, 15, hex("91 0b 91 0c"), 2);
	assert_understood(&writer, MESSAGE_BATCH);
	assert_int_equal(message.sub, 4);
	assert_text(message.source, "orders");
	assert_int_equal(message.epoch, 2);
	assert_int_equal(message.after, 10);
	assert_int_equal(message.through, 12);
	assert_int_equal(message.head, 15);
	assert_int_equal(message.event_count, 2);
	assert_true(bytes_equal(message.events, hex("91 0b 91 0c")));
	writer = begin();
	message_write_batch(&writer, 4, TEXT_LITERAL("orders"), 2, 10, 12, 15, bytes_of(NULL, 0), 0);
	assert_understood(&writer, MESSAGE_BATCH);
	assert_int_equal(message.event_count, 0);
	assert_int_equal(message.events.size, 0);
	assert_truncations_refused(&writer, 0);
	writer = begin();
	message_write_head(&writer, 4, TEXT_LITERAL("orders"), 2, 15, 12);
	assert_understood(&writer, MESSAGE_HEAD);
	assert_int_equal(message.sub, 4);
	assert_text(message.source, "orders");
	assert_int_equal(message.epoch, 2);
	assert_int_equal(message.head, 15);
	assert_int_equal(message.through, 12);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
}

static void test_reply(void **state)
{
	struct writer writer = begin();
	struct bytes rows = hex("81 a1 61 01 81 a1 61 02");

	(void)state;
	message_write_reply(&writer, 9, true, rows, 2, bytes_of("\x01", 1));
	assert_understood(&writer, MESSAGE_REPLY);
	assert_int_equal(message.id, 9);
	assert_true(message.more);
	assert_int_equal(message.row_count, 2);
	assert_true(bytes_equal(message.rows, rows));
	assert_true(bytes_equal(message.from, bytes_of("\x01", 1)));
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
}

static void test_pong_and_error(void **state)
{
	struct writer writer = begin();

	(void)state;
	message_write_pong(&writer, -5, 2, 15);
	assert_understood(&writer, MESSAGE_PONG);
	assert_int_equal(message.time_us, -5);
	assert_int_equal(message.epoch, 2);
	assert_int_equal(message.head, 15);
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
	writer = begin();
	message_write_error(&writer, TEXT_LITERAL("hello_first"), TEXT_LITERAL("say hello"));
	assert_understood(&writer, MESSAGE_ERROR);
	assert_text(message.code, "hello_first");
	assert_text(message.text, "say hello");
	assert_truncations_refused(&writer, 0);
	assert_trailing_refused(&writer);
}

/* Whoever is told of an error knows which of the things that they have said it is about. */
static void test_an_error_names_what_was_said(void **state)
{
	static const struct {
		enum message_kind kind;
		uint64_t number, after_ms;
		enum message_about about;
	} table[] = {
	    {MESSAGE_QUERY, 7, 0, MESSAGE_ABOUT_QUESTION},	  {MESSAGE_QUERY, 0, 250, MESSAGE_ABOUT_QUESTION},
	    {MESSAGE_SUBSCRIBE, 3, 1, MESSAGE_ABOUT_SUBSCRIPTION}, {MESSAGE_SUBSCRIBE, 300, 0, MESSAGE_ABOUT_SUBSCRIPTION},
	    {MESSAGE_PUBLISH, 21, 0, MESSAGE_ABOUT_RUN},	  {MESSAGE_PUBLISH, 1 << 20, 90000, MESSAGE_ABOUT_RUN},
	};
	static struct message said; /* of this test program: large */

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct writer writer = begin();

		said.kind = table[i].kind;
		said.id = said.sub = said.first_seq = table[i].number;
		said.epoch = 5;
		said.source = TEXT_LITERAL("S1/T1");
		message_write_error_about(&writer, TEXT_LITERAL("busy"), TEXT_LITERAL("too much"), &said, table[i].after_ms);
		assert_understood(&writer, MESSAGE_ERROR);
		assert_text(message.code, "busy");
		assert_text(message.text, "too much");
		assert_int_equal(message.about, table[i].about);
		assert_int_equal(message.id, said.kind == MESSAGE_QUERY ? said.id : 0);
		assert_int_equal(message.sub, said.kind == MESSAGE_SUBSCRIBE ? said.sub : 0);
		assert_text(message.source, said.kind == MESSAGE_PUBLISH ? "S1/T1" : "");
		assert_int_equal(message.epoch, said.kind == MESSAGE_PUBLISH ? 5 : 0);
		assert_int_equal(message.seq, said.kind == MESSAGE_PUBLISH ? said.first_seq : 0);
		assert_int_equal(message.after_ms, table[i].after_ms);
		assert_truncations_refused(&writer, 0);
		assert_trailing_refused(&writer);
	}
}

/* What a later door may add is passed over. */
static void test_what_an_error_adds_may_be_unknown(void **state)
{
	(void)state;
	assert_int_equal(message_read(hex("94 a5 6572726f72 a1 63 a1 74 82 a3 6e6577 90 a5 7175657279 09"), &message, reason, sizeof(reason)), ERR_NONE);
	assert_int_equal(message.about, MESSAGE_ABOUT_QUESTION);
	assert_int_equal(message.id, 9);
	assert_int_equal(message_read(hex("94 a5 6572726f72 a1 63 a1 74 80"), &message, reason, sizeof(reason)), ERR_NONE);
	assert_int_equal(message.about, MESSAGE_ABOUT_NOTHING);
}

/* As many as a door takes, and one more: nothing that is said once per item may add up. */
static void test_many_sources(void **state)
{
	static struct message_source many[MESSAGE_SOURCES_MAX + 1];
	struct writer writer = begin();

	(void)state;
	for (uint32_t i = 0; i <= MESSAGE_SOURCES_MAX; i++)
		many[i] = (struct message_source){TEXT_LITERAL("OUT-001/T1"), i + 1, 2 * i};
	message_write_ping(&writer, 3, many, MESSAGE_SOURCES_MAX);
	assert_understood(&writer, MESSAGE_PING);
	assert_int_equal(message.source_count, MESSAGE_SOURCES_MAX);
	for (uint32_t i = 0; i < MESSAGE_SOURCES_MAX; i++) {
		assert_int_equal(message.sources[i].epoch, i + 1);
		assert_int_equal(message.sources[i].seq, 2 * i);
	}
	writer = begin();
	message_write_hello(&writer, TEXT_LITERAL("t"), many, MESSAGE_SOURCES_MAX + 1);
	assert_int_equal(message_read(writer_bytes(&writer), &message, reason, sizeof(reason)), ERR_TOO_MANY);
	assert_int_equal(message.source_count, 0);
}

static void test_many_ranges_and_refusals(void **state)
{
	struct message_refusal refusal;
	struct writer writer = begin();

	(void)state;
	writer_array(&writer, 6);
	writer_text(&writer, TEXT_LITERAL("ack"));
	writer_text(&writer, TEXT_LITERAL("t"));
	writer_uint(&writer, 2);
	writer_uint(&writer, 200);
	writer_array(&writer, 20);
	for (uint32_t i = 0; i < 20; i++) {
		writer_array(&writer, 2);
		writer_uint(&writer, 10 * i);
		writer_uint(&writer, 10 * i + 5);
	}
	writer_array(&writer, 30);
	for (uint32_t i = 0; i < 30; i++)
		message_write_refusal(&writer, i, TEXT_LITERAL("code"), TEXT_LITERAL("why"));
	assert_understood(&writer, MESSAGE_ACK);
	assert_int_equal(message.range_count, 20);
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal(message.ranges[i].first, 10 * i);
		assert_int_equal(message.ranges[i].last, 10 * i + 5);
	}
	struct reader reader = reader_of(message.refusals);
	assert_int_equal(message.refusal_count, 30);
	for (uint32_t i = 0; i < 30; i++) {
		message_refusal_next(&reader, &refusal);
		assert_int_equal(refusal.seq, i);
		assert_text(refusal.message, "why");
	}
	assert_int_equal(reader_finish(&reader), ERR_NONE);
}

/* A text that must be cut is cut between characters. */
static void test_long_texts_are_cut_between_characters(void **state)
{
	struct bytes text = hex_repeat(hex("61"), hex("e4 b8 80"), MESSAGE_TEXT_MAX);
	struct writer writer = begin();

	(void)state;
	message_write_error(&writer, TEXT_LITERAL("malformed"),
			    (struct text){(const char *)text.data, (uint32_t)text.size});
	assert_understood(&writer, MESSAGE_ERROR);
	assert_int_equal(message.text.size, 1 + (MESSAGE_TEXT_MAX - 1) / 3 * 3);
}

static void test_what_is_no_message_is_refused(void **state)
{
	static const struct {
		const char *frame;
		int error;
	} table[] = {
	    {"", ERR_TRUNCATED},
	    {"c0", ERR_WRONG_TYPE},
	    {"80", ERR_WRONG_TYPE},
	    {"90", ERR_TRUNCATED},
	    {"91 01", ERR_WRONG_TYPE},
	    {"91 a5 68656c6c70", ERR_UNKNOWN_TYPE},			   /* "hellp" */
	    {"91 a6 68656c6c6f73", ERR_UNKNOWN_TYPE},			   /* "hellos" */
	    {"91 a0", ERR_UNKNOWN_TYPE},
	    {"91 a5 68656c6c6f", ERR_MISSING_FIELD},			   /* "hello" alone */
	    {"94 a5 6572726f72 a1 63 a1 74 c0", ERR_WRONG_TYPE},	   /* an error about nothing of a map */
	    {"94 a5 6572726f72 a1 63 a1 74 82 a5 7175657279 a0 a1 61 c0", ERR_WRONG_TYPE}, /* about a question without a number */
	    {"95 a5 6572726f72 a1 63 a1 74 80 80", ERR_MISSING_FIELD},	   /* and with one too many */
	    {"95 a5 68656c6c6f 01 a0 90 c0", ERR_WRONG_TYPE},		   /* options that are nothing */
	    {"95 a5 68656c6c6f 01 a0 90 81 a5 746f6b656e 01", ERR_WRONG_TYPE}, /* a token that is a number */
	    {"96 a5 68656c6c6f 01 a0 90 80 c0", ERR_MISSING_FIELD},	   /* and with one too many */
	    {"94 a5 68656c6c6f ff a0 90", ERR_OUT_OF_RANGE},		   /* version -1 */
	    {"94 a5 68656c6c6f 01 a0 91 91 a1 74", ERR_MISSING_FIELD},	   /* a source without its epoch */
	    {"95 a5 68656c6c6f 01 a0 90 82 a1 61 c1 a1 62 c0", ERR_SYNTAX},	   /* an option that is torn */
	    {"94 a5 68656c6c6f 01 a0 91 92 a0 01", ERR_OUT_OF_RANGE},	   /* a source without a name */
	    {"96 a3 61636b a1 74 02 14 92 91 03 92 03 05 90", ERR_MISSING_FIELD}, /* a range without its end */
	    {"94 a5 68656c6c6f 01 a0 dd ff ff ff ff", ERR_TOO_MANY},
	    {"94 a5 68656c6c6f 01 a0 dc 04 01", ERR_TOO_MANY},		   /* 1025 sources */
	    {"96 a7 7075626c697368 01 a1 74 01 01 dd 00 01 00 00 c0", ERR_TRUNCATED},
	    {"96 a7 7075626c697368 01 a1 74 01 01 dd ff ff ff ff c0", ERR_TOO_MANY},
	    {"97 a9 737562736372696265 01 01 91 01 90 00 00", ERR_WRONG_TYPE}, /* a type that is a number */
	    {"95 a5 7175657279 01 01 a1 78 90", ERR_WRONG_TYPE},	   /* arguments that are a list */
	    {"95 a5 7175657279 01 01 a1 78 81 01 01",
	     ERR_WRONG_TYPE},	   /* an argument's name that is a number */
	    {"95 a5 7175657279 01 01 a1 78 81 a1 61 cb 7f f8 00 00 00 00 00 00", ERR_OUT_OF_RANGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		memset(reason, 0, sizeof(reason));
		int error = message_read(hex(table[i].frame), &message, reason, sizeof(reason));

		assert_string_equal(error_name(error), error_name(table[i].error));
		assert_non_null(strstr(reason, error_text(error)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_hello, hex_free),
	    cmocka_unit_test_teardown(test_hello_for_somebody, hex_free),
    cmocka_unit_test_teardown(test_hello_of_a_service, hex_free),
	    cmocka_unit_test_teardown(test_publish, hex_free),
	    cmocka_unit_test_teardown(test_a_source_epoch_or_sequence_of_zero_is_refused, hex_free),
	    cmocka_unit_test_teardown(test_ping, hex_free),
	    cmocka_unit_test_teardown(test_subscribe, hex_free),
	    cmocka_unit_test_teardown(test_credit_and_unsubscribe, hex_free),
	    cmocka_unit_test_teardown(test_query, hex_free),
	    cmocka_unit_test_teardown(test_welcome, hex_free),
	    cmocka_unit_test_teardown(test_ack, hex_free),
	    cmocka_unit_test_teardown(test_resend, hex_free),
	    cmocka_unit_test_teardown(test_batch_and_head, hex_free),
	    cmocka_unit_test_teardown(test_reply, hex_free),
	    cmocka_unit_test_teardown(test_pong_and_error, hex_free),
	    cmocka_unit_test_teardown(test_an_error_names_what_was_said, hex_free),
	    cmocka_unit_test_teardown(test_what_an_error_adds_may_be_unknown, hex_free),
	    cmocka_unit_test_teardown(test_many_sources, hex_free),
	    cmocka_unit_test_teardown(test_many_ranges_and_refusals, hex_free),
	    cmocka_unit_test_teardown(test_long_texts_are_cut_between_characters, hex_free),
	    cmocka_unit_test_teardown(test_what_is_no_message_is_refused, hex_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
