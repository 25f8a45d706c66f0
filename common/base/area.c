/* area.c -- the hierarchy that is written into the codes of GB/T 2260. */
#include "base/area.h"

#include "base/check.h"

#define DIGITS 6

bool area_valid(struct text area)
{
	for (uint32_t i = 0; i < area.size; i++) {
		char c = area.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-'))
			return false;
	}
	return area.size > 0 && area.size <= AREA_SIZE;
}

static bool is_digits(struct text area)
{
	uint32_t i = 0;

	while (i < area.size && area.data[i] >= '0' && area.data[i] <= '9')
		i++;
	return i == DIGITS && area.size == DIGITS;
}

static struct text stem_of(struct text digits)
{
	while (digits.size > 2 && digits.data[digits.size - 1] == '0' && digits.data[digits.size - 2] == '0')
		digits.size -= 2;
	return digits;
}

struct text area_stem(struct text area)
{
	return is_digits(area) ? stem_of(area) : area;
}

unsigned area_above(struct text area, char codes[AREA_ABOVE][AREA_SIZE], struct text above[AREA_ABOVE])
{
	unsigned count = 0;
	struct text stem = area_stem(area);

	CHECK(area.size <= AREA_SIZE);
	do {
		memset(codes[count], '0', AREA_SIZE);
		memcpy(codes[count], stem.data, stem.size);
		above[count] = (struct text){codes[count], area.size};
		count++;
		stem.size -= stem.size > 2 ? 2 : stem.size;
		stem = stem.size > 2 ? stem_of(stem) : stem; /* 310001 lies in no city but in its province */
	} while (is_digits(area) && stem.size > 0);
	return count;
}

bool area_contains(struct text outer, struct text inner)
{
	struct text stem = area_stem(outer);

	if (stem.size == outer.size)
		return text_equal(outer, inner);
	return is_digits(inner) && memcmp(stem.data, inner.data, stem.size) == 0;
}
