/* audit_commission.h -- the truths of commissions; it adds up the journal beside the rows and changes nothing. */
#ifndef TRIBUTARY_PARTNERS_AUDIT_COMMISSION_H
#define TRIBUTARY_PARTNERS_AUDIT_COMMISSION_H

#include "commission.h"

struct commission_part {
	uint64_t key; /* of the sum that it belongs to, hashed */
	int64_t amount;
};

struct commission_audit {
	struct audit *audit;
	struct commission_part *parts;
	size_t count, room;
	int64_t sum, shares; /* of the parts that are said at the moment */
};

/* commission_audit_event -- one event of the journal; others pass.   commission_audit_rows -- compare with the rows, and forget. */
void commission_audit_event(struct commission_audit *work, const struct envelope *envelope, struct arena *arena);
void commission_audit_rows(struct commission_audit *work);

#endif
