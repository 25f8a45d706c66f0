"""A fuzz target per event; what it does is in fuzz_event.h."""


def target(event):
    return f"""/* generated from schemas/{event.document.name}.yaml, edit that */
#include "events/{event.document.name}.h"

#define FUZZ_TYPE {event.c_name}_type
#include "fuzz/fuzz_event.h"
"""
