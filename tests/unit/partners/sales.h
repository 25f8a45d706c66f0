/*
 * sales.h -- a past of dice for the rebates: outlets, goods, tickets, visits, and the schemes that judge them.
 *
 * It says them at the door of partners through a stage; what they must come to is for the test to work out.
 */
#ifndef TRIBUTARY_TEST_PARTNERS_SALES_H
#define TRIBUTARY_TEST_PARTNERS_SALES_H

#include "rulebook.h"

#define OUTLETS 3
#define SKUS 6 /* the last one is a service */
#define TICKETS 240
#define VISITS 24
#define LINES 4
#define DAYS 120 /* from 2026-01-01 on */
#define FIRST_DAY 20454

extern const char *const outlets[OUTLETS], *const skus[SKUS], *const categories[SKUS];
extern const int tiers[OUTLETS];

enum happening { KIND_SALE, KIND_RETURN, KIND_VOID };

struct line {
	int sku;
	int64_t quantity, amount;
};

struct event {
	enum happening kind;
	bool was_return;
	int outlet, day;
	const char *currency;
	struct line lines[LINES];
	int line_count;
};

/* Whether the display stood at an outlet on a day. */
struct visit {
	int outlet, day;
	bool stood;
};

struct world {
	struct visit visits[VISITS];
	struct event events[TICKETS];
	uint32_t order[TICKETS];
	uint64_t dice;
};

/* A scheme of the test, once as it is submitted and once as the model understands it. */
struct rule {
	const char *code;
	bool whole, units;
	int months; /* of a period; 0: once */
	int tier;
	const char *category, *sku;
	bool growth;
	int64_t cap;
	int64_t steps[3][2];
	int step_count;
	const char *mix; /* a category */
	int mix_bp, mix_skus, displays;
};

uint64_t pick(struct world *world, uint64_t below);
void world_make(struct world *world, uint64_t seed);
void world_shuffle(struct world *world);

void hear_master(struct stage *stage);
void hear_scheme(struct stage *stage, const struct rule *rule, bool is_draft);
void hear_ticket(struct stage *stage, const struct event *event);
void tick(struct stage *stage, int day);

/* hear_visit -- some are told the wrong way round first. */
void hear_visit(struct stage *stage, const struct world *world, int number);

#endif
