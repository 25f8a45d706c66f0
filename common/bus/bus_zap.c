/* bus_zap.c -- answers to ZeroMQ's question whether a key may come in, and the proof that they count. */
#include "bus/bus_zap.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "bus/bus_socket.h"
#include "log/log.h"

#define ENDPOINT "inproc://zeromq.zap.01"
#define SERVE_MAX 256	      /* questions in one round of the loop */
#define PATIENCE_MS 2000      /* a handler that was just closed frees its place a moment later */
#define PROOF_MS 10000
#define KEY_BYTES 32
#define PARTS_MAX 8

/* A question: version, id, domain, address, routing id, mechanism, and the key. */
struct question {
	size_t sizes[PARTS_MAX];
	uint8_t parts[PARTS_MAX][256];
	unsigned count;
};

static bool take(void *socket, struct question *question)
{
	int more = 1;
	size_t size = sizeof(more);

	question->count = 0;
	while (more) {
		unsigned at = question->count < PARTS_MAX - 1 ? question->count : PARTS_MAX - 1;
		int length = zmq_recv(socket, question->parts[at], sizeof(question->parts[at]), ZMQ_DONTWAIT);

		if (length < 0)
			return false;
		question->sizes[at] = (size_t)length;
		question->count++;
		if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) != 0)
			return false;
	}
	return true;
}

static bool is_text(const struct question *question, unsigned part, const char *text)
{
	return question->sizes[part] == strlen(text) && memcmp(question->parts[part], text, strlen(text)) == 0;
}

static enum bus_arrival judge(struct bus_zap *zap, const struct question *question, char key[BUS_KEY_TEXT + 1])
{
	key[0] = 0;
	if (question->count != 7 || !is_text(question, 0, "1.0") || !is_text(question, 5, "CURVE") || question->sizes[6] != KEY_BYTES ||
	    zmq_z85_encode(key, question->parts[6], KEY_BYTES) == NULL)
		return BUS_STRANGER;
	if (zap->probe != NULL && strcmp(zap->probe, key) == 0)
		zap->probes++;
	return bus_arrival_of(zap->bus, key);
}

static void put(void *socket, const void *part, size_t size, bool more)
{
	(void)zmq_send(socket, part, size, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0));
}

static void answer(struct bus_zap *zap, const struct question *question)
{
	static const char *const codes[] = {[BUS_COME_IN] = "200", [BUS_COME_LATER] = "300", [BUS_STRANGER] = "400"};
	char key[BUS_KEY_TEXT + 1];
	enum bus_arrival arrival = judge(zap, question, key);
	bool is_in = arrival == BUS_COME_IN;

	put(zap->socket, "1.0", 3, true);
	put(zap->socket, question->parts[1], question->count > 1 ? question->sizes[1] : 0, true);
	put(zap->socket, codes[arrival], 3, true);
	put(zap->socket, is_in ? "OK" : "", is_in ? 2 : 0, true);
	put(zap->socket, key, is_in ? BUS_KEY_TEXT : 0, true);
	put(zap->socket, "", 0, false);
}

bool bus_zap_serve(struct bus_zap *zap)
{
	struct question question;

	for (unsigned i = 0; i < SERVE_MAX; i++) {
		if (!take(zap->socket, &question))
			return false;
		answer(zap, &question);
	}
	return true;
}

int bus_zap_open(struct bus_zap *zap, struct bus *bus, int *descriptor)
{
	const struct timespec moment = {.tv_nsec = 5000000};
	size_t size = sizeof(*descriptor);
	int linger = 0;

	*zap = (struct bus_zap){.bus = bus};
	if (bus_socket_context() == NULL || (zap->socket = zmq_socket(bus_socket_context(), ZMQ_REP)) == NULL)
		return ERR_SYSTEM;
	if (zmq_setsockopt(zap->socket, ZMQ_LINGER, &linger, sizeof(linger)) != 0)
		return ERR_SYSTEM;
	for (unsigned waited_ms = 0; zmq_bind(zap->socket, ENDPOINT) != 0; waited_ms += 5) {
		if (errno != EADDRINUSE)
			return ERR_SYSTEM;
		if (waited_ms >= PATIENCE_MS)
			return ERR_STORE_BUSY;
		nanosleep(&moment, NULL);
	}
	return zmq_getsockopt(zap->socket, ZMQ_FD, descriptor, &size) == 0 ? ERR_NONE : ERR_SYSTEM;
}

void bus_zap_close(struct bus_zap *zap)
{
	if (zap->socket != NULL)
		zmq_close(zap->socket);
	zap->socket = NULL;
}

/* ---- the proof ---- */

/* A door of nobody, somebody who was never enrolled, and what the door says of them. */
struct proof {
	void *door, *stranger, *monitor;
	struct bus_keypair keys[2];
};

static int proof_open(struct proof *proof)
{
	void *context = bus_socket_context();
	const struct bus_security door = {.own = &proof->keys[0]}, stranger = {&proof->keys[1], proof->keys[0].public_key};
	static _Atomic unsigned number; /* house: names of inproc sockets are process-wide, like the context */
	char endpoint[64], name[40];
	size_t size = sizeof(endpoint);
	int linger = 0;

	snprintf(name, sizeof(name), "inproc://proof-%u", atomic_fetch_add(&number, 1));
	for (unsigned i = 0; i < 2; i++)
		if (zmq_curve_keypair(proof->keys[i].public_key, proof->keys[i].secret_key) != 0)
			return ERR_SYSTEM;
	proof->door = zmq_socket(context, ZMQ_ROUTER);
	proof->stranger = zmq_socket(context, ZMQ_DEALER);
	proof->monitor = zmq_socket(context, ZMQ_PAIR);
	if (proof->door == NULL || proof->stranger == NULL || proof->monitor == NULL)
		return ERR_SYSTEM;
	if (bus_socket_secure(proof->door, true, &door) != ERR_NONE || bus_socket_secure(proof->stranger, false, &stranger) != ERR_NONE)
		return ERR_SYSTEM;
	(void)zmq_setsockopt(proof->stranger, ZMQ_LINGER, &linger, sizeof(linger));
	bool opened =
	    zmq_socket_monitor(proof->door, name, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) == 0 &&
	    zmq_connect(proof->monitor, name) == 0 && zmq_bind(proof->door, "tcp://127.0.0.1:*") == 0 &&
	    zmq_getsockopt(proof->door, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0 && zmq_connect(proof->stranger, endpoint) == 0;
	return opened ? ERR_NONE : ERR_SYSTEM;
}

static void proof_close(struct proof *proof)
{
	if (proof->door != NULL)
		zmq_socket_monitor(proof->door, NULL, 0);
	if (proof->monitor != NULL)
		zmq_close(proof->monitor);
	if (proof->stranger != NULL)
		zmq_close(proof->stranger);
	if (proof->door != NULL)
		zmq_close(proof->door);
	memset(proof->keys, 0, sizeof(proof->keys));
}

/* What the door has said of a handshake; 0: nothing. */
static uint16_t said(void *monitor)
{
	uint8_t event[64];
	uint16_t number = 0;
	int more = 1;
	size_t size = sizeof(more);

	if (zmq_recv(monitor, event, sizeof(event), ZMQ_DONTWAIT) < (int)sizeof(number))
		return 0;
	memcpy(&number, event, sizeof(number));
	while (zmq_getsockopt(monitor, ZMQ_RCVMORE, &more, &size) == 0 && more)
		if (zmq_recv(monitor, event, sizeof(event), ZMQ_DONTWAIT) < 0)
			break;
	return number;
}

int bus_zap_prove(struct bus_zap *zap)
{
	struct bus_usage before = zap->bus->usage;
	struct proof proof = {.door = NULL};
	int error = proof_open(&proof);
	uint16_t number = 0;

	zap->probe = proof.keys[1].public_key;
	for (unsigned waited_ms = 0; error == ERR_NONE && number == 0 && waited_ms < PROOF_MS; waited_ms += 10) {
		zmq_pollitem_t items[] = {{zap->socket, 0, ZMQ_POLLIN, 0}, {proof.monitor, 0, ZMQ_POLLIN, 0}};

		(void)zmq_poll(items, 2, 10);
		(void)bus_zap_serve(zap);
		number = said(proof.monitor);
	}
	bool is_refused = error == ERR_NONE && zap->probes > 0 && number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
	zap->probe = NULL;
	proof_close(&proof);
	zap->bus->usage = before; /* nobody has arrived */
	if (is_refused)
		return ERR_NONE;
	log_line(LOG_ALARM, "stranger_not_refused", "event=%u asked=%llu remedy=\"the door stays closed: tell whoever maintains this\"",
		 (unsigned)number, (unsigned long long)zap->probes);
	return ERR_SYSTEM;
}
