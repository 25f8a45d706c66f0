/*
 * audit_waiting.h -- a part of the audit: returns that wait for their sale, and those that it was found for later.
 */
#ifndef TRIBUTARY_ORDERS_AUDIT_WAITING_H
#define TRIBUTARY_ORDERS_AUDIT_WAITING_H

#include "orders.h"

/* Events of returns, by sequence. */
struct seqs {
	uint64_t *items;
	size_t count, room;
};

struct waiting_audit {
	struct seqs waiting, matched; /* by the rows; by the journal */
	size_t found;                 /* of those that wait, in the journal */
};

/* waiting_audit_open -- read which returns wait, and compare their rows.   owns  heap memory until waiting_audit_close. */
void waiting_audit_open(struct audit *audit, struct waiting_audit *work);

/* waiting_audit_event -- compare a return, or its match, with the rows.   waiting_audit_close -- and all of them with each other. */
void waiting_audit_event(struct audit *audit, struct waiting_audit *work, uint64_t seq, const struct event_type *type, const void *event);
void waiting_audit_close(struct audit *audit, struct waiting_audit *work);

#endif
