/* on_scan_submitted.c -- staff has found a unit somewhere; orders compares that with the territories. */
#include "base/area.h"
#include "channel/channel.h"
#include "record.h"

/* R49: A scan is of a known SKU that had gone to a known outlet, in an area by its code, on a date. */
static bool scan_valid(struct turn *turn, const struct scan_submitted *scan)
{
	if (!record_known(turn, TABLE_PRODUCT, scan->sku))
		return record_refuse(turn, TABLE_SCAN, scan->scan, "unknown_product", "product %.*s is not known",
		                     TEXT_ARGS(scan->sku));
	if (!record_known(turn, TABLE_OUTLET, scan->outlet))
		return record_refuse(turn, TABLE_SCAN, scan->scan, "unknown_outlet", "outlet %.*s is not known",
		                     TEXT_ARGS(scan->outlet));
	if (!area_valid(scan->area))
		return record_refuse(turn, TABLE_SCAN, scan->scan, "bad_area",
		                     "the area is no code of GB/T 2260 or ISO 3166-2");
	return window_ordered(true, scan->day, false, scan->day) ||
	       record_refuse(turn, TABLE_SCAN, scan->scan, "bad_day", "the day is not a date");
}

void on_scan_submitted(struct turn *turn, const struct scan_submitted *scan)
{
	if (scan_valid(turn, scan))
		record_submit(turn, TABLE_SCAN, bytes_of_text(scan->scan), scan);
}
