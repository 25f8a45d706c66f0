/* outlet.h -- an outlet's record, for whoever has to know its tier, its calendar or its currency. */
#ifndef TRIBUTARY_PARTNERS_OUTLET_H
#define TRIBUTARY_PARTNERS_OUTLET_H

#include "state.h"

/* outlet_known -- the outlet of a code; false: it is not known.   owns  its texts are lent by the turn. */
bool outlet_known(struct turn *turn, struct text code, struct outlet_submitted *outlet);

#endif
