/*
 * test_node_guard.c -- a door and its guard: who is let in, what of a feed, a view and an answer is theirs, and what becomes of somebody who
 * is revoked. Over sockets and simulated; keys of connections simulated, the real ones are tests/unit/bus/test_bus_keys.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "kernel/node_inside.h"
#include "kernel/query.h"
#include "log/log.h"
#include "../guard/shop.h"
#include "stand.h"

static char till[GUARD_TOKEN_TEXT + 1], dealer[GUARD_TOKEN_TEXT + 1], gateway_key[GUARD_KEY_TEXT + 1], till_key[GUARD_KEY_TEXT + 1];

/* The stand with a guard: a till and a dealer of S1, a dealer of S2, a gateway. */
static void guard_it(struct stand *stand, const struct guard_quota *quota)
{
	assert_int_equal(shop_open(NULL), 0);
	shop_enrol(GUARD_TERMINAL, "S1/T1", "S1", till_key, till);
	shop_enrol(GUARD_DEALER, "D1", "S1", NULL, dealer);
	shop_enrol(GUARD_DEALER, "D2", "S2", NULL, NULL);
	shop_enrol(GUARD_GATEWAY, "web", NULL, gateway_key, NULL);
	stand_node_leaves(stand);
	assert_int_equal(guard_open(&stand->guard, shop_folder, quota), ERR_NONE);
	stand_node_returns(stand);
}

static int guard_end(void **state)
{
	struct stand *stand = *state;
	struct guard *guard = stand->guard;
	int ended = stand_end(state);

	guard_close(&guard);
	return ended != 0 ? ended : shop_close(NULL);
}

/* Sales of two outlets, by the operator. */
static void sell(struct stand *stand)
{
	struct peer *operator= stand_peer(stand);

	peer_hello(operator, "S1/T1", 1);
	peer_publish_receipt(operator, "S1/T1", 1, 1, "S1", "ours-1");
	peer_await_ack(operator, 1, 1);
	peer_publish_receipt(operator, "S2/T1", 1, 1, "S2", "canary");
	peer_await_ack(operator, 1, 1);
	peer_publish_receipt(operator, "S1/T1", 1, 2, "S1", "ours-2");
	peer_await_ack(operator, 1, 2);
}

static void test_a_token_speaks_for_its_owner(void **state)
{
	struct stand *stand = *state;

	guard_it(stand, NULL);
	struct peer *peer = stand_peer(stand);
	peer_hello_for(peer, "S1/T1", 5, till);
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_await_ack(peer, 5, 1);
	peer_publish_receipt(peer, "S1/T1", 5, 2, "S2", "other outlet");
	peer_await_error(peer, "forbidden");
	peer_publish_receipt(peer, "S1/T2", 5, 1, "S1", "other till");
	peer_await_error(peer, "forbidden");
	peer_publish_receipt(peer, "S1/T1", 5, 2, "S1", "own");
	peer_await_ack(peer, 5, 2); /* nothing of the others was taken */
	peer_query(peer, "quarantine.discard", "number", 1, bytes_of(NULL, 0));
	peer_await_error(peer, "forbidden");
}

static void test_a_wrong_token_opens_nothing(void **state)
{
	struct stand *stand = *state;

	guard_it(stand, NULL);
	struct peer *peer = stand_peer(stand);
	peer_greet(peer, NULL, 0, "tk_0000000000000000000000000000000000000000000");
	peer_await_error(peer, "forbidden");
	peer_greet(peer, "S2/T1", 5, till); /* somebody else's numbering is not told either */
	peer_await_error(peer, "forbidden");
	peer_never(peer, MESSAGE_WELCOME, 50);
}

static void test_a_dealer_hears_its_own(void **state)
{
	struct stand *stand = *state;

	guard_it(stand, NULL);
	sell(stand);
	struct peer *peer = stand_peer(stand);
	peer_hello_for(peer, NULL, 0, dealer);
	peer_subscribe(peer, 1, NULL, NULL, 1, 100);
	uint64_t through = 0;
	unsigned events = 0;
	while (through < 3) {
		const struct message *batch = peer_await(peer, MESSAGE_BATCH);

		assert_int_equal(batch->after, through);
		assert_null(memmem(batch->events.data, batch->events.size, "canary", 6));
		through = batch->through;
		events += batch->event_count;
	}
	assert_int_equal(events, 2); /* and the hole between them is said to be whole */
	peer_subscribe(peer, 2, "kpi.updated", NULL, 1, 100);
	const struct message *view = peer_await(peer, MESSAGE_BATCH);
	assert_int_equal(view->sub, 2);
	assert_int_equal(view->event_count, 1);
	assert_null(memmem(view->events.data, view->events.size, "S2", 2));
	peer_query(peer, "status", NULL, 0, bytes_of(NULL, 0));
	peer_await_error(peer, "forbidden");
	peer_publish_receipt(peer, "S1/T1", 1, 3, "S1", "said for another");
	peer_await_error(peer, "forbidden");
}

static void test_who_is_revoked_is_sent_away(void **state)
{
	struct stand *stand = *state;

	guard_it(stand, NULL);
	struct peer *silent = stand_peer(stand), *other = stand_peer(stand);
	peer_hello_for(silent, NULL, 0, dealer);
	peer_hello_for(other, "S1/T1", 5, till);
	shop_revoke("D1");
	peer_await_error(silent, "forbidden"); /* without a word of its own */
	peer_ping(silent, "S1/T1", 1, 0);
	peer_await_error(silent, "hello_first");
	peer_greet(silent, NULL, 0, dealer);
	peer_await_error(silent, "forbidden");
	peer_publish(other, "S1/T1", 5, 1, 1); /* the others stay, though the registry is another one */
	peer_await_ack(other, 5, 1);
}

/* Between the reading of the registry and the look at every session somebody speaks: they are nobody already. */
static void test_who_is_revoked_is_heard_no_more(void **state)
{
	struct stand *stand = *state;

	guard_it(stand, NULL);
	struct peer *peer = stand_peer(stand);
	peer_hello_for(peer, "S1/T1", 5, till);
	shop_revoke("S1/T1");
	assert_true(guard_refresh(stand->guard)); /* so that the node's own finds nothing new, and looks at no session */
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_await_error(peer, "forbidden");
	peer_ping(peer, "S1/T1", 5, 1);
	peer_await_error(peer, "hello_first");
}

/* Where somebody else stands is not told, nor asked of who has nothing to do with it. */
static void test_a_ping_about_somebody_else_is_only_answered(void **state)
{
	struct stand *stand = *state;

	guard_it(stand, NULL);
	struct peer *peer = stand_peer(stand);
	peer_hello_for(peer, "S1/T1", 5, till);
	peer_ping(peer, "S2/T1", 5, 9);
	peer_await(peer, MESSAGE_PONG);
	peer_never(peer, MESSAGE_RESEND, 50);
	peer_ping(peer, "S1/T1", 5, 9);
	peer_await_resend(peer, 5, 1, "gap");
}

static void answer_shops(struct query *query)
{
	unsigned first = query_from(query).size > 0 ? 2 : 0;

	for (unsigned i = first; i < 4; i++) {
		if (i == first + 2 || !query_row(query)) {
			query_more(query, bytes_of("canary", 6));
			return;
		}
		query_text(query, "outlet", i % 2 == 0 ? TEXT_LITERAL("S1") : TEXT_LITERAL("S2"));
	}
}

/* A service that answers `shops`. */
static void with_shops(struct stand *stand)
{
	static const struct query_handler shops = {.name = "shops", .outlet = "outlet", .answer = answer_shops, .sentence = "outlets"};
	static struct service service;

	service = toy;
	service.queries = &shops;
	service.query_count = 1;
	stand->service = &service;
}

/* Where the next page begins may be somebody else's row: they carry it without knowing it, and can make up none. */
static void test_the_place_of_a_next_page_is_sealed(void **state)
{
	struct stand *stand = *state;
	uint8_t from[1024] = {0};

	with_shops(stand);
	guard_it(stand, NULL);
	struct peer *peer = stand_peer(stand), *operator= stand_peer(stand);
	peer_hello_for(peer, NULL, 0, dealer);
	peer_query(peer, "shops", NULL, 0, bytes_of(NULL, 0));
	const struct message *page = peer_await(peer, MESSAGE_REPLY);
	assert_int_equal(page->row_count, 1);
	assert_null(memmem(page->from.data, page->from.size, "canary", 6));
	assert_int_equal(page->from.size, 6 + GUARD_SEAL_BYTES);
	memcpy(from, page->from.data, page->from.size);
	peer_query(peer, "shops", NULL, 0, bytes_of(from, 6 + GUARD_SEAL_BYTES));
	page = peer_await(peer, MESSAGE_REPLY);
	assert_int_equal(page->row_count, 1);
	assert_false(page->more);
	from[7] ^= 1;
	peer_query(peer, "shops", NULL, 0, bytes_of(from, 6 + GUARD_SEAL_BYTES));
	peer_await_error(peer, "malformed");
	peer_query(peer, "shops", NULL, 0, bytes_of(from, sizeof(from)));
	peer_await_error(peer, "malformed");
	peer_hello(operator, NULL, 0); /* who sees all sees that as well */
	peer_query(operator, "shops", NULL, 0, bytes_of(NULL, 0));
	page = peer_await(operator, MESSAGE_REPLY);
	assert_int_equal(page->row_count, 2);
	assert_int_equal(page->from.size, 6);
	peer_query(operator, "shops", NULL, 0, bytes_of("canary", 6));
	assert_int_equal(peer_await(operator, MESSAGE_REPLY)->row_count, 2);
}

static void test_a_registry_that_cannot_be_read_lets_nobody_in(void **state)
{
	struct stand *stand = *state;

	guard_it(stand, NULL);
	struct peer *peer = stand_peer(stand), *operator= stand_peer(stand);
	peer_hello_for(peer, NULL, 0, dealer);
	shop_write("registry.yaml", "generation: 9\nprincipals: [");
	peer_await_error(peer, "busy");
	peer_greet(peer, NULL, 0, dealer);
	peer_await_error(peer, "busy");
	peer_hello(operator, NULL, 0);
}

static void test_a_quota_is_told_with_the_time_to_wait(void **state)
{
	static const struct guard_quota quota = {.events_per_second = 10, .events_burst = 20};
	struct stand *stand = *state;

	guard_it(stand, &quota);
	struct peer *peer = stand_peer(stand);
	peer_hello_for(peer, "S1/T1", 5, till);
	peer_publish(peer, "S1/T1", 5, 1, 20);
	peer_publish(peer, "S1/T1", 5, 21, 10);
	peer_await_ack(peer, 5, 20);
	peer_await_resend(peer, 5, 21, "quota");
	assert_in_range(stand->message.after_ms, 1, 1001);
	assert_non_null(memmem(stand->message.text.data, stand->message.text.size, "10 events a second and 20 at once", 33));
	stand_pass(stand, (unsigned)stand->message.after_ms + 20);
	peer_publish(peer, "S1/T1", 5, 21, 10);
	peer_await_ack(peer, 5, 30);
}

static void ask_shops(struct peer *peer)
{
	peer_query(peer, "shops", NULL, 0, bytes_of(NULL, 0));
	assert_true(peer_await(peer, MESSAGE_REPLY)->row_count > 0);
}

/* What a key has said and is not taken yet has a bound of its own, which is told; the operator's is everybody's. */
static void test_what_waits_of_a_key_is_bounded(void **state)
{
	static const struct guard_quota quota = {.in_flight_kib = 1};
	struct stand *stand = *state;
	uint8_t frame[1024], event[512];

	guard_it(stand, &quota);
	struct peer *peer = stand_peer(stand), *operator = NULL;
	peer_hello_for(peer, "S1/T1", 5, till);
	struct bus_peer me = stand->node->sessions->peer;
	for (uint64_t seq = 1; seq <= 8; seq++) { /* before a turn can take the first */
		struct writer writer = writer_of(frame, sizeof(frame));
		size_t size = toy_sale(event, sizeof(event), "S1/T1", seq, "S1", "R", 1000, stand_now_us(stand));

		message_write_publish(&writer, door_session(stand->node, &me)->id, TEXT_LITERAL("S1/T1"), 5, seq, bytes_of(event, size), 1);
		door_on_message(stand->node, stand->node->door, &me, writer_bytes(&writer));
	}
	const struct message *told = peer_await(peer, MESSAGE_RESEND);
	assert_true(text_equal(told->code, TEXT_LITERAL("busy")));
	assert_non_null(memmem(told->text.data, told->text.size, "at most 1 KiB may", 17));
	uint64_t next = told->seq;
	assert_in_range(next, 2, 8);
	peer_forget(peer); /* that those before it were taken */
	peer_publish(peer, "S1/T1", 5, next, 9 - (unsigned)next);
	peer_await_ack(peer, 5, 8);
	operator = stand_peer(stand);
	peer_hello(operator, "S2/T1", 5);
	peer_publish(operator, "S2/T1", 5, 1, 100);
	peer_await_ack(operator, 5, 100);
}

/* Each refusal names the question or the subscription that it is about, and when it may be said again. */
static void test_questions_have_a_quota_too(void **state)
{
	static const struct guard_quota quota = {.questions_per_second = 2, .questions_burst = 4};
	struct stand *stand = *state;

	with_shops(stand);
	guard_it(stand, &quota);
	struct peer *peer = stand_peer(stand), *operator = stand_peer(stand);
	peer_hello_for(peer, "S1/T1", 5, till);
	for (unsigned i = 0; i < 4; i++)
		ask_shops(peer);
	peer_query(peer, "shops", NULL, 0, bytes_of(NULL, 0));
	peer_await_error(peer, "quota");
	assert_int_equal(stand->message.about, MESSAGE_ABOUT_QUESTION);
	assert_in_range(stand->message.after_ms, 1, 501);
	assert_non_null(memmem(stand->message.text.data, stand->message.text.size, "2 a second and 4 at once", 24));
	peer_subscribe(peer, 9, NULL, NULL, 1, 10);
	peer_await_error(peer, "quota");
	assert_int_equal(stand->message.about, MESSAGE_ABOUT_SUBSCRIPTION);
	assert_int_equal(stand->message.sub, 9);
	peer_publish(peer, "S1/T1", 5, 1, 1); /* what is asked takes nothing from what is said */
	peer_await_ack(peer, 5, 1);
	stand_pass(stand, 600);
	ask_shops(peer);
	peer_hello(operator, NULL, 0);
	for (unsigned i = 0; i < 20; i++)
		ask_shops(operator);
}

/* ---- keys of connections, simulated ---- */

static struct bus_keypair keys_of(const char *name)
{
	struct registry_keypair pair;
	struct bus_keypair keys;
	char path[4200];

	registry_key_path(shop_folder, name, path, sizeof(path));
	assert_int_equal(registry_key_read(path, &pair), ERR_NONE);
	memcpy(keys.public_key, pair.public_key, sizeof(keys.public_key));
	memcpy(keys.secret_key, pair.secret_key, sizeof(keys.secret_key));
	return keys;
}

static enum bus_arrival on_arrival(void *context, const char *key)
{
	struct stand *stand = context;
	struct guard_identity identity;

	return guard_by_key(stand->guard, text_of(key), &identity) != NULL ? BUS_COME_IN : BUS_STRANGER;
}

static void guard_tcp(struct stand *stand)
{
	struct registry_keypair pair;
	struct bus_keypair own;

	registry_make_pair(&pair);
	memcpy(&own, &pair, sizeof(own));
	memcpy(stand->door_key, pair.public_key, sizeof(stand->door_key));
	snprintf(stand->endpoint, sizeof(stand->endpoint), "tcp://10.1.1.1:7000");
	bus_identify(stand->bus, &own);
	bus_on_arrival(stand->bus, on_arrival, stand);
	guard_it(stand, NULL);
}

static struct peer *keyed_peer(struct stand *stand, const char *name)
{
	stand->shown = keys_of(name);
	return stand_peer(stand);
}

static void test_a_key_is_who_speaks(void **state)
{
	struct stand *stand = *state;

	guard_tcp(stand);
	struct peer *peer = keyed_peer(stand, "S1/T1");
	peer_hello(peer, "S1/T1", 5);
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_await_ack(peer, 5, 1);
	peer_publish_receipt(peer, "S2/T1", 5, 1, "S2", "forged");
	peer_await_error(peer, "forbidden");
	peer_greet(peer, NULL, 0, dealer); /* a till speaks for nobody else, whatever it has found */
	peer_await_error(peer, "forbidden");
	shop_revoke("S1/T1");
	peer_ping(peer, "S1/T1", 5, 1);
	peer_await_error(peer, "forbidden");
}

/* With the connection goes whatever its owner would say; who shows a token that is revoked keeps the connection, which is another's. */
static void test_who_is_revoked_loses_the_connection(void **state)
{
	struct stand *stand = *state;

	guard_tcp(stand);
	struct peer *till_peer = keyed_peer(stand, "S1/T1"), *web = keyed_peer(stand, "web");
	peer_hello(till_peer, "S1/T1", 5);
	peer_hello_for(web, NULL, 0, dealer);
	shop_revoke("S1/T1");
	peer_await_error(till_peer, "forbidden");
	shop_revoke("D1");
	peer_await_error(web, "forbidden");
	stand_pass(stand, 2 * BUS_CUT_MS);
	assert_int_equal(bus_send(till_peer->port, NULL, bytes_of("", 1)), ERR_GONE);
	peer_hello(web, NULL, 0);
}

/* One that comes with a key, and is nobody before its first word: it is told, and cut. */
static void test_who_is_revoked_before_a_word_is_cut_at_it(void **state)
{
	struct stand *stand = *state;

	guard_tcp(stand);
	struct peer *peer = keyed_peer(stand, "S1/T1");
	peer_ping(peer, "S1/T1", 5, 1);
	peer_await_error(peer, "hello_first");
	shop_revoke("S1/T1");
	stand_pass(stand, 1000);
	peer_ping(peer, "S1/T1", 5, 1);
	peer_await_error(peer, "forbidden");
	stand_pass(stand, 2 * BUS_CUT_MS);
	assert_int_equal(bus_send(peer->port, NULL, bytes_of("", 1)), ERR_GONE);
}

/* And whatever that word is: a greeting, or no message at all. */
static void test_who_is_revoked_is_cut_at_whatever_it_says(void **state)
{
	struct stand *stand = *state;
	struct peer *peers[2];

	guard_tcp(stand);
	for (unsigned i = 0; i < 2; i++) {
		peers[i] = keyed_peer(stand, i == 0 ? "S1/T1" : "web");
		peer_say(peers[i], bytes_of("no message", 10));
		peer_await_error(peers[i], "malformed");
	}
	shop_revoke("S1/T1");
	shop_revoke("web");
	stand_pass(stand, 1000);
	peer_greet(peers[0], "S1/T1", 5, NULL);
	peer_say(peers[1], bytes_of("no message", 10));
	for (unsigned i = 0; i < 2; i++)
		peer_await_error(peers[i], "forbidden");
	stand_pass(stand, 2 * BUS_CUT_MS);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(bus_send(peers[i]->port, NULL, bytes_of("", 1)), ERR_GONE);
}

/* While nobody can say who anybody is, they are told to come later, over the connection that they have. */
static void test_a_registry_that_cannot_be_read_cuts_nobody(void **state)
{
	struct stand *stand = *state;

	guard_tcp(stand);
	struct peer *peer = keyed_peer(stand, "S1/T1");
	peer_hello(peer, "S1/T1", 5);
	shop_write("registry.yaml", "generation: 9\nprincipals: [");
	peer_await_error(peer, "busy");
	stand_pass(stand, 2 * BUS_CUT_MS);
	peer_ping(peer, "S1/T1", 5, 1);
	peer_await_error(peer, "busy");
}

static void test_a_gateway_is_whoever_shows_it_a_token(void **state)
{
	struct stand *stand = *state;

	guard_tcp(stand);
	struct peer *peer = keyed_peer(stand, "web");
	peer_hello(peer, NULL, 0);
	peer_query(peer, "status", NULL, 0, bytes_of(NULL, 0));
	assert_int_equal(peer_await(peer, MESSAGE_REPLY)->row_count, 1);
	peer_query(peer, "hash", NULL, 0, bytes_of(NULL, 0));
	peer_await_error(peer, "forbidden");
	assert_int_equal(stand->message.about, MESSAGE_ABOUT_QUESTION);
	peer_subscribe(peer, 1, NULL, NULL, 1, 100);
	peer_await_error(peer, "forbidden");
	peer_greet(peer, "S1/T1", 5, NULL);
	peer_await_error(peer, "forbidden");
	peer_hello_for(peer, "S1/T1", 5, till);
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_await_ack(peer, 5, 1);
	shop_revoke("web"); /* and with the gateway goes whoever spoke through it */
	peer_await_error(peer, "forbidden");
}

#define GUARDED(test)                                                                                                                        \
	{#test " (sockets)", test, stand_sockets, guard_end, NULL},                                                                          \
	{                                                                                                                                    \
		#test " (simulated)", test, stand_simulated, guard_end, NULL                                                                 \
	}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    GUARDED(test_a_token_speaks_for_its_owner),
	    GUARDED(test_a_wrong_token_opens_nothing),
	    GUARDED(test_a_dealer_hears_its_own),
	    GUARDED(test_who_is_revoked_is_sent_away),
	    {"test_who_is_revoked_is_heard_no_more (simulated)", test_who_is_revoked_is_heard_no_more, stand_simulated, guard_end, NULL},
	    {"test_what_waits_of_a_key_is_bounded (simulated)", test_what_waits_of_a_key_is_bounded, stand_simulated, guard_end, NULL},
	    {"test_questions_have_a_quota_too (simulated)", test_questions_have_a_quota_too, stand_simulated, guard_end, NULL},
	    GUARDED(test_a_ping_about_somebody_else_is_only_answered),
	    {"test_the_place_of_a_next_page_is_sealed (simulated)", test_the_place_of_a_next_page_is_sealed, stand_simulated, guard_end,
	     NULL},
	    GUARDED(test_a_registry_that_cannot_be_read_lets_nobody_in),
	    {"test_a_quota_is_told_with_the_time_to_wait (simulated)", test_a_quota_is_told_with_the_time_to_wait, stand_simulated, guard_end,
	     NULL},
	    {"test_a_key_is_who_speaks (simulated)", test_a_key_is_who_speaks, stand_simulated, guard_end, NULL},
	    {"test_who_is_revoked_loses_the_connection (simulated)", test_who_is_revoked_loses_the_connection, stand_simulated, guard_end, NULL},
	    {"test_who_is_revoked_is_cut_at_whatever_it_says (simulated)", test_who_is_revoked_is_cut_at_whatever_it_says, stand_simulated,
	     guard_end, NULL},
	    {"test_who_is_revoked_before_a_word_is_cut_at_it (simulated)", test_who_is_revoked_before_a_word_is_cut_at_it, stand_simulated,
	     guard_end, NULL},
	    {"test_a_registry_that_cannot_be_read_cuts_nobody (simulated)", test_a_registry_that_cannot_be_read_cuts_nobody, stand_simulated,
	     guard_end, NULL},
	    {"test_a_gateway_is_whoever_shows_it_a_token (simulated)", test_a_gateway_is_whoever_shows_it_a_token, stand_simulated, guard_end,
	     NULL},
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
