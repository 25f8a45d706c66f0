/* on_enrolment_completed.c -- who was enrolled has passed. */
#include "process.h"

void on_enrolment_completed(struct turn *turn, const struct enrolment_completed *event)
{
	process_visit(turn, &flow_enrolment, event->enrolment, event->outlet, "completed");
}
