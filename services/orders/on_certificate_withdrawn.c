/* on_certificate_withdrawn.c -- a certificate never counted: its result was entered wrongly. */
#include "events/partners.h"
#include "holder.h"

/* R134: A certificate that is withdrawn has never counted: the right to sell of sales from then on is judged without it, what was said of those before
 * stays said. */
void on_certificate_withdrawn(struct turn *turn, const struct certificate_withdrawn *withdrawn)
{
#if defined(MUTANT_WITHDRAWN_COUNTS)
	if (withdrawn->course.size > 0)
		return;
#endif
	holder_forget(turn, withdrawn->outlet, withdrawn->course, withdrawn->training_result);
}
