/* request.c -- arguments and answers of a request, whatever carries it. */
#include "request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "http.h"

struct request *request_keep(struct request *request)
{
	request->holders++;
	return request;
}

void request_release(struct request *request)
{
	if (--request->holders > 0)
		return;
	body_release(&request->answer);
	free(request->argument_bytes);
	free(request->body);
	free(request);
}

const char *request_argument(const struct request *request, const char *name)
{
	for (unsigned i = 0; i < request->argument_count; i++)
		if (strcmp(request->arguments[i].name, name) == 0)
			return request->arguments[i].value;
	return NULL;
}

int64_t request_number(struct request *request, const char *name, int64_t least, int64_t most, int64_t absent)
{
	const char *text = request_argument(request, name);
	char *end = NULL;

	if (text == NULL)
		return absent;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0 && number >= least && number <= most)
		return number;
	request_problem(request, 400, NULL, "%s must be a whole number from %lld to %lld.", name, (long long)least, (long long)most);
	return -1;
}

void request_header(struct request *request, const char *format, ...)
{
	size_t used = strlen(request->headers);
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(request->headers + used, sizeof(request->headers) - used, format, arguments);
	va_end(arguments);
	CHECK(size >= 0 && (size_t)size + 2 < sizeof(request->headers) - used);
	memcpy(request->headers + used + size, "\r\n", 3);
}

void request_answer(struct request *request, int status, const char *type, struct body *body)
{
	if (request->answered || request->handle == NULL) {
		body_release(&body);
		return;
	}
	if (body == NULL) {
		request_problem(request, 503, NULL, "The gateway is short of memory. Try again later.");
		return;
	}
	request->answered = true;
	request->status = status;
	request->type = type;
	request->answer = body;
	request->gateway->counts.requests[status / 100]++;
	http_answer(request);
}

void request_json(struct request *request, int status, struct buffer *buffer)
{
	request_answer(request, status, "application/json", body_of(buffer));
}

void request_stream(struct request *request, const char *type)
{
	request->answered = request->is_stream = request->close = true;
	request->status = 200;
	request->type = type;
	request->gateway->counts.requests[2]++;
	request->gateway->counts.streams++;
	http_answer(request);
}

void request_more(struct request *request)
{
	if (request->handle != NULL)
		http_answer(request);
}

static const char *title_of(int status)
{
	switch (status) {
	case 400:
		return "Bad request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not found";
	case 405:
		return "Method not allowed";
	case 409:
		return "Conflict";
	case 411:
		return "Length required";
	case 413:
		return "Content too large";
	case 415:
		return "Unsupported media type";
	case 422:
		return "Not valid";
	case 429:
		return "Too many requests";
	case 501:
		return "Not implemented";
	default:
		return "Service unavailable";
	}
}

void problem_begin(struct buffer *buffer, int status, const char *code, const char *detail)
{
	buffer_format(buffer, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":", title_of(status), status);
	buffer_quoted(buffer, text_of(detail));
	if (code != NULL) {
		buffer_text(buffer, ",\"code\":");
		buffer_quoted(buffer, text_of(code));
	}
}

void request_problem(struct request *request, int status, const char *code, const char *format, ...)
{
	struct buffer buffer = {0};
	char detail[700];
	va_list arguments;

	if (request->answered)
		return;
	va_start(arguments, format);
	vsnprintf(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	problem_begin(&buffer, status, code, detail);
	buffer_text(&buffer, "}");
	struct body *body = body_of(&buffer);
	if (body == NULL) {
		http_drop(request); /* not even memory to say so */
		return;
	}
	if (status == 401)
		request_header(request, "WWW-Authenticate: Bearer");
	if (status == 429 || status == 503)
		request_header(request, "Retry-After: %u", request->after_s > 0 ? request->after_s : 1);
	request_answer(request, status, "application/problem+json", body);
}

void request_failed(struct request *request, const char *service, const struct line_end *end)
{
	char code[MESSAGE_CODE_MAX + 1], text[MESSAGE_TEXT_MAX + 1];

	snprintf(code, sizeof(code), "%.*s", TEXT_ARGS(end->code));
	snprintf(text, sizeof(text), "%.*s", TEXT_ARGS(end->text));
	request->after_s = (unsigned)((end->after_ms + 999) / 1000);
	if (end->error == ERR_FORBIDDEN)
		request_problem(request, 401, code, "This token is nobody's, or was revoked. Ask for another one.");
	else if (strcmp(code, "forbidden") == 0)
		request_problem(request, 403, code, "This token may not do that: %s.", text);
	else if (strcmp(code, "not_noted") == 0)
		request_problem(request, 503, code, "%s: %s. Make room for the audit log, and try again.", service, text);
	else if (end->error == ERR_USAGE)
		request_problem(request, 400, code, "%s: %s.", service, text);
	else if (strcmp(code, "quota") == 0)
		request_problem(request, 429, code, "%s: %s. Ask again later.", service, text);
	else if (end->error == ERR_AGAIN)
		request_problem(request, 503, code[0] != 0 ? code : "busy", "%s has too much to do: %s. Try again later.", service,
				text[0] != 0 ? text : "no room for another conversation");
	else
		request_problem(request, 503, NULL, "%s does not answer. Look at its log, or at /readyz, and try again.", service);
}
