/* follow_scene.c -- the scripted upstream of a follower. */
#include "follow_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../guard/shop.h"
#include "base/error.h"
#include "events/orders.h"
#include "kernel/node_inside.h"
#include "toy.h"

static void on_message(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	static struct message message;
	struct scene *scene = context;
	char reason[160];

	(void)port;
	assert_int_equal(message_read(frame, &message, reason, sizeof(reason)), ERR_NONE);
	scene->peer = *from;
	assert_in_range(scene->count, 0, HEARD_MAX - 1);
	scene->heard[scene->count++] = (struct heard){message.kind,    message.sub, message.from_seq,  message.credit,
						      message.durable, message.id,  message.type_count};
}

void pass(struct scene *scene, unsigned ms)
{
	int64_t until_us = bus_network_now_us(scene->network) + (int64_t)ms * 1000;

	while (bus_network_step(scene->network, until_us))
		;
}

void say(struct scene *scene, const struct writer *writer)
{
	assert_int_equal(writer->error, ERR_NONE);
	assert_int_equal(bus_send(scene->door, &scene->peer, writer_bytes(writer)), ERR_NONE);
}

/* The next one of this kind within ten seconds; what was said before it is forgotten. */
struct heard await(struct scene *scene, enum message_kind kind)
{
	for (unsigned ms = 0; ms < 12000; ms += 10) {
		for (unsigned i = 0; i < scene->count; i++)
			if (scene->heard[i].kind == kind) {
				struct heard found = scene->heard[i];

				scene->count -= i + 1;
				memmove(scene->heard, scene->heard + i + 1, scene->count * sizeof(found));
				return found;
			}
		scene->count = 0;
		pass(scene, 10);
	}
	fail_msg("no message of kind %d came", (int)kind);
	return (struct heard){0};
}

void never(struct scene *scene, enum message_kind kind, unsigned ms)
{
	for (; ms >= 100; ms -= 100) {
		pass(scene, 100);
		for (unsigned i = 0; i < scene->count; i++)
			if (scene->heard[i].kind == kind)
				fail_msg("a message of kind %d came", (int)kind);
		scene->count = 0;
	}
}

void welcome(struct scene *scene, const char *service, uint64_t epoch, uint64_t head)
{
	uint8_t frame[256];
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_welcome(&writer, text_of(service), epoch, head, ++scene->session, NULL, 0, START_US);
	say(scene, &writer);
}

/* Sales of the numbers after+1..after+count, said to go through `through`; a torn one cannot be read behind its head. */
void batch(struct scene *scene, uint64_t sub, uint64_t epoch, uint64_t after, uint32_t count, uint64_t through, bool is_torn)
{
	static uint8_t bytes[16 << 10], frame[20 << 10];
	struct writer events = writer_of(bytes, sizeof(bytes)), writer = writer_of(frame, sizeof(frame));
	struct sale_recorded_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000}};

	for (uint32_t i = 1; i <= count; i++) {
		struct envelope envelope = {.source = TEXT_LITERAL("orders"), .seq = after + i, .type = TEXT_LITERAL("sale.recorded"),
					    .time_us = START_US};
		struct sale_recorded recorded = {.outlet = TEXT_LITERAL("S1"), .terminal = TEXT_LITERAL("S1/T1"),
						 .receipt = TEXT_LITERAL("R"), .currency = TEXT_LITERAL("GBP"),
						 .day = TEXT_LITERAL("2026-03-01"), .tier = 1};

		recorded.lines.items = &line;
		recorded.lines.count = 1;
		envelope_write(&events, &envelope);
		sale_recorded_type.pack(&recorded, &events);
	}
	if (is_torn)
		bytes[events.used - 4] = 0xc1;
	message_write_batch(&writer, sub, TEXT_LITERAL("orders"), epoch, after, through, through, writer_bytes(&events), count);
	say(scene, &writer);
}

struct cursor stands(struct scene *scene)
{
	return engine_cursor(node_engine(scene->node), TEXT_LITERAL("orders"));
}

static enum bus_arrival come_in(void *context, const char *key)
{
	(void)context;
	return key[0] != 0 ? BUS_COME_IN : BUS_STRANGER;
}

/* The upstream, with the key that it has now. */
void upstream_opens(struct scene *scene)
{
	struct registry_keypair pair;
	struct bus_keypair own;
	char path[4200];

	assert_int_equal(bus_open(&scene->upstream, scene->network), ERR_NONE);
	if (scene->guard != NULL) {
		registry_key_path(shop_folder, "orders", path, sizeof(path));
		assert_int_equal(registry_key_read(path, &pair), ERR_NONE);
		memcpy(&own, &pair, sizeof(own));
		bus_identify(scene->upstream, &own);
		bus_on_arrival(scene->upstream, come_in, NULL);
	}
	assert_int_equal(bus_bind(scene->upstream, scene->endpoint, on_message, scene, &scene->door), ERR_NONE);
}

/* The follower shows a key of its own, and speaks to the upstream's alone. */
static void follower_identifies(struct scene *scene)
{
	struct registry_keypair pair;
	struct bus_keypair own;

	registry_make_pair(&pair);
	memcpy(&own, &pair, sizeof(own));
	bus_identify(scene->bus, &own);
	assert_int_equal(bus_pin(scene->bus, scene->endpoint, guard_key_of(scene->guard, "orders")), ERR_NONE);
}

int scene_begin(void **state, const struct service *service, const char *endpoint, struct guard *guard)
{
	static const char *upstreams[1];
	static struct scene scene;
	struct node_options options = {.engine = {.path = "echo", .memory = true, .now_us = START_US},
				       .endpoint = "ipc:///tmp/follow-echo",
				       .upstreams = upstreams,
				       .guard = guard,
				       .turn_events_max = 1000,
				       .turn_bytes_max = 1 << 20,
				       .inline_turns = true};

	upstreams[0] = endpoint;
	scene = (struct scene){.disk = store_disk_open(), .endpoint = endpoint, .guard = guard};
	options.engine.disk = scene.disk;
	assert_int_equal(bus_network_open(&scene.network, 3, START_US + US_PER_DAY), ERR_NONE);
	upstream_opens(&scene);
	assert_int_equal(bus_open(&scene.bus, scene.network), ERR_NONE);
	if (guard != NULL)
		follower_identifies(&scene);
	assert_int_equal(node_open(&scene.node, service, scene.bus, &options), ERR_NONE);
	await(&scene, MESSAGE_HELLO);
	*state = &scene;
	return 0;
}

int scene_end(void **state)
{
	struct scene *scene = *state;

	node_close(&scene->node);
	bus_close(&scene->bus);
	bus_close(&scene->upstream);
	bus_network_close(&scene->network);
	store_disk_close(&scene->disk);
	return 0;
}
