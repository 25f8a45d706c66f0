/* rows.c -- `GET /v1/stock` and its like: what a service knows, page by page, as of its last commit. */
#include <string.h>

#include "job.h"
#include "routes.h"

#define LIMIT_BYTES 32	    /* of the last argument, how many rows are wanted still */
#define ASK_MS_UNKNOWN 3000 /* for a door that has not answered lately, when others can be asked instead */

/* Who answers what, and which filters it has. service NULL: every service. */
static const struct rows_kind {
	const char *what, *service, *query, *filters; /* filters: words with a blank behind each */
	const char *fixed, *value;		      /* an argument that is always the same */
	bool pages;				      /* the question knows pages */
} kinds[] = {
    {"stock", "inventory", "stock", "outlet sku ", NULL, NULL, true},
    {"policies", "inventory", "policies", "outlet sku ", NULL, NULL, true},
    {"restocks", "inventory", "restocks", "outlet sku state ", NULL, NULL, true},
    {"shipments", "logistics", "shipments", "outlet warehouse state ", NULL, NULL, true},
    {"routes", "logistics", "routes", "warehouse ", NULL, NULL, true},
    {"sales", "kpi", "sales", "outlet day ", NULL, NULL, true},
    {"kpi", "kpi", "kpi", "scope key outlet currency day ", NULL, NULL, true},
    {"hours", "kpi", "hours", "scope key outlet currency day ", NULL, NULL, true},
    {"targets", "kpi", "targets", "target outlet parent ", NULL, NULL, true},
    {"target-versions", "kpi", "target_versions", "target ", NULL, NULL, true},
    {"league", "kpi", "league", "key metric day outlet target ", NULL, NULL, true},
    {"appraisals", "kpi", "appraisals", "appraisal outlet ", NULL, NULL, true},
    {"silent", "kpi", "silent", "outlet days ", NULL, NULL, true},
    {"promotions", "kpi", "promotions", "promotion outlet ", NULL, NULL, true},
    {"terminals", "kpi", "terminals", "terminal outlet ", NULL, NULL, true},
    {"outlets", "orders", "outlets", "", NULL, NULL, true},
    {"tickets", "orders", "tickets", "terminal outlet day ", NULL, NULL, true},
    {"orders", "orders", "orders", "outlet ", NULL, NULL, true},
    {"records", "partners", "records", "kind key ", NULL, NULL, true},
    {"products", "partners", "records", "key ", "kind", "product", true},
    {"versions", "partners", "policies", "kind key version known day history ", NULL, NULL, true},
    {"network", "partners", "network", "outlet at known ", NULL, NULL, true},
    {"rebates", "partners", "rebates", "outlet scheme day ", NULL, NULL, true},
    {"commissions", "partners", "commissions", "outlet ", NULL, NULL, true},
    {"commission-statements", "partners", "commission_statements", "outlet ", NULL, NULL, true},
    {"funds", "partners", "funds", "outlet fund ", NULL, NULL, true},
    {"claims", "partners", "claims", "outlet fund state ", NULL, NULL, true},
    {"credit", "orders", "credit", "outlet ", NULL, NULL, true},
    {"conflicts", "partners", "conflicts", "outlet state kind conflict ", NULL, NULL, true},
    {"precedents", "partners", "precedents", "conflict ", NULL, NULL, true},
    {"territories", "partners", "territories", "outlet area ", NULL, NULL, true},
    {"scorecards", "inventory", "scorecards", "supplier lane ", NULL, NULL, true},
    {"budgets", "inventory", "budgets", "outlet ", NULL, NULL, true},
    {"held", "inventory", "held", "outlet ", NULL, NULL, true},
    {"transfers", "inventory", "transfers", "outlet sku state ", NULL, NULL, true},
    {"turnover", "inventory", "turnover", "outlet sku state ", NULL, NULL, true},
    {"stuffing", "inventory", "stuffing", "outlet sku ", NULL, NULL, true},
    {"ageing", "inventory", "ageing", "outlet sku day ", NULL, NULL, true},
    {"abc", "inventory", "abc", "outlet sku scope ", NULL, NULL, true},
    {"gmroi", "kpi", "gmroi", "outlet ", NULL, NULL, true},
    {"processes", "kpi", "processes", "flow state ", NULL, NULL, true},
    {"waiting", "kpi", "waiting", "flow state outlet ", NULL, NULL, true},
    {"service-tickets", "partners", "service_tickets", "ticket outlet state kind ", NULL, NULL, true},
    {"action-items", "partners", "action_items", "action_item outlet state kind ", NULL, NULL, true},
    {"notices", "partners", "notices", "notice ", NULL, NULL, true},
    {"receipts", "partners", "receipts", "notice outlet state ", NULL, NULL, true},
    {"agenda", "partners", "agenda", "outlet ", NULL, NULL, true},
    {"certificates", "partners", "certificates", "outlet course day ", NULL, NULL, true},
    {"training", "kpi", "training", "course days ", NULL, NULL, true},
    {"devices", "kpi", "devices", "terminal outlet state ", NULL, NULL, true},
    {"enrolments", "partners", "enrolments", "enrolment outlet course state ", NULL, NULL, true},
    {"sources", NULL, "sources", "source ", NULL, NULL, true},
    {"quarantine", NULL, "quarantine", "number ", NULL, NULL, true},
    {"status", NULL, "status", "", NULL, NULL, false},
    {"settings", NULL, "settings", "", NULL, NULL, false},
    {"hash", NULL, "hash", "", NULL, NULL, false},
};

/* Filters that are numbers, and the least of each. */
static const struct {
	const char *name;
	int64_t least;
} numbers[] = {{"number", 1}, {"version", 1}, {"days", 1}, {"known", 0}};

static const struct rows_kind *kind_find(const char *path)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].what, path + strlen("/v1/")) == 0)
			return &kinds[i];
	return NULL;
}

static bool names_filter(const char *filters, const char *name)
{
	size_t size = strlen(name);
	const char *at = strstr(filters, name);

	return size > 0 && strchr(name, ' ') == NULL && at != NULL && at[size] == ' ' && (at == filters || at[-1] == ' ');
}

/* R5: an argument that nobody knows is an error, so that a filter that is misspelt does not show everything. */
static bool check_arguments(struct request *request, const struct rows_kind *kind)
{
	for (unsigned i = 0; i < request->argument_count; i++) {
		const char *name = request->arguments[i].name;

		if (strcmp(name, "limit") == 0 || strcmp(name, "after") == 0 || (kind->service == NULL && strcmp(name, "service") == 0) ||
		    names_filter(kind->filters, name))
			continue;
		request_problem(request, 400, NULL, "%s has no argument '%.40s'. It has: %s%slimit after.", kind->what, name, kind->filters,
				kind->service == NULL ? "service " : "");
		return false;
	}
	return true;
}

static bool take_services(struct request *request, struct job *job)
{
	const char *service = job->kind->service, *after = request_argument(request, "after");

	if (service == NULL)
		service = request_argument(request, "service");
	job->first = 0;
	job->last = PARAMS_SERVICES - 1;
	if (service != NULL)
		job->first = job->last = service_index(text_of(service));
	if (job->first >= PARAMS_SERVICES) {
		request_problem(request, 400, NULL, "There is no service '%.40s'. There are partners, orders, inventory, logistics and kpi.", service);
		return false;
	}
	job->at = (struct cursor){.service = job->first};
	if (after != NULL && (!cursor_read(after, &job->at) || job->at.service < job->first || job->at.service > job->last)) {
		request_problem(request, 400, NULL, "after is not the `next` of an answer to this question.");
		return false;
	}
	return true;
}

/* False: it should be a number and is none, which was answered. */
static bool take_filter(struct request *request, struct question *question, const char *name, const char *value)
{
	size_t at = 0;

	while (at < sizeof(numbers) / sizeof(numbers[0]) && strcmp(numbers[at].name, name) != 0)
		at++;
	if (at == sizeof(numbers) / sizeof(numbers[0])) {
		question_text(question, name, value);
		return true;
	}
	int64_t number = request_number(request, name, numbers[at].least, INT64_C(9007199254740991), 0);
	question_int(question, name, number);
	return number >= 0;
}

static bool take_question(struct request *request, struct job *job)
{
	const struct rows_kind *kind = job->kind;

	job->limit = request_number(request, "limit", 1, 1000, 1000);
	if (job->limit < 0)
		return false;
	question_begin(&job->question);
	if (kind->fixed != NULL)
		question_text(&job->question, kind->fixed, kind->value);
	for (unsigned i = 0; i < request->argument_count; i++)
		if (names_filter(kind->filters, request->arguments[i].name) &&
		    !take_filter(request, &job->question, request->arguments[i].name, request->arguments[i].value))
			return false;
	if (job->question.writer.error == ERR_NONE && job->question.writer.used <= QUESTION_BYTES - LIMIT_BYTES)
		return true;
	request_problem(request, 400, NULL, "The filters are longer than %d bytes together.", QUESTION_BYTES - LIMIT_BYTES);
	return false;
}

static void end_rows(struct job *job, bool more)
{
	char next[CURSOR_TEXT_SIZE];

	if (job->count == 0 && job_is_unanswered(job))
		return;

	buffer_text(&job->buffer, "]");
	if (more) {
		cursor_text(&job->at, next);
		buffer_text(&job->buffer, ",\"next\":\"");
		buffer_text(&job->buffer, next);
		buffer_text(&job->buffer, "\"");
	}
	if (job->kind->service == NULL) {
		const char *comma = "";

		buffer_text(&job->buffer, ",\"unreachable\":[");
		for (unsigned i = 0; i < PARAMS_SERVICES; i++)
			if (job->unreachable & 1u << i) {
				buffer_format(&job->buffer, "%s\"%s\"", comma, params_services[i]);
				comma = ",";
			}
		buffer_text(&job->buffer, "]");
	}
	buffer_text(&job->buffer, "}\n");
	job_done(job);
}

static void ask_next(struct job *job);

static void take_rows(struct job *job, const struct message *message)
{
	struct reader reader = reader_of(message->rows);

	for (uint32_t i = 0; i < message->row_count && reader.error == ERR_NONE; i++) {
		if (job->count++ > 0)
			buffer_text(&job->buffer, ",\n");
		buffer_packed(&job->buffer, reader_value(&reader));
	}
}

static void on_rows(void *context, const struct line_end *end, const struct message *message)
{
	struct job *job = context;

	if (message == NULL && (job->kind->service != NULL || line_is_final(end))) {
		job_failed(job, params_services[job->at.service], end);
		return;
	}
	if (message == NULL) {
		job->unreachable |= (uint8_t)(1u << job->at.service);
	} else {
		take_rows(job, message);
		job->at.size = message->more && message->from.size <= CURSOR_BYTES_MAX ? message->from.size : 0;
		if (job->at.size > 0)
			memcpy(job->at.from, message->from.data, job->at.size);
		if (job->at.size > 0) {
			end_rows(job, true);
			return;
		}
	}
	job->at.size = 0;
	if (job->at.service == job->last) {
		end_rows(job, false);
		return;
	}
	job->at.service++;
	if (job->count >= job->limit)
		end_rows(job, true);
	else
		ask_next(job);
}

static void ask_next(struct job *job)
{
	struct question question = job->question;
	bool alone = job->first == job->last;

	question.writer.buffer = question.bytes;
	if (job->kind->pages)
		question_int(&question, "limit", job->limit - job->count);
	line_ask(job->gateway->lines, LINE_ASK, job->token, job->at.service, job->kind->query, question_end(&question),
		 bytes_of(job->at.from, job->at.size), alone || lines_reach(job->gateway->lines, job->at.service) ? DOOR_MS : ASK_MS_UNKNOWN,
		 on_rows, job);
}

static void run(struct job *job)
{
	buffer_text(&job->buffer, "{\"rows\":[");
	ask_next(job);
}

void get_rows(struct request *request)
{
	const struct rows_kind *kind = kind_find(request->path);
	struct job probe = {.kind = kind}, *job = NULL;

	if (kind == NULL) {
		request_problem(request, 404, NULL, "There is no %s. See /v1/openapi.yaml.", request->path);
		return;
	}
	if (!check_arguments(request, kind) || !take_services(request, &probe) || !take_question(request, &probe))
		return;
	if (!job_join(request, run, &job))
		return;
	job->kind = kind;
	job->question = probe.question;
	job->at = probe.at;
	job->first = probe.first;
	job->last = probe.last;
	job->limit = probe.limit;
	job_begin(job);
}
