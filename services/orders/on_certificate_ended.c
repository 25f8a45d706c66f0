/* on_certificate_ended.c -- a certificate counts at an outlet no more, or not as long. */
#include "events/partners.h"
#include "holder.h"

void on_certificate_ended(struct turn *turn, const struct certificate_ended *ended)
{
	holder_place(turn, &(struct certificate_granted){.training_result = ended->training_result,
							 .outlet = ended->outlet,
							 .course = ended->course,
							 .from = ended->from,
							 .has_until = ended->has_until,
							 .until = ended->until});
}
