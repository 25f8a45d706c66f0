/* sales.c -- dice become tickets. */
#include "sales.h"

#include <stdio.h>

const char *const outlets[OUTLETS] = {"D1", "D2", "S1"};
const int tiers[OUTLETS] = {2, 2, 1};
const char *const skus[SKUS] = {"A", "B", "C", "D", "E", "POST"};
const char *const categories[SKUS] = {"LIGHT", "LIGHT", "TOY", "TOY", NULL, NULL};

uint64_t pick(struct world *world, uint64_t below)
{
	return stage_random(&world->dice, below);
}

static void make_ticket(struct world *world, struct event *event)
{
	*event = (struct event){.kind = pick(world, 5) == 0 ? KIND_RETURN : KIND_SALE,
	                        .outlet = (int)pick(world, OUTLETS),
	                        .day = (int)pick(world, DAYS),
	                        .currency = pick(world, 20) == 0 ? "HKD" : "CNY",
	                        .line_count = (int)pick(world, LINES) + 1};
	for (int i = 0; i < event->line_count; i++)
		event->lines[i] = (struct line){(int)pick(world, SKUS), (int64_t)pick(world, 20) * 500, (int64_t)pick(world, 9000)};
}

void world_make(struct world *world, uint64_t seed)
{
	*world = (struct world){.dice = seed};
	for (int i = 0; i < VISITS; i++)
		world->visits[i] = (struct visit){(int)pick(world, OUTLETS), (int)pick(world, DAYS), pick(world, 4) > 0};
	for (uint32_t i = 0; i < TICKETS; i++) {
		struct event *event = &world->events[i];

		world->order[i] = i;
		make_ticket(world, event);
		if (i > 0 && pick(world, 8) == 0) {
			*event = world->events[pick(world, i)];
			event->was_return = event->kind == KIND_RETURN;
			if (event->kind == KIND_VOID)
				make_ticket(world, event);
			else
				event->kind = KIND_VOID; /* some twice: the sums do not care */
		}
	}
}

void world_shuffle(struct world *world)
{
	for (uint32_t i = TICKETS - 1; i > 0; i--) {
		uint32_t other = (uint32_t)pick(world, i + 1), kept = world->order[i];

		world->order[i] = world->order[other];
		world->order[other] = kept;
	}
}

void hear_ticket(struct stage *stage, const struct event *event)
{
	struct sale_recorded_line lines[LINES] = {0};
	char day[DAY_TEXT_SIZE];

	day_text(FIRST_DAY + event->day, day);
	for (int i = 0; i < event->line_count; i++)
		lines[i] = (struct sale_recorded_line){.sku = text_of(skus[event->lines[i].sku]),
		                                       .quantity = {event->lines[i].quantity},
		                                       .amount = {event->lines[i].amount},
		                                       .has_service = event->lines[i].sku == SKUS - 1,
		                                       .service = event->lines[i].sku == SKUS - 1};
	struct text outlet = text_of(outlets[event->outlet]), currency = text_of(event->currency), till = TEXT_LITERAL("T"),
	            receipt = TEXT_LITERAL("R");
	if (event->kind == KIND_SALE)
		stage_hear(stage, "sales", &sale_recorded_type,
		           &(struct sale_recorded){.outlet = outlet,
		                                   .terminal = till,
		                                   .receipt = receipt,
		                                   .currency = currency,
		                                   .day = text_of(day),
		                                   .tier = tiers[event->outlet],
		                                   .lines = {lines, (uint32_t)event->line_count}});
	else if (event->kind == KIND_RETURN)
		stage_hear(stage, "sales", &sale_returned_type,
		           &(struct sale_returned){
		               .outlet = outlet,
		               .terminal = till,
		               .receipt = receipt,
		               .currency = currency,
		               .day = text_of(day),
		               .tier = tiers[event->outlet],
		               .lines = {(const struct sale_returned_line *)(const void *)lines, (uint32_t)event->line_count}});
	else
		stage_hear(
		    stage, "sales", &sale_voided_type,
		    &(struct sale_voided){.outlet = outlet,
		                          .terminal = till,
		                          .receipt = receipt,
		                          .currency = currency,
		                          .day = text_of(day),
		                          .tier = tiers[event->outlet],
		                          .was = text_of(event->was_return ? "return" : "sale"),
		                          .lines = {(const struct sale_voided_line *)(const void *)lines, (uint32_t)event->line_count}});
}

void hear_scheme(struct stage *stage, const struct rule *rule, bool is_draft)
{
	static const char *const periods[] = {[0] = "once", [1] = "month", [3] = "quarter", [12] = "year"};
	struct scheme_submitted_step steps[3] = {0};
	struct scheme_submitted scheme = {.scheme = text_of(rule->code),
	                                  .name = text_of(rule->code),
	                                  .basis = text_of(rule->units ? "units" : "revenue"),
	                                  .period = text_of(periods[rule->months]),
	                                  .has_tier = rule->tier != 0,
	                                  .tier = rule->tier,
	                                  .has_sku = rule->sku != NULL,
	                                  .sku = text_of(rule->sku != NULL ? rule->sku : ""),
	                                  .has_category = rule->category != NULL,
	                                  .category = text_of(rule->category != NULL ? rule->category : ""),
	                                  .currency = TEXT_LITERAL("CNY"),
	                                  .ladder = text_of(rule->whole ? "whole" : "band"),
	                                  .steps = {steps, (uint32_t)rule->step_count},
	                                  .has_cap = rule->cap >= 0,
	                                  .cap = {rule->cap},
	                                  .has_growth = rule->growth,
	                                  .growth = TEXT_LITERAL("previous"),
	                                  .has_clean_channel = true,
	                                  .clean_channel = 10000,
	                                  .from = TEXT_LITERAL("2026-01-01"),
	                                  .has_mix_category = rule->mix != NULL,
	                                  .mix_category = text_of(rule->mix != NULL ? rule->mix : ""),
	                                  .has_mix_bp = rule->mix != NULL,
	                                  .mix_bp = rule->mix_bp,
	                                  .has_mix_skus = rule->mix_skus > 0,
	                                  .mix_skus = rule->mix_skus,
	                                  .has_display_days = rule->displays > 0,
	                                  .display_days = rule->displays,
	                                  .has_until = rule->months == 0,
	                                  .until = TEXT_LITERAL("2026-03-15"),
	                                  .has_status = is_draft,
	                                  .status = TEXT_LITERAL("draft")};

	for (int i = 0; i < rule->step_count; i++)
		steps[i] = (struct scheme_submitted_step){.from = rule->steps[i][0],
		                                          .has_rate_bp = !rule->units,
		                                          .rate_bp = rule->steps[i][1],
		                                          .has_amount = rule->units,
		                                          .amount = {rule->steps[i][1]}};
	stage_hear(stage, STAFF, &scheme_submitted_type, &scheme);
}

void hear_visit(struct stage *stage, const struct world *world, int number)
{
	const struct visit *visit = &world->visits[number];
	char code[8], day[DAY_TEXT_SIZE];
	struct display_submitted display = {.scheme = TEXT_LITERAL("SHOW"), .outlet = text_of(outlets[visit->outlet]), .proof = TEXT_LITERAL("P")};

	day_text(FIRST_DAY + visit->day, day);
	snprintf(code, sizeof(code), "V%d", number);
	display.display = text_of(code);
	display.day = text_of(day);
	display.stood = !visit->stood;
	if (number % 2 == 0)
		stage_hear(stage, STAFF, &display_submitted_type, &display);
	display.stood = visit->stood;
	stage_hear(stage, STAFF, &display_submitted_type, &display);
}

void hear_master(struct stage *stage)
{
	for (int i = 0; i < OUTLETS; i++)
		rulebook_outlet(stage, outlets[i], tiers[i]);
	for (int i = 0; i < SKUS; i++)
		stage_hear(stage, STAFF, &product_submitted_type,
		           &(struct product_submitted){.sku = text_of(skus[i]),
		                                       .name = TEXT_LITERAL("p"),
		                                       .has_category = categories[i] != NULL,
		                                       .category = text_of(categories[i] != NULL ? categories[i] : ""),
		                                       .goods = i < SKUS - 1});
}

void tick(struct stage *stage, int day)
{
	stage->time_us = (int64_t)(FIRST_DAY + day) * US_PER_DAY;
	stage_hear(stage, "clockwork", &clock_ticked_type, &(struct clock_ticked){.time = stage->time_us});
}
