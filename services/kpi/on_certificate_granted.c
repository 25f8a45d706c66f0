/* on_certificate_granted.c -- somebody at an outlet is trained on these days. */
#include "training.h"

void on_certificate_granted(struct turn *turn, const struct certificate_granted *granted)
{
	trained_place(turn, &(struct certified){granted->course, granted->outlet, granted->training_result, granted->from, granted->until});
}
