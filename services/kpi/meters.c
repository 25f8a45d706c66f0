/* meters.c -- what an operator watches of kpi: whether the tills are heard. */
#include "figures.h"
#include "till.h"

static struct completeness tills(struct query *query)
{
	return till_completeness(query, SCOPE_TOTAL, TOTAL_CODE, book_look(query).watermark_us,
				 look_setting(query, SETTING_WINDOW_HOURS));
}

int64_t meter_tills_expected(struct query *query)
{
	return tills(query).expected;
}

int64_t meter_tills_heard(struct query *query)
{
	return tills(query).heard;
}

int64_t meter_watermark(struct query *query)
{
	return book_look(query).watermark_us;
}
