/*
 * registry.h -- the file of who is known: names, roles, outlets, public keys and hashes of access tokens; and the files of secret keys.
 *
 * DIR/keys/registry.yaml is written whole: into a file beside it, synced, renamed over it, and the folder synced. Whoever writes holds
 * DIR/keys/lock. Every change raises its generation. Secret keys lie in DIR/keys/NAME.key, readable by their owner alone, and nowhere
 * else; of a token only its hash is kept.
 *
 * It does not decide anything: guard.h does.
 */
#ifndef TRIBUTARY_GUARD_REGISTRY_H
#define TRIBUTARY_GUARD_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define GUARD_NAME_MAX 56    /* bytes; with what stands before it, it is the name of a source */
#define GUARD_KEY_TEXT 40    /* letters of a key of 32 bytes */
#define GUARD_HASH_TEXT 64   /* hexadecimal digits of a hash of 32 bytes */
#define GUARD_TOKEN_TEXT 46
#define GUARD_KEYS_MAX 2     /* of one principal: the new one and the old one of a rotation */
#define GUARD_ENTRIES_MAX 10000
#define GUARD_PLACES_MAX 10000
#define GUARD_OPERATOR "operator"

enum guard_role {
	GUARD_TERMINAL,	 /* publishes as itself, for its outlet */
	GUARD_WAREHOUSE, /* publishes as wms/NAME, sees what is to be sent from it */
	GUARD_DEALER,	 /* sees its outlets */
	GUARD_DASHBOARD, /* sees everything, or its outlets where it has some */
	GUARD_SERVICE,	 /* hears the other services */
	GUARD_STAFF,	 /* publishes as staff/NAME, sees everything */
	GUARD_GATEWAY,	 /* speaks for whoever shows it a token */
	GUARD_ROLES
};

struct registry_entry {
	char *name, *role, *tenant, *state, *token; /* token: hash in hexadecimal digits, or empty */
	char **outlets;
	uint32_t outlets_count;
	char **keys; /* public, the newest first */
	uint32_t keys_count;
};

struct registry {
	uint64_t generation;
	struct registry_entry *principals;
	uint32_t principals_count;
};

struct registry_keypair {
	char public_key[GUARD_KEY_TEXT + 1], secret_key[GUARD_KEY_TEXT + 1];
};

/* registry_role -- the role of that name, or GUARD_ROLES.   registry_role_name -- and back. */
enum guard_role registry_role(const char *name);
const char *registry_role_name(enum guard_role role);

/* registry_name_is_good -- 1 to GUARD_NAME_MAX bytes, a relative path without dots alone, blanks, quotes and control characters. */
bool registry_name_is_good(const char *name);

/* registry_name_is_taken -- whether warehouses, staff or dealers publish under names like this one, so that no till can have it. */
bool registry_name_is_taken(const char *name);

/*
 * registry_load -- read DIR/keys/registry.yaml and check it whole.
 *   errors  ERR_NOT_FOUND (there is none: *registry is empty), ERR_SYNTAX, ERR_OUT_OF_RANGE, ERR_SYSTEM; message says what is wrong.
 */
int registry_load(struct registry *registry, const char *dir, char *message, size_t size) must_check;
void registry_free(struct registry *registry);

/* registry_find -- the entry of that name, or NULL. */
struct registry_entry *registry_find(const struct registry *registry, const char *name);

/*
 * registry_begin -- make DIR/keys, take its lock, read the registry (or begin one).   registry_commit -- raise the generation, write it
 * and let go of the lock.   registry_abort -- let go without writing.
 *   errors  ERR_SYSTEM, ERR_MEMORY, registry_load's.
 */
struct registry_change {
	struct registry registry;
	const char *dir;
	int lock;
};
int registry_begin(struct registry_change *change, const char *dir, char *message, size_t size) must_check;
int registry_commit(struct registry_change *change) must_check;
void registry_abort(struct registry_change *change);

/* registry_add -- a new entry that is active, without outlets, keys and token.   errors  NULL: there are GUARD_ENTRIES_MAX. */
struct registry_entry *registry_add(struct registry_change *change, const char *name, enum guard_role role);
void registry_add_outlet(struct registry_entry *entry, const char *outlet);

/*
 * registry_new_key -- make a key pair, write DIR/keys/NAME.key, and put the public key first; older ones beyond GUARD_KEYS_MAX go.
 * registry_retire -- keep only the newest key.   registry_new_token -- make a token, of which only the hash stays.
 *   errors  ERR_SYSTEM.
 */
int registry_new_key(const struct registry_change *change, struct registry_entry *entry) must_check;
void registry_retire(struct registry_entry *entry);
void registry_new_token(struct registry_entry *entry, char token[GUARD_TOKEN_TEXT + 1]);

/* registry_hash -- the hash of a token as the registry keeps it. */
void registry_hash(const char *token, size_t size, char hash[GUARD_HASH_TEXT + 1]);

/*
 * registry_key_path -- where the secret key of a name lies.   registry_key_read -- read such a file.
 *   errors  ERR_NOT_FOUND, ERR_SYNTAX (no such file, not a key), ERR_OUT_OF_RANGE (others may read it).
 */
void registry_key_path(const char *dir, const char *name, char *path, size_t size);
int registry_key_read(const char *path, struct registry_keypair *pair) must_check;

/* registry_make_pair -- a new key pair.   registry_key_is_good -- whether a text is a key of 40 letters. */
void registry_make_pair(struct registry_keypair *pair);
bool registry_key_is_good(const char *key);

#endif
