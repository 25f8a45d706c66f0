/* on_meeting_submitted.c -- staff plans a meeting, or says what it has decided. */
#include "flow/flow.h"
#include "record.h"

/* R175: A meeting is on a date; one that was held has minutes. */
static bool meeting_valid(struct turn *turn, const struct meeting_submitted *meeting)
{
	bool is_held = text_equal(meeting->status, TEXT_LITERAL("held"));

	if (!record_word(turn, TABLE_MEETING, meeting->meeting, "status", meeting->status, "unknown_status"))
		return false;
	if (!record_day(turn, TABLE_MEETING, meeting->meeting, meeting->day))
		return false;
	return !is_held || meeting->has_minutes || record_refuse(turn, TABLE_MEETING, meeting->meeting, "missing_minutes", "say where the minutes are");
}

/* The status that is known of it, empty: none. Lends from the turn. */
static struct text status_known(struct turn *turn, struct text meeting)
{
	struct meeting_submitted known;

	if (record_fields(turn, TABLE_MEETING, bytes_of_text(meeting), &known) == 0)
		return (struct text){0};
	return turn_text(turn, "%.*s", TEXT_ARGS(known.status));
}

void on_meeting_submitted(struct turn *turn, const struct meeting_submitted *meeting)
{
	struct text before = status_known(turn, meeting->meeting);
	bool stays = text_equal(before, meeting->status);

	if (!meeting_valid(turn, meeting))
		return;
	/* R176: A meeting is planned, then held or cancelled; one that was cancelled can be planned again, one that was held stays held. */
	if (before.size > 0 && !stays && !flow_leads(&flow_meeting, before, meeting->status)) {
		const struct breach breach = {"meeting", &flow_meeting, before, meeting->status};

		breach_refuse(turn, &breach, meeting->meeting, "bad_step", TEXT_LITERAL("a meeting does not go there"));
		return;
	}
	int64_t version = record_submit(turn, TABLE_MEETING, bytes_of_text(meeting->meeting), meeting);
	if (version > 0 && !stays && meeting->has_minutes && text_equal(meeting->status, TEXT_LITERAL("held")))
		emit_meeting_held(turn, &(struct meeting_held){.meeting = meeting->meeting,
							       .day = meeting->day,
							       .participants = meeting->participants.count,
							       .decisions = meeting->has_decisions ? meeting->decisions.count : 0,
							       .minutes = meeting->minutes,
							       .version = version});
}
