/* check_stores.c -- what each service asks of its own store; cursors stand at the heads. */
#include <stdio.h>

#include "kernel/tools.h"
#include "truth.h"

void check_stores(struct network *network)
{
	for (int i = 0; i < SERVICES; i++) {
		struct engine *engine = network_engine(network, (enum service_number)i);
		const char *name = engine_service(engine)->name;
		int wrong = tool_audit(engine, stdout);

		if (wrong != 0)
			truth_broken("%s finds %d wrongs in its store", name, wrong);
		if (engine_meta(engine)->quarantined != 0)
			truth_broken("%s has put %llu events aside", name, (unsigned long long)engine_meta(engine)->quarantined);
	}
	if (!network_heard(network))
		truth_broken("somebody has not heard somebody to its head");
}
