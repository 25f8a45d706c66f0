/* lag.c -- `GET /v1/lag`: how far each service is behind those that it hears: first everybody's head, then where everybody stands. */
#include <string.h>

#include "job.h"
#include "pack/row.h"
#include "routes.h"

#define PASS_HEADS 0
#define PASS_SOURCES 1

static void ask(struct job *job);

static void end_service(struct job *job)
{
	const char *service = params_services[job->at.service];

	for (size_t i = 0; i < PARAMS_EDGES; i++) {
		unsigned source = service_index(text_of(params_edges[i].hears));

		if (strcmp(params_edges[i].service, service) != 0)
			continue;
		long long through = (long long)job->through[source], head = (long long)job->heads[source];
		buffer_format(&job->buffer, "%s{\"service\":\"%s\",\"source\":\"%s\",\"through\":%lld,\"head\":%lld,\"lag\":%lld}",
			      job->count++ > 0 ? ",\n" : "", service, params_edges[i].hears, through, head, head > through ? head - through : 0);
	}
}

static void end_all(struct job *job)
{
	const char *comma = "";

	if (job_is_unanswered(job))
		return;
	buffer_text(&job->buffer, "],\"unreachable\":[");
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		if (job->unreachable & 1u << i) {
			buffer_format(&job->buffer, "%s\"%s\"", comma, params_services[i]);
			comma = ",";
		}
	buffer_text(&job->buffer, "]}\n");
	job_done(job);
}

static void take_rows(struct job *job, const struct message *message)
{
	struct reader reader = reader_of(message->rows);

	for (uint32_t i = 0; i < message->row_count && reader.error == ERR_NONE; i++) {
		struct bytes row = reader_value(&reader);
		unsigned source = service_index(row_text(row, "source"));

		if (job->limit == PASS_HEADS)
			job->heads[job->at.service] = row_int(row, "head", 0);
		else if (source < PARAMS_SERVICES)
			job->through[source] = row_int(row, "through", 0);
	}
}

static void next_service(struct job *job)
{
	bool reached = (job->unreachable & 1u << job->at.service) == 0;

	if (job->limit == PASS_SOURCES && reached && job->at.service >= job->first && job->at.service <= job->last)
		end_service(job);
	memset(job->through, 0, sizeof(job->through));
	if (++job->at.service < PARAMS_SERVICES) {
		ask(job);
		return;
	}
	job->at.service = 0;
	if (job->limit++ == PASS_HEADS)
		ask(job);
	else
		end_all(job);
}

static void on_rows(void *context, const struct line_end *end, const struct message *message)
{
	struct job *job = context;

	if (message == NULL && (end->error == ERR_FORBIDDEN || end->code.size > 0)) {
		job_failed(job, params_services[job->at.service], end);
		return;
	}
	if (message == NULL) {
		job->unreachable |= (uint8_t)(1u << job->at.service);
	} else {
		take_rows(job, message);
		job->at.size = message->more && message->from.size <= CURSOR_BYTES_MAX ? message->from.size : 0;
		if (job->at.size > 0) {
			memcpy(job->at.from, message->from.data, job->at.size);
			ask(job);
			return;
		}
	}
	job->at.size = 0;
	next_service(job);
}

static void ask(struct job *job)
{
	bool known = lines_reach(job->gateway->lines, job->at.service);

	if (job->unreachable & 1u << job->at.service) {
		next_service(job);
		return;
	}
	line_ask(job->gateway->lines, LINE_ASK, job->token, job->at.service, job->limit == PASS_HEADS ? "status" : "sources",
		 bytes_of(NULL, 0), bytes_of(job->at.from, job->at.size), known ? DOOR_MS : 3000, on_rows, job);
}

static void run(struct job *job)
{
	buffer_text(&job->buffer, "{\"rows\":[");
	ask(job);
}

void get_lag(struct request *request)
{
	const char *service = request_argument(request, "service");
	unsigned wanted = service != NULL ? service_index(text_of(service)) : 0;
	struct job *job = NULL;

	if (wanted >= PARAMS_SERVICES) {
		request_problem(request, 400, NULL, "There is no service '%.40s'. There are partners, orders, inventory, logistics and kpi.", service);
		return;
	}
	if (!job_join(request, run, &job))
		return;
	job->first = wanted;
	job->last = service != NULL ? wanted : PARAMS_SERVICES - 1;
	job_begin(job);
}
