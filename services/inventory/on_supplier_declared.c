/* on_supplier_declared.c -- what a supplier promises where a receipt does not say. */
#include "events/partners.h"
#include "state.h"

void on_supplier_declared(struct turn *turn, const struct supplier_declared *supplier)
{
	turn_put(turn, TABLE_SUPPLIER, bytes_of_text(supplier->supplier),
	         bytes_of(&supplier->lead_time, sizeof(supplier->lead_time)));
}
