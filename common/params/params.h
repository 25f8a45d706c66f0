/*
 * params.h -- what a network is told before it starts: where its doors are, how large its stores may grow,
 * and its settings.
 *
 * One YAML file (DIR/network.yaml, written by `tributary up`, or --config) is read by every service and by
 * the command. Unknown keys, values outside their range and settings that no service has are fatal, with the
 * file, the key and a guess at what was meant. Rules of business are not configuration: they arrive as
 * events.
 */
#ifndef TRIBUTARY_PARAMS_PARAMS_H
#define TRIBUTARY_PARAMS_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/check.h"

#define PARAMS_SERVICES 5

/* The services of a network, in the order in which they start: each hears only those before it, and itself
 * nobody. */
extern const char *const params_services[PARAMS_SERVICES]; /* partners orders inventory logistics kpi */

/* Which service hears which other one. */
#define PARAMS_EDGES 12
struct params_edge {
	const char *service, *hears;
};
extern const struct params_edge params_edges[PARAMS_EDGES];

struct params_doors {
	char *partners, *orders, *inventory, *logistics, *kpi; /* endpoints */
};

struct params_store {
	uint32_t map_mib;       /* size of each store's map at start, MiB */
	uint32_t map_mib_max;   /* it grows by doubling up to this */
	uint32_t cache_mib;     /* rows kept in memory */
	uint32_t keep_free_mib; /* below this much free disk new input is refused with disk_full */
	uint32_t scrub_percent; /* of journal and intake looked through for damage in a minute */
};

struct params_turn {
	uint32_t events_max; /* inputs of one commit, at least one message */
	uint32_t kib_max;
};

/* What one key may publish and ask at each door; the local operator is not counted. */
struct params_quota {
	uint32_t events_per_second; /* 0: as much as it likes */
	uint32_t events_burst;
	uint32_t questions_per_second; /* and subscriptions; 0: as much as it likes */
	uint32_t questions_burst;
	uint32_t in_flight_kib; /* of what it has said and is not taken yet */
};

struct params_gateway {
	char *listen; /* ADDRESS:PORT of its HTTP; port 0: any */
	char *certificate, *key; /* PEM files of TLS, the certificate with those above it; NULL: plain HTTP */
	bool plaintext; /* plain HTTP on addresses that others reach */
};

struct params_setting {
	char *service, *name;
	int64_t value;
};

struct params {
	char *dir;       /* the run folder */
	char *log_level; /* broken alarm unusual info trace */
	struct params_doors *doors;
	struct params_store *store;
	struct params_turn *turn;
	struct params_quota *quota;
	bool doors_plaintext_loopback; /* tcp on loopback addresses takes no keys */
	struct params_gateway *gateway;
	struct params_setting *settings;
	uint32_t settings_count;
};

/*
 * params_defaults -- a network in this run folder: doors are sockets in it, or, when its path is too long for
 * a socket address (107 bytes), in a private folder below /tmp that is named after it. params_doors_moved
 * tells, so that somebody can be told. owns    gives *params until params_free.   errors  ERR_MEMORY,
 * ERR_SYSTEM.
 */
int params_defaults(struct params *params, const char *dir) must_check;

/*
 * params_load -- read a file; what it does not say is as in params_defaults for the folder that the file lies
 * in. errors  ERR_NOT_FOUND, ERR_SYNTAX (not YAML, unknown or repeated key, wrong kind of value),
 * ERR_OUT_OF_RANGE, ERR_MEMORY, ERR_SYSTEM; message says file, line, key, what is wrong and what may have
 * been meant. *params is then empty.
 */
int params_load(struct params *params, const char *file, char *message, size_t message_size) must_check;
void params_free(struct params *params);

/* params_print -- the effective values as YAML that loads back the same. */
void params_print(const struct params *params, FILE *out);

/* params_endpoint -- the door of a service, NULL for an unknown name. */
const char *params_endpoint(const struct params *params, const char *service);

/* params_doors_moved -- whether a door of the run folder lies elsewhere since the folder's path is too long
 * for a socket. */
bool params_doors_moved(const struct params *params);

/* params_guess -- the name among count that is nearest to what was typed, or NULL when none is near. */
const char *params_guess(const char *typed, const char *const *names, unsigned count);

#endif
