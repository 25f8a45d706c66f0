/* params.c -- network.yaml through libcyaml, the defaults and the ranges. */
#include "params.h"

#include <errno.h>
#include <limits.h>
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
#include "params_keys.h"

const char *const params_services[PARAMS_SERVICES] = {"partners", "orders", "inventory", "logistics", "kpi"};

const struct params_edge params_edges[PARAMS_EDGES] = {
    {"partners", "orders"},    {"orders", "partners"},     {"inventory", "partners"}, {"inventory", "orders"},
    {"inventory", "logistics"}, {"logistics", "partners"}, {"logistics", "inventory"}, {"kpi", "partners"},
    {"kpi", "orders"},         {"kpi", "inventory"},       {"kpi", "logistics"},      {"partners", "kpi"}};

#define DOOR_TEXT_MAX 255
#define SETTINGS_MAX 1000

static const cyaml_schema_field_t door_fields[] = {
    CYAML_FIELD_STRING_PTR("partners", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_doors,
                           partners, 1, DOOR_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("orders", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_doors, orders, 1,
                           DOOR_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("inventory", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_doors,
                           inventory, 1, DOOR_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("logistics", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_doors,
                           logistics, 1, DOOR_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("kpi", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_doors, kpi, 1,
                           DOOR_TEXT_MAX),
    CYAML_FIELD_END};

static const cyaml_schema_field_t store_fields[] = {
    CYAML_FIELD_UINT("map_mib", CYAML_FLAG_OPTIONAL, struct params_store, map_mib),
    CYAML_FIELD_UINT("map_mib_max", CYAML_FLAG_OPTIONAL, struct params_store, map_mib_max),
    CYAML_FIELD_UINT("cache_mib", CYAML_FLAG_OPTIONAL, struct params_store, cache_mib),
    CYAML_FIELD_UINT("keep_free_mib", CYAML_FLAG_OPTIONAL, struct params_store, keep_free_mib),
    CYAML_FIELD_UINT("scrub_percent", CYAML_FLAG_OPTIONAL, struct params_store, scrub_percent),
    CYAML_FIELD_END};

static const cyaml_schema_field_t turn_fields[] = {
    CYAML_FIELD_UINT("events_max", CYAML_FLAG_OPTIONAL, struct params_turn, events_max),
    CYAML_FIELD_UINT("kib_max", CYAML_FLAG_OPTIONAL, struct params_turn, kib_max), CYAML_FIELD_END};

static const cyaml_schema_field_t quota_fields[] = {
    CYAML_FIELD_UINT("events_per_second", CYAML_FLAG_OPTIONAL, struct params_quota, events_per_second),
    CYAML_FIELD_UINT("events_burst", CYAML_FLAG_OPTIONAL, struct params_quota, events_burst),
    CYAML_FIELD_UINT("questions_per_second", CYAML_FLAG_OPTIONAL, struct params_quota, questions_per_second),
    CYAML_FIELD_UINT("questions_burst", CYAML_FLAG_OPTIONAL, struct params_quota, questions_burst),
    CYAML_FIELD_UINT("in_flight_kib", CYAML_FLAG_OPTIONAL, struct params_quota, in_flight_kib), CYAML_FIELD_END};

static const cyaml_schema_field_t gateway_fields[] = {
    CYAML_FIELD_STRING_PTR("listen", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_gateway, listen, 1, 64),
    CYAML_FIELD_STRING_PTR("certificate", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_gateway, certificate, 1, 4000),
    CYAML_FIELD_STRING_PTR("key", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params_gateway, key, 1, 4000),
    CYAML_FIELD_BOOL("plaintext", CYAML_FLAG_OPTIONAL, struct params_gateway, plaintext),
    CYAML_FIELD_END};

static const cyaml_schema_field_t setting_fields[] = {
    CYAML_FIELD_STRING_PTR("service", CYAML_FLAG_POINTER, struct params_setting, service, 1, 64),
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct params_setting, name, 1, 64),
    CYAML_FIELD_INT("value", CYAML_FLAG_DEFAULT, struct params_setting, value), CYAML_FIELD_END};

static const cyaml_schema_value_t setting_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct params_setting, setting_fields)};

static const cyaml_schema_field_t params_fields[] = {
    CYAML_FIELD_STRING_PTR("dir", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, dir, 1, 4000),
    CYAML_FIELD_STRING_PTR("log_level", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, log_level, 1,
                           16),
    CYAML_FIELD_MAPPING_PTR("doors", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, doors,
                            door_fields),
    CYAML_FIELD_MAPPING_PTR("store", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, store,
                            store_fields),
    CYAML_FIELD_MAPPING_PTR("turn", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, turn,
                            turn_fields),
    CYAML_FIELD_MAPPING_PTR("quota", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, quota,
                            quota_fields),
    CYAML_FIELD_BOOL("doors_plaintext_loopback", CYAML_FLAG_OPTIONAL, struct params, doors_plaintext_loopback),
    CYAML_FIELD_MAPPING_PTR("gateway", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, gateway,
                            gateway_fields),
    CYAML_FIELD_SEQUENCE("settings", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct params, settings,
                         &setting_value, 0, SETTINGS_MAX),
    CYAML_FIELD_END};

static const cyaml_schema_value_t params_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct params, params_fields)};

/* Every number of the file: where it lies, what it may be, what it is when it is not said. */
static const struct number {
	const char *path, *unit;
	enum { IN_STORE, IN_TURN, IN_QUOTA } part;
	size_t offset;
	uint32_t min, max, absent;
} numbers[] = {
    {"store.map_mib", "MiB", IN_STORE, offsetof(struct params_store, map_mib), 1, 4 << 20, 64},
    {"store.map_mib_max", "MiB", IN_STORE, offsetof(struct params_store, map_mib_max), 1, 4 << 20, 64 << 10},
    {"store.cache_mib", "MiB", IN_STORE, offsetof(struct params_store, cache_mib), 1, 1 << 20, 128},
    {"store.keep_free_mib", "MiB", IN_STORE, offsetof(struct params_store, keep_free_mib), 0, 4 << 20, 256},
    {"store.scrub_percent", "%", IN_STORE, offsetof(struct params_store, scrub_percent), 0, 100, 1},
    {"turn.events_max", "events", IN_TURN, offsetof(struct params_turn, events_max), 1, 100000, 8192},
    {"turn.kib_max", "KiB", IN_TURN, offsetof(struct params_turn, kib_max), 1, 256 << 10, 4096},
    {"quota.events_per_second", "events", IN_QUOTA, offsetof(struct params_quota, events_per_second), 0, 10000000, 2000},
    {"quota.events_burst", "events", IN_QUOTA, offsetof(struct params_quota, events_burst), 1, 100000000, 20000},
    {"quota.questions_per_second", "questions", IN_QUOTA, offsetof(struct params_quota, questions_per_second), 0, 10000000, 1000},
    {"quota.questions_burst", "questions", IN_QUOTA, offsetof(struct params_quota, questions_burst), 1, 100000000, 10000},
    {"quota.in_flight_kib", "KiB", IN_QUOTA, offsetof(struct params_quota, in_flight_kib), 1, 16384, 4096},
};

#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static uint32_t *number_in(const struct params *params, const struct number *number)
{
	char *const parts[] = {(char *)params->store, (char *)params->turn, (char *)params->quota};

	return (uint32_t *)(parts[number->part] + number->offset);
}

/*
 * Edits between two words: a letter more, less, other, or two neighbours swapped. Any number that is not below `most` when there are so
 * many.
 */
static unsigned distance(const char *a, const char *b, unsigned most)
{
	enum { LENGTH_MAX = 62 };
	unsigned rows[LENGTH_MAX + 2][LENGTH_MAX + 2], least = 0;
	size_t m = strlen(a), n = strlen(b);

	if (m > LENGTH_MAX || n > LENGTH_MAX || (m > n ? m - n : n - m) >= most)
		return UINT_MAX;
	for (size_t i = 0; i <= m; i++)
		rows[i][0] = (unsigned)i;
	for (size_t j = 0; j <= n; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= m; i++) {
		unsigned before = least;

		least = rows[i][0];
		for (size_t j = 1; j <= n; j++) {
			unsigned best = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			best = rows[i - 1][j] + 1 < best ? rows[i - 1][j] + 1 : best;
			best = rows[i][j - 1] + 1 < best ? rows[i][j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    rows[i - 2][j - 2] + 1 < best)
				best = rows[i - 2][j - 2] + 1;
			rows[i][j] = best;
			least = best < least ? best : least;
		}
		if (least >= most && before >= most)
			return UINT_MAX; /* a row hangs on the two before it alone */
	}
	return rows[m][n];
}

const char *params_guess(const char *typed, const char *const *names, unsigned count)
{
	const char *best = NULL;
	unsigned least = (unsigned)strlen(typed) / 2 + 1;

	for (unsigned i = 0; i < count; i++) {
		unsigned edits = distance(typed, names[i], least);

		if (edits < least) {
			least = edits;
			best = names[i];
		}
	}
	return best;
}

/* The first complaint of libcyaml, and where it was. Keys are looked at before it: what is left are values of
 * a wrong kind. */
struct complaint {
	char text[300];
	unsigned line;
};

static void on_complaint(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
	struct complaint *complaint = context;
	char text[300];

	if (level < CYAML_LOG_ERROR)
		return;
	vsnprintf(text, sizeof(text), format, arguments);
	text[strcspn(text, "\n")] = 0;
	const char *line = strstr(text, "line: ");
	if (line != NULL && complaint->line == 0)
		complaint->line = (unsigned)strtoul(line + 6, NULL, 10);
	else if (line == NULL && complaint->text[0] == 0)
		snprintf(complaint->text, sizeof(complaint->text), "%s",
		         strncmp(text, "Load: ", 6) == 0 ? text + 6 : text);
}

#define SHORT_FOLDER "/tmp/tributary-%u-%016llx"

/* A private folder for the sockets of a run folder whose own path is too long. */
static int short_folder(const char *dir, char *out, size_t size)
{
	snprintf(out, size, SHORT_FOLDER, (unsigned)geteuid(),
	         (unsigned long long)hash_bytes(bytes_of(dir, strlen(dir))));
	struct stat status;

	if (mkdir(out, 0700) != 0 && errno != EEXIST)
		return ERR_SYSTEM;
	if (lstat(out, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
	    (status.st_mode & 077) != 0)
		return ERR_SYSTEM; /* somebody else's, or open to somebody else: never ours to use */
	return ERR_NONE;
}

static char **door_of(struct params_doors *doors, unsigned service)
{
	char **all[PARAMS_SERVICES] = {&doors->partners, &doors->orders, &doors->inventory, &doors->logistics,
	                               &doors->kpi};

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

/* What the file does not say is filled in: the run folder first, since the doors are named by it. keys NULL:
 * it says nothing. */
static int fill(struct params *params, const char *dir, const struct params_keys *keys)
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
	if (params->quota == NULL)
		params->quota = calloc(1, sizeof(*params->quota));
	if (params->gateway == NULL)
		params->gateway = calloc(1, sizeof(*params->gateway));
	if (params->gateway != NULL && params->gateway->listen == NULL)
		params->gateway->listen = strdup("127.0.0.1:8787");
	if (params->dir == NULL || params->log_level == NULL || params->doors == NULL ||
	    params->store == NULL || params->turn == NULL || params->quota == NULL || params->gateway == NULL ||
	    params->gateway->listen == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < NUMBERS; i++)
		if (keys == NULL || params_keys_line(keys, numbers[i].path) == 0)
			*number_in(params, &numbers[i]) = numbers[i].absent;
	uint32_t *most = &params->store->map_mib_max;
	if ((keys == NULL || params_keys_line(keys, "store.map_mib_max") == 0) &&
	    *most < params->store->map_mib)
		*most = params->store->map_mib;
	return fill_doors(params);
}

int params_defaults(struct params *params, const char *dir)
{
	*params = (struct params){0};
	int error = fill(params, dir, NULL);
	if (error != ERR_NONE)
		params_free(params);
	return error;
}

/* What is being checked, for complaints. */
struct load {
	const struct params *params;
	const struct params_keys *keys;
	const char *file;
	char *message;
	size_t size;
};

__attribute__((format(printf, 3, 4))) static int refuse(const struct load *load, const char *path,
                                                        const char *format, ...)
{
	char what[300];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	snprintf(load->message, load->size, "%s:%u: %s: %s", load->file, params_keys_line(load->keys, path),
	         path, what);
	return ERR_OUT_OF_RANGE;
}

static int check_numbers(const struct load *load)
{
	for (size_t i = 0; i < NUMBERS; i++) {
		uint32_t value = *number_in(load->params, &numbers[i]);

		if (value < numbers[i].min || value > numbers[i].max)
			return refuse(load, numbers[i].path, "%u is not between %u and %u %s", value,
			              numbers[i].min, numbers[i].max, numbers[i].unit);
	}
	if (load->params->store->map_mib_max < load->params->store->map_mib)
		return refuse(load, "store.map_mib_max", "%u is less than map_mib, %u",
		              load->params->store->map_mib_max, load->params->store->map_mib);
	return ERR_NONE;
}

static int check_words(const struct load *load)
{
	static const char *const levels[] = {"broken", "alarm", "unusual", "info", "trace"};
	unsigned count = sizeof(levels) / sizeof(levels[0]), at = 0;

	while (at < count && strcmp(levels[at], load->params->log_level) != 0)
		at++;
	const char *guess = params_guess(load->params->log_level, levels, count);
	if (at == count)
		return refuse(load, "log_level", "'%.40s' is none of broken alarm unusual info trace%s%s%s",
		              load->params->log_level, guess != NULL ? "; did you mean '" : "",
		              guess != NULL ? guess : "", guess != NULL ? "'?" : "");
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		for (unsigned j = 0; j < i; j++)
			if (strcmp(*door_of(load->params->doors, i), *door_of(load->params->doors, j)) == 0) {
				char path[32];

				snprintf(path, sizeof(path), "doors.%s", params_services[i]);
				return refuse(load, path, "%s has the same door", params_services[j]);
			}
	return ERR_NONE;
}

static int check_settings(const struct load *load)
{
	const struct params_setting *settings = load->params->settings;

	for (uint32_t i = 0; i < load->params->settings_count; i++) {
		const char *guess = params_guess(settings[i].service, params_services, PARAMS_SERVICES);
		unsigned at = 0;
		char path[48];

		while (at < PARAMS_SERVICES && strcmp(params_services[at], settings[i].service) != 0)
			at++;
		snprintf(path, sizeof(path), "settings[%u].service", i);
		if (at == PARAMS_SERVICES)
			return refuse(load, path, "no service '%.40s'%s%s%s", settings[i].service,
			              guess != NULL ? "; did you mean '" : "", guess != NULL ? guess : "",
			              guess != NULL ? "'?" : "");
		snprintf(path, sizeof(path), "settings[%u].name", i);
		for (uint32_t j = 0; j < i; j++)
			if (strcmp(settings[j].service, settings[i].service) == 0 &&
			    strcmp(settings[j].name, settings[i].name) == 0)
				return refuse(load, path, "%.60s of %s is said twice", settings[i].name,
				              settings[i].service);
	}
	return ERR_NONE;
}

static int check(const struct load *load)
{
	int error = check_numbers(load);

	if (error == ERR_NONE)
		error = check_words(load);
	if (error == ERR_NONE)
		error = check_settings(load);
	return error;
}

/* The file's values as libcyaml reads them; a file that says nothing is fine. */
static int read_values(const struct load *load, struct params *params)
{
	struct complaint complaint = {.text = ""};
	const cyaml_config_t config = {.log_fn = on_complaint,
	                               .log_ctx = &complaint,
	                               .mem_fn = cyaml_mem,
	                               .log_level = CYAML_LOG_ERROR,
	                               .flags = CYAML_CFG_NO_ALIAS};
	struct params *loaded = NULL;
	cyaml_err_t wrong =
	    cyaml_load_file(load->file, &config, &params_value, (cyaml_data_t **)&loaded, NULL);

	if (wrong != CYAML_OK) {
		snprintf(load->message, load->size, "%s:%u: %s", load->file, complaint.line,
		         complaint.text[0] != 0 ? complaint.text : cyaml_strerror(wrong));
		return ERR_SYNTAX;
	}
	if (loaded != NULL)
		*params = *loaded;
	free(loaded);
	return ERR_NONE;
}

static void folder_of(const char *file, char *folder, size_t size)
{
	snprintf(folder, size, "%s", file);
	char *slash = strrchr(folder, '/');
	if (slash == NULL)
		snprintf(folder, size, ".");
	else
		slash[slash == folder] = 0;
}

int params_load(struct params *params, const char *file, char *message, size_t size)
{
	struct params_keys keys;
	struct load load = {params, &keys, file, message, size};
	char folder[4096];

	*params = (struct params){0};
	int error = params_keys_read(&keys, file, params_fields, message, size);
	if (error == ERR_NONE)
		error = read_values(&load, params);
	if (error == ERR_NONE) {
		folder_of(file, folder, sizeof(folder));
		error = fill(params, folder, &keys);
		if (error != ERR_NONE)
			snprintf(message, size, "%s: %s", file, error_text(error));
		else
			error = check(&load);
	}
	params_keys_free(&keys);
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
	if (params->gateway != NULL) {
		free(params->gateway->listen);
		free(params->gateway->certificate);
		free(params->gateway->key);
	}
	free(params->gateway);
	free(params->settings);
	free(params->doors);
	free(params->store);
	free(params->turn);
	free(params->quota);
	free(params->dir);
	free(params->log_level);
	*params = (struct params){0};
}

/* The first character of a text and how many bytes it has; a byte that begins none stands for itself. */
static unsigned character_at(const char *text, unsigned *size)
{
	const unsigned char *at = (const unsigned char *)text;
	unsigned more = at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 1 : at[0] < 0xf0 ? 2 : 3, character = at[0] & (more == 0 ? 0xffu : 0x3fu >> more);

	*size = 1;
	for (unsigned i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return at[0];
		character = character << 6 | (at[i] & 0x3fu);
	}
	*size = 1 + more;
	return character;
}

/* Characters that YAML does not take as they stand, or takes for the end of a line. */
static bool is_escaped(unsigned character)
{
	return character < ' ' || (character >= 127 && character < 0xa0) || character == 0x2028 || character == 0x2029 ||
	       character == 0xfeff || character == 0xfffe || character == 0xffff;
}

/* A text in double quotes that YAML reads back as it was. */
static void print_text(const char *key, const char *text, FILE *out)
{
	unsigned size;

	fprintf(out, "%s: \"", key);
	for (const char *at = text; *at != 0; at += size) {
		unsigned character = character_at(at, &size);

		if (*at == '"' || *at == '\\')
			fprintf(out, "\\%c", *at);
		else if (is_escaped(character))
			fprintf(out, "\\u%04x", character);
		else
			fwrite(at, 1, size, out);
	}
	fputs("\"\n", out);
}

void params_print(const struct params *params, FILE *out)
{
	fprintf(out, "# The effective configuration of this network. Every key is optional.\n");
	print_text("dir", params->dir, out);
	fprintf(out, "log_level: %s\ndoors:\n", params->log_level);
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		fputs("  ", out);
		print_text(params_services[i], *door_of(params->doors, i), out);
	}
	for (size_t i = 0; i < NUMBERS; i++) {
		const char *name = strchr(numbers[i].path, '.') + 1;

		if (i == 0 || numbers[i].part != numbers[i - 1].part)
			fprintf(out, "%.*s:\n", (int)(name - 1 - numbers[i].path), numbers[i].path);
		fprintf(out, "  %s: %u\n", name, *number_in(params, &numbers[i]));
	}
	fprintf(out, "doors_plaintext_loopback: %s\n", params->doors_plaintext_loopback ? "true" : "false");
	fputs("gateway:\n  ", out);
	print_text("listen", params->gateway->listen, out);
	if (params->gateway->certificate != NULL) {
		fputs("  ", out);
		print_text("certificate", params->gateway->certificate, out);
	}
	if (params->gateway->key != NULL) {
		fputs("  ", out);
		print_text("key", params->gateway->key, out);
	}
	fprintf(out, "  plaintext: %s\n", params->gateway->plaintext ? "true" : "false");
	if (params->settings_count > 0)
		fprintf(out, "settings:\n");
	for (uint32_t i = 0; i < params->settings_count; i++) {
		fputs("  - ", out);
		print_text("service", params->settings[i].service, out);
		fputs("    ", out);
		print_text("name", params->settings[i].name, out);
		fprintf(out, "    value: %lld\n", (long long)params->settings[i].value);
	}
}

const char *params_endpoint(const struct params *params, const char *service)
{
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		if (strcmp(params_services[i], service) == 0)
			return *door_of(params->doors, i);
	return NULL;
}

bool params_doors_moved(const struct params *params)
{
	char folder[64];

	snprintf(folder, sizeof(folder), "ipc://" SHORT_FOLDER "/", (unsigned)geteuid(),
	         (unsigned long long)hash_bytes(bytes_of(params->dir, strlen(params->dir))));
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		if (strncmp(*door_of(params->doors, i), folder, strlen(folder)) == 0)
			return true;
	return false;
}
