/* main.c -- the gateway: options, the loop, the doors, the web. */
#include <argp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http.h"
#include "log/log.h"
#include "measures.h"
#include "routes.h"

#define TICK_MS 500
#define GO_MS 300 /* for connections to be closed, before the loop ends */

extern const unsigned char openapi_document[]; /* openapi.yaml, by the build */
extern const unsigned openapi_document_size;

struct arguments {
	const char *config, *dir, *pages, *listen;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	if (key == 'c')
		arguments->config = value;
	else if (key == 'd')
		arguments->dir = value;
	else if (key == 'p')
		arguments->pages = value;
	else if (key == 'l')
		arguments->listen = value;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {
    {"dir", 'd', "DIR", 0, "run folder of the network (default: $TRIBUTARY_DIR or build/run)", 0},
    {"config", 'c', "FILE", 0, "configuration (default: DIR/network.yaml where there is one)", 0},
    {"pages", 'p', "DIR", 0, "folder of the web pages (default: beside this program)", 0},
    {"listen", 'l', "ADDRESS:PORT", 0, "instead of the configuration's; port 0: any, DIR/gateway.url tells", 0},
    {0}};
static const struct argp argp = {options, parse_option, NULL, "The network over HTTP: see /v1/openapi.yaml.", NULL, NULL, NULL};

static int load(struct params *params, const struct arguments *arguments)
{
	const char *dir = arguments->dir != NULL ? arguments->dir : getenv("TRIBUTARY_DIR");
	char file[4200], message[600] = "";
	int error;

	snprintf(file, sizeof(file), "%s/network.yaml", dir != NULL ? dir : "build/run");
	if (arguments->config == NULL && access(file, R_OK) != 0)
		error = params_defaults(params, dir != NULL ? dir : "build/run");
	else
		error = params_load(params, arguments->config != NULL ? arguments->config : file, message, sizeof(message));
	if (error != ERR_NONE)
		fprintf(stderr, "gateway: %s\n", message[0] != 0 ? message : error_text(error));
	return error;
}

static enum log_level level_of(const char *word)
{
	static const char *const words[] = {"broken", "alarm", "unusual", "info", "trace"};

	for (int i = 0; i < 5; i++)
		if (strcmp(words[i], word) == 0)
			return (enum log_level)i;
	return LOG_INFO;
}

static void on_tick(void *context)
{
	http_second(context);
	measures_second(context);
}

static void on_over(void *context)
{
	bus_stop(((struct gateway *)context)->bus);
}

static void on_signal(void *context)
{
	struct gateway *gateway = context;
	struct bus_timer *over;

	if (gateway->stopping)
		return;
	log_line(LOG_INFO, "stopping", "connections=%u", gateway->counts.connections);
	http_close(gateway);
	if (bus_timer_start(gateway->bus, GO_MS, 0, on_over, gateway, &over) != ERR_NONE)
		bus_stop(gateway->bus);
}

/* Whoever started us finds us by this file, whatever the port. */
static void tell_url(const struct gateway *gateway, const char *url)
{
	char path[4200], part[4200];

	snprintf(path, sizeof(path), "%s/gateway.url", gateway->params.dir);
	snprintf(part, sizeof(part), "%s/gateway.url.part", gateway->params.dir);
	FILE *file = fopen(part, "w");
	if (file == NULL)
		return;
	fprintf(file, "%s\n", url);
	if (fclose(file) == 0)
		(void)rename(part, path);
}

static int open_all(struct gateway *gateway, const struct arguments *arguments, char *url, size_t size)
{
	char pages[4200], self[4096];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *listen = arguments->listen != NULL ? arguments->listen : gateway->params.gateway->listen;

	self[length > 0 ? length : 0] = 0;
	char *slash = strrchr(self, '/');
	if (slash != NULL)
		*slash = 0;
	snprintf(pages, sizeof(pages), "%s/../web", self);
	gateway->document = bytes_of(openapi_document, openapi_document_size);
	int error = lines_open(&gateway->lines, gateway->bus, &gateway->params);
	if (error == ERR_NONE)
		error = sessions_open(gateway);
	if (error == ERR_NONE)
		error = pages_open(gateway, arguments->pages != NULL ? arguments->pages : pages);
	if (error == ERR_NONE)
		error = bus_timer_start(gateway->bus, TICK_MS, TICK_MS, on_tick, gateway, &gateway->tick);
	if (error == ERR_NONE)
		error = bus_on_signal(gateway->bus, on_signal, gateway);
	if (error == ERR_NONE) {
		error = http_open(gateway, listen, url, size);
		if (error != ERR_NONE)
			log_line(LOG_ALARM, "cannot_listen", "address=%s remedy=\"another gateway.listen in network.yaml%s\"", listen,
				 gateway->is_tls ? ", or a certificate and key that fit together and can be read" : "");
	}
	return error;
}

int main(int argc, char **argv)
{
	struct gateway gateway = {0};
	struct arguments arguments = {0};
	char url[100];

	if (argp_parse(&argp, argc, argv, 0, NULL, &arguments) != 0 || load(&gateway.params, &arguments) != ERR_NONE)
		return 2;
	log_open("gateway", level_of(gateway.params.log_level));
	int error = bus_open(&gateway.bus, NULL);
	if (error == ERR_NONE)
		error = open_all(&gateway, &arguments, url, sizeof(url));
	if (error == ERR_NONE) {
		log_line(LOG_INFO, "serving", "url=%s", url);
		tell_url(&gateway, url);
		bus_run(gateway.bus);
		http_end(&gateway);
		log_line(LOG_INFO, "stopped", "requests=%llu", (unsigned long long)gateway.counts.requests[2]);
	} else {
		log_line(LOG_ALARM, "not_started", "error=%s", error_name(error));
	}
	measures_close(&gateway);
	tails_close(&gateway);
	lines_close(&gateway.lines);
	pages_close(&gateway);
	sessions_close(&gateway);
	bus_close(&gateway.bus);
	params_free(&gateway.params);
	return error == ERR_NONE ? 0 : 1;
}
