/* test_bus_endpoint.c -- which addresses may be opened, and what happens to what is found there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "bus/bus_calls.h"
#include "log/log.h"
#include "world.h"

static void test_only_ipc_and_tcp_on_this_machine_are_spoken(void **state)
{
	static const char *const good[] = {
	    "ipc:///tmp/a.door", "ipc://build/run/orders.door", "ipc://./a",       "tcp://127.0.0.1:7101",
	    "tcp://127.3.2.1:1", "tcp://localhost:65535",       "tcp://[::1]:7101"};
	static const char *const bad[] = {"",
	                                  "ipc",
	                                  "ipc://",
	                                  "ipc://*",
	                                  "ipc://@abstract",
	                                  "ipc://name",
	                                  "inproc://a",
	                                  "udp://127.0.0.1:1",
	                                  "tcp://",
	                                  "tcp://127.0.0.1",
	                                  "tcp://127.0.0.1:",
	                                  "tcp://127.0.0.1:0",
	                                  "tcp://127.0.0.1:*",
	                                  "tcp://127.0.0.1:65536",
	                                  "tcp://127.0.0.1:80x",
	                                  "tcp://127.0.0.1:-1",
	                                  "tcp://*:7101",
	                                  "tcp://0.0.0.0:7101",
	                                  "tcp://10.0.0.1:7101",
	                                  "tcp://eth0:7101",
	                                  "tcp://[::]:7101",
	                                  "tcp://127.evil.example:7101",
	                                  "tcp://localhost.example:7101",
	                                  "ws://127.0.0.1:1",
	                                  "pgm://a"};
	char endpoint[200] = "ipc:///";

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (bus_endpoint_check(good[i], false) != ERR_NONE)
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t before = log_count(LOG_ALARM);

		if (bus_endpoint_check(bad[i], false) != ERR_USAGE)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(log_count(LOG_ALARM), before + 1); /* it says why */
	}
	memset(endpoint + 7, 'a', 106); /* a path of 107 bytes with its slash */
	assert_int_equal(bus_endpoint_check(endpoint, false), ERR_NONE);
	endpoint[7 + 106] = 'a';
	assert_int_equal(bus_endpoint_check(endpoint, false), ERR_USAGE);
}

static void test_keys_open_other_machines(void **state)
{
	static const char *const far[] = {"tcp://*:7101", "tcp://0.0.0.0:7101", "tcp://10.0.0.1:7101", "tcp://orders.example:7101"};

	(void)state;
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		assert_int_equal(bus_endpoint_check(far[i], true), ERR_NONE);
		assert_true(bus_endpoint_wants_keys(far[i], true));
	}
	assert_int_equal(bus_endpoint_check("tcp://10.0.0.1:x", true), ERR_USAGE);
	assert_int_equal(bus_endpoint_check("udp://10.0.0.1:7101", true), ERR_USAGE);
	assert_true(bus_endpoint_wants_keys("tcp://127.0.0.1:7101", false));
	assert_false(bus_endpoint_wants_keys("tcp://127.0.0.1:7101", true));
	assert_false(bus_endpoint_wants_keys("tcp://[::1]:7101", true));
	assert_false(bus_endpoint_wants_keys("ipc:///tmp/a.door", false));
}

static void test_a_bad_address_opens_no_port(void **state)
{
	struct world *world = *state;
	struct bus *bus = world_bus(world);
	struct bus_port *port;
	struct ear ear = {0};

	assert_int_equal(bus_bind(bus, "tcp://0.0.0.0:7101", ear_listen, &ear, &port), ERR_USAGE);
	assert_null(port);
	assert_int_equal(bus_connect(bus, "inproc://a", ear_listen, &ear, &port), ERR_USAGE);
	assert_null(port);
	assert_int_equal(bus_bind(bus, "ipc:///no/such/folder/a.door", ear_listen, &ear, &port), ERR_SYSTEM);
	assert_null(port);
}

/* A socket file as a killed process leaves it: bound once, nobody listens. */
static void leave_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void test_the_socket_of_a_dead_process_is_replaced(void **state)
{
	struct world *world = *state;
	struct ear door = {.wanted = 1}, link = {0};

	leave_socket(world->door + 6);
	ear_door(&door, world_bus(world), world->door);
	ear_link(&link, world_bus(world), world->door);
	world_say(world, link.port, 1);
	world_until(world, ear_full, &door);
	bus_unplug(&door.port);
	assert_int_equal(access(world->door + 6, F_OK), -1); /* a door that closes leaves nothing behind */
}

static void test_a_file_that_is_no_socket_stays(void **state)
{
	struct world *world = *state;
	struct bus_port *port;
	struct ear ear = {0};
	FILE *file = fopen(world->door + 6, "w");

	assert_non_null(file);
	fputs("precious", file);
	fclose(file);
	assert_int_equal(bus_bind(world_bus(world), world->door, ear_listen, &ear, &port), ERR_USAGE);
	struct stat found;
	assert_int_equal(stat(world->door + 6, &found), 0);
	assert_int_equal(found.st_size, 8);
}

static void test_the_socket_of_a_living_process_stays(void **state)
{
	struct world *world = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct bus_port *port;
	struct ear ear = {0};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), other;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", world->door + 6);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(bus_bind(world_bus(world), world->door, ear_listen, &ear, &port), ERR_STORE_BUSY);
	other = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK,
	               0); /* with its queue of callers full it is alive still */
	(void)connect(other, (struct sockaddr *)&address, sizeof(address));
	assert_int_equal(bus_endpoint_clear(world->door), ERR_STORE_BUSY);
	assert_int_equal(access(world->door + 6, F_OK), 0);
	close(other);
	close(fd);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, world_open_sockets, world_shut)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_only_ipc_and_tcp_on_this_machine_are_spoken),
	    cmocka_unit_test(test_keys_open_other_machines),
	    TEST(test_a_bad_address_opens_no_port),
	    TEST(test_the_socket_of_a_dead_process_is_replaced),
	    TEST(test_a_file_that_is_no_socket_stays),
	    TEST(test_the_socket_of_a_living_process_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
