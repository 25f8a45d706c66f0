/* simulate.h -- the seed that is played now, for whoever finds something wrong with it. */
#ifndef TRIBUTARY_TEST_SIMULATE_H
#define TRIBUTARY_TEST_SIMULATE_H

#include <stdint.h>

struct simulated {
	uint64_t seed;
	const char *check; /* the truth that is looked at */
	unsigned wrongs;
};

extern struct simulated *const simulate_present;

#endif
