/* simulate.h -- the seed that is played now, for whoever finds something wrong with it. */
#ifndef TRIBUTARY_TEST_SIMULATE_H
#define TRIBUTARY_TEST_SIMULATE_H

#include <stdint.h>

struct simulated {
	uint64_t seed;
	const char *check; /* the truth that is looked at */
	unsigned wrongs;
	uint64_t evidence;   /* seeds in which goods went astray and a case was opened: not all, what is heard late is judged by the last version */
	uint64_t withdrawn;  /* certificates whose result was replaced, of all seeds */
	uint64_t deviations; /* prices outside their corridor, of all seeds: that rules have changed in the middle of trade shows in them */
	unsigned matched;    /* returns that were heard before their sale, of all seeds */
};

extern struct simulated *const simulate_present;

#endif
