/* decide.c -- `POST /v1/quarantine/SERVICE/NUMBER/retry` and `discard`: an operator's decision. */
#include <stdlib.h>

#include "pack/question.h"
#include "pack/row.h"
#include "routes.h"

static void on_decided(void *context, const struct line_end *end, const struct message *message)
{
	struct request *request = context;
	struct buffer buffer = {0};

	request->gateway->counts.requests_open--;
	if (message == NULL) {
		request_failed(request, "the service", end);
	} else if (message->row_count == 0) {
		request_problem(request, 404, NULL, "There is no such record in quarantine. See /v1/quarantine.");
	} else {
		struct text result = row_text(message->rows, "result"), said = row_text(message->rows, "message");

		if (text_equal(result, TEXT_LITERAL("NONE"))) {
			buffer_text(&buffer, "{\"result\":\"done\"}\n");
			request_json(request, 200, &buffer);
		} else if (text_equal(result, TEXT_LITERAL("NOT_FOUND"))) {
			request_problem(request, 404, NULL, "There is no such record in quarantine. See /v1/quarantine.");
		} else {
			request_problem(request, 409, NULL, "It was not done: %.*s.", TEXT_ARGS(said));
		}
	}
	request_release(request);
}

/* "/v1/quarantine/orders/7/retry" in its parts. */
static bool take_path(const char *path, unsigned *service, int64_t *number, bool *retry)
{
	const char *name = path + strlen("/v1/quarantine/"), *slash = strchr(name, '/');
	char *end = NULL;

	if (slash == NULL)
		return false;
	*service = service_index((struct text){name, (uint32_t)(slash - name)});
	*number = slash[1] >= '1' && slash[1] <= '9' ? strtoll(slash + 1, &end, 10) : 0;
	if (*service >= PARAMS_SERVICES || *number <= 0 || *number > INT64_C(9007199254740991))
		return false;
	*retry = strcmp(end, "/retry") == 0;
	return *retry || strcmp(end, "/discard") == 0;
}

void post_decision(struct request *request)
{
	struct question question;
	unsigned service;
	int64_t number;
	bool retry;

	if (!take_path(request->path, &service, &number, &retry)) {
		request_problem(request, 404, NULL, "POST /v1/quarantine/SERVICE/NUMBER/retry or discard.");
		return;
	}
	if (request->gateway->counts.requests_open >= REQUESTS_MAX) {
		request_problem(request, 503, "busy", "Too many requests wait already. Try again later.");
		return;
	}
	request->gateway->counts.requests_open++;
	question_begin(&question);
	question_int(&question, "number", number);
	line_ask(request->gateway->lines, LINE_ACT, request->caller.token, service, retry ? "quarantine.retry" : "quarantine.discard",
		 question_end(&question), bytes_of(NULL, 0), PUBLISH_MS, on_decided, request_keep(request));
}
