/*
 * bus_loop.c -- ZeroMQ sockets on a libuv loop.
 *
 * A socket's descriptor is edge-triggered: it tells once that something has changed. So a socket that may be
 * readable is marked (look), every round of the loop takes a bounded number of messages from the marked ones
 * (uv_check), and the loop does not sleep (uv_idle) while one stays marked. A send may eat the edge as well,
 * so it marks its socket too.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uv.h>

#include "base/error.h"
#include "bus/bus_calls.h"
#include "bus/bus_socket.h"
#include "bus/bus_zap.h"

#define DRAIN_MAX 256             /* messages of one socket in one round of the loop */
#define DRAIN_BYTES_MAX (8 << 20) /* and bytes */
#define KEPT_MIN (16 << 10)        /* bytes: ZeroMQ reads 8 KiB at a time, and larger messages lie in memory of their own */
#define REFUSED_US 200000         /* first wait of a link whose key was not known, before it shows it again; doubled */
#define REFUSED_US_MAX 5000000

/* The handler of doors with keys: another socket of the loop. */
struct arrivals {
	struct bus_zap zap;
	uv_poll_t poll;
	bool look;
};

/* A connection that ends in a moment. */
struct ending {
	struct ending *next;
	uv_timer_t timer;
	int file;
	uint8_t line[4]; /* as its peer had it: one is ended once */
};

struct loop {
	struct bus *bus;
	uv_loop_t loop;
	uv_async_t wake;
	uv_idle_t idle; /* armed: do not sleep, there is more to read */
	uv_check_t check;
	uv_signal_t signals[2];
	uv_timer_t once; /* bounds bus_run_once */
	uv_idle_t over;  /* armed: its time is over, also when that came before the wait */
	bool signals_on;
	struct arrivals *arrivals; /* NULL: no door has keys */
	struct ending *endings;
	struct bus_port *following; /* whose turn is next in a round; a callback may unplug it */
	zmq_msg_t *heard; /* in a callback: its message */
};

struct watched {
	struct bus_port *port;
	struct bus_socket socket;
	uv_poll_t poll;
	bool look; /* it may be readable without another edge to come */
	bool closing;
	int64_t again_us, refused_us; /* of a link whose key was not known: when it is shown again, and the wait before */
};

struct bus_kept {
	zmq_msg_t message;
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
	struct watched *w = handle->data;

	(void)status;
	(void)events;
	w->look = true; /* by the check handle of this same round */
}

/* ---- messages in ---- */

static void drain(struct loop *loop, struct watched *w)
{
	struct bus_usage *usage = &loop->bus->usage;
	size_t bytes = 0;
	zmq_msg_t message;

	zmq_msg_init(&message);
	for (int i = 0; i < DRAIN_MAX && bytes < DRAIN_BYTES_MAX && !w->closing && !w->port->paused; i++) {
		struct bus_peer from;
		enum bus_socket_taken taken = bus_socket_take(&w->socket, &from, &message);

		if (taken == BUS_SOCKET_EMPTY) {
			w->look = false; /* an empty receive has taken the edge; what comes makes a new one */
			break;
		}
		bytes += zmq_msg_size(&message);
		if (taken == BUS_SOCKET_MISSHAPEN) {
			usage->dropped++;
			continue;
		}
		usage->messages_in++;
		usage->bytes_in += zmq_msg_size(&message);
		loop->heard = &message;
		w->port->on_message(w->port->context, w->port, &from,
		                    bytes_of(zmq_msg_data(&message), zmq_msg_size(&message)));
		loop->heard = NULL;
	}
	zmq_msg_close(&message);
#ifdef MUTANT_BUS_NO_REARM
	w->look = false; /* what is left waits for an edge that never comes */
#endif
}

static void on_check(uv_check_t *handle)
{
	struct loop *loop = handle->data;
	bool more = false;

	uv_idle_stop(&loop->idle);
	if (loop->arrivals != NULL && loop->arrivals->look)
		more = loop->arrivals->look = bus_zap_serve(&loop->arrivals->zap);
	for (struct bus_port *port = loop->bus->ports; port != NULL; port = loop->following) {
		struct watched *w = port->base;

		loop->following = port->next;
		if (!w->look)
			continue;
		if (port->paused)
			w->look = bus_socket_readable(&w->socket);
		else
			drain(loop, w); /* may unplug the port, so only w is looked at afterwards */
		more = more || (w->look && !w->closing && !w->port->paused);
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

static void on_arrivals(uv_poll_t *handle, int status, int events)
{
	struct arrivals *arrivals = handle->data;

	(void)status;
	(void)events;
	arrivals->look = true;
}

static void free_data(uv_handle_t *handle)
{
	free(handle->data);
}

/* Whoever decides who is let in is there, and was seen to refuse a stranger, before the first door with keys is. */
static int open_arrivals(struct loop *loop)
{
	int descriptor, error;

	if (loop->arrivals != NULL)
		return ERR_NONE;
	struct arrivals *arrivals = calloc(1, sizeof(*arrivals));
	if (arrivals == NULL)
		return ERR_MEMORY;
	error = bus_zap_open(&arrivals->zap, loop->bus, &descriptor);
	if (error == ERR_NONE)
		error = bus_zap_prove(&arrivals->zap);
	if (error == ERR_NONE && uv_poll_init_socket(&loop->loop, &arrivals->poll, descriptor) != 0)
		error = ERR_SYSTEM;
	if (error != ERR_NONE) {
		bus_zap_close(&arrivals->zap);
		free(arrivals);
		return error;
	}
	arrivals->poll.data = arrivals;
	arrivals->look = true;
	uv_poll_start(&arrivals->poll, UV_READABLE, on_arrivals);
	loop->arrivals = arrivals;
	return ERR_NONE;
}

static void close_arrivals(struct loop *loop)
{
	if (loop->arrivals == NULL)
		return;
	uv_close((uv_handle_t *)&loop->arrivals->poll, free_data);
	bus_zap_close(&loop->arrivals->zap);
	loop->arrivals = NULL;
}

static int loop_port_open(struct bus *bus, struct bus_port *port, const char *endpoint)
{
	struct loop *loop = loop_of(bus);
	struct bus_security security = {.own = port->is_secured ? &bus->own : NULL, .pinned = bus_pin_of(bus, endpoint)};
	int descriptor, error = bus_endpoint_check(endpoint, port->is_secured);

	if (error == ERR_NONE && port->is_secured && port->is_door)
		error = open_arrivals(loop);
	if (error != ERR_NONE)
		return error;
	struct watched *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return ERR_MEMORY;
	w->port = port;
	error = bus_socket_open(&w->socket, endpoint, port->is_door, &security, &descriptor);
	if (error == ERR_NONE && uv_poll_init_socket(&loop->loop, &w->poll, descriptor) != 0)
		error = ERR_SYSTEM;
	if (error != ERR_NONE) {
		bus_socket_close(&w->socket);
		free(w);
		return error;
	}
	w->poll.data = w;
	w->look = true; /* its first edge may be gone already */
	port->base = w;
	uv_poll_start(&w->poll, UV_READABLE, on_poll);
	keep_awake(loop);
	return ERR_NONE;
}

static void watched_close(struct watched *w)
{
	w->closing = true;
	uv_close((uv_handle_t *)&w->poll, free_data); /* stops it at once, so that its descriptor may go */
	bus_socket_close(&w->socket);
}

static void loop_port_close(struct bus_port *port)
{
	struct loop *loop = loop_of(port->bus);
	struct watched *w = port->base;

	if (loop->following == port)
		loop->following = port->next;
	if (port->is_door)
		bus_endpoint_release(w->socket.endpoint);
	watched_close(w);
}

/* A socket that was told that its key is not known asks no more, whatever becomes of the key: another one asks, after a while. */
static void show_again(struct bus_port *port)
{
	struct watched *w = port->base;
	int64_t now_us = port->bus->operations->monotonic_us(port->bus);

	if (w->again_us == 0) {
		w->refused_us = w->refused_us == 0 ? REFUSED_US : w->refused_us * 2;
		w->refused_us = w->refused_us < REFUSED_US_MAX ? w->refused_us : REFUSED_US_MAX;
		w->again_us = now_us + w->refused_us;
	}
	if (now_us < w->again_us)
		return;
	if (loop_port_open(port->bus, port, w->socket.endpoint) == ERR_NONE) {
		((struct watched *)port->base)->refused_us = w->refused_us;
		watched_close(w);
	} else {
		w->again_us = 0; /* the same one waits on */
	}
}

static int loop_send(struct bus_port *port, const struct bus_peer *peer, struct bytes message)
{
	struct watched *w = port->base;
	int error = bus_socket_send(&w->socket, peer, message);

	w->look = true; /* the send may have eaten the edge of something to read */
	if (error == ERR_GONE && !port->is_door && w->socket.is_refused)
		show_again(port);
	keep_awake(loop_of(port->bus));
	return error;
}

static struct bus_kept *loop_keep(struct bus *bus)
{
	zmq_msg_t *heard = loop_of(bus)->heard;
	struct bus_kept *kept = NULL;

	if (heard != NULL && zmq_msg_size(heard) >= KEPT_MIN)
		kept = malloc(sizeof(*kept));
	if (kept == NULL)
		return NULL;
	const void *bytes = zmq_msg_data(heard);
	zmq_msg_init(&kept->message);
	zmq_msg_move(&kept->message, heard); /* what is left of it is empty */
	CHECK(zmq_msg_data(&kept->message) == bytes);
	return kept;
}

void bus_let_go(struct bus_kept **kept)
{
	if (*kept == NULL)
		return;
	zmq_msg_close(&(*kept)->message);
	free(*kept);
	*kept = NULL;
}

static void end_now(struct loop *loop, struct ending *ending)
{
	for (struct ending **at = &loop->endings; *at != NULL; at = &(*at)->next)
		if (*at == ending) {
			*at = ending->next;
			break;
		}
	bus_socket_end(ending->file);
	uv_close((uv_handle_t *)&ending->timer, free_data);
}

static void on_ending(uv_timer_t *timer)
{
	end_now(loop_of(((struct bus *)timer->loop->data)), timer->data);
}

/*
 * The caller has just been able to send to the peer, or hears it: its file is still that of its connection, and the one that is held stays so.
 * What that leaves are microseconds in which another peer may get the number; that one would come back.
 */
static void loop_cut(struct bus_port *port, const struct bus_peer *peer)
{
	struct loop *loop = loop_of(port->bus);
	struct ending *ending = loop->endings;

	while (ending != NULL && memcmp(ending->line, peer->line, sizeof(peer->line)) != 0)
		ending = ending->next;
	if (ending != NULL || (ending = calloc(1, sizeof(*ending))) == NULL)
		return;
	ending->file = bus_socket_hold(peer);
	if (ending->file < 0) {
		free(ending);
		return;
	}
	memcpy(ending->line, peer->line, sizeof(ending->line));
	ending->next = loop->endings;
	loop->endings = ending;
	uv_timer_init(&loop->loop, &ending->timer);
	ending->timer.data = ending;
	uv_update_time(&loop->loop);
	uv_timer_start(&ending->timer, on_ending, BUS_CUT_MS, 0);
}

static void loop_pause(struct bus_port *port)
{
	((struct watched *)port->base)->look = true;
	keep_awake(loop_of(port->bus));
}

/* ---- timers, the clock, the loop ---- */

static void on_ticker(uv_timer_t *handle)
{
	struct ticker *ticker = handle->data;
	struct bus_usage *usage = &ticker->timer->bus->usage;
	uint64_t now_ms = uv_now(handle->loop),
	         lag_ms = now_ms > ticker->due_ms ? now_ms - ticker->due_ms : 0;

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

/*
 * Ends the wait. On a busy machine the time is over before the loop begins to wait: then it runs the timers first, and would wait for
 * something else, for ever.
 */
static void on_once(uv_timer_t *handle)
{
	uv_idle_start(&((struct loop *)handle->data)->over, on_idle);
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
	uv_idle_stop(&loop->over);
}

static void loop_stop(struct bus *bus)
{
	uv_stop(&loop_of(bus)->loop);
}

static void *loop_beneath(const struct bus *bus)
{
	return &loop_of(bus)->loop;
}

static void loop_close(struct bus *bus)
{
	struct loop *loop = loop_of(bus);

	close_arrivals(loop);
	while (loop->endings != NULL)
		end_now(loop, loop->endings);
	for (int i = 0; loop->signals_on && i < 2; i++)
		uv_close((uv_handle_t *)&loop->signals[i], NULL);
	uv_close((uv_handle_t *)&loop->wake, NULL);
	uv_close((uv_handle_t *)&loop->idle, NULL);
	uv_close((uv_handle_t *)&loop->check, NULL);
	uv_close((uv_handle_t *)&loop->once, NULL);
	uv_close((uv_handle_t *)&loop->over, NULL);
	/* Every close callback, even after a stop that nobody had waited for. */
	while (uv_loop_close(&loop->loop) == UV_EBUSY)
		uv_run(&loop->loop, UV_RUN_DEFAULT);
	free(loop);
}

static const struct bus_operations loop_operations = {.close = loop_close,
                                                      .port_open = loop_port_open,
                                                      .port_close = loop_port_close,
                                                      .send = loop_send,
                                                      .keep = loop_keep,
                                                      .cut = loop_cut,
                                                      .pause = loop_pause,
                                                      .timer_start = loop_timer_start,
                                                      .timer_stop = loop_timer_stop,
                                                      .wake = loop_wake,
                                                      .on_signal = loop_on_signal,
                                                      .now_us = loop_now_us,
                                                      .monotonic_us = loop_monotonic_us,
                                                      .run = loop_run,
                                                      .stop = loop_stop,
                                                      .loop = loop_beneath};

int bus_loop_open(struct bus *bus)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return ERR_MEMORY;
	loop->bus = bus;
	if (uv_loop_init(&loop->loop) != 0) {
		free(loop);
		return ERR_SYSTEM;
	}
	signal(SIGPIPE, SIG_IGN); /* a peer that hangs up is an error code, not the end */
	uv_async_init(&loop->loop, &loop->wake, on_wake);
	uv_idle_init(&loop->loop, &loop->idle);
	uv_check_init(&loop->loop, &loop->check);
	uv_timer_init(&loop->loop, &loop->once);
	uv_idle_init(&loop->loop, &loop->over);
	loop->loop.data = bus;
	loop->wake.data = loop->check.data = loop->once.data = loop;
	uv_check_start(&loop->check, on_check);
	bus->base = loop;
	bus->operations = &loop_operations;
	return ERR_NONE;
}
