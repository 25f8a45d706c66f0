/*
 * statement.h -- a dealer's statement of a rebate: printed from the network, and worked out again without it.
 *
 * A statement is JSON lines as `tributary tail` prints them: the versions of the scheme, the entries of one period, its lock and its
 * settlements. The verifier trusts none of them: it takes the sales from the dealer's own file and the arithmetic from common/rebate.
 */
#ifndef TRIBUTARY_COMMAND_STATEMENT_H
#define TRIBUTARY_COMMAND_STATEMENT_H

#include "base/arena.h"
#include "command.h"
#include "events/partners.h"
#include "rebate/ladder.h"
#include "rebate/root.h"

/* struct told -- one event of a file. Borrows. */
struct told {
	const char *file;
	unsigned line; /* from 1 */
	const char *id;
	const struct event_type *type;
	const void *event;
};

/*
 * statement_read -- each event of these types in a file of JSON lines; others are passed over.
 *   shape   types is NULL-terminated; each returns false to end the reading.
 *   owns    what is told lives in the arena, which is opened here: the caller closes it.
 *   errors  an exit code; says on stderr which line is no event.
 */
int statement_read(const char *file, const struct event_type *const *types, struct arena *arena,
		   bool (*each)(void *context, const struct told *told), void *context) must_check;

/* statement_scheme -- a declared scheme as it is applied. */
struct scheme statement_scheme(const struct scheme_declared *declared);

/*
 * statement_verify -- work a statement out again from the sales; names the first line that differs on stdout.
 *   shape   sales may be NULL: then the statement is held against itself alone.   errors  an exit code.
 */
int statement_verify(const char *file, const char *sales, const char *root, bool json) must_check;

#endif
