/* idle.c -- whether there is anything in the rulebook for which a sale, or the clock that sales move, means something here. */
#include "partners.h"

/* What every network has, and what is kept of it. */
static bool is_master_data(unsigned table)
{
	switch (table) {
	case TABLE_OUTLET:
	case TABLE_WAREHOUSE:
	case TABLE_LANE:
	case TABLE_CARRIER:
	case TABLE_SUPPLIER:
	case TABLE_PRODUCT:
	case TABLE_PRICE:
	case TABLE_STOCK_POLICY:
	case TABLE_TARGET:
	case TABLE_TERMINAL:
	case TABLE_HISTORY:
	case TABLE_REBATE_FACT: /* products as rebates see them; it has days and periods only where there is a scheme */
		return true;
	default:
		return false;
	}
}

/* Sales are heard from the first rule on that is more than master data: before it nothing here depends on them. */
bool partners_is_idle(struct query *query)
{
	struct bytes key;

	for (unsigned table = 0; table < TABLE_COUNT; table++) {
		if (is_master_data(table))
			continue;
		(void)query_seek(query, table, bytes_of(NULL, 0), &key);
		if (key.data != NULL)
			return false;
	}
	return true;
}
