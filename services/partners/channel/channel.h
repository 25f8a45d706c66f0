/* channel.h -- what makes a rule of the channel contradict itself, its corridors first: values in, a verdict out. */
#ifndef TRIBUTARY_PARTNERS_CHANNEL_H
#define TRIBUTARY_PARTNERS_CHANNEL_H

#include "partners.h"

/* ladder_rises -- sizes above nothing and severities, both rising from rung to rung. */
bool ladder_rises(const struct corridor_submitted *corridor);

/* severity_rank -- from the lightest on, 1; 0: no word of it. */
unsigned severity_rank(struct text severity);

#endif
