/* on_warehouse_submitted.c -- staff says what a warehouse is. */
#include "record.h"

void on_warehouse_submitted(struct turn *turn, const struct warehouse_submitted *warehouse)
{
	record_submit(turn, TABLE_WAREHOUSE, bytes_of_text(warehouse->warehouse), warehouse);
}
