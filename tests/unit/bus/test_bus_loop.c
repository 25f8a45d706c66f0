/* test_bus_loop.c -- what only real sockets, threads, signals and strangers at the door can show. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "base/error.h"
#include "world.h"

static void *a_context(void)
{
	static void *context; /* never ended, as in the bus */

	if (context == NULL)
		context = zmq_ctx_new();
	return context;
}

static void *a_dealer(const struct world *world)
{
	void *dealer = zmq_socket(a_context(), ZMQ_DEALER);
	int linger = 0;

	assert_non_null(dealer);
	zmq_setsockopt(dealer, ZMQ_LINGER, &linger, sizeof(linger));
	assert_int_equal(zmq_connect(dealer, world->door), 0);
	return dealer;
}

/* ---- the loop ---- */

struct knock {
	struct bus *bus;
	_Atomic unsigned knocks;
	unsigned opened;
	pthread_t opened_by;
};

static void on_knock(void *context)
{
	struct knock *knock = context;

	knock->opened++;
	knock->opened_by = pthread_self();
	if (atomic_load(&knock->knocks) == 1000)
		bus_stop(knock->bus);
}

static void *knock_often(void *context)
{
	struct knock *knock = context;

	for (int i = 0; i < 1000; i++) {
		atomic_fetch_add(&knock->knocks, 1);
		bus_wake(knock->bus);
		if (i % 100 == 0)
			usleep(1000);
	}
	return NULL;
}

static void test_another_thread_wakes_the_loop(void **state)
{
	struct world *world = *state;
	struct knock knock = {.bus = world_bus(world)};
	pthread_t thread;

	bus_on_wake(knock.bus, on_knock, &knock);
	assert_int_equal(pthread_create(&thread, NULL, knock_often, &knock), 0);
	bus_run(knock.bus); /* until the last knock was heard: none is lost */
	pthread_join(thread, NULL);
	assert_true(knock.opened >= 1);
	assert_true(pthread_equal(knock.opened_by, pthread_self()));
}

static void stop_it(void *context)
{
	bus_stop(context);
}

static void test_signals_end_a_run_and_a_lost_pipe_does_not(void **state)
{
	struct world *world = *state;
	struct bus *bus = world_bus(world);

	assert_int_equal(bus_on_signal(bus, stop_it, bus), ERR_NONE);
	for (int i = 0; i < 2; i++) {
		raise(SIGPIPE);
		raise(i == 0 ? SIGTERM : SIGINT);
		bus_run(bus);
	}
	assert_int_equal(bus_on_signal(bus, stop_it, bus), ERR_NONE); /* again is harmless */
	bus_stop(bus); /* a stop that no run waits for does not spoil the close */
}

static void test_a_wait_ends_when_it_should(void **state)
{
	struct world *world = *state;
	struct bus *bus = world_bus(world);
	int64_t start_us = bus_monotonic_us(bus);

	bus_run_once(bus, 0);
	assert_true(bus_monotonic_us(bus) - start_us < 200000);
	start_us = bus_monotonic_us(bus);
	while (bus_monotonic_us(bus) - start_us < 40000)
		bus_run_once(bus, 50);
	assert_true(bus_monotonic_us(bus) - start_us < 1000000);
	bus_wake(bus);
	start_us = bus_monotonic_us(bus);
	bus_run_once(bus, 5000);
	assert_true(bus_monotonic_us(bus) - start_us < 2000000);
}

static void sleep_long(void *context)
{
	(void)context;
	usleep(60000);
}

static void test_a_stalled_loop_is_measured(void **state)
{
	struct world *world = *state;
	struct bus *bus = world_bus(world);
	struct bus_timer *lazy, *prompt;
	struct bus_usage usage;

	assert_int_equal(bus_timer_start(bus, 1, 0, sleep_long, NULL, &lazy), ERR_NONE);
	assert_int_equal(bus_timer_start(bus, 10, 10, stop_it, bus, &prompt), ERR_NONE);
	world_pass(world, 100);
	bus_usage(bus, &usage);
	assert_true(usage.loop_lag_us_max >= 30000);
	bus_usage(bus, &usage);
	assert_int_equal(usage.loop_lag_us_max, 0); /* since the last look */
}

/* ---- sends and receives that eat each other's edges ---- */

#define ROUND_TRIPS 50000

struct echo {
	struct world *world;
	struct bus *bus;
	struct bus_port *port;
	_Atomic bool ready;
};

static void on_echo(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes message)
{
	(void)context;
	assert_int_equal(bus_send(port, from, message), ERR_NONE);
}

static void *run_echo(void *context)
{
	struct echo *echo = context;

	assert_int_equal(bus_open(&echo->bus, NULL), ERR_NONE);
	bus_on_wake(echo->bus, stop_it, echo->bus);
	assert_int_equal(bus_bind(echo->bus, echo->world->door, on_echo, echo, &echo->port), ERR_NONE);
	atomic_store(&echo->ready, true);
	bus_run(echo->bus);
	return NULL;
}

/*
 * A send reads ZeroMQ's commands at most once a millisecond, so some bursts leave after a rest, while answers
 * to the one before are waiting: the edge that told of them is eaten then. No timer helps: a lost edge stalls
 * the loop for the whole wait.
 */
static void test_no_edge_is_lost_between_sends_and_receives(void **state)
{
	struct world *world = *state;
	struct echo echo = {.world = world};
	struct ear link = {0};
	struct bus *bus = world_bus(world);
	uint64_t dice = 1;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, run_echo, &echo), 0);
	while (!atomic_load(&echo.ready))
		usleep(1000);
	ear_link(&link, bus, world->door);
	world_say(world, link.port, 0);
	for (uint32_t sent = 1; link.heard < ROUND_TRIPS;) {
		dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		for (uint64_t burst = dice >> 60; burst > 0 && sent < ROUND_TRIPS && sent - link.heard < 32;
		     burst--, sent++)
			assert_int_equal(say(link.port, NULL, sent), ERR_NONE);
		if ((dice >> 50) % 16 == 0)
			usleep(1500);
		if (sent < ROUND_TRIPS && sent - link.heard < 32)
			assert_int_equal(say(link.port, NULL, sent++), ERR_NONE);
		int64_t start_us = bus_monotonic_us(bus);
		bus_run_once(bus, 5000);
		if (bus_monotonic_us(bus) - start_us > 4900000)
			fail_msg("stalled after %u of %u sent", link.heard, sent);
	}
	assert_true(link.in_order);
	assert_int_equal(link.heard, ROUND_TRIPS);
	bus_wake(echo.bus);
	pthread_join(thread, NULL);
	bus_close(&echo.bus);
}

static int64_t cpu_us(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static void test_a_paused_door_costs_nothing(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};
	struct bus *shop = world_bus(world), *till = world_bus(world);

	ear_door(&door, shop, world->door);
	ear_link(&link, till, world->door);
	world_say(world, link.port, 0);
	world_until(world, ear_full, &door);
	bus_pause(door.port, true);
	for (uint32_t i = 1; i <= 100; i++)
		(void)say(link.port, NULL, i);
	world_pass(world, 50);
	unsigned rounds = 0;
	int64_t cpu = cpu_us(), start_us = bus_monotonic_us(shop);
	for (; bus_monotonic_us(shop) - start_us < 300000; rounds++)
		bus_run_once(shop, 100);
	assert_true(rounds < 200);
	assert_true(cpu_us() - cpu < 100000);
	door.wanted = 101;
	bus_pause(door.port, false);
	world_until(world, ear_full, &door);
}

/* ---- messages that are kept ---- */

struct keeper {
	struct bus *bus;
	struct bus_kept *kept, *second;
	struct bytes bytes;
	unsigned heard;
};

static void keep_it(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes message)
{
	struct keeper *keeper = context;

	(void)port;
	(void)from;
	keeper->heard++;
	keeper->kept = bus_keep(keeper->bus);
	keeper->second = bus_keep(keeper->bus); /* what was kept is gone */
	keeper->bytes = message;
}

static bool has_heard(void *context)
{
	return ((struct keeper *)context)->heard > 0;
}

static void *let_go(void *context)
{
	bus_let_go(context);
	return NULL;
}

/* Its bytes stay where they were lent, whatever is heard behind it, also when the bus is gone; any thread lets go of them. */
static void test_a_large_message_is_kept_where_it_lies(void **state)
{
	struct world *world = *state;
	struct bus *shop = world_bus(world);
	struct keeper keeper = {.bus = shop};
	struct ear link = {0};
	struct bus_port *door;
	struct bus_kept *kept;
	static uint8_t large[100000];
	pthread_t thread;

	assert_int_equal(bus_bind(shop, world->door, keep_it, &keeper, &door), ERR_NONE);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 1);
	world_until(world, has_heard, &keeper);
	assert_null(keeper.kept); /* a small one */
	memset(large, 7, sizeof(large));
	keeper.heard = 0;
	assert_int_equal(bus_send(link.port, NULL, bytes_of(large, sizeof(large))), ERR_NONE);
	world_until(world, has_heard, &keeper);
	assert_non_null(keeper.kept);
	assert_null(keeper.second);
	kept = keeper.kept;
	struct bytes lent = keeper.bytes;
	memset(large, 8, sizeof(large));
	keeper.heard = 0;
	assert_int_equal(bus_send(link.port, NULL, bytes_of(large, sizeof(large))), ERR_NONE);
	world_until(world, has_heard, &keeper);
	bus_let_go(&keeper.kept);
	assert_null(bus_keep(shop)); /* nothing is being heard */
	world_drop(world, shop);
	memset(large, 7, sizeof(large));
	assert_memory_equal(lent.data, large, lent.size);
	assert_int_equal(pthread_create(&thread, NULL, let_go, &kept), 0);
	pthread_join(thread, NULL);
	assert_null(kept);
	bus_let_go(&kept); /* again is harmless */
}

/* ---- strangers at the door ---- */

static void test_messages_of_another_shape_are_dropped_and_counted(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1};
	struct bus *shop = world_bus(world);
	struct bus_usage usage;
	uint32_t number = 77;
	char id[40];

	ear_door(&door, shop, world->door);
	void *dealer = a_dealer(world);
	zmq_send(dealer, "", 0, ZMQ_SNDMORE);
	zmq_send(dealer, "with an empty frame before it, as REQ does", 10, 0);
	zmq_send(dealer, "a", 1, ZMQ_SNDMORE);
	zmq_send(dealer, "b", 1, ZMQ_SNDMORE);
	zmq_send(dealer, "c", 1, 0);
	zmq_send(dealer, &number, sizeof(number), 0);
	world_until(world, ear_full, &door);
	assert_int_equal(door.heard, 1);
	assert_int_equal(door.number, 77);
	bus_usage(shop, &usage);
	assert_int_equal(usage.dropped, 2);

	void *named = zmq_socket(a_context(), ZMQ_DEALER);
	memset(id, 'x', sizeof(id));
	zmq_setsockopt(named, ZMQ_ROUTING_ID, id, BUS_PEER_MAX);
	assert_int_equal(zmq_connect(named, world->door), 0);
	zmq_send(named, &number, sizeof(number), 0);
	door.wanted = 2;
	world_until(world, ear_full, &door);
	assert_int_equal(door.from.size, BUS_PEER_MAX);
	assert_int_equal(say(door.port, &door.from, 1), ERR_NONE);

	void *long_named = zmq_socket(a_context(), ZMQ_DEALER);
	zmq_setsockopt(long_named, ZMQ_ROUTING_ID, id, BUS_PEER_MAX + 1);
	assert_int_equal(zmq_connect(long_named, world->door), 0);
	zmq_send(long_named, &number, sizeof(number), 0);
	for (int i = 0; i < 400 && usage.dropped < 3; i++) {
		world_pass(world, 5);
		bus_usage(shop, &usage);
	}
	assert_int_equal(usage.dropped, 3);
	assert_int_equal(door.heard, 2);
	zmq_close(dealer);
	zmq_close(named);
	zmq_close(long_named);
}

static void test_a_sender_of_too_much_is_cut_off_and_the_others_are_not(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};
	uint32_t number = 5;
	uint8_t *bytes = calloc(1, BUS_MESSAGE_MAX + 1);

	assert_non_null(bytes);
	ear_door(&door, world_bus(world), world->door);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 1);
	world_until(world, ear_full, &door);
	void *dealer = a_dealer(world);
	zmq_send(dealer, bytes, BUS_MESSAGE_MAX + 1, 0);
	world_pass(world, 200);
	assert_int_equal(door.heard, 1);
	door.wanted = 2;
	assert_int_equal(say(link.port, NULL, 2), ERR_NONE);
	world_until(world, ear_full, &door);
	zmq_send(dealer, &number, sizeof(number), 0); /* it may come back and behave */
	door.wanted = 3;
	world_until(world, ear_full, &door);
	assert_int_equal(door.number, 5);
	zmq_close(dealer);
	free(bytes);
}

/* Counts the message 9 of four bytes; whatever else noise may look like (ZMTP 1 has no handshake), nobody
 * dies of it. */
static void hear_nine(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes message)
{
	const uint32_t nine = 9;

	if (bytes_equal(message, bytes_of(&nine, sizeof(nine))))
		ear_listen(context, port, from, message);
}

static void test_noise_at_the_door_harms_nobody(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int sockets[20];

	assert_int_equal(bus_bind(world_bus(world), world->door, hear_nine, &door, &door.port), ERR_NONE);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", world->door + 6);
	for (int i = 0; i < 20; i++) {
		char noise[256];

		memset(noise, i * 13, sizeof(noise));
		sockets[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		assert_int_equal(connect(sockets[i], (struct sockaddr *)&address, sizeof(address)), 0);
		if (i % 2 == 0)
			(void)!write(sockets[i], noise, sizeof(noise));
	}
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 9);
	world_until(world, ear_full, &door);
	assert_int_equal(door.heard, 1);
	for (int i = 0; i < 20; i++)
		close(sockets[i]);
}

static void test_a_door_on_tcp(void **state)
{
	struct world *world = *state;
	struct ear door = {.answers = true}, link = {.wanted = 1};
	struct bus *shop = world_bus(world);
	char endpoint[64];
	int error = ERR_STORE_BUSY;

	door.in_order = true;
	bus_plaintext(shop, true);
	for (unsigned port = 20000 + (unsigned)getpid() % 20000, tries = 0;
	     error == ERR_STORE_BUSY && tries < 20; port++, tries++) {
		snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%u", port);
		error = bus_bind(shop, endpoint, ear_listen, &door, &door.port);
	}
	assert_int_equal(error, ERR_NONE);
	struct bus *till = world_bus(world);
	bus_plaintext(till, true);
	ear_link(&link, till, endpoint);
	world_say(world, link.port, 3);
	world_until(world, ear_full, &link);
	assert_int_equal(link.number, 3);
	struct bus_port *second;
	assert_int_equal(bus_bind(till, endpoint, ear_listen, &door, &second), ERR_STORE_BUSY);
	assert_null(second);
}

/* A process that may map no page more than it has. */
static void let_grow(bool may)
{
	struct rlimit space;

	assert_int_equal(getrlimit(RLIMIT_AS, &space), 0);
	space.rlim_cur = may ? space.rlim_max : 1 << 20;
	assert_int_equal(setrlimit(RLIMIT_AS, &space), 0);
}

/* Its address was taken and its bytes were not: what is said next, to somebody else, must not go to the first. */
static void test_a_message_that_memory_does_not_hold_reaches_nobody(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, links[2] = {{.wanted = 1}, {.wanted = 1}};
	struct bus_peer peers[2];
	struct bytes large = {malloc(BUS_MESSAGE_MAX), BUS_MESSAGE_MAX};

	assert_non_null(large.data);
	memset((void *)(uintptr_t)large.data, 1, large.size);
	ear_door(&door, world_bus(world), world->door);
	for (int i = 0; i < 2; i++) {
		ear_link(&links[i], world_bus(world), world->door);
		world_say(world, links[i].port, 1);
		world_until(world, ear_full, &door);
		peers[i] = door.from;
		door.wanted++;
	}
	let_grow(false);
	int error = bus_send(door.port, &peers[0], large);
	let_grow(true);
	assert_int_equal(error, ERR_MEMORY);
	assert_int_equal(say(door.port, &peers[1], 7), ERR_NONE);
	world_until(world, ear_full, &links[1]);
	assert_int_equal(links[1].number, 7);
	assert_int_equal(say(door.port, &peers[0], 8), ERR_NONE);
	world_until(world, ear_full, &links[0]);
	assert_int_equal(links[0].number, 8);
	assert_int_equal(links[0].heard, 1);
	assert_int_equal(links[1].heard, 1);
	free((void *)(uintptr_t)large.data);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, world_open_sockets, world_shut)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_another_thread_wakes_the_loop),
	    TEST(test_signals_end_a_run_and_a_lost_pipe_does_not),
	    TEST(test_a_wait_ends_when_it_should),
	    TEST(test_a_stalled_loop_is_measured),
	    TEST(test_no_edge_is_lost_between_sends_and_receives),
	    TEST(test_a_paused_door_costs_nothing),
	    TEST(test_a_large_message_is_kept_where_it_lies),
	    TEST(test_messages_of_another_shape_are_dropped_and_counted),
	    TEST(test_a_sender_of_too_much_is_cut_off_and_the_others_are_not),
	    TEST(test_noise_at_the_door_harms_nobody),
	    TEST(test_a_door_on_tcp),
	    TEST(test_a_message_that_memory_does_not_hold_reaches_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
