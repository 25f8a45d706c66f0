/*
 * region.h -- what went from outlets to regions, by week, and the daily look at it.
 *
 * It keeps counts as rows; diversion.c judges them.
 */
#ifndef TRIBUTARY_ORDERS_REGION_H
#define TRIBUTARY_ORDERS_REGION_H

#include "state.h"

#define REGION_WEEKS 8 /* that are kept */

struct region {
	int64_t latest; /* the latest week, from Monday to Sunday, since 1970 */
	int64_t said;   /* the week in which it was said last that it stands out; 0: never */
	uint32_t counts[REGION_WEEKS]; /* of week w at w % REGION_WEEKS */
};

/*
 * region_count -- so many more went there on a business day, or fewer (a void).
 *   shape   days after the input's own day tomorrow, weeks that are no longer kept, areas that are no codes: not counted.
 */
void region_count(struct turn *turn, struct text outlet, struct text area, int64_t day, int64_t more);

/* region_judge -- say what stands out in the weeks before this day.   region_due -- whether this day was not judged yet; notes it. */
void region_judge(struct turn *turn, int64_t day);
bool region_due(struct turn *turn, int64_t day);

/* region_judged -- the day of the clock as it was heard last; 0: never. */
int64_t region_judged(struct turn *turn);

/* region_of -- the city of a code of GB/T 2260, any other code itself; region_stem -- what codes near to it begin with. */
struct text region_of(struct text area, char code[AREA_SIZE]);
struct text region_stem(struct text region);

#endif
