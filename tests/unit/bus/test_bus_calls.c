/*
 * test_bus_calls.c -- what bus.h promises, asked of both buses: every test runs over sockets and over the
 * simulated network.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "world.h"

static void test_a_request_is_answered_to_who_asked(void **state)
{
	struct world *world = *state;
	struct ear door = {.answers = true}, link = {.wanted = 1};

	ear_door(&door, world_bus(world), world->door);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 42);
	world_until(world, ear_full, &link);
	assert_int_equal(link.heard, 1);
	assert_int_equal(link.number, 42);
	assert_int_equal(link.from.size, 0);
	assert_int_equal(door.heard, 1);
	assert_int_equal(door.from.size, 5);
}

static void test_a_link_may_come_before_its_door(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};

	ear_link(&link, world_bus(world), world->door);
	assert_int_equal(say(link.port, NULL, 1), ERR_GONE);
	world_pass(world, 100);
	assert_int_equal(say(link.port, NULL, 2), ERR_GONE);
	ear_door(&door, world_bus(world), world->door);
	world_say(world, link.port, 3);
	world_until(world, ear_full, &door);
	assert_int_equal(door.heard, 1);
	assert_int_equal(door.number, 3);
}

static void test_messages_of_one_peer_arrive_once_and_in_order(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 20000}, link = {0};

	ear_door(&door, world_bus(world), world->door);
	ear_link(&link, world_bus(world), world->door);
	for (uint32_t i = 0; i < 20000; i++)
		world_say(world, link.port, i);
	world_until(world, ear_full, &door);
	world_pass(world, 20);
	assert_int_equal(door.heard, 20000);
	assert_true(door.in_order);
	assert_int_equal(door.bytes, 80000);
}

static void test_a_door_tells_its_peers_apart(void **state)
{
	enum { PEERS = 50 };
	struct world *world = *state;
	struct ear door = {.answers = true}, links[PEERS] = {0};
	struct bus *bus = world_bus(world);
	struct bus_peer seen[PEERS];

	ear_door(&door, world_bus(world), world->door);
	for (uint32_t i = 0; i < PEERS; i++) {
		ear_link(&links[i], bus, world->door);
		links[i].wanted = 1;
		world_say(world, links[i].port, 1000 + i);
		world_until(world, ear_full, &links[i]);
		seen[i] = door.from;
		for (uint32_t j = 0; j < i; j++)
			assert_memory_not_equal(&seen[i], &seen[j], sizeof(seen[i]));
	}
	for (uint32_t i = 0; i < PEERS; i++) {
		assert_int_equal(links[i].heard, 1);
		assert_int_equal(links[i].number, 1000 + i);
		links[i].wanted = 2;
		assert_int_equal(say(door.port, &seen[i], 2000 + i), ERR_NONE);
		world_until(world, ear_full, &links[i]);
		assert_int_equal(links[i].number, 2000 + i);
	}
}

/* Sends numbers from 1 until the queue says that it is full; returns how many it took. */
static uint32_t fill(struct bus_port *port, const struct bus_peer *peer, size_t size)
{
	uint8_t *bytes = calloc(1, size);
	uint32_t sent = 0;
	int error = ERR_NONE;

	assert_non_null(bytes);
	while (error == ERR_NONE && sent < 1000000) {
		uint32_t number = sent + 1;

		memcpy(bytes, &number, sizeof(number));
		error = bus_send(port, peer, bytes_of(bytes, size));
		sent += error == ERR_NONE;
	}
	assert_int_equal(error, ERR_AGAIN);
	free(bytes);
	return sent;
}

static void test_a_paused_door_hears_nothing_and_loses_nothing(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};

	ear_door(&door, world_bus(world), world->door);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 0);
	world_until(world, ear_full, &door);
	bus_pause(door.port, true);
	uint32_t sent = fill(link.port, NULL, 1000);
	assert_true(sent >= 900);
	world_pass(world, 100);
	assert_int_equal(door.heard, 1);
	bus_pause(door.port, true); /* twice is once */
	bus_pause(door.port, false);
	door.wanted = sent + 1;
	world_until(world, ear_full, &door);
	assert_int_equal(door.number, sent);
	assert_true(door.in_order);
}

static void test_what_a_full_queue_took_arrives_and_what_it_refused_does_not(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};
	struct bus_usage usage;
	struct bus *shop = world_bus(world);

	ear_door(&door, shop, world->door);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 0);
	world_until(world, ear_full, &door);
	bus_pause(link.port, true);
	uint32_t sent = fill(door.port, &door.from, 2000);
	bus_usage(shop, &usage);
	assert_int_equal(usage.messages_out, sent);
	assert_int_equal(usage.refused, 1);
	assert_int_equal(link.heard, 0);
	bus_pause(link.port, false);
	link.wanted = sent;
	world_until(world, ear_full, &link);
	world_pass(world, 50);
	assert_int_equal(link.heard, sent);
	assert_int_equal(link.number, sent);
	assert_true(link.in_order);
	assert_int_equal(say(door.port, &door.from, sent + 1), ERR_NONE); /* there is room again */
}

static void test_a_slow_peer_does_not_hold_up_another(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, slow = {0}, quick = {.wanted = 1};

	ear_door(&door, world_bus(world), world->door);
	ear_link(&slow, world_bus(world), world->door);
	ear_link(&quick, world_bus(world), world->door);
	world_say(world, slow.port, 0);
	world_until(world, ear_full, &door);
	struct bus_peer slow_peer = door.from;
	bus_pause(slow.port, true);
	(void)fill(door.port, &slow_peer, 1000);
	door.wanted = 2;
	world_say(world, quick.port, 0);
	world_until(world, ear_full, &door);
	assert_int_equal(say(door.port, &door.from, 5), ERR_NONE);
	world_until(world, ear_full, &quick);
	assert_int_equal(quick.number, 5);
}

static void test_a_peer_that_is_not_there_is_gone(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};
	struct bus_peer stranger = {.size = 5, .id = {0, 9, 9, 9, 9}}, nobody = {0};

	ear_door(&door, world_bus(world), world->door);
	assert_int_equal(say(door.port, &stranger, 1), ERR_GONE);
	assert_int_equal(say(door.port, &nobody, 1), ERR_GONE);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 1);
	world_until(world, ear_full, &door);
	assert_int_equal(say(door.port, &door.from, 1), ERR_NONE);
	bus_unplug(&link.port);
	assert_null(link.port);
	for (int i = 0; i < 1000 && say(door.port, &door.from, 2) != ERR_GONE; i++)
		world_pass(world, 5);
	assert_int_equal(say(door.port, &door.from, 3), ERR_GONE);
}

static void test_too_large_a_message_is_refused_by_the_sender(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 2}, link = {0};
	uint8_t *bytes = calloc(1, BUS_MESSAGE_MAX + 1);

	assert_non_null(bytes);
	ear_door(&door, world_bus(world), world->door);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 1);
	assert_int_equal(bus_send(link.port, NULL, bytes_of(bytes, BUS_MESSAGE_MAX + 1)), ERR_TOO_LARGE);
	assert_int_equal(bus_send(link.port, NULL, bytes_of(bytes, BUS_MESSAGE_MAX)), ERR_NONE);
	world_until(world, ear_full, &door);
	assert_int_equal(door.heard, 2);
	assert_int_equal(door.bytes, BUS_MESSAGE_MAX + 4);
	assert_int_equal(bus_send(door.port, &door.from, bytes_of(bytes, BUS_MESSAGE_MAX + 1)),
	                 ERR_TOO_LARGE);
	free(bytes);
}

static void test_an_empty_message_is_a_message(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 2}, link = {0};

	ear_door(&door, world_bus(world), world->door);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 1);
	assert_int_equal(bus_send(link.port, NULL, bytes_of("", 0)), ERR_NONE);
	world_until(world, ear_full, &door);
	assert_int_equal(door.bytes, 4);
}

static void test_a_link_finds_its_door_again(void **state)
{
	struct world *world = *state;
	struct ear first = {.wanted = 1}, second = {.wanted = 1}, link = {0};
	struct bus *shop = world_bus(world);

	ear_link(&link, world_bus(world), world->door);
	ear_door(&first, shop, world->door);
	world_say(world, link.port, 1);
	world_until(world, ear_full, &first);
	world_drop(world, shop);
	for (int i = 0; i < 1000 && say(link.port, NULL, 2) != ERR_GONE; i++)
		world_pass(world, 5);
	assert_int_equal(say(link.port, NULL, 3), ERR_GONE); /* nothing queues for a door that is not there */
	ear_door(&second, world_bus(world), world->door);
	world_say(world, link.port, 4);
	world_until(world, ear_full, &second);
	assert_int_equal(second.number, 4);
	link.wanted = 1;
	assert_int_equal(say(second.port, &second.from, 5), ERR_NONE);
	world_until(world, ear_full, &link);
	assert_int_equal(link.number, 5);
}

static void test_a_door_can_be_opened_again_at_once(void **state)
{
	struct world *world = *state;
	struct ear door = {0}, link = {0};
	struct bus *shop = world_bus(world);

	ear_link(&link, world_bus(world), world->door);
	for (uint32_t i = 0; i < 5; i++) {
		ear_door(&door, shop, world->door);
		door.wanted = door.heard + 1;
		for (int tries = 0; tries < 1000 && !ear_full(&door);
		     tries++) { /* some may still leave on the old connection */
			world_say(world, link.port, i);
			world_pass(world, 5);
		}
		assert_true(ear_full(&door));
		bus_unplug(&door.port);
	}
}

static void test_two_doors_cannot_share_an_address(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, other = {0}, link = {0};

	ear_door(&door, world_bus(world), world->door);
	assert_int_equal(bus_bind(world_bus(world), world->door, ear_listen, &other, &other.port),
	                 ERR_STORE_BUSY);
	assert_null(other.port);
	ear_link(&link, world_bus(world), world->door); /* and the first one still serves */
	world_say(world, link.port, 1);
	world_until(world, ear_full, &door);
}

/* ---- timers and wakes ---- */

struct ticks {
	struct bus_timer *timer;
	unsigned count, stop_after;
	struct ticks *stops;
};

static void on_tick(void *context)
{
	struct ticks *ticks = context;

	ticks->count++;
	if (ticks->count == ticks->stop_after)
		bus_timer_stop(&ticks->timer);
	if (ticks->stops != NULL && ticks->stops->timer != NULL)
		bus_timer_stop(&ticks->stops->timer);
}

static void start(struct ticks *ticks, struct bus *bus, uint64_t delay_ms, uint64_t repeat_ms)
{
	assert_int_equal(bus_timer_start(bus, delay_ms, repeat_ms, on_tick, ticks, &ticks->timer), ERR_NONE);
}

static void test_timers_fire_once_or_again_and_again(void **state)
{
	struct world *world = *state;
	struct bus *bus = world_bus(world);
	struct ticks once = {0}, often = {0}, some = {.stop_after = 3}, never = {0},
	             stopper = {.stops = &never};

	start(&once, bus, 300, 0);
	start(&often, bus, 5, 5);
	start(&some, bus, 1, 1);
	start(&never, bus, 350, 0);
	start(&stopper, bus, 10, 0);
	world_pass(world, 8);
	assert_int_equal(once.count, 0);
	world_pass(world, 450);
	assert_int_equal(once.count, 1);
	assert_int_equal(some.count, 3);
	assert_null(some.timer);
	assert_int_equal(never.count, 0);
	assert_true(often.count >= 5 && often.count <= 95);
	bus_timer_stop(&once.timer); /* after it has fired */
	bus_timer_stop(&once.timer); /* and once more: nothing */
	bus_timer_stop(&often.timer);
	unsigned count = often.count;
	world_pass(world, 30);
	assert_int_equal(often.count, count);
}

static bool has_ticked(void *context)
{
	return ((struct ticks *)context)->count > 0;
}

static void test_a_wake_runs_on_the_loop(void **state)
{
	struct world *world = *state;
	struct bus *bus = world_bus(world);
	struct ticks wakes = {0};

	bus_wake(bus); /* nobody listens */
	world_pass(world, 5);
	bus_on_wake(bus, on_tick, &wakes);
	assert_int_equal(wakes.count, 0);
	for (int i = 0; i < 100; i++)
		bus_wake(bus);
	assert_int_equal(wakes.count, 0); /* not inside the call */
	world_until(world, has_ticked, &wakes);
	world_pass(world, 5);
	assert_true(wakes.count >= 1 && wakes.count <= 100);
	unsigned before = wakes.count;
	bus_wake(bus);
	world_pass(world, 5);
	assert_int_equal(wakes.count, before + 1);
}

/* ---- changes of mind inside callbacks ---- */

struct closer {
	struct bus_port *own, *other;
	unsigned heard;
};

static void close_both(void *context, struct bus_port *port, const struct bus_peer *from,
                       struct bytes message)
{
	struct closer *closer = context;

	(void)port;
	(void)from;
	(void)message;
	closer->heard++;
	bus_unplug(&closer->other);
	bus_unplug(&closer->own);
}

static bool closer_heard(void *context)
{
	return ((struct closer *)context)->heard > 0;
}

static void test_ports_may_be_unplugged_inside_a_callback(void **state)
{
	struct world *world = *state;
	struct ear links[2] = {0};
	struct closer closer = {0};
	struct bus *shop = world_bus(world), *till = world_bus(world);
	char second[112];

	for (int round = 0; round < 2;
	     round++) { /* the other port before and behind its own in the bus's list */
		snprintf(second, sizeof(second), "%s2", world->door);
		closer.heard = 0;
		assert_int_equal(bus_bind(shop, round == 0 ? world->door : second, close_both, &closer,
		                          round == 0 ? &closer.own : &closer.other),
		                 ERR_NONE);
		assert_int_equal(bus_bind(shop, round == 0 ? second : world->door, close_both, &closer,
		                          round == 0 ? &closer.other : &closer.own),
		                 ERR_NONE);
		for (int i = 0; i < 2; i++)
			ear_link(&links[i], till, i == 0 ? world->door : second);
		bus_pause(closer.own, true);
		bus_pause(closer.other, true);
		for (int i = 0; i < 2; i++)
			for (uint32_t n = 0; n < 10; n++)
				world_say(world, links[i].port, n);
		world_pass(world, 20);
		bus_pause(closer.own, false);
		bus_pause(closer.other, false);
		world_until(world, closer_heard, &closer);
		world_pass(world, 10);
		assert_int_equal(closer.heard,
		                 1); /* the other nine, and the other door's ten, have nobody to hear them */
		assert_null(closer.own);
		assert_null(closer.other);
		for (int i = 0; i < 2; i++)
			bus_unplug(&links[i].port);
	}
}

static void pause_self(void *context, struct bus_port *port, const struct bus_peer *from,
                       struct bytes message)
{
	ear_listen(context, port, from, message);
	bus_pause(port, true);
}

static void test_a_port_paused_by_its_own_message_hears_just_that(void **state)
{
	struct world *world = *state;
	struct ear door = {.in_order = true, .wanted = 1}, link = {0};

	assert_int_equal(bus_bind(world_bus(world), world->door, pause_self, &door, &door.port), ERR_NONE);
	ear_link(&link, world_bus(world), world->door);
	for (uint32_t i = 0; i < 20; i++)
		world_say(world, link.port, i);
	for (unsigned i = 1; i <= 20; i++) {
		door.wanted = i;
		world_until(world, ear_full, &door);
		world_pass(world, 2);
		assert_int_equal(door.heard, i);
		bus_pause(door.port, false);
	}
	assert_true(door.in_order);
}

static void test_what_passes_is_counted(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 10, .answers = true}, link = {.wanted = 10};
	struct bus *shop = world_bus(world), *till = world_bus(world);
	struct bus_usage shops, tills;

	ear_door(&door, shop, world->door);
	ear_link(&link, till, world->door);
	for (uint32_t i = 0; i < 10; i++)
		world_say(world, link.port, i);
	world_until(world, ear_full, &link);
	bus_usage(shop, &shops);
	bus_usage(till, &tills);
	assert_int_equal(shops.messages_in, 10);
	assert_int_equal(shops.bytes_in, 40);
	assert_int_equal(shops.messages_out, 10);
	assert_int_equal(tills.messages_in, 10);
	assert_int_equal(tills.bytes_out, 40);
	assert_int_equal(shops.dropped + tills.dropped, 0);
}

static void test_closing_with_everything_on_the_way_leaks_nothing(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};
	struct ticks ticks = {0};
	struct bus *bus = world_bus(world);

	ear_door(&door, bus, world->door);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 0);
	world_until(world, ear_full, &door);
	bus_pause(link.port, true);
	(void)fill(door.port, &door.from, 100);
	(void)fill(link.port, NULL, 100);
	world_pass(world, 2);
	(void)say(link.port, NULL, 1);
	start(&ticks, bus, 5, 5);
	bus_on_wake(bus, on_tick, &ticks);
	bus_wake(bus);
}

static void test_the_clock_moves_forward(void **state)
{
	struct world *world = *state;
	struct bus *bus = world_bus(world);
	int64_t day = bus_now_us(bus), mono = bus_monotonic_us(bus);

	assert_true(day > INT64_C(1700000000000000));
	world_pass(world, 20);
	assert_true(bus_now_us(bus) - day >= 19000);
	assert_true(bus_monotonic_us(bus) - mono >= 19000);
}

#define BOTH(test)                                                                                           \
	cmocka_unit_test_setup_teardown(test, world_open_sockets, world_shut),                               \
	{                                                                                                    \
#test " (simulated)", test, world_open_simulated, world_shut, NULL                           \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(test_a_request_is_answered_to_who_asked),
	    BOTH(test_a_link_may_come_before_its_door),
	    BOTH(test_messages_of_one_peer_arrive_once_and_in_order),
	    BOTH(test_a_door_tells_its_peers_apart),
	    BOTH(test_a_paused_door_hears_nothing_and_loses_nothing),
	    BOTH(test_what_a_full_queue_took_arrives_and_what_it_refused_does_not),
	    BOTH(test_a_slow_peer_does_not_hold_up_another),
	    BOTH(test_a_peer_that_is_not_there_is_gone),
	    BOTH(test_too_large_a_message_is_refused_by_the_sender),
	    BOTH(test_an_empty_message_is_a_message),
	    BOTH(test_a_link_finds_its_door_again),
	    BOTH(test_a_door_can_be_opened_again_at_once),
	    BOTH(test_two_doors_cannot_share_an_address),
	    BOTH(test_timers_fire_once_or_again_and_again),
	    BOTH(test_a_wake_runs_on_the_loop),
	    BOTH(test_ports_may_be_unplugged_inside_a_callback),
	    BOTH(test_a_port_paused_by_its_own_message_hears_just_that),
	    BOTH(test_what_passes_is_counted),
	    BOTH(test_closing_with_everything_on_the_way_leaks_nothing),
	    BOTH(test_the_clock_moves_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
