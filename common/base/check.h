/*
 * check.h -- statements about our own code that stay on in production.
 *
 * CHECK(fact) aborts the process with the file, the line and the fact when the fact does not hold.
 * It does not report errors of the world: bytes from outside, full disks and refused input have their own channels.
 */
#ifndef TRIBUTARY_BASE_CHECK_H
#define TRIBUTARY_BASE_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(fact)                                                                                \
	do {                                                                                       \
		if (!(fact)) {                                                                     \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #fact);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* must_check -- the result of a function so marked cannot be ignored. */
#define must_check __attribute__((warn_unused_result))

#endif
