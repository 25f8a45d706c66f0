/*
 * Goal: whatever a published rule says, scarce goods are shared within what there is and what is asked, nothing stays behind that somebody
 * asks for, every tier has what was kept for it and every outlet its minimum. Method: many random rules and claims, each truth by itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fair.h"

#define ROUNDS 20000
#define CLAIMS 12

static uint64_t dice = 88172645463325252u;

static int64_t roll(int64_t sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (int64_t)(dice % (uint64_t)sides);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void fill(struct fair *fair, struct claim *claims, uint32_t count, int64_t pack)
{
	*fair = (struct fair){.is_equal = (uint64_t)roll(2), .minimum = quantity_of(pack * roll(3))};
	fair->reserve_bp[0] = roll(10001);
	fair->reserve_bp[1] = roll(10001 - fair->reserve_bp[0]);
	for (uint32_t i = 0; i < count; i++)
		claims[i] = (struct claim){.asked = quantity_of(pack * roll(20)), .tier = roll(3)};
}

static void test_nothing_is_given_twice_and_nothing_stays_behind(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint32_t count = 1 + (uint32_t)roll(CLAIMS);
		int64_t pack = 1 + roll(3000), available = roll(pack * 120), given = 0, asked = 0;
		struct claim claims[CLAIMS];
		struct fair fair;

		fill(&fair, claims, count, pack);
		share_fairly(&fair, quantity_of(available), quantity_of(pack), claims, count);
		for (uint32_t i = 0; i < count; i++) {
			assert_in_range(claims[i].given.milli, 0, claims[i].asked.milli);
			assert_int_equal(claims[i].given.milli % pack, 0);
			assert_in_range(claims[i].guaranteed.milli, 0, least(fair.minimum.milli, claims[i].given.milli));
			assert_in_range(claims[i].reserved.milli, 0, claims[i].given.milli - claims[i].guaranteed.milli);
			given += claims[i].given.milli;
			asked += claims[i].asked.milli;
		}
		assert_in_range(given, 0, available);
		assert_true(given == asked || available - given < pack);
	}
}

static void test_every_tier_has_what_was_kept_for_it(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint32_t count = 1 + (uint32_t)roll(CLAIMS);
		int64_t pack = 1000, available = pack * roll(120), given[3] = {0}, asked[3] = {0};
		struct claim claims[CLAIMS];
		struct fair fair;

		fill(&fair, claims, count, pack);
		fair.minimum = quantity_of(0);
		share_fairly(&fair, quantity_of(available), quantity_of(pack), claims, count);
		for (uint32_t i = 0; i < count; i++) {
			given[claims[i].tier] += claims[i].given.milli;
			asked[claims[i].tier] += claims[i].asked.milli;
		}
		for (unsigned tier = 1; tier <= FAIR_TIERS; tier++) {
			int64_t kept = available * fair.reserve_bp[tier - 1] / 10000;

			assert_true(given[tier] >= least(kept - kept % pack, asked[tier]));
		}
	}
}

static void test_the_minimum_comes_first(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint32_t count = 1 + (uint32_t)roll(CLAIMS);
		int64_t wanted = 0;
		struct claim claims[CLAIMS];
		struct fair fair;

		fill(&fair, claims, count, 1000);
		for (uint32_t i = 0; i < count; i++)
			wanted += least(claims[i].asked.milli, fair.minimum.milli);
		share_fairly(&fair, quantity_of(wanted + 1000 * roll(50)), quantity_of(1000), claims, count);
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(claims[i].guaranteed.milli, least(claims[i].asked.milli, fair.minimum.milli));
	}
}

/* Alike: nobody who was given less than another by more than a pack wants still more. */
static void test_equal_is_equal(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint32_t count = 1 + (uint32_t)roll(CLAIMS);
		struct claim claims[CLAIMS];
		struct fair fair;

		fill(&fair, claims, count, 1000);
		fair = (struct fair){.is_equal = 1};
		share_fairly(&fair, quantity_of(1000 * roll(150)), quantity_of(1000), claims, count);
		for (uint32_t i = 0; i < count; i++)
			for (uint32_t j = 0; j < count; j++)
				assert_true(claims[i].given.milli == claims[i].asked.milli ||
					    claims[j].given.milli <= claims[i].given.milli + 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing_is_given_twice_and_nothing_stays_behind),
	    cmocka_unit_test(test_every_tier_has_what_was_kept_for_it),
	    cmocka_unit_test(test_the_minimum_comes_first),
	    cmocka_unit_test(test_equal_is_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
