/* outlet.c -- an outlet's record, taken apart. */
#include "network/outlet.h"

#include "record.h"

bool outlet_known(struct turn *turn, struct text code, struct outlet_submitted *outlet)
{
	return code.size > 0 && record_fields(turn, TABLE_OUTLET, bytes_of_text(code), outlet) > 0;
}
