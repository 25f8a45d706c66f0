/* audit_commission.h -- the truths of commissions; it adds up the journal beside the rows and changes nothing. */
#ifndef TRIBUTARY_PARTNERS_AUDIT_COMMISSION_H
#define TRIBUTARY_PARTNERS_AUDIT_COMMISSION_H

#include "money/commission.h"

struct commission_part {
	uint64_t key; /* of the sum that it belongs to, hashed */
	int64_t amount;
};

/* What happens to a statement, in the order of the journal. */
struct commission_move {
	uint64_t key; /* of the statement, hashed */
	uint64_t seq;
	enum { MOVE_SALE, MOVE_OTHER, MOVE_LOCK, MOVE_PAYOUT } kind;
	int64_t amount; /* of a part or a payout; of a lock what it says */
	int64_t balance; /* that a payout says */
};

struct commission_audit {
	struct audit *audit;
	struct commission_part *parts;
	size_t count, room;
	struct commission_move *moves;
	size_t move_count, move_room;
	int64_t sum, shares; /* of the parts that are said at the moment */
};

/* commission_audit_event -- one event of the journal; others pass.   commission_audit_rows -- compare with the rows, and forget. */
void commission_audit_event(struct commission_audit *work, const struct envelope *envelope, struct arena *arena);
void commission_audit_rows(struct commission_audit *work);

#endif
