/* on_certificate_ended.c -- a certificate counts at an outlet no more, or not as long. */
#include "training.h"

void on_certificate_ended(struct turn *turn, const struct certificate_ended *ended)
{
	trained_place(turn, &(struct certified){ended->course, ended->outlet, ended->training_result, ended->from, ended->until});
}
