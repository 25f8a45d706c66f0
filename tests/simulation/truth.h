/*
 * truth.h -- what must hold of the simulated network in the end: each truth a file, check_*.c, that returns how many wrongs it found and
 * says each of them with truth_broken.
 */
#ifndef TRIBUTARY_TEST_TRUTH_H
#define TRIBUTARY_TEST_TRUTH_H

#include "story.h"

/* A truth is told by its name, so that one can be shown to bite. */
struct truth_check {
	const char *name, *sentence;
	void (*check)(struct network *network);
};

extern const struct truth_check truth_checks[];
extern const unsigned truth_check_count;

/* truth_broken -- this seed shows that something is not so. Counts and prints; the seed goes on. */
void truth_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* truth_tickets -- what the tickets of this run add up to; the same for every seed. */
const struct truth *truth_tickets(void);

/* truth_each_event -- all that a service has said.   truth_each_row -- all rows of an answer of its.   truth_unpack -- an event's data,
 * until the next one. */
void truth_each_event(struct network *network, enum service_number service,
                      void (*each)(void *context, const struct envelope *envelope), void *context);
void truth_each_row(struct network *network, enum service_number service, const char *what,
                    void (*each)(void *context, struct bytes row), void *context);
bool truth_unpack(const struct event_type *type, const struct envelope *envelope, void *event);

/* truth_row_text, truth_row_int -- a field of a row; a row without it breaks a truth. */
struct text truth_row_text(struct bytes row, const char *key);
int64_t truth_row_int(struct bytes row, const char *key);

void check_tickets(struct network *network);
void check_figures(struct network *network);
void check_goods(struct network *network);
void check_restocks(struct network *network);
void check_rules(struct network *network);
void check_rebates(struct network *network);
void check_commissions(struct network *network);
void check_territories(struct network *network);
void check_appraisals(struct network *network);
void check_metrics(struct network *network);
void check_rights(struct network *network);
void check_stores(struct network *network);
void check_replay(struct network *network);
void check_dashboard(struct network *network);

#endif
