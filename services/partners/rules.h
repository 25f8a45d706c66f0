/* rules.h -- what makes a record contradict itself: values in, a verdict out. */
#ifndef TRIBUTARY_PARTNERS_RULES_H
#define TRIBUTARY_PARTNERS_RULES_H

#include "partners.h"

/* is_code -- no control characters.   is_word -- one of a NULL-terminated list. */
bool is_code(struct text text);
bool is_word(struct text word, const char *const *words);

/* price_ordered -- 0 <= floor <= list <= ceiling, as far as they are given; so for what is recommended. */
bool price_ordered(const struct price_submitted *price);

/* window_ordered -- days as far as they are given, the first not after the last. */
bool window_ordered(bool has_from, struct text from, bool has_until, struct text until);

/* period_ordered -- both are days, and the first is not after the last. */
bool period_ordered(struct text from, struct text until);

/* day_counts -- the number of a date from 1970-01-02 on, which is within DAY_MAX; false: it is no such day, which stands for 0. */
bool day_counts(struct text day, int32_t *number);

/* is_between -- whether a day is not before `from` and not after `until`; an empty one of them leaves that side open. */
bool is_between(struct text day, struct text from, struct text until);

/* validity_ordered -- the same of days that may be empty. */
bool validity_ordered(struct text from, struct text until);

/* appraisal_measures -- whether kpi measures this by itself; else it is a metric that has to be registered.
 * appraisal_is_money -- whether it is in minor units of the appraisal's currency. */
bool appraisal_measures(struct text metric);
bool appraisal_is_money(struct text metric);

/* metric_ordered -- from floor by goal to cap it runs in its direction. */
bool metric_ordered(const struct appraisal_submitted_metric *metric);

/* target_is_part -- of the same metric and currency, and within the period. */
bool target_is_part(const struct target_submitted *target, const struct target_submitted *parent);

/* metric_known -- revenue, units or tickets. */
bool metric_known(struct text metric);

#endif
