/*
 * Goal: a node that cannot start says why and leaves nothing open; one that has started sends late answers in order, waits for company, and
 * stops with a failed disk. Method: each call that a start needs is refused once; answers find a full queue; real threads and files where
 * they matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/node_inside.h"
#include "log/log.h"
#include "shop.h"
#include "stand.h"

/* The n-th call of these fails; 0: none does. */
static unsigned malloc_fails, calloc_fails, thread_fails, timer_fails;

static bool fails(unsigned *count)
{
	return *count > 0 && --*count == 0;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return fails(&malloc_fails) ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	return fails(&calloc_fails) ? NULL : __real_calloc(count, size);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *context)
{
	return fails(&thread_fails) ? EAGAIN : __real_pthread_create(thread, how, run, context);
}

int __real_bus_timer_start(struct bus *bus, uint64_t delay_ms, uint64_t repeat_ms, bus_on_timer *on_timer, void *context,
			   struct bus_timer **timer);
int __wrap_bus_timer_start(struct bus *bus, uint64_t delay_ms, uint64_t repeat_ms, bus_on_timer *on_timer, void *context,
			   struct bus_timer **timer);
int __wrap_bus_timer_start(struct bus *bus, uint64_t delay_ms, uint64_t repeat_ms, bus_on_timer *on_timer, void *context,
			   struct bus_timer **timer)
{
	return fails(&timer_fails) ? ERR_MEMORY : __real_bus_timer_start(bus, delay_ms, repeat_ms, on_timer, context, timer);
}

/* ---- starts ---- */

static const char *const good[] = {"ipc:///tmp/node-open-upstream"}, *const bad[] = {"carrier pigeon", "ipc:///tmp/node-open-upstream"};
static bool two_links; /* the service hears a second one */

static struct node_options options_of(const char *endpoint, const char *const *upstreams, bool inline_turns)
{
	return (struct node_options){.engine = {.path = "echo", .memory = true, .now_us = STAND_START_US},
				     .endpoint = endpoint,
				     .upstreams = upstreams,
				     .turn_events_max = 1000,
				     .turn_bytes_max = 1 << 20,
				     .inline_turns = inline_turns};
}

static int open_once(const struct node_options *options)
{
	struct bus_network *network;
	struct bus *bus;
	struct node *node;

	assert_int_equal(bus_network_open(&network, 5, STAND_START_US), ERR_NONE);
	assert_int_equal(bus_open(&bus, network), ERR_NONE);
	static const char *const both[] = {"orders", "partners", NULL};
	struct service service = toy_echo;
	if (two_links)
		service.follows = both;
	int error = node_open(&node, &service, bus, options);
	assert_int_equal(node != NULL, error == ERR_NONE);
	node_close(&node);
	bus_close(&bus);
	bus_network_close(&network);
	return error;
}

static void test_each_thing_that_a_start_needs_may_be_missing(void **state)
{
	const struct node_options inside = options_of("ipc:///tmp/node-open", good, true), alone = options_of("ipc:///tmp/node-open", good, false);
	struct node_options wrong = options_of("carrier pigeon", good, true);

	(void)state;
	assert_int_equal(open_once(&inside), ERR_NONE);
	assert_int_equal(open_once(&wrong), ERR_USAGE);
	wrong = options_of("ipc:///tmp/node-open", bad, true);
	assert_int_equal(open_once(&wrong), ERR_USAGE);
	two_links = true;
	assert_int_equal(open_once(&wrong), ERR_USAGE);
	two_links = false;
	timer_fails = 1;
	assert_int_equal(open_once(&inside), ERR_MEMORY);
	thread_fails = 1;
	assert_int_equal(open_once(&alone), ERR_SYSTEM);
	assert_int_equal(open_once(&alone), ERR_NONE);
}

static void test_without_memory_there_is_no_node(void **state)
{
	const struct node_options options = options_of("ipc:///tmp/node-open", good, true);
	struct bus_network *network;
	struct bus *bus;
	struct node *node;

	(void)state;
	assert_int_equal(bus_network_open(&network, 5, STAND_START_US), ERR_NONE);
	assert_int_equal(bus_open(&bus, network), ERR_NONE);
	calloc_fails = 1;
	assert_int_equal(node_open(&node, &toy_echo, bus, &options), ERR_MEMORY);
	assert_null(node);
	for (unsigned n = 1; n <= 2; n++) {
		malloc_fails = n; /* its frame, its page */
		assert_int_equal(node_open(&node, &toy_echo, bus, &options), ERR_MEMORY);
		assert_null(node);
	}
	bus_close(&bus);
	bus_network_close(&network);
	struct node *none = NULL;
	node_close(&none);
}

/* ---- answers that have to wait ---- */

/* So many publications at once that their answers find a full queue. */
static void flood(struct stand *stand, struct peer *peer, struct peer *other, uint64_t *seq)
{
	struct bus_faults none = {0}, slow = {.delay_us_min = 50000, .delay_us_max = 50000};

	bus_network_faults(stand->network, &none);
	for (int i = 0; i < 1900; i++)
		peer_publish(peer, "S1/T1", 5, ++*seq, 1);
	if (other != NULL) /* whose queue has room */
		peer_publish(other, "S1/T2", 5, 1, 1);
	bus_network_faults(stand->network, &slow);
	stand_pass(stand, 4);
}

static void test_a_timer_that_does_not_start_is_tried_again_with_the_next_answer(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);
	uint64_t seq = 0;

	peer_hello(peer, "S1/T1", 5);
	peer_publish(peer, "S1/T1", 5, ++seq, 1);
	peer_await_ack(peer, 5, seq);
	assert_non_null(stand->node->rest_timer); /* the other timer runs already */
	timer_fails = 1;
	flood(stand, peer, NULL, &seq);
	assert_int_equal(timer_fails, 0);
	assert_non_null(stand->node->late);
	for (uint64_t i = 2; i <= seq; i++)
		peer_await_ack(peer, 5, i);
	assert_null(stand->node->late);
	assert_null(stand->node->late_timer);
}

static void test_a_timer_of_rest_that_does_not_start_is_tried_again_with_the_next_event(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);

	peer_hello(peer, "S1/T1", 5);
	timer_fails = 1;
	peer_publish(peer, "S1/T1", 5, 1, 1);
	peer_await_ack(peer, 5, 1);
	assert_int_equal(timer_fails, 0);
	assert_null(stand->node->rest_timer);
	peer_publish(peer, "S1/T1", 5, 2, 1);
	peer_await_ack(peer, 5, 2);
	assert_non_null(stand->node->rest_timer);
	stand_pass(stand, 100);
	assert_null(stand->node->rest_timer);
}

/* At the door without a way to it, so that nothing else happens before. */
static void publish_now(struct node *node, struct peer *peer, uint64_t seq)
{
	uint8_t event[300], frame[600];
	struct writer writer = writer_of(frame, sizeof(frame));
	size_t size = toy_sale(event, sizeof(event), "S1/T1", seq, "S1", "R", 1000, STAND_START_US);

	message_write_publish(&writer, peer->session, TEXT_LITERAL("S1/T1"), 5, seq, bytes_of(event, size), 1);
	for (struct session *session = node->sessions; session != NULL; session = session->hh.next)
		if (session->id == peer->session)
			door_on_message(node, node->door, &session->peer, writer_bytes(&writer));
}

/* Beyond the bound they are lost, and asked for again by who misses them: here they go with the node. */
static void test_answers_that_wait_are_bounded_and_go_with_the_node(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);
	uint64_t seq = 0;

	peer_hello(peer, "S1/T1", 5);
	flood(stand, peer, NULL, &seq);
	assert_non_null(stand->node->late);
	struct outcome *last = stand->node->late;
	while (last->next != NULL)
		last = last->next;
	stand->node->late_bytes = LATE_BYTES_MAX + 1;
	publish_now(stand->node, peer, ++seq);
	while (engine_meta(node_engine(stand->node))->head < seq)
		bus_network_step(stand->network, stand_now_us(stand));
	assert_null(last->next); /* it was not kept */
	stand_node_leaves(stand);
	stand_node_returns(stand);
	stand_pass(stand, 300);
	peer_forget(peer);
	peer_hello(peer, "S1/T1", 5);
	assert_int_equal(stand->message.sources[0].seq, seq + 1);
}

/* Whose session is over hears what was on its way to it, in order, and nobody else waits for that. */
static void test_late_answers_of_a_session_that_is_over(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand), *other = stand_peer(stand);
	uint64_t seq = 0;

	peer_hello(peer, "S1/T1", 5);
	peer_hello(other, "S1/T2", 5);
	flood(stand, peer, other, &seq);
	assert_non_null(stand->node->late);
	peer_await_ack(other, 5, 1); /* it does not wait for the others */
	assert_non_null(stand->node->late);
	door_close_sessions(stand->node);
	stand_pass(stand, 500);
	assert_null(stand->node->late);
	struct bus_faults none = {0};
	bus_network_faults(stand->network, &none);
	peer_forget(peer);
	peer_hello(peer, "S1/T1", 5);
	assert_int_equal(stand->message.sources[0].seq, seq + 1);
}

/* Something waits for its turn when the second strikes: the idle clock does not go before it. */
static void enqueue_at_the_second(void *context)
{
	struct stand *stand = context;
	struct node *node = stand->node;

	if (node == NULL || engine_meta(node_engine(node))->head > 0)
		return;
	publish_now(node, &stand->peers[0], 1);
	assert_false(node_idle(node));
}

static void test_the_idle_clock_does_not_go_before_what_waits(void **state)
{
	struct stand *stand = *state;
	struct peer *peer = stand_peer(stand);
	struct bus_timer *timer;

	stand_node_leaves(stand);
	assert_int_equal(bus_timer_start(stand->bus, 1000, 1000, enqueue_at_the_second, stand, &timer), ERR_NONE);
	stand_node_returns(stand);
	stand_pass(stand, 300);
	peer_hello(peer, "S1/T1", 5);
	peer_await_ack(peer, 5, 1);
	bus_timer_stop(&timer);
}

/* ---- the end of a disk ---- */

static void test_without_somebody_to_tell_a_failed_disk_ends_the_process(void **state)
{
	int status;

	(void)state;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		void *there;

		stand_simulated(&there);
		struct stand *stand = there;
		stand->node->options.on_fatal = NULL;
		struct peer *peer = stand_peer(stand);
		peer_hello(peer, "S1/T1", 5);
		store_disk_fail(stand->disk, STORE_FAULT_COMMIT, 0, 1, ERR_STORE_IO);
		peer_publish(peer, "S1/T1", 5, 1, 1);
		stand_pass(stand, 1000);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 74);
}

/* ---- its own thread ---- */

struct patience {
	struct service service;
	struct node_options options;
	struct bus *bus;
	struct node *node;
	uint64_t next; /* sequence of S1/T1 */
};

static void patience_begin(struct patience *p)
{
	p->service = toy;
	p->options = options_of("ipc:///tmp/node-open-linger", NULL, false);
	p->options.engine.now_us = STAND_START_US;
	p->next = 1;
}

static void patience_open(struct patience *p)
{
	assert_int_equal(bus_open(&p->bus, NULL), ERR_NONE);
	assert_int_equal(node_open(&p->node, &p->service, p->bus, &p->options), ERR_NONE);
}

/* Sales in one message. Its size. */
static size_t patience_send(struct patience *p, uint32_t count)
{
	static uint8_t events[300 * 1000];
	struct bus_peer peer = {.size = 1, .id = {7}};
	size_t used = 0;

	for (uint32_t i = 0; i < count; i++)
		used += toy_sale(events + used, sizeof(events) - used, "S1/T1", p->next + i, "S1", "R", 1000, STAND_START_US);
	struct parcel *parcel = node_parcel(bytes_of(events, used));

	parcel->kind = PARCEL_PUBLISH;
	parcel->peer = parcel->lane = peer;
	parcel->run = (struct run){.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .after = p->next - 1, .count = count,
				   .events = bytes_of(parcel->bytes, parcel->size)};
	assert_true(node_enqueue(p->node, parcel));
	p->next += count;
	return used;
}

static struct node_usage patience_wait(struct patience *p)
{
	struct node_usage usage = {0};

	for (int i = 0; i < 3000 && usage.inputs < p->next - 1; i++) {
		bus_run_once(p->bus, 10);
		pthread_mutex_lock(&p->node->lock);
		usage = p->node->usage;
		pthread_mutex_unlock(&p->node->lock);
	}
	assert_int_equal(usage.inputs, p->next - 1);
	return usage;
}

static void patience_end(struct patience *p)
{
	node_close(&p->node);
	bus_close(&p->bus);
}

/* A service that waits for company: what comes together is one turn, unless it is much already. */
static void linger_with(uint32_t turn_bytes_max)
{
	struct patience p;

	patience_begin(&p);
	p.service.linger_ms = 2;
	p.options.turn_bytes_max = turn_bytes_max;
	patience_open(&p);
	for (unsigned i = 0; i < 3; i++)
		(void)patience_send(&p, 1);
	(void)patience_wait(&p);
	patience_end(&p);
}

static void test_a_service_may_wait_for_company_and_not_when_there_is_much(void **state)
{
	(void)state;
	linger_with(1 << 20);
	linger_with(1);
}

/* A large turn, and two messages behind it, one a moment after the other. The turns of all that; the size of the first message. */
static uint64_t turns_behind_a_large_one(uint32_t turn_bytes_max, uint32_t first, size_t *size)
{
	const struct timespec moment = {.tv_nsec = 20000000};
	struct patience p;

	patience_begin(&p);
	p.service.rest_ms = 600;
	p.options.turn_bytes_max = turn_bytes_max;
	patience_open(&p);
	(void)patience_send(&p, 600);
	assert_int_equal(patience_wait(&p).turns, 1);
	*size = patience_send(&p, first);
	nanosleep(&moment, NULL);
	(void)patience_send(&p, 1);
	uint64_t turns = patience_wait(&p).turns;

	patience_end(&p);
	return turns;
}

/* The two are one turn then, unless the first is a whole one. */
static void test_behind_a_large_turn_it_rests(void **state)
{
	size_t size;

	(void)state;
	assert_int_equal(turns_behind_a_large_one(1 << 20, 1, &size), 2);
	assert_int_equal(turns_behind_a_large_one(1 << 20, 600, &size), 2);
	/* with what keeps it the first is a whole turn, while both messages fit into one */
	assert_int_equal(turns_behind_a_large_one((uint32_t)(size + sizeof(struct parcel) - 1), 600, &size), 3);
	/* so many that nothing else fits */
	assert_int_equal(turns_behind_a_large_one(1 << 20, 1000, &size), 3);
}

/* On a disk with less free space than is to be kept nothing is taken; in memory there is always space. */
static void test_below_the_space_to_keep_nothing_is_taken(void **state)
{
	struct shop *shop = *state;
	struct bus_network *network;
	struct bus *bus;
	struct node *node;
	struct node_options options = options_of("ipc:///tmp/node-open-full", NULL, true);
	char path[100];
	struct bus_peer peer = {.size = 1, .id = {7}};

	shop_rest(shop);
	snprintf(path, sizeof(path), "%s/orders", shop->folder);
	options.engine = (struct engine_options){.path = path, .map_bytes = 8 << 20, .map_bytes_max = 8 << 20, .now_us = STAND_START_US};
	options.disk_keep_bytes = UINT64_MAX / 2;
	assert_int_equal(bus_network_open(&network, 5, STAND_START_US), ERR_NONE);
	assert_int_equal(bus_open(&bus, network), ERR_NONE);
	assert_int_equal(node_open(&node, &toy, bus, &options), ERR_NONE);
	uint8_t event[300];
	struct parcel *parcel = node_parcel(bytes_of(event, toy_sale(event, sizeof(event), "S1/T1", 1, "S1", "R", 1000, STAND_START_US)));
	parcel->kind = PARCEL_PUBLISH;
	parcel->peer = parcel->lane = peer;
	parcel->run = (struct run){.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .count = 1, .events = bytes_of(parcel->bytes, parcel->size)};
	turns_run(node, parcel);
	assert_int_equal(engine_meta(node_engine(node))->head, 0);
	assert_int_equal(node->usage.storage_refusals, 1);
	assert_true(node->storage_full);
	assert_non_null(node->outcomes); /* the word that it was refused; it goes with the node */
	node_close(&node);
	bus_close(&bus);
	bus_network_close(&network);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_thing_that_a_start_needs_may_be_missing),
	    cmocka_unit_test(test_without_memory_there_is_no_node),
	    STAND_SIMULATED(test_a_timer_that_does_not_start_is_tried_again_with_the_next_answer),
	    STAND_SIMULATED(test_a_timer_of_rest_that_does_not_start_is_tried_again_with_the_next_event),
	    STAND_SIMULATED(test_answers_that_wait_are_bounded_and_go_with_the_node),
	    STAND_SIMULATED(test_late_answers_of_a_session_that_is_over),
	    STAND_SIMULATED(test_the_idle_clock_does_not_go_before_what_waits),
	    cmocka_unit_test(test_without_somebody_to_tell_a_failed_disk_ends_the_process),
	    cmocka_unit_test(test_a_service_may_wait_for_company_and_not_when_there_is_much),
	    cmocka_unit_test(test_behind_a_large_turn_it_rests),
	    cmocka_unit_test_setup_teardown(test_below_the_space_to_keep_nothing_is_taken, shop_open, shop_close),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
