/* settle.h -- wait until every service has heard what another one has said. */
#ifndef TRIBUTARY_COMMAND_SETTLE_H
#define TRIBUTARY_COMMAND_SETTLE_H

#include "command.h"

/*
 * settle_edge -- until follower stands at what the source's head is now.   settle_network -- every follower of `source`;
 * NULL: of everybody. errors  ERR_TIMEOUT, ERR_UNREACHABLE.
 */
int settle_edge(struct client *source, struct client *follower, const char *name, uint64_t timeout_ms) must_check;
int settle_network(const struct network *network, const char *source, uint64_t timeout_ms) must_check;

/* settle_hears -- whether a service follows another. */
bool settle_hears(const char *service, const char *source);

#endif
