/*
 * target.h -- targets: what has to be reached in a period, and how it stands.
 *
 * A target lies at the most particular scope that it names: its category, else its outlet, else its tier,
 * else the whole; what else it names narrows it. A ticket finds the targets of its scopes through the table
 * aim.
 */
#ifndef TRIBUTARY_KPI_TARGET_H
#define TRIBUTARY_KPI_TARGET_H

#include "count.h"

/* target_count -- a ticket has added `add` to a scope: the targets there move, and say so. */
void target_count(struct turn *turn, const struct book *book, char scope, struct text code,
		  const struct ticket *ticket, const struct measures *add);

/* target_declare -- a target is set or changed; it counts what its period holds already, and is judged anew.
 */
void target_declare(struct turn *turn, struct text code, struct target *target);

/* target_judge_all -- at a moment: the targets whose day has changed are judged. Returns the moment of the
 * next change of day. */
int64_t target_judge_all(struct turn *turn, int64_t time_us);

/* target_scope -- the scope of a target; its code in *code, which borrows the target. */
char target_scope(const struct target *target, struct text *code);

#endif
