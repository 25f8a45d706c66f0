/*
 * bus_loop.c -- ZeroMQ sockets on a libuv loop.
 *
 * A socket's descriptor is edge-triggered: it tells once that something has changed. So every round of the loop asks each socket
 * itself (uv_check), takes a bounded number of messages, and keeps the loop from sleeping (uv_idle) while any is left; a send may
 * eat the edge as well, so it arms the same idle handle.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uv.h>
#include <zmq.h>

#include "base/error.h"
#include "bus/bus_calls.h"

#define DRAIN_MAX 256		/* messages of one socket in one round of the loop */
#define QUEUE_MAX 1000		/* messages in a socket's queues, each way */

struct loop {
	struct bus *bus;
	uv_loop_t loop;
	uv_async_t wake;
	uv_idle_t idle;		/* armed: do not sleep, there is more to read */
	uv_check_t check;
	uv_signal_t signals[2];
	uv_timer_t once;	/* bounds bus_run_once */
	bool signals_on;
	void *context;		/* ZeroMQ's */
};

struct socket {
	struct bus_port *port;
	void *socket;
	uv_poll_t poll;
	bool closing;
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
	(void)handle;
	(void)status;
	(void)events; /* the check handle of this same round asks every socket */
}

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
	zmq_msg_t message;

	zmq_msg_init(&message);
	for (int i = 0; i < DRAIN_MAX && !s->closing && !s->port->paused; i++) {
		struct bus_peer peer;
		bool shaped;

		if (!receive(s, &peer, &message, &shaped))
			break;
		if (!shaped)
			continue;
		usage->messages_in++;
		usage->bytes_in += zmq_msg_size(&message);
		s->port->on_message(s->port->context, s->port, &peer, bytes_of(zmq_msg_data(&message), zmq_msg_size(&message)));
	}
	zmq_msg_close(&message);
}

static void on_check(uv_check_t *handle)
{
	struct loop *loop = handle->data;
	bool more = false;

	uv_idle_stop(&loop->idle);
	for (struct bus_port *port = loop->bus->ports, *next; port != NULL; port = next) {
		struct socket *s = port->base;

		next = port->next;
		if (!port->paused && readable(s->socket))
			drain(loop, s);
	}
	for (struct bus_port *port = loop->bus->ports; port != NULL; port = port->next)
		more = more || (!port->paused && readable(((struct socket *)port->base)->socket));
#if !defined(MUTANT_BUS_NO_REARM)
	if (more)
		keep_awake(loop);
#endif
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
		    set_int(socket, ZMQ_HEARTBEAT_TTL, 15000) |
		    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof(most));

	if (is_door)
		wrong |= set_int(socket, ZMQ_ROUTER_MANDATORY, 1) | set_int(socket, ZMQ_BACKLOG, 1024);
	else
		wrong |= set_int(socket, ZMQ_IMMEDIATE, 1) | set_int(socket, ZMQ_RECONNECT_IVL, 50) |
			 set_int(socket, ZMQ_RECONNECT_IVL_MAX, 2000);
	return wrong == 0 ? ERR_NONE : ERR_SYSTEM;
}

static int socket_open(struct loop *loop, struct socket *s, const char *endpoint)
{
	uv_os_sock_t descriptor;
	size_t size = sizeof(descriptor);
	bool is_door = s->port->is_door;

	s->socket = zmq_socket(loop->context, is_door ? ZMQ_ROUTER : ZMQ_DEALER);
	int error = s->socket != NULL ? set_options(s->socket, is_door) : ERR_SYSTEM;
	if (error == ERR_NONE && (is_door ? zmq_bind(s->socket, endpoint) : zmq_connect(s->socket, endpoint)) != 0)
		error = errno == EADDRINUSE ? ERR_STORE_BUSY : errno == EINVAL ? ERR_USAGE : ERR_SYSTEM;
	if (error == ERR_NONE && zmq_getsockopt(s->socket, ZMQ_FD, &descriptor, &size) != 0)
		error = ERR_SYSTEM;
	if (error == ERR_NONE && uv_poll_init_socket(&loop->loop, &s->poll, descriptor) != 0)
		error = ERR_SYSTEM;
	if (error != ERR_NONE && s->socket != NULL)
		zmq_close(s->socket);
	return error;
}

static int loop_port_open(struct bus *bus, struct bus_port *port, const char *endpoint)
{
	struct loop *loop = loop_of(bus);
	int error = bus_endpoint_check(endpoint);

	if (error == ERR_NONE && port->is_door)
		error = bus_endpoint_clear(endpoint);
	if (error != ERR_NONE)
		return error;
	struct socket *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return ERR_MEMORY;
	s->port = port;
	error = socket_open(loop, s, endpoint);
	if (error != ERR_NONE) {
		free(s);
		return error;
	}
	s->poll.data = s;
	port->base = s;
	uv_poll_start(&s->poll, UV_READABLE, on_poll);
	keep_awake(loop);
	return ERR_NONE;
}

static void on_socket_closed(uv_handle_t *handle)
{
	struct socket *s = handle->data;

	zmq_close(s->socket);
	free(s);
}

static void loop_port_close(struct bus_port *port)
{
	struct socket *s = port->base;

	s->closing = true;
	uv_poll_stop(&s->poll);
	uv_close((uv_handle_t *)&s->poll, on_socket_closed);
}

static int error_of_send(void)
{
	switch (errno) {
	case EAGAIN:
		return ERR_AGAIN;
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
		error = error_of_send();
	if (error == ERR_NONE && zmq_send(s->socket, message.data, message.size, ZMQ_DONTWAIT) < 0)
		error = error_of_send();
	keep_awake(loop_of(port->bus)); /* the send may have eaten the edge of something to read */
	return error;
}

static void loop_pause(struct bus_port *port)
{
	if (!port->paused)
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

static void free_data(uv_handle_t *handle)
{
	free(handle->data);
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

	signal(SIGPIPE, SIG_IGN);
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
	zmq_ctx_term(loop->context);
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

int bus_zmq_open(struct bus *bus)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return ERR_MEMORY;
	loop->bus = bus;
	loop->context = zmq_ctx_new();
	if (loop->context == NULL || uv_loop_init(&loop->loop) != 0) {
		if (loop->context != NULL)
			zmq_ctx_term(loop->context);
		free(loop);
		return ERR_SYSTEM;
	}
	zmq_ctx_set(loop->context, ZMQ_MAX_SOCKETS, 8192);
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
