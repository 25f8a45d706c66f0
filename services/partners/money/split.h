/* split.h -- an amount in parts that sum to it exactly: values in, values out. */
#ifndef TRIBUTARY_PARTNERS_SPLIT_H
#define TRIBUTARY_PARTNERS_SPLIT_H

#include <stdint.h>

#define SPLIT_MAX 4
#define SPLIT_WHOLE 10000

/*
 * split_amount -- by largest remainder: each part gets its share rounded towards nothing, and what is left goes a unit each to those that
 * lost most, the earlier of equals first.
 *   shape   at most SPLIT_MAX shares, which sum to SPLIT_WHOLE.   units  minor units; a negative amount is split as its opposite is.
 */
void split_amount(int64_t amount, const uint32_t *shares, unsigned count, int64_t *parts);

#endif
