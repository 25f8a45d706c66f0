/* hearing.h -- listen to a service's events until its head, or for ever. */
#ifndef TRIBUTARY_COMMAND_HEARING_H
#define TRIBUTARY_COMMAND_HEARING_H

#include <signal.h>

#include "command.h"

/* How far a subscription has come; its address is the subscription's context, as the first member of the listener. */
struct hearing {
	uint64_t through, head;
	bool heard;	/* something came since the last look */
};

/* hearing_progress -- for client_subscription.on_progress. */
void hearing_progress(void *context, uint64_t through, uint64_t head);

/*
 * hearing_run -- process until the head was reached and nothing more came for a moment; for ever with follow; at once when *stop is set.
 *   errors  ERR_UNREACHABLE when nobody is at the door for ten seconds.
 */
int hearing_run(struct client *client, struct hearing *hearing, bool follow, const volatile sig_atomic_t *stop) must_check;

#endif
