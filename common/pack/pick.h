/*
 * pick.h -- one field of any event, by its name: for whoever counts events by what they say.
 *
 * It knows no event; a name that the event does not have is a field that is not given.
 */
#ifndef TRIBUTARY_PACK_PICK_H
#define TRIBUTARY_PACK_PICK_H

#include "pack/event.h"

/* pick_text -- a text field; empty when it is not given, or no text. Borrows from the event. */
struct text pick_text(const struct event_type *type, const void *event, struct text name);

/* pick_holds -- whether a field has this value: a text as it stands, a whole number in decimal, true or false. */
bool pick_holds(const struct event_type *type, const void *event, struct text name, struct text value);

/* pick_number -- a number of the event, a yes as 1; 0 when it is not given, or is a text or a list. */
int64_t pick_number(const struct event_type *type, const void *event, struct text name);

#endif
