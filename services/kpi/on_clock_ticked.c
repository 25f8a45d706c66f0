/* on_clock_ticked.c -- where a day begins, targets are judged. */
#include "target.h"

void on_clock_ticked(struct turn *turn, const struct clock_ticked *ticked)
{
	struct book book = book_get(turn);

	if (ticked->time < book.judge_us || book.aims == 0)
		return;
	book.judge_us = target_judge_all(turn, ticked->time);
	book_put(turn, &book);
}
