/*
 * params_keys.h -- where each key of a YAML file stands, and whether the schema knows it: what libcyaml does
 * not say well enough.
 *
 * Only the params room includes it. Of values it looks only whether numbers are whole.
 */
#ifndef TRIBUTARY_PARAMS_PARAMS_KEYS_H
#define TRIBUTARY_PARAMS_PARAMS_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include <cyaml/cyaml.h>

#include "base/check.h"

#define PARAMS_PATH_SIZE 96

struct params_key {
	char path[PARAMS_PATH_SIZE]; /* "store.map_mib", "settings[3].value" */
	unsigned line;
};

struct params_keys {
	struct params_key *keys;
	unsigned count;
};

/*
 * params_keys_read -- walk a file along a schema.
 *   owns    gives *keys until params_keys_free, also when it fails.
 *   errors  ERR_NOT_FOUND, ERR_SYNTAX (unknown key, key said twice, anchors, a second document, not YAML);
 * message says file, line, what is wrong and what may have been meant.
 */
int params_keys_read(struct params_keys *keys, const char *file, const cyaml_schema_field_t *fields,
                     char *message, size_t message_size) must_check;
void params_keys_free(struct params_keys *keys);

/* params_keys_line -- the line of a key, 0 when the file does not have it. */
unsigned params_keys_line(const struct params_keys *keys, const char *path);

#endif
