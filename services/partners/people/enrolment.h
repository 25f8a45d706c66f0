/*
 * enrolment.h -- who is to take which course by which day (培训报名), and by which result that is done.
 *
 * The state of an enrolment, its time line and its deadline are a matter's (matter.h); here it is found by its member and course, and moves as their
 * results do.
 */
#ifndef TRIBUTARY_PARTNERS_ENROLMENT_H
#define TRIBUTARY_PARTNERS_ENROLMENT_H

#include "desk/matter.h"
#include "people/training.h"

/* struct enrolled -- the result that it is done by, and its day. */
struct enrolled {
	int64_t day;
	char result[40]; /* empty: it is not done */
};

/* enrolled_key -- of an enrolment; an empty one: where those of a member in a course begin; without a course too: those of a member.
 * enrolled_read -- take a row apart; false: it is none. */
struct bytes enrolled_key(uint8_t key[KEY_SIZE], struct text member, struct text course, struct text enrolment);
bool enrolled_read(struct bytes row, struct enrolled *enrolled);

/* enrolment_open -- an enrolment is new or has other words: it is assigned anew, or withdrawn.
 * enrolments_settle -- results of a member in a course have changed: each enrolment is done by the one that counts now.
 * enrolments_move -- the member works at another outlet.
 * enrolment_overdue_say -- it is not done by its day. */
void enrolment_open(struct turn *turn, const struct enrolment_submitted *enrolment, int64_t version);
void enrolments_settle(struct turn *turn, struct text member, struct text course);
void enrolments_move(struct turn *turn, const struct member_submitted *member);
void enrolment_overdue_say(struct turn *turn, struct text enrolment, const struct matter *matter);

#endif
