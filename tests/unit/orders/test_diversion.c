/*
 * Goal: who diverts goods is found soon and hardly anybody else is, and the figures are the same wherever they are worked out. Method: a
 * network of outlets that leak to their neighbours each in its own measure, by a seed; some send 5 % of their goods to one more region.
 * Recall and precision over some worlds are printed and held against what is promised. Mutants of the model, one rate for near and far and
 * rates that do not differ, must miss it.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "diversion.h"

#define OUTLETS 300
#define REGIONS 60
#define PROVINCE 6 /* regions of a province are near to each other */
#define DIVERTERS 15
#define WEEKLY 150
#define WORLDS 5

struct world {
	uint64_t seed;
	uint32_t counts[OUTLETS][REGIONS];
	int target[OUTLETS]; /* -1: is honest */
	struct cell cells[OUTLETS * REGIONS];
	int regions[OUTLETS * REGIONS]; /* of each cell */
	struct sender senders[OUTLETS];
	double sorted[OUTLETS];
};

struct score {
	int true_cases, found, said;
};

static double draw(struct world *world)
{
	world->seed ^= world->seed << 13;
	world->seed ^= world->seed >> 7;
	world->seed ^= world->seed << 17;
	return ((double)(world->seed >> 11) + 0.5) / 9007199254740992.0;
}

static uint32_t poisson(struct world *world, double mean)
{
	double product = 1, limit = exp(-mean);
	uint32_t count = 0;

	for (product = draw(world); product > limit; product *= draw(world))
		count++;
	return count;
}

/* Mean 1, shape 2: the sum of two waits. */
static double unlike(struct world *world)
{
	return -(log(draw(world)) + log(draw(world))) / 2;
}

static int home_of(int outlet)
{
	return outlet % REGIONS;
}

static enum reach reach_of(int outlet, int region)
{
	if (home_of(outlet) == region)
		return REACH_HOME;
	return home_of(outlet) / PROVINCE == region / PROVINCE ? REACH_NEAR : REACH_FAR;
}

/* 3 % go to the neighbours and half a percent anywhere else, in each outlet's own measure for each region. */
static void generate(struct world *world, uint64_t seed, int weeks, double diverted)
{
	const double near = 0.03 / (PROVINCE - 1), far = 0.005 / (REGIONS - PROVINCE);

	world->seed = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (int outlet = 0; outlet < OUTLETS; outlet++) {
		world->target[outlet] = -1;
		if (outlet % (OUTLETS / DIVERTERS) == 7) {
			int step = 1 + (int)(draw(world) * (REGIONS - 1));
			world->target[outlet] = (home_of(outlet) + step) % REGIONS;
		}
		for (int region = 0; region < REGIONS; region++) {
			enum reach reach = reach_of(outlet, region);
			double share = reach == REACH_HOME ? 0.965 : (reach == REACH_NEAR ? near : far) * unlike(world);

			share += world->target[outlet] == region ? diverted : 0;
			world->counts[outlet][region] = poisson(world, share * WEEKLY * weeks);
		}
	}
}

static size_t judge(struct world *world, struct score *score, unsigned shape)
{
	struct diversion diversion = {
	    .cells = world->cells, .senders = world->senders, .sender_count = OUTLETS, .sorted = world->sorted, .shape = shape, .rate_bp = 500};

	for (int outlet = 0; outlet < OUTLETS; outlet++) {
		world->senders[outlet] = (struct sender){.regions = {1, PROVINCE - 1, REGIONS - PROVINCE}};
		for (int region = 0; region < REGIONS; region++) {
			uint32_t count = world->counts[outlet][region];

			world->senders[outlet].volume += count;
			if (count == 0)
				continue;
			world->regions[diversion.cell_count] = region;
			world->cells[diversion.cell_count++] =
			    (struct cell){.outlet = (uint32_t)outlet, .count = count, .reach = reach_of(outlet, region)};
		}
	}
	size_t suspects = diversion_judge(&diversion);
	for (int outlet = 0; outlet < OUTLETS; outlet++)
		score->true_cases += world->target[outlet] >= 0;
	for (size_t i = 0; i < diversion.cell_count; i++)
		if (world->cells[i].is_suspect) {
			score->said++;
			score->found += world->target[world->cells[i].outlet] == world->regions[i];
		}
	return suspects;
}

static struct score worlds(int weeks, double diverted, unsigned shape)
{
	static struct world world; /* house: large, and tests run one after the other */
	struct score score = {0};

	for (uint64_t seed = 1; seed <= WORLDS; seed++) {
		generate(&world, seed, weeks, diverted);
		(void)judge(&world, &score, shape);
	}
	printf("diverted %4.1f %%, %d weeks, shape %2u: recall %.2f (%d of %d), precision %.2f (%d said)\n", diverted * 100, weeks, shape,
	       (double)score.found / score.true_cases, score.found, score.true_cases,
	       score.said > 0 ? (double)score.found / score.said : 1.0, score.said);
	return score;
}

static void test_who_diverts_is_found(void **state)
{
	(void)state;
	struct score week = worlds(1, 0.05, 2), month = worlds(4, 0.05, 2);
	(void)worlds(4, 0.02, 2);

	assert_true(week.found * 100 >= week.true_cases * 75);
	assert_true(week.found * 100 >= week.said * 90);
	assert_true(month.found * 100 >= month.true_cases * 95);
	assert_true(month.found * 100 >= month.said * 90);
}

static void test_where_nobody_diverts_hardly_anybody_is_said(void **state)
{
	(void)state;
	/* 1 false alarm in 1,000 outlet-weeks: 5 worlds of 300 outlets and 4 weeks are 6,000 */
	assert_true(worlds(4, 0, 2).said <= 6);
}

/* The control: with rates that hardly differ from outlet to outlet, honest ones are said. */
static void test_without_shrinkage_the_honest_are_said(void **state)
{
	(void)state;
	struct score bare = worlds(4, 0.05, DIVERSION_SHAPE_MAX);

	assert_true(bare.found * 100 < bare.said * 90);
}

/* Tails against the sum by logarithms. */
static void test_tails_are_those_of_the_negative_binomial(void **state)
{
	(void)state;
	for (unsigned shape = 1; shape <= 7; shape += 2)
		for (double mean = 0.01; mean < 300; mean *= 3)
			for (uint32_t count = 0; count < 400; count = count * 2 + 1) {
				double sum = 0;

				for (uint32_t k = count; k < 20000; k++)
					sum += exp(lgamma((double)k + shape) - lgamma(shape) - lgamma((double)k + 1) +
					           shape * log(shape / (shape + mean)) + k * log(mean / (shape + mean)));
				double tail = diversion_tail(count, mean, shape);
				assert_true(fabs(tail - sum) <= 1e-7 * sum + 1e-9 * (sum > 1e-6) + 1e-290);
			}
	assert_true(diversion_tail(1, 0, 2) <= 0 && diversion_tail(0, 0, 2) >= 1);
}

/* What was worked out once, on one machine: the same bits everywhere. */
static void test_figures_are_the_same_bits(void **state)
{
	static const struct {
		uint32_t count;
		double mean;
		unsigned shape;
		double tail;
	} cases[] = {{7, 0.014, 2, 0x1.c15daad4e01cbp-48},
	             {3, 0.9, 2, 0x1.77bd02a8c4248p-4},
	             {40, 3.6, 5, 0x1.b4a74e99ab8e3p-37},
	             {1000, 900.5, 50, 0x1.bf0af0a19e3b4p-3}};
	struct cell cell = {.count = 7, .expected = 0.5};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		double tail = diversion_tail(cases[i].count, cases[i].mean, cases[i].shape);

		assert_memory_equal(&tail, &cases[i].tail, sizeof(tail));
	}
	assert_int_equal(diversion_risk_bp(&cell, 2), 36000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who_diverts_is_found),
	    cmocka_unit_test(test_where_nobody_diverts_hardly_anybody_is_said),
	    cmocka_unit_test(test_without_shrinkage_the_honest_are_said),
	    cmocka_unit_test(test_tails_are_those_of_the_negative_binomial),
	    cmocka_unit_test(test_figures_are_the_same_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
