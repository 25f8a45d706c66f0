/* on_terminal_submitted.c -- staff says whose till a terminal is. */
#include "record.h"

static bool terminal_valid(struct turn *turn, const struct terminal_submitted *terminal)
{
	if (!record_known(turn, TABLE_OUTLET, terminal->outlet))
		return record_refuse(turn, TABLE_TERMINAL, terminal->terminal, "unknown_outlet",
		                     "outlet %.*s is not known", TEXT_ARGS(terminal->outlet));
	return !terminal->has_status || record_word(turn, TABLE_TERMINAL, terminal->terminal, "status",
	                                            terminal->status, "unknown_status");
}

void on_terminal_submitted(struct turn *turn, const struct terminal_submitted *terminal)
{
	if (terminal_valid(turn, terminal))
		record_submit(turn, TABLE_TERMINAL, bytes_of_text(terminal->terminal), terminal);
}
