/* health.c -- whether the gateway lives, and whether it is of any use. */
#include <stdlib.h>

#include "routes.h"

void get_health(struct request *request)
{
	struct buffer buffer = {0};

	buffer_text(&buffer, "{\"status\":\"ok\"}\n");
	request_json(request, 200, &buffer);
}

/* What every door has said to a ping of ours; a door is asked with hello alone, which needs nobody's token. */
struct readiness {
	struct request *request;
	unsigned waiting;
	bool answers[PARAMS_SERVICES];
	struct probe {
		struct readiness *readiness;
		unsigned service;
	} probes[PARAMS_SERVICES];
};

static void say(struct readiness *readiness)
{
	struct buffer buffer = {0};
	bool all = true;

	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		all = all && readiness->answers[i];
	buffer_format(&buffer, "{\"ready\":%s,\"services\":{", all ? "true" : "false");
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		buffer_format(&buffer, "%s\"%s\":%s", i > 0 ? "," : "", params_services[i], readiness->answers[i] ? "true" : "false");
	buffer_text(&buffer, "}}\n");
	request_json(readiness->request, all ? 200 : 503, &buffer);
	request_release(readiness->request);
	free(readiness);
}

static void on_answer(void *context, const struct line_end *end, const struct message *message)
{
	struct probe *probe = context;
	struct readiness *readiness = probe->readiness;

	readiness->answers[probe->service] = message != NULL || (end->error == ERR_USAGE && end->code.size > 0);
	if (--readiness->waiting == 0)
		say(readiness);
}

void get_ready(struct request *request)
{
	struct readiness *readiness = calloc(1, sizeof(*readiness));

	if (readiness == NULL) {
		request_problem(request, 503, NULL, "The gateway is short of memory. Try again later.");
		return;
	}
	readiness->request = request_keep(request);
	readiness->waiting = PARAMS_SERVICES;
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		readiness->probes[i] = (struct probe){readiness, i};
		line_ask(request->gateway->lines, LINE_ASK, "", i, "status", bytes_of(NULL, 0), bytes_of(NULL, 0), 3000, on_answer,
			 &readiness->probes[i]);
	}
}
