/* http_head.c -- the head of a request: what it asks for, what it shows, and everything that it may not be. */
#include "http_inside.h"

#include <stdlib.h>

/* What a header may be that the library would take as it is. */
void http_header(struct lws *handle, enum lws_token_indexes token, char *out, size_t size)
{
	if (lws_hdr_total_length(handle, token) <= 0 || lws_hdr_copy(handle, out, (int)size, token) < 0)
		out[0] = 0;
}

static void custom(struct lws *handle, const char *name, char *out, size_t size)
{
	int name_size = (int)strlen(name), length = lws_hdr_custom_length(handle, name, name_size);

	out[0] = 0;
	if (length > 0 && (size_t)length < size && lws_hdr_custom_copy(handle, out, (int)size, name, name_size) < 0)
		out[0] = 0;
}

static bool twice(struct lws *handle, enum lws_token_indexes token)
{
	return lws_hdr_fragment_length(handle, token, 1) > 0;
}

static enum method method_of(struct lws *handle, char *path, size_t size)
{
	static const struct {
		enum lws_token_indexes token;
		enum method method;
	} methods[] = {{WSI_TOKEN_GET_URI, METHOD_GET},	    {WSI_TOKEN_POST_URI, METHOD_POST},	   {WSI_TOKEN_DELETE_URI, METHOD_DELETE},
		       {WSI_TOKEN_HEAD_URI, METHOD_HEAD},   {WSI_TOKEN_PUT_URI, METHOD_OTHER},	   {WSI_TOKEN_PATCH_URI, METHOD_OTHER},
		       {WSI_TOKEN_OPTIONS_URI, METHOD_OTHER}};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (lws_hdr_total_length(handle, methods[i].token) > 0) {
			http_header(handle, methods[i].token, path, size);
			return methods[i].method;
		}
	path[0] = 0;
	return METHOD_OTHER;
}

/* R1: a body has a length that is said once, in digits, and is no more than BODY_BYTES_MAX; anything else is refused before a byte of it is read. */
static bool take_length(struct request *request)
{
	struct lws *handle = request->handle;
	char text[24];
	bool with_body = request->method == METHOD_POST;

	if (lws_hdr_total_length(handle, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
		request_problem(request, 501, NULL, "Transfer-Encoding is not taken. Send the body with a Content-Length.");
		return false;
	}
	if (lws_hdr_total_length(handle, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0) {
		if (with_body)
			request_problem(request, 411, NULL, "A body needs a Content-Length.");
		return !with_body;
	}
	http_header(handle, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof(text));
	size_t digits = strspn(text, "0123456789");
#if defined(MUTANT_LENGTH_UNCHECKED)
	digits = strlen(text);
#endif
	if (twice(handle, WSI_TOKEN_HTTP_CONTENT_LENGTH) || digits == 0 || text[digits] != 0) {
		request_problem(request, 400, NULL, "Content-Length must be one whole number.");
		return false;
	}
	unsigned long long length = digits < 16 ? strtoull(text, NULL, 10) : (unsigned long long)BODY_BYTES_MAX + 1;
	if (length > 0 && !with_body) {
		request_problem(request, 400, NULL, "This method takes no body.");
		return false;
	}
#if !defined(MUTANT_BODY_UNBOUNDED)
	if (length > BODY_BYTES_MAX) {
		request_problem(request, 413, NULL, "A body is at most %u bytes. Send the events in several requests.", BODY_BYTES_MAX);
		return false;
	}
#endif
	request->body_length = (size_t)length;
	return true;
}

/* The arguments behind '?', one fragment each, decoded by the library. */
static bool take_arguments(struct request *request)
{
	struct lws *handle = request->handle;
	int total = lws_hdr_total_length(handle, WSI_TOKEN_HTTP_URI_ARGS);

	if (total <= 0)
		return true;
	request->argument_bytes = calloc(1, (size_t)total + 2 * ARGUMENTS_MAX + 2);
	char *at = request->argument_bytes;
	for (int i = 0; at != NULL && lws_hdr_fragment_length(handle, WSI_TOKEN_HTTP_URI_ARGS, i) > 0; i++) {
		char text[ARGUMENT_BYTES_MAX + 1];
		int size = lws_hdr_copy_fragment(handle, text, sizeof(text), WSI_TOKEN_HTTP_URI_ARGS, i);

		if (size < 0 || request->argument_count == ARGUMENTS_MAX || strlen(text) != (size_t)size) {
			request_problem(request, 400, NULL, "At most %d query arguments of %d bytes.", ARGUMENTS_MAX, ARGUMENT_BYTES_MAX);
			return false;
		}
		memcpy(at, text, (size_t)size + 1);
		char *equals = strchr(at, '=');
		struct argument *argument = &request->arguments[request->argument_count++];
		*argument = (struct argument){.name = at, .value = equals != NULL ? equals + 1 : at + size};
		if (equals != NULL)
			*equals = 0;
		if (!reader_utf8(argument->value, strlen(argument->value))) {
			request_problem(request, 400, NULL, "A query argument is not UTF-8.");
			return false;
		}
		at += size + 1;
	}
	return at != NULL;
}

/* The same origin: what a browser says about the page that asks, against the name under which it asks us. */
bool http_same_origin(struct lws *handle)
{
	char origin[300], host[260];

	if (lws_hdr_total_length(handle, WSI_TOKEN_ORIGIN) <= 0)
		return true; /* no browser, or one that sends no cookie of another site with it */
	http_header(handle, WSI_TOKEN_ORIGIN, origin, sizeof(origin));
	http_header(handle, WSI_TOKEN_HOST, host, sizeof(host));
	const char *name = strstr(origin, "://"), *scheme = http_gateway(handle)->is_tls ? "https" : "http";
#if defined(MUTANT_ORIGIN_UNCHECKED)
	return true;
#endif
	return name != NULL && (size_t)(name - origin) == strlen(scheme) && strncasecmp(origin, scheme, strlen(scheme)) == 0 && host[0] != 0 &&
	       strcasecmp(name + 3, host) == 0;
}

static void take_token(struct request *request)
{
	char text[TOKEN_MAX + 16];

	http_header(request->handle, WSI_TOKEN_HTTP_AUTHORIZATION, text, sizeof(text));
	if (strncasecmp(text, "Bearer ", 7) == 0 && strlen(text + 7) <= TOKEN_MAX && !twice(request->handle, WSI_TOKEN_HTTP_AUTHORIZATION))
		memcpy(request->caller.token, text + 7, strlen(text + 7) + 1);
	http_header(request->handle, WSI_TOKEN_HTTP_COOKIE, request->cookie, sizeof(request->cookie));
	custom(request->handle, "x-csrf-token:", request->csrf, sizeof(request->csrf));
}

bool http_head(struct request *request)
{
	struct lws *handle = request->handle;
	char encodings[100];

	request->method = method_of(handle, request->path, sizeof(request->path));
	http_header(handle, WSI_TOKEN_HTTP_CONTENT_TYPE, request->content_type, sizeof(request->content_type));
	http_header(handle, WSI_TOKEN_HTTP_ACCEPT, request->accept, sizeof(request->accept));
	http_header(handle, WSI_TOKEN_HTTP_IF_NONE_MATCH, request->etag, sizeof(request->etag));
	http_header(handle, WSI_TOKEN_HTTP_ACCEPT_ENCODING, encodings, sizeof(encodings));
	request->gzip = strstr(encodings, "gzip") != NULL;
	custom(handle, "last-event-id:", request->last_event, sizeof(request->last_event));
	take_token(request);
	if (!take_length(request) || !take_arguments(request))
		return false;
	if (request->path[0] == 0) {
		request_problem(request, 400, NULL, "The path is longer than %d bytes.", PATH_BYTES_MAX);
		return false;
	}
	if (request->method == METHOD_OTHER) {
		request_problem(request, 405, NULL, "GET, HEAD, POST or DELETE.");
		return false;
	}
	if (request->method != METHOD_GET && request->method != METHOD_HEAD && !http_same_origin(handle)) {
		request_problem(request, 403, NULL, "Another origin may not do that. Send the request from the gateway's own pages.");
		return false;
	}
	return true;
}
