/* on_enrolment_reopened.c -- the result that an enrolment was done by does not stand. */
#include "process.h"

void on_enrolment_reopened(struct turn *turn, const struct enrolment_reopened *event)
{
	process_visit(turn, &flow_enrolment, event->enrolment, event->outlet, "assigned");
}
