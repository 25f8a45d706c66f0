/* query_scorecards.c -- `get scorecards`: every supplier and lane, over its last months. Arguments: supplier, lane. */
#include "kernel/engine.h"
#include "kernel/query.h"
#include "score.h"

static bool is_wanted(struct query *query, struct bytes key)
{
	struct text supplier = query_argument(query, "supplier"), lane = query_argument(query, "lane"), code = key_part(key, 1);
	bool is_lane = key.data[0] == SCORE_LANE;

	if (supplier.size == 0 && lane.size == 0)
		return true;
	return (is_lane && text_equal(lane, code)) || (!is_lane && text_equal(supplier, code));
}

static void row_costs(struct query *query, const struct card *card)
{
	query_int(query, "unit_cost_e4", card->unit_cost.e4);
	query_int(query, "freight_share_e4", card->freight_share.e4);
	query_int(query, "expected_loss_e4", card->expected_loss.e4);
	query_int(query, "landed_cost_e4", card->landed_cost.e4);
}

static void row_card(struct query *query, struct bytes key, const struct card *card)
{
	query_text(query, "kind", key.data[0] == SCORE_LANE ? TEXT_LITERAL("lane") : TEXT_LITERAL("supplier"));
	query_text(query, "code", key_part(key, 1));
	query_text(query, "currency", key_part(key, 2));
	query_text(query, "from", text_of(card->from));
	query_text(query, "until", text_of(card->until));
	query_int(query, "deliveries", card->sum.deliveries);
	query_int(query, "promised", card->sum.promised);
	query_int(query, "on_time", card->sum.on_time);
	query_int(query, "in_full", card->sum.in_full);
	query_int(query, "on_time_in_full", card->sum.both);
	query_int(query, "asked_milli", card->sum.asked.milli);
	query_int(query, "sent_milli", card->sum.sent.milli);
	query_int(query, "usable_milli", card->sum.usable.milli);
	query_int(query, "otif_bp", card->otif_bp);
	query_int(query, "defects_ppm", card->defects_ppm);
	if (card->has_lead) {
		query_int(query, "lead_minutes", card->lead_minutes);
		query_int(query, "lead_variance", card->lead_variance);
	}
	if (card->has_cost)
		row_costs(query, card);
}

/* The months that share a prefix, from *key on; *key moves to the first row behind them. */
static void group_read(struct query *query, struct bytes *key, struct bytes value, struct bytes prefix, struct months *months)
{
	uint32_t month;

	for (; key->data != NULL; value = query_next(query, TABLE_SCORE, key)) {
		struct score score;

		if (months_key(*key, &month) != prefix.size || memcmp(key->data, prefix.data, prefix.size) != 0)
			return;
		if (value.size != sizeof(score))
			continue;
		memcpy(&score, value.data, sizeof(score));
		months_add(months, month, &score);
	}
}

void query_scorecards(struct query *query)
{
	int64_t span = engine_setting(query_engine(query), SETTING_SCORE_MONTHS);
	struct bytes key, value = query_seek(query, TABLE_SCORE, query_from(query), &key);

	while (key.data != NULL) {
		struct months months = {0};
		uint8_t first[KEY_SIZE];
		uint32_t month;
		struct bytes at = bytes_of(first, key.size), prefix = bytes_of(first, months_key(key, &month));

		memcpy(first, key.data, key.size);
		group_read(query, &key, value, prefix, &months);
		if (months.count > 0 && is_wanted(query, prefix)) {
			if (!query_row(query)) {
				query_more(query, at);
				return;
			}
			struct card card = card_of(&months, span);
			row_card(query, prefix, &card);
		}
		if (key.data != NULL)
			value = query_seek(query, TABLE_SCORE, key, &key);
	}
}
