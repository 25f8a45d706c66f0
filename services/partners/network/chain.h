/* chain.h -- who stands above an outlet, and when: the relations of the network followed upwards. */
#ifndef TRIBUTARY_PARTNERS_CHAIN_H
#define TRIBUTARY_PARTNERS_CHAIN_H

#include "record.h"

/* chain_valid -- whether no chain of upstream outlets leads back to this one on any day; refuses when one does, or when it is too long. */
bool chain_valid(struct turn *turn, const struct outlet_submitted *outlet);

#endif
