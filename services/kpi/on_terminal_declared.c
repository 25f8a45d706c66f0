/* on_terminal_declared.c -- a till is expected, or no more. */
#include "till.h"

void on_terminal_declared(struct turn *turn, const struct terminal_declared *declared)
{
	till_declare(turn, declared->terminal, declared->outlet,
		     !declared->has_status || text_equal(declared->status, TEXT_LITERAL("active")));
}
