/*
 * error.h -- one vocabulary of failures: zero is fine, every failure is a negative code from error.def.
 *
 * Each third-party library's codes are translated once, in the room that owns the library.
 * It does not carry business refusals: those are events with a code of their own.
 */
#ifndef TRIBUTARY_BASE_ERROR_H
#define TRIBUTARY_BASE_ERROR_H

#include <stdbool.h>

enum error_order {
#define ERROR(name, text, class) name##_ORDER,
#include "error.def"
#undef ERROR
	ERROR_COUNT
};

enum error {
#define ERROR(name, text, class) name = -name##_ORDER,
#include "error.def"
#undef ERROR
};

/*
 * error_text -- the sentence for a code.   error_name -- its name without the prefix ("STORE_FULL").
 *   owns    gives static text, never NULL.
 */
const char *error_text(int error);
const char *error_name(int error);

/* error_is_retry -- whether trying again later can help (disk full, peer gone); error_is_halt -- whether the process must stop. */
bool error_is_retry(int error);
bool error_is_halt(int error);

#endif
