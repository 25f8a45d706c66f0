/*
 * gateway.h -- the network over HTTP: one process without a store, that asks the doors for whoever shows a token.
 *
 * All limits stand here: the library below knows none of them. See DESIGN.md for the rules.
 */
#ifndef TRIBUTARY_GATEWAY_GATEWAY_H
#define TRIBUTARY_GATEWAY_GATEWAY_H

#include <stdatomic.h>

#include "base/error.h"
#include "base/when.h"
#include "line.h"
#include "params/params.h"

#define HEADER_BYTES_MAX 8192	     /* of a request's head */
#define BODY_BYTES_MAX (1u << 20)    /* of a request's body */
#define MESSAGE_BYTES_MAX 4096	     /* of what a WebSocket says to us */
#define CONNECTIONS_MAX 1024
#define CONNECTIONS_ADDRESS_MAX 512  /* of one address */
#define REQUESTS_MAX 512	     /* that wait for a door */
#define STREAMS_MAX 256		     /* server-sent events and WebSockets */
#define HEAD_US (10 * US_PER_SECOND)	  /* until a request's head is there */
#define BODY_US (20 * US_PER_SECOND)	  /* until its body is */
#define IDLE_US (60 * US_PER_SECOND)	  /* between requests */
#define READER_US (30 * US_PER_SECOND)	  /* without taking anything of an answer */
#define DOOR_MS 10000			  /* for a door to answer */
#define PUBLISH_MS 20000		  /* for events to become durable */

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_DELETE, METHOD_OTHER };

struct gateway;
struct request;
struct lws;

/* What the gateway counts of itself, for /metrics. */
struct gateway_counts {
	uint64_t requests[6]; /* by the first digit of the status */
	uint64_t events_published, events_refused, connections_refused, bytes_out, dropped;
	unsigned connections, requests_open, streams;
};

struct measures;
struct tail;
struct sessions;
struct pages;
struct job;

struct gateway {
	struct bus *bus;
	struct lines *lines;
	struct params params;
	struct lws_context *http;
	struct bus_timer *tick;
	struct peer *peers;	    /* connections, by their handle */
	struct measures *measures;  /* live views of kpi, by token */
	struct tail *tails;	    /* live tails, by token and service */
	struct job *jobs;	    /* answers that several requests may wait for */
	struct sessions *sessions;
	struct pages *pages;
	struct bytes document;	    /* openapi.yaml */
	struct gateway_counts counts;
	bool has_registry, stopping, is_tls;
	char local_token[TOKEN_MAX + 1]; /* DIR/gateway.token; empty: there is none */
	int64_t looked_us;
};

/* service_index -- the place of a service in params_services, or PARAMS_SERVICES. */
unsigned service_index(struct text name);

#endif
