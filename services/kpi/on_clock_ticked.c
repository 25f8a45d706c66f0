/* on_clock_ticked.c -- where a day begins, targets are judged; some days after a period, outlets are scored. */
#include "appraisal.h"
#include "device.h"
#include "target.h"

void on_clock_ticked(struct turn *turn, const struct clock_ticked *ticked)
{
	struct book book = book_get(turn);
	bool judges = ticked->time >= book.judge_us && book.aims != 0, appraises = ticked->time >= book.appraise_us;

	if (judges)
		book.judge_us = target_judge_all(turn, ticked->time);
	if (appraises)
		book.appraise_us = appraisals_tick(turn, ticked->time);
	if (judges || appraises)
		book_put(turn, &book);
	device_watch(turn);
}
