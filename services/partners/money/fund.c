/* fund.c -- rows of funds and claims. */
#include "money/fund.h"

#include "record.h"

_Static_assert(sizeof(struct fund_sum) == 24 && sizeof(struct claim) == 88, "rows have no padding");

static int64_t known(struct turn *turn, enum partners_table kind, struct text code, void *submitted)
{
	return code.size > 0 ? record_fields(turn, kind, bytes_of_text(code), submitted) : 0;
}

int64_t fund_known(struct turn *turn, struct text code, struct fund_submitted *fund)
{
	return known(turn, TABLE_FUND, code, fund);
}

int64_t claim_known(struct turn *turn, struct text code, struct claim_submitted *claim)
{
	return known(turn, TABLE_CLAIM, code, claim);
}

bool fund_sum_read(struct bytes row, struct fund_sum *sum)
{
	*sum = (struct fund_sum){0};
	if (row.size != sizeof(*sum))
		return false;
	memcpy(sum, row.data, sizeof(*sum));
	return true;
}

struct fund_sum fund_sum_get(struct turn *turn, struct text code)
{
	struct fund_sum sum;

	(void)fund_sum_read(turn_get(turn, TABLE_FUND_SUM, bytes_of_text(code)), &sum);
	return sum;
}

void fund_sum_put(struct turn *turn, struct text code, const struct fund_sum *sum)
{
	turn_put(turn, TABLE_FUND_SUM, bytes_of_text(code), bytes_of(sum, sizeof(*sum)));
}

bool claim_read(struct bytes row, struct claim *claim)
{
	*claim = (struct claim){0};
	if (row.size != sizeof(*claim))
		return false;
	memcpy(claim, row.data, sizeof(*claim));
	return true;
}

bool claim_get(struct turn *turn, struct text code, struct claim *claim)
{
	*claim = (struct claim){0};
	return code.size > 0 && claim_read(turn_get(turn, TABLE_CLAIM_STATE, bytes_of_text(code)), claim);
}

void claim_put(struct turn *turn, struct text code, const struct claim *claim)
{
	turn_put(turn, TABLE_CLAIM_STATE, bytes_of_text(code), bytes_of(claim, sizeof(*claim)));
}
