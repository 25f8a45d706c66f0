/* test_bus_virtual.c -- what only the simulated network has: faults, cuts, virtual time, and the same run
 * twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/when.h"
#include "world.h"

#define MESSAGES 500

/* A link that says MESSAGES numbers to a door, under faults. */
static void speak(struct world *world, struct ear *door, const struct bus_faults *faults)
{
	static const struct bus_faults none = {0};
	struct ear link = {0};

	ear_door(door, world_bus(world), world->door);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 0);
	door->wanted = 1;
	world_until(world, ear_full, door);
	bus_network_faults(world->network, faults);
	for (uint32_t i = 1; i <= MESSAGES; i++)
		assert_int_equal(say(link.port, NULL, i), ERR_NONE);
	world_pass(world, 1000);
	bus_network_faults(world->network, &none);
}

static void test_a_lossy_network_loses(void **state)
{
	struct ear door = {0};

	speak(*state, &door, &(struct bus_faults){.loss = 3000});
	assert_in_range(door.heard, MESSAGES / 2, MESSAGES * 9 / 10);
}

static void test_a_duplicating_network_repeats(void **state)
{
	struct ear door = {0};

	speak(*state, &door, &(struct bus_faults){.duplicate = 3000});
	assert_in_range(door.heard, 1 + MESSAGES * 11 / 10, MESSAGES * 3 / 2);
}

static void test_a_reordering_network_mixes_and_loses_nothing(void **state)
{
	struct ear door = {0};

	speak(*state, &door, &(struct bus_faults){.reorder = 3000, .delay_us_min = 10, .delay_us_max = 5000});
	assert_int_equal(door.heard, MESSAGES + 1);
	assert_false(door.in_order);
}

static void test_a_slow_network_keeps_the_order(void **state)
{
	struct ear door = {0};

	speak(*state, &door, &(struct bus_faults){.delay_us_min = 1000, .delay_us_max = 50000});
	assert_int_equal(door.heard, MESSAGES + 1);
	assert_true(door.in_order);
}

static void test_delays_are_as_long_as_said(void **state)
{
	struct world *world = *state;
	struct ear door = {0}, link = {0};
	int64_t least = INT64_MAX, most = 0;

	ear_door(&door, world_bus(world), world->door);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 0);
	world_pass(world, 100);
	bus_network_faults(world->network, &(struct bus_faults){.delay_us_min = 2000, .delay_us_max = 9000});
	for (uint32_t i = 1; i <= 200; i++) {
		int64_t start_us = bus_network_now_us(world->network);

		assert_int_equal(say(link.port, NULL, i), ERR_NONE);
		assert_true(bus_network_step(world->network, start_us + 10000));
		int64_t took = bus_network_now_us(world->network) - start_us;
		least = took < least ? took : least;
		most = took > most ? took : most;
	}
	assert_int_equal(door.heard, 201);
	assert_in_range(least, 2000, 3000);
	assert_in_range(most, 8000, 9000);
}

static void test_a_cut_is_one_way(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};
	struct bus *shop = world_bus(world), *till = world_bus(world);

	ear_door(&door, shop, world->door);
	ear_link(&link, till, world->door);
	world_say(world, link.port, 1);
	world_until(world, ear_full, &door);
	struct bus_peer peer = door.from;
	bus_network_cut(world->network, till, shop, true);
	bus_network_cut(world->network, till, shop, true); /* twice is once */
	assert_int_equal(say(link.port, NULL, 2),
	                 ERR_NONE); /* it leaves, as on a wire, and does not arrive */
	assert_int_equal(say(door.port, &peer, 3), ERR_NONE);
	world_pass(world, 100);
	assert_int_equal(door.heard, 1);
	assert_int_equal(link.heard, 1);
	bus_network_cut(world->network, till, shop, false);
	assert_int_equal(say(link.port, NULL, 4), ERR_NONE);
	world_pass(world, 100);
	assert_int_equal(door.heard, 2);
	assert_memory_equal(&door.from, &peer, sizeof(peer));
}

static void test_nothing_connects_across_a_cut(void **state)
{
	struct world *world = *state;
	struct ear door = {0}, link = {0};
	struct bus *shop = world_bus(world), *till = world_bus(world);

	bus_network_cut(world->network, shop, till, true); /* the way back is needed as well */
	ear_door(&door, shop, world->door);
	ear_link(&link, till, world->door);
	world_pass(world, 1000);
	assert_int_equal(say(link.port, NULL, 1), ERR_GONE);
	bus_network_cut(world->network, shop, till, false);
	assert_int_equal(say(link.port, NULL, 2), ERR_NONE);
	world_pass(world, 10);
	assert_int_equal(door.number, 2);
}

static void test_a_long_cut_ends_the_connection(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};
	struct bus *shop = world_bus(world), *till = world_bus(world);

	ear_door(&door, shop, world->door);
	ear_link(&link, till, world->door);
	world_say(world, link.port, 1);
	world_until(world, ear_full, &door);
	struct bus_peer before = door.from;
	bus_network_cut(world->network, till, shop, true);
	world_pass(world, 14900);
	assert_int_equal(say(link.port, NULL, 2), ERR_NONE);
	world_pass(world, 200);
	assert_int_equal(say(link.port, NULL, 3), ERR_GONE);
	assert_int_equal(say(door.port, &before, 3), ERR_GONE);
	bus_network_cut(world->network, till, shop, false);
	door.wanted = 2;
	world_say(world, link.port, 4);
	world_until(world, ear_full, &door);
	assert_memory_not_equal(&door.from, &before, sizeof(before));

	before = door.from; /* nobody spoke during this one: both ends noticed all the same */
	bus_network_cut(world->network, shop, till, true);
	world_pass(world, 16000);
	bus_network_cut(world->network, shop, till, false);
	assert_int_equal(say(door.port, &before, 5), ERR_GONE);
}

static void test_a_process_that_comes_back_is_another_peer(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};
	struct bus *till = world_bus(world);

	ear_door(&door, world_bus(world), world->door);
	ear_link(&link, till, world->door);
	world_say(world, link.port, 1);
	world_until(world, ear_full, &door);
	struct bus_peer before = door.from;
	world_drop(world, till);
	assert_int_equal(say(door.port, &before, 2), ERR_GONE);
	ear_link(&link, world_bus(world), world->door);
	door.wanted = 2;
	world_say(world, link.port, 3);
	world_until(world, ear_full, &door);
	assert_memory_not_equal(&door.from, &before, sizeof(before));
	assert_int_equal(say(door.port, &before, 4), ERR_GONE);
}

/* Over many seeds: what a dead sender had on the way sometimes still arrives and sometimes does not, but
 * never half of it mixed up. */
static void test_what_a_dead_process_had_sent_may_arrive_or_not(void **state)
{
	struct world *world = *state;
	unsigned arrived = 0, lost = 0;

	for (int round = 0; round < 64; round++) {
		struct ear door = {.wanted = 1}, link = {0};
		struct bus *shop = world_bus(world), *till = world_bus(world);

		ear_door(&door, shop, world->door);
		ear_link(&link, till, world->door);
		world_say(world, link.port, 0);
		world_until(world, ear_full, &door);
		for (uint32_t i = 1; i <= 10; i++)
			assert_int_equal(say(link.port, NULL, i), ERR_NONE);
		world_drop(world, till);
		world_pass(world, 10);
		assert_true(door.heard == 1 || door.heard == 11);
		assert_true(door.in_order);
		arrived += door.heard == 11;
		lost += door.heard == 1;
		world_drop(world, shop);
	}
	assert_true(arrived > 10);
	assert_true(lost > 10);
}

static void test_time_moves_only_by_steps(void **state)
{
	struct world *world = *state;
	struct bus *bus = world_bus(world);
	int64_t start_us = bus_network_now_us(world->network);

	bus_run(bus); /* returns at once */
	bus_run_once(bus, 1000);
	bus_stop(bus);
	assert_int_equal(bus_on_signal(bus, NULL, NULL), ERR_NONE);
	assert_int_equal(bus_network_now_us(world->network), start_us);
	assert_false(bus_network_step(world->network, start_us + 5));
	assert_int_equal(bus_now_us(bus), start_us + 5);
	assert_false(bus_network_step(world->network, start_us)); /* never back */
	assert_int_equal(bus_now_us(bus), start_us + 5);
}

struct toll {
	char *order;
	char letter;
};

static void on_toll(void *context)
{
	struct toll *toll = context;
	size_t size = strlen(toll->order);

	toll->order[size] = toll->letter;
	toll->order[size + 1] = 0;
}

static void test_equal_moments_happen_in_the_order_they_were_asked_for(void **state)
{
	struct world *world = *state;
	struct bus *bus = world_bus(world);
	char order[32] = "", wanted[27] = "";
	struct toll tolls[26];
	struct bus_timer *timers[26];

	for (int i = 0; i < 26; i++) {
		tolls[i] = (struct toll){order, (char)('a' + i)};
		wanted[i] = (char)('a' + i);
		assert_int_equal(bus_timer_start(bus, 10, 0, on_toll, &tolls[i], &timers[i]), ERR_NONE);
	}
	world_pass(world, 20);
	assert_string_equal(order, wanted);
}

static void let_in(void *context)
{
	bus_pause(context, false);
}

/* The pause ends at the very moment at which one more message arrives: it still comes behind those that wait.
 */
static void test_what_waited_at_a_paused_door_comes_first(void **state)
{
	struct world *world = *state;
	struct ear door = {0}, link = {0};
	struct bus *shop = world_bus(world);
	struct bus_timer *timer;

	ear_door(&door, shop, world->door);
	ear_link(&link, world_bus(world), world->door);
	bus_network_faults(world->network, &(struct bus_faults){.delay_us_min = 1000});
	bus_pause(door.port, true);
	for (uint32_t i = 0; i < 3; i++)
		world_say(world, link.port, i);
	world_pass(world, 5);
	assert_int_equal(door.heard, 0);
	assert_int_equal(bus_timer_start(shop, 1, 0, let_in, door.port, &timer), ERR_NONE);
	for (uint32_t i = 3; i < 6; i++)
		assert_int_equal(say(link.port, NULL, i), ERR_NONE);
	world_pass(world, 5);
	assert_int_equal(door.heard, 6);
	assert_true(door.in_order);
}

/* ---- the same run twice ---- */

/* A busy little network: ten links, a door that answers, faults, deaths and cuts, all from one seed. Returns
 * its trace. */
static uint64_t live(uint64_t seed, unsigned *heard)
{
	static const struct bus_faults faults = {
	    .loss = 500, .duplicate = 500, .reorder = 500, .delay_us_min = 10, .delay_us_max = 3000};
	struct bus_network *network;
	struct bus *shop, *tills[10];
	struct bus_port *door, *links[10];
	struct ear ears[10] = {0}, ear = {0};

	assert_int_equal(bus_network_open(&network, seed, INT64_C(1772359200000000)), ERR_NONE);
	bus_network_faults(network, &faults);
	assert_int_equal(bus_open(&shop, network), ERR_NONE);
	assert_int_equal(bus_bind(shop, "ipc:///shop", ear_listen, &ear, &door), ERR_NONE);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(bus_open(&tills[i], network), ERR_NONE);
		assert_int_equal(bus_connect(tills[i], "ipc:///shop", ear_listen, &ears[i], &links[i]),
		                 ERR_NONE);
	}
	for (uint32_t round = 0; round < 400; round++) {
		struct bus *till = tills[round % 10];

		(void)say(links[round % 10], NULL, round);
		if (ear.from.size > 0)
			(void)say(door, &ear.from, round);
		if (round % 37 == 0)
			bus_network_cut(network, till, shop, round % 2 == 0);
		if (round % 101 == 100) {
			bus_close(&tills[3]);
			assert_int_equal(bus_open(&tills[3], network), ERR_NONE);
			assert_int_equal(
			    bus_connect(tills[3], "ipc:///shop", ear_listen, &ears[3], &links[3]), ERR_NONE);
		}
		while (bus_network_step(network, INT64_C(1772359200000000) + round * 1000))
			;
	}
	uint64_t trace = bus_network_trace(network);
	*heard = ear.heard;
	bus_close(&shop);
	for (int i = 0; i < 10; i++)
		bus_close(&tills[i]);
	bus_network_close(&network);
	assert_null(network);
	return trace;
}

static void test_one_seed_is_one_story(void **state)
{
	uint64_t traces[20];
	unsigned heard, again;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		traces[seed] = live(seed, &heard);
		assert_true(heard > 100);
		assert_true(live(seed, &again) == traces[seed]);
		assert_int_equal(heard, again);
		for (uint64_t other = 0; other < seed; other++)
			assert_true(traces[seed] != traces[other]);
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, world_open_simulated, world_shut)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_lossy_network_loses),
	    TEST(test_a_duplicating_network_repeats),
	    TEST(test_a_reordering_network_mixes_and_loses_nothing),
	    TEST(test_a_slow_network_keeps_the_order),
	    TEST(test_delays_are_as_long_as_said),
	    TEST(test_a_cut_is_one_way),
	    TEST(test_nothing_connects_across_a_cut),
	    TEST(test_a_long_cut_ends_the_connection),
	    TEST(test_a_process_that_comes_back_is_another_peer),
	    TEST(test_what_a_dead_process_had_sent_may_arrive_or_not),
	    TEST(test_time_moves_only_by_steps),
	    TEST(test_what_waited_at_a_paused_door_comes_first),
	    TEST(test_equal_moments_happen_in_the_order_they_were_asked_for),
	    cmocka_unit_test(test_one_seed_is_one_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
