/* state.c -- the only file that knows how a record lies in its row. */
#include "state.h"

const struct table partners_tables[TABLE_COUNT] = {
#define TABLE(number, name, kind, sentence) {name, TABLE_##kind, sentence},
#include "tables.def"
#undef TABLE
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
};

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

void record_put(struct turn *turn, enum partners_table kind, struct bytes key, const struct record *record)
{
	uint8_t *row = turn_take(turn, 8 + record->fields.size);

	put_u64_be(row, (uint64_t)record->version);
	memcpy(row + 8, record->fields.data, record->fields.size);
	turn_put(turn, kind, key, bytes_of(row, 8 + record->fields.size));
}

bool record_known(struct turn *turn, enum partners_table kind, struct text code)
{
	return code.size > 0 && record_get(turn, kind, bytes_of_text(code)).version > 0;
}
