/* bus_socket.c -- ZeroMQ as this project uses it: small queues, no lingering, no silent drops, quick
 * handshakes. */
#include "bus/bus_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "bus/bus_calls.h"

#define QUEUE_MAX 1000 /* messages in a peer's queues, each way */
#define SOCKETS_MAX 8192
#define BACKLOG 1024      /* connections not yet accepted: a whole network may come back at once */
#if defined(MUTANT_LONG_HANDSHAKE)
#define HANDSHAKE_MS 30000
#else
#define HANDSHAKE_MS 3000 /* with ZeroMQ's own 30 s a few hundred silent connections keep the real ones out  \
	                   */
#endif
#define HEARTBEAT_MS 5000
#define SILENCE_MS 15000
#define RECONNECT_MS 50 /* first wait of a link, doubled up to the maximum; ZeroMQ adds jitter */
#define RECONNECT_MS_MAX 2000
#define ZAP_ENFORCE_DOMAIN 93 /* ZMQ_ZAP_ENFORCE_DOMAIN, which the library has and Debian's header has not */
#define BIND_PATIENCE_MS                                                                                     \
	500 /* a door just closed, here or in a process that ends, frees its address a moment later */

/*
 * house: process-wide, since ZeroMQ 4.3.4 tears libsodium down whenever any context ends, under the feet of
 * the others (fixed after 4.3.4). So there is one, and it ends with the process.
 */
static void *context;
static pthread_once_t context_once = PTHREAD_ONCE_INIT;

static void context_begin(void)
{
	context = zmq_ctx_new();
	if (context != NULL)
		zmq_ctx_set(context, ZMQ_MAX_SOCKETS, SOCKETS_MAX);
}

void *bus_socket_context(void)
{
	pthread_once(&context_once, context_begin);
	return context;
}

static int set_int(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value));
}

static int set_options(void *socket, bool is_door)
{
	int64_t most = BUS_MESSAGE_MAX;
	int wrong = set_int(socket, ZMQ_LINGER, 0) | set_int(socket, ZMQ_SNDHWM, QUEUE_MAX) |
	            set_int(socket, ZMQ_RCVHWM, QUEUE_MAX) |
	            set_int(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) |
	            set_int(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS) |
	            set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, SILENCE_MS) |
	            set_int(socket, ZMQ_HEARTBEAT_TTL, SILENCE_MS) | set_int(socket, ZMQ_IPV6, 1) |
	            zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof(most));

	if (is_door) /* mandatory: what cannot be routed is said, not dropped */
		wrong |= set_int(socket, ZMQ_ROUTER_MANDATORY, 1) | set_int(socket, ZMQ_BACKLOG, BACKLOG);
	else /* immediate: nothing queues for a door that is not there */
		wrong |= set_int(socket, ZMQ_IMMEDIATE, 1) |
		         set_int(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS) |
		         set_int(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MS_MAX);
	return wrong == 0 ? ERR_NONE : ERR_SYSTEM;
}

/* A door with keys asks the handler of its context (bus_zap.h) about every peer; without one it lets nobody in. */
int bus_socket_secure(void *socket, bool is_door, const struct bus_security *security)
{
	static const char domain[] = "tributary";
	int wrong = zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, security->own->secret_key, BUS_KEY_TEXT + 1) |
	            zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, security->own->public_key, BUS_KEY_TEXT + 1);

	if (is_door)
		wrong |= set_int(socket, ZMQ_CURVE_SERVER, 1) | set_int(socket, ZAP_ENFORCE_DOMAIN, 1) |
		         zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, sizeof(domain) - 1);
	else
		wrong |= zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, security->pinned, BUS_KEY_TEXT + 1);
	return wrong == 0 ? ERR_NONE : ERR_SYSTEM;
}

/* A link hears of its own connections, to tell a full queue from nobody there. */
static int monitor_open(struct bus_socket *s)
{
	static _Atomic uint64_t
	    number; /* house: names of inproc sockets are process-wide, like the context */
	char name[64];

	snprintf(name, sizeof(name), "inproc://link-%llu", (unsigned long long)atomic_fetch_add(&number, 1));
	if (zmq_socket_monitor(s->socket, name, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) != 0)
		return ERR_SYSTEM;
	s->monitor = zmq_socket(context, ZMQ_PAIR);
	if (s->monitor == NULL)
		return ERR_SYSTEM;
	/* RCVHWM 0: a full monitor would stop ZeroMQ's own thread. */
	if ((set_int(s->monitor, ZMQ_LINGER, 0) | set_int(s->monitor, ZMQ_RCVHWM, 0)) != 0 ||
	    zmq_connect(s->monitor, name) != 0)
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
				return bus_endpoint_close_to_others(endpoint);
			error = errno == EADDRINUSE ? ERR_STORE_BUSY
			        : errno == EINVAL   ? ERR_USAGE
			                            : ERR_SYSTEM;
		}
		if (error != ERR_STORE_BUSY || waited_ms >= BIND_PATIENCE_MS)
			return error;
		nanosleep(&moment, NULL);
	}
}

int bus_socket_open(struct bus_socket *s, const char *endpoint, bool is_door, const struct bus_security *security,
                    int *descriptor)
{
	size_t size = sizeof(*descriptor);

	*s = (struct bus_socket){
	    .is_door = is_door, .is_secured = security->own != NULL, .endpoint = strdup(endpoint)};
	if (bus_socket_context() == NULL || s->endpoint == NULL)
		return ERR_MEMORY;
	s->socket = zmq_socket(context, is_door ? ZMQ_ROUTER : ZMQ_DEALER);
	int error = s->socket != NULL ? set_options(s->socket, is_door) : ERR_SYSTEM;
	if (error == ERR_NONE && s->is_secured)
		error = bus_socket_secure(s->socket, is_door, security);
	if (error == ERR_NONE)
		error = is_door ? bind_patiently(s->socket, endpoint) : monitor_open(s);
	if (error == ERR_NONE && !is_door && zmq_connect(s->socket, endpoint) != 0)
		error = errno == EINVAL ? ERR_USAGE : ERR_SYSTEM;
	if (error == ERR_NONE && zmq_getsockopt(s->socket, ZMQ_FD, descriptor, &size) != 0)
		error = ERR_SYSTEM;
	return error;
}

void bus_socket_close(struct bus_socket *s)
{
	if (s->monitor != NULL) {
		zmq_socket_monitor(s->socket, NULL, 0);
		zmq_close(s->monitor);
	}
	if (s->socket != NULL)
		zmq_close(s->socket);
	free(s->endpoint);
	*s = (struct bus_socket){0};
}

bool bus_socket_readable(struct bus_socket *s)
{
	int events = 0;
	size_t size = sizeof(events);

	return zmq_getsockopt(s->socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

/* The key that its connection has shown, as the handler has noted it. */
static bool take_key(zmq_msg_t *message, struct bus_peer *from)
{
	const char *key = zmq_msg_gets(message, "User-Id");

	if (key == NULL || strlen(key) != BUS_KEY_TEXT)
		return false; /* nobody has let it in */
	memcpy(from->key, key, BUS_KEY_TEXT);
	int file = zmq_msg_get(message, ZMQ_SRCFD); /* deprecated, and the only way to name one connection of a door */
	memcpy(from->line, &file, sizeof(from->line));
	return true;
}

enum bus_socket_taken bus_socket_take(struct bus_socket *s, struct bus_peer *from, zmq_msg_t *message)
{
	bool shaped = true;

	*from = (struct bus_peer){0};
	if (zmq_msg_recv(message, s->socket, ZMQ_DONTWAIT) < 0)
		return BUS_SOCKET_EMPTY;
	if (s->is_door) { /* the peer's id comes before its frame; the parts of a message arrive together */
		size_t size = zmq_msg_size(message);

		shaped = size <= BUS_PEER_MAX && zmq_msg_more(message);
		if (shaped) {
			from->size = (uint8_t)size;
			memcpy(from->id, zmq_msg_data(message), size);
			shaped = zmq_msg_recv(message, s->socket, ZMQ_DONTWAIT) >= 0;
		}
	}
	if (shaped && s->is_door && s->is_secured)
		shaped = take_key(message, from);
	while (zmq_msg_more(message)) {
		shaped = false;
		if (zmq_msg_recv(message, s->socket, ZMQ_DONTWAIT) < 0)
			break;
	}
	return shaped ? BUS_SOCKET_MESSAGE : BUS_SOCKET_MISSHAPEN;
}

/* The monitor's messages begin with a frame of an int16 event and an int32 value. */
static bool is_connected(struct bus_socket *s)
{
	zmq_msg_t part;

	zmq_msg_init(&part);
	while (zmq_msg_recv(&part, s->monitor, ZMQ_DONTWAIT) >= 0) {
		uint16_t event;

		if (!zmq_msg_more(&part) || zmq_msg_size(&part) < sizeof(event))
			continue;
		memcpy(&event, zmq_msg_data(&part), sizeof(event));
		s->connected = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
		s->is_refused = s->is_refused || event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
	}
	zmq_msg_close(&part);
	return s->connected;
}

static int send_error(struct bus_socket *s)
{
	switch (errno) {
	case EAGAIN:
		return s->is_door || is_connected(s) ? ERR_AGAIN : ERR_GONE;
	case EHOSTUNREACH:
		return ERR_GONE;
	default:
		return ERR_SYSTEM;
	}
}

int bus_socket_hold(const struct bus_peer *peer)
{
	int file, kind;
	socklen_t size = sizeof(kind);

	memcpy(&file, peer->line, sizeof(file));
	file = fcntl(file, F_DUPFD_CLOEXEC, 0);
	if (file >= 0 && getsockopt(file, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 && kind == SOCK_STREAM)
		return file;
	if (file >= 0)
		close(file);
	return -1;
}

void bus_socket_end(int file)
{
	(void)shutdown(file, SHUT_RDWR);
	close(file);
}

/* The bytes find their memory before the address is said: what follows an address goes to it, also somebody else's message. */
int bus_socket_send(struct bus_socket *s, const struct bus_peer *peer, struct bytes message)
{
	zmq_msg_t part;

	if (zmq_msg_init_size(&part, message.size) != 0)
		return ERR_MEMORY;
	if (message.size > 0)
		memcpy(zmq_msg_data(&part), message.data, message.size);
	bool sent = !s->is_door || zmq_send(s->socket, peer->id, peer->size, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0;
	if (sent && zmq_msg_send(&part, s->socket, ZMQ_DONTWAIT) >= 0)
		return ERR_NONE;
	int error = send_error(s);
	zmq_msg_close(&part);
	return error;
}
