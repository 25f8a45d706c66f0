/*
 * Goal: a door keeps its bounds: sessions, what waits for a turn, memory, a store that cannot be read now; and says so to whom it concerns.
 * Method: a node of the toy service in the simulated network; besides real peers, frames of made-up ones are handed to the door itself,
 * so that no turn comes in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/error.h"
#include "kernel/node_inside.h"
#include "log/log.h"
#include "stand.h"

#define LARGE (1000u << 10)

static size_t refused_size; /* calloc of exactly this many bytes fails once */

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	if (refused_size > 0 && count * size == refused_size) {
		refused_size = 0;
		return NULL;
	}
	return __real_calloc(count, size);
}

static const struct bus_peer *refused_peer; /* whose queue is full for one message */

int __real_bus_send(struct bus_port *port, const struct bus_peer *peer, struct bytes message);
int __wrap_bus_send(struct bus_port *port, const struct bus_peer *peer, struct bytes message);
int __wrap_bus_send(struct bus_port *port, const struct bus_peer *peer, struct bytes message)
{
	if (peer == NULL || refused_peer == NULL || memcmp(peer->id, refused_peer->id, sizeof(peer->id)) != 0)
		return __real_bus_send(port, peer, message);
	refused_peer = NULL;
	return ERR_AGAIN;
}

static struct bus_peer made_up(uint32_t number)
{
	struct bus_peer peer = {.size = 8};

	memcpy(peer.id + 1, &number, sizeof(number));
	return peer;
}

static void hand_hello(struct node *node, const struct bus_peer *peer)
{
	uint8_t frame[64];
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_hello(&writer, TEXT_LITERAL("made up"), NULL, 0);
	door_on_message(node, node->door, peer, writer_bytes(&writer));
}

/* One value of so many bytes that is no event. */
static void hand(struct node *node, const struct bus_peer *peer, const char *source, uint64_t epoch, uint64_t seq, uint32_t size)
{
	uint8_t *frame = malloc(size + 400), *events = malloc(size), *filler = calloc(1, size);
	struct writer writer = writer_of(frame, size + 400);

	assert_non_null(frame);
	assert_non_null(events);
	assert_non_null(filler);
	struct writer event = writer_of(events, size);
	writer_bin(&event, bytes_of(filler, size - 5));
	assert_int_equal(event.used, size);
	message_write_publish(&writer, door_session(node, peer)->id, text_of(source), epoch, seq, writer_bytes(&event), 1);
	assert_int_equal(writer.error, ERR_NONE);
	door_on_message(node, node->door, peer, writer_bytes(&writer));
	free(frame);
	free(events);
	free(filler);
}

static void hand_large(struct node *node, const struct bus_peer *peer, const char *source, uint64_t epoch, uint64_t seq)
{
	hand(node, peer, source, epoch, seq, LARGE);
}

static void hand_query(struct node *node, const struct bus_peer *peer, const char *what, struct bytes arguments)
{
	uint8_t frame[256];
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_query(&writer, door_session(node, peer)->id, 7, text_of(what), arguments, bytes_of(NULL, 0));
	door_on_message(node, node->door, peer, writer_bytes(&writer));
}

static void test_the_session_beyond_the_last_is_told_to_come_later(void **state)
{
	struct stand *stand = *state;
	struct peer *late = stand_peer(stand);
	uint8_t frame[64];
	struct writer writer = writer_of(frame, sizeof(frame));
	struct node_usage usage;

	for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
		struct bus_peer peer = made_up(i);

		hand_hello(stand->node, &peer);
	}
	node_usage(stand->node, &usage);
	assert_int_equal(usage.sessions, SESSIONS_MAX);
	message_write_hello(&writer, TEXT_LITERAL("late"), NULL, 0);
	peer_say(late, writer_bytes(&writer));
	peer_await_error(late, "busy");
	struct bus_peer known = made_up(5); /* one that is there may greet again */
	uint64_t before = door_session(stand->node, &known)->id;
	hand_hello(stand->node, &known);
	assert_true(door_session(stand->node, &known)->id > before);
}

static void test_without_memory_for_a_session_it_is_told_to_come_later(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);
	uint8_t frame[64];
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_hello(&writer, TEXT_LITERAL("peer"), NULL, 0);
	refused_size = sizeof(struct session);
	peer_say(peer, writer_bytes(&writer));
	peer_await_error(peer, "busy");
	peer_hello(peer, "S1/T1", 5);
}

static void test_a_ping_of_an_older_epoch_asks_for_nothing(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	peer_publish(peer, "S1/T1", 5, 1, 2);
	peer_await_ack(peer, 5, 2);
	peer_ping(peer, "S1/T1", 4, 9);
	peer_await(peer, MESSAGE_PONG);
	peer_never(peer, MESSAGE_RESEND, 50);
}

static void test_a_store_that_cannot_be_read_now_answers_no_question(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	store_disk_fail(stand->disk, STORE_FAULT_BEGIN, 0, 1, ERR_AGAIN);
	peer_query(peer, "status", NULL, 0, bytes_of(NULL, 0));
	peer_await_error(peer, "busy");
	store_disk_fail(stand->disk, STORE_FAULT_READ, 0, 1, ERR_STORE_IO);
	peer_query(peer, "status", NULL, 0, bytes_of(NULL, 0));
	peer_await_error(peer, "busy");
	peer_query(peer, "status", NULL, 0, bytes_of(NULL, 0));
	assert_int_equal(peer_await(peer, MESSAGE_REPLY)->row_count, 1);
}

static void test_an_operator_s_words_are_read_with_care(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);
	uint8_t map[64];
	struct writer arguments = writer_of(map, sizeof(map));

	peer_hello(peer, "S1/T1", 5);
	struct bus_peer me = stand->node->sessions->peer;
	writer_map(&arguments, 2);
	writer_text(&arguments, TEXT_LITERAL("colour"));
	writer_text(&arguments, TEXT_LITERAL("blue"));
	writer_text(&arguments, TEXT_LITERAL("number"));
	writer_uint(&arguments, 1);
	hand_query(stand->node, &me, "quarantine.discard", writer_bytes(&arguments));
	peer_await(peer, MESSAGE_REPLY);
	arguments = writer_of(map, sizeof(map));
	writer_map(&arguments, 2); /* names are texts */
	for (uint64_t i = 0; i < 4; i++)
		writer_uint(&arguments, i);
	hand_query(stand->node, &me, "quarantine.discard", writer_bytes(&arguments));
	peer_await_error(peer, "malformed");
}

static void test_an_operator_s_word_without_a_number_does_nothing(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	peer_query(peer, "quarantine.discard", "colour", 3, bytes_of(NULL, 0));
	peer_await_error(peer, "malformed");
}

/* What cannot be noted is not done; where there is a log, whoever it was stands in it. */
static void test_an_operator_s_word_is_noted_or_not_done(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);
	char nowhere[96], file[96], line[400] = "";

	snprintf(nowhere, sizeof(nowhere), "%s/nowhere", stand->folder);
	snprintf(file, sizeof(file), "%s/" AUDIT_FILE, stand->folder);
	peer_hello(peer, "S1/T1", 5);
	stand->node->options.audit_dir = nowhere;
	peer_query(peer, "quarantine.discard", "number", 3, bytes_of(NULL, 0));
	peer_await_error(peer, "not_noted");
	stand->node->options.audit_dir = stand->folder;
	peer_query(peer, "quarantine.discard", "number", 3, bytes_of(NULL, 0));
	peer_await(peer, MESSAGE_REPLY);
	FILE *log = fopen(file, "r");
	assert_non_null(log);
	assert_non_null(fgets(line, sizeof(line), log));
	fclose(log);
	assert_non_null(strstr(line, "quarantine.discard"));
	assert_int_equal(unlink(file), 0);
}

/* Where a source stands cannot be read now: nobody is told to begin again, or to send what is here already. */
static void test_a_store_that_cannot_be_read_now_says_not_where_a_source_stands(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	store_disk_fail(stand->disk, STORE_FAULT_BEGIN, 0, 1, ERR_AGAIN);
	peer_greet(peer, "S1/T1", 5, NULL);
	peer_await_error(peer, "busy");
	peer_hello(peer, "S1/T1", 5);
	store_disk_fail(stand->disk, STORE_FAULT_BEGIN, 0, 1, ERR_AGAIN);
	peer_ping(peer, "S1/T1", 5, 9);
	peer_await(peer, MESSAGE_PONG);
	peer_never(peer, MESSAGE_RESEND, 50);
	peer_ping(peer, "S1/T1", 5, 9);
	peer_await_resend(peer, 5, 1, "gap");
}

/* What waits for its turn is not missing. */
static void test_a_ping_while_something_waits_asks_for_nothing(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);
	struct message_source source = {TEXT_LITERAL("S1/T1"), 5, 1};
	uint8_t frame[96];
	struct writer writer = writer_of(frame, sizeof(frame));

	peer_hello(peer, "S1/T1", 5);
	struct bus_peer me = stand->node->sessions->peer;
	hand_large(stand->node, &me, "S1/T1", 5, 1);
	message_write_ping(&writer, door_session(stand->node, &me)->id, &source, 1);
	door_on_message(stand->node, stand->node->door, &me, writer_bytes(&writer));
	peer_await(peer, MESSAGE_PONG);
	peer_await_ack(peer, 5, 1);
	peer_never(peer, MESSAGE_RESEND, 50);
}

/* Without a registry no key is known; who shows one is not taken for the operator. */
static void test_a_key_is_nobody_where_there_is_no_registry(void **state)
{
	struct stand *stand = *state;
	struct bus_peer keyed = made_up(1), local = made_up(2);

	memset(keyed.key, 'k', BUS_KEY_TEXT);
	hand_hello(stand->node, &keyed);
	assert_null(door_session(stand->node, &keyed));
	hand_hello(stand->node, &local);
	assert_non_null(door_session(stand->node, &local));
}

/* What cannot be read is kept whole, so it may be no larger than what can be kept. */
static void test_events_beyond_what_can_be_kept_are_not_taken(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	struct bus_peer me = stand->node->sessions->peer;
	hand(stand->node, &me, "S1/T1", 5, 1, PUBLISH_BYTES_MAX + 1);
	peer_await_error(peer, "too_large");
	hand(stand->node, &me, "S1/T1", 5, 1, PUBLISH_BYTES_MAX);
	peer_await_ack(peer, 5, 1);
	assert_int_equal(stand->message.refusal_count, 1);
	peer_query(peer, "quarantine", NULL, 0, bytes_of(NULL, 0));
	assert_int_equal(peer_await(peer, MESSAGE_REPLY)->row_count, 1);
	peer_publish(peer, "S1/T1", 5, 2, 1);
	peer_await_ack(peer, 5, 2);
}

/* What waits of one peer is bounded: the rest is told, in its turn, and an operator at once. */
static void test_a_full_lane_is_told_in_its_turn(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);
	uint8_t map[32];
	struct writer arguments = writer_of(map, sizeof(map));

	peer_hello(peer, "S1/T1", 5);
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_await_ack(peer, 5, 1);
	struct bus_peer me = stand->node->sessions->peer;
	for (uint64_t seq = 2; seq <= 7; seq++)
		hand_large(stand->node, &me, "S1/T1", 5, seq);
	hand_large(stand->node, &me, "S1/T1", 6, 1); /* it numbers anew: where that stands is another thing */
	writer_map(&arguments, 1);
	writer_text(&arguments, TEXT_LITERAL("number"));
	writer_uint(&arguments, 1);
	for (unsigned i = 0; i < 500; i++) /* what room is left is for some of them */
		hand_query(stand->node, &me, "quarantine.retry", writer_bytes(&arguments));
	peer_await_error(peer, "busy");
	for (uint64_t seq = 2; seq <= 5; seq++)
		peer_await_ack(peer, 5, seq);
	peer_await_resend(peer, 5, 6, "busy");
	assert_in_range(stand->message.after_ms, 1, 10000);
	peer_await_resend(peer, 6, 1, "busy");
}

/* In a turn that the storage refuses, each is told what concerns it, and an operator that nothing was found. */
static void test_a_turn_that_is_refused_is_refused_to_each(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);
	uint8_t map[32];
	struct writer arguments = writer_of(map, sizeof(map));

	peer_hello(peer, "S1/T1", 5);
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_await_ack(peer, 5, 1);
	struct bus_peer me = stand->node->sessions->peer;
	writer_map(&arguments, 1);
	writer_text(&arguments, TEXT_LITERAL("number"));
	writer_uint(&arguments, 1);
	hand_query(stand->node, &me, "quarantine.retry", writer_bytes(&arguments));
	for (uint64_t seq = 2; seq <= 6; seq++)
		hand_large(stand->node, &me, "S1/T1", 5, seq);
	hand_large(stand->node, &me, "S1/T1", 6, 1);
	store_disk_fail(stand->disk, STORE_FAULT_COMMIT, 0, 1, ERR_STORE_FULL);
	peer_await_resend(peer, 5, 2, "storage_full");
	assert_int_equal(peer_await(peer, MESSAGE_REPLY)->row_count, 1);
}

/* Also the word to send again, where there was no room. */
static void test_a_word_that_waits_in_a_turn_that_is_refused_is_refused(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);
	bool is_told = false;

	peer_hello(peer, "S1/T1", 5);
	struct bus_peer me = stand->node->sessions->peer;
	for (uint64_t seq = 1; seq <= 6; seq++)
		hand_large(stand->node, &me, "S1/T1", 5, seq);
	hand_large(stand->node, &me, "S1/T1", 6, 1);
	store_disk_fail(stand->disk, STORE_FAULT_COMMIT, 0, 1000, ERR_STORE_FULL);
	for (unsigned i = 0; i < 7 && !is_told; i++) {
		const struct message *resend = peer_await(peer, MESSAGE_RESEND);

		is_told = resend->epoch == 6;
		assert_true(text_equal(resend->code, TEXT_LITERAL("storage_full")));
	}
	assert_true(is_told);
}

/* What finds no memory to be told from is told from the store. */
static void test_a_turn_that_leaves_no_copy_is_heard_from_the_store(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	peer_subscribe(peer, 1, NULL, NULL, 1, 100);
	refused_size = sizeof(struct chunk);
	peer_publish(peer, "S1/T1", 5, 1, 2);
	peer_await_ack(peer, 5, 2);
	assert_int_equal(refused_size, 0);
	assert_int_equal(peer_await(peer, MESSAGE_BATCH)->event_count, 2);
}

/* Whose session ends while its answer waits for room is answered nevertheless, and nothing stays behind. */
static void test_an_answer_to_who_has_gone_does_not_stay(void **state)
{
	struct stand *stand = *state;
	struct bus_peer gone = made_up(1);

	hand_hello(stand->node, &gone);
	hand_large(stand->node, &gone, "S1/T1", 5, 1);
	door_close_sessions(stand->node);
	refused_peer = &gone;
	for (unsigned ms = 0; ms < 10000 && refused_peer != NULL; ms++)
		stand_pass(stand, 1);
	assert_null(refused_peer);
	assert_non_null(stand->node->late);
	for (unsigned ms = 0; ms < 10000 && stand->node->late != NULL; ms++)
		stand_pass(stand, 1);
	assert_null(stand->node->late);
	assert_null(stand->node->late_timer);
}

/* More than all lanes together should hold: the door is paused, and opened again when it has been taken. */
static void test_too_much_of_everybody_pauses_the_door_for_a_while(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	for (uint32_t i = 0; i < 8; i++) {
		struct bus_peer other = made_up(i);
		char source[16];

		snprintf(source, sizeof(source), "S9/T%u", i);
		hand_hello(stand->node, &other);
		hand_large(stand->node, &other, source, 5, 1);
		hand_large(stand->node, &other, source, 5, 2);
		hand_large(stand->node, &other, source, 5, 3);
	}
	assert_true(stand->node->paused);
	stand->node->threaded = true; /* a thread that is not done with much of it */
	stand_pass(stand, 20);
	assert_true(stand->node->paused);
	stand->node->threaded = false;
	struct bus_peer first = made_up(0);
	hand_large(stand->node, &first, "S9/T0", 5, 4); /* which wakes it */
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_await_ack(peer, 5, 1);
	assert_false(stand->node->paused);
}

/* After its disk has failed a service that is about to stop takes nothing more. */
static void test_after_the_disk_has_failed_nothing_is_taken(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	store_disk_fail(stand->disk, STORE_FAULT_COMMIT, 0, 1, ERR_STORE_IO);
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_never(peer, MESSAGE_ACK, 100);
	assert_int_equal(stand->fatal, ERR_STORE_IO);
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_never(peer, MESSAGE_ACK, 100);
	peer_never(peer, MESSAGE_RESEND, 10);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    STAND_SIMULATED(test_the_session_beyond_the_last_is_told_to_come_later),
	    STAND_SIMULATED(test_without_memory_for_a_session_it_is_told_to_come_later),
	    STAND_SIMULATED(test_a_ping_of_an_older_epoch_asks_for_nothing),
	    STAND_SIMULATED(test_a_store_that_cannot_be_read_now_answers_no_question),
	    STAND_SIMULATED(test_an_operator_s_words_are_read_with_care),
	    STAND_SIMULATED(test_an_operator_s_word_without_a_number_does_nothing),
	    STAND_SIMULATED(test_an_operator_s_word_is_noted_or_not_done),
	    STAND_SIMULATED(test_a_store_that_cannot_be_read_now_says_not_where_a_source_stands),
	    STAND_SIMULATED(test_a_ping_while_something_waits_asks_for_nothing),
	    STAND_SIMULATED(test_a_key_is_nobody_where_there_is_no_registry),
	    STAND_SIMULATED(test_events_beyond_what_can_be_kept_are_not_taken),
	    STAND_SIMULATED(test_a_full_lane_is_told_in_its_turn),
	    STAND_SIMULATED(test_a_turn_that_is_refused_is_refused_to_each),
	    STAND_SIMULATED(test_a_word_that_waits_in_a_turn_that_is_refused_is_refused),
	    STAND_SIMULATED(test_a_turn_that_leaves_no_copy_is_heard_from_the_store),
	    STAND_SIMULATED(test_an_answer_to_who_has_gone_does_not_stay),
	    STAND_SIMULATED(test_too_much_of_everybody_pauses_the_door_for_a_while),
	    STAND_SIMULATED(test_after_the_disk_has_failed_nothing_is_taken),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
