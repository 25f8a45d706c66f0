/*
 * Goal: the command line of a service does what its --help says and refuses the rest with a sentence. Method: service_main of the toy, with
 * one setting, in a process for each line; its exit code and all that it wrote are compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "bus/bus.h"
#include "guard/guard.h"
#include "log/log.h"
#include "shop.h"

static char said[16384];
static const char *refused = ""; /* the call of the bus that fails in the child */

int __real_bus_open(struct bus **bus, struct bus_network *network);
int __wrap_bus_open(struct bus **bus, struct bus_network *network);
int __wrap_bus_open(struct bus **bus, struct bus_network *network)
{
	*bus = NULL;
	return strcmp(refused, "bus_open") == 0 ? ERR_SYSTEM : __real_bus_open(bus, network);
}

int __real_bus_on_signal(struct bus *bus, bus_on_timer *on_signal, void *context);
int __wrap_bus_on_signal(struct bus *bus, bus_on_timer *on_signal, void *context);
int __wrap_bus_on_signal(struct bus *bus, bus_on_timer *on_signal, void *context)
{
	return strcmp(refused, "bus_on_signal") == 0 ? ERR_SYSTEM : __real_bus_on_signal(bus, on_signal, context);
}

error_t __real_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *index, void *input);
error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *index, void *input);
error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *index, void *input)
{
	return strcmp(refused, "argp_parse") == 0 ? ENOMEM : __real_argp_parse(argp, argc, argv, flags, index, input);
}

int __real_setrlimit(int resource, const struct rlimit *limit);
int __wrap_setrlimit(int resource, const struct rlimit *limit);
int __wrap_setrlimit(int resource, const struct rlimit *limit)
{
	if (strcmp(refused, "granted") == 0)
		return 0;
	return strstr(refused, "setrlimit") != NULL ? -1 : __real_setrlimit(resource, limit);
}

/* As it is, unless it cannot be said, or is few. */
int __real_getrlimit(int resource, struct rlimit *limit);
int __wrap_getrlimit(int resource, struct rlimit *limit);
int __wrap_getrlimit(int resource, struct rlimit *limit)
{
	int answer = __real_getrlimit(resource, limit);

	if (strstr(refused, "few") != NULL)
		limit->rlim_cur = limit->rlim_max = 64;
	return strstr(refused, "getrlimit") != NULL ? -1 : answer;
}

/* What the door would say to this key, told as it is asked for. */
static char shown[GUARD_KEY_TEXT + 1];

void __real_bus_on_arrival(struct bus *bus, bus_on_arrival_call *on_arrival, void *context);
void __wrap_bus_on_arrival(struct bus *bus, bus_on_arrival_call *on_arrival, void *context);
void __wrap_bus_on_arrival(struct bus *bus, bus_on_arrival_call *on_arrival, void *context)
{
	static const char *const answers[] = {[BUS_COME_IN] = "in", [BUS_COME_LATER] = "later", [BUS_STRANGER] = "stranger"};

	if (shown[0] != 0)
		fprintf(stderr, "come %s\n", answers[on_arrival(context, shown)]);
	__real_bus_on_arrival(bus, on_arrival, context);
}

int __real_bus_pin(struct bus *bus, const char *endpoint, const char *key);
int __wrap_bus_pin(struct bus *bus, const char *endpoint, const char *key);
int __wrap_bus_pin(struct bus *bus, const char *endpoint, const char *key)
{
	fprintf(stderr, "pinned %s\n", key);
	return strcmp(refused, "bus_pin") == 0 ? ERR_MEMORY : __real_bus_pin(bus, endpoint, key);
}

static const char *const two_follows[] = {"orders", "partners", NULL};
static const char *const *follows; /* of the service in the child; NULL: the toy's */

static const struct setting setting = {"stretch", "days", "how far it stretches", 1, 10, 5};

/* The exit code of a line of up to three words in this folder. */
static int run(const char *folder, const char *first, const char *second, const char *third)
{
	int words[2];
	size_t size = 0;

	assert_int_equal(pipe(words), 0);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		struct service service = toy;
		char *argv[] = {"orders", (char *)(uintptr_t)first, (char *)(uintptr_t)second, (char *)(uintptr_t)third, NULL};
		int argc = 1;

		while (argv[argc] != NULL)
			argc++;
		service.settings = &setting;
		service.setting_count = 1;
		if (follows != NULL)
			service.follows = follows;
		dup2(words[1], STDOUT_FILENO);
		dup2(words[1], STDERR_FILENO);
		close(words[0]);
		if (folder != NULL)
			assert_int_equal(chdir(folder), 0);
		exit(service_main(argc, argv, &service));
	}
	close(words[1]);
	for (ssize_t got; size < sizeof(said) - 1 && (got = read(words[0], said + size, sizeof(said) - 1 - size)) > 0;)
		size += (size_t)got;
	said[size] = 0;
	close(words[0]);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void assert_said(const char *sentence)
{
	if (strstr(said, sentence) == NULL)
		fail_msg("not said: %s\nbut: %s", sentence, said);
}

static void configure(struct shop *shop, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/network.yaml", shop->folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_settings_are_listed_and_strange_options_refused(void **state)
{
	struct shop *shop = *state;

	assert_int_equal(run(shop->folder, "--settings", NULL, NULL), 0);
	assert_said("stretch                          5 days (1 to 10): how far it stretches\n");
	assert_int_equal(run(shop->folder, "--sttings", NULL, NULL), 2);
	assert_int_equal(run(shop->folder, "word", NULL, NULL), 2);
}

static void test_a_setting_that_nobody_has_is_fatal_with_a_guess(void **state)
{
	static const struct {
		const char *name;
		int value, code;
		const char *sentence;
	} cases[] = {
	    {"strech", 3, 2, "orders: no setting 'strech'; did you mean 'stretch'?\n"},
	    {"weather", 3, 2, "orders: no setting 'weather'\n"},
	    {"stretch", 0, 2, "orders: setting stretch is 0, must be 1 to 10 days\n"},
	    {"stretch", 11, 2, "orders: setting stretch is 11, must be 1 to 10 days\n"},
	    {"stretch", 10, 0, "\"wrong\":0"},
	};
	struct shop *shop = *state;
	char text[256];

	shop_rest(shop);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "settings:\n  - service: kpi\n    name: any\n    value: 1\n  - service: orders\n    name: %s\n    value: %d\n",
			 cases[i].name, cases[i].value);
		configure(shop, text);
		assert_int_equal(run(NULL, "--check", "--dir", shop->folder), cases[i].code);
		assert_said(cases[i].sentence);
	}
}

static void test_the_folder_is_said_or_in_the_environment_or_the_usual_one(void **state)
{
	struct shop *shop = *state;

	shop_sell(shop, 3);
	shop_rest(shop);
	assert_int_equal(run(NULL, "--check", "--dir", shop->folder), 0);
	assert_said("{\"service\":\"orders\",\"wrong\":0}");
	setenv("TRIBUTARY_DIR", shop->folder, 1);
	assert_int_equal(run(NULL, "--check", NULL, NULL), 0);
	assert_int_equal(run(NULL, "--rebuild", NULL, NULL), 0);
	assert_said("\"equal\":true");
	assert_int_equal(run(NULL, "--replace", NULL, NULL), 0);
	unsetenv("TRIBUTARY_DIR");
	assert_int_equal(run(shop->folder, "--check", NULL, NULL), 1); /* nothing in build/run */
	assert_said("orders: not found in build/run\n");
}

static void test_a_configuration_that_cannot_be_read_is_fatal(void **state)
{
	struct shop *shop = *state;
	char other[128];

	shop_rest(shop);
	configure(shop, "log_level: trace\n");
	assert_int_equal(run(NULL, "--check", "--dir", shop->folder), 0);
	configure(shop, "log_levl: trace\n");
	assert_int_equal(run(NULL, "--check", "--dir", shop->folder), 2);
	assert_said("log_levl");
	snprintf(other, sizeof(other), "--config=%s/nowhere.yaml", shop->folder);
	assert_int_equal(run(NULL, other, "--check", NULL), 2);
}

static void test_a_service_that_cannot_start_says_why(void **state)
{
	static const char *const calls[] = {"bus_open", "bus_on_signal"};
	struct shop *shop = *state;

	assert_int_equal(run(NULL, "--dir", shop->folder, NULL), 1); /* this process has its store */
	assert_said("not_started error=STORE_BUSY");
	shop_rest(shop);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		refused = calls[i];
		assert_int_equal(run(NULL, "--dir", shop->folder, NULL), 1);
		assert_said("not_started error=SYSTEM");
	}
	refused = "argp_parse";
	assert_int_equal(run(NULL, "--settings", NULL, NULL), 2);
	refused = "";
}

/* It starts, as far as it can with its store taken, whatever the machine lets it have; where that is little it says so. */
static void test_few_files_are_told(void **state)
{
	static const struct {
		const char *refused;
		bool is_told;
	} cases[] = {{"granted", false}, {"setrlimit", false}, {"setrlimit getrlimit", false}, {"setrlimit few", true}};
	struct shop *shop = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		refused = cases[i].refused;
		assert_int_equal(run(NULL, "--dir", shop->folder, NULL), 1);
		assert_int_equal(strstr(said, "files") != NULL, cases[i].is_told);
	}
	refused = "";
}

/* Somebody in the registry of the shop; their public key. */
static void enrol(struct shop *shop, const char *name, enum guard_role role, char key[GUARD_KEY_TEXT + 1])
{
	struct registry_change change;
	char message[400];

	assert_int_equal(registry_begin(&change, shop->folder, message, sizeof(message)), ERR_NONE);
	struct registry_entry *entry = registry_add(&change, name, role);
	assert_non_null(entry);
	if (role == GUARD_TERMINAL)
		registry_add_outlet(entry, "S1");
	assert_int_equal(registry_new_key(&change, entry), ERR_NONE);
	snprintf(key, GUARD_KEY_TEXT + 1, "%s", entry->keys[0]);
	assert_int_equal(registry_commit(&change), ERR_NONE);
}

static void test_a_door_lets_in_whom_the_registry_knows(void **state)
{
	struct shop *shop = *state;
	char key[GUARD_KEY_TEXT + 1], path[160];

	enrol(shop, "S1/T1", GUARD_TERMINAL, key);
	memcpy(shown, key, sizeof(shown));
	assert_int_equal(run(NULL, "--dir", shop->folder, NULL), 1);
	assert_said("come in\n");
	memset(shown, 'k', GUARD_KEY_TEXT);
	assert_int_equal(run(NULL, "--dir", shop->folder, NULL), 1);
	assert_said("come stranger\n");
	snprintf(path, sizeof(path), "%s/keys/registry.yaml", shop->folder);
	FILE *registry = fopen(path, "w");
	assert_non_null(registry);
	fputs("generation: 9\nprincipals: [", registry);
	fclose(registry);
	assert_int_equal(run(NULL, "--dir", shop->folder, NULL), 1);
	assert_said("come later\n");
	memset(shown, 0, sizeof(shown));
}

/* Its links speak to the holders of these keys alone; of whom none is known, to nobody. */
static void test_the_keys_of_those_that_it_hears_are_pinned(void **state)
{
	struct shop *shop = *state;
	char own[GUARD_KEY_TEXT + 1], key[GUARD_KEY_TEXT + 1], pinned[64], path[160];

	follows = two_follows;
	enrol(shop, "orders", GUARD_SERVICE, own);
	enrol(shop, "partners", GUARD_SERVICE, key);
	assert_int_equal(run(NULL, "--dir", shop->folder, NULL), 1);
	snprintf(pinned, sizeof(pinned), "pinned %s\n", key);
	assert_said(pinned);
	refused = "bus_pin";
	assert_int_equal(run(NULL, "--dir", shop->folder, NULL), 1);
	assert_null(strstr(said, pinned));
	assert_said("not_started error=MEMORY");
	refused = "";
	follows = NULL;
	registry_key_path(shop->folder, "orders", path, sizeof(path));
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(run(NULL, "--dir", shop->folder, NULL), 1);
	assert_said("key_unreadable");
}

static void test_who_has_no_key_is_not_pinned(void **state)
{
	struct shop *shop = *state;
	char own[GUARD_KEY_TEXT + 1];

	follows = two_follows + 1;
	enrol(shop, "orders", GUARD_SERVICE, own);
	assert_int_equal(run(NULL, "--dir", shop->folder, NULL), 1);
	assert_null(strstr(said, "pinned"));
	follows = NULL;
}

#define SHOP(test) cmocka_unit_test_setup_teardown(test, shop_open, shop_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SHOP(test_settings_are_listed_and_strange_options_refused),
	    SHOP(test_a_setting_that_nobody_has_is_fatal_with_a_guess),
	    SHOP(test_the_folder_is_said_or_in_the_environment_or_the_usual_one),
	    SHOP(test_a_configuration_that_cannot_be_read_is_fatal),
	    SHOP(test_a_service_that_cannot_start_says_why),
	    SHOP(test_few_files_are_told),
	    SHOP(test_a_door_lets_in_whom_the_registry_knows),
	    SHOP(test_the_keys_of_those_that_it_hears_are_pinned),
	    SHOP(test_who_has_no_key_is_not_pinned),
	};

	log_open("test", LOG_BROKEN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
