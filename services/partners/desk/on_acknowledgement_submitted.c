/* on_acknowledgement_submitted.c -- an outlet has read a notice. */
#include "desk/notice.h"
#include "events/staff.h"
#include "record.h"
#include "rules.h"

static bool refuse(struct turn *turn, const struct acknowledgement_submitted *read, const char *code, const char *message)
{
	return record_refuse(turn, TABLE_NOTICE, read->notice, code, "%s", message);
}

static bool concerns(struct turn *turn, const struct notice_submitted *notice, struct text code)
{
	struct outlet_submitted outlet;

	return record_fields(turn, TABLE_OUTLET, bytes_of_text(code), &outlet) > 0 && notice_concerns(notice, code, outlet.tier);
}

static void keep(struct turn *turn, const struct acknowledgement_submitted *read, const struct notice_submitted *notice, const struct receipt *receipt)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_RECEIPT, receipt_key(key, read->notice, read->outlet), bytes_of(receipt, sizeof(*receipt)));
	emit_notice_acknowledged(turn, &(struct notice_acknowledged){.notice = read->notice,
								     .outlet = read->outlet,
								     .reader = read->reader,
								     .notice_version = receipt->version,
								     .has_rule_kind = notice->has_rule,
								     .rule_kind = notice->rule_kind,
								     .has_rule = notice->has_rule,
								     .rule = notice->rule,
								     .has_rule_version = receipt->rule_version > 0,
								     .rule_version = receipt->rule_version});
}

/* R172: A receipt (回执) is given by an outlet that the notice is for, of its present version and of the present version of its rule; what was given is no
 * news, until either has a new one. */
void on_acknowledgement_submitted(struct turn *turn, const struct acknowledgement_submitted *read)
{
	struct notice_submitted notice;
	struct receipt known, receipt = {.version = record_fields(turn, TABLE_NOTICE, bytes_of_text(read->notice), &notice),
					 .time_us = turn_input(turn)->time_us};
	uint8_t key[KEY_SIZE];

	if (receipt.version == 0) {
		(void)refuse(turn, read, "unknown_notice", "there is no such notice");
		return;
	}
	if (read->has_version && read->version != receipt.version) {
		(void)refuse(turn, read, "old_version", "the notice has another version now");
		return;
	}
	if (!is_code(read->reader) || !concerns(turn, &notice, read->outlet)) {
		(void)refuse(turn, read, "not_concerned", "the notice is not for this outlet");
		return;
	}
	receipt.rule_version = notice_rule_version(turn, &notice);
	CODE_PUT(receipt.reader, read->reader);
	if (receipt_read(turn_get(turn, TABLE_RECEIPT, receipt_key(key, read->notice, read->outlet)), &known) && known.version == receipt.version &&
	    known.rule_version == receipt.rule_version)
		return;
	keep(turn, read, &notice, &receipt);
}
