/* routes.c -- from a method and a path to whoever answers. */
#include "routes.h"

#include <string.h>

static const struct route {
	enum method method;
	const char *path; /* with a '/' at its end: all below it */
	void (*handler)(struct request *request);
	bool is_open; /* without a token */
} routes[] = {
    {METHOD_POST, "/v1/events", post_events, false},
    {METHOD_GET, "/v1/events", get_events, false},
    {METHOD_GET, "/v1/lag", get_lag, false},
    {METHOD_GET, "/v1/stream/kpi", get_stream, false},
    {METHOD_GET, "/v1/trace/", get_trace, false},
    {METHOD_POST, "/v1/quarantine/", post_decision, false},
    {METHOD_GET, "/v1/openapi.yaml", get_document, true},
    {METHOD_GET, "/v1/session", get_session, false},
    {METHOD_POST, "/v1/session", post_session, true},
    {METHOD_DELETE, "/v1/session", delete_session, false},
    {METHOD_GET, "/v1/", get_rows, false},
    {METHOD_GET, "/metrics", get_metrics, false},
    {METHOD_GET, "/healthz", get_health, true},
    {METHOD_GET, "/readyz", get_ready, true},
    {METHOD_GET, "/", get_page, true},
};

static bool is_path(const struct route *found, const char *path)
{
	size_t size = strlen(found->path);

	return found->path[size - 1] == '/' ? strncmp(path, found->path, size) == 0 : strcmp(path, found->path) == 0;
}

unsigned service_index(struct text name)
{
	unsigned i = 0;

	while (i < PARAMS_SERVICES && !text_equal(name, text_of(params_services[i])))
		i++;
	return i;
}

void route(struct request *request)
{
	enum method method = request->method == METHOD_HEAD ? METHOD_GET : request->method;
	bool other = false;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!is_path(&routes[i], request->path))
			continue;
		if (routes[i].method != method) {
			other = true;
			continue;
		}
		if (other && routes[i].handler == get_page)
			break;
		if (routes[i].is_open || caller_find(request))
			routes[i].handler(request);
		return;
	}
	if (other)
		request_problem(request, 405, NULL, "%s is not asked this way. See /v1/openapi.yaml.", request->path);
	else
		request_problem(request, 404, NULL, "There is no %s. See /v1/openapi.yaml.", request->path);
}
