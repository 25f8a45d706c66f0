/*
 * entry.h -- accruals and adjustments as one thing: who reads or writes the entries of a period fills in one struct.
 *
 * An adjustment has all that an accrual has but what is missing to the next step, and a cause. It decides nothing.
 */
#ifndef TRIBUTARY_REBATE_ENTRY_H
#define TRIBUTARY_REBATE_ENTRY_H

#include "events/partners.h"
#include "rebate/ladder.h"
#include "rebate/root.h"

/* entry_adjusted -- the adjustment with the figures of this accrual; an empty sale is none.   entry_accrued -- and back. Both borrow. */
struct rebate_adjusted entry_adjusted(const struct rebate_accrued *accrued, struct text cause);
struct rebate_accrued entry_accrued(const struct rebate_adjusted *adjusted);

/*
 * entry_root -- an entry as it is hashed.   shape  lines has room for those of the entry.   owns  borrows both.
 */
struct root_entry entry_root(const struct rebate_accrued *entry, struct text word, struct root_line *lines);

/* entry_footing -- what the period stands on after an entry. */
struct footing entry_footing(const struct rebate_accrued *entry);

#endif
