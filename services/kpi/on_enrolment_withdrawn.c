/* on_enrolment_withdrawn.c -- who was enrolled need not take the course. */
#include "process.h"

void on_enrolment_withdrawn(struct turn *turn, const struct enrolment_withdrawn *event)
{
	process_visit(turn, &flow_enrolment, event->enrolment, event->outlet, "withdrawn");
}
