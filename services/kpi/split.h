/*
 * split.h -- targets that are parts of another one: whether the parts make the whole.
 *
 * A part names its parent. The rows of the parts lie together under the parent's code, whether that is declared yet or not.
 */
#ifndef TRIBUTARY_KPI_SPLIT_H
#define TRIBUTARY_KPI_SPLIT_H

#include "state.h"

/* struct split -- what the parts of a target add up to. */
struct split {
	int64_t parts; /* how many there are */
	int64_t sum;   /* of their values, within NUMBER_MAX */
};

/* split_declare -- a target was set or changed (before: all zero when it is new): the splits that it belongs to are
 * compared, and that is said.   shape  the target's row is put. */
void split_declare(struct turn *turn, struct text code, const struct target *before,
		   const struct target *target);

/* split_look -- the parts of a target, for a query. */
struct split split_look(struct query *query, struct text code);

#endif
