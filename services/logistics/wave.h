/*
 * wave.h -- what waits for a vehicle: the open wave of each warehouse, and what its warehouse does not
 * have.
 *
 * A wave opens with the first pending restock of a warehouse and closes when its window has passed in
 * business time; an outlet whose part fills a vehicle does not wait for it. The file keeps the books; what
 * becomes of a wave is decided in plan.h.
 */
#ifndef TRIBUTARY_LOGISTICS_WAVE_H
#define TRIBUTARY_LOGISTICS_WAVE_H

#include "state.h"

/* wave_add -- a restock, or what is left of one, joins the wave of its warehouse. */
void wave_add(struct turn *turn, struct text warehouse, struct text outlet, struct text restock,
              const struct pending *pending);

/*
 * wave_plan_full -- plan at once what does not wait for the window: full vehicles of this outlet, a full
 * wave.
 */
void wave_plan_full(struct turn *turn, struct text warehouse, struct text outlet);

/* wave_take -- `quantity` of a pending restock leaves the wave.   wave_wait -- and waits for supply. */
void wave_take(struct turn *turn, struct text warehouse, struct text outlet, struct text restock,
               struct quantity quantity);
void wave_wait(struct turn *turn, struct text warehouse, struct text outlet, struct text restock,
               struct quantity quantity);

/*
 * wave_wake -- a warehouse has more of an SKU: what waited for it joins the wave as far as the wave has
 * room.
 */
void wave_wake(struct turn *turn, struct text warehouse, struct text sku);

/* wave_drop -- a restock is cancelled: what of it has no shipment is forgotten. */
void wave_drop(struct turn *turn, struct text restock, const struct restock *row);

/*
 * wave_close_due -- plan the waves whose window has passed at this time. For the first line of every
 * handler that moves business time.
 */
void wave_close_due(struct turn *turn, int64_t time_us);

#endif
