/* on_supplier_submitted.c -- staff says who supplies the warehouses. */
#include "record.h"

void on_supplier_submitted(struct turn *turn, const struct supplier_submitted *supplier)
{
	record_submit(turn, TABLE_SUPPLIER, bytes_of_text(supplier->supplier), supplier);
}
