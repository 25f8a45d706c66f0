/* on_terminal_submitted.c -- staff says whose till a terminal is. */
#include "record.h"

static bool terminal_valid(struct turn *turn, const struct terminal_submitted *terminal)
{
	return record_names(turn, TABLE_TERMINAL, terminal->terminal, TABLE_OUTLET, terminal->outlet) &&
	       (!terminal->has_status || record_word(turn, TABLE_TERMINAL, terminal->terminal, "status", terminal->status, "unknown_status"));
}

void on_terminal_submitted(struct turn *turn, const struct terminal_submitted *terminal)
{
	if (terminal_valid(turn, terminal))
		record_submit(turn, TABLE_TERMINAL, bytes_of_text(terminal->terminal), terminal);
}
