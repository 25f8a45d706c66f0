/*
 * metrics.c -- `GET /metrics`: what every service tells of itself, and the gateway, as Prometheus or OpenMetrics collect it. Families of
 * the same name stand together, whichever services they come from.
 */
#include <stdlib.h>

#include "pack/row.h"
#include "routes.h"

#define ASK_MS 3000
#define FIGURES_MAX 8192

struct figure {
	char name[64], kind[12], part[12], label[24], label_value[64], unit[16], help[160];
	int64_t value;
	unsigned decimals, service, order;
};

struct collecting {
	struct request *request;
	struct figure *figures;
	unsigned count, waiting;
	bool up[PARAMS_SERVICES];
	struct one_service {
		struct collecting *all;
		unsigned service;
	} services[PARAMS_SERVICES];
};

static void copy(char *out, size_t size, struct text text)
{
	snprintf(out, size, "%.*s", TEXT_ARGS(text));
}

static void take_row(struct collecting *all, unsigned service, struct bytes row)
{
	struct figure *f = &all->figures[all->count];

	if (all->count == FIGURES_MAX)
		return;
	copy(f->name, sizeof(f->name), row_text(row, "name"));
	copy(f->kind, sizeof(f->kind), row_text(row, "kind"));
	copy(f->part, sizeof(f->part), row_text(row, "part"));
	copy(f->label, sizeof(f->label), row_text(row, "label"));
	copy(f->label_value, sizeof(f->label_value), row_text(row, "label_value"));
	copy(f->unit, sizeof(f->unit), row_text(row, "unit"));
	copy(f->help, sizeof(f->help), row_text(row, "help"));
	f->value = row_int(row, "value", 0);
	f->decimals = (unsigned)row_int(row, "decimals", 0);
	f->service = service;
	f->order = all->count++;
}

static int by_name(const void *a, const void *b)
{
	const struct figure *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	return order != 0 ? order : (left->order > right->order) - (left->order < right->order);
}

static void put_value(struct buffer *buffer, int64_t value, unsigned decimals)
{
	uint64_t scale = 1, size = value < 0 ? (uint64_t)-value : (uint64_t)value;

	for (unsigned i = 0; i < decimals && i < 12; i++)
		scale *= 10;
	buffer_format(buffer, "%s%llu", value < 0 ? "-" : "", (unsigned long long)(size / scale));
	if (scale > 1)
		buffer_format(buffer, ".%0*llu", (int)decimals, (unsigned long long)(size % scale));
}

/* OpenMetrics names the family of a counter without its _total, and says its unit where the name ends with it. */
static void put_head(struct buffer *buffer, const struct figure *f, bool open)
{
	size_t size = strlen(f->name), unit = strlen(f->unit);

	if (open && strcmp(f->kind, "counter") == 0 && size > 6 && strcmp(f->name + size - 6, "_total") == 0)
		size -= 6;
	buffer_format(buffer, "# HELP tributary_%.*s %s\n# TYPE tributary_%.*s %s\n", (int)size, f->name, f->help, (int)size, f->name, f->kind);
	if (open && unit > 0 && size > unit + 1 && strncmp(f->name + size - unit, f->unit, unit) == 0 && f->name[size - unit - 1] == '_')
		buffer_format(buffer, "# UNIT tributary_%.*s %s\n", (int)size, f->name, f->unit);
}

static void put_figure(struct buffer *buffer, const struct figure *f)
{
	buffer_format(buffer, "tributary_%s%s{service=\"%s\"", f->name, f->part,
		      f->service < PARAMS_SERVICES ? params_services[f->service] : "gateway");
	if (f->label[0] != 0) {
		buffer_format(buffer, ",%s=", f->label);
		buffer_quoted(buffer, text_of(f->label_value));
	}
	buffer_text(buffer, "} ");
	put_value(buffer, f->value, f->decimals);
	buffer_text(buffer, "\n");
}

/* What the gateway counts of itself, and of every service whether it answered. */
static void add_own(struct collecting *all)
{
	const struct gateway_counts *counts = &all->request->gateway->counts;
	const struct {
		const char *name, *kind, *unit, *label, *label_value, *help;
		uint64_t value;
	} own[] = {{"gateway_requests_total", "counter", "requests", "class", "2xx", "Answers, by class of their status", counts->requests[2]},
		   {"gateway_requests_total", "counter", "requests", "class", "3xx", "Answers, by class of their status", counts->requests[3]},
		   {"gateway_requests_total", "counter", "requests", "class", "4xx", "Answers, by class of their status", counts->requests[4]},
		   {"gateway_requests_total", "counter", "requests", "class", "5xx", "Answers, by class of their status", counts->requests[5]},
		   {"gateway_events_published_total", "counter", "events", "", "", "Events that were published over HTTP", counts->events_published},
		   {"gateway_events_refused_total", "counter", "events", "", "", "Events over HTTP that a door refused", counts->events_refused},
		   {"gateway_connections_refused_total", "counter", "connections", "", "", "Connections beyond a bound", counts->connections_refused},
		   {"gateway_dropped_total", "counter", "events", "", "", "Events that were left out for slow readers", counts->dropped},
		   {"gateway_sent_bytes_total", "counter", "bytes", "", "", "Bytes of answers", counts->bytes_out},
		   {"gateway_connections", "gauge", "connections", "", "", "Connections that are open", counts->connections},
		   {"gateway_waiting_requests", "gauge", "requests", "", "", "Requests that wait for a door", counts->requests_open},
		   {"gateway_streams", "gauge", "streams", "", "", "Streams and WebSockets that are open", counts->streams}};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && all->count < FIGURES_MAX; i++) {
		struct figure *f = &all->figures[all->count];

		*f = (struct figure){.value = (int64_t)own[i].value, .service = PARAMS_SERVICES, .order = all->count++};
		copy(f->name, sizeof(f->name), text_of(own[i].name));
		copy(f->kind, sizeof(f->kind), text_of(own[i].kind));
		copy(f->unit, sizeof(f->unit), text_of(own[i].unit));
		copy(f->label, sizeof(f->label), text_of(own[i].label));
		copy(f->label_value, sizeof(f->label_value), text_of(own[i].label_value));
		copy(f->help, sizeof(f->help), text_of(own[i].help));
	}
}

/* A service that answers says so itself. */
static void add_down(struct collecting *all)
{
	for (unsigned i = 0; i < PARAMS_SERVICES && all->count < FIGURES_MAX; i++) {
		struct figure *f = &all->figures[all->count];

		if (all->up[i])
			continue;
		*f = (struct figure){.name = "up", .kind = "gauge", .service = i, .order = all->count++};
		copy(f->help, sizeof(f->help), text_of("1 when the service answers, 0 when it does not"));
	}
}

static void say(struct collecting *all)
{
	bool open = strstr(all->request->accept, "application/openmetrics-text") != NULL;
	struct buffer buffer = {0};

	add_own(all);
	add_down(all);
	qsort(all->figures, all->count, sizeof(all->figures[0]), by_name);
	for (unsigned i = 0; i < all->count; i++) {
		if (i == 0 || strcmp(all->figures[i].name, all->figures[i - 1].name) != 0)
			put_head(&buffer, &all->figures[i], open);
		put_figure(&buffer, &all->figures[i]);
	}
	if (open)
		buffer_text(&buffer, "# EOF\n");
	request_answer(all->request, 200,
		       open ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8",
		       body_of(&buffer));
	all->request->gateway->counts.requests_open--;
	request_release(all->request);
	free(all->figures);
	free(all);
}

static void on_rows(void *context, const struct line_end *end, const struct message *message)
{
	struct one_service *one = context;
	struct collecting *all = one->all;

	if (message != NULL) {
		struct reader reader = reader_of(message->rows);

		for (uint32_t i = 0; i < message->row_count && reader.error == ERR_NONE; i++)
			take_row(all, one->service, reader_value(&reader));
		all->up[one->service] = true;
	} else if (line_is_final(end)) {
		request_failed(all->request, params_services[one->service], end);
	}
	if (--all->waiting == 0)
		say(all);
}

void get_metrics(struct request *request)
{
	struct collecting *all = calloc(1, sizeof(*all));

	if (all != NULL)
		all->figures = calloc(FIGURES_MAX, sizeof(*all->figures));
	if (all == NULL || all->figures == NULL) {
		free(all);
		request_problem(request, 503, NULL, "The gateway is short of memory. Try again later.");
		return;
	}
	request->gateway->counts.requests_open++;
	all->request = request_keep(request);
	all->waiting = PARAMS_SERVICES;
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		all->services[i] = (struct one_service){all, i};
		line_ask(request->gateway->lines, LINE_ASK, request->caller.token, i, "metrics", bytes_of(NULL, 0), bytes_of(NULL, 0), ASK_MS,
			 on_rows, &all->services[i]);
	}
}
