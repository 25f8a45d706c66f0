/*
 * doors.h -- links to the doors of the services, with the keys that those on tcp take.
 *
 * For whoever shows a token the gateway shows its own key (DIR/keys/gateway.key), which may speak for others and see nothing itself. For the
 * local operator it shows the operator's (DIR/keys/operator.key) where it can be read, so that DIR/gateway.token opens on tcp what it opens
 * on socket files; a gateway of another machine has no such file, and there nobody is the operator.
 */
#ifndef TRIBUTARY_GATEWAY_DOORS_H
#define TRIBUTARY_GATEWAY_DOORS_H

#include "bus/bus.h"
#include "params/params.h"

struct doors;

/* doors_open -- bus and params are lent until doors_close.   errors  ERR_MEMORY, ERR_SYSTEM. */
int doors_open(struct doors **doors, struct bus *bus, const struct params *params) must_check;
void doors_close(struct doors **doors);

/*
 * doors_connect -- a link, with the keys of this moment.
 *   owns    gives *port until bus_unplug.  errors  bus_connect's, ERR_FORBIDDEN (no key to show).
 */
int doors_connect(struct doors *doors, unsigned service, bool for_operator, bus_on_message *on_message, void *context,
		  struct bus_port **port) must_check;

/* doors_look -- read the registry when it has changed.   doors_turns -- how often this door has had another key; a link of before is dead. */
void doors_look(struct doors *doors);
unsigned doors_turns(const struct doors *doors, unsigned service);

#endif
