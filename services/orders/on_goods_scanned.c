/* on_goods_scanned.c -- a warehouse has scanned a unit that had gone to some outlet. */
#include "events/warehouses.h"
#include "found.h"

void on_goods_scanned(struct turn *turn, const struct goods_scanned *goods)
{
	const struct scanned scanned = {.found = {.scan = goods->scan,
						  .sku = goods->sku,
						  .origin = goods->origin,
						  .day = goods->day,
						  .warehouse = goods->warehouse,
						  .where = {goods->area,
							    goods->has_latitude && goods->has_longitude,
							    {(int32_t)goods->latitude, (int32_t)goods->longitude}},
						  .is_counted = true}};

	scanned_take(turn, &scanned);
}
