/* bench_floor_wire.c -- the same tickets from one process to another, and nothing else: what the
 * socket alone allows. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zmq.h>

#include "bench_floor.h"
#include "pack/message.h"

#define QUEUE 1000
#define FRAME_BYTES (1 << 20)
#define RECEIVE_MS 20000

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "bench_floor: %s: %s\n", what, zmq_strerror(zmq_errno()));
	exit(1);
}

static void *open_socket(void *context, int kind, const char *endpoint)
{
	const int queue = QUEUE, receive = RECEIVE_MS;
	void *socket = zmq_socket(context, kind);

	must(socket != NULL, "socket");
	zmq_setsockopt(socket, ZMQ_SNDHWM, &queue, sizeof(queue));
	zmq_setsockopt(socket, ZMQ_RCVHWM, &queue, sizeof(queue));
	zmq_setsockopt(socket, ZMQ_RCVTIMEO, &receive, sizeof(receive));
	must((kind == ZMQ_ROUTER ? zmq_bind(socket, endpoint) : zmq_connect(socket, endpoint)) == 0,
	     endpoint);
	return socket;
}

/* The sending process: publish frames as a till makes them, round and round, until enough sales are
 * sent. */
static void send_all(const struct bench_sales *sales, const char *endpoint, unsigned per_frame,
                     unsigned most)
{
	uint8_t *frame = malloc(FRAME_BYTES);
	uint32_t at[BENCH_TILLS] = {0};
	unsigned sent = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	void *socket = open_socket(zmq_ctx_new(), ZMQ_DEALER, endpoint);
	CHECK(frame != NULL);
	for (unsigned i = 0; sent < most; i = (i + 1) % BENCH_TILLS) {
		const struct bench_till *till = &sales->tills[i];
		struct writer writer = writer_of(frame, FRAME_BYTES);
		uint32_t from = at[i] < till->count ? at[i] : 0,
		         until = from + per_frame < till->count ? from + per_frame : till->count;

		if (until > from + (most - sent))
			until = from + (most - sent);
		size_t begins = from > 0 ? till->ends[from - 1] : 0;
		message_write_publish(
		    &writer, 1, text_of(till->name), 1, from + 1,
		    bytes_of(till->bytes + begins, till->ends[until - 1] - begins), until - from);
		CHECK(writer.error == 0);
		must(zmq_send(socket, frame, writer.used, 0) >= 0, "send");
		at[i] = until;
		sent += until - from;
	}
	zmq_close(socket);
	pause(); /* until the receiver has everything and ends us */
	_exit(0);
}

/* The kind, the session and so on are skipped: a frame tells how many sales it holds in the head of
 * its last array. */
static unsigned sales_of(const uint8_t *frame, size_t size)
{
	struct reader reader = reader_of(bytes_of(frame, size));

	(void)reader_array(&reader, 6);
	for (int i = 0; i < 5; i++)
		reader_skip(&reader);
	uint32_t count = reader_array(&reader, MESSAGE_EVENTS_MAX);
	CHECK(reader.error == 0 && count > 0);
	return count;
}

double bench_floor_wire(const struct bench_sales *sales, const char *folder, unsigned per_frame,
                        unsigned most)
{
	char endpoint[4200];
	unsigned received = 0;
	double began = 0;
	zmq_msg_t message;

	snprintf(endpoint, sizeof(endpoint), "ipc://%s/floor.sock", folder);
	fflush(stdout);
	pid_t child = fork();
	must(child >= 0, "fork");
	if (child == 0)
		send_all(sales, endpoint, per_frame, most);
	void *context = zmq_ctx_new(), *socket = open_socket(context, ZMQ_ROUTER, endpoint);
	zmq_msg_init(&message);
	while (received < most) {
		must(zmq_msg_recv(&message, socket, 0) >= 0, "receive"); /* who sent it */
		must(zmq_msg_recv(&message, socket, 0) >= 0, "receive");
		if (received == 0)
			began = bench_floor_seconds();
		received += sales_of(zmq_msg_data(&message), zmq_msg_size(&message));
	}
	double took = bench_floor_seconds() - began;
	zmq_msg_close(&message);
	kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	zmq_close(socket);
	zmq_ctx_term(context);
	(void)unlink(endpoint + 6);
	return received / took;
}
