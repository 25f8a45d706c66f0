/* keys.c -- who is known in this network: enrol, list, show, rotate, revoke; their keys and access tokens. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "guard/registry.h"

#define OUTLETS_MAX 1000

struct keys {
	struct network network;
	const char *verb, *first, *second, *tenant;
	const char *outlets[OUTLETS_MAX];
	unsigned outlet_count;
	bool json, retire, new_token, is_service;
	char message[400];
	char public_key[GUARD_KEY_TEXT + 1], token[GUARD_TOKEN_TEXT + 1]; /* made, to be told once they are in the registry */
};

static error_t parse_argument(struct keys *k, char *value)
{
	const char **places[] = {&k->verb, &k->first, &k->second};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (*places[i] == NULL) {
			*places[i] = value;
			return 0;
		}
	return ARGP_ERR_UNKNOWN;
}

/* An outlet's code stands between quotes in the registry. */
static error_t parse_outlets(struct keys *k, char *value, struct argp_state *state)
{
	for (char *at = strtok(value, ","); at != NULL; at = strtok(NULL, ",")) {
		if (k->outlet_count == OUTLETS_MAX || strlen(at) > 32 || strpbrk(at, "\"\\\n\r\t") != NULL)
			argp_error(state, "'%.40s' cannot be the code of an outlet, or there are more than %d", at, OUTLETS_MAX);
		k->outlets[k->outlet_count++] = at;
	}
	return 0;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct keys *k = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &k->network;
		return 0;
	case ARGP_KEY_ARG:
		return parse_argument(k, value);
	case ARGP_KEY_END:
		return 0;
	case 'o':
		return parse_outlets(k, value, state);
	case 't':
		k->tenant = value;
		return 0;
	case 'j':
		k->json = true;
		return 0;
	case 'R':
		k->retire = true;
		return 0;
	case 'T':
		k->new_token = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
    {"outlet", 'o', "CODE,...", 0, "an outlet that is theirs; of a warehouse: its code, when it is not its name", 0},
    {"tenant", 't', "NAME", 0, "whose it is: the dealer", 0},
    {"retire", 'R', 0, 0, "rotate: the old key is no longer taken", 0},
    {"token", 'T', 0, 0, "rotate: another access token instead of another key; the old one is no longer taken", 0},
    {"json", 'j', 0, 0, "one JSON object per line", 0},
    {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {
    options,
    parse_option,
    "enrol ROLE NAME\nlist\nshow NAME\nrotate NAME\nrevoke NAME",
    "Who may speak at the doors of this network, and as whom.\venrol makes a key pair and an access token: the secret key lies in "
    "DIR/keys/NAME.key, the token is printed once and kept nowhere. ROLE is terminal (NAME is the till's code, with --outlet), warehouse, "
    "dealer (with --outlet and --tenant), dashboard, service, staff or gateway. rotate makes a second key, and the old one is taken until "
    "rotate --retire; a service shows its new one once it is started again, which tributary up does by itself. revoke is for good: it "
    "holds within a second for who comes, and within five for who is there, whose connection is closed.\n\n"
    "Example: tributary keys enrol terminal OUT-001/T1 --outlet OUT-001",
    children,
    NULL,
    NULL};

static int failed(const struct keys *k, int error)
{
	fprintf(stderr, "tributary keys: %s\n", k->message[0] != 0 ? k->message : error_text(error));
	return EXIT_REFUSED;
}

static int refused(const char *name, const char *why)
{
	fprintf(stderr, "tributary keys: %s: %s\n", name, why);
	return EXIT_REFUSED;
}

static void print_entry(const struct keys *k, const struct registry_entry *entry)
{
	if (!k->json) {
		printf("%-24s %-10s %-8s %s", entry->name, entry->role, entry->state, entry->tenant != NULL ? entry->tenant : "");
		for (uint32_t i = 0; i < entry->outlets_count; i++)
			printf("%s%s", i > 0 ? "," : " ", entry->outlets[i]);
		printf(" keys=%u%s\n", entry->keys_count, entry->token != NULL ? " token" : "");
		return;
	}
	printf("{\"name\":\"%s\",\"role\":\"%s\",\"state\":\"%s\",\"tenant\":\"%s\",\"outlets\":[", entry->name, entry->role, entry->state,
	       entry->tenant != NULL ? entry->tenant : "");
	for (uint32_t i = 0; i < entry->outlets_count; i++)
		printf("%s\"%s\"", i > 0 ? "," : "", entry->outlets[i]);
	printf("],\"keys\":[");
	for (uint32_t i = 0; i < entry->keys_count; i++)
		printf("%s\"%s\"", i > 0 ? "," : "", entry->keys[i]);
	printf("],\"token\":%s}\n", entry->token != NULL ? "true" : "false");
}

/* What was made, said once. */
static void print_made(const struct keys *k, const char *name)
{
	bool has_token = k->token[0] != 0;
	char path[4200];

	if (k->public_key[0] == 0 && has_token)
		printf(k->json ? "{\"token\":\"%s\"}\n" : "token       %s\n", k->token);
	if (k->public_key[0] == 0)
		return;
	registry_key_path(k->network.params.dir, name, path, sizeof(path));
	if (k->json) {
		printf("{\"name\":\"%s\",\"key_file\":\"%s\",\"public_key\":\"%s\"%s%s%s}\n", name, path, k->public_key,
		       has_token ? ",\"token\":\"" : "", k->token, has_token ? "\"" : "");
		return;
	}
	printf("key file    %s\npublic key  %s\n", path, k->public_key);
	if (has_token)
		printf("token       %s\n", k->token);
}

static int make_key(struct keys *k, struct registry_change *change, struct registry_entry *entry)
{
	int error = registry_new_key(change, entry);

	if (error == ERR_NONE)
		snprintf(k->public_key, sizeof(k->public_key), "%s", entry->keys[0]);
	return error;
}

static int enrol_entry(struct keys *k, struct registry_change *change, enum guard_role role)
{
	struct registry_entry *entry = registry_add(change, k->second, role);

	if (entry == NULL) {
		registry_abort(change);
		return refused(k->second, "there is no room for more");
	}
	if (k->tenant != NULL)
		entry->tenant = strdup(k->tenant);
	for (unsigned i = 0; i < k->outlet_count; i++)
		registry_add_outlet(entry, k->outlets[i]);
	if (role == GUARD_WAREHOUSE && k->outlet_count == 0)
		registry_add_outlet(entry, k->second);
	registry_new_token(entry, k->token);
	int error = make_key(k, change, entry);
	if (error != ERR_NONE) {
		registry_abort(change);
		return failed(k, error);
	}
	error = registry_commit(change);
	if (error != ERR_NONE)
		return failed(k, error);
	return EXIT_DONE;
}

static int enrol(struct keys *k)
{
	enum guard_role role = k->first != NULL ? registry_role(k->first) : GUARD_ROLES;
	struct registry_change change;

	if (k->second == NULL || role == GUARD_ROLES) {
		fprintf(stderr, "tributary keys: enrol ROLE NAME; a role is terminal, warehouse, dealer, dashboard, service, staff or gateway\n");
		return EXIT_USAGE;
	}
	if (!registry_name_is_good(k->second) || (k->tenant != NULL && !registry_name_is_good(k->tenant)))
		return refused(k->second, "a name has up to 56 bytes without blanks, quotes and the like, and is no path upwards");
	if (role == GUARD_TERMINAL && registry_name_is_taken(k->second))
		return refused(k->second, "is a name that warehouses, staff or dealers publish under");
	if ((role == GUARD_TERMINAL || role == GUARD_DEALER) && k->outlet_count == 0)
		return refused(k->second, "which outlets are theirs? --outlet CODE");
	int error = registry_begin(&change, k->network.params.dir, k->message, sizeof(k->message));
	if (error != ERR_NONE)
		return failed(k, error);
	if (registry_find(&change.registry, k->second) == NULL)
		return enrol_entry(k, &change, role);
	registry_abort(&change);
	return refused(k->second, "is enrolled already; rotate makes another key, and a name that was revoked is not given again");
}

static int list(struct keys *k)
{
	struct registry registry;
	int error = registry_load(&registry, k->network.params.dir, k->message, sizeof(k->message));
	bool found = k->first == NULL;

	if (error == ERR_NOT_FOUND && k->first == NULL)
		return EXIT_DONE;
	if (error != ERR_NONE)
		return failed(k, error);
	for (uint32_t i = 0; i < registry.principals_count; i++)
		if (k->first == NULL || strcmp(k->first, registry.principals[i].name) == 0) {
			print_entry(k, &registry.principals[i]);
			found = true;
		}
	registry_free(&registry);
	return found ? EXIT_DONE : refused(k->first, "is not enrolled");
}

/* One entry is changed by `act`; it says why not, or NULL. */
static int change_one(struct keys *k, int (*act)(struct keys *k, struct registry_change *change, struct registry_entry *entry))
{
	struct registry_change change;

	if (k->first == NULL)
		return EXIT_USAGE;
	int error = registry_begin(&change, k->network.params.dir, k->message, sizeof(k->message));
	if (error != ERR_NONE)
		return failed(k, error);
	struct registry_entry *entry = registry_find(&change.registry, k->first);
	if (entry == NULL) {
		registry_abort(&change);
		return refused(k->first, "is not enrolled");
	}
	error = act(k, &change, entry);
	if (error != ERR_NONE) {
		registry_abort(&change);
		return failed(k, error);
	}
	error = registry_commit(&change);
	if (error != ERR_NONE)
		return failed(k, error);
	return EXIT_DONE;
}

static int act_rotate(struct keys *k, struct registry_change *change, struct registry_entry *entry)
{
	if (k->new_token) {
		registry_new_token(entry, k->token);
		return ERR_NONE;
	}
	if (k->retire) {
		registry_retire(entry);
		return ERR_NONE;
	}
	k->is_service = registry_role(entry->role) == GUARD_SERVICE;
	return make_key(k, change, entry);
}

/* A service shows its key from its next start on; whoever was told of the former one has to be told of this one. */
static void tell_of_service(const struct keys *k)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/up.pid", k->network.params.dir);
	fprintf(stderr, "tributary keys: %s shows it once it is started again%s. Who was given its former public key needs this one.\n", k->first,
		access(path, F_OK) == 0 ? ", which tributary up does now" : "");
}

static int act_revoke(struct keys *k, struct registry_change *change, struct registry_entry *entry)
{
	(void)k;
	(void)change;
	free(entry->state);
	entry->state = strdup("revoked");
	CHECK(entry->state != NULL);
	return ERR_NONE;
}

/* One that is missing, or whose key file is. */
static int prepare_one(struct registry_change *change, const char *name, enum guard_role role, bool *changed)
{
	struct registry_entry *entry = registry_find(&change->registry, name);
	struct registry_keypair pair;
	char path[4200];

	registry_key_path(change->dir, name, path, sizeof(path));
	if (entry != NULL && registry_key_read(path, &pair) != ERR_NOT_FOUND)
		return ERR_NONE;
	if (entry == NULL)
		entry = registry_add(change, name, role);
	if (entry == NULL)
		return ERR_TOO_MANY;
	*changed = true;
	return registry_new_key(change, entry);
}

int keys_prepare(const char *dir)
{
	struct registry_change change;
	struct keys k = {.json = false};
	bool changed = false;
	int error = registry_begin(&change, dir, k.message, sizeof(k.message));

	if (error != ERR_NONE)
		return failed(&k, error);
	for (unsigned i = 0; i < PARAMS_SERVICES && error == ERR_NONE; i++)
		error = prepare_one(&change, params_services[i], GUARD_SERVICE, &changed);
	if (error == ERR_NONE)
		error = prepare_one(&change, "gateway", GUARD_GATEWAY, &changed);
	if (error == ERR_NONE)
		error = prepare_one(&change, GUARD_OPERATOR, GUARD_STAFF, &changed);
	if (error == ERR_NONE && changed)
		return registry_commit(&change) == ERR_NONE ? EXIT_DONE : failed(&k, ERR_SYSTEM);
	registry_abort(&change);
	return error == ERR_NONE ? EXIT_DONE : failed(&k, error);
}

/* A change is noted before it begins, and what was made is told once that is noted too. */
static int change_noted(struct keys *k)
{
	bool enrols = strcmp(k->verb, "enrol") == 0, rotates = strcmp(k->verb, "rotate") == 0;
	const char *name = enrols ? k->second : k->first, *role = enrols && k->first != NULL ? k->first : "";
	char act[40];

	if (name == NULL)
		return EXIT_USAGE;
	snprintf(act, sizeof(act), "keys.%s", k->verb);
	int code = network_note(&k->network, act, name, "begun%s%s%s", role[0] != 0 ? ": " : "", role, k->retire ? ": retire" : "");
	if (code != EXIT_DONE)
		return code;
	code = enrols ? enrol(k) : change_one(k, rotates ? act_rotate : act_revoke);
	code = network_note_end(&k->network, act, name, code, "%s%s", k->public_key[0] != 0 ? "public key " : "", k->public_key);
	if (code == EXIT_DONE)
		print_made(k, name);
	if (code == EXIT_DONE && k->is_service)
		tell_of_service(k);
	return code;
}

int keys_run(int argc, char **argv)
{
	struct keys k = {0};

	if (argp_parse(&argp, argc, argv, 0, NULL, &k) != 0)
		return EXIT_USAGE;
	int code = network_load(&k.network);
	if (code != EXIT_DONE)
		return code;
	code = EXIT_USAGE;
	if (k.verb != NULL && (strcmp(k.verb, "enrol") == 0 || strcmp(k.verb, "rotate") == 0 || strcmp(k.verb, "revoke") == 0))
		code = change_noted(&k);
	else if (k.verb != NULL && (strcmp(k.verb, "list") == 0 || strcmp(k.verb, "show") == 0))
		code = k.verb[0] == 's' && k.first == NULL ? EXIT_USAGE : list(&k);
	if (code == EXIT_USAGE)
		fprintf(stderr, "tributary keys: enrol ROLE NAME | list | show NAME | rotate NAME [--retire] | revoke NAME; see --help\n");
	network_free(&k.network);
	return code;
}
