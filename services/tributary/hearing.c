/* hearing.c -- when is everything heard that is there now? */
#include "hearing.h"

#define LOOK_MS 20
#define QUIET_MS 300	/* without anything new behind the head: that was all */
#define EMPTY_MS 2500	/* a journal that says nothing at all for so long is empty */

void hearing_progress(void *context, uint64_t through, uint64_t head)
{
	struct hearing *hearing = context;

	hearing->through = through;
	hearing->head = head;
	hearing->heard = true;
}

int hearing_run(struct client *client, struct hearing *hearing, bool follow, const volatile sig_atomic_t *stop)
{
	int quiet_ms = 0, connected_ms = 0, silent_ms = 0;

	while (stop == NULL || !*stop) {
		hearing->heard = false;
		client_process(client, LOOK_MS);
		bool connected = client_connected(client);
		quiet_ms = hearing->heard ? 0 : quiet_ms + LOOK_MS;
		connected_ms = connected ? connected_ms + LOOK_MS : 0;
		silent_ms = connected ? 0 : silent_ms + LOOK_MS;
		if (follow) {
			if (!hearing->heard)
				fflush(stdout);
			continue;
		}
		if (silent_ms > QUERY_TIMEOUT_MS)
			return ERR_UNREACHABLE;
		if (connected && hearing->through >= hearing->head &&
		    ((hearing->head > 0 && quiet_ms >= QUIET_MS) || (hearing->head == 0 && connected_ms > EMPTY_MS)))
			return ERR_NONE;
	}
	return ERR_NONE;
}
