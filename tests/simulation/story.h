/*
 * story.h -- what happens in the simulated network: master data, opening stock, tickets, and a
 * warehouse that delivers.
 *
 * The tickets are the same for every seed; who says them when is the network's matter. What must
 * come of them is added up here, from the tickets alone.
 */
#ifndef TRIBUTARY_TEST_STORY_H
#define TRIBUTARY_TEST_STORY_H

#include "events/staff.h"
#include "network.h"

#define OUTLETS 4
#define TILLS 8 /* two at each outlet */
#define PRODUCTS 20
#define TICKETS 2000
#define DAYS 3
#define STORY_CLIENTS 4 /* before the tills: who counts, the warehouse, a dashboard, the office */
#define STORY_STEPS 2 /* of the ladder of the rebate */

#define STORY_US INT64_C(1772323200000000) /* 2026-03-01T00:00:00Z, when it begins */
#define STORY_OPENING_MILLI 200000	  /* of each product on each shelf */
#define STORY_WAREHOUSE_MILLI 50000000 /* of each product in the warehouse */

/* What a dashboard has heard last of the whole network. */
struct dashboard {
	int64_t revenue, tickets;
};

struct truth {
	int64_t revenue[OUTLETS][DAYS], returns[OUTLETS][DAYS], tickets[OUTLETS][DAYS];
	int64_t sold_milli[OUTLETS][PRODUCTS]; /* net of returns */
};

/* story_begin -- partners learns the rules, inventory what lies where, the warehouse system and a dashboard begin
 * to listen; the dashboard looks only every `lazy` steps. */
void story_begin(struct network *network, unsigned lazy);

const struct dashboard *story_dashboard(void);

/* story_outlets, story_days -- their names. */
extern const char *const story_outlets[OUTLETS], *const story_days[DAYS];

/* story_office -- where the principal's staff says its rules.   story_say -- one event of a source, which must be taken.   story_rule -- a rule of staff
 * that is there from the beginning on. */
struct client *story_office(void);
void story_rule(struct client *office, const struct event_type *type, const void *event);
void story_say(struct client *client, const char *source, const struct event_type *type, const void *event, int64_t time_us);

/* story_sku, story_price_e4 -- of product 0 to PRODUCTS - 1; what the tills ask for it.   story_target -- as it begins. */
const char *story_sku(int product);
int64_t story_price_e4(int product);
struct target_submitted story_target(void);

/* story_scheme -- a rebate on all that an outlet sells in March: from nothing at one rate, from `from` at another. */
void story_scheme(int64_t from, int64_t first_bp, int64_t second_bp, int64_t time_us);

/* story_territory -- where goods are sent to is granted to an outlet, 0 to OUTLETS - 1, from now on.   story_kinds -- in the order of `kind`. */
#define STORY_KINDS 3
extern const char *const story_kinds[STORY_KINDS];
void story_territory(int holder, int kind, int64_t time_us);

/* story_appraisal -- the dealers are appraised by revenue, of this weight and goal, and by tickets for the rest. */
#define STORY_TICKETS_GOAL 700
void story_appraisal(int64_t revenue_bp, int64_t revenue_goal, int64_t time_us);

/* story_metric -- from now on this is what a registered metric counts, and the dealers are appraised by it alone: by shape, 0 to STORY_METRICS - 1. */
#define STORY_METRICS 7
struct story_metric {
	const char *event, *field, *value, *sum; /* NULL: not given */
};
extern const struct story_metric story_metrics[STORY_METRICS];
void story_metric(int shape, int64_t time_us);

/* story_right -- goods of category B are sold by who is trained: the right to sell, in one of its modes.   story_right_modes -- in the order of `mode`. */
#define STORY_MODES 2
extern const char *const story_right_modes[STORY_MODES];
void story_right(int mode, int64_t time_us);

/* story_trainee -- that somebody works at an outlet from a day on, 0 to DAYS - 1.   story_result -- that somebody has taken the course on a day, under a
 * number from 0 on; `replaces`: in place of that number, -1: of none. Of each outlet, 0 to OUTLETS - 1, somebody is known from the beginning on, and who
 * works at the first has passed. */
void story_trainee(int person, int outlet, int day, int64_t time_us);
void story_training(struct client *client); /* as it begins */
void story_result(int number, int person, int day, bool passed, int replaces, int64_t time_us);

/* story_probe -- one more ticket with goods of category B, of an outlet and a day: receipt P, the outlet's number, the day's. Not in the truth. */
void story_probe(struct network *network, int outlet, int day);

/* story_sent -- whether the goods of a ticket are sent into the territory. */
bool story_sent(uint32_t number);

/* story_shared -- whether the commission of a ticket is shared: between whom, and what it was sold for less what has come back. */
#define STORY_COMMISSION_BP 700
#define STORY_SELLER_BP 4000 /* its seller's part */
struct story_shared {
	unsigned seller, handed_over_by; /* 0 to OUTLETS - 1 */
	int64_t left_minor;
};
bool story_shared(uint32_t number, struct story_shared *shared);

/* story_ticket -- ticket `number`, at the till that it belongs to: the one given, or, when NULL,
 * its own of eight. */
void story_ticket(struct client *till, uint32_t number, const char *source);
unsigned story_till(uint32_t number);
int64_t story_ticket_us(uint32_t number);
const char *story_till_name(unsigned till);

/* story_truth -- what the tickets add up to. */
void story_truth(struct truth *truth);

#endif
