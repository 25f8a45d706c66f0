/* stand.c -- everybody is served in turn by this one thread; over sockets the node's turns have
 * their own. */
#include "stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"

#define PATIENCE_US(stand) ((stand)->is_simulated ? 10 * US_PER_SECOND : US_PER_MINUTE) /* real machines are busy */
#define FRAME_BYTES (1 << 20)

struct heard {
	struct heard *next;
	enum message_kind kind;
	size_t size;
	uint8_t bytes[];
};

static void on_fatal(void *context, int error)
{
	struct stand *stand = context;

	stand->fatal = error;
}

void stand_node_returns(struct stand *stand)
{
	struct node_options options = {.engine = {.path = "toy",
	                                          .memory = true,
	                                          .disk = stand->disk,
	                                          .now_us = bus_now_us(stand->bus)},
	                               .endpoint = stand->endpoint,
	                               .guard = stand->guard,
	                               .turn_events_max = 1000,
	                               .turn_bytes_max = 1 << 20,
	                               .inline_turns = stand->is_simulated,
	                               .on_fatal = on_fatal,
	                               .context = stand};

	assert_int_equal(node_open(&stand->node, stand->service, stand->bus, &options), ERR_NONE);
}

void stand_node_leaves(struct stand *stand)
{
	node_close(&stand->node);
}

static int begin(void **state, bool is_simulated)
{
	struct stand *stand = calloc(1, sizeof(*stand));

	assert_non_null(stand);
	stand->frame = malloc(FRAME_BYTES);
	assert_non_null(stand->frame);
	stand->is_simulated = is_simulated;
	stand->service = &toy;
	stand->disk = store_disk_open();
	snprintf(stand->folder, sizeof(stand->folder), "/tmp/kernel-test-XXXXXX");
	assert_non_null(mkdtemp(stand->folder));
	snprintf(stand->endpoint, sizeof(stand->endpoint), "ipc://%s/toy.door", stand->folder);
	if (is_simulated)
		assert_int_equal(bus_network_open(&stand->network, 11, STAND_START_US + US_PER_DAY),
		                 ERR_NONE);
	assert_int_equal(bus_open(&stand->bus, stand->network), ERR_NONE);
	stand_node_returns(stand);
	*state = stand;
	return 0;
}

int stand_sockets(void **state)
{
	return begin(state, false);
}

int stand_simulated(void **state)
{
	return begin(state, true);
}

int stand_end(void **state)
{
	struct stand *stand = *state;
	char door[96];

	if (stand->guest != NULL)
		stand->guest_leaves(stand->guest);
	node_close(&stand->node);
	for (unsigned i = 0; i < stand->peer_count; i++) {
		peer_forget(&stand->peers[i]);
		bus_close(&stand->peers[i].bus);
	}
	bus_close(&stand->bus);
	if (stand->network != NULL)
		bus_network_close(&stand->network);
	store_disk_close(&stand->disk);
	snprintf(door, sizeof(door), "%s/toy.door", stand->folder);
	(void)unlink(door);
	assert_int_equal(rmdir(stand->folder), 0);
	free(stand->frame);
	free(stand);
	return 0;
}

int64_t stand_now_us(const struct stand *stand)
{
	return stand->is_simulated ? bus_network_now_us(stand->network)
	                           : bus_monotonic_us(stand->bus);
}

/* One round for everybody. Returns false when the clock has reached until_us. */
static bool serve(struct stand *stand, int64_t until_us)
{
	if (stand->is_simulated) {
		int64_t soon_us = stand_now_us(stand) + 1000;

		return bus_network_step(stand->network, soon_us < until_us ? soon_us : until_us) ||
		       stand_now_us(stand) < until_us;
	}
	bus_run_once(stand->bus, 1);
	for (unsigned i = 0; i < stand->peer_count; i++)
		bus_run_once(stand->peers[i].bus, 0);
	return stand_now_us(stand) < until_us;
}

void stand_pass(struct stand *stand, unsigned ms)
{
	int64_t until_us = stand_now_us(stand) + (int64_t)ms * 1000;

	while (serve(stand, until_us))
		;
}

static void on_message(void *context, struct bus_port *port, const struct bus_peer *from,
                       struct bytes frame)
{
	static struct message message; /* house: large; reset by every read */
	struct peer *peer = context;
	char reason[160];
	struct heard *heard = malloc(sizeof(*heard) + frame.size);

	(void)port;
	(void)from;
	assert_non_null(heard);
	if (message_read(frame, &message, reason, sizeof(reason)) != ERR_NONE)
		fail_msg("the door speaks another language: %s", reason);
	*heard = (struct heard){.kind = message.kind, .size = frame.size};
	memcpy(heard->bytes, frame.data, frame.size);
	*peer->end = heard;
	peer->end = &heard->next;
}

struct peer *stand_peer(struct stand *stand)
{
	struct peer *peer = &stand->peers[stand->peer_count++];

	assert_true(stand->peer_count <= STAND_PEERS);
	*peer = (struct peer){.stand = stand};
	peer->end = &peer->first;
	assert_int_equal(bus_open(&peer->bus, stand->network), ERR_NONE);
	if (stand->shown.public_key[0] != 0) {
		bus_identify(peer->bus, &stand->shown);
		assert_int_equal(bus_pin(peer->bus, stand->endpoint, stand->door_key), ERR_NONE);
	}
	assert_int_equal(bus_connect(peer->bus, stand->endpoint, on_message, peer, &peer->port),
	                 ERR_NONE);
	return peer;
}

void peer_say(struct peer *peer, struct bytes frame)
{
	int64_t until_us = stand_now_us(peer->stand) + PATIENCE_US(peer->stand);
	int error;

	while ((error = bus_send(peer->port, NULL, frame)) != ERR_NONE)
		if (!serve(peer->stand, until_us))
			fail_msg("cannot be said: %s", error_text(error));
}

void peer_greet(struct peer *peer, const char *source, uint64_t epoch, const char *token)
{
	uint8_t frame[256];
	struct writer writer = writer_of(frame, sizeof(frame));
	struct message_source publishes = {.source = text_of(source != NULL ? source : ""),
	                                   .epoch = epoch};

	message_write_hello_for(&writer, TEXT_LITERAL("peer"), &publishes, source != NULL,
	                        token != NULL ? text_of(token) : (struct text){0});
	peer_say(peer, writer_bytes(&writer));
}

void peer_hello(struct peer *peer, const char *source, uint64_t epoch)
{
	peer_hello_for(peer, source, epoch, NULL);
}

void peer_hello_for(struct peer *peer, const char *source, uint64_t epoch, const char *token)
{
	peer_greet(peer, source, epoch, token);
	peer->session = peer_await(peer, MESSAGE_WELCOME)->session;
}

void peer_hello_of(struct peer *peer, const char *service)
{
	uint8_t frame[256];
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_hello_of(&writer, text_of(service));
	peer_say(peer, writer_bytes(&writer));
	peer->session = peer_await(peer, MESSAGE_WELCOME)->session;
}

void peer_publish(struct peer *peer, const char *source, uint64_t epoch, uint64_t first,
                  uint32_t count)
{
	size_t size = count * 300u + 300u, used = 0;
	uint8_t *events = malloc(size), *frame = malloc(size + 300);
	struct writer writer = writer_of(frame, size + 300);

	assert_non_null(events);
	assert_non_null(frame);
	for (uint32_t i = 0; i < count; i++) {
		char receipt[24];

		snprintf(receipt, sizeof(receipt), "R%llu", (unsigned long long)(first + i));
		used += toy_sale(events + used, size - used, source, first + i, "S1", receipt, 1000,
		                 STAND_START_US);
	}
	message_write_publish(&writer, peer->session, text_of(source), epoch, first,
	                      bytes_of(events, used), count);
	assert_int_equal(writer.error, ERR_NONE);
	peer_say(peer, writer_bytes(&writer));
	free(events);
	free(frame);
}

void peer_publish_receipt(struct peer *peer, const char *source, uint64_t epoch, uint64_t seq,
                          const char *outlet, const char *receipt)
{
	uint8_t event[300], frame[600];
	struct writer writer = writer_of(frame, sizeof(frame));
	size_t size =
	    toy_sale(event, sizeof(event), source, seq, outlet, receipt, 1000, STAND_START_US);

	message_write_publish(&writer, peer->session, text_of(source), epoch, seq,
	                      bytes_of(event, size), 1);
	peer_say(peer, writer_bytes(&writer));
}

void peer_subscribe(struct peer *peer, uint64_t sub, const char *type, const char *key,
                    uint64_t from, uint64_t credit)
{
	uint8_t frame[512];
	struct writer writer = writer_of(frame, sizeof(frame));
	struct text types = text_of(type != NULL ? type : ""),
	            keys = text_of(key != NULL ? key : "");

	message_write_subscribe(&writer, peer->session, sub, &types, type != NULL, &keys,
	                        key != NULL, from, credit);
	peer_say(peer, writer_bytes(&writer));
}

void peer_credit(struct peer *peer, uint64_t sub, uint64_t credit)
{
	uint8_t frame[64];
	struct writer writer = writer_of(frame, sizeof(frame));

	message_write_credit(&writer, peer->session, sub, credit, 0);
	peer_say(peer, writer_bytes(&writer));
}

void peer_ping(struct peer *peer, const char *source, uint64_t epoch, uint64_t head)
{
	uint8_t frame[256];
	struct writer writer = writer_of(frame, sizeof(frame));
	struct message_source stands = {text_of(source), epoch, head};

	message_write_ping(&writer, peer->session, &stands, 1);
	peer_say(peer, writer_bytes(&writer));
}

void peer_query(struct peer *peer, const char *what, const char *argument, int64_t value,
                struct bytes from)
{
	uint8_t map[128], frame[1024];
	struct writer writer = writer_of(frame, sizeof(frame)),
	              arguments = writer_of(map, sizeof(map));

	writer_map(&arguments, argument != NULL);
	if (argument != NULL) {
		writer_text(&arguments, text_of(argument));
		writer_int(&arguments, value);
	}
	message_write_query(&writer, peer->session, 77, text_of(what), writer_bytes(&arguments),
	                    from);
	peer_say(peer, writer_bytes(&writer));
}

static bool take(struct peer *peer, enum message_kind kind)
{
	struct stand *stand = peer->stand;
	char reason[160];

	for (struct heard **at = &peer->first; *at != NULL; at = &(*at)->next) {
		struct heard *found = *at;

		if (found->kind != kind)
			continue;
		assert_true(found->size <= FRAME_BYTES);
		memcpy(stand->frame, found->bytes, found->size);
		*at = found->next;
		if (peer->end == &found->next)
			peer->end = at;
		int error = message_read(bytes_of(stand->frame, found->size), &stand->message,
		                         reason, sizeof(reason));
		free(found);
		return error == ERR_NONE;
	}
	return false;
}

const struct message *peer_await(struct peer *peer, enum message_kind kind)
{
	int64_t until_us = stand_now_us(peer->stand) + PATIENCE_US(peer->stand);

	while (!take(peer, kind))
		if (!serve(peer->stand, until_us))
			fail_msg("no message of kind %d came", (int)kind);
	return &peer->stand->message;
}

void peer_never(struct peer *peer, enum message_kind kind, unsigned ms)
{
	stand_pass(peer->stand, ms);
	if (take(peer, kind))
		fail_msg("a message of kind %d came", (int)kind);
}

void peer_forget(struct peer *peer)
{
	for (struct heard *next; peer->first != NULL; peer->first = next) {
		next = peer->first->next;
		free(peer->first);
	}
	peer->end = &peer->first;
}

void peer_await_ack(struct peer *peer, uint64_t epoch, uint64_t through)
{
	const struct message *ack = peer_await(peer, MESSAGE_ACK);

	assert_int_equal(ack->epoch, epoch);
	assert_int_equal(ack->through, through);
}

static void assert_says(struct text found, const char *wanted)
{
	if (!text_equal(found, text_of(wanted)))
		fail_msg("said %.*s, wanted %s", TEXT_ARGS(found), wanted);
}

void peer_await_resend(struct peer *peer, uint64_t epoch, uint64_t next, const char *code)
{
	const struct message *resend = peer_await(peer, MESSAGE_RESEND);

	assert_says(resend->code, code);
	assert_int_equal(resend->epoch, epoch);
	assert_int_equal(resend->seq, next);
}

void peer_await_error(struct peer *peer, const char *code)
{
	assert_says(peer_await(peer, MESSAGE_ERROR)->code, code);
}
