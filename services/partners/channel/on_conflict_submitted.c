/* on_conflict_submitted.c -- staff opens a case, with the events that show it. */
#include "channel/channel.h"
#include "channel/conflict.h"
#include "events/staff.h"
#include "record.h"
#include "rules.h"

static bool refuse(struct turn *turn, const struct conflict_submitted *submitted, const char *code, const char *message)
{
	struct submission_refused refused = {
	    .kind = TEXT_LITERAL("conflict"), .key = submitted->about, .code = text_of(code), .message = text_of(message)};

	turn_refuse(turn, code, refused.message);
	emit_submission_refused(turn, &refused);
	return false;
}

static enum conflict_kind kind_of(struct text word)
{
	enum conflict_kind kind = CONFLICT_PRICE;

	while (kind < CONFLICT_KINDS && !text_equal(word, text_of(conflict_kinds[kind])))
		kind++;
	return kind;
}

static bool evidence_valid(struct turn *turn, const struct conflict_submitted *submitted)
{
	for (uint32_t i = 0; i < submitted->events.count; i++) {
		struct text event = submitted->events.items[i].event;

		if (!is_code(event) || memchr(event.data, '#', event.size) == NULL)
			return refuse(turn, submitted, "bad_evidence", "evidence is the id of an event: its source, # and its number");
	}
	return true;
}

/* R170: Staff opens a case of any kind, a customer's, of stock or of a lead among them, about a known outlet, with the ids of the events that show it; where
 * one about the same is open they are kept with it, each once. */
void on_conflict_submitted(struct turn *turn, const struct conflict_submitted *submitted)
{
	struct finding finding = {.kind = kind_of(submitted->kind),
				  .severity = severity_rank(submitted->severity),
				  .outlet = submitted->outlet,
				  .rule = submitted->about,
				  .counterpart = submitted->has_counterpart ? submitted->counterpart : (struct text){0},
				  .rule_version = submitted->has_about_version ? submitted->about_version : 1};

	if (!is_code(submitted->about) || !is_code(finding.counterpart))
		(void)refuse(turn, submitted, "bad_code", "a code has a control character");
	else if (finding.kind == CONFLICT_KINDS)
		(void)refuse(turn, submitted, "unknown_kind", "the desk does not know this kind of case");
	else if (finding.severity == 0)
		(void)refuse(turn, submitted, "unknown_severity", "the severity is notice, freeze or terminate");
	else if (!record_known(turn, TABLE_OUTLET, submitted->outlet))
		(void)refuse(turn, submitted, "unknown_outlet", "the outlet is not known");
	else if (evidence_valid(turn, submitted))
		for (uint32_t i = 0; i < submitted->events.count; i++) {
			finding.event = submitted->events.items[i].event;
			conflict_lay(turn, &finding);
		}
}
