/*
 * up.c -- run the whole network here: write its configuration, start the services in the order in which they hear each other, say
 * "ready" when all doors answer, start again what dies, end everything on SIGINT or SIGTERM.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guard/registry.h"
#include "manifest.h"

#define STOP_SECONDS 10
#define RESTARTS_FAST 20	/* of one service within a minute: then wait longer between them */
#define ANSWER_SECONDS 5	/* until a service has opened its door */
#define LOOK_MS 20
#define GATEWAY PARAMS_SERVICES /* its place among the children, behind the services */
#define TOKEN_BYTES 32

struct child {
	const char *service;
	pid_t pid;
	int64_t start_at_ms;	/* when to start it again */
	int64_t first_death_ms;
	unsigned deaths;
	struct stat key;	/* its key file, as it was when it was started */
	bool renews;		/* it was asked to end, to take up another key */
};

struct supervisor {
	struct network network;
	bool fresh, no_gateway;
	struct child children[PARAMS_SERVICES + 1];
	unsigned child_count;
};

static volatile sig_atomic_t stop_asked, stopped_by = -1; /* the signal, and the user who sent it; -1: the terminal, the system */

static void on_stop(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code == SI_USER)
		stopped_by = (sig_atomic_t)info->si_uid;
	stop_asked = number;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sleep_ms(long ms)
{
	struct timespec span = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&span, NULL);
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct supervisor *up = state->input;

	(void)value;
	if (key == ARGP_KEY_INIT) {
		state->child_inputs[0] = &up->network;
		return 0;
	}
	if (key == 'f')
		up->fresh = true;
	else if (key == 'g')
		up->no_gateway = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {
    {"fresh", 'f', 0, 0, "begin with empty stores: removes those of an earlier run", 0},
    {"no-gateway", 'g', 0, 0, "without the HTTP gateway", 0},
    {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options,  parse_option, NULL,
				 "Run the whole network here, supervised.\vPrints one line that begins with \"ready\" when every door "
				 "serves. Ends cleanly on SIGINT and SIGTERM.\n\nExample: tributary up --dir build/run --fresh",
				 children, NULL,	 NULL};

static int make_folders(const char *dir)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; *slash++ = '/') {
		*slash = 0;
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return -1;
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

static void remove_stores(const char *dir)
{
	char path[4096];

	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, params_services[i]);
		(void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	}
}

static void write_pid(const char *dir, const char *name, pid_t pid)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s.pid", dir, name);
	if (pid == 0) {
		(void)unlink(path);
		return;
	}
	FILE *file = fopen(path, "w");
	if (file != NULL) {
		fprintf(file, "%d\n", (int)pid);
		fclose(file);
	}
}

static int write_configuration(const struct network *network, const char *file)
{
	FILE *out = fopen(file, "w");

	if (out == NULL) {
		fprintf(stderr, "tributary: %s: %s\n", file, strerror(errno));
		return EXIT_REFUSED;
	}
	params_print(&network->params, out);
	return fclose(out) == 0 ? EXIT_DONE : EXIT_REFUSED;
}

/* The folder, the stores, the configuration that every other command will find. */
static int prepare(struct supervisor *up, char *file, size_t size)
{
	const char *asked = up->network.dir != NULL ? up->network.dir : getenv("TRIBUTARY_DIR");
	int code = EXIT_DONE;

	if (up->network.config == NULL && make_folders(asked != NULL ? asked : "build/run") != 0) {
		fprintf(stderr, "tributary: %s: %s\n", asked != NULL ? asked : "build/run", strerror(errno));
		return EXIT_REFUSED;
	}
	code = network_load(&up->network);
	if (code != EXIT_DONE)
		return code;
	const char *dir = up->network.params.dir;
	if (make_folders(dir) != 0) {
		fprintf(stderr, "tributary: %s: %s\n", dir, strerror(errno));
		return EXIT_REFUSED;
	}
	snprintf(file, size, "%s/" MANIFEST_RESTORING, dir);
	if (!up->fresh && access(file, F_OK) == 0) {
		fprintf(stderr, "tributary: a restore in %s was not finished: run it again\n", dir);
		return EXIT_REFUSED;
	}
	/* Tills wait for the network: one that cannot note its start starts all the same, and says so. */
	code = network_note(&up->network, "up", dir, "begun%s", up->fresh ? ": with empty stores" : "");
	if (up->fresh && code != EXIT_DONE)
		return code; /* what was there would go without a trace */
	code = EXIT_DONE;
	if (up->fresh) {
		(void)unlink(file);
		remove_stores(dir);
	}
	snprintf(file, size, "%s/network.yaml", dir);
	if (up->network.config != NULL)
		snprintf(file, size, "%s", up->network.config);
	else if (access(file, R_OK) != 0)
		code = write_configuration(&up->network, file);
	return code == EXIT_DONE ? keys_prepare(dir) : code;
}

static void key_look(const struct supervisor *up, const struct child *child, struct stat *status)
{
	char path[4200];

	registry_key_path(up->network.params.dir, child->service, path, sizeof(path));
	if (stat(path, status) != 0)
		*status = (struct stat){0};
}

static bool uses_keys(const struct params *params)
{
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		if (strncmp(params_endpoint(params, params_services[i]), "tcp://", 6) == 0)
			return true;
	return false;
}

/* Keys are taken up at the start: a service whose key was rotated ends cleanly, and is started again. The gateway reads its own each time. */
static void renew_keys(struct supervisor *up)
{
	for (unsigned i = 0; i < PARAMS_SERVICES && uses_keys(&up->network.params); i++) {
		struct child *child = &up->children[i];
		struct stat now;

		if (child->pid == 0 || child->renews)
			continue;
		key_look(up, child, &now);
		if (now.st_ino == 0 || (now.st_ino == child->key.st_ino && now.st_mtim.tv_sec == child->key.st_mtim.tv_sec &&
					now.st_mtim.tv_nsec == child->key.st_mtim.tv_nsec))
			continue;
		fprintf(stderr, "tributary: %s has another key, starts again with it\n", child->service);
		child->renews = kill(child->pid, SIGTERM) == 0;
	}
}

/* The service dies with its supervisor, writes its log beside its store, and is found by its pid file. */
static void start_child(const struct supervisor *up, struct child *child, const char *file)
{
	char binary[4200], log[4200];

	network_binary(child->service, binary, sizeof(binary));
	snprintf(log, sizeof(log), "%s/%s.log", up->network.params.dir, child->service);
	pid_t parent = getpid();
	child->renews = false;
	key_look(up, child, &child->key);
	child->pid = fork();
	if (child->pid == 0) {
		int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(1);
		if (out >= 0) {
			dup2(out, STDERR_FILENO);
			dup2(out, STDOUT_FILENO);
		}
		execl(binary, child->service, "--config", file, (char *)NULL);
		_exit(127);
	}
	write_pid(up->network.params.dir, child->service, child->pid);
}

static struct child *child_of(struct supervisor *up, pid_t pid)
{
	for (unsigned i = 0; i < up->child_count; i++)
		if (up->children[i].pid == pid)
			return &up->children[i];
	return NULL;
}

/* A service that died is started again at once; one that dies again and again, ever later, up to ten seconds. */
static void note_death(struct supervisor *up, struct child *child, int status)
{
	int64_t now = now_ms();
	int64_t wait_ms = 0;

	child->pid = 0;
	child->start_at_ms = now;
	if (child->renews)
		return;
	if (now - child->first_death_ms > 60000) {
		child->first_death_ms = now;
		child->deaths = 0;
	}
	child->deaths++;
	if (child->deaths > RESTARTS_FAST)
		wait_ms = child->deaths > RESTARTS_FAST + 10 ? 10000 : (int64_t)(child->deaths - RESTARTS_FAST) * 1000;
	else if (WIFEXITED(status))
		wait_ms = 500; /* it gave up by itself: its log says why */
	child->start_at_ms = now + wait_ms;
	fprintf(stderr, "tributary: %s ended (%s %d), starts again%s; its log: %s/%s.log\n", child->service,
		WIFSIGNALED(status) ? "signal" : "code", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		wait_ms > 1000 ? " later" : "", up->network.params.dir, child->service);
}

static void look_after(struct supervisor *up, const char *file)
{
	int status;

	for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
		struct child *child = child_of(up, pid);

		if (child != NULL)
			note_death(up, child, status);
	}
	renew_keys(up);
	for (unsigned i = 0; i < up->child_count; i++)
		if (up->children[i].pid == 0 && now_ms() >= up->children[i].start_at_ms)
			start_child(up, &up->children[i], file);
}

/* The services of a supervisor that was killed may still be ending: ours give up and are started again meanwhile. */
static bool answers(struct supervisor *up, const char *service, const char *file)
{
	struct client *client = network_client(&up->network, service, "supervisor");
	int64_t until_ms = now_ms() + ANSWER_SECONDS * 1000;

	while (client != NULL && !client_connected(client) && now_ms() < until_ms && !stop_asked) {
		client_process(client, LOOK_MS);
		look_after(up, file);
	}
	bool connected = client != NULL && client_connected(client);
	client_close(&client);
	return connected;
}

/* Those that hear others first, so that nobody waits for an answer from the dead. */
static int stop_all(struct supervisor *up)
{
	int64_t until_ms = now_ms() + STOP_SECONDS * 1000;
	int code = EXIT_DONE;

	for (unsigned i = up->child_count; i-- > 0;)
		if (up->children[i].pid > 0)
			kill(up->children[i].pid, SIGTERM);
	for (unsigned i = up->child_count; i-- > 0;) {
		struct child *child = &up->children[i];
		int status = 0;

		while (child->pid > 0 && waitpid(child->pid, &status, WNOHANG) == 0) {
			if (now_ms() > until_ms) {
				fprintf(stderr, "tributary: %s does not end by itself and is killed\n", child->service);
				kill(child->pid, SIGKILL);
				code = EXIT_REFUSED;
				until_ms = now_ms() + 1000;
			}
			sleep_ms(LOOK_MS);
		}
		write_pid(up->network.params.dir, child->service, 0);
	}
	return code;
}

/* Who stopped it, as far as the signal tells. */
static void note_stop(const struct supervisor *up, int code)
{
	const char *dir = up->network.params.dir;

	if (stop_asked && stopped_by >= 0)
		(void)!network_note_end(&up->network, "stop", dir, code, "signal %d of uid %d", (int)stop_asked, (int)stopped_by);
	else if (stop_asked)
		(void)!network_note_end(&up->network, "stop", dir, code, "signal %d", (int)stop_asked);
	else
		(void)!network_note_end(&up->network, "stop", dir, EXIT_UNREACHABLE, "a service does not open its door");
}

/* The local operator's token for the gateway, for whoever may read the run folder; one that is there stays. */
static int make_token(const char *dir)
{
	uint8_t bytes[TOKEN_BYTES];
	char path[4200], text[2 * TOKEN_BYTES + 2];

	snprintf(path, sizeof(path), "%s/gateway.token", dir);
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return errno == EEXIST ? 0 : -1;
	bool good = getrandom(bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes);
	for (unsigned i = 0; i < TOKEN_BYTES; i++)
		snprintf(text + 2 * i, 4, "%02x\n", bytes[i]);
	good = good && write(file, text, 2 * TOKEN_BYTES + 1) == 2 * TOKEN_BYTES + 1;
	if (close(file) == 0 && good)
		return 0;
	(void)unlink(path);
	return -1;
}

static void start_gateway(struct supervisor *up, const char *file)
{
	char path[4200];

	network_binary("gateway", path, sizeof(path));
	if (up->no_gateway || access(path, X_OK) != 0)
		return;
	snprintf(path, sizeof(path), "%s/gateway.url", up->network.params.dir);
	(void)unlink(path); /* of a former run */
	if (make_token(up->network.params.dir) != 0)
		fprintf(stderr, "tributary: no %s/gateway.token: %s\n", up->network.params.dir, strerror(errno));
	up->children[GATEWAY].service = "gateway";
	up->child_count = PARAMS_SERVICES + 1;
	start_child(up, &up->children[GATEWAY], file);
}

static void start_all(struct supervisor *up, const char *file)
{
	write_pid(up->network.params.dir, "up", getpid());
	up->child_count = PARAMS_SERVICES;
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		up->children[i].service = params_services[i];
		start_child(up, &up->children[i], file);
	}
	start_gateway(up, file);
}

int up_run(int argc, char **argv)
{
	struct supervisor up = {0};
	struct sigaction action = {.sa_sigaction = on_stop, .sa_flags = SA_SIGINFO};
	char file[4200];

	if (argp_parse(&argp, argc, argv, 0, NULL, &up) != 0)
		return EXIT_USAGE;
	int code = prepare(&up, file, sizeof(file));
	if (code != EXIT_DONE)
		return code;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	start_all(&up, file);
	bool ready = true;
	for (unsigned i = 0; i < PARAMS_SERVICES && ready && !stop_asked; i++) {
		ready = answers(&up, params_services[i], file);
		if (!ready && !stop_asked)
			fprintf(stderr, "tributary: %s does not open its door; its log: %s/%s.log\n", params_services[i],
				up.network.params.dir, params_services[i]);
	}
	if (ready && !stop_asked) {
		if (params_doors_moved(&up.network.params))
			fprintf(stderr, "tributary: %s is too long a path for sockets; the doors are where %s/network.yaml says\n",
				up.network.params.dir, up.network.params.dir);
		printf("ready %s\n", up.network.params.dir);
		fflush(stdout);
		while (!stop_asked) {
			look_after(&up, file);
			sleep_ms(LOOK_MS);
		}
	}
	code = stop_all(&up);
	note_stop(&up, code);
	write_pid(up.network.params.dir, "up", 0);
	network_free(&up.network);
	return ready ? code : EXIT_UNREACHABLE;
}
