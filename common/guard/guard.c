/* guard.c -- the registry in memory, and the rules of who may what. */
#include "guard.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>
#include <uthash.h>

#include "base/error.h"
#include "base/when.h"
#include "log/log.h"

#define READ_AT_ONCE (32 << 10) /* bytes of a registry: a few hundred principals, some milliseconds */

/* A key or the hash of a token, and whose it is. */
struct proof {
	UT_hash_handle hh;
	const char *text; /* the key; the registry's */
	struct guard_principal *principal;
};

/* What somebody may still say for the moment; kept over changes of the registry. */
struct bucket {
	UT_hash_handle hh;
	double left[GUARD_SPENDINGS]; /* house: only how long somebody is asked to wait hangs on it */
	int64_t at_us[GUARD_SPENDINGS];
	char name[GUARD_NAME_MAX + 1];
};

/* A registry on its way into memory, on a thread of its own. */
struct loading {
	pthread_t thread;
	_Atomic bool is_done;
	const char *dir;
	struct registry registry;
	int error;
	char message[400];
};

struct guard {
	struct loading *loading; /* NULL: none */
	char *dir;
	struct guard_quota quota;
	bool is_open, is_ready, was_told;
	struct stat seen;	/* of the file, as it was read */
	uint64_t generation;	/* of ours: rises whenever another registry is in effect */
	struct registry registry;
	struct guard_principal *principals;
	struct proof *proofs, *keys, *tokens;
	struct bucket *buckets;
	struct guard_principal local;
	uint8_t seal[crypto_secretbox_KEYBYTES];
};

static const struct guard_principal everybody_is_local = {
    .name = GUARD_OPERATOR, .tenant = "", .role = GUARD_STAFF, .is_operator = true};

int guard_open(struct guard **out, const char *dir, const struct guard_quota *quota)
{
	struct guard *guard = calloc(1, sizeof(*guard));

	*out = NULL;
	if (guard == NULL || (guard->dir = strdup(dir)) == NULL) {
		free(guard);
		return ERR_MEMORY;
	}
	if (sodium_init() < 0) {
		guard_close(&guard);
		return ERR_SYSTEM;
	}
	if (quota != NULL)
		guard->quota = *quota;
	guard->local = everybody_is_local;
	guard->generation = 1;
	randombytes_buf(guard->seal, sizeof(guard->seal));
	(void)guard_refresh(guard); /* the first one is waited for */
	guard->is_open = true;
	*out = guard;
	return ERR_NONE;
}

static void forget(struct guard *guard)
{
	HASH_CLEAR(hh, guard->keys);
	HASH_CLEAR(hh, guard->tokens);
	free(guard->proofs);
	free(guard->principals);
	guard->proofs = NULL;
	guard->principals = NULL;
	registry_free(&guard->registry);
}

void guard_close(struct guard **out)
{
	struct guard *guard = *out;
	struct bucket *bucket, *next;

	if (guard == NULL)
		return;
	if (guard->loading != NULL) {
		pthread_join(guard->loading->thread, NULL);
		registry_free(&guard->loading->registry);
		free(guard->loading);
	}
	forget(guard);
	HASH_ITER(hh, guard->buckets, bucket, next) {
		HASH_DEL(guard->buckets, bucket);
		free(bucket);
	}
	sodium_memzero(guard->seal, sizeof(guard->seal));
	free(guard->dir);
	free(guard);
	*out = NULL;
}

/* ---- the registry ---- */

static void principal_of(struct guard_principal *principal, const struct registry_entry *entry)
{
	static const char *const heads[GUARD_ROLES] = {[GUARD_TERMINAL] = "", [GUARD_WAREHOUSE] = "wms/", [GUARD_DEALER] = "dealer/", [GUARD_STAFF] = "staff/"};

	*principal = (struct guard_principal){.name = entry->name,
					      .tenant = entry->tenant != NULL ? entry->tenant : "",
					      .role = registry_role(entry->role),
					      .is_revoked = strcmp(entry->state, "active") != 0,
					      .places = (const char *const *)entry->outlets,
					      .place_count = entry->outlets_count};
	principal->is_operator = principal->role == GUARD_STAFF && strcmp(entry->name, GUARD_OPERATOR) == 0;
	if (heads[principal->role] != NULL)
		snprintf(principal->source, sizeof(principal->source), "%s%s", heads[principal->role], entry->name);
}

static void take(struct guard *guard, struct registry *registry)
{
	uint32_t count = registry->principals_count, proofs = 0;

	forget(guard);
	guard->registry = *registry;
	guard->principals = calloc(count + 1, sizeof(*guard->principals));
	guard->proofs = calloc((size_t)count * (GUARD_KEYS_MAX + 1) + 1, sizeof(*guard->proofs));
	CHECK(guard->principals != NULL && guard->proofs != NULL);
	for (uint32_t i = 0; i < count; i++) {
		struct registry_entry *entry = &guard->registry.principals[i];

		principal_of(&guard->principals[i], entry);
		for (uint32_t j = 0; j < entry->keys_count; j++) {
			struct proof *proof = &guard->proofs[proofs++];

			*proof = (struct proof){.text = entry->keys[j], .principal = &guard->principals[i]};
			HASH_ADD_KEYPTR(hh, guard->keys, proof->text, GUARD_KEY_TEXT, proof);
		}
		if (entry->token != NULL && entry->token[0] != 0) {
			struct proof *proof = &guard->proofs[proofs++];

			*proof = (struct proof){.text = entry->token, .principal = &guard->principals[i]};
			HASH_ADD_KEYPTR(hh, guard->tokens, proof->text, GUARD_HASH_TEXT, proof);
		}
	}
}

/* A file that cannot be read makes everybody a stranger until it can: what it would have said is not known. */
static void not_ready(struct guard *guard, const char *message, bool is_missing)
{
	if (!guard->was_told && !is_missing)
		log_line(LOG_ALARM, "registry_unreadable", "reason=\"%s\" remedy=\"mend the file; nobody is let in by key until then\"", message);
	guard->was_told = !is_missing;
	guard->is_ready = false;
	forget(guard);
	guard->generation++;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static void *load(void *context)
{
	struct loading *loading = context;

	loading->error = registry_load(&loading->registry, loading->dir, loading->message, sizeof(loading->message));
	atomic_store(&loading->is_done, true);
	return NULL;
}

/* Whoever asks must not wait for a large file. False: there is no thread to be had. */
static bool load_meanwhile(struct guard *guard)
{
	struct loading *loading = calloc(1, sizeof(*loading));

	if (loading == NULL)
		return false;
	loading->dir = guard->dir;
	if (pthread_create(&loading->thread, NULL, load, loading) != 0) {
		free(loading);
		return false;
	}
	guard->loading = loading;
	return true;
}

/* What was read is in effect. Takes the registry. */
static void settle(struct guard *guard, struct registry *registry, int error, const char *message)
{
	if (error != ERR_NONE) {
		not_ready(guard, message, false);
		return;
	}
	take(guard, registry);
	guard->is_ready = true;
	guard->was_told = false;
	guard->generation++;
	log_line(LOG_INFO, "registry", "generation=%llu principals=%u", (unsigned long long)guard->registry.generation,
		 guard->registry.principals_count);
}

static bool is_loaded(struct guard *guard)
{
	struct loading *loading = guard->loading;

	if (!atomic_load(&loading->is_done))
		return false;
	pthread_join(loading->thread, NULL);
	guard->loading = NULL;
	settle(guard, &loading->registry, loading->error, loading->message);
	free(loading);
	return true;
}

bool guard_refresh(struct guard *guard)
{
	char path[4200], message[400] = "it is gone";
	struct stat status = {0};
	struct registry registry = {0};

	if (guard == NULL)
		return false;
	if (guard->loading != NULL)
		return is_loaded(guard);
	snprintf(path, sizeof(path), "%s/keys/registry.yaml", guard->dir);
	bool is_there = stat(path, &status) == 0;
	if (!is_there)
		status = (struct stat){0};
	if (is_same(&status, &guard->seen) && (is_there || !guard->is_ready))
		return false;
	guard->seen = status;
#if defined(MUTANT_REVOKED_STAYS)
	if (guard->is_ready)
		return false;
#endif
	if (!is_there) {
		not_ready(guard, message, !guard->is_ready);
		return true;
	}
	if (status.st_size > READ_AT_ONCE && guard->is_open && load_meanwhile(guard))
		return false;
	int error = registry_load(&registry, guard->dir, message, sizeof(message));
	settle(guard, &registry, error, message);
	return true;
}

bool guard_is_ready(const struct guard *guard)
{
	return guard != NULL && guard->is_ready;
}

const char *guard_key_of(const struct guard *guard, const char *name)
{
	const struct registry_entry *entry = guard != NULL ? registry_find(&guard->registry, name) : NULL;

	return entry != NULL && entry->keys_count > 0 && strcmp(entry->state, "active") == 0 ? entry->keys[0] : NULL;
}

/* ---- who somebody is ---- */

const struct guard_principal *guard_local(struct guard *guard, struct guard_identity *identity)
{
	*identity = (struct guard_identity){.proof = GUARD_PROOF_LOCAL};
	identity->principal = guard != NULL ? &guard->local : &everybody_is_local;
	identity->generation = guard != NULL ? guard->generation : 0;
	return identity->principal;
}

static const struct guard_principal *look_up(struct guard *guard, struct guard_identity *identity)
{
	struct proof *proof = NULL;

	identity->principal = NULL;
	identity->generation = guard != NULL ? guard->generation : 0;
	if (guard == NULL || !guard->is_ready)
		return NULL;
	if (identity->proof == GUARD_PROOF_KEY)
		HASH_FIND(hh, guard->keys, identity->text, GUARD_KEY_TEXT, proof);
	else
		HASH_FIND(hh, guard->tokens, identity->text, GUARD_HASH_TEXT, proof);
	if (proof != NULL && !proof->principal->is_revoked)
		identity->principal = proof->principal;
	return identity->principal;
}

const struct guard_principal *guard_by_key(struct guard *guard, struct text key, struct guard_identity *identity)
{
	*identity = (struct guard_identity){.proof = GUARD_PROOF_KEY};
	if (key.size != GUARD_KEY_TEXT)
		return NULL;
	memcpy(identity->text, key.data, GUARD_KEY_TEXT);
	return look_up(guard, identity);
}

const struct guard_principal *guard_by_token(struct guard *guard, struct text token, struct guard_identity *identity)
{
	*identity = (struct guard_identity){.proof = GUARD_PROOF_TOKEN};
	registry_hash(token.data, token.size, identity->text);
	return look_up(guard, identity);
}

const struct guard_principal *guard_recheck(struct guard *guard, struct guard_identity *identity)
{
	if (guard == NULL || identity->generation == guard->generation)
		return identity->principal;
	if (identity->proof == GUARD_PROOF_LOCAL)
		return guard_local(guard, identity);
	return look_up(guard, identity);
}

/* ---- what they may ---- */

static bool has_place(const struct guard_principal *principal, struct text place)
{
	for (uint32_t i = 0; i < principal->place_count; i++)
		if (text_equal(text_of(principal->places[i]), place))
			return true;
	return false;
}

bool guard_may_publish(const struct guard_principal *principal, struct text source)
{
#if defined(MUTANT_GUARD_OPEN)
	return true;
#endif
	return principal->is_operator || (principal->source[0] != 0 && text_equal(text_of(principal->source), source));
}

/* G14: Everybody says what their kind says and nothing of another: what services say nobody else does. A word that is not known is kept in quarantine. */
static bool is_theirs_to_say(enum guard_role role, const struct guard_word *word)
{
	bool unknown = word->publisher.size == 0, of_tills = text_equal(word->publisher, TEXT_LITERAL("terminals"));
	bool of_warehouses = text_equal(word->publisher, TEXT_LITERAL("warehouses"));

#if defined(MUTANT_WORDS_OF_OTHERS)
	return true;
#endif
	switch (role) {
	case GUARD_TERMINAL: /* an outlet takes goods in, and counts them */
		return unknown || of_tills || of_warehouses;
	case GUARD_WAREHOUSE:
		return unknown || of_warehouses;
	case GUARD_STAFF:
		return unknown || of_tills || of_warehouses || text_equal(word->publisher, TEXT_LITERAL("staff"));
	case GUARD_DEALER:
		return word->is_dealers;
	case GUARD_DASHBOARD:
	case GUARD_SERVICE:
	case GUARD_GATEWAY:
	case GUARD_ROLES:
		return false;
	}
	return false;
}

bool guard_may_say(const struct guard_principal *principal, const struct guard_word *word, struct text place)
{
#if defined(MUTANT_GUARD_OPEN)
	return true;
#endif
	if (principal->is_operator)
		return true;
	if (!is_theirs_to_say(principal->role, word))
		return false;
#if defined(MUTANT_OUTLET_FROM_PAYLOAD)
	return true;
#endif
	if (place.size == 0)
		return principal->role != GUARD_DEALER;
	return principal->role == GUARD_STAFF || has_place(principal, place);
}

bool guard_may_follow(const struct guard_principal *principal)
{
	return principal->role != GUARD_GATEWAY;
}

/* A gateway without a token reads what monitors read, and nothing of anybody. */
bool guard_may_ask(const struct guard_principal *principal, struct text what, bool scoped)
{
	static const char *const of_the_house[] = {"status", "sources", "epochs", "metrics"};

	if (principal->role == GUARD_GATEWAY) {
		for (size_t i = 0; i < sizeof(of_the_house) / sizeof(of_the_house[0]); i++)
			if (text_equal(text_of(of_the_house[i]), what))
				return true;
		return false;
	}
	return scoped || guard_sees_all(principal);
}

bool guard_may_operate(const struct guard_principal *principal)
{
	return principal->role == GUARD_STAFF;
}

bool guard_sees_all(const struct guard_principal *principal)
{
#if defined(MUTANT_GUARD_OPEN)
	return true;
#endif
	return principal->is_operator || principal->role == GUARD_STAFF || principal->role == GUARD_SERVICE ||
	       (principal->role == GUARD_DASHBOARD && principal->place_count == 0);
}

bool guard_sees(const struct guard_principal *principal, struct text outlet, struct text warehouse)
{
	if (guard_sees_all(principal))
		return true;
	switch (principal->role) {
	case GUARD_WAREHOUSE:
		return warehouse.size > 0 && has_place(principal, warehouse);
	case GUARD_TERMINAL:
	case GUARD_DEALER:
	case GUARD_DASHBOARD:
		return outlet.size > 0 && has_place(principal, outlet);
	case GUARD_SERVICE:
	case GUARD_STAFF:
	case GUARD_GATEWAY:
	case GUARD_ROLES:
		return false;
	}
	return false;
}

/* ---- quotas ---- */

static struct bucket *bucket_of(struct guard *guard, const char *name, int64_t now_us)
{
	struct bucket *bucket = NULL;

	HASH_FIND_STR(guard->buckets, name, bucket);
	if (bucket != NULL)
		return bucket;
	bucket = calloc(1, sizeof(*bucket));
	CHECK(bucket != NULL);
	snprintf(bucket->name, sizeof(bucket->name), "%s", name);
	bucket->left[GUARD_EVENTS] = guard->quota.events_burst;
	bucket->left[GUARD_QUESTIONS] = guard->quota.questions_burst;
	bucket->at_us[GUARD_EVENTS] = bucket->at_us[GUARD_QUESTIONS] = now_us;
	HASH_ADD_STR(guard->buckets, name, bucket);
	return bucket;
}

struct guard_quota guard_quota_of(const struct guard *guard)
{
	return guard != NULL ? guard->quota : (struct guard_quota){0};
}

size_t guard_room(const struct guard *guard, const struct guard_principal *principal)
{
	return guard == NULL || principal->is_operator ? 0 : (size_t)guard->quota.in_flight_kib << 10;
}

uint64_t guard_spend(struct guard *guard, const struct guard_principal *principal, enum guard_spending what, uint32_t count, int64_t now_us)
{
	if (guard == NULL || principal->is_operator)
		return 0;
	const struct guard_quota *quota = &guard->quota;
	double rate = what == GUARD_EVENTS ? quota->events_per_second : quota->questions_per_second;
	double most = what == GUARD_EVENTS ? quota->events_burst : quota->questions_burst;
	double wanted = count < most ? count : most; /* a message of more than the burst waits for a full one */

	if (rate <= 0)
		return 0;
	struct bucket *bucket = bucket_of(guard, principal->name, now_us);
	double *left = &bucket->left[what];
	if (now_us > bucket->at_us[what])
		*left += rate * (double)(now_us - bucket->at_us[what]) / US_PER_SECOND;
	*left = *left < most ? *left : most;
	bucket->at_us[what] = now_us;
	if (*left >= wanted) {
		*left -= wanted;
		return 0;
	}
	return 1 + (uint64_t)((wanted - *left) * 1000 / rate);
}

/* ---- what others carry for us ---- */

size_t guard_seal(const struct guard *guard, struct bytes plain, uint8_t *sealed)
{
	_Static_assert(GUARD_SEAL_BYTES == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES, "a nonce and a tag");
	randombytes_buf(sealed, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(sealed + crypto_secretbox_NONCEBYTES, plain.data, plain.size, sealed, guard->seal);
	return plain.size + GUARD_SEAL_BYTES;
}

bool guard_unseal(const struct guard *guard, struct bytes sealed, uint8_t *plain)
{
	return sealed.size >= GUARD_SEAL_BYTES &&
	       crypto_secretbox_open_easy(plain, sealed.data + crypto_secretbox_NONCEBYTES, sealed.size - crypto_secretbox_NONCEBYTES,
					  sealed.data, guard->seal) == 0;
}
