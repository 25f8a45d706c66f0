/* units.c -- exact arithmetic of money and quantities. */
#include "units.h"

#include <stdlib.h>

/* Currencies in circulation, ISO 4217, sorted by code; those with two decimals are the rule, the others are listed apart. */
static const char two_decimals[] =
    "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBMDBNDBOBBRLBSDBTNBWPBYNBZDCADCDFCHFCNYCOPCRCCUPCVECZKDKKDOPDZDEGPERNETBEUR"
    "FJDFKPGBPGELGHSGIPGMDGTQGYDHKDHNLHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTLAKLBPLKRLRDLSLMADMDLMGAMKDMMKMNTMOPMRUMURMVR"
    "MWKMXNMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARRONRSDRUBSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTOP"
    "TRYTTDTWDTZSUAHUSDUYUUZSVEDVESWSTXCDYERZARZMWZWL";
static const char no_decimals[] = "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXVNDVUVXAFXOFXPF";
static const char three_decimals[] = "BHDIQDJODKWDLYDOMRTND";

static bool listed(const char *table, size_t size, const char *code)
{
	for (size_t i = 0; i + 3 < size; i += 3)
		if (memcmp(table + i, code, 3) == 0)
			return true;
	return false;
}

int currency_exponent(struct text code)
{
	if (code.size != 3)
		return -1;
	if (listed(two_decimals, sizeof(two_decimals), code.data))
		return 2;
	if (listed(no_decimals, sizeof(no_decimals), code.data))
		return 0;
	return listed(three_decimals, sizeof(three_decimals), code.data) ? 3 : -1;
}

/* Nearly all of them: the processor divides 64 bits in one step, and 128 in a call. */
static int64_t divide_narrow(int64_t numerator, int64_t denominator)
{
	int64_t whole = numerator / denominator, rest = numerator % denominator;
	uint64_t twice = (uint64_t)(rest < 0 ? -rest : rest) * 2;

#if defined(MUTANT_HALVES_AWAY)
	twice += twice == (uint64_t)denominator;
#endif
	if (twice > (uint64_t)denominator || (twice == (uint64_t)denominator && whole % 2 != 0))
		whole += numerator < 0 ? -1 : 1;
	return whole;
}

int64_t divide_half_even(wide numerator, int64_t denominator)
{
	CHECK(denominator > 0);
	if (numerator == (int64_t)numerator)
		return divide_narrow((int64_t)numerator, denominator);
	wide whole = numerator / denominator;
	wide rest = numerator % denominator;
	wide twice = (rest < 0 ? -rest : rest) * 2;

#if defined(MUTANT_HALVES_AWAY)
	twice += twice == denominator;
#endif
	if (twice > denominator || (twice == denominator && whole % 2 != 0))
		whole += numerator < 0 ? -1 : 1;
	return (int64_t)whole;
}

bool money_of_line(struct quantity quantity, struct price price, int exponent, struct money *total)
{
	static const int64_t per_minor[] = {10000, 1000, 100, 10, 1};

	CHECK(exponent >= 0 && exponent <= 4);
	wide product = (wide)quantity.milli * price.e4;
	wide divisor = (wide)1000 * per_minor[exponent];
	wide limit = (wide)NUMBER_MAX * divisor;

	if (product > limit || product < -limit)
		return false;
	total->minor = divide_half_even(product, (int64_t)divisor);
	return true;
}
