/*
 * counted.h -- what inventory says of which a registered metric may count some, or add up a number.
 *
 * It counts nothing: kpi does, and is given by common/backfill what lies before the declaration of a metric.
 */
#ifndef TRIBUTARY_INVENTORY_COUNTED_H
#define TRIBUTARY_INVENTORY_COUNTED_H

#include "backfill/backfill.h"
#include "state.h"

extern const struct backfill_source counted;

#endif
