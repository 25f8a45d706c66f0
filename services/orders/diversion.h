/*
 * diversion.h -- whether more goods of an outlet end in a region than chance explains (窜货): counts in, suspicions out.
 *
 * Doubles are used inside, with the four operations alone, so that every machine comes to the same bits. It reads no rows and says nothing.
 */
#ifndef TRIBUTARY_ORDERS_DIVERSION_H
#define TRIBUTARY_ORDERS_DIVERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIVERSION_METHOD 1 /* rises when the same counts would lead to other suspicions */
#define DIVERSION_SHAPE_MAX 50

/* How far a region lies from where the outlet is at home. */
enum reach { REACH_HOME, REACH_NEAR, REACH_FAR, REACHES };

/* What went from an outlet to a region. */
struct cell {
	uint32_t outlet; /* its place in the outlets */
	uint32_t count;
	enum reach reach;
	double expected, p; /* filled; p: of at least so many, were nothing the matter */
	bool is_suspect;
};

/* An outlet that is judged. */
struct sender {
	uint64_t volume;             /* all of its counts */
	uint32_t regions[REACHES];   /* how many there are of each reach, those without a count included */
	double p;                    /* filled: of its oddest region, times the number of regions */
};

struct diversion {
	struct cell *cells;
	size_t cell_count;
	struct sender *senders;
	size_t sender_count;
	double *sorted;   /* room for one number of each sender */
	unsigned shape;   /* of the Gamma that rates differ by: 1 to DIVERSION_SHAPE_MAX */
	unsigned rate_bp; /* of false ones among those that are said: 500 is 5 % */
};

/* diversion_judge -- fill what is expected, and mark the cells that stand out.   units  returns how many. */
size_t diversion_judge(struct diversion *diversion);

/* diversion_tail -- P(at least `count`) of a negative binomial with this mean and integer shape. */
double diversion_tail(uint32_t count, double mean, unsigned shape);

/* diversion_risk_bp -- the relative risk, shrunk to one by the shape, in basis points. */
int64_t diversion_risk_bp(const struct cell *cell, unsigned shape);

#endif
