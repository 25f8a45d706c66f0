/*
 * bus_socket.h -- one ZeroMQ socket: its options, its address, one message in, one message out.
 *
 * Only the bus room includes it. It does not wait and knows no loop.
 */
#ifndef TRIBUTARY_BUS_BUS_SOCKET_H
#define TRIBUTARY_BUS_BUS_SOCKET_H

#include <zmq.h>

#include "bus/bus.h"

struct bus_socket {
	void *socket, *monitor; /* monitor: of a link; tells whether it is connected */
	char *endpoint;
	bool is_door, connected, is_secured;
	bool is_refused; /* a link: the door does not know its key, and this socket will not ask again */
};

/* Keys of a socket; own NULL: it takes none. pinned: of the door that a link speaks to. */
struct bus_security {
	const struct bus_keypair *own;
	const char *pinned;
};

/*
 * bus_socket_open -- bind a door or connect a link; *descriptor is what a loop polls for reading.
 *   owns    whatever it returns, bus_socket_close undoes it.
 *   errors  ERR_USAGE, ERR_STORE_BUSY, ERR_MEMORY, ERR_SYSTEM.
 */
int bus_socket_open(struct bus_socket *s, const char *endpoint, bool is_door, const struct bus_security *security,
                    int *descriptor) must_check;
void bus_socket_close(struct bus_socket *s);

/* bus_socket_readable -- whether a message waits. Asking is also what takes the edge off the descriptor. */
bool bus_socket_readable(struct bus_socket *s);

enum bus_socket_taken { BUS_SOCKET_EMPTY, BUS_SOCKET_MESSAGE, BUS_SOCKET_MISSHAPEN };

/* bus_socket_take -- one whole message, if there is one; misshapen: not one frame, or from an id above
 * BUS_PEER_MAX. message is initialised. */
enum bus_socket_taken bus_socket_take(struct bus_socket *s, struct bus_peer *from, zmq_msg_t *message);

/* bus_socket_context -- the process's one, for the room's other sockets.   bus_socket_secure -- options of keys. */
void *bus_socket_context(void);
int bus_socket_secure(void *socket, bool is_door, const struct bus_security *security) must_check;

/*
 * bus_socket_hold -- another file of a peer's connection, which stays that connection whatever ZeroMQ's own becomes meanwhile.
 *   owns    the file, until bus_socket_end closes it, and ends the connection.   errors  -1: it is gone, or there is no file to be had.
 */
int bus_socket_hold(const struct bus_peer *peer) must_check;
void bus_socket_end(int file);

/* bus_socket_send -- as bus_send. */
int bus_socket_send(struct bus_socket *s, const struct bus_peer *peer, struct bytes message) must_check;

#endif
