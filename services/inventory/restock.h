/*
 * restock.h -- one want of one place for one SKU, from requested to received.
 *
 * A shelf has at most one open restock. It is requested when the position calls for it or an order waits,
 * it follows the shipments that logistics plans, dispatches and receives for it, and when the last of them
 * is in it closes and the shelf is looked at again. It does not plan shipments.
 */
#ifndef TRIBUTARY_INVENTORY_RESTOCK_H
#define TRIBUTARY_INVENTORY_RESTOCK_H

#include "supply.h"

/* restock_wanted -- whether a shelf without an open restock wants one and somebody supplies it. Pure. */
bool restock_wanted(const struct shelf *shelf);

/*
 * restock_consider -- look at a shelf and request its restock if it wants one and may.   restocks_tick -- look again at shelves that wait
 * for their budget or their review day.
 *   units   restock_consider returns false where the shelf waits for one of those.
 */
void restocks_tick(struct turn *turn);
bool restock_consider(struct turn *turn, struct text place, struct text sku);

/* restock_plan -- a shipment of `quantity` is planned for it. */
void restock_plan(struct turn *turn, struct text restock, struct quantity quantity);

/*
 * restock_known -- whether this service has requested it: what it does not know is moved, but is nobody's
 * order.
 */
bool restock_known(struct turn *turn, struct text restock);

/*
 * restock_dispatch -- `quantity` of it has left; returns how much of the shelf's on_order that was (0 for a
 * restock that is closed). restock_arrive -- a shipment of it was received; closes it after its last
 * shipment. restock_withdraw -- the order it stands for is withdrawn before anything is planned; returns
 * whether it was cancelled.
 */
struct quantity restock_dispatch(struct turn *turn, struct text restock, struct quantity quantity);
void restock_arrive(struct turn *turn, struct text restock, struct quantity arrived,
                    struct quantity usable);
bool restock_withdraw(struct turn *turn, uint64_t number, struct text order);

struct text restock_state_text(uint32_t state);

/* restock_replaced -- goods come another way: what is asked for and not planned yet, but by no order, is cancelled. */
void restock_replaced(struct turn *turn, struct text place, struct text sku);

#endif
