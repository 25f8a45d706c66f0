/* scratch.h -- a network of a command's own: fresh, in a new folder, ended and removed afterwards. */
#ifndef TRIBUTARY_COMMAND_SCRATCH_H
#define TRIBUTARY_COMMAND_SCRATCH_H

#include <sys/types.h>

#include "command.h"

struct scratch {
	const char *command; /* whose: "bench"; part of the folder's name */
	const char *tmp;     /* where the folder is made; NULL: $TMPDIR or /tmp */
	bool keep;	     /* do not remove it afterwards */
	/* of the network while it runs: */
	char folder[4096];
	pid_t up; /* its supervisor; 0: none */
	struct network network;
};

/* scratch_begin -- start it and load its configuration; says on stderr why not; an exit code.   scratch_end -- stop and remove it. */
int scratch_begin(struct scratch *scratch);
void scratch_end(struct scratch *scratch);

#endif
