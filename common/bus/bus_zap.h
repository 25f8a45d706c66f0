/*
 * bus_zap.h -- who is let in at doors with keys: the handler that ZeroMQ asks about every new connection (ZAP).
 *
 * One for a process, as its context is. It is there before any door with keys is bound, and such a door lets nobody in without it. It
 * answers 200 with the key as the user, 300 (come later) or 400 (a stranger). Only the bus room includes it.
 */
#ifndef TRIBUTARY_BUS_BUS_ZAP_H
#define TRIBUTARY_BUS_BUS_ZAP_H

#include "bus/bus_calls.h"

struct bus_zap {
	void *socket;
	struct bus *bus; /* whose arrivals these are */
	const char *probe; /* a stranger's key while the handler is tried; NULL: no more */
	uint64_t probes;
};

/*
 * bus_zap_open -- take the handler's place; *descriptor is what a loop polls for reading.
 *   errors  ERR_STORE_BUSY (another bus of this process has it), ERR_SYSTEM.
 */
int bus_zap_open(struct bus_zap *zap, struct bus *bus, int *descriptor) must_check;
void bus_zap_close(struct bus_zap *zap);

/* bus_zap_serve -- answer some of those who ask; true: more may wait. */
bool bus_zap_serve(struct bus_zap *zap);

/* bus_zap_prove -- try whether a stranger is refused, before any door is opened; waits.   errors  ERR_SYSTEM: it is not, or cannot be seen. */
int bus_zap_prove(struct bus_zap *zap) must_check;

#endif
