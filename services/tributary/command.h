/*
 * command.h -- the operator's and integrator's command: subcommands, the network they act on, and what their exit codes mean.
 *
 * Data goes to stdout, talk to stderr; --json is one object per line.
 */
#ifndef TRIBUTARY_COMMAND_COMMAND_H
#define TRIBUTARY_COMMAND_COMMAND_H

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/check.h"
#include "base/error.h"
#include "client/client.h"
#include "pack/question.h"
#include "pack/row.h"
#include "params/params.h"

enum exit_code { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_UNREACHABLE = 3 };

#define QUERY_TIMEOUT_MS 10000

/* What every subcommand shares. */
struct network {
	const char *dir, *config; /* as given; NULL: not */
	struct params params;
};

struct command {
	const char *name, *arguments, *sentence;
	int (*run)(int argc, char **argv);
};

int up_run(int argc, char **argv);
int apply_run(int argc, char **argv);
int replay_run(int argc, char **argv);
int publish_run(int argc, char **argv);
int tail_run(int argc, char **argv);
int get_run(int argc, char **argv);
int trace_run(int argc, char **argv);
int check_run(int argc, char **argv);
int rebuild_run(int argc, char **argv);
int backup_run(int argc, char **argv);
int restore_run(int argc, char **argv);
int quarantine_run(int argc, char **argv);
int keys_run(int argc, char **argv);
int bench_run(int argc, char **argv);
int rehearse_run(int argc, char **argv);
int top_run(int argc, char **argv);
int audit_run(int argc, char **argv);
int policy_run(int argc, char **argv);
int statement_run(int argc, char **argv);

/* network_options -- the argp child that reads --dir and --config into a struct network given as child_inputs[0]. */
extern const struct argp network_argp;

/*
 * network_load -- find the network: --config, or DIR/network.yaml, or the defaults of DIR (--dir, $TRIBUTARY_DIR, build/run).
 *   errors  says why on stderr; returns an exit code, 0 when loaded.
 */
int network_load(struct network *network);
void network_free(struct network *network);

/*
 * network_open -- a client with these options, of a service of the network: its door and the keys that it takes are found here.
 *   errors  client_open's.
 */
int network_open(const struct network *network, const char *service, struct client_options *options, struct client **client) must_check;

/* keys_prepare -- what a network needs to speak on tcp: keys of its services, its gateway and its operator.   errors  an exit code. */
int keys_prepare(const char *dir);

/* network_client -- a client of one service of the network, without a spool on disk. Says why not on stderr; NULL then. */
struct client *network_client(const struct network *network, const char *service, const char *name);

/* network_say -- the exit code of an error of a query or a client, with a sentence on stderr. */
int network_say(const char *service, int error);

/*
 * network_note -- note an administrative act in the network's audit log, durably: once before it begins and once when it has ended.
 *   shape   act and object as in audit.h; format is its detail: "begun ...", "done ...", "failed ...".
 *   errors  says why on stderr; returns an exit code. An act whose beginning cannot be noted must not begin.
 */
int network_note(const struct network *network, const char *act, const char *object, const char *format, ...)
    __attribute__((format(printf, 4, 5))) must_check;

/* network_note_end -- the same of an act that has ended with this exit code; returns it, or what went wrong with noting it. */
int network_note_end(const struct network *network, const char *act, const char *object, int code, const char *format, ...)
    __attribute__((format(printf, 5, 6))) must_check;

/* network_moment -- RFC 3339, or a day for its first moment in UTC; says on stderr, as this command, what is neither. */
bool network_moment(const char *command, const char *text, int64_t *us);

/* network_binary -- path of a binary beside this command. */
void network_binary(const char *name, char *path, size_t size);

#endif
