/* network.c -- finding a network and asking its services. */
#include <errno.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/when.h"
#include "command.h"
#include "guard/registry.h"

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct network *network = state->input;

	if (key == 'd')
		network->dir = value;
	else if (key == 'c')
		network->config = value;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {
    {"dir", 'd', "DIR", 0, "run folder of the network (default: $TRIBUTARY_DIR or build/run)", 1},
    {"config", 'c', "FILE", 0, "configuration (default: DIR/network.yaml where there is one)", 1},
    {0}};

const struct argp network_argp = {options, parse_option, NULL, NULL, NULL, NULL, NULL};

int network_load(struct network *network)
{
	const char *dir = network->dir != NULL ? network->dir : getenv("TRIBUTARY_DIR");
	char file[4096], message[600], absolute[4096];

	if (dir == NULL)
		dir = "build/run";
	snprintf(file, sizeof(file), "%s/network.yaml", dir);
	if (network->config == NULL && access(file, R_OK) != 0) {
		if (realpath(dir, absolute) == NULL)
			snprintf(absolute, sizeof(absolute), "%s", dir);
		int error = params_defaults(&network->params, absolute);
		if (error != ERR_NONE)
			fprintf(stderr, "tributary: %s: %s\n", dir, error_text(error));
		return error == ERR_NONE ? EXIT_DONE : EXIT_USAGE;
	}
	if (params_load(&network->params, network->config != NULL ? network->config : file, message, sizeof(message)) == ERR_NONE)
		return EXIT_DONE;
	fprintf(stderr, "tributary: %s\n", message);
	return EXIT_USAGE;
}

void network_free(struct network *network)
{
	params_free(&network->params);
}

/* Room for what a client's options lend. */
struct keys {
	char file[4200], server[GUARD_KEY_TEXT + 1];
};

/* The operator's key, and the public key of that door, where the network lies; nothing where there are none. */
static void find_keys(const struct network *network, const char *service, struct keys *keys)
{
	struct registry registry;
	char ignored[400];

	registry_key_path(network->params.dir, GUARD_OPERATOR, keys->file, sizeof(keys->file));
	keys->server[0] = 0;
	if (registry_load(&registry, network->params.dir, ignored, sizeof(ignored)) != ERR_NONE)
		return;
	const struct registry_entry *entry = registry_find(&registry, service);
	if (entry != NULL && entry->keys_count > 0)
		snprintf(keys->server, sizeof(keys->server), "%s", entry->keys[0]);
	registry_free(&registry);
}

int network_open(const struct network *network, const char *service, struct client_options *client_options, struct client **client)
{
	struct keys keys; /* read while it opens, not later */

	client_options->endpoint = params_endpoint(&network->params, service);
	client_options->plaintext_loopback = network->params.doors_plaintext_loopback;
	if (client_options->endpoint != NULL && strncmp(client_options->endpoint, "tcp://", 6) == 0 && !client_options->plaintext_loopback) {
		find_keys(network, service, &keys);
		client_options->key_file = keys.file;
		client_options->server_key = keys.server[0] != 0 ? keys.server : NULL;
	}
	int error = client_open(client, client_options);
	client_options->key_file = client_options->server_key = NULL;
	return error;
}

struct client *network_client(const struct network *network, const char *service, const char *name)
{
	struct client_options client_options = {.name = name};
	struct client *client = NULL;

	if (params_endpoint(&network->params, service) == NULL) {
		fprintf(stderr, "tributary: no service '%s'; there are partners, orders, inventory, logistics and kpi\n", service);
		return NULL;
	}
	int error = network_open(network, service, &client_options, &client);
	if (error != ERR_NONE)
		fprintf(stderr, "tributary: %s: %s\n", client_options.endpoint, error_text(error));
	return client;
}

int network_say(const char *service, int error)
{
	if (error == ERR_NONE)
		return EXIT_DONE;
	if (error == ERR_UNREACHABLE || error == ERR_TIMEOUT) {
		fprintf(stderr, "tributary: %s does not answer: is the network up? start it with `tributary up`, or name it with --dir\n",
			service);
		return EXIT_UNREACHABLE;
	}
	fprintf(stderr, "tributary: %s: %s\n", service, error_text(error));
	return EXIT_REFUSED;
}

#define DETAIL_BYTES 1600

static int note(const struct network *network, const char *act, const char *object, const char *detail)
{
	const char *dir = network->params.dir;
	struct audit_act whole = {.act = act, .object = object, .detail = detail};

	if (access(dir, F_OK) != 0) {
		fprintf(stderr, "tributary: %s: there is no network: start it with `tributary up`, or name it with --dir\n", dir);
		return EXIT_UNREACHABLE;
	}
	int error = audit_note(dir, &whole);
	if (error == ERR_NONE)
		return EXIT_DONE;
	fprintf(stderr, "tributary: %s/" AUDIT_FILE ": %s: %s cannot be noted\n", dir, error == ERR_SYSTEM ? strerror(errno) : error_text(error),
		act);
	return EXIT_REFUSED;
}

int network_note(const struct network *network, const char *act, const char *object, const char *format, ...)
{
	char detail[DETAIL_BYTES];
	va_list list;

	va_start(list, format);
	vsnprintf(detail, sizeof(detail), format, list);
	va_end(list);
	return note(network, act, object, detail);
}

int network_note_end(const struct network *network, const char *act, const char *object, int code, const char *format, ...)
{
	char words[DETAIL_BYTES / 2], detail[DETAIL_BYTES];
	va_list list;

	va_start(list, format);
	vsnprintf(words, sizeof(words), format, list);
	va_end(list);
	if (code == EXIT_DONE)
		snprintf(detail, sizeof(detail), "done%s%s", words[0] != 0 ? ": " : "", words);
	else
		snprintf(detail, sizeof(detail), "failed with code %d%s%s", code, words[0] != 0 ? ": " : "", words);
	int noted = note(network, act, object, detail);
	return code != EXIT_DONE ? code : noted;
}

bool network_moment(const char *command, const char *text, int64_t *us)
{
	int64_t day;

	if (when_parse(text_of(text), us))
		return true;
	if (day_number(text_of(text), &day)) {
		*us = day * US_PER_DAY;
		return true;
	}
	fprintf(stderr, "tributary %s: a moment is 2026-03-01T10:00:00Z or 2026-03-01, not '%s'\n", command, text);
	return false;
}

void network_binary(const char *name, char *path, size_t size)
{
	char self[4096];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[length > 0 ? length : 0] = 0;
	snprintf(path, size, "%s/%s", dirname(self), name);
}
