/*
 * plan.h -- from pending restocks to shipments and rounds.
 *
 * A plan takes a wave (or one outlet's part of it), shares what is scarce, chooses lane and carrier per
 * outlet, fills vehicles, orders the stops of each carrier's rounds, and says it all: allocation.decided,
 * shipment.planned, route.planned, in this order.
 */
#ifndef TRIBUTARY_LOGISTICS_PLAN_H
#define TRIBUTARY_LOGISTICS_PLAN_H

#include "state.h"

/*
 * plan_wave -- plan everything pending at a warehouse.   plan_full -- plan the full vehicles of one outlet,
 * with what is not scarce.
 */
void plan_wave(struct turn *turn, struct text warehouse);
void plan_full(struct turn *turn, struct text warehouse, struct text outlet);

#endif
