/* on_terminal_submitted.c -- staff says whose till a terminal is. */
#include "record.h"
#include "rules.h"

void on_terminal_submitted(struct turn *turn, const struct terminal_submitted *terminal)
{
	if (!record_known(turn, TABLE_OUTLET, terminal->outlet))
		(void)record_refuse(turn, TABLE_TERMINAL, terminal->terminal, "unknown_outlet",
		                    "outlet %.*s is not known", TEXT_ARGS(terminal->outlet));
	else
		record_submit(turn, TABLE_TERMINAL, bytes_of_text(terminal->terminal), terminal);
}
