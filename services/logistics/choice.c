/* choice.c -- every lane with every carrier that may drive it, and the best of them. */
#include "choice.h"

struct search {
	struct turn *turn;
	const struct errand *errand;
	int64_t loss_minor; /* on the lane that is looked at */
	bool found;
	struct choice *best;
};

int64_t choice_minutes_left(int64_t need_by_us, int64_t now_us)
{
	return need_by_us == 0 ? INT64_MAX : (need_by_us - now_us) / US_PER_MINUTE;
}

/* One offer. A carrier that charges in another currency than its lane cannot be compared and is passed
   over. */
static void consider(struct search *search, struct text code, const struct lane *lane, int64_t metres,
                     struct text name, const struct carrier *carrier)
{
	struct choice choice = {
	    .capacity = carrier->capacity, .per_stop = carrier->per_stop, .per_km = carrier->per_km};

	if (carrier->currency[0] != 0 && memcmp(carrier->currency, lane->currency, CURRENCY_SIZE) != 0)
		return;
	choice.offer.cost_minor =
	    journey_cost(lane->cost, carrier->per_stop, 1, carrier->per_km, metres).minor;
	choice.offer.lead_minutes = lane->lead_minutes;
	choice.offer.loss_minor = search->loss_minor;
	if (search->found && !offer_better(&choice.offer, &search->best->offer, search->errand->minutes_left))
		return;
	CODE_PUT(choice.lane, code);
	CODE_PUT(choice.carrier, name);
	memcpy(choice.currency, lane->currency, CURRENCY_SIZE);
	*search->best = choice;
	search->found = true;
}

/* R78: What a lane is expected to lose counts as its cost: the share of defects that it was last scored with, of what the load is worth;
   what has no cost in the currency of the lane is worth nothing there. */
static int64_t loss_on(const struct search *search, struct text code, const struct lane *lane)
{
	int exponent = currency_exponent(code_text(lane->currency, CURRENCY_SIZE));
	int64_t ppm, worth = 0;
	struct money value;
	struct worth good;

	if (!ROW_GET(search->turn, TABLE_LOSS, bytes_of_text(code), &ppm) || ppm == 0 || exponent < 0)
		return 0;
	for (uint32_t i = 0; i < search->errand->count; i++) {
		const struct good *of = &search->errand->goods[i];

		if (ROW_GET(search->turn, TABLE_WORTH, bytes_of_text(of->sku), &good) &&
		    memcmp(good.currency, lane->currency, CURRENCY_SIZE) == 0 &&
		    money_of_line(of->quantity, good.cost, exponent, &value) && worth <= NUMBER_MAX - value.minor)
			worth += value.minor;
	}
	return divide_half_even((wide)worth * ppm, 1000000);
}

/* A lane without a carrier is driven by whoever is cheapest; where there is no carrier at all, by the
   warehouse's own vehicles. */
static void consider_carriers(struct search *search, struct text code, const struct lane *lane,
                              int64_t metres)
{
	struct carrier carrier = {0};
	struct walk walk;
	bool any = false;

	if (lane->carrier[0] != 0) {
		ROW_GET(search->turn, TABLE_CARRIER, bytes_of_text(CODE_TEXT(lane->carrier)), &carrier);
		consider(search, code, lane, metres, CODE_TEXT(lane->carrier), &carrier);
		return;
	}
	walk_begin(&walk, search->turn, TABLE_CARRIER, bytes_of(NULL, 0));
	for (; walk_next(&walk); any = true)
		if (ROW_GET(search->turn, TABLE_CARRIER, walk.key, &carrier))
			consider(search, code, lane, metres, key_part(walk.key, 0), &carrier);
	if (!any)
		consider(search, code, lane, metres, TEXT_LITERAL("own"), &(struct carrier){0});
}

bool choice_of(struct turn *turn, const struct errand *errand, struct choice *choice)
{
	struct search search = {.turn = turn, .errand = errand, .best = choice};
	int64_t direct = spot_metres(place_spot(turn, errand->warehouse), place_spot(turn, errand->outlet));
	uint8_t key[KEY_SIZE];
	struct walk walk;
	struct lane lane;

	walk_begin(&walk, turn, TABLE_LINK, KEY_JOIN(key, errand->warehouse, errand->outlet, (struct text){0}));
	while (walk_next(&walk)) {
		struct text code = key_part(walk.key, 2);

		if (!ROW_GET(turn, TABLE_LANE, bytes_of_text(code), &lane))
			continue;
		search.loss_minor = loss_on(&search, code, &lane);
		consider_carriers(&search, code, &lane, lane.metres >= 0 ? lane.metres : direct);
	}
	return search.found;
}
