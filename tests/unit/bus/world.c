/* world.c -- buses over sockets are served in turn by this one thread; simulated ones by steps of their
 * network. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/when.h"

#define START_US INT64_C(1772359200000000)
#define PATIENCE_US (10 * US_PER_SECOND)

static int open_world(void **state, bool is_simulated)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->is_simulated = is_simulated;
	snprintf(world->folder, sizeof(world->folder), "/tmp/bus-test-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	snprintf(world->door, sizeof(world->door), "ipc://%s/a.door", world->folder);
	if (is_simulated)
		assert_int_equal(bus_network_open(&world->network, 7, START_US), ERR_NONE);
	*state = world;
	return 0;
}

int world_open_sockets(void **state)
{
	return open_world(state, false);
}

int world_open_simulated(void **state)
{
	return open_world(state, true);
}

int world_shut(void **state)
{
	struct world *world = *state;
	char path[80];

	for (unsigned i = 0; i < world->bus_count; i++)
		bus_close(&world->buses[i]);
	bus_network_close(&world->network);
	snprintf(path, sizeof(path), "%s/a.door", world->folder);
	(void)unlink(path);
	assert_int_equal(rmdir(world->folder), 0);
	free(world);
	return 0;
}

struct bus *world_bus(struct world *world)
{
	assert_true(world->bus_count < WORLD_BUSES);
	assert_int_equal(bus_open(&world->buses[world->bus_count], world->network), ERR_NONE);
	return world->buses[world->bus_count++];
}

void world_drop(struct world *world, struct bus *bus)
{
	unsigned at = 0;

	while (at < world->bus_count && world->buses[at] != bus)
		at++;
	assert_true(at < world->bus_count);
	bus_close(&world->buses[at]);
	world->buses[at] = world->buses[--world->bus_count];
	world->buses[world->bus_count] = NULL;
}

/* One round for everybody. Returns false when the simulated clock has reached until_us. */
static bool serve(struct world *world, int64_t until_us)
{
	if (world->is_simulated) { /* a millisecond at most, so that whoever waits for something sees it in
		                      time */
		int64_t soon_us = bus_network_now_us(world->network) + 1000;

		return bus_network_step(world->network, soon_us < until_us ? soon_us : until_us) ||
		       bus_network_now_us(world->network) < until_us;
	}
	for (unsigned i = 0; i < world->bus_count; i++)
		bus_run_once(world->buses[i], i == 0 ? 1 : 0);
	return bus_monotonic_us(world->buses[0]) < until_us;
}

static int64_t now_us(const struct world *world)
{
	return world->is_simulated ? bus_network_now_us(world->network) : bus_monotonic_us(world->buses[0]);
}

void world_until(struct world *world, world_done *done, void *context)
{
	int64_t until_us = now_us(world) + PATIENCE_US;

	while (!done(context))
		if (!serve(world, until_us) && !done(context))
			fail_msg("nothing came of it in ten seconds");
}

void world_pass(struct world *world, unsigned ms)
{
	int64_t until_us = now_us(world) + (int64_t)ms * 1000;

	while (serve(world, until_us))
		;
}

void ear_listen(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes message)
{
	struct ear *ear = context;
	uint32_t number = 0;

	if (message.size >= sizeof(number))
		memcpy(&number, message.data, sizeof(number));
	if (ear->heard > 0 && number != ear->number + 1)
		ear->in_order = false;
	ear->heard++;
	ear->bytes += message.size;
	ear->number = number;
	ear->from = *from;
	if (ear->answers)
		assert_int_equal(bus_send(port, from, message), ERR_NONE);
}

bool ear_full(void *context)
{
	const struct ear *ear = context;

	return ear->heard >= ear->wanted;
}

void ear_door(struct ear *ear, struct bus *bus, const char *endpoint)
{
	ear->in_order = true;
	assert_int_equal(bus_bind(bus, endpoint, ear_listen, ear, &ear->port), ERR_NONE);
}

void ear_link(struct ear *ear, struct bus *bus, const char *endpoint)
{
	ear->in_order = true;
	assert_int_equal(bus_connect(bus, endpoint, ear_listen, ear, &ear->port), ERR_NONE);
}

int say(struct bus_port *port, const struct bus_peer *peer, uint32_t number)
{
	return bus_send(port, peer, bytes_of(&number, sizeof(number)));
}

void world_say(struct world *world, struct bus_port *link, uint32_t number)
{
	int64_t until_us = now_us(world) + PATIENCE_US;

	for (;;) {
		int error = say(link, NULL, number);

		if (error == ERR_NONE)
			return;
		assert_true(error == ERR_GONE || error == ERR_AGAIN);
		if (!serve(world, until_us))
			fail_msg("no connection in ten seconds");
	}
}
