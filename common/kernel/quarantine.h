/* quarantine.h -- the record of an input that could not be taken. */
#ifndef TRIBUTARY_KERNEL_QUARANTINE_H
#define TRIBUTARY_KERNEL_QUARANTINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct quarantined {
	struct text source;
	uint64_t epoch, seq;
	int64_t now_us;		/* when it was set aside */
	struct text reason;
	struct bytes event;	/* whole, as it came */
};

/* quarantine_read -- take a row of KERNEL_QUARANTINE apart; borrows; false when it is damaged. */
bool quarantine_read(struct bytes row, struct quarantined *out);

#endif
