/* split.c -- parts by largest remainder. */
#include "money/split.h"

#include <stdbool.h>

#include "base/units.h"

void split_amount(int64_t amount, const uint32_t *shares, unsigned count, int64_t *parts)
{
	int64_t size = amount < 0 ? -amount : amount, left = size, lost[SPLIT_MAX] = {0};
	bool is_raised[SPLIT_MAX] = {false};

	for (unsigned i = 0; i < count && i < SPLIT_MAX; i++) {
		wide part = (wide)size * shares[i];

		parts[i] = (int64_t)(part / SPLIT_WHOLE);
		lost[i] = (int64_t)(part % SPLIT_WHOLE);
		left -= parts[i];
	}
#if defined(MUTANT_REMAINDER_LOST)
	left = 0;
#endif
	for (; left > 0; left--) {
		unsigned most = SPLIT_MAX;

		for (unsigned i = 0; i < count && i < SPLIT_MAX; i++)
			if (!is_raised[i] && (most == SPLIT_MAX || lost[i] > lost[most]))
				most = i;
		is_raised[most] = true;
		parts[most]++;
	}
	for (unsigned i = 0; amount < 0 && i < count && i < SPLIT_MAX; i++)
		parts[i] = -parts[i];
}
