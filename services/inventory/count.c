/* count.c -- one refusal, told twice: to its source and to the world. */
#include "count.h"

void count_refuse(struct turn *turn, struct text place, struct text reference, const char *code,
                  struct text message)
{
	turn_refuse(turn, code, message);
	emit_count_refused(turn, &(struct count_refused){.has_place = true,
	                                                 .place = place,
	                                                 .has_reference = true,
	                                                 .reference = reference,
	                                                 .code = text_of(code),
	                                                 .message = message});
}
