/*
 * guard.h -- who somebody is, and what they may say and see: the one place where that is decided.
 *
 * A guard reads the registry of a network (DIR/keys/registry.yaml, see registry.h) and reads it again when it has changed. Who
 * somebody is comes from a proof: the key of the connection, or an access token; never from what a message says. What they may do
 * comes from their role and their outlets. Every change of the registry has another generation, and an identity is looked up again
 * when its generation is not the present one, so that somebody who was revoked a moment ago is nobody at their next message.
 *
 * It does not know sockets, messages or events: where an event or a row names its outlet is the kernel's affair.
 */
#ifndef TRIBUTARY_GUARD_GUARD_H
#define TRIBUTARY_GUARD_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/check.h"
#include "guard/registry.h"

struct guard;

/* What a key may do in a while; 0 in a second: no bound. Questions: subscriptions as well. */
struct guard_quota {
	uint32_t events_per_second, events_burst;
	uint32_t questions_per_second, questions_burst;
	uint32_t in_flight_kib; /* of what was said and waits to be taken; 0: as much as anybody */
};

enum guard_spending { GUARD_EVENTS, GUARD_QUESTIONS, GUARD_SPENDINGS };

/* struct guard_principal -- somebody that the registry knows, or the local operator. Lent until the next guard_refresh. */
struct guard_principal {
	const char *name, *tenant;
	enum guard_role role;
	char source[GUARD_NAME_MAX + 8]; /* what it publishes as; empty: as nobody */
	bool is_operator;		 /* whoever may open the run folder: everything is theirs */
	bool is_revoked;
	const char *const *places;	 /* outlets, or the warehouse */
	uint32_t place_count;
};

enum guard_proof { GUARD_PROOF_LOCAL, GUARD_PROOF_KEY, GUARD_PROOF_TOKEN };

/* struct guard_identity -- how somebody has shown who they are. principal: as of that generation. */
struct guard_identity {
	enum guard_proof proof;
	char text[GUARD_HASH_TEXT + 1]; /* the public key, or the hash of the token */
	const struct guard_principal *principal;
	uint64_t generation;
};

/*
 * guard_open -- a guard of the network in this folder; succeeds while there is no registry.
 *   owns    gives *guard until guard_close.  errors  ERR_MEMORY, ERR_SYSTEM (no randomness).
 */
int guard_open(struct guard **guard, const char *dir, const struct guard_quota *quota) must_check;
void guard_close(struct guard **guard);

/*
 * guard_refresh -- read the registry again when it has changed; true: another one is in effect, and principals that were lent are gone. A
 * large one is read meanwhile, and in effect at a later call.
 */
bool guard_refresh(struct guard *guard);

/* guard_is_ready -- whether the registry could be read; while not, nobody is let in by key or token. NULL: there is no registry. */
bool guard_is_ready(const struct guard *guard);

/* guard_key_of -- the newest public key of that name, lent; NULL: it has none, or is revoked. */
const char *guard_key_of(const struct guard *guard, const char *name);

/*
 * guard_local, guard_by_key, guard_by_token -- who has shown this. The key as its 40 letters, the token as it was given out.
 *   errors  NULL: nobody that is known and active.
 */
const struct guard_principal *guard_local(struct guard *guard, struct guard_identity *identity);
const struct guard_principal *guard_by_key(struct guard *guard, struct text key, struct guard_identity *identity);
const struct guard_principal *guard_by_token(struct guard *guard, struct text token, struct guard_identity *identity);

/* guard_recheck -- who that is now; NULL: nobody any more. */
const struct guard_principal *guard_recheck(struct guard *guard, struct guard_identity *identity);

/* ---- what they may ---- */

/*
 * struct guard_word -- a sort of event: who says it as a rule ("terminals", "warehouses", "staff", a service; empty: nobody knows it), and
 * whether a dealer may say it of an outlet of theirs as well.
 */
struct guard_word {
	struct text publisher;
	bool is_dealers;
};

/*
 * guard_may_publish -- as this source at all.
 * guard_may_say -- such a word, about this outlet or warehouse (empty: it does not name one).
 * guard_may_greet -- say hello as themselves, without anybody's token.
 * guard_may_follow -- subscribe at all.   guard_may_ask -- a question whose rows name their outlet, or not (scoped).
 * guard_may_operate -- decide about quarantined inputs.
 */
bool guard_may_publish(const struct guard_principal *principal, struct text source);
bool guard_may_say(const struct guard_principal *principal, const struct guard_word *word, struct text place);
bool guard_may_follow(const struct guard_principal *principal);
bool guard_may_ask(const struct guard_principal *principal, struct text what, bool scoped);
bool guard_may_operate(const struct guard_principal *principal);

/* guard_sees_all -- nothing is hidden.   guard_sees -- whether something of this outlet and this warehouse (empty: of none) is theirs. */
bool guard_sees_all(const struct guard_principal *principal);
bool guard_sees(const struct guard_principal *principal, struct text outlet, struct text warehouse);

/*
 * guard_quota_of -- what each key may; all 0 without a guard.
 * guard_room -- how many bytes of somebody's may wait; 0: as much as anybody's.
 * guard_spend -- so many events or questions are about to be taken; returns after how many ms they may be said again, 0: they are taken.
 */
struct guard_quota guard_quota_of(const struct guard *guard);
size_t guard_room(const struct guard *guard, const struct guard_principal *principal);
uint64_t guard_spend(struct guard *guard, const struct guard_principal *principal, enum guard_spending what, uint32_t count, int64_t now_us);

/*
 * guard_seal -- hide some bytes from whoever carries them for us, such as the place where a page of an answer begins.
 * guard_unseal -- what they were; false: they are not ours.
 *   units   sealed is GUARD_SEAL_BYTES longer.
 */
#define GUARD_SEAL_BYTES 40
size_t guard_seal(const struct guard *guard, struct bytes plain, uint8_t *sealed);
bool guard_unseal(const struct guard *guard, struct bytes sealed, uint8_t *plain);

#endif
