/* check_replay.c -- every recorded input through the handlers once more, into an empty store: the same state, the same journal. */
#include <stdio.h>

#include "base/error.h"
#include "kernel/tools.h"
#include "truth.h"

void check_replay(struct network *network)
{
	for (int i = 0; i < SERVICES; i++) {
		struct engine *old = network_engine(network, (enum service_number)i), *upstreams[SERVICES] = {0}, *fresh;
		const struct service *service = engine_service(old);
		struct engine_options options = {.path = "replay", .memory = true, .replay = true, .now_us = 1};

		for (unsigned j = 0; service->follows[j] != NULL; j++)
			for (int k = 0; k < SERVICES; k++)
				if (strcmp(engine_service(network_engine(network, (enum service_number)k))->name, service->follows[j]) == 0)
					upstreams[j] = network_engine(network, (enum service_number)k);
		if (engine_open(&fresh, service, &options) != ERR_NONE) {
			truth_broken("%s: no memory for a replay", service->name);
			return;
		}
		FILE *nowhere = fopen("/dev/null", "w");
		int different = tool_replay(old, upstreams, fresh, nowhere != NULL ? nowhere : stdout);
		if (nowhere != NULL)
			fclose(nowhere);
		if (different != 0)
			truth_broken("%s: its inputs give another state or other events (%d)", service->name, different);
		engine_close(&fresh);
	}
}
