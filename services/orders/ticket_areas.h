/* ticket_areas.h -- where goods of a ticket or of a scan went, and whose area that is. */
#ifndef TRIBUTARY_ORDERS_TICKET_AREAS_H
#define TRIBUTARY_ORDERS_TICKET_AREAS_H

#include "territory.h"
#include "ticket.h"

/* breach_event -- the event of a breach, as far as both sorts have it in common. */
struct territory_breach_detected breach_event(const struct sent *sent, const struct breach *breach);

/* ticket_areas -- say which lines of a recorded sale went into an area of another. */
void ticket_areas(struct turn *turn, const struct ticket_sold *sold, const struct priced *priced);

/* areas_undo -- its lines went nowhere: the sale is voided. */
void areas_undo(struct turn *turn, const struct sale_recorded *sale);

#endif
