/*
 * bench_rules.c -- a rulebook for the bench's network: list prices with corridors, rebate schemes, territories, a calendar, targets of
 * tiers and categories. Every ticket is judged by all of it; nearly none breaks anything, as in a network that is at peace.
 */
#include "bench_master.h"

#define NEAR_BP 9000
#define FAR_BP 11000

static void submit_prices(struct master *master)
{
	char code[BENCH_CODE_SIZE];

	for (uint32_t i = 0; i < BENCH_PRODUCTS; i++) {
		bench_sales_product(code, i, master->bench->stamp);
		bench_submit(master, &price_submitted_type,
			     &(struct price_submitted){.sku = text_of(code), .currency = TEXT_LITERAL("CNY"), .list = {bench_sales_price(i)}});
	}
	for (int64_t tier = 1; tier <= 2; tier++)
		bench_submit(master, &corridor_submitted_type,
			     &(struct corridor_submitted){.corridor = tier == 1 ? TEXT_LITERAL("BENCH-1") : TEXT_LITERAL("BENCH-2"),
							  .has_tier = true,
							  .tier = tier,
							  .has_floor_bp = true,
							  .floor_bp = NEAR_BP,
							  .has_ceiling_bp = true,
							  .ceiling_bp = FAR_BP});
}

/* One that counts everything of the dealers, whole; one of a category that sells well, everywhere, by bands. */
static void submit_schemes(struct master *master)
{
	static const struct scheme_submitted_step whole[] = {{.from = 100000000, .has_rate_bp = true, .rate_bp = 100},
							     {.from = 1000000000, .has_rate_bp = true, .rate_bp = 250},
							     {.from = 5000000000, .has_rate_bp = true, .rate_bp = 400}};
	static const struct scheme_submitted_step band[] = {{.from = 0, .has_rate_bp = true, .rate_bp = 50},
							    {.from = 100000000, .has_rate_bp = true, .rate_bp = 150}};
	char from[DAY_TEXT_SIZE];
	struct scheme_submitted scheme = {.scheme = TEXT_LITERAL("BENCH-VOLUME"),
					  .name = TEXT_LITERAL("volume"),
					  .basis = TEXT_LITERAL("revenue"),
					  .period = TEXT_LITERAL("month"),
					  .has_tier = true,
					  .tier = 2,
					  .currency = TEXT_LITERAL("CNY"),
					  .ladder = TEXT_LITERAL("whole"),
					  .steps = {whole, sizeof(whole) / sizeof(whole[0])},
					  .from = {from, DAY_TEXT_SIZE - 1}};

	day_text(master->now_us / US_PER_DAY - 60, from);
	bench_submit(master, &scheme_submitted_type, &scheme);
	scheme.scheme = TEXT_LITERAL("BENCH-CATEGORY");
	scheme.has_tier = false;
	scheme.has_category = true;
	scheme.category = TEXT_LITERAL("BENCH-1");
	scheme.ladder = TEXT_LITERAL("band");
	scheme.steps.items = band;
	scheme.steps.count = sizeof(band) / sizeof(band[0]);
	bench_submit(master, &scheme_submitted_type, &scheme);
}

static void submit_territories(struct master *master)
{
	char code[BENCH_CODE_SIZE], area[BENCH_CODE_SIZE];

	for (uint32_t i = 0; i < BENCH_OUTLETS; i++) {
		struct territory_submitted_area areas[] = {{.area = text_of(area)}};

		bench_sales_outlet(code, i);
		snprintf(area, sizeof(area), "33%02u00", i + 1);
		areas[0].area = text_of(area);
		bench_submit(master, &territory_submitted_type,
			     &(struct territory_submitted){.territory = text_of(code),
							   .name = text_of(code),
							   .kind = TEXT_LITERAL("exclusive"),
							   .holder = text_of(code),
							   .areas = {areas, 1}});
	}
}

static void submit_targets(struct master *master)
{
	char code[BENCH_CODE_SIZE], category[BENCH_CODE_SIZE], from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];

	day_text(master->now_us / US_PER_DAY - 15, from);
	day_text(master->now_us / US_PER_DAY + 15, until);
	bench_submit(master, &calendar_submitted_type,
		     &(struct calendar_submitted){.calendar = TEXT_LITERAL("BENCH"),
						  .monday = 9000,
						  .tuesday = 9000,
						  .wednesday = 9000,
						  .thursday = 9000,
						  .friday = 11000,
						  .saturday = 13000,
						  .sunday = 10000});
	for (unsigned i = 0; i < BENCH_CATEGORIES; i++) {
		snprintf(category, sizeof(category), "BENCH-%u", i);
		snprintf(code, sizeof(code), "T-BENCH-%u", i);
		bench_submit(master, &target_submitted_type,
			     &(struct target_submitted){.target = text_of(code),
							.has_category = true,
							.category = text_of(category),
							.metric = TEXT_LITERAL("units"),
							.from = text_of(from),
							.until = text_of(until),
							.value = INT64_C(500000000)});
	}
	for (int64_t tier = 1; tier <= 2; tier++)
		bench_submit(master, &target_submitted_type,
			     &(struct target_submitted){.target = tier == 1 ? TEXT_LITERAL("T-TIER-1") : TEXT_LITERAL("T-TIER-2"),
							.has_tier = true,
							.tier = tier,
							.metric = TEXT_LITERAL("revenue"),
							.has_currency = true,
							.currency = TEXT_LITERAL("CNY"),
							.from = text_of(from),
							.until = text_of(until),
							.value = INT64_C(50000000000)});
}

void bench_rules_submit(struct master *master)
{
	submit_prices(master);
	submit_schemes(master);
	submit_territories(master);
	submit_targets(master);
}
