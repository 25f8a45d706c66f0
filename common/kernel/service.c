/* service.c -- the main of every service: options, settings, then serve, or one of the tools. */
#include <argp.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/node.h"
#include "kernel/tools.h"
#include "log/log.h"
#include "params/params.h"

#define FILES_WANTED 65536 /* each connection is one */
#define FILES_FEW 4096

enum work { WORK_SERVE, WORK_CHECK, WORK_REBUILD, WORK_REPLACE, WORK_SETTINGS };

struct arguments {
	const char *config, *dir;
	enum work work;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case 'c':
		arguments->config = value;
		return 0;
	case 'd':
		arguments->dir = value;
		return 0;
	case 'k':
		arguments->work = WORK_CHECK;
		return 0;
	case 'r':
		arguments->work = WORK_REBUILD;
		return 0;
	case 'R':
		arguments->work = WORK_REPLACE;
		return 0;
	case 's':
		arguments->work = WORK_SETTINGS;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
    {"dir", 'd', "DIR", 0, "run folder of the network (default: $TRIBUTARY_DIR or build/run)", 0},
    {"config", 'c', "FILE", 0, "configuration (default: DIR/network.yaml where there is one)", 0},
    {"check", 'k', 0, 0, "verify the store and stop: 0 it holds together, 1 it does not", 0},
    {"rebuild", 'r', 0, 0, "run the recorded inputs again beside the store, compare, and stop: 0 equal, 1 different", 0},
    {"replace", 'R', 0, 0, "the same of a service that does not run, and let the result take the place of a damaged store", 0},
    {"settings", 's', 0, 0, "print the settings of this service and stop", 0},
    {0}};

/* Settings from the configuration over the defaults; a name nobody has is fatal. */
static int settle(const struct service *service, const struct params *params, int64_t *values)
{
	const char *names[64];

	CHECK(service->setting_count <= 64);
	for (unsigned i = 0; i < service->setting_count; i++) {
		names[i] = service->settings[i].name;
		values[i] = service->settings[i].value;
	}
	for (uint32_t i = 0; i < params->settings_count; i++) {
		const struct params_setting *given = &params->settings[i];
		unsigned at = 0;

		if (strcmp(given->service, service->name) != 0)
			continue;
		while (at < service->setting_count && strcmp(names[at], given->name) != 0)
			at++;
		if (at == service->setting_count) {
			const char *guess = params_guess(given->name, names, service->setting_count);

			fprintf(stderr, "%s: no setting '%s'%s%s%s\n", service->name, given->name,
				guess != NULL ? "; did you mean '" : "", guess != NULL ? guess : "", guess != NULL ? "'?" : "");
			return ERR_USAGE;
		}
		const struct setting *setting = &service->settings[at];
		if (given->value < setting->min || given->value > setting->max) {
			fprintf(stderr, "%s: setting %s is %lld, must be %lld to %lld %s\n", service->name, given->name,
				(long long)given->value, (long long)setting->min, (long long)setting->max, setting->unit);
			return ERR_USAGE;
		}
		values[at] = given->value;
	}
	return ERR_NONE;
}

static int load(const struct arguments *arguments, struct params *params)
{
	const char *dir = arguments->dir != NULL ? arguments->dir : getenv("TRIBUTARY_DIR");
	char file[4096], message[600];

	if (dir == NULL)
		dir = "build/run";
	snprintf(file, sizeof(file), "%s/network.yaml", dir);
	if (arguments->config == NULL && access(file, R_OK) != 0)
		return params_defaults(params, dir);
	int error = params_load(params, arguments->config != NULL ? arguments->config : file, message, sizeof(message));
	if (error != ERR_NONE)
		fprintf(stderr, "%s\n", message);
	return error;
}

static enum log_level level_named(const char *name)
{
	static const char *const names[] = {"broken", "alarm", "unusual", "info", "trace"};

	int level = 0;

	for (; strcmp(names[level], name) != 0; level++)
		CHECK(level < LOG_TRACE); /* params_load knows the same names */
	return (enum log_level)level;
}

static void on_stop(void *context)
{
	bus_stop(context);
}

/* Before any thread begins, because threads inherit it. What is not allowed is done without. */
static void ask_the_machine(const struct service *service)
{
	struct rlimit files = {FILES_WANTED, FILES_WANTED};

	if (setrlimit(RLIMIT_NOFILE, &files) != 0 && getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
		(void)setrlimit(RLIMIT_NOFILE, &files);
		if (files.rlim_cur < FILES_FEW)
			log_line(LOG_UNUSUAL, "few_files", "may_hold=%llu remedy=\"raise the limit of open files (nofile)\"",
				 (unsigned long long)files.rlim_cur);
	}
	(void)setpriority(PRIO_PROCESS, 0, service->nice);
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 30); /* the memory of one turn serves the next: giving it back costs more */
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
	(void)mallopt(M_TOP_PAD, 16 << 20);
}

/* Whether a key may come in, as the registry says now. */
static enum bus_arrival on_arrival(void *context, const char *key)
{
	struct guard *guard = context;
	struct guard_identity identity;

	if (!guard_is_ready(guard))
		return BUS_COME_LATER;
	return guard_by_key(guard, text_of(key), &identity) != NULL ? BUS_COME_IN : BUS_STRANGER;
}

/* Its own keys, and those of the doors that it hears; a network on sockets of one folder has no need of them. */
static int show_keys(const struct service *service, const struct params *params, struct bus *bus, struct guard *guard)
{
	struct registry_keypair pair;
	struct bus_keypair own;
	char path[4200];
	int error = ERR_NONE;

	bus_plaintext(bus, params->doors_plaintext_loopback);
	bus_on_arrival(bus, on_arrival, guard);
	registry_key_path(params->dir, service->name, path, sizeof(path));
	int read = registry_key_read(path, &pair);
	if (read != ERR_NONE) {
		if (read != ERR_NOT_FOUND)
			log_line(LOG_ALARM, "key_unreadable", "file=%s error=%s remedy=\"rotate it (tributary keys), or chmod 600\"", path,
				 error_name(read));
		return ERR_NONE; /* a door that needs it says so */
	}
	snprintf(own.public_key, sizeof(own.public_key), "%s", pair.public_key);
	snprintf(own.secret_key, sizeof(own.secret_key), "%s", pair.secret_key);
	bus_identify(bus, &own);
	for (unsigned i = 0; service->follows[i] != NULL && error == ERR_NONE; i++) {
		const char *key = guard_key_of(guard, service->follows[i]);

		if (key != NULL)
			error = bus_pin(bus, params_endpoint(params, service->follows[i]), key);
	}
	return error;
}

static int serve(const struct service *service, const struct params *params, const int64_t *settings)
{
	const char *upstreams[PARAMS_SERVICES + 1] = {0};
	char path[4096];
	struct bus *bus = NULL;
	struct node *node = NULL;
	struct guard *guard = NULL;
	const struct guard_quota quota = {params->quota->events_per_second, params->quota->events_burst, params->quota->questions_per_second,
					  params->quota->questions_burst, params->quota->in_flight_kib};

	ask_the_machine(service);
	int error = bus_open(&bus, NULL);
	if (error == ERR_NONE)
		error = guard_open(&guard, params->dir, &quota);
	if (error == ERR_NONE)
		error = show_keys(service, params, bus, guard);
	snprintf(path, sizeof(path), "%s/%s", params->dir, service->name);
	for (unsigned i = 0; service->follows[i] != NULL; i++)
		upstreams[i] = params_endpoint(params, service->follows[i]);
	struct node_options node_options = {.endpoint = params_endpoint(params, service->name),
					    .upstreams = upstreams,
					    .guard = guard,
					    .audit_dir = params->dir,
					    .turn_events_max = params->turn->events_max,
					    .turn_bytes_max = params->turn->kib_max << 10,
					    .disk_keep_bytes = (uint64_t)params->store->keep_free_mib << 20,
					    .scrub_percent = params->store->scrub_percent,
					    .engine = {.path = path,
						       .map_bytes = (uint64_t)params->store->map_mib << 20,
						       .map_bytes_max = (uint64_t)params->store->map_mib_max << 20,
						       .cache_bytes = (uint64_t)params->store->cache_mib << 20,
						       .settings = settings}};
	if (error == ERR_NONE) {
		node_options.engine.now_us = bus_now_us(bus);
		error = bus_on_signal(bus, on_stop, bus);
	}
	if (error == ERR_NONE)
		error = node_open(&node, service, bus, &node_options);
	if (error == ERR_NONE) {
		engine_suspect_guard(node_engine(node));
		log_line(LOG_INFO, "serving", "door=%s epoch=%llu head=%llu", node_options.endpoint,
			 (unsigned long long)engine_meta(node_engine(node))->epoch,
			 (unsigned long long)engine_meta(node_engine(node))->head);
		bus_run(bus);
		log_line(LOG_INFO, "stopping", "head=%llu", (unsigned long long)engine_meta(node_engine(node))->head);
	} else {
		log_line(LOG_ALARM, "not_started", "error=%s store=%s text=\"%s\"", error_name(error), path, error_text(error));
	}
	node_close(&node);
	bus_close(&bus);
	guard_close(&guard);
	return error == ERR_NONE ? 0 : 1;
}

static int run_tool(const struct service *service, const struct params *params, const int64_t *settings, enum work work)
{
	struct tool_options tool = {.dir = params->dir,
				    .map_bytes_max = (uint64_t)params->store->map_mib_max << 20,
				    .settings = settings,
				    .replace = work == WORK_REPLACE,
				    .out = stdout};
	tool_guard(service);
	int result = work == WORK_CHECK ? tool_check(service, &tool) : tool_rebuild(service, &tool);

	if (result < 0)
		fprintf(stderr, "%s: %s in %s\n", service->name, error_text(result), params->dir);
	else if (work == WORK_CHECK)
		printf("{\"service\":\"%s\",\"wrong\":%d}\n", service->name, result);
	return result == 0 ? 0 : 1;
}

static void print_settings(const struct service *service)
{
	for (unsigned i = 0; i < service->setting_count; i++)
		printf("%-32s %lld %s (%lld to %lld): %s\n", service->settings[i].name, (long long)service->settings[i].value,
		       service->settings[i].unit, (long long)service->settings[i].min, (long long)service->settings[i].max,
		       service->settings[i].sentence);
}

int service_main(int argc, char **argv, const struct service *service)
{
	static const char doc[] = "One service of a Tributary network. Normally started by `tributary up`.";
	const struct argp argp = {options, parse_option, NULL, doc, NULL, NULL, NULL};
	struct arguments arguments = {0};
	struct params params;
	int64_t settings[64];

	argp_err_exit_status = 2;
	if (argp_parse(&argp, argc, argv, 0, NULL, &arguments) != 0)
		return 2;
	if (arguments.work == WORK_SETTINGS) {
		print_settings(service);
		return 0;
	}
	if (load(&arguments, &params) != ERR_NONE)
		return 2;
	log_open(service->name, level_named(params.log_level));
	int code = settle(service, &params, settings) == ERR_NONE ? 0 : 2;
	if (code == 0)
		code = arguments.work == WORK_SERVE ? serve(service, &params, settings)
						    : run_tool(service, &params, settings, arguments.work);
	params_free(&params);
	return code;
}
