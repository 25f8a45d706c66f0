/*
 * Goal: what an idle service has no use for is not sent to it, and nothing is missed when it is idle no longer. Method: as test_follow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "events/orders.h"
#include "follow_scene.h"
#include "kernel/kernel.h"
#include "kernel/engine.h"
#include "log/log.h"
#include "toy.h"

/* A service that has nothing to do with returns, for now. */
static bool idle;

static bool is_idle(struct query *query)
{
	(void)query;
	return idle;
}

static void on_return(struct turn *turn, const void *event)
{
	(void)turn;
	(void)event;
}

static struct route sparing_routes[2];
static const char *const spared[] = {"sale.returned", NULL};

static const struct service *sparing_service(void)
{
	static struct service sparing;

	sparing_routes[0] = toy_echo.routes[0];
	sparing_routes[1] = (struct route){&sale_returned_type, on_return};
	sparing = toy_echo;
	sparing.routes = sparing_routes;
	sparing.route_count = 2;
	sparing.is_idle = is_idle;
	sparing.idle_types = spared;
	return &sparing;
}

static int begin_idle(void **state)
{
	idle = true;
	return scene_begin(state, sparing_service(), DOOR, NULL);
}

/* K30: what an idle service has no use for is not sent to it, until the turn that gives it something to do. */
static void test_an_idle_service_hears_the_rest_when_it_has_something_to_do(void **state)
{
	struct scene *scene = *state;

	welcome(scene, "orders", EPOCH, 0);
	struct heard first = await(scene, MESSAGE_SUBSCRIBE);
	assert_int_equal(first.types, 1);
	batch(scene, first.sub, EPOCH, 0, 2, 5, false); /* among five events two sales */
	assert_int_equal(await(scene, MESSAGE_CREDIT).credit, 2);
	never(scene, MESSAGE_SUBSCRIBE, 3000);
	idle = false;
	batch(scene, first.sub, EPOCH, 5, 1, 6, false);
	struct heard second = await(scene, MESSAGE_SUBSCRIBE);
	assert_int_equal(second.types, 2);
	assert_int_equal(second.from_seq, 7);
	batch(scene, first.sub, EPOCH, 6, 1, 7, false); /* of the subscription that is over */
	pass(scene, 100);
	assert_int_equal(stands(scene).through, 6);
}

/* The turn that ends the idleness comes while the upstream does not know the session: the next subscription is for everything. */
static void test_a_service_that_is_greeting_again_asks_for_the_rest_when_it_is_welcome(void **state)
{
	struct scene *scene = *state;
	uint8_t frame[128];
	struct writer writer = writer_of(frame, sizeof(frame));

	welcome(scene, "orders", EPOCH, 0);
	struct heard first = await(scene, MESSAGE_SUBSCRIBE);
	pass(scene, 300); /* what is said of the session is not about what came before it */
	idle = false;
	batch(scene, first.sub, EPOCH, 0, 1, 1, false);
	message_write_error(&writer, TEXT_LITERAL("hello_first"), TEXT_LITERAL("because"));
	say(scene, &writer);
	await(scene, MESSAGE_HELLO);
	never(scene, MESSAGE_SUBSCRIBE, 500);
	assert_int_equal(stands(scene).through, 1);
	welcome(scene, "orders", EPOCH, 1);
	struct heard second = await(scene, MESSAGE_SUBSCRIBE);
	assert_int_equal(second.types, 2);
	assert_int_equal(second.from_seq, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_an_idle_service_hears_the_rest_when_it_has_something_to_do, begin_idle, scene_end),
	    cmocka_unit_test_setup_teardown(test_a_service_that_is_greeting_again_asks_for_the_rest_when_it_is_welcome, begin_idle, scene_end),
	};

	log_open("test", LOG_BROKEN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
