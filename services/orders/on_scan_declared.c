/* on_scan_declared.c -- staff has found a unit somewhere. */
#include "events/partners.h"
#include "found.h"

void on_scan_declared(struct turn *turn, const struct scan_declared *scan)
{
	found_judge(turn, &(struct found){.scan = scan->scan,
					  .sku = scan->sku,
					  .origin = scan->outlet,
					  .day = scan->day,
					  .where = {.area = scan->area},
					  .is_counted = scan->version == 1}); /* a scan that is corrected is not another one */
}
