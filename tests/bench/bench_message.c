/* bench_message.c -- what messages of 64 KiB cost to take apart: one JSON object, microseconds each, the shortest of many runs. */
#include <stdio.h>
#include <time.h>

#include "../unit/pack/frames.h"
#include "base/check.h"
#include "base/error.h"

#define TIMES 200

static double microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

int main(void)
{
	static uint8_t buffer[FRAMES_BYTES];
	struct arena arena;

	CHECK(arena_open(&arena, 1 << 20) == ERR_NONE);
	for (unsigned kind = 0; kind < FRAMES_KINDS; kind++) {
		struct bytes frame = frames_fill(kind, buffer);
		double least = 1e9;
		uint32_t values = 0;

		for (int i = 0; i < TIMES; i++) {
			double began = microseconds();

			values = frames_walk(frame, &arena);
			double took = microseconds() - began;
			least = took < least ? took : least;
		}
		printf("%s\"%s\":{\"bytes\":%zu,\"parts\":%u,\"us\":%.1f}", kind == 0 ? "{" : ",", frames_name(kind), frame.size, values, least);
	}
	puts("}");
	arena_close(&arena);
	return 0;
}
