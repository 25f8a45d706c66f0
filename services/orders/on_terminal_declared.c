/* on_terminal_declared.c -- whose till it is. */
#include "events/partners.h"
#include "state.h"

void on_terminal_declared(struct turn *turn, const struct terminal_declared *declared)
{
	struct terminal terminal = {.is_closed = declared->has_status &&
	                                         !text_equal(declared->status, TEXT_LITERAL("active"))};

	CHECK(declared->outlet.size <= sizeof(terminal.outlet));
	memcpy(terminal.outlet, declared->outlet.data, declared->outlet.size);
	terminal_put(turn, declared->terminal, &terminal);
}
