/*
 * refusals.h -- the calls by which the store asks LMDB and the C library for something; each can be refused at its n-th time.
 *
 * The program is linked with --wrap for every call of refusals.def. LMDB's own calls of the C library do not pass here.
 */
#ifndef TRIBUTARY_TESTS_STORE_REFUSALS_H
#define TRIBUTARY_TESTS_STORE_REFUSALS_H

#include <stdbool.h>

enum call {
#define CALL(name) CALL_##name,
#include "refusals.def"
#undef CALL
	CALLS
};

/* call_name -- as in the C library's or LMDB's manual. */
const char *call_name(enum call call);

/*
 * refuse -- after `after` more good calls, the next `times` ones do nothing and answer `answer`: LMDB's code, or errno behind -1 or
 * NULL. Only one call is refused at a time.   refused -- how many were since.   calls_seen -- of this call since the last refuse.
 */
void refuse(enum call call, unsigned after, unsigned times, int answer);
unsigned refused(void);
unsigned calls_seen(enum call call);
void refuse_nothing(void);

/* What a file system may say of itself: fstatfs tells this type, fstat this device (0: as it is), fstatvfs that nothing is free. */
extern unsigned long stated_type, stated_device;
extern bool stated_full;

/* How far the clock leaps at each look at it, in seconds; 0: it is right again. */
extern long clock_step_s;

/* What nanosleep was asked for since the last refuse, in seconds. */
extern long slept_s;

#endif
