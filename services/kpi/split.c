/* split.c -- parts of targets, added up when one of them or the whole changes. */
#include "split.h"

static void add(struct split *split, struct bytes value)
{
	int64_t part;

	if (!copy_row(value, &part, sizeof(part)))
		return;
	split->parts++;
	split->sum = shown((wide)split->sum + part);
}

static struct split split_of(struct turn *turn, struct text code)
{
	uint8_t key[KEY_SIZE];
	struct split split = {0};
	struct walk walk;

	walk_begin(&walk, turn, TABLE_PART, key_pair(key, code, NULL, 0));
	while (walk_next(&walk))
		add(&split, walk.value);
	return split;
}

/* R29: When a target that has parts or one of its parts is declared or changed, the sum of the parts is compared with
   its value, and sum, difference and whether it is complete are said. */
static void compare(struct turn *turn, struct text whole, struct text part)
{
	struct split split = split_of(turn, whole);
	struct target target;

	(void)target_get(turn, whole, &target);
	struct target_split_checked checked = {.target = whole,
					       .target_version = target.version,
					       .has_outlet = target.outlet[0] != 0,
					       .outlet = CODE_TEXT(target.outlet),
					       .part = part,
					       .value = shown(target.value),
					       .parts = split.parts,
					       .sum = split.sum,
					       .difference = shown((wide)split.sum - target.value),
					       .complete = target.version > 0 && split.sum == target.value};
	emit_target_split_checked(turn, &checked);
}

void split_declare(struct turn *turn, struct text code, const struct target *before,
		   const struct target *target)
{
	struct text from = CODE_TEXT(before->parent), parent = CODE_TEXT(target->parent);
	uint8_t key[KEY_SIZE];
	bool has_moved = from.size > 0 && !text_equal(from, parent);
	bool has_changed = from.size == 0 || has_moved || before->value != target->value;

	if (has_moved) {
#if !defined(MUTANT_PART_STAYS)
		turn_del(turn, TABLE_PART, key_pair(key, from, code.data, code.size));
#endif
		compare(turn, from, code);
	}
	if (parent.size > 0 && has_changed) {
		row_put(turn, TABLE_PART, key_pair(key, parent, code.data, code.size), &target->value,
			sizeof(target->value));
		compare(turn, parent, code);
	}
	if (split_of(turn, code).parts > 0 && before->value != target->value)
		compare(turn, code, code);
}

struct split split_look(struct query *query, struct text code)
{
	uint8_t key[KEY_SIZE];
	struct bytes prefix = key_pair(key, code, NULL, 0), found, value;
	struct split split = {0};

	value = query_seek(query, TABLE_PART, prefix, &found);
	for (; found.size >= prefix.size && memcmp(found.data, prefix.data, prefix.size) == 0;
	     value = query_next(query, TABLE_PART, &found))
		add(&split, value);
	return split;
}
