/*
 * units.h -- money, unit prices and quantities as types, so that a number cannot be mistaken for another.
 *
 * Money is int64 in minor units of a currency (pence), a price is int64 in 1/10000 of the major unit, a quantity is
 * int64 in thousandths of the base unit of measure. The arithmetic is exact; what would overflow is said, not wrapped.
 * The file does not know currencies' names beyond their exponent, and does no floating point.
 */
#ifndef TRIBUTARY_BASE_UNITS_H
#define TRIBUTARY_BASE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "check.h"

/* Every number that may meet a browser stays within what a double holds exactly. */
#define NUMBER_MAX INT64_C(9007199254740991)

__extension__ typedef __int128 wide; /* intermediate results only */

struct money {
	int64_t minor;
};

struct price {
	int64_t e4; /* 1/10000 of the major unit */
};

struct quantity {
	int64_t milli; /* 1/1000 of the base unit */
};

static inline struct quantity quantity_of(int64_t milli)
{
	return (struct quantity){milli};
}

static inline struct money money_of(int64_t minor)
{
	return (struct money){minor};
}

/* quantity_add, quantity_sub, money_add, money_sub -- exact; a result outside the int64 range is a bug and aborts. */
static inline struct quantity quantity_add(struct quantity a, struct quantity b)
{
	struct quantity sum;

	CHECK(!__builtin_add_overflow(a.milli, b.milli, &sum.milli));
	return sum;
}

static inline struct quantity quantity_sub(struct quantity a, struct quantity b)
{
	struct quantity difference;

	CHECK(!__builtin_sub_overflow(a.milli, b.milli, &difference.milli));
	return difference;
}

static inline struct money money_add(struct money a, struct money b)
{
	struct money sum;

	CHECK(!__builtin_add_overflow(a.minor, b.minor, &sum.minor));
	return sum;
}

static inline struct money money_sub(struct money a, struct money b)
{
	struct money difference;

	CHECK(!__builtin_sub_overflow(a.minor, b.minor, &difference.minor));
	return difference;
}

/*
 * currency_exponent -- decimals of a currency's minor unit: GBP 2, JPY 0, KWD 3.
 *   units   0 to 4; -1 for a code that ISO 4217 does not list as money in circulation.
 *   source  ISO 4217 table A.1.
 */
int currency_exponent(struct text code);

/*
 * money_of_line -- quantity times unit price, rounded half to even to the minor unit.
 *   shape   exponent is what currency_exponent returned, 0 to 4.
 *   errors  returns false, *total untouched, when the result leaves +-NUMBER_MAX.
 */
bool money_of_line(struct quantity quantity, struct price price, int exponent, struct money *total) must_check;

/* divide_half_even -- numerator / denominator rounded half to even; denominator > 0. */
int64_t divide_half_even(wide numerator, int64_t denominator);

#endif
