/*
 * audit_supply.h -- the truths of what is known of suppliers and lanes.
 */
#ifndef TRIBUTARY_INVENTORY_AUDIT_SUPPLY_H
#define TRIBUTARY_INVENTORY_AUDIT_SUPPLY_H

#include "inventory.h"

/* audit_supply -- scores are sums that can be, budgets have spent what their restocks cost. */
void audit_supply(struct audit *audit);

#endif
