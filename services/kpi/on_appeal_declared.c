/* on_appeal_declared.c -- an outlet does not agree with its score. */
#include "appraisal.h"

void on_appeal_declared(struct turn *turn, const struct appeal_declared *declared)
{
	appraisal_appeal(turn, declared);
}
