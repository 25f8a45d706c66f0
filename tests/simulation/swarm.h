/*
 * swarm.h -- the troubles of one seed: each kind is off, mild or heavy, as its seed draws it, so that many seeds together see every
 * mixture and some see one trouble alone.
 */
#ifndef TRIBUTARY_TEST_SWARM_H
#define TRIBUTARY_TEST_SWARM_H

#include "network.h"

enum trouble { DEATHS, CUTS, FLAPS, FULL_DISKS, DOUBTS, READ_FAULTS, BEGIN_FAULTS, TROUBLES };

struct swarm {
	struct bus_faults weather;
	unsigned one_in[TROUBLES]; /* moments of sale between two of a kind, on average; 0: never */
	unsigned lazy;		   /* steps between two looks of the dashboard */
	unsigned met[TROUBLES];
	struct {
		struct bus *from, *to;
		int64_t until_us, flips_us; /* flips_us: it comes and goes */
		bool is_cut;
	} cuts[8];
};

/* swarm_draw -- from the network's dice.   swarm_name -- of a kind, for the report. */
void swarm_draw(struct swarm *swarm, struct network *network);
const char *swarm_name(enum trouble trouble);

/* swarm_strike -- what may happen at this moment.   swarm_end -- all is well from now on. */
void swarm_strike(struct swarm *swarm, struct network *network);
void swarm_end(struct swarm *swarm, struct network *network);

#endif
