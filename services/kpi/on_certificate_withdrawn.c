/* on_certificate_withdrawn.c -- a certificate never counted: its result was entered wrongly. */
#include "training.h"

void on_certificate_withdrawn(struct turn *turn, const struct certificate_withdrawn *withdrawn)
{
#if defined(MUTANT_WITHDRAWN_DAYS)
	if (withdrawn->course.size > 0)
		return;
#endif
	trained_forget(turn, withdrawn->course, withdrawn->outlet, withdrawn->training_result);
}
