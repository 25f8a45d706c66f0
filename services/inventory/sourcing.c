/* sourcing.c -- sources side by side: what a usable unit from each of them costs, and what speaks against it. */
#include "sourcing.h"

#include "ladder.h"
#include "score.h"

/* R116: The freight on a unit is what the scorecard of the lane says; over a lane that nothing has arrived over yet the restock bears the
   lane's cost alone. */
static int64_t freight_share(const struct lane *lane, const struct card *card, struct quantity quantity)
{
	int64_t freight = card->sum.freight_e4, units = card->sum.sent.milli;

	if (units <= 0) {
		freight = score_freight(lane->cost, CODE_TEXT(lane->currency));
		units = quantity.milli;
	}
	return score_bounded(divide_half_even((wide)freight * 1000, units));
}

/* R115: Where the procurement policy that counts chooses by landed cost, goods come from the warehouse among those of R13 from which a usable
   unit costs least: the product's cost, the freight on it, and its cost by the share of what was sent over the lane that did not arrive fit
   to be sold. */
static void reckon_landed(const struct terms *terms, const struct card *card, struct quantity quantity, struct option *option)
{
	const struct lane *lane = &option->source.lane;
	struct priced priced = terms_priced(terms, quantity);
	int64_t sent = card->sum.sent.milli, lost = sent - card->sum.usable.milli, cost = priced.price.e4;

	option->has_cost = priced.currency[0] != 0 && memcmp(priced.currency, lane->currency, CURRENCY_SIZE) == 0;
	if (!option->has_cost)
		return;
	option->freight_share.e4 = freight_share(lane, card, quantity);
	option->expected_loss.e4 = sent > 0 && lost > 0 ? score_bounded(divide_half_even((wide)cost * lost, sent)) : 0;
#if !defined(MUTANT_LOSS_COSTS_NOTHING)
	option->landed_cost.e4 = score_bounded((wide)cost + option->freight_share.e4 + option->expected_loss.e4);
#else
	option->landed_cost.e4 = score_bounded((wide)cost + option->freight_share.e4);
#endif
}

/* R117: A source whose lane is on time in full less often than the policy's floor, or loses more than its ceiling, comes behind all others;
   of the rest those that have not enough come behind those that have, and those whose cost is not known in the product's currency behind
   those whose is. */
static enum verdict against(const struct terms *terms, struct quantity quantity, const struct option *option)
{
#if !defined(MUTANT_FLOOR_IGNORED)
	if (option->has_otif && option->otif_bp < terms->policy.otif_floor)
		return VERDICT_LATE;
#endif
	if (option->has_defects && option->defects_ppm > terms->policy.defects_ceiling)
		return VERDICT_DAMAGED;
	if (option->available.milli < quantity.milli)
		return VERDICT_SHORT;
	return option->has_cost ? VERDICT_CHOSEN : VERDICT_UNPRICED;
}

static void look_at(struct turn *turn, const struct terms *terms, struct text sku, struct quantity quantity, struct option *option)
{
	uint8_t key[KEY_SIZE];
	struct shelf shelf = shelf_get(turn, shelf_key(key, CODE_TEXT(option->source.warehouse), sku));
	struct card card =
	    score_card(turn, SCORE_LANE, CODE_TEXT(option->source.lane_code), CODE_TEXT(option->source.lane.currency));

	option->available = quantity_sub(shelf.stock.on_hand, shelf.stock.reserved);
	option->has_otif = card.sum.promised > 0;
	option->otif_bp = card.otif_bp;
	option->has_defects = card.sum.sent.milli > 0;
	option->defects_ppm = card.defects_ppm > 0 ? card.defects_ppm : 0;
	reckon_landed(terms, &card, quantity, option);
	option->against = against(terms, quantity, option);
}

/* Late and damaged are alike; then what is short, then what has no cost that could be compared. */
static unsigned rank_of(enum verdict verdict)
{
	static const unsigned ranks[] = {[VERDICT_CHOSEN] = 0, [VERDICT_UNPRICED] = 1, [VERDICT_SHORT] = 2,
	                                 [VERDICT_LATE] = 3,   [VERDICT_DAMAGED] = 3,  [VERDICT_DEARER] = 4};

	return ranks[verdict];
}

bool option_is_better(const struct option *option, const struct option *other)
{
	unsigned rank = rank_of(option->against), than = rank_of(other->against);

	if (rank != than)
		return rank < than;
	if (option->has_cost != other->has_cost)
		return option->has_cost;
	return option->landed_cost.e4 < other->landed_cost.e4;
}

void sources_choose(struct turn *turn, struct text place, struct text sku, const struct terms *terms, struct quantity quantity,
                    struct options *options)
{
	struct source sources[UPSTREAMS_MAX];

	*options = (struct options){.count = supply_sources(turn, place, &terms->product, sources)};
	for (unsigned i = 0; i < options->count; i++) {
		options->all[i].source = sources[i];
		look_at(turn, terms, sku, quantity, &options->all[i]);
		if (option_is_better(&options->all[i], &options->all[options->best]))
			options->best = i;
	}
}

static struct text verdict_text(enum verdict verdict)
{
	static const char *const names[] = {"chosen", "late", "damaged", "short", "unpriced", "dearer"};

	return text_of(names[verdict]);
}

static enum verdict verdict_of(const struct options *options, unsigned i)
{
	if (i == options->best)
		return VERDICT_CHOSEN;
	return options->all[i].against == VERDICT_CHOSEN ? VERDICT_DEARER : options->all[i].against;
}

/* R118: A choice says every source that there was, what a unit from it would have cost, and what spoke against it. */
void sources_say(struct turn *turn, const struct options *options, const struct terms *terms, struct text restock,
                 const struct restock *row)
{
	struct source_chosen_source said[UPSTREAMS_MAX] = {0};
	const struct option *best = &options->all[options->best];
	const char *currency = terms_priced(terms, row->asked).currency;

	if (options->count < 2)
		return;
	for (unsigned i = 0; i < options->count; i++) {
		const struct option *option = &options->all[i];

		said[i] = (struct source_chosen_source){.from = CODE_TEXT(option->source.warehouse),
		                                        .lane = CODE_TEXT(option->source.lane_code),
		                                        .verdict = verdict_text(verdict_of(options, i)),
		                                        .available = option->available,
		                                        .has_landed_cost = option->has_cost,
		                                        .landed_cost = option->landed_cost,
		                                        .has_freight_share = option->has_cost,
		                                        .freight_share = option->freight_share,
		                                        .has_expected_loss = option->has_cost,
		                                        .expected_loss = option->expected_loss,
		                                        .has_otif_bp = option->has_otif,
		                                        .otif_bp = option->otif_bp,
		                                        .has_defects_ppm = option->has_defects,
		                                        .defects_ppm = option->defects_ppm};
	}
	emit_source_chosen(turn, &(struct source_chosen){.restock = restock,
	                                                 .place = CODE_TEXT(row->place),
	                                                 .sku = CODE_TEXT(row->sku),
	                                                 .quantity = row->asked,
	                                                 .from = CODE_TEXT(best->source.warehouse),
	                                                 .lane = CODE_TEXT(best->source.lane_code),
	                                                 .count = options->count,
	                                                 .procurement = CODE_TEXT(terms->code),
	                                                 .procurement_version = (int64_t)terms->policy.version,
	                                                 .has_currency = currency[0] != 0,
	                                                 .currency = code_text(currency, CURRENCY_SIZE),
	                                                 .has_landed_cost = best->has_cost,
	                                                 .landed_cost = best->landed_cost,
	                                                 .sources = {said, options->count}});
}
