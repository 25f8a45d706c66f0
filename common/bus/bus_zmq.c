/* bus_zmq.c -- the real bus: ZeroMQ sockets on a libuv loop, drained in bounded bites so that timers keep their time. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <uv.h>
#include <zmq.h>

#include "base/error.h"
#include "base/when.h"
#include "bus/bus_inside.h"
#include "log/log.h"

#define DRAIN_MESSAGES 256		/* per turn of the loop, over all ports */
#define DRAIN_BYTES (8 << 20)
#define BACKLOG 1024			/* connections waiting to be accepted: a whole network may return at once */
#define HANDSHAKE_MS 3000		/* silent connections are dropped; with ZeroMQ's 30 s they block the real ones */
#define HEARTBEAT_MS 5000
#define SILENCE_MS 15000
#define BIND_PATIENCE_MS 500		/* a door that was just closed needs a moment to free its address */
#define FILES_WANTED 65536

struct zmq_bus {
	struct bus base;
	uv_loop_t loop;
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t idle;
	uv_async_t async;
	uv_timer_t wait;		/* bounds bus_run_once */
	uv_signal_t interrupt, terminate;
	bool watching, closing;
	struct zmq_port *ports, *turn;	/* turn: whose port is drained first */
};

struct zmq_port {
	struct bus_port base;
	struct zmq_port *next;
	void *socket, *monitor;		/* monitor: a link's, tells whether it is connected */
	uv_poll_t poll;
	char *endpoint;
	bool look;			/* ZMQ_EVENTS may say readable */
	bool connected, closed;
};

struct zmq_timer {
	struct bus_timer base;
	uv_timer_t timer;
	uint64_t due_ms, repeat_ms;	/* of the loop's clock */
};

static void plain_no_operation(uv_idle_t *idle)
{
	(void)idle; /* being active is its whole work: the loop does not sleep */
}

/* ---- the process-wide context ---- */

/*
 * house: one context per process, never ended. ZeroMQ 4.3.4 tears libsodium down whenever any context ends, under the feet of all
 * others; ending at exit would only wait for the kernel to do the same.
 */
static void *context;
static pthread_once_t context_once = PTHREAD_ONCE_INIT;

static void context_begin(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < FILES_WANTED) {
		files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
		(void)setrlimit(RLIMIT_NOFILE, &files); /* fewer files, fewer peers: zmq refuses the rest */
	}
	signal(SIGPIPE, SIG_IGN);
	context = zmq_ctx_new();
	if (context != NULL)
		zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 16384);
}

/* ---- messages in ---- */

/* Asking for the events is also what takes the signal off ZMQ_FD; without asking, a level-triggered poll would spin. */
static bool readable(struct zmq_port *port)
{
	int events = 0;
	size_t size = sizeof(events);

	if (zmq_getsockopt(port->socket, ZMQ_EVENTS, &events, &size) != 0)
		events = 0;
	port->look = (events & ZMQ_POLLIN) != 0;
	return port->look;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct zmq_port *port = poll->data;

	(void)status;
	(void)events;
	(void)readable(port);
}

/* Everything up to the end of a message that is not for us. */
static void skip_parts(struct zmq_port *port)
{
	zmq_msg_t part;
	int more = 1;

	while (more) {
		zmq_msg_init(&part);
		more = zmq_msg_recv(&part, port->socket, ZMQ_DONTWAIT) >= 0 && zmq_msg_more(&part);
		zmq_msg_close(&part);
	}
}

/* One frame of bytes; false when there is none. A message of several frames is not of this protocol and is dropped. */
static bool take_body(struct zmq_port *port, const struct bus_peer *from, size_t *bytes)
{
	zmq_msg_t body;

	zmq_msg_init(&body);
	if (zmq_msg_recv(&body, port->socket, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&body);
		return false;
	}
	*bytes += zmq_msg_size(&body);
	if (zmq_msg_more(&body)) {
		skip_parts(port);
		log_line(LOG_UNUSUAL, "message_dropped", "endpoint=%s reason=\"more than one frame\"", port->endpoint);
	} else if (from->size <= BUS_PEER_MAX) {
		bus_deliver(&port->base, from, bytes_of(zmq_msg_data(&body), zmq_msg_size(&body)));
	}
	zmq_msg_close(&body);
	return true;
}

static bool take(struct zmq_port *port, size_t *bytes)
{
	struct bus_peer from = {0};
	zmq_msg_t id;

	if (!port->base.is_door)
		return take_body(port, &from, bytes);
	zmq_msg_init(&id);
	if (zmq_msg_recv(&id, port->socket, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&id);
		return false;
	}
	size_t size = zmq_msg_size(&id);
	bool alone = !zmq_msg_more(&id);
	if (size <= BUS_PEER_MAX) {
		from.size = (uint8_t)size;
		memcpy(from.id, zmq_msg_data(&id), size);
	} else {
		from.size = UINT8_MAX;
		log_line(LOG_UNUSUAL, "message_dropped", "endpoint=%s reason=\"routing id of %zu bytes\"", port->endpoint, size);
	}
	zmq_msg_close(&id);
	return alone || take_body(port, &from, bytes);
}

static void drain(struct zmq_port *port, unsigned *messages, size_t *bytes)
{
	while (*messages < DRAIN_MESSAGES && *bytes < DRAIN_BYTES) {
		if (port->closed || port->base.paused)
			return;
		if (!take(port, bytes)) {
			port->look = false; /* an empty receive has read the signal: the next message makes a new one */
			return;
		}
		++*messages;
	}
#ifdef MUTANT_BUS_NO_REARM
	port->look = false; /* what is left waits for a signal that never comes */
#endif
}

static struct zmq_port *port_after(struct zmq_bus *bus, struct zmq_port *port)
{
	return port != NULL && port->next != NULL ? port->next : bus->ports;
}

static void on_check(uv_check_t *check)
{
	struct zmq_bus *bus = check->data;
	struct zmq_port *first = bus->turn != NULL ? bus->turn : bus->ports, *port = first;
	unsigned messages = 0;
	size_t bytes = 0;

	bus->turn = port_after(bus, bus->turn);
	while (port != NULL) {
		if (!port->closed && port->look && !port->base.paused)
			drain(port, &messages, &bytes);
		port = port_after(bus, port);
		if (port == first)
			break;
	}
}

/* Before the loop sleeps: a port that was sent to, or not drained to the end, may be readable without a signal to come. */
static void on_prepare(uv_prepare_t *prepare)
{
	struct zmq_bus *bus = prepare->data;
	bool busy = false;

	for (struct zmq_port *port = bus->ports; port != NULL; port = port->next)
		if (!port->closed && port->look && !port->base.paused && readable(port))
			busy = true;
	if (busy)
		uv_idle_start(&bus->idle, plain_no_operation);
	else
		uv_idle_stop(&bus->idle);
}

/* ---- messages out ---- */

/* Events of the monitor are an int16 event and an int32 value, then a frame with the address. */
static void note_connection(struct zmq_port *port)
{
	zmq_msg_t part;

	while (zmq_msg_init(&part) == 0) {
		if (zmq_msg_recv(&part, port->monitor, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&part);
			return;
		}
		if (zmq_msg_more(&part) && zmq_msg_size(&part) >= sizeof(uint16_t)) {
			uint16_t event;

			memcpy(&event, zmq_msg_data(&part), sizeof(event));
			port->connected = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
		}
		zmq_msg_close(&part);
	}
}

static int send_error(struct zmq_port *port)
{
	if (errno == EHOSTUNREACH)
		return ERR_GONE;
	if (errno != EAGAIN)
		return errno == ENOMEM ? ERR_MEMORY : ERR_SYSTEM;
	if (port->base.is_door)
		return ERR_AGAIN;
	note_connection(port);
	return port->connected ? ERR_AGAIN : ERR_GONE;
}

static int zmq_kind_send(struct bus_port *base, const struct bus_peer *peer, struct bytes message)
{
	struct zmq_port *port = (struct zmq_port *)base;

	port->look = true; /* sending may have read the signal of something that arrived */
	if (base->is_door && zmq_send(port->socket, peer->id, peer->size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		return send_error(port);
	if (zmq_send(port->socket, message.data, message.size, ZMQ_DONTWAIT) < 0)
		return send_error(port);
	return ERR_NONE;
}

/* ---- ports ---- */

static void on_port_closed(uv_handle_t *handle)
{
	struct zmq_port *port = handle->data;
	struct zmq_bus *bus = (struct zmq_bus *)port->base.bus;

	for (struct zmq_port **at = &bus->ports; *at != NULL; at = &(*at)->next)
		if (*at == port) {
			*at = port->next;
			break;
		}
	if (bus->turn == port)
		bus->turn = NULL;
	free(port->endpoint);
	free(port);
}

static void close_sockets(struct zmq_port *port)
{
	if (port->monitor != NULL) {
		zmq_socket_monitor(port->socket, NULL, 0);
		zmq_close(port->monitor);
	}
	zmq_close(port->socket);
	port->socket = port->monitor = NULL;
}

static void zmq_kind_unplug(struct bus_port *base)
{
	struct zmq_port *port = (struct zmq_port *)base;

	CHECK(!port->closed);
	port->closed = true;
	uv_close((uv_handle_t *)&port->poll, on_port_closed);
	if (base->is_door)
		bus_endpoint_release(port->endpoint);
	close_sockets(port);
}

static void zmq_kind_pause(struct bus_port *base)
{
	((struct zmq_port *)base)->look = true; /* looked at before the loop sleeps */
}

static void set(void *socket, int option, int value)
{
	CHECK(zmq_setsockopt(socket, option, &value, sizeof(value)) == 0);
}

static void *socket_open(bool is_door)
{
	void *socket = zmq_socket(context, is_door ? ZMQ_ROUTER : ZMQ_DEALER);
	int64_t message_max = BUS_MESSAGE_MAX;

	if (socket == NULL)
		return NULL;
	set(socket, ZMQ_LINGER, 0); /* durability is the journal's: nothing is waited for */
	set(socket, ZMQ_SNDHWM, BUS_QUEUE_MAX);
	set(socket, ZMQ_RCVHWM, BUS_QUEUE_MAX);
	set(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
	set(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
	set(socket, ZMQ_HEARTBEAT_TIMEOUT, SILENCE_MS);
	set(socket, ZMQ_HEARTBEAT_TTL, SILENCE_MS);
	set(socket, ZMQ_BACKLOG, BACKLOG);
	set(socket, ZMQ_IPV6, 1);
	CHECK(zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &message_max, sizeof(message_max)) == 0);
	if (is_door) {
		set(socket, ZMQ_ROUTER_MANDATORY, 1); /* what cannot be routed is said, not dropped */
	} else {
		set(socket, ZMQ_IMMEDIATE, 1); /* nothing queues for a door that is not there */
		set(socket, ZMQ_RECONNECT_IVL, BUS_RECONNECT_MS_MIN);
		set(socket, ZMQ_RECONNECT_IVL_MAX, BUS_RECONNECT_MS_MAX);
	}
	return socket;
}

/* A link hears of its own connections, to tell a full queue from nobody there. */
static bool monitor_open(struct zmq_port *port)
{
	static _Atomic uint64_t number; /* house: names of inproc sockets are process-wide, like the context */
	char name[64];

	snprintf(name, sizeof(name), "inproc://link-%llu", (unsigned long long)atomic_fetch_add(&number, 1));
	if (zmq_socket_monitor(port->socket, name, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0)
		return false;
	port->monitor = zmq_socket(context, ZMQ_PAIR);
	if (port->monitor == NULL)
		return false;
	set(port->monitor, ZMQ_LINGER, 0);
	set(port->monitor, ZMQ_RCVHWM, 0); /* never full: a full monitor would stop ZeroMQ's own thread */
	return zmq_connect(port->monitor, name) == 0;
}

static int bind_patiently(void *socket, const char *endpoint)
{
	const struct timespec moment = {.tv_nsec = 5000000};

	for (unsigned waited_ms = 0;; waited_ms += 5) {
		int error = bus_endpoint_clear(endpoint);

		if (error == ERR_NONE) {
			if (zmq_bind(socket, endpoint) == 0)
				return ERR_NONE;
			error = errno == EADDRINUSE ? ERR_STORE_BUSY : ERR_SYSTEM;
		}
		if (error != ERR_STORE_BUSY || waited_ms >= BIND_PATIENCE_MS)
			return error;
		nanosleep(&moment, NULL);
	}
}

static int attach(struct zmq_bus *bus, struct zmq_port *port, bool is_door)
{
	size_t size = sizeof(uv_os_sock_t);
	uv_os_sock_t fd;

	port->socket = socket_open(is_door);
	if (port->socket == NULL)
		return ERR_SYSTEM;
	if (!is_door && !monitor_open(port))
		return ERR_SYSTEM;
	int error = is_door ? bind_patiently(port->socket, port->endpoint) : ERR_NONE;
	if (error != ERR_NONE)
		return error;
	if (!is_door && zmq_connect(port->socket, port->endpoint) != 0)
		return ERR_SYSTEM;
	if (zmq_getsockopt(port->socket, ZMQ_FD, &fd, &size) != 0 || uv_poll_init_socket(&bus->loop, &port->poll, fd) != 0)
		return ERR_SYSTEM;
	port->poll.data = port;
	CHECK(uv_poll_start(&port->poll, UV_READABLE, on_poll) == 0);
	return ERR_NONE;
}

static int zmq_kind_plug(struct bus *base, const char *endpoint, bool is_door, struct bus_port **out)
{
	struct zmq_bus *bus = (struct zmq_bus *)base;
	struct zmq_port *port = calloc(1, sizeof(*port)), **end = &bus->ports;

	if (port == NULL)
		return ERR_MEMORY;
	port->endpoint = strdup(endpoint);
	port->base.bus = base;
	int error = port->endpoint != NULL ? attach(bus, port, is_door) : ERR_MEMORY;
	if (error != ERR_NONE) {
		if (port->socket != NULL)
			close_sockets(port);
		free(port->endpoint);
		free(port);
		return error;
	}
	port->look = true; /* what arrived before the first sleep made its signal already */
	while (*end != NULL)
		end = &(*end)->next;
	*end = port;
	*out = &port->base;
	return ERR_NONE;
}
