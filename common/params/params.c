/* params.c -- network.yaml through libcyaml, and the defaults. */
#include "params.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cyaml/cyaml.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"

const char *const params_services[PARAMS_SERVICES] = {"partners", "orders", "inventory", "logistics", "kpi"};

#define MAP_MIB 64
#define MAP_MIB_MAX (64 * 1024)
#define CACHE_MIB 128
#define KEEP_FREE_MIB 256
#define TURN_EVENTS 4096
#define TURN_KIB 4096

static const cyaml_schema_field_t door_fields[] = {
    CYAML_FIELD_STRING_PTR("partners", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_doors, partners, 1, 255),
    CYAML_FIELD_STRING_PTR("orders", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_doors, orders, 1, 255),
    CYAML_FIELD_STRING_PTR("inventory", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_doors, inventory, 1, 255),
    CYAML_FIELD_STRING_PTR("logistics", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_doors, logistics, 1, 255),
    CYAML_FIELD_STRING_PTR("kpi", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_doors, kpi, 1, 255),
    CYAML_FIELD_END};

static const cyaml_schema_field_t store_fields[] = {
    CYAML_FIELD_UINT("map_mib", CYAML_FLAG_OPTIONAL, struct params_store, map_mib),
    CYAML_FIELD_UINT("map_mib_max", CYAML_FLAG_OPTIONAL, struct params_store, map_mib_max),
    CYAML_FIELD_UINT("cache_mib", CYAML_FLAG_OPTIONAL, struct params_store, cache_mib),
    CYAML_FIELD_UINT("keep_free_mib", CYAML_FLAG_OPTIONAL, struct params_store, keep_free_mib),
    CYAML_FIELD_END};

static const cyaml_schema_field_t turn_fields[] = {
    CYAML_FIELD_UINT("events_max", CYAML_FLAG_OPTIONAL, struct params_turn, events_max),
    CYAML_FIELD_UINT("kib_max", CYAML_FLAG_OPTIONAL, struct params_turn, kib_max),
    CYAML_FIELD_END};

static const cyaml_schema_field_t setting_fields[] = {
    CYAML_FIELD_STRING_PTR("service", CYAML_FLAG_POINTER, struct params_setting, service, 1, 64),
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct params_setting, name, 1, 64),
    CYAML_FIELD_INT("value", CYAML_FLAG_DEFAULT, struct params_setting, value),
    CYAML_FIELD_END};

static const cyaml_schema_value_t setting_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct params_setting, setting_fields)};

static const cyaml_schema_field_t params_fields[] = {
    CYAML_FIELD_STRING_PTR("dir", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, dir, 1, 4000),
    CYAML_FIELD_STRING_PTR("log_level", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, log_level, 1, 16),
    CYAML_FIELD_MAPPING_PTR("doors", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, doors, door_fields),
    CYAML_FIELD_MAPPING_PTR("store", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, store, store_fields),
    CYAML_FIELD_MAPPING_PTR("turn", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, turn, turn_fields),
    CYAML_FIELD_SEQUENCE("settings", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, settings, &setting_value, 0, 1000),
    CYAML_FIELD_END};

static const cyaml_schema_value_t params_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct params, params_fields)};

/* Every key of the schema, for guesses. */
static const char *const known_keys[] = {"dir",	   "log_level", "doors",      "store",	   "turn",	"settings",
					 "partners", "orders",    "inventory",  "logistics", "kpi",	"map_mib",
					 "map_mib_max", "cache_mib", "keep_free_mib", "events_max", "kib_max", "service",
					 "name",   "value"};

static unsigned distance(const char *a, const char *b)
{
	unsigned row[64];
	size_t length = strlen(b);

	if (length >= 63 || strlen(a) >= 63)
		return 64;
	for (size_t j = 0; j <= length; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; a[i - 1] != 0; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= length; j++) {
			unsigned best = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			row[j] = best;
		}
	}
	return row[length];
}

const char *params_guess(const char *typed, const char *const *names, unsigned count)
{
	const char *best = NULL;
	unsigned least = (unsigned)strlen(typed) / 2 + 1;

	for (unsigned i = 0; i < count; i++)
		if (distance(typed, names[i]) < least) {
			least = distance(typed, names[i]);
			best = names[i];
		}
	return best;
}

/* The first complaint of the YAML library, with a guess when it is about a key. */
struct complaint {
	char text[400];
	char where[400];
};

static void on_complaint(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
	struct complaint *complaint = context;
	char line[400];

	if (level < CYAML_LOG_ERROR)
		return;
	vsnprintf(line, sizeof(line), format, arguments);
	line[strcspn(line, "\n")] = 0;
	if (strstr(line, "line: ") != NULL && complaint->where[0] == 0)
		snprintf(complaint->where, sizeof(complaint->where), "%s", line);
	else if (complaint->text[0] == 0)
		snprintf(complaint->text, sizeof(complaint->text), "%s", line);
}

static void explain(const struct complaint *complaint, const char *file, const char *reason, char *message, size_t size)
{
	const char *key = strstr(complaint->text, "key: ");
	const char *guess = key != NULL ? params_guess(key + 5, known_keys, sizeof(known_keys) / sizeof(known_keys[0])) : NULL;
	const char *line = strstr(complaint->where, "line: ");

	snprintf(message, size, "%s:%.*s: %s%s%s%s", file, line != NULL ? (int)strcspn(line + 6, ",") : 1,
		 line != NULL ? line + 6 : "?", complaint->text[0] != 0 ? complaint->text : reason,
		 guess != NULL ? "; did you mean '" : "", guess != NULL ? guess : "", guess != NULL ? "'?" : "");
}

/* A private folder for the sockets of a run folder whose own path is too long. */
static int short_folder(const char *dir, char *out, size_t size)
{
	snprintf(out, size, "/tmp/tributary-%u-%016llx", (unsigned)geteuid(),
		 (unsigned long long)hash_bytes(bytes_of(dir, strlen(dir))));
	struct stat status;

	if (mkdir(out, 0700) != 0 && errno != EEXIST)
		return ERR_SYSTEM;
	if (lstat(out, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid())
		return ERR_SYSTEM; /* somebody else's: never ours to use */
	return ERR_NONE;
}

static char **door_of(struct params_doors *doors, unsigned service)
{
	char **all[PARAMS_SERVICES] = {&doors->partners, &doors->orders, &doors->inventory, &doors->logistics, &doors->kpi};

	return all[service];
}

static int fill_doors(struct params *params)
{
	struct sockaddr_un address;
	char folder[4096], endpoint[4200];

	snprintf(folder, sizeof(folder), "%s", params->dir);
	if (strlen(folder) + sizeof("/logistics.door") > sizeof(address.sun_path)) {
		int error = short_folder(params->dir, folder, sizeof(folder));

		if (error != ERR_NONE)
			return error;
	}
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		char **door = door_of(params->doors, i);

		if (*door != NULL)
			continue;
		snprintf(endpoint, sizeof(endpoint), "ipc://%s/%s.door", folder, params_services[i]);
		*door = strdup(endpoint);
		if (*door == NULL)
			return ERR_MEMORY;
	}
	return ERR_NONE;
}

static uint32_t or_default(uint32_t value, uint32_t absent)
{
	return value != 0 ? value : absent;
}

/* What is absent is filled in: the run folder first, since the doors are named by it. */
static int fill(struct params *params, const char *dir)
{
	if (params->dir == NULL)
		params->dir = strdup(dir);
	if (params->log_level == NULL)
		params->log_level = strdup("info");
	if (params->doors == NULL)
		params->doors = calloc(1, sizeof(*params->doors));
	if (params->store == NULL)
		params->store = calloc(1, sizeof(*params->store));
	if (params->turn == NULL)
		params->turn = calloc(1, sizeof(*params->turn));
	if (params->dir == NULL || params->log_level == NULL || params->doors == NULL || params->store == NULL ||
	    params->turn == NULL)
		return ERR_MEMORY;
	params->store->map_mib = or_default(params->store->map_mib, MAP_MIB);
	params->store->map_mib_max = or_default(params->store->map_mib_max, MAP_MIB_MAX);
	params->store->cache_mib = or_default(params->store->cache_mib, CACHE_MIB);
	params->store->keep_free_mib = or_default(params->store->keep_free_mib, KEEP_FREE_MIB);
	params->turn->events_max = or_default(params->turn->events_max, TURN_EVENTS);
	params->turn->kib_max = or_default(params->turn->kib_max, TURN_KIB);
	return fill_doors(params);
}

int params_defaults(struct params *params, const char *dir)
{
	*params = (struct params){0};
	return fill(params, dir);
}

static int check(const struct params *params, const char *file, char *message, size_t size)
{
	static const char *const levels[] = {"broken", "alarm", "unusual", "info", "trace"};
	bool known = false;

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		known = known || strcmp(levels[i], params->log_level) == 0;
	if (!known)
		snprintf(message, size, "%s: log_level: '%s' is none of broken alarm unusual info trace", file, params->log_level);
	else if (params->store->map_mib_max < params->store->map_mib)
		snprintf(message, size, "%s: store.map_mib_max: is less than map_mib", file);
	else if (params->store->map_mib_max > 4u << 20)
		snprintf(message, size, "%s: store.map_mib_max: more than 4 TiB", file);
	else if (params->turn->events_max > 100000 || params->turn->kib_max > 256 * 1024)
		snprintf(message, size, "%s: turn: at most 100000 events and 262144 KiB", file);
	else
		return ERR_NONE;
	return ERR_OUT_OF_RANGE;
}

int params_load(struct params *params, const char *file, char *message, size_t size)
{
	struct complaint complaint = {.text = ""};
	cyaml_config_t config = {.log_fn = on_complaint,
				 .log_ctx = &complaint,
				 .mem_fn = cyaml_mem,
				 .log_level = CYAML_LOG_ERROR};
	struct params *loaded = NULL;
	char folder[4096];

	*params = (struct params){0};
	if (access(file, R_OK) != 0) {
		snprintf(message, size, "%s: cannot be read: %s", file, strerror(errno));
		return ERR_NOT_FOUND;
	}
	cyaml_err_t wrong = cyaml_load_file(file, &config, &params_value, (cyaml_data_t **)&loaded, NULL);
	if (wrong != CYAML_OK || loaded == NULL) {
		explain(&complaint, file, cyaml_strerror(wrong), message, size);
		return ERR_SYNTAX;
	}
	*params = *loaded;
	free(loaded);
	snprintf(folder, sizeof(folder), "%s", file);
	char *slash = strrchr(folder, '/');
	if (slash != NULL)
		*slash = 0;
	int error = fill(params, slash != NULL ? folder : ".");
	if (error == ERR_NONE)
		error = check(params, file, message, size);
	else
		snprintf(message, size, "%s: %s", file, error_text(error));
	if (error != ERR_NONE)
		params_free(params);
	return error;
}

void params_free(struct params *params)
{
	for (unsigned i = 0; params->doors != NULL && i < PARAMS_SERVICES; i++)
		free(*door_of(params->doors, i));
	for (uint32_t i = 0; i < params->settings_count; i++) {
		free(params->settings[i].service);
		free(params->settings[i].name);
	}
	free(params->settings);
	free(params->doors);
	free(params->store);
	free(params->turn);
	free(params->dir);
	free(params->log_level);
	*params = (struct params){0};
}

void params_print(const struct params *params, FILE *out)
{
	fprintf(out, "# The effective configuration of this network. Every key is optional.\n");
	fprintf(out, "dir: \"%s\"\nlog_level: %s\ndoors:\n", params->dir, params->log_level);
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		fprintf(out, "  %s: \"%s\"\n", params_services[i], *door_of(params->doors, i));
	fprintf(out, "store:\n  map_mib: %u\n  map_mib_max: %u\n  cache_mib: %u\n  keep_free_mib: %u\n", params->store->map_mib,
		params->store->map_mib_max, params->store->cache_mib, params->store->keep_free_mib);
	fprintf(out, "turn:\n  events_max: %u\n  kib_max: %u\n", params->turn->events_max, params->turn->kib_max);
	if (params->settings_count > 0)
		fprintf(out, "settings:\n");
	for (uint32_t i = 0; i < params->settings_count; i++)
		fprintf(out, "  - {service: %s, name: %s, value: %lld}\n", params->settings[i].service, params->settings[i].name,
			(long long)params->settings[i].value);
}

const char *params_endpoint(const struct params *params, const char *service)
{
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		if (strcmp(params_services[i], service) == 0)
			return *door_of(params->doors, i);
	return NULL;
}
