/* notice.c -- who was told what, and who is to be asked again. */
#include "desk/notice.h"

#include "base/error.h"

_Static_assert(sizeof(struct receipt) == 88, "a receipt has no padding");

bool receipt_read(struct bytes row, struct receipt *receipt)
{
	if (row.size != sizeof(*receipt))
		return false;
	memcpy(receipt, row.data, sizeof(*receipt));
	return true;
}

struct bytes receipt_key(uint8_t key[KEY_SIZE], struct text notice, struct text outlet)
{
	const struct text codes[] = {notice, outlet};

	return key_join(key, codes, 2);
}

bool notice_concerns(const struct notice_submitted *notice, struct text outlet, int64_t tier)
{
	return (!notice->has_outlet || text_equal(notice->outlet, outlet)) && (!notice->has_tier || notice->tier == tier);
}

static struct bytes follow_key(uint8_t key[KEY_SIZE], struct text kind, struct text rule, struct text notice)
{
	const struct text codes[] = {TEXT_LITERAL("r"), kind, rule, notice};

	return key_join(key, codes, 4);
}

static bool follows(const struct notice_submitted *notice)
{
#if defined(MUTANT_RECEIPT_FOR_EVER)
	return false && notice->has_rule;
#endif
	return notice->has_rule && notice->has_receipt && notice->receipt;
}

void notice_follow(struct turn *turn, const struct notice_submitted *before, const struct notice_submitted *notice)
{
	uint8_t key[KEY_SIZE];

	if (before != NULL && follows(before))
		turn_del(turn, TABLE_DESK_FIND, follow_key(key, before->rule_kind, before->rule, before->notice));
	if (follows(notice))
		turn_put(turn, TABLE_DESK_FIND, follow_key(key, notice->rule_kind, notice->rule, notice->notice), bytes_of("", 0));
}

int64_t notice_rule_version(struct turn *turn, const struct notice_submitted *notice)
{
	unsigned kind = notice->has_rule ? kind_find(notice->rule_kind) : TABLE_COUNT;

	return kind < TABLE_COUNT ? record_get(turn, (enum partners_table)kind, bytes_of_text(notice->rule)).version : 0;
}

static void ask_again(struct turn *turn, struct text code, int64_t rule_version)
{
	struct record record = record_get(turn, TABLE_NOTICE, bytes_of_text(code));
	struct reader reader = reader_of(record.fields);
	struct notice_submitted notice;

	if (record.version == 0 || notice_submitted_type.unpack(&notice, &reader, turn_arena(turn)) != ERR_NONE)
		return;
	emit_receipt_required(turn, &(struct receipt_required){.notice = notice.notice,
							       .notice_version = record.version,
							       .rule_kind = notice.rule_kind,
							       .rule = notice.rule,
							       .rule_version = rule_version,
							       .has_outlet = notice.has_outlet,
							       .outlet = notice.outlet,
							       .has_tier = notice.has_tier,
							       .tier = notice.tier,
							       .has_due = notice.has_due,
							       .due = notice.due});
}

/* R173: A new version of a rule that a notice with receipts tells of asks for its receipts again. */
void notice_rule_changed(struct turn *turn, unsigned kind, struct bytes key, int64_t version)
{
	struct text rule = {(const char *)key.data, (uint32_t)key.size};
	uint8_t from[KEY_SIZE];
	struct bytes found;

	if (key.size > 64 || memchr(key.data, 0, key.size) != NULL)
		return; /* of more codes than one: no notice tells of it */
	size_t prefix = follow_key(from, text_of(kinds[kind].name), rule, (struct text){0}).size, size = prefix;
	for (;;) {
		(void)turn_seek(turn, TABLE_DESK_FIND, bytes_of(from, size), &found);
		if (found.size <= prefix || found.size >= KEY_SIZE || memcmp(found.data, from, prefix) != 0)
			return;
		memcpy(from, found.data, found.size);
		size = found.size + 1;
		from[found.size] = 0; /* the least key behind it */
		ask_again(turn, turn_text(turn, "%.*s", (int)(found.size - prefix), (const char *)from + prefix), version);
	}
}
