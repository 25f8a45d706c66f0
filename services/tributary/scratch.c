/* scratch.c -- `tributary up --fresh` in a new folder, ended and removed afterwards. */
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

#include "scratch.h"

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

/* The network ends with the command, however that ends. */
static void become_up(const struct scratch *scratch, pid_t parent, int out)
{
	const struct rlimit limit = {MEMORY_MAX, MEMORY_MAX};
	char self[4200];

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	(void)setrlimit(RLIMIT_DATA, &limit);
	dup2(out, STDOUT_FILENO);
	network_binary("tributary", self, sizeof(self));
	execl(self, "tributary", "up", "--dir", scratch->folder, "--fresh", "--no-gateway", (char *)NULL);
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

static void stop_up(struct scratch *scratch)
{
	int status;

	if (scratch->up <= 0)
		return;
	kill(scratch->up, SIGTERM);
	for (unsigned waited = 0; waitpid(scratch->up, &status, WNOHANG) == 0; waited += LOOK_MS) {
		if (waited == STOP_MS / LOOK_MS * LOOK_MS)
			kill(scratch->up, SIGKILL); /* its services end with it */
		nap();
	}
	scratch->up = 0;
}

static int start_up(struct scratch *scratch)
{
	int ends[2];

	snprintf(scratch->folder, sizeof(scratch->folder), "%s/tributary-%s-XXXXXX", scratch->tmp, scratch->command);
	if (mkdtemp(scratch->folder) == NULL || pipe(ends) != 0) {
		perror(scratch->folder);
		return EXIT_REFUSED;
	}
	pid_t parent = getpid();
	scratch->up = fork();
	if (scratch->up == 0) {
		close(ends[0]);
		become_up(scratch, parent, ends[1]);
	}
	close(ends[1]);
	bool ready = scratch->up > 0 && says_ready(ends[0]);
	close(ends[0]);
	scratch->keep = scratch->keep || !ready;
	if (!ready)
		fprintf(stderr,
		        "tributary %s: the network in %s does not begin; its logs are there\n",
		        scratch->command, scratch->folder);
	return ready ? EXIT_DONE : EXIT_UNREACHABLE;
}

int scratch_begin(struct scratch *scratch)
{
	if (scratch->tmp == NULL)
		scratch->tmp = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
	int code = start_up(scratch);

	scratch->network = (struct network){.dir = scratch->folder};
	return code == EXIT_DONE ? network_load(&scratch->network) : code;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

void scratch_end(struct scratch *scratch)
{
	network_free(&scratch->network);
	stop_up(scratch);
	if (scratch->folder[0] == 0)
		return;
	if (scratch->keep)
		fprintf(stderr, "tributary %s: kept %s\n", scratch->command, scratch->folder);
	else
		(void)nftw(scratch->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	scratch->folder[0] = 0;
}
