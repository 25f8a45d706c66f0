/* bench_network.c -- a network of the bench's own: `tributary up --fresh` in a new folder, ended
 * and removed afterwards. */
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define READY_MS 30000
#define STOP_MS 20000
#define LOOK_MS 20
#if defined(__SANITIZE_ADDRESS__) /* its shadow alone is terabytes */
#define MEMORY_MAX RLIM_INFINITY
#else
#define MEMORY_MAX (UINT64_C(3) << 30) /* of each process, maps of files apart */
#endif

static void nap(void)
{
	const struct timespec span = {0, LOOK_MS * 1000000L};

	nanosleep(&span, NULL);
}

/* The network ends with the bench, however that ends. */
static void become_up(const struct bench *bench, pid_t parent, int out)
{
	const struct rlimit limit = {MEMORY_MAX, MEMORY_MAX};
	char self[4200];

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	(void)setrlimit(RLIMIT_DATA, &limit);
	dup2(out, STDOUT_FILENO);
	network_binary("tributary", self, sizeof(self));
	execl(self, "tributary", "up", "--dir", bench->folder, "--fresh", (char *)NULL);
	_exit(127);
}

static bool says_ready(int in)
{
	struct pollfd look = {.fd = in, .events = POLLIN};
	char said[64] = "";
	size_t used = 0;

	while (used < sizeof(said) - 1 && strchr(said, '\n') == NULL) {
		if (poll(&look, 1, READY_MS) <= 0)
			return false;
		ssize_t size = read(in, said + used, sizeof(said) - 1 - used);
		if (size <= 0)
			return false;
		used += (size_t)size;
		said[used] = 0;
	}
	return strncmp(said, "ready", 5) == 0;
}

static void stop_up(struct bench *bench)
{
	int status;

	if (bench->up <= 0)
		return;
	kill(bench->up, SIGTERM);
	for (unsigned waited = 0; waitpid(bench->up, &status, WNOHANG) == 0; waited += LOOK_MS) {
		if (waited == STOP_MS / LOOK_MS * LOOK_MS)
			kill(bench->up, SIGKILL); /* its services end with it */
		nap();
	}
	bench->up = 0;
}

static int start_up(struct bench *bench)
{
	int ends[2];

	snprintf(bench->folder, sizeof(bench->folder), "%s/tributary-bench-XXXXXX", bench->tmp);
	if (mkdtemp(bench->folder) == NULL || pipe(ends) != 0) {
		perror(bench->folder);
		return EXIT_REFUSED;
	}
	pid_t parent = getpid();
	bench->up = fork();
	if (bench->up == 0) {
		close(ends[0]);
		become_up(bench, parent, ends[1]);
	}
	close(ends[1]);
	bool ready = bench->up > 0 && says_ready(ends[0]);
	close(ends[0]);
	bench->keep = bench->keep || !ready;
	if (!ready)
		fprintf(stderr,
		        "tributary bench: the network in %s does not begin; its logs are there\n",
		        bench->folder);
	return ready ? EXIT_DONE : EXIT_UNREACHABLE;
}

int bench_network_begin(struct bench *bench)
{
	int code = EXIT_DONE;

	if (bench->own_network) {
		code = start_up(bench);
		bench->network.dir = bench->folder;
	}
	if (code == EXIT_DONE)
		code = network_load(&bench->network);
	if (code == EXIT_DONE && !bench->own_network)
		snprintf(bench->folder, sizeof(bench->folder), "%s", bench->network.params.dir);
	return code;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

void bench_network_end(struct bench *bench)
{
	network_free(&bench->network);
	if (!bench->own_network)
		return;
	stop_up(bench);
	if (bench->keep)
		fprintf(stderr, "tributary bench: kept %s\n", bench->folder);
	else
		(void)nftw(bench->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
