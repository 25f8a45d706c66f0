/* registry.c -- registry.yaml: read through libcyaml, checked whole, written whole. */
#include "registry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cyaml/cyaml.h>

#include "base/error.h"
#include "guard/registry_file.h"

#define TEXT_MAX 255
#define FILE_MAX (64 << 20)

static const cyaml_schema_value_t text_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, TEXT_MAX)};

static const cyaml_schema_field_t entry_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct registry_entry, name, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("role", CYAML_FLAG_POINTER, struct registry_entry, role, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("tenant", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct registry_entry, tenant, 0, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("state", CYAML_FLAG_POINTER, struct registry_entry, state, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("token", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct registry_entry, token, 0, TEXT_MAX),
    CYAML_FIELD_SEQUENCE("outlets", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct registry_entry, outlets, &text_value, 0,
			 GUARD_PLACES_MAX),
    CYAML_FIELD_SEQUENCE("keys", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct registry_entry, keys, &text_value, 0, GUARD_KEYS_MAX),
    CYAML_FIELD_END};

static const cyaml_schema_value_t entry_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct registry_entry, entry_fields)};

static const cyaml_schema_field_t registry_fields[] = {
    CYAML_FIELD_UINT("generation", CYAML_FLAG_DEFAULT, struct registry, generation),
    CYAML_FIELD_SEQUENCE("principals", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct registry, principals, &entry_value, 0,
			 GUARD_ENTRIES_MAX),
    CYAML_FIELD_END};

static const cyaml_schema_value_t registry_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct registry, registry_fields)};

static const cyaml_config_t config = {.mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR, .flags = CYAML_CFG_NO_ALIAS};

static const char *const role_names[GUARD_ROLES] = {"terminal", "warehouse", "dealer", "dashboard", "service", "staff", "gateway"};

enum guard_role registry_role(const char *name)
{
	enum guard_role role = GUARD_TERMINAL;

	while (role < GUARD_ROLES && strcmp(role_names[role], name) != 0)
		role++;
	return role;
}

const char *registry_role_name(enum guard_role role)
{
	CHECK(role < GUARD_ROLES);
	return role_names[role];
}

static bool part_is_good(const char *part, size_t size)
{
	return size > 0 && part[0] != '.' && part[0] != '-';
}

bool registry_name_is_good(const char *name)
{
	size_t size = strlen(name);

	if (size == 0 || size > GUARD_NAME_MAX || strcmp(name, "lock") == 0)
		return false;
	for (const char *at = name; *at != 0; at++)
		if ((unsigned char)*at <= ' ' || *at == 127 || strchr("\"'\\:,[]{}#&*!|>%@`", *at) != NULL)
			return false;
	for (const char *part = name;;) {
		const char *slash = strchr(part, '/');

		if (!part_is_good(part, slash != NULL ? (size_t)(slash - part) : strlen(part)))
			return false;
		if (slash == NULL)
			return true;
		part = slash + 1;
	}
}

bool registry_name_is_taken(const char *name)
{
	return strncmp(name, "wms/", 4) == 0 || strncmp(name, "staff/", 6) == 0 || strncmp(name, "dealer/", 7) == 0;
}

static int entry_check(const struct registry_entry *entry, char *message, size_t size)
{
	const char *wrong = NULL;

	if (!registry_name_is_good(entry->name))
		wrong = "its name cannot be one";
	else if (registry_role(entry->role) == GUARD_TERMINAL && registry_name_is_taken(entry->name))
		wrong = "a till cannot have the name of a warehouse, of staff or of a dealer as a source";
	else if (registry_role(entry->role) == GUARD_ROLES)
		wrong = "its role is not known";
	else if (strcmp(entry->state, "active") != 0 && strcmp(entry->state, "revoked") != 0)
		wrong = "its state is neither active nor revoked";
	else if (entry->token != NULL && entry->token[0] != 0 && strlen(entry->token) != GUARD_HASH_TEXT)
		wrong = "its token is no hash";
	for (uint32_t i = 0; i < entry->keys_count && wrong == NULL; i++)
		if (!registry_key_is_good(entry->keys[i]))
			wrong = "one of its keys is not a key";
	if (wrong == NULL)
		return ERR_NONE;
	snprintf(message, size, "registry.yaml: %.60s: %s", entry->name, wrong);
	return ERR_OUT_OF_RANGE;
}

static int order(const void *a, const void *b)
{
	return strcmp(((const struct registry_entry *)a)->name, ((const struct registry_entry *)b)->name);
}

/* In order of names, so that they are found, and one that stands twice is seen. */
static int registry_check(struct registry *registry, char *message, size_t size)
{
	int error = ERR_NONE;

	for (uint32_t i = 0; i < registry->principals_count && error == ERR_NONE; i++)
		error = entry_check(&registry->principals[i], message, size);
	if (error != ERR_NONE || registry->principals_count == 0)
		return error;
	qsort(registry->principals, registry->principals_count, sizeof(*registry->principals), order);
	for (uint32_t i = 1; i < registry->principals_count; i++)
		if (order(&registry->principals[i - 1], &registry->principals[i]) == 0) {
			snprintf(message, size, "registry.yaml: %.60s stands twice", registry->principals[i].name);
			return ERR_OUT_OF_RANGE;
		}
	return ERR_NONE;
}

static void on_complaint(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
	char *message = context;

	(void)level;
	if (message[0] == 0)
		vsnprintf(message, 200, format, arguments);
	message[strcspn(message, "\n")] = 0;
}

int registry_load(struct registry *registry, const char *dir, char *message, size_t size)
{
	char path[4200], complaint[200] = {0};
	struct registry *loaded = NULL;
	struct stat status;

	*registry = (struct registry){0};
	snprintf(path, sizeof(path), "%s/keys/registry.yaml", dir);
	if (stat(path, &status) != 0) {
		snprintf(message, size, "%s: %s", path, strerror(errno));
		return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_SYSTEM;
	}
	if (access(path, R_OK) != 0 || status.st_size > FILE_MAX) {
		snprintf(message, size, "%s: cannot be read", path);
		return ERR_SYSTEM;
	}
	cyaml_config_t telling = config;
	telling.log_fn = on_complaint;
	telling.log_ctx = complaint;
	if (cyaml_load_file(path, &telling, &registry_value, (cyaml_data_t **)&loaded, NULL) != CYAML_OK || loaded == NULL) {
		snprintf(message, size, "%s: %s", path, complaint);
		return ERR_SYNTAX;
	}
	*registry = *loaded;
	free(loaded);
	int error = registry_check(registry, message, size);
	if (error != ERR_NONE)
		registry_free(registry);
	return error;
}

void registry_free(struct registry *registry)
{
	for (uint32_t i = 0; i < registry->principals_count; i++) {
		struct registry_entry *entry = &registry->principals[i];

		for (uint32_t j = 0; j < entry->outlets_count; j++)
			free(entry->outlets[j]);
		for (uint32_t j = 0; j < entry->keys_count; j++)
			free(entry->keys[j]);
		free(entry->outlets);
		free(entry->keys);
		free(entry->name);
		free(entry->role);
		free(entry->tenant);
		free(entry->state);
		free(entry->token);
	}
	free(registry->principals);
	*registry = (struct registry){0};
}

struct registry_entry *registry_find(const struct registry *registry, const char *name)
{
	for (uint32_t i = 0; i < registry->principals_count; i++)
		if (strcmp(registry->principals[i].name, name) == 0)
			return &registry->principals[i];
	return NULL;
}

/* ---- changing it ---- */

static int sync_folder_of(const char *path)
{
	char folder[4200];

	snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');
	CHECK(slash != NULL);
	*slash = 0;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = fd >= 0 && fsync(fd) == 0 ? ERR_NONE : ERR_SYSTEM;

	if (fd >= 0)
		close(fd);
	return error;
}

int registry_file_write(const char *path, const char *text, size_t size)
{
	char beside[4300];
	size_t written = 0;

	snprintf(beside, sizeof(beside), "%s.new", path);
	(void)unlink(beside);
	int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_SYSTEM;
	while (written < size) {
		ssize_t count = write(fd, text + written, size - written);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			break;
		written += (size_t)count;
	}
	bool whole = written == size && fsync(fd) == 0;
	whole = close(fd) == 0 && whole;
	if (!whole || rename(beside, path) != 0) {
		(void)unlink(beside);
		return ERR_SYSTEM;
	}
	return sync_folder_of(path);
}

int registry_begin(struct registry_change *change, const char *dir, char *message, size_t size)
{
	char path[4200];

	*change = (struct registry_change){.dir = dir, .lock = -1};
	snprintf(path, sizeof(path), "%s/keys", dir);
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		snprintf(message, size, "%s: %s", path, strerror(errno));
		return ERR_SYSTEM;
	}
	snprintf(path, sizeof(path), "%s/keys/lock", dir);
	change->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (change->lock < 0 || flock(change->lock, LOCK_EX) != 0) {
		snprintf(message, size, "%s: %s", path, strerror(errno));
		registry_abort(change);
		return ERR_SYSTEM;
	}
	int error = registry_load(&change->registry, dir, message, size);
	if (error == ERR_NOT_FOUND)
		error = ERR_NONE;
	if (error != ERR_NONE)
		registry_abort(change);
	return error;
}

void registry_abort(struct registry_change *change)
{
	registry_free(&change->registry);
	if (change->lock >= 0)
		close(change->lock);
	change->lock = -1;
}

/* Names, outlets, keys and hashes hold no quotes and backslashes: outlets were looked at when they were added. */
static void print_texts(FILE *out, const char *key, char *const *texts, uint32_t count)
{
	fprintf(out, "    %s: [", key);
	for (uint32_t i = 0; i < count; i++)
		fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", texts[i]);
	fputs("]\n", out);
}

static void print_entry(FILE *out, const struct registry_entry *entry)
{
	fprintf(out, "  - name: \"%s\"\n    role: %s\n    state: %s\n", entry->name, entry->role, entry->state);
	if (entry->tenant != NULL && entry->tenant[0] != 0)
		fprintf(out, "    tenant: \"%s\"\n", entry->tenant);
	print_texts(out, "outlets", entry->outlets, entry->outlets_count);
	print_texts(out, "keys", entry->keys, entry->keys_count);
	if (entry->token != NULL && entry->token[0] != 0)
		fprintf(out, "    token: \"%s\"\n", entry->token);
}

int registry_commit(struct registry_change *change)
{
	char path[4200], *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return ERR_MEMORY;
	change->registry.generation++;
	fprintf(out, "# Who is known here, and what of their keys is public. Written by `tributary keys`; every change raises the generation.\n"
		     "generation: %llu\nprincipals:%s\n",
		(unsigned long long)change->registry.generation, change->registry.principals_count == 0 ? " []" : "");
	for (uint32_t i = 0; i < change->registry.principals_count; i++)
		print_entry(out, &change->registry.principals[i]);
	int error = fclose(out) == 0 ? ERR_NONE : ERR_MEMORY;
	snprintf(path, sizeof(path), "%s/keys/registry.yaml", change->dir);
	if (error == ERR_NONE)
		error = registry_file_write(path, text, size);
	free(text);
	registry_abort(change);
	return error;
}

static char *copy_of(const char *text)
{
	char *copy = strdup(text);

	CHECK(copy != NULL);
	return copy;
}

struct registry_entry *registry_add(struct registry_change *change, const char *name, enum guard_role role)
{
	struct registry *registry = &change->registry;

	if (registry->principals_count >= GUARD_ENTRIES_MAX)
		return NULL;
	registry->principals = realloc(registry->principals, (registry->principals_count + 1) * sizeof(*registry->principals));
	CHECK(registry->principals != NULL);
	struct registry_entry *entry = &registry->principals[registry->principals_count++];
	*entry = (struct registry_entry){
	    .name = copy_of(name), .role = copy_of(registry_role_name(role)), .state = copy_of("active")};
	return entry;
}

void registry_add_outlet(struct registry_entry *entry, const char *outlet)
{
	CHECK(entry->outlets_count < GUARD_PLACES_MAX);
	entry->outlets = realloc(entry->outlets, (entry->outlets_count + 1) * sizeof(*entry->outlets));
	CHECK(entry->outlets != NULL);
	entry->outlets[entry->outlets_count++] = copy_of(outlet);
}
