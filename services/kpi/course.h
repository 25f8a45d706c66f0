/*
 * course.h -- the way of a target through its period: what its days weigh, where it will land, and with which chance.
 *
 * The weights come from calendars: of the outlet, else of its tier, else of all. The landing and the chance are a model: it
 * computes in double, with additions, multiplications, divisions and square roots alone, whose results are the same on every
 * machine; what it says is rounded to whole units.
 */
#ifndef TRIBUTARY_KPI_COURSE_H
#define TRIBUTARY_KPI_COURSE_H

#include "look.h"

#define COURSE_CALENDARS 8  /* calendars of one target that can hold within its days */
#define COURSE_DAYS_MAX 3660 /* a longer period is even */
#define HOLIDAYS_MAX 366

/* A calendar as it lies in its row: this head, then its holidays. */
struct calendar {
	int64_t version;
	int32_t from, until; /* inclusive */
	int32_t week[7];     /* basis points, from Monday */
	uint32_t holidays;
};

struct holiday {
	int32_t day, weight;
};

_Static_assert(sizeof(struct calendar) == 48, "a calendar has no padding");

/* A calendar that a course holds: whose, and how near to the target that is (0: nearest). */
struct held {
	struct calendar calendar;
	struct holiday holidays[HOLIDAYS_MAX];
	char code[CODE_SIZE];
	unsigned distance;
};

struct course {
	struct held held[COURSE_CALENDARS];
	unsigned count;
};

/* struct outlook -- how a target stands and where it goes. */
struct outlook {
	struct pace pace;
	int64_t needed_today;
	int64_t asked_per_day; /* of a day of mean weight, by the whole value */
	bool has_trailing;     /* something was measured before the period */
	int64_t trailing_per_day;
	bool has_landing;
	int64_t landing;
	bool has_hit;
	int64_t hit_bp;
	char calendar[CODE_SIZE]; /* the one that weighs today; empty: none does */
	int64_t calendar_version;
};

/* course_load -- the calendars of a target that hold on some of the days from..until. */
void course_load(struct course *course, const struct look *look, const struct target *target, int32_t from,
		 int32_t until);

/* course_weight -- of one day, basis points. */
int64_t course_weight(const struct course *course, int32_t day);

/* course_weights -- of a period as it is divided by a day. */
struct weights course_weights(const struct course *course, int32_t from, int32_t until, int32_t today);

/* course_outlook -- all of it; with_landing: the landing and the chance, which look at many days. */
struct outlook course_outlook(const struct look *look, struct text code, const struct target *target, int32_t today,
			      bool with_landing);

/* normal_bp -- the share of a normal distribution that lies below z, in basis points. */
int64_t normal_bp(double z);

#endif
