/* tools.c -- check and rebuild: each service's own binary looks at its own store; the command collects what they say. */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

struct tools {
	struct network network;
	const char *service;
	bool needs_service, shallow, replace;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct tools *tools = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &tools->network;
	else if (key == ARGP_KEY_ARG && tools->service == NULL)
		tools->service = value;
	else if (key == 's' && !tools->needs_service)
		tools->shallow = true;
	else if (key == 'R' && tools->needs_service)
		tools->replace = true;
	else if (key == 'j')
		return 0; /* the output is JSON lines in any case */
	else if (key == ARGP_KEY_END && tools->needs_service && tools->service == NULL)
		argp_error(state, "SERVICE is missing: partners, orders, inventory, logistics, kpi or all");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {{"shallow", 's', 0, 0, "check: do not run the inputs again", 0},
					     {"json", 'j', 0, 0, "JSON lines (the output is that anyway)", 0},
					     {"replace", 'R', 0, 0, "rebuild: put what was rebuilt in the place of a damaged store", 0},
					     {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};

static int run_service(const struct tools *tools, const char *service, const char *what)
{
	char binary[4200];
	int status = 0;

	network_binary(service, binary, sizeof(binary));
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		if (tools->network.config != NULL)
			execl(binary, service, what, "--config", tools->network.config, (char *)NULL);
		else
			execl(binary, service, what, "--dir", tools->network.params.dir, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return EXIT_REFUSED;
	if (WIFSIGNALED(status))
		printf("{\"service\":\"%s\",\"found\":\"%s died of signal %d: its store is damaged beyond reading\"}\n", service, what,
		       WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_REFUSED;
}

static int replace(const struct tools *tools, const char *service, const char *what)
{
	int code = network_note(&tools->network, "rebuild replace", service, "begun");

	if (code != EXIT_DONE)
		return code;
	code = run_service(tools, service, what);
	return network_note_end(&tools->network, "rebuild replace", service, code, "%s", "");
}

static int run_all(struct tools *tools, const char *const *works)
{
	int code = network_load(&tools->network);
	bool known = false;

	if (code != EXIT_DONE)
		return code;
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		if (tools->service != NULL && strcmp(tools->service, "all") != 0 && strcmp(tools->service, params_services[i]) != 0)
			continue;
		known = true;
		for (unsigned j = 0; works[j] != NULL; j++) {
			int answer = tools->replace ? replace(tools, params_services[i], works[j])
						    : run_service(tools, params_services[i], works[j]);

			code = answer != EXIT_DONE ? answer : code;
		}
	}
	if (!known) {
		fprintf(stderr, "tributary: no service '%s'; there are partners, orders, inventory, logistics and kpi\n", tools->service);
		code = EXIT_USAGE;
	}
	network_free(&tools->network);
	return code;
}

int check_run(int argc, char **argv)
{
	static const struct argp argp = {options, parse_option, "[SERVICE]",
					 "Verify the stores of the network, running or not: journals without holes and with their checksums, "
					 "cursors behind heads, each service's own truths, and that the recorded inputs give the same state.\v"
					 "Exit code 0: it holds together; 1: it does not, and the lines say where.\n\nExample: tributary check",
					 children, NULL, NULL};
	static const char *const deep[] = {"--check", "--rebuild", NULL}, *const shallow[] = {"--check", NULL};
	struct tools tools = {0};

	if (argp_parse(&argp, argc, argv, 0, NULL, &tools) != 0)
		return EXIT_USAGE;
	return run_all(&tools, tools.shallow ? shallow : deep);
}

int rebuild_run(int argc, char **argv)
{
	static const struct argp argp = {options, parse_option, "SERVICE",
					 "Run a service's recorded inputs again, into a store beside, and compare state hash and journal bytes.\v"
					 "With --replace, of a network that is stopped: a store whose rows or journal are damaged and whose "
					 "recorded inputs are not is written again; the damaged one is set aside.\n\n"
					 "Exit code 0: equal, or replaced; 1: different.\n\nExample: tributary rebuild inventory",
					 children, NULL, NULL};
	static const char *const look[] = {"--rebuild", NULL}, *const replace[] = {"--replace", NULL};
	struct tools tools = {.needs_service = true};

	if (argp_parse(&argp, argc, argv, 0, NULL, &tools) != 0)
		return EXIT_USAGE;
	return run_all(&tools, tools.replace ? replace : look);
}
