/*
 * rules.h -- the arithmetic of measures and targets: values to values, integers only.
 *
 * Sums are kept, rates are made of them when somebody looks. Nothing here knows a row, a key or an event.
 */
#ifndef TRIBUTARY_KPI_RULES_H
#define TRIBUTARY_KPI_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/units.h"

#define WHOLE_BP 10000
#define TARGET_STEPS 20		   /* of 5 % each */
#define SUM_MAX (INT64_C(1) << 61) /* a sum stays within this on both sides of zero */

/* struct measures -- what is counted of a scope, in one day or running. All sums: the order of counting does
 * not matter. */
struct measures {
	struct money revenue;  /* of sale tickets */
	struct money returns;  /* of return tickets, positive */
	struct quantity units; /* goods of sale tickets */
	struct quantity returned_units;
	struct quantity written_off;
	int64_t tickets, return_tickets;
	int64_t lines;		     /* lines of goods that a sale took from a shelf */
	int64_t short_lines;	     /* of them, those that left a balance below zero */
	int64_t stock_outs;	     /* balances that fell from above zero to zero or below */
	int64_t restocks;	     /* that have arrived */
	int64_t lead_us;	     /* from request to arrival, sum over restocks */
	int64_t deliveries, on_time; /* shipments that reached the outlet; of them, in time */
	int64_t delayed;	     /* shipments that were said to be late */
};

/* As it lies in a row, whose bytes are aligned to 8. */
typedef wide wide_sum __attribute__((aligned(8)));

/* struct level -- the stock of a scope now, with what its time-weighted mean needs. */
struct level {
	wide_sum value;	  /* 1/1000 of a base unit times 1/10000 of a major unit */
	wide_sum moment;  /* sum over the movements of quantity times its moment in us */
	int64_t units;	  /* 1/1000 of a base unit; may be negative */
	int64_t since_us; /* the first movement; 0: there was none */
};

enum metric { METRIC_NONE, METRIC_REVENUE, METRIC_UNITS, METRIC_TICKETS };

/* struct weights -- the days of a period as one of them divides it; basis points, a mean day weighs WHOLE_BP. */
struct weights {
	int64_t total;
	int64_t over;	   /* of the days before today */
	int64_t elapsed;   /* the same, but at least of the first day that weighs something */
	int64_t left;	   /* of today and the days behind it */
	int64_t today;	   /* 0 outside the period */
	int64_t days_left; /* this one included; 0 after the period */
};

/* struct pace -- how a target stands on a day of its period. */
struct pace {
	int64_t attained_bp;	/* achieved over value */
	int64_t pace_bp;	/* achieved over the share of the value that the elapsed days make */
	int64_t needed_per_day; /* what each remaining day of mean weight has to bring, this one included */
	int64_t days_left;	/* this one included; 0 after the period */
};

/* sum_add -- as every sum here: it stays at its limit of 2^61. */
void sum_add(int64_t *into, int64_t add);

/* measures_add -- sum += add, field by field.   measures_negate -- what undoes it.   measures_zero -- nothing
 * is counted. */
void measures_add(struct measures *restrict sum, const struct measures *restrict add);
struct measures measures_negate(const struct measures *measures);
bool measures_zero(const struct measures *measures);

/* level_move -- goods of a value come or go at a moment. units: as struct level.   level_add -- sum += sign
 * times other; sign 1 or -1. */
void level_move(struct level *level, int64_t milli, wide value, int64_t time_us);
void level_add(struct level *sum, const struct level *other, int sign);

/* level_value -- in minor units of a currency with this exponent, half to even, within NUMBER_MAX. */
struct money level_value(const struct level *level, int exponent);

/* level_mean -- the mean of the units from the first movement to a moment; 0 when no time has passed. */
int64_t level_mean(const struct level *level, int64_t until_us);

/* shown -- a number as it may be shown to the world: within NUMBER_MAX. */
int64_t shown(wide number);

/* share_bp -- part of whole in basis points, rounded down, within NUMBER_MAX; 0 for a whole of 0 or less. */
int64_t share_bp(int64_t part, int64_t whole);

/* ticket_average -- revenue by tickets, half to even; 0 without tickets. */
struct money ticket_average(struct money revenue, int64_t tickets);

/* cover_milli_days -- 1/1000 of a day that units last when `sold` went in `days`; -1: nothing was sold. */
int64_t cover_milli_days(int64_t units, int64_t sold, int64_t days);

/* stock_runs_out -- a balance falls from above zero to zero or below. */
bool stock_runs_out(int64_t before, int64_t after);

/* metric_of -- by its word; METRIC_NONE for any other.   metric_text -- the word.   metric_sum -- what a
 * target of this metric has achieved. */
enum metric metric_of(struct text word);
struct text metric_text(enum metric metric);
int64_t metric_sum(enum metric metric, const struct measures *measures);

/* target_step -- full steps of 5 % that are reached, 0 to TARGET_STEPS. */
int64_t target_step(int64_t achieved, int64_t value);

/* target_pace -- how much of the value is achieved, against the weight of the days that are over. */
struct pace target_pace(int64_t achieved, int64_t value, const struct weights *weights);

/* target_needed -- of what is missing, the part that belongs to a weight of all that is left, rounded up; all of it when
 * nothing is left. */
int64_t target_needed(int64_t achieved, int64_t value, int64_t weight, int64_t left);

/* day_at -- the calendar day of a moment, offset in minutes east of UTC; at least 1.   hour_at -- hours since
 * 1970-01-01 UTC, at least 1. */
int32_t day_at(int64_t time_us, int64_t offset_minutes);
uint32_t hour_at(int64_t time_us);

#endif
