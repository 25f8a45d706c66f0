/* supply.c -- sources, lanes and policies as the master data has them. */
#include "supply.h"

struct tuning tuning_of(const struct turn *turn)
{
	return (struct tuning){.smoothing_days = turn_setting(turn, SETTING_SMOOTHING_DAYS),
	                       .safety_percent = turn_setting(turn, SETTING_SAFETY_PERCENT),
	                       .review_days = turn_setting(turn, SETTING_REVIEW_DAYS),
	                       .handling_minutes = turn_setting(turn, SETTING_HANDLING_MINUTES)};
}

/* How well an upstream fits a product's brand: 2 its own brand, 1 every brand or a product without one, 0
   another brand's. */
static unsigned upstream_fit(const struct upstream *upstream, const struct product *product)
{
	if (upstream->brand[0] == 0 || product->brand[0] == 0)
		return 1;
	return memcmp(upstream->brand, product->brand, CODE_SIZE) == 0 ? 2 : 0;
}

/* R25: An upstream supplies on its days alone, in the outlet's calendar at the time of what is handled. */
static bool is_in_force(const struct turn *turn, const struct place *place, const struct span *span)
{
	int64_t there = turn_input(turn)->time_us + place->offset_minutes * US_PER_MINUTE;
	int64_t day = there >= 0 ? there / US_PER_DAY : 0;

	return (span->from == 0 || day >= span->from) && (span->until == 0 || day <= span->until);
}

/* R13: Goods come from the first upstream warehouse of the product's own brand that has a lane to the
   place, else from the first one that supplies every brand; a product without a brand comes from the first
   of all. */
static unsigned find_sources(struct turn *turn, struct text place, const struct product *product, struct source *sources, unsigned most)
{
	struct place row = place_get(turn, place);
	unsigned count = 0;

	/* R14: Where no lane supplies a place, and where an outlet is suspended or closed, no restock is
	   requested. */
	if (row.kind != PLACE_OUTLET || row.closed)
		return 0;
	for (unsigned fit = 2; fit > 0; fit--)
		for (unsigned i = 0; i < UPSTREAMS_MAX && count < most; i++) {
			const struct upstream *upstream = &row.upstreams[i];
			struct source *source = &sources[count];

			if (upstream->warehouse[0] == 0 || upstream_fit(upstream, product) != fit ||
			    !is_in_force(turn, &row, &row.spans[i]) ||
			    place_get(turn, CODE_TEXT(upstream->warehouse)).kind != PLACE_WAREHOUSE ||
			    !lane_between(turn, CODE_TEXT(upstream->warehouse), place, &source->lane, source->lane_code))
				continue;
			memcpy(source->warehouse, upstream->warehouse, CODE_SIZE);
			count++;
		}
	return count;
}

unsigned supply_sources(struct turn *turn, struct text place, const struct product *product, struct source sources[UPSTREAMS_MAX])
{
	return find_sources(turn, place, product, sources, UPSTREAMS_MAX);
}

static bool source_of(struct turn *turn, struct text place, const struct product *product, struct source *source)
{
	return find_sources(turn, place, product, source, 1) > 0;
}

bool supply_source(struct turn *turn, struct text place, struct text sku, struct source *source)
{
	struct product product;

	product_get(turn, sku, &product);
	return source_of(turn, place, &product, source);
}

static uint32_t lead_of(struct turn *turn, struct text place, const struct product *product, struct way *way)
{
	struct source source;

	if (way->is_known && memcmp(way->brand, product->brand, CODE_SIZE) == 0)
		return way->lead_minutes;
	way->is_known = true;
	memcpy(way->brand, product->brand, CODE_SIZE);
	way->lead_minutes =
	    source_of(turn, place, product, &source) ? (uint32_t)source.lane.lead_minutes : LEAD_NONE;
	return way->lead_minutes;
}

static bool rule_of(struct turn *turn, struct text place, struct text sku, const struct product *product,
                    struct rule *rule)
{
	static const struct text nothing = {"", 0};
	uint64_t marks = rule_marks(turn, sku);

	return ((marks & RULE_OF_PLACE) != 0 && rule_get(turn, 'p', sku, place, rule)) ||
	       ((marks & RULE_OF_SKU) != 0 && rule_get(turn, 's', sku, nothing, rule)) ||
	       (product->category[0] != 0 &&
	        rule_get(turn, 'c', CODE_TEXT(product->category), nothing, rule));
}

/*~ 8. Master data is looked up once per change, not once per sale: every declaration raises one number, the
 *~    generation, and a shelf that carries an older one is renewed when it is touched next. Nothing walks
 *~    over all shelves. */
void supply_renew(struct turn *turn, struct text place, struct text sku, struct shelf *shelf,
                  uint32_t generation, const struct tuning *tuning, struct way *way)
{
	struct product product;
	struct rule rule;

	product_get(turn, sku, &product);
	shelf->supply.pack = product.pack.milli > 0 ? product.pack : quantity_of(1000);
	shelf->supply.lead_minutes = lead_of(turn, place, &product, way);
	shelf->supply.generation = generation;
	shelf->policy = policy_of(&shelf->policy, rule_of(turn, place, sku, &product, &rule) ? &rule : NULL,
	                          &shelf->demand, &shelf->supply, tuning);
}

void supply_learn(struct shelf *shelf, const struct tuning *tuning)
{
	if (shelf->policy.origin != POLICY_MASTER)
		shelf->policy = policy_of(&shelf->policy, NULL, &shelf->demand, &shelf->supply, tuning);
}
