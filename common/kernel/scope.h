/*
 * scope.h -- whose an event or a row of an answer is: which outlet and which warehouse it names, as its type or its question says.
 *
 * guard.h decides what somebody may see; this tells it what there is to decide about. An event whose type is not known here, and one
 * that does not name what its type says, is the principal's alone.
 */
#ifndef TRIBUTARY_KERNEL_SCOPE_H
#define TRIBUTARY_KERNEL_SCOPE_H

#include "guard/guard.h"
#include "kernel/kernel.h"

struct scope {
	struct text outlet, warehouse; /* empty: none */
};

/* scope_of_event -- of packed bytes.   scope_of_struct -- of a struct of that type.   scope_of_row -- of a packed row. All borrow. */
struct scope scope_of_event(struct bytes event);
struct scope scope_of_struct(const struct event_type *type, const void *event);
struct scope scope_of_row(const struct query_handler *handler, struct bytes row);

/* scope_is_said -- whether rows of this question name whose they are. */
bool scope_is_said(const struct query_handler *handler);

/*
 * scope_may_publish -- whether somebody may say these packed events as this source; events that cannot be read are for the quarantine,
 * and theirs to send.
 */
bool scope_may_publish(const struct guard_principal *principal, struct text source, struct bytes events, uint32_t count);

#endif
