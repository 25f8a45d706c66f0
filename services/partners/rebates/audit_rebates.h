/*
 * audit_rebates.h -- the truths of rebates: every period is what its entries say, each entry adds up, and what is due is due.
 *
 * It adds up the journal beside the rows and compares the two; it changes nothing.
 */
#ifndef TRIBUTARY_PARTNERS_AUDIT_REBATES_H
#define TRIBUTARY_PARTNERS_AUDIT_REBATES_H

#include "rebates/rebate_rows.h"

struct tally;

/* struct rebate_audit -- what the journal says of every period. */
struct rebate_audit {
	struct audit *audit;
	struct tally *periods; /* a hash table */
	size_t room, count;
};

/* rebate_audit_event -- one event of the journal; what is no rebate passes. The arena is the caller's, and is left reset. */
void rebate_audit_event(struct rebate_audit *work, const struct envelope *envelope, struct arena *arena);

/* rebate_audit_rows -- compare with the rows, and forget. */
void rebate_audit_rows(struct rebate_audit *work);

#endif
