/* bench_network.c -- the network under test: one of the bench's own, or a running one that was named. */
#include "bench.h"

int bench_network_begin(struct bench *bench)
{
	if (!bench->own_network)
		return network_load(&bench->network);
	bench->scratch = (struct scratch){.command = "bench", .tmp = bench->tmp, .keep = bench->keep};
	int code = scratch_begin(&bench->scratch);

	bench->network = bench->scratch.network;
	return code;
}

void bench_network_end(struct bench *bench)
{
	if (bench->own_network)
		scratch_end(&bench->scratch);
	else
		network_free(&bench->network);
}
