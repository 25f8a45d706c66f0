/* on_scan_declared.c -- a unit was found where it had not gone to. */
#include "events/partners.h"
#include "region.h"
#include "ticket_areas.h"

/* R28: A unit that is found in an area is evidence as a sale into it is, against the outlet that it had gone to. */
void on_scan_declared(struct turn *turn, const struct scan_declared *scan)
{
	struct sent sent = {.outlet = scan->outlet, .area = scan->area};
	struct product product;
	struct breach breach;

	if (!day_number(scan->day, &sent.day) || !product_get(turn, scan->sku, &product))
		return;
	if (scan->version == 1) /* a scan that is corrected is not another one */
		region_count(turn, scan->outlet, scan->area, sent.day, 1);
	sent.brand = CODE_TEXT(product.brand);
	if (!territory_breach(turn, &sent, &breach))
		return;
	struct territory_breach_detected detected = breach_event(&sent, &breach);
	detected.has_scan = true;
	detected.scan = scan->scan;
	detected.day = scan->day;
	detected.sku = scan->sku;
	emit_territory_breach_detected(turn, &detected);
}
