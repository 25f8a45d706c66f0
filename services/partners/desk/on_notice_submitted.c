/* on_notice_submitted.c -- staff tells outlets something. */
#include "base/error.h"
#include "desk/notice.h"
#include "record.h"

/* R171: A notice is for one outlet, one tier or all; what it names is known, a rule by its one code; and its day is a date. */
static bool notice_valid(struct turn *turn, const struct notice_submitted *notice)
{
	if (notice->has_outlet && notice->has_tier)
		return record_refuse(turn, TABLE_NOTICE, notice->notice, "bad_scope", "a notice is for one outlet, one tier or all");
	if (notice->has_outlet && !record_names(turn, TABLE_NOTICE, notice->notice, TABLE_OUTLET, notice->outlet))
		return false;
	if (notice->has_rule != notice->has_rule_kind || (notice->has_rule && notice_rule_version(turn, notice) == 0))
		return record_refuse(turn, TABLE_NOTICE, notice->notice, "unknown_rule", "a rule is named by its kind and its code, and is known");
	return !notice->has_due || record_day(turn, TABLE_NOTICE, notice->notice, notice->due);
}

void on_notice_submitted(struct turn *turn, const struct notice_submitted *notice)
{
	struct record record = record_get(turn, TABLE_NOTICE, bytes_of_text(notice->notice));
	struct reader reader = reader_of(record.fields);
	struct notice_submitted before;
	bool was = record.version > 0;

	if (!notice_valid(turn, notice))
		return;
	if (was)
		CHECK(notice_submitted_type.unpack(&before, &reader, turn_arena(turn)) == ERR_NONE);
	/* What it was is read before the new record takes its row. */
	if (was)
		before.notice = notice->notice;
	char kind[24 + 1], rule[64 + 1];
	if (was && before.has_rule) {
		code_put(kind, sizeof(kind), before.rule_kind);
		code_put(rule, sizeof(rule), before.rule);
		before.rule_kind = code_text(kind, sizeof(kind));
		before.rule = code_text(rule, sizeof(rule));
	}
	if (record_submit(turn, TABLE_NOTICE, bytes_of_text(notice->notice), notice) > 0)
		notice_follow(turn, was ? &before : NULL, notice);
}
