/* on_scan_submitted.c -- staff has found a unit somewhere; orders compares that with the territories. */
#include "base/area.h"
#include "record.h"

/* R49: A scan is of a known SKU that had gone to a known outlet, in an area by its code, on a date. */
static bool scan_valid(struct turn *turn, const struct scan_submitted *scan)
{
	if (!record_names(turn, TABLE_SCAN, scan->scan, TABLE_PRODUCT, scan->sku) ||
	    !record_names(turn, TABLE_SCAN, scan->scan, TABLE_OUTLET, scan->outlet))
		return false;
	if (!area_valid(scan->area))
		return record_refuse(turn, TABLE_SCAN, scan->scan, "bad_area",
		                     "the area is no code of GB/T 2260 or ISO 3166-2");
	return record_day(turn, TABLE_SCAN, scan->scan, scan->day);
}

void on_scan_submitted(struct turn *turn, const struct scan_submitted *scan)
{
	if (scan_valid(turn, scan))
		record_submit(turn, TABLE_SCAN, bytes_of_text(scan->scan), scan);
}
