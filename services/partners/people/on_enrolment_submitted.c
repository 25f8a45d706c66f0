/* on_enrolment_submitted.c -- staff says who is to take which course by which day. */
#include "people/enrolment.h"

/* Whether it is of the same course and member as before; where it is new, it is. */
static bool is_same(struct turn *turn, const struct enrolment_submitted *enrolment)
{
	struct enrolment_submitted before;

	return record_fields(turn, TABLE_ENROLMENT, bytes_of_text(enrolment->enrolment), &before) == 0 ||
	       (text_equal(before.course, enrolment->course) && text_equal(before.member, enrolment->member));
}

/* R190: An enrolment is of a known course and a known member of staff, and stays so; results count for it from a day on that is not after the day by whose
 * end, in UTC, it is due. */
static bool enrolment_valid(struct turn *turn, const struct enrolment_submitted *enrolment)
{
	int64_t from, due;

	if (!record_names(turn, TABLE_ENROLMENT, enrolment->enrolment, TABLE_COURSE, enrolment->course) ||
	    !record_names(turn, TABLE_ENROLMENT, enrolment->enrolment, TABLE_MEMBER, enrolment->member))
		return false;
	if (enrolment->has_status &&
	    !record_word(turn, TABLE_ENROLMENT, enrolment->enrolment, "status", enrolment->status, "unknown_status"))
		return false;
	if (!day_number(enrolment->from, &from) || !day_number(enrolment->due, &due) || due < from)
		return record_refuse(turn, TABLE_ENROLMENT, enrolment->enrolment, "bad_period",
				     "from and due are days, the first not after the last");
	return is_same(turn, enrolment) ||
	       record_refuse(turn, TABLE_ENROLMENT, enrolment->enrolment, "bad_change", "an enrolment stays with its course and its member");
}

void on_enrolment_submitted(struct turn *turn, const struct enrolment_submitted *enrolment)
{
	if (!enrolment_valid(turn, enrolment))
		return;
	int64_t version = record_submit(turn, TABLE_ENROLMENT, bytes_of_text(enrolment->enrolment), enrolment);
	if (version > 0)
		enrolment_open(turn, enrolment, version);
}
