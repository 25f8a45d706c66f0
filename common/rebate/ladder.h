/*
 * ladder.h -- what a rebate scheme gives for what was counted: values in, values out, integers only.
 *
 * The rebate of a period is a function of what the period has counted, so it does not depend on the order in which sales were
 * heard. Nothing here knows a row, a key or an event.
 */
#ifndef TRIBUTARY_REBATE_LADDER_H
#define TRIBUTARY_REBATE_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/units.h"

#define STEPS_MAX 16
#define RATE_MAX INT64_C(1000000000)
#define WHOLE_BP 10000
#define DAY_MAX INT32_C(2932896) /* 9999-12-31 */

enum scheme_basis { BASIS_REVENUE, BASIS_UNITS };
enum scheme_period { PERIOD_MONTH, PERIOD_QUARTER, PERIOD_YEAR, PERIOD_ONCE };
enum scheme_ladder { LADDER_WHOLE, LADDER_BAND };
enum scheme_growth { GROWTH_NONE, GROWTH_PREVIOUS, GROWTH_YEAR_BEFORE };

struct step {
	int64_t from; /* minor units or 1/1000 of a base unit; with growth, basis points of it */
	int64_t rate; /* basis points, or 1/10000 of the major unit per base unit */
};

/* struct scheme -- one version of a scheme, as it lies in its row. */
struct scheme {
	int64_t version;
	int64_t cap; /* minor units; -1: none */
	int32_t from, until; /* business days, inclusive */
	uint32_t basis, period, ladder, growth;
	uint32_t tier; /* 0: any */
	uint32_t exponent; /* of the currency */
	uint32_t clean_channel; /* basis points; 0: no clawback */
	uint32_t is_draft;
	uint32_t step_count;
	char goods_kind; /* 's' SKU, 'c' category, 'b' brand, 'a' all */
	char goods[35];
	char outlet[36]; /* empty: any */
	char currency[4];
	struct step steps[STEPS_MAX];
	uint32_t mix_bp, mix_skus, display_days; /* conditions; 0: none */
	uint32_t clean_only;			 /* nothing is due with an upheld case */
	uint32_t paid_within; /* early payment: days and one more; 0: sales count */
	char mix_kind; /* 'c' category, 'b' brand; 0: none */
	char mix[35];
};

/* Days from first to last, both inclusive. */
struct span {
	int32_t from, until;
};

/* What a period stands on, all that its rebate is a function of. */
struct footing {
	int64_t basis; /* what it has counted */
	int64_t base;  /* what its growth is measured against */
	int64_t share; /* basis points that a violation takes back */
	int64_t mix;   /* what of the basis is of the mix's category or brand */
	int64_t skus, displays, cases; /* different SKUs sold; days on which the display stood; upheld cases */
};

/* ladder_conditions -- whether a scheme has conditions beside its steps.   ladder_meets -- whether they are met. */
bool ladder_conditions(const struct scheme *scheme);
bool ladder_meets(const struct scheme *scheme, const struct footing *footing);

/*
 * ladder_from -- what has to be counted to reach a step, from 1.   units  INT64_MAX: it cannot be reached, since there is nothing to
 * grow from.   ladder_step -- the step that is reached; 0: none, or the conditions are not met.
 */
int64_t ladder_from(const struct scheme *scheme, int64_t base, uint32_t step);
uint32_t ladder_step(const struct scheme *scheme, const struct footing *footing);

/*
 * ladder_applied -- the step by which all of a footing is judged: the one that is reached; of a band ladder, where each band has its own rate,
 * any but 0.   ladder_due_at -- what is due by such a step.   ladder_due -- what is due.
 *   units   minor units, rounded half to even once, within the cap, at least 0, less the share of a violation.
 */
uint32_t ladder_applied(const struct scheme *scheme, const struct footing *footing);
int64_t ladder_due_at(const struct scheme *scheme, const struct footing *footing, uint32_t step);
int64_t ladder_due(const struct scheme *scheme, const struct footing *footing);

/*
 * ladder_next -- what is missing to the next step, and what reaching it would bring above what is due now. While the conditions are not
 * met, that is the step which the basis would reach with them, or the first.
 *   errors  false: there is no next step, or none that can be reached.
 */
bool ladder_next(const struct scheme *scheme, const struct footing *footing, int64_t *missing, int64_t *gain);

/* period_of -- the period that holds a day.   period_base -- the days that its growth is measured against. */
struct span period_of(const struct scheme *scheme, int32_t day);
struct span period_base(const struct scheme *scheme, int32_t period);

/*
 * period_grown -- the first day of the period whose growth is measured against a day.
 *   errors  false: no period is, or it would lie beyond the calendar.
 */
bool period_grown(const struct scheme *scheme, int32_t day, int32_t *period);

/* steps_rise -- froms strictly rising, rates nowhere falling and within bounds. */
bool steps_rise(const struct step *steps, uint32_t count);

#endif
