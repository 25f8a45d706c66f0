/* on_enrolment_assigned.c -- somebody is to take a course (培训报名). */
#include "process.h"

void on_enrolment_assigned(struct turn *turn, const struct enrolment_assigned *event)
{
	process_visit(turn, &flow_enrolment, event->enrolment, event->outlet, "assigned");
}
