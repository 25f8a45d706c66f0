/*
 * target.h -- targets: what has to be reached in a period, and how it stands.
 *
 * A target lies at the most particular scope that it names: its SKU, else its brand, its category, its salesperson, its
 * outlet, its tier, else the whole; what else it names narrows it. A ticket finds the targets of its scopes through the
 * table aim. A target is wide when its scope alone says all of it and is measured for itself; else it is narrow, and keeps
 * its own days.
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

/* target_watch -- count the units of a scope for something else than a target, by its aim's code; before: what it was (from 0: it is new).
 */
void target_watch(struct turn *turn, struct text code, const struct target *before, struct target *target);

/* target_names -- whether some target names a SKU: 1 or 0. */
uint32_t target_names(struct turn *turn, struct text sku);

/* target_is_narrow -- the days of its scope do not tell it alone. */
bool target_is_narrow(const struct target *target);

/* narrow_key -- of the table narrow, one day of a target; day 0: before all of them. */
struct bytes narrow_key(uint8_t key[KEY_SIZE], struct text code, int32_t day);

/* target_judge_all -- at a moment: the targets whose day has changed are judged. Returns the moment of the
 * next change of day. */
int64_t target_judge_all(struct turn *turn, int64_t time_us);

/* target_scope -- the scope of a target; its code in *code, which borrows the target. */
char target_scope(const struct target *target, struct text *code);

#endif
