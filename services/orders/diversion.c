/* diversion.c -- expected counts by reach, tails with rates that differ, and a bound on false alarms among all outlets. */
#include "diversion.h"

#include <stdlib.h>

#define TERMS_MAX 100000
#define SMALL 1e-6 /* below it one less the rest has no digits left */

double diversion_tail(uint32_t count, double mean, unsigned shape)
{
	double stay = (double)shape / ((double)shape + mean), go = mean / ((double)shape + mean), term = 1, below = 0;
	uint32_t k = 0;

	if (count == 0 || mean <= 0)
		return count == 0 ? 1 : 0;
	for (unsigned i = 0; i < shape; i++)
		term *= stay;
	for (; k < count; k++) {
		below += term;
		term *= go * ((double)k + shape) / ((double)k + 1);
	}
	if (1 - below > SMALL)
		return 1 - below;
	double above = 0;
	for (unsigned i = 0; i < TERMS_MAX && term > above * 1e-12; i++, k++) {
		above += term;
		term *= go * ((double)k + shape) / ((double)k + 1);
	}
	return above;
}

int64_t diversion_risk_bp(const struct cell *cell, unsigned shape)
{
	return (int64_t)(((double)cell->count + shape) / (cell->expected + shape) * 10000 + 0.5);
}

/* What part of its volume an outlet sends to one region of a reach, taken over all outlets. */
static void rates_of(const struct diversion *diversion, double rates[REACHES])
{
	double counts[REACHES] = {0}, chances[REACHES] = {0};

	for (size_t i = 0; i < diversion->cell_count; i++)
		counts[diversion->cells[i].reach] += diversion->cells[i].count;
	for (size_t i = 0; i < diversion->sender_count; i++)
		for (int reach = 0; reach < REACHES; reach++)
			chances[reach] += (double)diversion->senders[i].volume * diversion->senders[i].regions[reach];
	for (int reach = 0; reach < REACHES; reach++)
		rates[reach] = chances[reach] > 0 ? counts[reach] / chances[reach] : 0;
#if defined(MUTANT_ONE_RATE_FOR_ALL)
	rates[REACH_NEAR] = rates[REACH_FAR] =
	    (counts[REACH_NEAR] + counts[REACH_FAR]) / (chances[REACH_NEAR] + chances[REACH_FAR] > 0 ? chances[REACH_NEAR] + chances[REACH_FAR] : 1);
#endif
}

static void judge_cell(struct diversion *diversion, struct cell *cell, const double rates[REACHES])
{
	struct sender *sender = &diversion->senders[cell->outlet];
	unsigned shape = diversion->shape;

	cell->is_suspect = false;
	cell->expected = (double)sender->volume * rates[cell->reach];
	cell->p = 1;
	if (cell->reach == REACH_HOME || cell->count <= cell->expected)
		return;
#if defined(MUTANT_NO_SHRINKAGE)
	shape = DIVERSION_SHAPE_MAX * 100;
#endif
	cell->p = diversion_tail(cell->count, cell->expected, shape) * (sender->regions[REACH_NEAR] + sender->regions[REACH_FAR]);
	if (cell->p < sender->p)
		sender->p = cell->p;
}

static int by_size(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Benjamini and Hochberg: the largest p that is said, so that of those said no more than the rate are expected to be false. */
static double bound_of(struct diversion *diversion)
{
	double bound = -1;

	for (size_t i = 0; i < diversion->sender_count; i++)
		diversion->sorted[i] = diversion->senders[i].p;
	if (diversion->sender_count > 0)
		qsort(diversion->sorted, diversion->sender_count, sizeof(diversion->sorted[0]), by_size);
	for (size_t i = 0; i < diversion->sender_count; i++)
		if (diversion->sorted[i] * 10000 * (double)diversion->sender_count <= (double)(i + 1) * diversion->rate_bp)
			bound = diversion->sorted[i];
	return bound;
}

size_t diversion_judge(struct diversion *diversion)
{
	double rates[REACHES];
	size_t suspects = 0;

	rates_of(diversion, rates);
	for (size_t i = 0; i < diversion->sender_count; i++)
		diversion->senders[i].p = 1;
	for (size_t i = 0; i < diversion->cell_count; i++)
		judge_cell(diversion, &diversion->cells[i], rates);
	double bound = bound_of(diversion);
	for (size_t i = 0; i < diversion->cell_count; i++) {
		struct cell *cell = &diversion->cells[i];

		cell->is_suspect = cell->reach != REACH_HOME && cell->count > cell->expected && cell->p <= bound;
		suspects += cell->is_suspect;
	}
	return suspects;
}
