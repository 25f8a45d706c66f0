/* backup.c -- copies of all stores while the network runs, and a manifest that says what they are: without it there is no backup. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "manifest.h"

#define RATE_MIB 64 /* a second: a backup has time, tills have not */
#define RATE_MIB_MAX 100000

struct backup_command {
	struct network network;
	const char *to;
	long rate_mib;
	bool json;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct backup_command *command = state->input;
	char *end;

	if (key == ARGP_KEY_INIT) {
		state->child_inputs[0] = &command->network;
	} else if (key == 'r') {
		command->rate_mib = strtol(value, &end, 10);
		if (*end != 0 || command->rate_mib < 0 || command->rate_mib > RATE_MIB_MAX)
			argp_error(state, "--rate is a number of MiB per second, 0 to %d", RATE_MIB_MAX);
	} else if (key == 'j') {
		command->json = true;
	} else if (key == ARGP_KEY_ARG && command->to == NULL) {
		command->to = value;
	} else if (key == ARGP_KEY_END && command->to == NULL) {
		argp_error(state, "TO is missing: the folder of the backup, which must not exist");
	} else if (key != ARGP_KEY_END) {
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_option options[] = {{"rate", 'r', "MIB", 0, "copy at most so many MiB a second (default 64; 0: no limit)", 0},
					     {"json", 'j', 0, 0, "one JSON object per store", 0},
					     {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options, parse_option, "TO",
				 "Copy every store of the network, running or not, as of one moment in which nobody has heard what another "
				 "has not said. The copies are looked through; manifest.json is written when all of them hold.\v"
				 "Exit code 0: TO is a backup; 1: it is not, and stderr says why.\n\nExample: tributary backup /mnt/monday",
				 children, NULL, NULL};

int64_t manifest_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now); /* house: a date for people, and epochs later than all before */
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void write_store(FILE *out, const struct backup_store *store)
{
	fprintf(out,
		"{\"service\":\"%s\",\"epoch\":%" PRIu64 ",\"head\":%" PRIu64 ",\"intake\":%" PRIu64 ",\"journal_link\":\"%016" PRIx64
		"\",\"intake_link\":\"%016" PRIx64 "\",\"rows\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"hash\":\"%016" PRIx64 "\"}",
		store->service, store->meta.epoch, store->meta.head, store->meta.intake, store->journal.link, store->intake.link,
		store->copied.rows, store->copied.bytes, store->copied.hash);
}

static bool write_manifest(const struct backup *backup, const char *path, int64_t began_us)
{
	FILE *out = fopen(path, "w");

	if (out == NULL)
		return false;
	fprintf(out, "{\"backup\":1,\"began_us\":%lld,\"ended_us\":%lld,\"stores\":[\n", (long long)began_us,
		(long long)manifest_now_us());
	for (unsigned i = 0; i < backup->count; i++) {
		write_store(out, &backup->stores[i]);
		fputs(i + 1 < backup->count ? ",\n" : "\n]}\n", out);
	}
	bool written = fflush(out) == 0 && fsync(fileno(out)) == 0;
	return fclose(out) == 0 && written;
}

/* The name appears with its contents, or not at all. */
static int keep_manifest(const struct backup_command *command, const struct backup *backup, int64_t began_us)
{
	char part[4200], path[4200];

	snprintf(part, sizeof(part), "%s/manifest.part", command->to);
	snprintf(path, sizeof(path), "%s/manifest.json", command->to);
	int folder = open(command->to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool kept = folder >= 0 && write_manifest(backup, part, began_us) && rename(part, path) == 0 && fsync(folder) == 0;
	if (!kept)
		fprintf(stderr, "tributary: %s: %s\n", path, strerror(errno));
	if (folder >= 0)
		close(folder);
	return kept ? EXIT_DONE : EXIT_REFUSED;
}

static void keep_settings(const struct backup_command *command)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/network.yaml", command->to);
	FILE *out = fopen(path, "w");
	if (out == NULL)
		return;
	params_print(&command->network.params, out);
	fclose(out);
}

static int say_failure(const struct backup *backup, int error)
{
	fprintf(stderr, "tributary: no backup: %s%s%s\n", backup->failed != NULL ? backup->failed : "",
		backup->failed != NULL ? ": " : "",
		error == ERR_AGAIN ? "the services are too busy for one moment that suits all; try again" : error_text(error));
	if (backup->damaged_log != NULL)
		fprintf(stderr, "tributary: its %s is damaged between %" PRIu64 " and %" PRIu64 "; see tributary check %s\n",
			backup->damaged_log, backup->damaged_from, backup->damaged_to, backup->failed);
	return error == ERR_NOT_FOUND ? EXIT_UNREACHABLE : EXIT_REFUSED;
}

static void print_store(const struct backup_command *command, const struct backup_store *store)
{
	if (command->json) {
		write_store(stdout, store);
		putchar('\n');
	} else {
		printf("%-10s head %-10" PRIu64 " inputs %-10" PRIu64 " rows %-10" PRIu64 " KiB %" PRIu64 "\n", store->service, store->meta.head,
		       store->meta.intake, store->copied.rows, store->copied.bytes >> 10);
	}
}

static int note_end(const struct backup_command *command, const struct backup *backup, int code)
{
	uint64_t rows = 0, bytes = 0;

	for (unsigned i = 0; i < backup->count; i++) {
		rows += backup->stores[i].copied.rows;
		bytes += backup->stores[i].copied.bytes;
	}
	return network_note_end(&command->network, "backup", command->to, code, "%" PRIu64 " rows, %" PRIu64 " bytes", rows, bytes);
}

int backup_run(int argc, char **argv)
{
	struct backup_command command = {.rate_mib = RATE_MIB};
	struct backup backup = {.count = PARAMS_SERVICES};
	int64_t began_us = manifest_now_us();

	if (argp_parse(&argp, argc, argv, 0, NULL, &command) != 0)
		return EXIT_USAGE;
	int code = network_load(&command.network);
	if (code != EXIT_DONE)
		return code;
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		backup.stores[i].service = params_services[i];
	if (mkdir(command.to, 0700) != 0) {
		fprintf(stderr, "tributary: %s: %s\n", command.to, errno == EEXIST ? "is there already; a backup has a folder of its own" : strerror(errno));
		code = EXIT_REFUSED;
	}
	if (code == EXIT_DONE)
		code = network_note(&command.network, "backup", command.to, "begun");
	bool begun = code == EXIT_DONE;
	if (code == EXIT_DONE) {
		int error = backup_take(&backup, command.network.params.dir, command.to, (uint64_t)command.rate_mib << 20);

		code = error == ERR_NONE ? EXIT_DONE : say_failure(&backup, error);
	}
	if (code == EXIT_DONE) {
		keep_settings(&command);
		code = keep_manifest(&command, &backup, began_us);
	}
	if (begun)
		code = note_end(&command, &backup, code);
	for (unsigned i = 0; i < PARAMS_SERVICES && code == EXIT_DONE; i++)
		print_store(&command, &backup.stores[i]);
	network_free(&command.network);
	return code;
}
