/*
 * request.h -- one HTTP request: what was asked, by whom, and its answer.
 *
 * A handler either answers at once or keeps the request (request_keep) and answers later; whoever asked may be gone by then, which the
 * answer does not notice. A handler that holds something for the request is told (on_gone).
 */
#ifndef TRIBUTARY_GATEWAY_REQUEST_H
#define TRIBUTARY_GATEWAY_REQUEST_H

#include "buffer.h"
#include "gateway.h"

#define ARGUMENTS_MAX 16
#define ARGUMENT_BYTES_MAX 1300
#define PATH_BYTES_MAX 300

struct argument {
	char *name, *value;
};

/* Who asks: the token that the doors decide by, and how it was shown. */
struct caller {
	char token[TOKEN_MAX + 1]; /* for the doors; empty: the local operator's */
	bool by_cookie, known;
};

struct request {
	struct gateway *gateway;
	struct lws *handle; /* NULL: whoever asked is gone */
	unsigned holders;
	enum method method;
	char path[PATH_BYTES_MAX + 1];
	struct argument arguments[ARGUMENTS_MAX];
	unsigned argument_count;
	char *argument_bytes;
	char content_type[80], accept[200], etag[80], csrf[80], last_event[80], cookie[600];
	bool gzip;
	struct caller caller;
	uint8_t *body;
	size_t body_size, body_length; /* so far, in all */

	/* the answer */
	bool answered, head_sent, close, is_stream;
	int status;
	const char *type;
	unsigned after_s; /* of a 429 or 503: Retry-After; 0: a second */
	char headers[700];
	struct body *answer;
	size_t sent;

	/* of a stream: fills what is sent next, up to size; 0: nothing now */
	size_t (*fill)(struct request *request, char *out, size_t size);
	void (*on_gone)(struct request *request);
	void *context;
};

struct request *request_keep(struct request *request);
void request_release(struct request *request);

/* request_argument -- its value, NULL: not given. */
const char *request_argument(const struct request *request, const char *name);

/* request_number -- a whole number between; absent when not given; -1: it is none, and the problem was answered. */
int64_t request_number(struct request *request, const char *name, int64_t least, int64_t most, int64_t absent);

/* request_header -- one more line of the answer's head. */
void request_header(struct request *request, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* request_answer -- with a body; takes one hold of it (NULL: no memory, 503).   request_json -- the same, from a buffer. */
void request_answer(struct request *request, int status, const char *type, struct body *body);
void request_json(struct request *request, int status, struct buffer *buffer);

/* request_stream -- an answer without end: `fill` is called when there is room and request_more was called. */
void request_stream(struct request *request, const char *type);
void request_more(struct request *request);

/* request_problem -- RFC 9457: title by status; detail says what was wrong and what helps. code: the door's word, or NULL. */
void request_problem(struct request *request, int status, const char *code, const char *detail, ...)
    __attribute__((format(printf, 4, 5)));

/* request_failed -- the problem that a door's end is. */
void request_failed(struct request *request, const char *service, const struct line_end *end);

/* problem_begin -- a problem's members up to detail, without the closing brace, for whoever adds some. */
void problem_begin(struct buffer *buffer, int status, const char *code, const char *detail);

/* routes.c: find who answers. The body is there. */
void route(struct request *request);

#endif
