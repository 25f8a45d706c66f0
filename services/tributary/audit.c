/* audit.c -- who did what to this network: list it, verify it, print its anchor. */
#include "audit/audit.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "command.h"

struct auditing {
	struct network network;
	const char *verb, *anchor;
	bool json;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct auditing *auditing = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &auditing->network;
	else if (key == 'j')
		auditing->json = true;
	else if (key == 'a' && strlen(value) == AUDIT_HASH_TEXT && strspn(value, "0123456789abcdef") == AUDIT_HASH_TEXT)
		auditing->anchor = value;
	else if (key == 'a')
		argp_error(state, "--anchor is a hash as `tributary audit head` prints it: %d digits, 0 to f", AUDIT_HASH_TEXT);
	else if (key == ARGP_KEY_ARG && auditing->verb == NULL)
		auditing->verb = value;
	else if (key == ARGP_KEY_END && auditing->verb == NULL)
		argp_error(state, "verify, list or head?");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {
    {"anchor", 'a', "HASH", 0, "verify: the last line was this one once, as `audit head` printed it then", 0},
    {"json", 'j', 0, 0, "one JSON object per line", 0},
    {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {options,  parse_option, "verify\nlist\nhead",
				 "Every act of an operator is noted in DIR/audit.log, before it begins and when it has ended; each line vouches for "
				 "those before it.\vverify names every line that was altered, removed or put elsewhere: exit code 0: none, 1: some. "
				 "Lines cut from the end, and a file written anew as a whole, are found with --anchor alone: keep what head prints "
				 "where those who can write DIR cannot.\n\nExample: tributary audit verify --anchor $(cat /mnt/elsewhere/anchor)",
				 children, NULL,	 NULL};

static void on_wrong(void *context, const struct audit_wrong *wrong)
{
	const struct auditing *auditing = context;

	if (auditing->json)
		printf("{\"line\":%llu,\"wrong\":\"%s\",\"what\":\"%s\"}\n", (unsigned long long)wrong->line, wrong->word, wrong->what);
	else
		printf("line %llu: %s: %s\n", (unsigned long long)wrong->line, wrong->word, wrong->what);
}

static int verify(struct auditing *auditing)
{
	struct audit_head head;
	uint64_t wrong;
	int error = audit_verify(auditing->network.params.dir, auditing->anchor, on_wrong, auditing, &head, &wrong);

	if (error == ERR_NOT_FOUND) {
		fprintf(stderr, "tributary audit: nothing was ever noted in %s\n", auditing->network.params.dir);
		return EXIT_REFUSED;
	}
	if (error != ERR_NONE)
		return network_say("audit", error);
	if (auditing->json)
		printf("{\"acts\":%llu,\"head\":\"%s\",\"wrong_lines\":%llu}\n", (unsigned long long)head.count, head.hash,
		       (unsigned long long)wrong);
	else
		printf("%llu acts, %llu wrong%s\n", (unsigned long long)head.count, (unsigned long long)wrong,
		       auditing->anchor == NULL ? "; without an anchor, lines cut from the end are not seen" : "");
	return wrong == 0 ? EXIT_DONE : EXIT_REFUSED;
}

static const char *word(const cJSON *act, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(act, key);

	return cJSON_IsString(item) ? item->valuestring : "?";
}

static void on_line(void *context, const char *line, unsigned size)
{
	const struct auditing *auditing = context;
	cJSON *act = auditing->json ? NULL : cJSON_ParseWithLength(line, size);

	if (act != NULL)
		printf("%s %s %s %s: %s\n", word(act, "time"), word(act, "who"), word(act, "act"), word(act, "object"), word(act, "detail"));
	else
		printf("%.*s\n", (int)size, line);
	cJSON_Delete(act);
}

static int list(struct auditing *auditing)
{
	int error = audit_each(auditing->network.params.dir, on_line, auditing);

	return error == ERR_NOT_FOUND ? EXIT_DONE : network_say("audit", error);
}

static int head(struct auditing *auditing)
{
	struct audit_head head;
	int error = audit_last(auditing->network.params.dir, &head);

	if (error != ERR_NONE)
		return network_say("audit: the last line", error);
	if (auditing->json)
		printf("{\"acts\":%llu,\"head\":\"%s\"}\n", (unsigned long long)head.count, head.hash);
	else
		printf("%s\n", head.hash);
	return EXIT_DONE;
}

int audit_run(int argc, char **argv)
{
	static const struct {
		const char *verb;
		int (*run)(struct auditing *auditing);
	} verbs[] = {{"verify", verify}, {"list", list}, {"head", head}};
	struct auditing auditing = {0};

	if (argp_parse(&argp, argc, argv, 0, NULL, &auditing) != 0)
		return EXIT_USAGE;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].verb, auditing.verb) != 0)
			continue;
		int code = network_load(&auditing.network);
		if (code == EXIT_DONE) {
			code = verbs[i].run(&auditing);
			network_free(&auditing.network);
		}
		return code;
	}
	fprintf(stderr, "tributary audit: verify, list or head, not '%s'\n", auditing.verb);
	return EXIT_USAGE;
}
