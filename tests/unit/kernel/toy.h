/* toy.h -- the smallest service that has everything: a row per outlet, an event out, a refusal, a
 * clock, a live view of the rows. For the kernel's tests. */
#ifndef TRIBUTARY_TEST_TOY_H
#define TRIBUTARY_TEST_TOY_H

#include "kernel/engine.h"

extern const struct service toy;

/* A second one that follows the first: TOY_SUMS counts the sales of an outlet, TOY_LAST keeps the
 * last sum heard. */
extern const struct service toy_echo;

#define TOY_SUMS 0  /* outlet -> int64 quantity sold */
#define TOY_LAST 1  /* outlet -> time of the last ticket, to see that order matters */
#define TOY_TICKS 2 /* "ticks" -> int64 count */

/*
 * toy_sale -- one ticket.sold as packed bytes: source, seq, outlet, receipt, quantity. Returns its
 * size. Receipt "refuse" is refused, "mute" without words, "poison" aborts the process.
 */
size_t toy_sale(uint8_t *out, size_t size, const char *source, uint64_t seq, const char *outlet,
                const char *receipt, int64_t milli, int64_t time_us);

#endif
