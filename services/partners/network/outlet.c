/* outlet.c -- an outlet's record, taken apart. */
#include "network/outlet.h"

#include "base/error.h"

bool outlet_known(struct turn *turn, struct text code, struct outlet_submitted *outlet)
{
	if (code.size == 0)
		return false;
	struct record record = record_get(turn, TABLE_OUTLET, bytes_of_text(code));
	struct reader reader = reader_of(record.fields);
	if (record.version == 0)
		return false;
	CHECK(outlet_submitted_type.unpack(outlet, &reader, turn_arena(turn)) == ERR_NONE);
	return true;
}
