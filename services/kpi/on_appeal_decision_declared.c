/* on_appeal_decision_declared.c -- an appeal is decided. */
#include "appraisal.h"

void on_appeal_decision_declared(struct turn *turn, const struct appeal_decision_declared *declared)
{
	appraisal_decide(turn, declared);
}
