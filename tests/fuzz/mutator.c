/* mutator.c -- libFuzzer's own changes, and ours. */
#include <string.h>

#include "fuzz.h"
#include "mutate.h"
#include "script.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max);

#if FUZZ_SHAPE == SCRIPT
static size_t put_step(uint8_t *out, size_t used, size_t size_max, uint8_t who, struct bytes said)
{
	if (size_max - used < SCRIPT_HEAD + said.size || said.size > UINT16_MAX)
		return used;
	out[used] = who;
	out[used + 1] = (uint8_t)(said.size >> 8);
	out[used + 2] = (uint8_t)said.size;
	if (said.size > 0)
		memcpy(out + used + SCRIPT_HEAD, said.data, said.size);
	return used + SCRIPT_HEAD + said.size;
}

/* One step is changed, dropped, said twice, said later or by somebody else. */
static size_t mutate_script(uint8_t *data, size_t size, size_t size_max, uint64_t *dice)
{
	static uint8_t out[1 << 20], said[1 << 17];
	struct bytes rest = bytes_of(data, size);
	struct step step, later = {0};
	uint32_t steps = 0;
	size_t used = 0;

	size_max = size_max < sizeof(out) ? size_max : sizeof(out);
	while (script_next(&rest, &step))
		steps++;
	uint32_t chosen = mutate_roll(dice, steps), act = mutate_roll(dice, 12);
	rest = bytes_of(data, size);
	for (uint32_t i = 0; script_next(&rest, &step); i++) {
		if (i == chosen && act == 0)
			continue;
		if (i == chosen && act == 1) {
			later = step;
			continue;
		}
		if (i == chosen && act == 2)
			step.who = (uint8_t)mutate_roll(dice, 8);
		if (i == chosen && act > 3) {
			memcpy(said, step.bytes.data, step.bytes.size);
			step.bytes = bytes_of(said, mutate_values(said, step.bytes.size, 8192 > step.bytes.size ? 8192 : step.bytes.size, dice));
		}
		used = put_step(out, used, size_max, step.who, step.bytes);
		if (i == chosen && act == 3)
			used = put_step(out, used, size_max, step.who, step.bytes);
		if (later.bytes.data != NULL && i != chosen && mutate_roll(dice, 2) == 0) {
			used = put_step(out, used, size_max, later.who, later.bytes);
			later.bytes.data = NULL;
		}
	}
	memcpy(data, out, used);
	return used;
}
#endif

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned int seed)
{
	uint64_t dice = seed;
	size_t head = FUZZ_SHAPE == VALUES ? 0 : 1;

	if (size <= head || mutate_roll(&dice, 4) == 0)
		return LLVMFuzzerMutate(data, size, size_max);
#if FUZZ_SHAPE == SCRIPT
	return head + mutate_script(data + head, size - head, size_max - head, &dice);
#else
	return head + mutate_values(data + head, size - head, size_max - head, &dice);
#endif
}
