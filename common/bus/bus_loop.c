/*
 * bus_loop.c -- ZeroMQ sockets on a libuv loop.
 *
 * A socket's descriptor is edge-triggered: it tells once that something has changed. So a socket that may be readable is marked
 * (look), every round of the loop takes a bounded number of messages from the marked ones (uv_check), and the loop does not sleep
 * (uv_idle) while one stays marked. A send may eat the edge as well, so it marks its socket too.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uv.h>
#include <zmq.h>

#include "base/error.h"
#include "bus/bus_calls.h"

#define DRAIN_MAX 256		/* messages of one socket in one round of the loop */
#define DRAIN_BYTES_MAX (8 << 20)	/* and bytes */
#define QUEUE_MAX 1000		/* messages in a peer's queues, each way */
#define BIND_PATIENCE_MS 500	/* a door just closed, here or in a process that ends, frees its address a moment later */

struct loop {
	struct bus *bus;
	uv_loop_t loop;
	uv_async_t wake;
	uv_idle_t idle;		/* armed: do not sleep, there is more to read */
	uv_check_t check;
	uv_signal_t signals[2];
	uv_timer_t once;	/* bounds bus_run_once */
	bool signals_on;
	struct bus_port *following; /* whose turn is next in a round; a callback may unplug it */
};

struct socket {
	struct bus_port *port;
	void *socket;
	void *monitor;		/* of a link: tells whether it is connected */
	char *endpoint;
	uv_poll_t poll;
	bool look;		/* it may be readable without another edge to come */
	bool connected, closing;
};

struct ticker {
	struct bus_timer *timer;
	uv_timer_t handle;
	uint64_t due_ms;
};

static struct loop *loop_of(const struct bus *bus)
{
	return bus->base;
}

static void on_idle(uv_idle_t *handle)
{
	(void)handle; /* its being armed is all it is for */
}

static void keep_awake(struct loop *loop)
{
	uv_idle_start(&loop->idle, on_idle);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
	struct socket *s = handle->data;

	(void)status;
	(void)events;
	s->look = true; /* by the check handle of this same round */
}

/* ---- the one context ---- */

/*
 * house: process-wide, since ZeroMQ 4.3.4 tears libsodium down whenever any context ends, under the feet of the others (fixed after
 * 4.3.4). So there is one, and it ends with the process.
 */
static void *context;
static pthread_once_t context_once = PTHREAD_ONCE_INIT;

static void context_begin(void)
{
	signal(SIGPIPE, SIG_IGN); /* a peer that hangs up is an error code, not the end */
	context = zmq_ctx_new();
	if (context != NULL)
		zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 8192);
}

/* ---- messages in ---- */

/* Asking is also what takes the edge: a paused socket that nobody asks would keep the loop spinning. */
static bool readable(void *socket)
{
	int events = 0;
	size_t size = sizeof(events);

	return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

/* Takes one whole message; false: none is there. *shaped tells whether it is one of ours: at a door the peer's id and one frame, on a link one frame. */
static bool receive(struct socket *s, struct bus_peer *peer, zmq_msg_t *message, bool *shaped)
{
	*shaped = true;
	*peer = (struct bus_peer){0};
	if (zmq_msg_recv(message, s->socket, ZMQ_DONTWAIT) < 0)
		return false;
	if (s->port->is_door) {
		size_t size = zmq_msg_size(message);

		*shaped = size <= BUS_PEER_MAX && zmq_msg_more(message);
		if (*shaped) {
			peer->size = (uint8_t)size;
			memcpy(peer->id, zmq_msg_data(message), size);
			if (zmq_msg_recv(message, s->socket, ZMQ_DONTWAIT) < 0)
				return false;
		}
	}
	while (zmq_msg_more(message)) {
		*shaped = false;
		if (zmq_msg_recv(message, s->socket, ZMQ_DONTWAIT) < 0)
			return false;
	}
	return true;
}

static void drain(struct loop *loop, struct socket *s)
{
	struct bus_usage *usage = &loop->bus->usage;
	size_t bytes = 0;
	zmq_msg_t message;

	zmq_msg_init(&message);
	for (int i = 0; i < DRAIN_MAX && bytes < DRAIN_BYTES_MAX && !s->closing && !s->port->paused; i++) {
		struct bus_peer peer;
		bool shaped;

		if (!receive(s, &peer, &message, &shaped)) {
			s->look = false; /* an empty receive has taken the edge; what comes makes a new one */
			break;
		}
		bytes += zmq_msg_size(&message);
		if (!shaped) {
			usage->dropped++;
			continue;
		}
		usage->messages_in++;
		usage->bytes_in += zmq_msg_size(&message);
		s->port->on_message(s->port->context, s->port, &peer, bytes_of(zmq_msg_data(&message), zmq_msg_size(&message)));
	}
	zmq_msg_close(&message);
#ifdef MUTANT_BUS_NO_REARM
	s->look = false; /* what is left waits for an edge that never comes */
#endif
}

static void on_check(uv_check_t *handle)
{
	struct loop *loop = handle->data;
	bool more = false;

	uv_idle_stop(&loop->idle);
	for (struct bus_port *port = loop->bus->ports; port != NULL; port = loop->following) {
		struct socket *s = port->base;

		loop->following = port->next;
		if (!s->look)
			continue;
		if (port->paused)
			s->look = readable(s->socket);
		else
			drain(loop, s); /* may unplug the port, so only s is looked at afterwards */
		more = more || (s->look && !s->closing && !s->port->paused);
	}
	loop->following = NULL;
	if (more)
		keep_awake(loop);
}

static void on_wake(uv_async_t *handle)
{
	struct loop *loop = handle->data;

	if (loop->bus->on_wake != NULL)
		loop->bus->on_wake(loop->bus->wake_context);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct loop *loop = handle->data;

	(void)number;
	if (loop->bus->on_signal != NULL)
		loop->bus->on_signal(loop->bus->signal_context);
}

/* ---- ports ---- */

static int set_int(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value));
}

static int set_options(void *socket, bool is_door)
{
	int64_t most = BUS_MESSAGE_MAX;
	int wrong = set_int(socket, ZMQ_LINGER, 0) | set_int(socket, ZMQ_SNDHWM, QUEUE_MAX) |
		    set_int(socket, ZMQ_RCVHWM, QUEUE_MAX) | set_int(socket, ZMQ_HANDSHAKE_IVL, 3000) |
		    set_int(socket, ZMQ_HEARTBEAT_IVL, 5000) | set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, 15000) |
		    set_int(socket, ZMQ_HEARTBEAT_TTL, 15000) | set_int(socket, ZMQ_IPV6, 1) |
		    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof(most));

	if (is_door)
		wrong |= set_int(socket, ZMQ_ROUTER_MANDATORY, 1) | set_int(socket, ZMQ_BACKLOG, 1024);
	else
		wrong |= set_int(socket, ZMQ_IMMEDIATE, 1) | set_int(socket, ZMQ_RECONNECT_IVL, 50) |
			 set_int(socket, ZMQ_RECONNECT_IVL_MAX, 2000);
	return wrong == 0 ? ERR_NONE : ERR_SYSTEM;
}

/* A link hears of its own connections, to tell a full queue from nobody there. */
static int monitor_open(struct socket *s)
{
	static _Atomic uint64_t number; /* house: names of inproc sockets are process-wide, like the context */
	char name[64];

	snprintf(name, sizeof(name), "inproc://link-%llu", (unsigned long long)atomic_fetch_add(&number, 1));
	if (zmq_socket_monitor(s->socket, name, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0)
		return ERR_SYSTEM;
	s->monitor = zmq_socket(context, ZMQ_PAIR);
	if (s->monitor == NULL)
		return ERR_SYSTEM;
	/* RCVHWM 0: a full monitor would stop ZeroMQ's own thread. */
	if ((set_int(s->monitor, ZMQ_LINGER, 0) | set_int(s->monitor, ZMQ_RCVHWM, 0)) != 0 || zmq_connect(s->monitor, name) != 0)
		return ERR_SYSTEM;
	return ERR_NONE;
}

static int bind_patiently(void *socket, const char *endpoint)
{
	const struct timespec moment = {.tv_nsec = 5000000};

	for (unsigned waited_ms = 0;; waited_ms += 5) {
		int error = bus_endpoint_clear(endpoint);

		if (error == ERR_NONE) {
			if (zmq_bind(socket, endpoint) == 0)
				return ERR_NONE;
			error = errno == EADDRINUSE ? ERR_STORE_BUSY : errno == EINVAL ? ERR_USAGE : ERR_SYSTEM;
		}
		if (error != ERR_STORE_BUSY || waited_ms >= BIND_PATIENCE_MS)
			return error;
		nanosleep(&moment, NULL);
	}
}

static int socket_open(struct loop *loop, struct socket *s, const char *endpoint)
{
	uv_os_sock_t descriptor;
	size_t size = sizeof(descriptor);
	bool is_door = s->port->is_door;

	s->endpoint = strdup(endpoint);
	s->socket = zmq_socket(context, is_door ? ZMQ_ROUTER : ZMQ_DEALER);
	if (s->endpoint == NULL || s->socket == NULL)
		return ERR_SYSTEM;
	int error = set_options(s->socket, is_door);
	if (error == ERR_NONE)
		error = is_door ? bind_patiently(s->socket, endpoint) : monitor_open(s);
	if (error == ERR_NONE && !is_door && zmq_connect(s->socket, endpoint) != 0)
		error = errno == EINVAL ? ERR_USAGE : ERR_SYSTEM;
	if (error == ERR_NONE && zmq_getsockopt(s->socket, ZMQ_FD, &descriptor, &size) != 0)
		error = ERR_SYSTEM;
	if (error == ERR_NONE && uv_poll_init_socket(&loop->loop, &s->poll, descriptor) != 0)
		error = ERR_SYSTEM;
	return error;
}

static void socket_close(struct socket *s)
{
	if (s->monitor != NULL) {
		zmq_socket_monitor(s->socket, NULL, 0);
		zmq_close(s->monitor);
	}
	if (s->socket != NULL)
		zmq_close(s->socket);
	free(s->endpoint);
}

static int loop_port_open(struct bus *bus, struct bus_port *port, const char *endpoint)
{
	struct loop *loop = loop_of(bus);
	int error = bus_endpoint_check(endpoint);

	if (error != ERR_NONE)
		return error;
	struct socket *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return ERR_MEMORY;
	s->port = port;
	error = socket_open(loop, s, endpoint);
	if (error != ERR_NONE) {
		socket_close(s);
		free(s);
		return error;
	}
	s->poll.data = s;
	s->look = true; /* its first edge may be gone already */
	port->base = s;
	uv_poll_start(&s->poll, UV_READABLE, on_poll);
	keep_awake(loop);
	return ERR_NONE;
}

static void free_data(uv_handle_t *handle)
{
	free(handle->data);
}

static void loop_port_close(struct bus_port *port)
{
	struct loop *loop = loop_of(port->bus);
	struct socket *s = port->base;

	if (loop->following == port)
		loop->following = port->next;
	s->closing = true;
	uv_close((uv_handle_t *)&s->poll, free_data); /* stops it at once, so that its descriptor may go */
	if (port->is_door)
		bus_endpoint_release(s->endpoint);
	socket_close(s);
}

/* ---- messages out ---- */

/* The monitor's messages begin with a frame of an int16 event and an int32 value. */
static bool is_connected(struct socket *s)
{
	zmq_msg_t part;

	zmq_msg_init(&part);
	while (zmq_msg_recv(&part, s->monitor, ZMQ_DONTWAIT) >= 0) {
		uint16_t event;

		if (!zmq_msg_more(&part) || zmq_msg_size(&part) < sizeof(event))
			continue;
		memcpy(&event, zmq_msg_data(&part), sizeof(event));
		s->connected = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
	}
	zmq_msg_close(&part);
	return s->connected;
}

static int error_of_send(struct socket *s)
{
	switch (errno) {
	case EAGAIN:
		return s->port->is_door || is_connected(s) ? ERR_AGAIN : ERR_GONE;
	case EHOSTUNREACH:
		return ERR_GONE;
	default:
		return ERR_SYSTEM;
	}
}

static int loop_send(struct bus_port *port, const struct bus_peer *peer, struct bytes message)
{
	struct socket *s = port->base;
	int error = ERR_NONE;

	if (port->is_door && zmq_send(s->socket, peer->id, peer->size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		error = error_of_send(s);
	if (error == ERR_NONE && zmq_send(s->socket, message.data, message.size, ZMQ_DONTWAIT) < 0)
		error = error_of_send(s);
	s->look = true; /* the send may have eaten the edge of something to read */
	keep_awake(loop_of(port->bus));
	return error;
}

static void loop_pause(struct bus_port *port)
{
	((struct socket *)port->base)->look = true;
	keep_awake(loop_of(port->bus));
}

/* ---- timers, the clock, the loop ---- */

static void on_ticker(uv_timer_t *handle)
{
	struct ticker *ticker = handle->data;
	struct bus_usage *usage = &ticker->timer->bus->usage;
	uint64_t now_ms = uv_now(handle->loop), lag_ms = now_ms > ticker->due_ms ? now_ms - ticker->due_ms : 0;

	if (lag_ms * 1000 > usage->loop_lag_us_max)
		usage->loop_lag_us_max = lag_ms * 1000;
	ticker->due_ms = now_ms + uv_timer_get_repeat(handle);
	ticker->timer->on_timer(ticker->timer->context);
}

static int loop_timer_start(struct bus_timer *timer, uint64_t delay_ms, uint64_t repeat_ms)
{
	struct loop *loop = loop_of(timer->bus);
	struct ticker *ticker = calloc(1, sizeof(*ticker));

	if (ticker == NULL)
		return ERR_MEMORY;
	ticker->timer = timer;
	timer->base = ticker;
	uv_timer_init(&loop->loop, &ticker->handle);
	uv_update_time(&loop->loop);
	ticker->handle.data = ticker;
	ticker->due_ms = uv_now(&loop->loop) + delay_ms;
	return uv_timer_start(&ticker->handle, on_ticker, delay_ms, repeat_ms) == 0 ? ERR_NONE : ERR_SYSTEM;
}

static void loop_timer_stop(struct bus_timer *timer)
{
	struct ticker *ticker = timer->base;

	uv_timer_stop(&ticker->handle);
	uv_close((uv_handle_t *)&ticker->handle, free_data);
}

static void loop_wake(struct bus *bus)
{
	uv_async_send(&loop_of(bus)->wake);
}

static int loop_on_signal(struct bus *bus)
{
	static const int numbers[] = {SIGINT, SIGTERM};
	struct loop *loop = loop_of(bus);

	for (int i = 0; i < 2 && !loop->signals_on; i++) {
		uv_signal_init(&loop->loop, &loop->signals[i]);
		loop->signals[i].data = loop;
		uv_unref((uv_handle_t *)&loop->signals[i]);
	}
	loop->signals_on = true;
	for (int i = 0; i < 2; i++)
		if (uv_signal_start(&loop->signals[i], on_signal, numbers[i]) != 0)
			return ERR_SYSTEM;
	return ERR_NONE;
}

static int64_t clock_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t loop_now_us(const struct bus *bus)
{
	(void)bus;
	return clock_us(CLOCK_REALTIME);
}

static int64_t loop_monotonic_us(const struct bus *bus)
{
	(void)bus;
	return clock_us(CLOCK_MONOTONIC);
}

static void on_once(uv_timer_t *handle)
{
	(void)handle; /* only ends the wait */
}

static void loop_run(struct bus *bus, bool once, uint64_t wait_ms)
{
	struct loop *loop = loop_of(bus);

	if (!once) {
		uv_run(&loop->loop, UV_RUN_DEFAULT);
		return;
	}
	if (wait_ms > 0) {
		uv_update_time(&loop->loop);
		uv_timer_start(&loop->once, on_once, wait_ms, 0);
	}
	uv_run(&loop->loop, wait_ms > 0 ? UV_RUN_ONCE : UV_RUN_NOWAIT);
	uv_timer_stop(&loop->once);
}

static void loop_stop(struct bus *bus)
{
	uv_stop(&loop_of(bus)->loop);
}

static void loop_close(struct bus *bus)
{
	struct loop *loop = loop_of(bus);

	for (int i = 0; loop->signals_on && i < 2; i++)
		uv_close((uv_handle_t *)&loop->signals[i], NULL);
	uv_close((uv_handle_t *)&loop->wake, NULL);
	uv_close((uv_handle_t *)&loop->idle, NULL);
	uv_close((uv_handle_t *)&loop->check, NULL);
	uv_close((uv_handle_t *)&loop->once, NULL);
	uv_run(&loop->loop, UV_RUN_DEFAULT); /* every close callback */
	CHECK(uv_loop_close(&loop->loop) == 0);
	free(loop);
}

static const struct bus_operations loop_operations = {.close = loop_close,
						      .port_open = loop_port_open,
						      .port_close = loop_port_close,
						      .send = loop_send,
						      .pause = loop_pause,
						      .timer_start = loop_timer_start,
						      .timer_stop = loop_timer_stop,
						      .wake = loop_wake,
						      .on_signal = loop_on_signal,
						      .now_us = loop_now_us,
						      .monotonic_us = loop_monotonic_us,
						      .run = loop_run,
						      .stop = loop_stop};

int bus_loop_open(struct bus *bus)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return ERR_MEMORY;
	loop->bus = bus;
	pthread_once(&context_once, context_begin);
	if (context == NULL || uv_loop_init(&loop->loop) != 0) {
		free(loop);
		return ERR_SYSTEM;
	}
	uv_async_init(&loop->loop, &loop->wake, on_wake);
	uv_idle_init(&loop->loop, &loop->idle);
	uv_check_init(&loop->loop, &loop->check);
	uv_timer_init(&loop->loop, &loop->once);
	loop->wake.data = loop->check.data = loop;
	uv_check_start(&loop->check, on_check);
	bus->base = loop;
	bus->operations = &loop_operations;
	return ERR_NONE;
}
