/* restore.c -- a stopped network goes back to a backup: every journal under a new epoch, what was there before set aside. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "manifest.h"

#define MANIFEST_BYTES_MAX 65536

struct restore {
	struct network network;
	const char *from;
	struct backup backup;
	int held[PARAMS_SERVICES]; /* folders of the present stores, locked; -1: none */
	char marker[4200];
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct restore *restore = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &restore->network;
	else if (key == 'o')
		restore->backup.only = value;
	else if (key == ARGP_KEY_ARG && restore->from == NULL)
		restore->from = value;
	else if (key == ARGP_KEY_END && restore->from == NULL)
		argp_error(state, "FROM is missing: the folder that tributary backup has made");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {
    {"only", 'o', "SERVICE", 0, "this store alone: for one that is lost while the others are whole. Whoever has heard more of it than the "
				"backup has will not go on with it, and says so", 0},
    {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options, parse_option, "FROM",
				 "Put all stores of a stopped network back to a backup. Every journal goes on under a new epoch, and gives no "
				 "number again that was given after the backup. The present stores are set aside as "
				 "DIR/<service>.replaced-<epoch>.\v"
				 "Tills and warehouses then send again what the backup does not have, as far as they still hold it; what partners "
				 "were told since is to be applied again.\n\nExample: tributary restore /mnt/monday --dir build/run",
				 children, NULL, NULL};

/* ---- the manifest ---- */

static bool read_number(const cJSON *store, const char *key, uint64_t *value)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(store, key);

	if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > 9007199254740991.0)
		return false;
	*value = (uint64_t)item->valuedouble;
	return true;
}

static bool read_hash(const cJSON *store, const char *key, uint64_t *value)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(store, key);
	char *end = NULL;

	if (!cJSON_IsString(item) || strlen(item->valuestring) != 16)
		return false;
	*value = strtoull(item->valuestring, &end, 16);
	return *end == 0;
}

static bool read_store(const cJSON *stores, struct backup_store *store)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, stores) {
		const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "service");

		if (cJSON_IsString(name) && strcmp(name->valuestring, store->service) == 0)
			return read_number(item, "epoch", &store->meta.epoch) && read_number(item, "head", &store->meta.head) &&
			       read_number(item, "intake", &store->meta.intake) && read_number(item, "rows", &store->copied.rows) &&
			       read_hash(item, "hash", &store->copied.hash) && read_hash(item, "journal_link", &store->journal.link) &&
			       read_hash(item, "intake_link", &store->intake.link);
	}
	return false;
}

static int read_manifest(struct restore *restore)
{
	char path[4200], text[MANIFEST_BYTES_MAX];

	snprintf(path, sizeof(path), "%s/manifest.json", restore->from);
	FILE *in = fopen(path, "r");
	size_t size = in != NULL ? fread(text, 1, sizeof(text) - 1, in) : 0;
	if (in == NULL) {
		fprintf(stderr, "tributary: %s is no backup: %s: %s\n", restore->from, path, strerror(errno));
		return EXIT_REFUSED;
	}
	fclose(in);
	cJSON *manifest = cJSON_ParseWithLength(text, size);
	const cJSON *stores = cJSON_GetObjectItemCaseSensitive(manifest, "stores");
	bool is_whole = cJSON_IsArray(stores);
	for (unsigned i = 0; i < restore->backup.count && is_whole; i++)
		is_whole = read_store(stores, &restore->backup.stores[i]);
	cJSON_Delete(manifest);
	if (!is_whole)
		fprintf(stderr, "tributary: %s: not a manifest of this version\n", path);
	return is_whole ? EXIT_DONE : EXIT_REFUSED;
}

/* ---- the run folder ---- */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

static void remove_unfinished(const struct restore *restore)
{
	char path[4200];

	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		snprintf(path, sizeof(path), "%s/%s.restored", restore->network.params.dir, params_services[i]);
		(void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	}
}

static bool supervisor_lives(const char *dir)
{
	char path[4200];
	int pid = 0;

	snprintf(path, sizeof(path), "%s/up.pid", dir);
	FILE *in = fopen(path, "r");
	if (in == NULL)
		return false;
	bool is_read = fscanf(in, "%d", &pid) == 1;
	fclose(in);
	return is_read && pid > 0 && kill(pid, 0) == 0;
}

/* The lock that a service holds on its store; held until this process ends. */
static int hold_stores(struct restore *restore)
{
	const char *dir = restore->network.params.dir;
	bool is_running = supervisor_lives(dir);
	char path[4200];

	for (unsigned i = 0; i < PARAMS_SERVICES && !is_running; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, params_services[i]);
		restore->held[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		is_running = restore->held[i] >= 0 && flock(restore->held[i], LOCK_EX | LOCK_NB) != 0;
	}
	if (is_running)
		fprintf(stderr, "tributary: the network in %s is running: stop it first\n", dir);
	return is_running ? EXIT_REFUSED : EXIT_DONE;
}

static bool sync_folder(const char *dir)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced = folder >= 0 && fsync(folder) == 0;

	if (folder >= 0)
		close(folder);
	return synced;
}

/* From here until the last store stands in its place nobody may start: `up` looks for this file. */
static bool mark(const struct restore *restore)
{
	int file = open(restore->marker, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (file < 0)
		return false;
	bool kept = fsync(file) == 0;
	close(file);
	return kept && sync_folder(restore->network.params.dir);
}

static bool exchange(const struct restore *restore, const char *service, uint64_t epoch)
{
	const char *dir = restore->network.params.dir;
	char now[4200], before[4300], restored[4300];

	snprintf(now, sizeof(now), "%s/%s", dir, service);
	snprintf(before, sizeof(before), "%s.replaced-%llu", now, (unsigned long long)epoch);
	snprintf(restored, sizeof(restored), "%s.restored", now);
	if (rename(now, before) != 0 && errno != ENOENT)
		return false;
	return rename(restored, now) == 0;
}

static bool is_wanted(const struct restore *restore, unsigned i)
{
	return restore->backup.only == NULL || strcmp(restore->backup.only, params_services[i]) == 0;
}

static int exchange_all(const struct restore *restore, uint64_t epoch)
{
	const char *dir = restore->network.params.dir;
	bool done = mark(restore);

	for (unsigned i = 0; i < PARAMS_SERVICES && done; i++)
		done = !is_wanted(restore, i) || exchange(restore, params_services[i], epoch);
	done = done && sync_folder(dir) && unlink(restore->marker) == 0 && sync_folder(dir);
	if (!done)
		fprintf(stderr, "tributary: %s: %s; run the restore again before you start the network\n", dir, strerror(errno));
	return done ? EXIT_DONE : EXIT_REFUSED;
}

static int fetch(struct restore *restore, uint64_t epoch)
{
	remove_unfinished(restore);
	int error = backup_fetch(&restore->backup, restore->from, restore->network.params.dir, epoch);

	if (error == ERR_NONE)
		return EXIT_DONE;
	remove_unfinished(restore);
	fprintf(stderr, "tributary: %s%s%s: %s; nothing was changed\n", restore->from, restore->backup.failed != NULL ? "/" : "",
		restore->backup.failed != NULL ? restore->backup.failed : "",
		error == ERR_STORE_CORRUPT  ? "is not what its manifest says"
		: error == ERR_OUT_OF_RANGE ? "its stores do not fit together"
					    : error_text(error));
	return EXIT_REFUSED;
}

static int restore_all(struct restore *restore)
{
	uint64_t epoch = (uint64_t)manifest_now_us();
	int code = read_manifest(restore);

	if (code == EXIT_DONE && mkdir(restore->network.params.dir, 0700) != 0 && errno != EEXIST) {
		fprintf(stderr, "tributary: %s: %s\n", restore->network.params.dir, strerror(errno));
		code = EXIT_REFUSED;
	}
	if (code == EXIT_DONE)
		code = hold_stores(restore);
	const char *what = restore->backup.only != NULL ? restore->backup.only : "all stores";
	if (code == EXIT_DONE)
		code = network_note(&restore->network, "restore", restore->from, "begun: %s, epoch %llu", what, (unsigned long long)epoch);
	bool begun = code == EXIT_DONE;
	if (code == EXIT_DONE)
		code = fetch(restore, epoch);
	if (code == EXIT_DONE)
		code = exchange_all(restore, epoch);
	if (begun)
		code = network_note_end(&restore->network, "restore", restore->from, code, "%s, epoch %llu", what, (unsigned long long)epoch);
	for (unsigned i = 0; i < PARAMS_SERVICES && code == EXIT_DONE; i++)
		if (is_wanted(restore, i))
			printf("{\"service\":\"%s\",\"epoch\":%llu,\"head\":%llu,\"inputs\":%llu}\n", params_services[i], (unsigned long long)epoch,
		       (unsigned long long)restore->backup.stores[i].meta.head,
		       (unsigned long long)restore->backup.stores[i].meta.intake);
	return code;
}

int restore_run(int argc, char **argv)
{
	struct restore restore = {.backup = {.count = PARAMS_SERVICES}, .held = {-1, -1, -1, -1, -1}};

	if (argp_parse(&argp, argc, argv, 0, NULL, &restore) != 0)
		return EXIT_USAGE;
	int code = network_load(&restore.network);
	if (code != EXIT_DONE)
		return code;
	if (restore.backup.only != NULL && params_endpoint(&restore.network.params, restore.backup.only) == NULL) {
		fprintf(stderr, "tributary: no service '%s'; there are partners, orders, inventory, logistics and kpi\n", restore.backup.only);
		network_free(&restore.network);
		return EXIT_USAGE;
	}
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		restore.backup.stores[i].service = params_services[i];
	snprintf(restore.marker, sizeof(restore.marker), "%s/" MANIFEST_RESTORING, restore.network.params.dir);
	code = restore_all(&restore);
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		if (restore.held[i] >= 0)
			close(restore.held[i]);
	network_free(&restore.network);
	return code;
}
