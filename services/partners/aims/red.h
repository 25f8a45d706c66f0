/*
 * red.h -- targets that kpi has said to be at risk: what a meeting should talk about.
 */
#ifndef TRIBUTARY_PARTNERS_RED_H
#define TRIBUTARY_PARTNERS_RED_H

#include "state.h"

struct red {
	int64_t time_us, pace_bp, attained_bp;
	char outlet[32]; /* empty: of no one outlet */
};

bool red_read(struct bytes row, struct red *red);
struct bytes red_key(uint8_t key[KEY_SIZE], struct text target);

struct bytes red_time_key(uint8_t key[KEY_SIZE], int64_t time_us, struct text target);

/* red_set -- a target is at risk, by the present input; red NULL: it is no more.   red_forget -- those that nobody has said since. */
void red_set(struct turn *turn, struct text target, struct red *red);
void red_forget(struct turn *turn, int64_t before_us);

#endif
