/* bench_floors.c -- the floors of this machine at this moment: a program of its own measures them
 * and prints JSON. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "bench.h"

#define FLOORS_SECONDS 120
#if defined(__SANITIZE_ADDRESS__) /* its shadow alone is terabytes */
#define MEMORY_MAX RLIM_INFINITY
#else
#define MEMORY_MAX (UINT64_C(2) << 30)
#endif
#define SAID_MAX 8192

static void become_floors(const char *binary, const char *folder, uint32_t sales, pid_t parent,
                          int out)
{
	const struct rlimit limit = {MEMORY_MAX, MEMORY_MAX};
	char count[20];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	(void)setrlimit(RLIMIT_DATA, &limit);
	alarm(FLOORS_SECONDS);
	dup2(out, STDOUT_FILENO);
	snprintf(count, sizeof(count), "%u", sales);
	execl(binary, binary, folder, count, (char *)NULL);
	_exit(127);
}

static bool take_figures(const char *json, struct bench_round *round)
{
	cJSON *object = cJSON_Parse(json), *item;

	cJSON_ArrayForEach(item, object)
	{
		unsigned figure = bench_print_known(item->string);

		if (figure == BENCH_FIGURES || !cJSON_IsNumber(item))
			continue;
		double before = round->known[figure] ? round->figures[figure] : item->valuedouble;
		bench_set(round, (enum bench_figure)figure, (before + item->valuedouble) / 2);
	}
	bool good = object != NULL;
	cJSON_Delete(object);
	return good;
}

static bool run(const struct bench *bench, struct bench_round *round)
{
	char binary[4200], said[SAID_MAX];
	size_t used = 0;
	int ends[2], status = 1;

	network_binary("bench_floor", binary, sizeof(binary));
	if (access(binary, X_OK) != 0 || pipe(ends) != 0)
		return false;
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		close(ends[0]);
		become_floors(binary, bench->network.params.dir, bench->sales, parent, ends[1]);
	}
	close(ends[1]);
	for (ssize_t size = 1; size > 0 && used<SAID_MAX - 1; used += size> 0 ? (size_t)size : 0)
		size = read(ends[0], said + used, SAID_MAX - 1 - used);
	said[used] = 0;
	close(ends[0]);
	if (child > 0)
		(void)waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 && take_figures(said, round);
}

bool bench_floors_run(const struct bench *bench, struct bench_round *round)
{
	bool done = run(bench, round);

	if (!done)
		fprintf(stderr, "tributary bench: no floors: bench_floor is missing beside this "
		                "command, or it failed\n");
	return done;
}
