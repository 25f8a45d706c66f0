/*
 * Goal: what is told to whoever watches is what happened, and only what was committed. Method: scripted
 * peers at a node of the toy service and at one that follows it; each figure is compared with what the
 * script did, over sockets and simulated; commits fail on request.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "kernel/metrics.h"
#include "kernel/node_inside.h"
#include "kernel/query.h"
#include "log/log.h"
#include "stand.h"

#define ROWS_MAX 400

/* One row of the answer. */
struct figure {
	struct text service, name, kind, part, label, label_value, unit, help;
	int64_t value, decimals;
};

static void read_row(struct reader *reader, struct figure *figure)
{
	struct {
		const char *key;
		struct text *text;
		int64_t *number;
	} fields[] = {{"service", &figure->service, NULL},         {"name", &figure->name, NULL},
	              {"kind", &figure->kind, NULL},               {"part", &figure->part, NULL},
	              {"label", &figure->label, NULL},             {"label_value", &figure->label_value, NULL},
	              {"unit", &figure->unit, NULL},               {"help", &figure->help, NULL},
	              {"value", NULL, &figure->value},             {"decimals", NULL, &figure->decimals}};
	uint32_t pairs = reader_map(reader, 64);

	assert_int_equal(pairs, sizeof(fields) / sizeof(fields[0]));
	for (; pairs > 0; pairs--) {
		struct text key = reader_text(reader, 64);
		size_t at = 0;

		while (at < sizeof(fields) / sizeof(fields[0]) && !text_equal(key, text_of(fields[at].key)))
			at++;
		assert_true(at < sizeof(fields) / sizeof(fields[0]));
		if (fields[at].text != NULL)
			*fields[at].text = reader_text(reader, 400);
		else
			*fields[at].number = reader_int(reader);
	}
	reader_leave(reader);
	assert_int_equal(reader->error, ERR_NONE);
}

/* All that is told now; lent until the peer awaits something else. */
static uint32_t ask(struct peer *peer, struct figure figures[ROWS_MAX])
{
	peer_query(peer, "metrics", NULL, 0, bytes_of(NULL, 0));
	const struct message *reply = peer_await(peer, MESSAGE_REPLY);
	struct reader reader = reader_of(reply->rows);

	assert_false(reply->more);
	assert_in_range(reply->row_count, 1, ROWS_MAX);
	for (uint32_t i = 0; i < reply->row_count; i++)
		read_row(&reader, &figures[i]);
	return reply->row_count;
}

/* The value of a figure; -1: it is not told. */
static int64_t value_of(struct peer *peer, const char *name, const char *part, const char *label_value)
{
	static struct figure figures[ROWS_MAX];
	uint32_t count = ask(peer, figures);

	for (uint32_t i = 0; i < count; i++)
		if (text_equal(figures[i].name, text_of(name)) && text_equal(figures[i].part, text_of(part)) &&
		    text_equal(figures[i].label_value, text_of(label_value)))
			return figures[i].value;
	return -1;
}

static void assert_value(struct peer *peer, const char *name, const char *label_value, int64_t wanted)
{
	int64_t value = value_of(peer, name, "", label_value);

	if (value != wanted)
		fail_msg("%s{%s} is %lld, wanted %lld", name, label_value, (long long)value, (long long)wanted);
}

static void test_every_figure_has_a_name_a_kind_a_sentence_and_one_place(void **state)
{
	struct peer *peer = stand_peer(*state);
	static struct figure figures[ROWS_MAX];

	peer_hello(peer, "S1/T1", 5);
	peer_publish(peer, "S1/T1", 5, 1, 3);
	peer_await_ack(peer, 5, 3);
	uint32_t count = ask(peer, figures);
	assert_true(count > 40);
	for (uint32_t i = 0; i < count; i++) {
		const struct figure *f = &figures[i];
		bool counts = text_equal(f->kind, TEXT_LITERAL("counter"));

		assert_true(text_equal(f->service, TEXT_LITERAL("orders")));
		assert_true(f->name.size > 0 && f->help.size > 10);
		assert_true(counts || text_equal(f->kind, TEXT_LITERAL("gauge")) ||
		            text_equal(f->kind, TEXT_LITERAL("histogram")));
		assert_int_equal(f->label.size == 0, f->label_value.size == 0);
		if (counts && !text_equal(f->name, TEXT_LITERAL("toy_ticks")))
			assert_memory_equal(f->name.data + f->name.size - 6, "_total", 6);
		for (uint32_t j = 0; j < i; j++)
			assert_false(text_equal(f->name, figures[j].name) && text_equal(f->part, figures[j].part) &&
			             text_equal(f->label_value, figures[j].label_value));
	}
}

/* A collector that never saw the 0 does not see the first of them happen. */
static void test_what_is_known_to_come_begins_at_zero(void **state)
{
	struct peer *peer = stand_peer(*state);

	peer_hello(peer, NULL, 0);
	assert_value(peer, "inputs_total", "gap", 0);
	assert_value(peer, "heard_total", "ticket.sold", 0);
	assert_value(peer, "said_total", "sale.recorded", 0);
	assert_value(peer, "said_total", "shipment.delayed", -1); /* another service says that */
}

static void test_what_came_in_and_went_out_is_counted(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	peer_publish(peer, "S1/T1", 5, 1, 5);
	peer_await_ack(peer, 5, 5);
	peer_publish(peer, "S1/T1", 5, 4, 3); /* two of them again */
	peer_await_ack(peer, 5, 6);
	peer_publish(peer, "S1/T1", 5, 9, 1);
	peer_await_resend(peer, 5, 7, "gap");
	peer_publish_receipt(peer, "S1/T1", 5, 7, "S1", "refuse");
	peer_await_ack(peer, 5, 7);
	peer_publish(peer, "S1/T1", 4, 1, 1);
	peer_await_resend(peer, 5, 0, "epoch_fenced");
	peer_query(peer, "weather", NULL, 0, bytes_of(NULL, 0));
	peer_await_error(peer, "unknown_query");
	assert_value(peer, "inputs_total", "new", 7);
	assert_value(peer, "inputs_total", "duplicate", 2);
	assert_value(peer, "inputs_total", "gap", 1);
	assert_value(peer, "inputs_total", "fenced", 1);
	assert_value(peer, "heard_total", "ticket.sold", 7);
	assert_value(peer, "said_total", "sale.recorded", 6);
	assert_value(peer, "door_refusals_total", "unknown_query", 1);
	assert_value(peer, "sessions", "", 1);
	assert_value(peer, "journal_head", "", (int64_t)engine_meta(node_engine(stand->node))->head);
	assert_value(peer, "intake_head", "", 7);
	assert_value(peer, "up", "", 1);
	assert_value(peer, "refused_total", "unwanted", 1);
}

static void test_the_quarantine_is_counted_along_and_after_a_restart(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);
	uint8_t frame[300];
	static const uint8_t torn[] = {0xc1, 0xff, 0x01};

	peer_hello(peer, "S1/T1", 5);
	assert_value(peer, "quarantine_events", "", 0);
	for (uint64_t seq = 1; seq <= 3; seq++) {
		struct writer writer = writer_of(frame, sizeof(frame));

		message_write_publish(&writer, peer->session, TEXT_LITERAL("S1/T1"), 5, seq,
		                      bytes_of(torn, sizeof(torn)), 1);
		peer_say(peer, writer_bytes(&writer));
		peer_await_ack(peer, 5, seq);
	}
	assert_value(peer, "quarantine_events", "", 3);
	assert_value(peer, "inputs_total", "quarantined", 3);
	peer_query(peer, "quarantine.retry", "number", 1, bytes_of(NULL, 0)); /* it stays */
	peer_await(peer, MESSAGE_REPLY);
	assert_value(peer, "quarantine_events", "", 3);
	peer_query(peer, "quarantine.discard", "number", 2, bytes_of(NULL, 0));
	peer_await(peer, MESSAGE_REPLY);
	assert_value(peer, "quarantine_events", "", 2);
	stand_node_leaves(stand);
	stand_node_returns(stand);
	peer_hello(peer, "S1/T1", 5);
	assert_value(peer, "quarantine_events", "", 2);
	assert_value(peer, "inputs_total", "quarantined", 0); /* counters begin with the process */
}

static void test_what_was_not_committed_is_not_counted(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	assert_value(peer, "storage_full", "", 0);
	store_disk_fail(stand->disk, STORE_FAULT_COMMIT, 0, 1, ERR_STORE_FULL);
	peer_publish(peer, "S1/T1", 5, 1, 2);
	peer_await_resend(peer, 5, 1, "storage_full");
	assert_value(peer, "storage_full", "", 1);
	assert_value(peer, "storage_refusals_total", "", 1);
	assert_value(peer, "said_total", "sale.recorded", 0);
	assert_value(peer, "inputs_total", "new", 0);
	peer_publish(peer, "S1/T1", 5, 1, 2);
	peer_await_ack(peer, 5, 2);
	assert_value(peer, "storage_full", "", 0);
	assert_value(peer, "storage_refusals_total", "", 1);
	assert_value(peer, "said_total", "sale.recorded", 2);
	assert_value(peer, "inputs_total", "new", 2);
}

/* Buckets never fall, the last holds every commit, and there is no commit that is not in it. */
static void test_every_commit_is_in_the_histogram(void **state)
{
	struct peer *peer = stand_peer(*state);
	static struct figure figures[ROWS_MAX];
	int64_t below = 0, count = -1, sum = -1, all = -1;
	unsigned buckets = 0;

	peer_hello(peer, "S1/T1", 5);
	for (uint64_t seq = 1; seq <= 20; seq++) {
		peer_publish(peer, "S1/T1", 5, seq, 1);
		peer_await_ack(peer, 5, seq);
	}
	uint32_t rows = ask(peer, figures);
	for (uint32_t i = 0; i < rows; i++) {
		const struct figure *f = &figures[i];

		if (text_equal(f->name, TEXT_LITERAL("commits_total")))
			all = f->value;
		if (!text_equal(f->name, TEXT_LITERAL("commit_seconds")))
			continue;
		if (text_equal(f->part, TEXT_LITERAL("_bucket"))) {
			assert_true(f->value >= below);
			below = f->value;
			buckets++;
		} else if (text_equal(f->part, TEXT_LITERAL("_count"))) {
			count = f->value;
		} else {
			assert_int_equal(f->decimals, 6);
			sum = f->value;
		}
	}
	assert_int_equal(buckets, STORE_SPANS + 1);
	assert_in_range(all, 20, 22); /* the store's making is a commit, and an idle tick may be */
	assert_int_equal(below, all);
	assert_int_equal(count, all);
	assert_true(sum >= 0);
}

struct echo {
	struct bus *bus;
	struct node *node;
	struct store_disk *disk;
};

static void echo_end(void *context)
{
	struct echo *echo = context;

	node_close(&echo->node);
	bus_close(&echo->bus);
	store_disk_close(&echo->disk);
}

static void echo_begin(struct stand *stand, struct echo *echo)
{
	const char *upstreams[] = {stand->endpoint};
	struct node_options options = {.engine = {.path = "echo", .memory = true, .now_us = STAND_START_US},
	                               .endpoint = "ipc:///tmp/kernel-test-echo",
	                               .upstreams = upstreams,
	                               .turn_events_max = 1000,
	                               .turn_bytes_max = 1 << 20,
	                               .inline_turns = true};

	*echo = (struct echo){.disk = store_disk_open()};
	options.engine.disk = echo->disk;
	stand->guest = echo;
	stand->guest_leaves = echo_end;
	assert_int_equal(bus_open(&echo->bus, stand->network), ERR_NONE);
	assert_int_equal(node_open(&echo->node, &toy_echo, echo->bus, &options), ERR_NONE);
}

static int64_t echo_value(struct echo *echo, const char *wanted)
{
	static uint8_t buffer[QUERY_PAGE_BYTES];
	struct page page;

	assert_int_equal(query_run(node_engine(echo->node), TEXT_LITERAL("metrics"), bytes_of(NULL, 0),
	                           bytes_of(NULL, 0), buffer, &page),
	                 ERR_NONE);
	struct reader reader = reader_of(page.rows);
	for (uint32_t i = 0; i < page.row_count; i++) {
		struct figure figure;

		read_row(&reader, &figure);
		if (text_equal(figure.name, text_of(wanted)) && text_equal(figure.label_value, TEXT_LITERAL("orders")))
			return figure.value;
	}
	return -1;
}

/* While the follower cannot commit it falls behind by what its source says; then it comes up again. */
static void test_the_lag_of_a_follower_is_what_it_has_not_taken(void **state)
{
	struct stand *stand = *state;
	struct peer *till = stand_peer(stand);
	static struct echo echo;

	echo_begin(stand, &echo);
	assert_int_equal(echo_value(&echo, "link_live"), 0);
	peer_hello(till, "S1/T1", 5);
	peer_publish(till, "S1/T1", 5, 1, 10);
	stand_pass(stand, 1500);
	assert_int_equal(echo_value(&echo, "link_live"), 1);
	assert_int_equal(echo_value(&echo, "lag_events"), 0);
	store_disk_fail(echo.disk, STORE_FAULT_COMMIT, 0, 1000000, ERR_STORE_FULL);
	peer_publish(till, "S1/T1", 5, 11, 7);
	stand_pass(stand, 1500);
	assert_int_equal(echo_value(&echo, "lag_events"), 7);
	store_disk_fail(echo.disk, STORE_FAULT_COMMIT, 0, 0, ERR_NONE);
	stand_pass(stand, 5000);
	assert_int_equal(echo_value(&echo, "lag_events"), 0);
	echo.node->follows[0].heard_us -= 6 * US_PER_SECOND; /* as after a loop that stood still: not yet greeted again */
	assert_int_equal(echo_value(&echo, "link_live"), 0);
	bus_network_cut(stand->network, stand->bus, echo.bus, true);
	stand_pass(stand, 8000);
	assert_int_equal(echo_value(&echo, "link_live"), 0);
	bus_network_cut(stand->network, stand->bus, echo.bus, false);
	echo_end(&echo);
}

/* Of what it has not begun with, all is ahead. */
static void test_the_lag_of_a_follower_that_has_taken_nothing_is_all(void **state)
{
	struct stand *stand = *state;
	struct peer *till = stand_peer(stand);
	static struct echo echo;

	echo_begin(stand, &echo);
	store_disk_fail(echo.disk, STORE_FAULT_COMMIT, 0, 1000000, ERR_STORE_FULL);
	peer_hello(till, "S1/T1", 5);
	peer_publish(till, "S1/T1", 5, 1, 10);
	stand_pass(stand, 1500);
	assert_int_equal(echo_value(&echo, "lag_events"), (int64_t)engine_meta(node_engine(stand->node))->head);
	store_disk_fail(echo.disk, STORE_FAULT_COMMIT, 0, 0, ERR_NONE);
	stand_pass(stand, 5000);
	assert_int_equal(echo_value(&echo, "lag_events"), 0);
	echo_end(&echo);
}

static void test_more_labels_than_there_is_room_for_are_counted_together(void **state)
{
	static struct tally tally;
	static char labels[2 * TALLY_MAX][8];

	(void)state;
	for (unsigned i = 0; i < 2 * TALLY_MAX; i++) {
		snprintf(labels[i], sizeof(labels[i]), "l%u", i);
		tally_add(&tally, labels[i], 1);
		tally_turn(&tally, labels[i], 10);
	}
	tally_turn(&tally, "l3", 5); /* another text that says the same */
	tally_keep(&tally);
	tally_turn(&tally, labels[0], 1000);
	tally_undo(&tally);
	assert_string_equal(tally.labels[TALLY_MAX - 1], "other");
	assert_int_equal(tally.counts[TALLY_MAX - 1], 11 * (TALLY_MAX + 1));
	assert_int_equal(tally.counts[0], 11);
	assert_int_equal(tally.counts[3], 16);
}

/* An argument is a pattern: only the tests of such names run. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    STAND_BOTH(test_every_figure_has_a_name_a_kind_a_sentence_and_one_place),
	    STAND_SIMULATED(test_what_is_known_to_come_begins_at_zero),
	    STAND_BOTH(test_what_came_in_and_went_out_is_counted),
	    STAND_SIMULATED(test_the_quarantine_is_counted_along_and_after_a_restart),
	    STAND_SIMULATED(test_what_was_not_committed_is_not_counted),
	    STAND_BOTH(test_every_commit_is_in_the_histogram),
	    STAND_SIMULATED(test_the_lag_of_a_follower_is_what_it_has_not_taken),
	    STAND_SIMULATED(test_the_lag_of_a_follower_that_has_taken_nothing_is_all),
	    cmocka_unit_test(test_more_labels_than_there_is_room_for_are_counted_together),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
