/*
 * scheme.h -- schemes become ready to be applied, and what was counted before is judged by them.
 */
#ifndef TRIBUTARY_PARTNERS_SCHEME_H
#define TRIBUTARY_PARTNERS_SCHEME_H

#include "rebates/rebate.h"

/*
 * scheme_compile -- a submitted scheme as it is applied; what can be seen in it alone is not judged here.
 *   shape   days are days, words are words of their lists, the currency is one.
 */
void scheme_compile(const struct scheme_submitted *submitted, struct scheme *scheme);

/* scheme_latest -- the newest version of a scheme; false: there is none. */
bool scheme_latest(struct turn *turn, struct text code, struct scheme *scheme);

/* scheme_same -- whether two versions count the same things in the same periods, so that figures go on. */
bool scheme_same(const struct scheme *before, const struct scheme *now);

/* scheme_counted -- the latest business day that a scheme has counted anywhere; 0: none. */
int32_t scheme_counted(struct turn *turn, struct text code);

/* scheme_declare -- from now on this version counts: open periods are judged by it, and days that were heard before it are counted. */
void scheme_declare(struct turn *turn, struct text code, struct scheme *scheme);

#endif
