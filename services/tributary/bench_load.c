/* bench_load.c -- what the services take of the machine: processor, memory, disk, commits; and how
 * far they are. */
#include <stdlib.h>
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/error.h"
#include "base/when.h"
#include "bench.h"

#define STEP_MS 5

static pid_t service_pid(const struct bench *bench, const char *service)
{
	char path[4300];
	int pid = 0;

	snprintf(path, sizeof(path), "%s/%s.pid", bench->network.params.dir, service);
	FILE *file = fopen(path, "r");
	if (file == NULL || fscanf(file, "%d", &pid) != 1)
		pid = 0;
	if (file != NULL)
		fclose(file);
	return pid;
}

double bench_load_cpu(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
		return 0;
	return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}

/* The sum of all numbers that stand behind this word at the beginning of a line. */
static uint64_t file_number(const char *path, const char *word)
{
	char line[256];
	uint64_t sum = 0;
	FILE *file = fopen(path, "r");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, word, strlen(word)) == 0)
			sum += strtoull(line + strlen(word), NULL, 10);
	if (file != NULL)
		fclose(file);
	return sum;
}

static uint64_t thread_switches(pid_t pid)
{
	char path[300];
	uint64_t sum = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	DIR *folder = opendir(path);
	for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/status", (int)pid, entry->d_name);
		sum += file_number(path, "voluntary_ctxt_switches:") +
		       file_number(path, "nonvoluntary_ctxt_switches:");
	}
	if (folder != NULL)
		closedir(folder);
	return sum;
}

static void on_status(void *context, struct bytes row)
{
	struct bench_load *load = context;

	load->head = row_int(row, "head", 0);
	load->commits = row_int(row, "commits", 0);
}

static int read_one(const struct bench *bench, struct client *client, const char *service,
                    struct bench_load *load)
{
	pid_t pid = service_pid(bench, service);
	char path[4300];
	struct stat status;

	*load = (struct bench_load){.cpu_s = bench_load_cpu(pid), .switches = thread_switches(pid)};
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	load->memory_kib = file_number(path, "VmHWM:");
	snprintf(path, sizeof(path), "/proc/%d/io", (int)pid);
	load->device_bytes = file_number(path, "write_bytes:");
	snprintf(path, sizeof(path), "%s/%s/data.mdb", bench->network.params.dir, service);
	if (stat(path, &status) == 0)
		load->disk_bytes = (uint64_t)status.st_blocks * 512;
	return client_query(client, "status", bytes_of(NULL, 0), on_status, load, QUERY_TIMEOUT_MS);
}

int bench_load_open(const struct bench *bench, struct bench_asked *asked)
{
	*asked = (struct bench_asked){0};
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		asked->clients[i] =
		    network_client(&bench->network, params_services[i], "tributary bench");
		if (asked->clients[i] == NULL)
			return ERR_UNREACHABLE;
	}
	return ERR_NONE;
}

void bench_load_close(struct bench_asked *asked)
{
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		client_close(&asked->clients[i]);
}

int bench_load_read(const struct bench *bench, struct bench_asked *asked,
                    struct bench_load loads[PARAMS_SERVICES])
{
	int error = ERR_NONE;

	for (unsigned i = 0; i < PARAMS_SERVICES && error == ERR_NONE; i++)
		error = read_one(bench, asked->clients[i], params_services[i], &loads[i]);
	return error;
}

static struct client *client_of(struct bench_asked *asked, const char *service)
{
	unsigned i = 0;

	while (strcmp(params_services[i], service) != 0)
		i++;
	return asked->clients[i];
}

static void on_source(void *context, struct bytes row)
{
	*(int64_t *)context = row_int(row, "through", 0);
}

int bench_load_wait(struct bench_asked *asked, const char *source, const char *follower,
                    uint64_t timeout_ms)
{
	struct client *from = client_of(asked, source), *to = client_of(asked, follower);
	struct question question;
	struct bench_load load = {0};
	int64_t through = 0;
	int error =
	    client_query(from, "status", bytes_of(NULL, 0), on_status, &load, QUERY_TIMEOUT_MS);

	question_begin(&question);
	question_text(&question, "source", source);
	struct bytes given = question_end(&question);
	for (uint64_t waited = 0; error == ERR_NONE; waited += STEP_MS) {
		error = client_query(to, "sources", given, on_source, &through, QUERY_TIMEOUT_MS);
		if (through >= load.head)
			break;
		if (waited > timeout_ms)
			error = ERR_TIMEOUT;
		client_process(to, STEP_MS);
	}
	return error;
}
