/* stream.c -- `GET /v1/stream/kpi`: server-sent events: every row as it stands, then each as it changes. */
#include <stdlib.h>

#include "measures.h"
#include "routes.h"

static bool is_wanted(const struct viewer *viewer, const struct row *row)
{
	return (viewer->scope[0] == 0 || strcmp(viewer->scope, row->scope) == 0) && (viewer->code[0] == 0 || strcmp(viewer->code, row->code) == 0);
}

static size_t put_row(const struct viewer *viewer, const struct row *row, char *out, size_t size)
{
	if (row->text->size + 120 > size)
		return 0;
	return (size_t)snprintf(out, size, "id: %llu-%llu\nevent: kpi\ndata: %.*s\n\n", (unsigned long long)viewer->measures->start,
				(unsigned long long)row->version, (int)row->text->size, (const char *)row->text->bytes);
}

static size_t fill(struct request *request, char *out, size_t size)
{
	struct viewer *viewer = request->context;
	size_t used = 0;

	while (viewer->at != NULL) {
		size_t piece = is_wanted(viewer, viewer->at) ? put_row(viewer, viewer->at, out + used, size - used) : 1;

		if (piece == 0)
			break; /* the next time there is room */
		used += is_wanted(viewer, viewer->at) ? piece : 0;
		viewer->at = viewer->at->behind;
	}
	if (viewer->at == NULL && viewer->measures->whole && !viewer->ready_said && size - used > 40) {
		viewer->ready_said = true;
		used += (size_t)snprintf(out + used, size - used, "event: ready\ndata: {}\n\n");
	}
	if (used == 0 && viewer->beat)
		used = (size_t)snprintf(out, size, ":\n\n");
	viewer->beat = false;
	if (used > 0)
		viewer->said_us = bus_monotonic_us(request->gateway->bus);
	return used;
}

static void on_gone(struct request *request)
{
	struct viewer *viewer = request->context;

	for (struct viewer **at = &viewer->measures->viewers; *at != NULL; at = &(*at)->next)
		if (*at == viewer) {
			*at = viewer->next;
			break;
		}
	request->on_gone = NULL;
	free(viewer);
}

/* Where the viewer stood, when it was in this view; else everything. */
static struct row *begin_at(const struct measures *measures, const char *last)
{
	char *end = NULL;
	uint64_t start = strtoull(last, &end, 10), version = end != NULL && *end == '-' ? strtoull(end + 1, NULL, 10) : 0;
	struct row *row = measures->last, *behind = NULL;

	if (start != measures->start || version == 0)
		return measures->first;
	for (; row != NULL && row->version > version; row = row->before)
		behind = row;
	return behind;
}

static bool take_filter(struct request *request, const char *name, char *out, size_t size)
{
	const char *value = request_argument(request, name);

	if (value == NULL || strlen(value) < size) {
		snprintf(out, size, "%s", value != NULL ? value : "");
		return true;
	}
	request_problem(request, 400, NULL, "%s is longer than %zu bytes.", name, size - 1);
	return false;
}

void get_stream(struct request *request)
{
	const char *last = request_argument(request, "last_event_id");
	struct viewer *viewer = calloc(1, sizeof(*viewer));

	if (viewer == NULL || request->gateway->counts.streams >= STREAMS_MAX) {
		request_problem(request, 503, "busy", "Too many streams are open. Close some, or try again later.");
	} else if (take_filter(request, "scope", viewer->scope, sizeof(viewer->scope)) && take_filter(request, "key", viewer->code, sizeof(viewer->code))) {
		viewer->measures = measures_of(request->gateway, request->caller.token);
		if (viewer->measures == NULL)
			request_failed(request, "kpi", &(struct line_end){.error = ERR_AGAIN});
	}
	if (viewer == NULL || request->answered) {
		free(viewer);
		return;
	}
	viewer->request = request;
	viewer->at = begin_at(viewer->measures, request->last_event[0] != 0 ? request->last_event : last != NULL ? last : "");
	viewer->said_us = bus_monotonic_us(request->gateway->bus);
	viewer->next = viewer->measures->viewers;
	viewer->measures->viewers = viewer;
	request->context = viewer;
	request->fill = fill;
	request->on_gone = on_gone;
	viewer->waits = !viewer->measures->known;
	if (!viewer->waits)
		request_stream(request, "text/event-stream");
}
