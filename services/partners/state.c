/* state.c -- the only file that knows how a record lies in its row, and its versions in theirs. */
#include "state.h"

const struct table partners_tables[TABLE_COUNT] = {
#define TABLE(number, name, kind, sentence) {name, TABLE_##kind, sentence},
#include "tables.def"
#undef TABLE
};

const struct setting partners_settings[SETTING_COUNT] = {
#define SETTING(number, name, unit, min, max, value, sentence) {name, unit, sentence, min, max, value},
#include "settings.def"
#undef SETTING
};

const struct kind kinds[TABLE_COUNT] = {
    [TABLE_OUTLET] = {"outlet", &outlet_submitted_type, &outlet_declared_type},
    [TABLE_WAREHOUSE] = {"warehouse", &warehouse_submitted_type, &warehouse_declared_type},
    [TABLE_LANE] = {"lane", &lane_submitted_type, &lane_declared_type},
    [TABLE_CARRIER] = {"carrier", &carrier_submitted_type, &carrier_declared_type},
    [TABLE_SUPPLIER] = {"supplier", &supplier_submitted_type, &supplier_declared_type},
    [TABLE_PRODUCT] = {"product", &product_submitted_type, &product_declared_type},
    [TABLE_PRICE] = {"price", &price_submitted_type, &price_declared_type},
    [TABLE_STOCK_POLICY] = {"stock_policy", &stock_policy_submitted_type, &stock_policy_declared_type},
    [TABLE_TARGET] = {"target", &target_submitted_type, &target_declared_type},
    [TABLE_TERMINAL] = {"terminal", &terminal_submitted_type, &terminal_declared_type},
    [TABLE_SCHEME] = {"scheme", &scheme_submitted_type, &scheme_declared_type},
    [TABLE_SETTLEMENT] = {"settlement", &settlement_submitted_type, &rebate_settled_type},
    [TABLE_CLAWBACK] = {"clawback", &clawback_submitted_type, &clawback_declared_type},
    [TABLE_CORRIDOR] = {"corridor", &corridor_submitted_type, &corridor_declared_type},
    [TABLE_OBSERVATION] = {"observation", &observation_submitted_type, &observation_declared_type},
    [TABLE_CALENDAR] = {"calendar", &calendar_submitted_type, &calendar_declared_type},
    [TABLE_PEER_GROUP] = {"peer_group", &peer_group_submitted_type, &peer_group_declared_type},
    [TABLE_TERRITORY] = {"territory", &territory_submitted_type, &territory_declared_type},
    [TABLE_TRANSFER_PERMIT] = {"transfer_permit", &transfer_permit_submitted_type, &transfer_permit_declared_type},
    [TABLE_SCAN] = {"scan", &scan_submitted_type, &scan_declared_type},
    [TABLE_MEMBER] = {"member", &member_submitted_type, &member_declared_type},
    [TABLE_METRIC] = {"metric", &metric_submitted_type, &metric_declared_type},
    [TABLE_APPRAISAL] = {"appraisal", &appraisal_submitted_type, &appraisal_declared_type},
    [TABLE_REWARD] = {"reward", &reward_submitted_type, &reward_declared_type},
    [TABLE_APPEAL] = {"appeal", &appeal_submitted_type, &appeal_declared_type},
    [TABLE_TICKET] = {"ticket", &ticket_submitted_type, &ticket_opened_type},
    [TABLE_NOTICE] = {"notice", &notice_submitted_type, &notice_published_type},
    [TABLE_MEETING] = {"meeting", &meeting_submitted_type, &meeting_declared_type},
    [TABLE_ACTION_ITEM] = {"action_item", &action_item_submitted_type, &action_item_assigned_type},
    [TABLE_APPEAL_DECISION] = {"appeal_decision", &appeal_decision_submitted_type, &appeal_decision_declared_type},
    [TABLE_ASSORTMENT] = {"assortment", &assortment_submitted_type, &assortment_declared_type},
    [TABLE_PROMOTION] = {"promotion", &promotion_submitted_type, &promotion_declared_type},
    [TABLE_CREDIT] = {"credit", &credit_submitted_type, &credit_declared_type},
    [TABLE_FUND] = {"fund", &fund_submitted_type, &fund_declared_type},
    [TABLE_CLAIM] = {"claim", &claim_submitted_type, &claim_opened_type},
    [TABLE_COMMISSION] = {"commission", &commission_submitted_type, &commission_declared_type},
    [TABLE_PAYMENT] = {"payment", &payment_submitted_type, &payment_received_type},
    [TABLE_DISPLAY] = {"display", &display_submitted_type, &display_declared_type},
    [TABLE_FAIR_SHARE] = {"fair_share", &fair_share_submitted_type, &fair_share_declared_type},
    [TABLE_PROCUREMENT] = {"procurement", &procurement_submitted_type, &procurement_declared_type},
    [TABLE_TRANSFER] = {"transfer", &transfer_submitted_type, &transfer_declared_type},
    [TABLE_BUDGET] = {"budget", &budget_submitted_type, &budget_declared_type},
    [TABLE_INVOICE] = {"invoice", &invoice_submitted_type, &invoice_issued_type},
    [TABLE_PAYOUT] = {"payout", &payout_submitted_type, &commission_settled_type},
    [TABLE_COURSE] = {"course", &course_submitted_type, &course_declared_type},
    [TABLE_TRAINING_RESULT] = {"training_result", &training_result_submitted_type, &training_completed_type},
    [TABLE_RIGHT_TO_SELL] = {"right_to_sell", &right_to_sell_submitted_type, &right_to_sell_declared_type},
    [TABLE_ENROLMENT] = {"enrolment", &enrolment_submitted_type, &enrolment_declared_type},
};

unsigned kind_find(struct text name)
{
	for (unsigned kind = 0; kind < TABLE_COUNT; kind++)
		if (kinds[kind].name != NULL && text_equal(name, text_of(kinds[kind].name)))
			return kind;
	return TABLE_COUNT;
}

struct text record_shown(struct bytes key, char shown[KEY_SIZE])
{
	uint32_t size = (uint32_t)(key.size < KEY_SIZE ? key.size : KEY_SIZE);

	for (uint32_t i = 0; i < size; i++)
		shown[i] = key.data[i] == 0 ? '/' : (char)key.data[i];
	return (struct text){shown, size};
}

bool record_read(struct bytes row, struct record *record)
{
	*record = (struct record){0};
	if (row.size <= 8)
		return false;
	record->version = (int64_t)get_u64_be(row.data);
	record->fields = bytes_of(row.data + 8, row.size - 8);
	return true;
}

struct record record_get(struct turn *turn, enum partners_table kind, struct bytes key)
{
	struct record record;

	(void)record_read(turn_get(turn, kind, key), &record);
	return record;
}

struct bytes version_key(uint8_t to[VERSION_KEY_SIZE], unsigned kind, struct bytes key, int64_t version)
{
	CHECK(kind < 256 && key.size <= KEY_SIZE);
	to[0] = (uint8_t)kind;
	memcpy(to + 1, key.data, key.size);
#if defined(MUTANT_HISTORY_OVERWRITTEN)
	version = 1;
#endif
	put_u64_be(to + 1 + key.size, (uint64_t)version);
	return bytes_of(to, 1 + key.size + 8);
}

bool version_key_read(struct bytes from, unsigned *kind, struct bytes *key, int64_t *version)
{
	if (from.size <= 9 || from.data[0] >= TABLE_COUNT || kinds[from.data[0]].name == NULL)
		return false;
	*kind = from.data[0];
	*key = bytes_of(from.data + 1, from.size - 9);
	*version = (int64_t)get_u64_be(from.data + from.size - 8);
	return true;
}

bool version_read(struct bytes row, struct version *version)
{
	*version = (struct version){0};
	if (row.size <= 8)
		return false;
	version->time_us = (int64_t)get_u64_be(row.data);
	version->fields = bytes_of(row.data + 8, row.size - 8);
	return true;
}

static void put_row(struct turn *turn, unsigned table, struct bytes key, int64_t number, struct bytes fields)
{
	uint8_t *row = turn_take(turn, 8 + fields.size);

	put_u64_be(row, (uint64_t)number);
	memcpy(row + 8, fields.data, fields.size);
	turn_put(turn, table, key, bytes_of(row, 8 + fields.size));
}

/* R15: Every version of a record is kept, with the time of its declaration. */
void record_put(struct turn *turn, enum partners_table kind, struct bytes key, const struct record *record)
{
	uint8_t place[VERSION_KEY_SIZE];

	put_row(turn, kind, key, record->version, record->fields);
	put_row(turn, TABLE_HISTORY, version_key(place, kind, key, record->version), turn_input(turn)->time_us, record->fields);
}

struct row_walk row_walk_of(struct bytes prefix)
{
	struct row_walk walk = {.size = prefix.size, .prefix = prefix.size};

	CHECK(prefix.size <= KEY_SIZE);
	memcpy(walk.at, prefix.data, prefix.size);
	return walk;
}

struct bytes row_walk_next(struct turn *turn, enum partners_table table, struct row_walk *walk, struct text *rest)
{
	struct bytes key, row = turn_seek(turn, table, bytes_of(walk->at, walk->size), &key);

	if (key.size <= walk->prefix || key.size > KEY_SIZE || memcmp(key.data, walk->at, walk->prefix) != 0)
		return bytes_of(NULL, 0);
	memcpy(walk->at, key.data, key.size);
	walk->at[key.size] = 0; /* the least key behind it */
	walk->size = key.size + 1;
	*rest = turn_text(turn, "%.*s", (int)(key.size - walk->prefix), (const char *)walk->at + walk->prefix);
	return row;
}

bool record_known(struct turn *turn, enum partners_table kind, struct text code)
{
	return code.size > 0 && record_get(turn, kind, bytes_of_text(code)).version > 0;
}

int64_t payment_sum_read(struct bytes row)
{
	int64_t sum = 0;

	if (row.size == sizeof(sum))
		memcpy(&sum, row.data, sizeof(sum));
	return sum;
}
