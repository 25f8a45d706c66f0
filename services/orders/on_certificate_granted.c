/* on_certificate_granted.c -- somebody at an outlet holds a certificate (证书) on these days. */
#include "events/partners.h"
#include "holder.h"

void on_certificate_granted(struct turn *turn, const struct certificate_granted *granted)
{
	holder_place(turn, granted);
}
