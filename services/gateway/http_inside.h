/* http_inside.h -- what http.c, http_head.c, http_write.c and live.c share. */
#ifndef TRIBUTARY_GATEWAY_HTTP_INSIDE_H
#define TRIBUTARY_GATEWAY_HTTP_INSIDE_H

#include <libwebsockets.h>
#include <uthash.h>

#include "http.h"

#define ADDRESS_SIZE 48
#define WRITE_BYTES (64u << 10)

/* One connection, from its first byte to its last. */
struct peer {
	UT_hash_handle hh;
	struct lws *handle;
	char address[ADDRESS_SIZE];
	int64_t until_us; /* monotonic; when it is over unless something happens; 0: never */
};

/* What the library keeps for us with a connection that has said what it wants. */
struct seat {
	struct request *request;
	struct live *live;
};

struct gateway *http_gateway(struct lws *handle);

/* http_until -- the connection is over in so long, unless something happens; 0: never. */
void http_until(struct lws *handle, int64_t us);

/*
 * http_head -- what a head says, into a request; every limit of heads is checked here.
 *   errors  false: it was refused, the problem is answered in the request.
 */
bool http_head(struct request *request);

/* http_header -- one header, when it is there once and fits; empty text otherwise. */
void http_header(struct lws *handle, enum lws_token_indexes token, char *out, size_t size);
bool http_same_origin(struct lws *handle);

/* http_write -- head and body, as much as there is room for. Returns what a callback of the library returns. */
int http_write(struct lws *handle, struct request *request);

/* http_refuse -- the answer of a request that never gets a place: head and body at once. */
void http_refuse(struct lws *handle, const struct request *request);

/* live.c: a WebSocket. */
int live_callback(struct lws *handle, enum lws_callback_reasons reason, struct seat *seat, void *in, size_t size);
/* live_welcome -- whether this upgrade is one; false: the answer was written and the connection ends. */
bool live_welcome(struct lws *handle, struct gateway *gateway);

#endif
