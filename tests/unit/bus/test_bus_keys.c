/* test_bus_keys.c -- doors with keys, over sockets and simulated: who is let in, as whom, and who comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "base/error.h"
#include "bus/bus.h"
#include "world.h"

static struct bus_keypair shop_keys, till_keys, other_keys;
static char known[2][BUS_KEY_TEXT + 1]; /* whom the door lets in */
static bool is_ready;
static char endpoint[64];

static enum bus_arrival arrive(void *context, const char *key)
{
	(void)context;
	if (!is_ready)
		return BUS_COME_LATER;
	return strcmp(key, known[0]) == 0 || strcmp(key, known[1]) == 0 ? BUS_COME_IN : BUS_STRANGER;
}

static void make(struct bus_keypair *pair)
{
	assert_int_equal(zmq_curve_keypair(pair->public_key, pair->secret_key), 0);
}

static void begin(void)
{
	make(&shop_keys);
	make(&till_keys);
	make(&other_keys);
	memset(known, 0, sizeof(known));
	strcpy(known[0], till_keys.public_key);
	is_ready = true;
}

/* A door with keys, wherever there is room. */
static struct bus *shop(struct world *world, struct ear *door)
{
	struct bus *bus = world_bus(world);
	int error = ERR_STORE_BUSY;

	door->in_order = true;
	bus_identify(bus, &shop_keys);
	bus_on_arrival(bus, arrive, NULL);
	for (unsigned port = 20000 + (unsigned)getpid() % 10000, tries = 0; error == ERR_STORE_BUSY && tries < 50; port += 7, tries++) {
		snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%u", port);
		error = bus_bind(bus, endpoint, ear_listen, door, &door->port);
	}
	assert_int_equal(error, ERR_NONE);
	return bus;
}

static struct bus *till(struct world *world, struct ear *link, const struct bus_keypair *keys, const char *pinned)
{
	struct bus *bus = world_bus(world);

	bus_identify(bus, keys);
	assert_int_equal(bus_pin(bus, endpoint, pinned), ERR_NONE);
	ear_link(link, bus, endpoint);
	return bus;
}

/* Says something again and again for a while, and is heard by nobody. */
static void assert_unheard(struct world *world, struct ear *link, const struct ear *door)
{
	unsigned before = door->heard;

	for (int i = 0; i < 60; i++) {
		(void)say(link->port, NULL, 1);
		world_pass(world, 10);
	}
	assert_int_equal(door->heard, before);
	assert_int_equal(link->heard, 0);
}

static void test_a_known_key_is_let_in_as_itself(void **state)
{
	struct world *world = *state;
	struct ear door = {.answers = true}, link = {.wanted = 1};
	struct bus_usage usage;

	begin();
	struct bus *bus = shop(world, &door);
	till(world, &link, &till_keys, shop_keys.public_key);
	world_say(world, link.port, 7);
	world_until(world, ear_full, &link);
	assert_int_equal(link.number, 7);
	assert_string_equal(door.from.key, till_keys.public_key);
	bus_usage(bus, &usage);
	assert_int_equal(usage.arrived, 1);
	assert_int_equal(usage.strangers, 0);
}

static void test_a_stranger_is_heard_by_nobody_and_let_in_once_known(void **state)
{
	struct world *world = *state;
	struct ear door = {.answers = true}, link = {.wanted = 1};
	struct bus_usage usage;

	begin();
	struct bus *bus = shop(world, &door);
	till(world, &link, &other_keys, shop_keys.public_key);
	assert_unheard(world, &link, &door);
	bus_usage(bus, &usage);
	assert_true(usage.strangers > 0);
	strcpy(known[1], other_keys.public_key);
	world_say(world, link.port, 8); /* over the same port */
	world_until(world, ear_full, &link);
	assert_string_equal(door.from.key, other_keys.public_key);
}

static void test_while_nobody_can_say_who_that_is_all_wait(void **state)
{
	struct world *world = *state;
	struct ear door = {.answers = true}, link = {.wanted = 1};

	begin();
	shop(world, &door);
	is_ready = false;
	till(world, &link, &till_keys, shop_keys.public_key);
	assert_unheard(world, &link, &door);
	is_ready = true;
	world_say(world, link.port, 9);
	world_until(world, ear_full, &link);
}

static void test_another_door_hears_nothing(void **state)
{
	struct world *world = *state;
	struct ear door = {.answers = true}, link = {0};

	begin();
	shop(world, &door); /* it lets the till in, but is not the door that the till was told of */
	till(world, &link, &till_keys, other_keys.public_key);
	assert_unheard(world, &link, &door);
}

static void test_without_keys_nothing_is_said(void **state)
{
	struct world *world = *state;
	struct ear door = {.answers = true}, link = {0};
	struct bus *bare = world_bus(world);
	struct bus_port *port;

	begin();
	shop(world, &door);
	assert_int_equal(bus_connect(bare, endpoint, ear_listen, &link, &port), ERR_USAGE);
	bus_identify(bare, &till_keys);
	assert_int_equal(bus_connect(bare, endpoint, ear_listen, &link, &port), ERR_USAGE); /* whose door is it? */
	bus_plaintext(bare, true);
	ear_link(&link, bare, endpoint); /* plain, where a door with keys is */
	assert_unheard(world, &link, &door);
	bare = world_bus(world);
	assert_int_equal(bus_bind(bare, "tcp://127.0.0.1:7", ear_listen, &door, &port), ERR_USAGE);
}

static void test_a_door_that_nobody_guards_lets_nobody_in(void **state)
{
	struct world *world = *state;
	struct ear door = {.answers = true}, link = {0};

	begin();
	bus_on_arrival(shop(world, &door), NULL, NULL);
	till(world, &link, &till_keys, shop_keys.public_key);
	assert_unheard(world, &link, &door);
}

/* Two who choose the same address at a door are two peers still: the key is part of who they are. */
static void test_two_keys_are_two_peers(void **state)
{
	struct world *world = *state;
	struct ear door = {0}, links[2] = {{0}, {0}};
	struct bus_peer first;

	begin();
	strcpy(known[1], other_keys.public_key);
	shop(world, &door);
	till(world, &links[0], &till_keys, shop_keys.public_key);
	till(world, &links[1], &other_keys, shop_keys.public_key);
	world_say(world, links[0].port, 1);
	door.wanted = 1;
	world_until(world, ear_full, &door);
	first = door.from;
	world_say(world, links[1].port, 2);
	door.wanted = 2;
	world_until(world, ear_full, &door);
	assert_string_equal(first.key, till_keys.public_key);
	assert_string_equal(door.from.key, other_keys.public_key);
}

static bool is_gone(void *context)
{
	struct ear *link = context;

	return say(link->port, NULL, 4) == ERR_GONE;
}

/* Who is cut still hears what it was told before; another peer of the same door notices nothing. */
static void test_who_is_cut_is_gone_and_no_stranger_comes_back(void **state)
{
	struct world *world = *state;
	struct ear door = {0}, link = {.wanted = 1}, other = {0};

	begin();
	strcpy(known[1], other_keys.public_key);
	shop(world, &door);
	till(world, &other, &other_keys, shop_keys.public_key);
	world_say(world, other.port, 1);
	till(world, &link, &till_keys, shop_keys.public_key);
	world_say(world, link.port, 2);
	door.wanted = 2;
	world_until(world, ear_full, &door);
	struct bus_peer peer = door.from;
	assert_string_equal(peer.key, till_keys.public_key);
	known[0][0] = 0;
	assert_int_equal(say(door.port, &peer, 3), ERR_NONE);
	bus_cut(door.port, &peer);
	bus_cut(door.port, &peer); /* once is enough */
	world_until(world, ear_full, &link);
	world_until(world, is_gone, &link);
	assert_int_equal(link.number, 3);
	link.heard = 0;
	assert_unheard(world, &link, &door);
	assert_int_equal(say(other.port, NULL, 5), ERR_NONE);
	door.wanted = door.heard + 1;
	world_until(world, ear_full, &door);
	assert_string_equal(door.from.key, other_keys.public_key);
	assert_int_equal(say(door.port, &peer, 6), ERR_GONE);
}

/* Who is cut by mistake, or is known again, comes back by itself, as another connection. */
static void test_who_is_cut_and_known_comes_back(void **state)
{
	struct world *world = *state;
	struct ear door = {0}, link = {0};

	begin();
	shop(world, &door);
	till(world, &link, &till_keys, shop_keys.public_key);
	world_say(world, link.port, 1);
	door.wanted = 1;
	world_until(world, ear_full, &door);
	struct bus_peer before = door.from;
	bus_cut(door.port, &before);
	for (unsigned number = 2; memcmp(&before, &door.from, sizeof(before)) == 0; number++) {
		assert_in_range(number, 2, 2000);
		world_say(world, link.port, number);
		world_pass(world, 5);
	}
	assert_string_equal(door.from.key, till_keys.public_key);
}

/* A bus that is closed in between ends what it was to end. */
static void test_a_cut_does_not_outlive_its_door(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};

	begin();
	struct bus *bus = shop(world, &door);
	till(world, &link, &till_keys, shop_keys.public_key);
	world_say(world, link.port, 1);
	world_until(world, ear_full, &door);
	bus_cut(door.port, &door.from);
	world_drop(world, bus);
	world_until(world, is_gone, &link);
	world_pass(world, 2 * BUS_CUT_MS);
}

/* One process has one handler: it is given back with its bus, and a second bus is told that it is taken. */
static void test_the_handler_is_one_of_a_process(void **state)
{
	struct world *world = *state;
	struct ear door = {.answers = true}, second = {0};
	struct bus_port *port;

	begin();
	struct bus *bus = shop(world, &door), *other = world_bus(world);
	bus_identify(other, &shop_keys);
	bus_on_arrival(other, arrive, NULL);
	assert_int_equal(bus_bind(other, "tcp://127.0.0.1:65001", ear_listen, &second, &port), ERR_STORE_BUSY);
	world_drop(world, bus);
	shop(world, &door);
}

#define BOTH(test)                                                                                                                           \
	cmocka_unit_test_setup_teardown(test, world_open_sockets, world_shut),                                                               \
	{                                                                                                                                    \
		#test " simulated", test, world_open_simulated, world_shut, NULL                                                             \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(test_a_known_key_is_let_in_as_itself),
	    BOTH(test_a_stranger_is_heard_by_nobody_and_let_in_once_known),
	    BOTH(test_while_nobody_can_say_who_that_is_all_wait),
	    BOTH(test_another_door_hears_nothing),
	    BOTH(test_without_keys_nothing_is_said),
	    BOTH(test_a_door_that_nobody_guards_lets_nobody_in),
	    BOTH(test_two_keys_are_two_peers),
	    BOTH(test_who_is_cut_is_gone_and_no_stranger_comes_back),
	    BOTH(test_who_is_cut_and_known_comes_back),
	    BOTH(test_a_cut_does_not_outlive_its_door),
	    cmocka_unit_test_setup_teardown(test_the_handler_is_one_of_a_process, world_open_sockets, world_shut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
