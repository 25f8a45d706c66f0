/* state.c -- the only file that knows keys and layouts. */
#include "state.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rows are little-endian as they lie in memory");
_Static_assert(sizeof(struct outlet) == 64 && sizeof(struct terminal) == 33 && sizeof(struct product) == 68 &&
                   sizeof(struct corridor) == 56 && sizeof(struct ticket_row) == 16 &&
                   sizeof(struct order_row) == 32 && sizeof(struct rule) == RULE_BYTES && sizeof(struct assortment) == 24 &&
                   sizeof(struct promotion) == 48,
               "rows have no padding");

/* Rows as they were before they grew: what came behind is zero. */
enum { OUTLET_OLDEST = 8, OUTLET_OLD = 56, PRODUCT_OLD = 2, ORDER_OLD = 16 };

const struct table orders_tables[TABLE_COUNT] = {
#define TABLE(number, name, kind, sentence) {name, TABLE_##kind, sentence},
#include "tables.def"
#undef TABLE
};

const struct setting orders_settings[SETTING_COUNT] = {
#define SETTING(number, name, unit, min, max, value, sentence) {name, unit, sentence, min, max, value},
#include "settings.def"
#undef SETTING
};

/* A row copied out; one of another size than its struct is not there. */
static bool row_copy(struct bytes found, void *row, size_t size)
{
	if (found.size != size) {
		memset(row, 0, size);
		return false;
	}
	memcpy(row, found.data, size);
	return true;
}

static bool row_copy_grown(struct bytes found, void *row, size_t size, size_t old)
{
	if (found.size != old)
		return row_copy(found, row, size);
	memset(row, 0, size);
	memcpy(row, found.data, old);
	return true;
}

bool outlet_read(struct bytes row, struct outlet *outlet)
{
	return row_copy_grown(row, outlet, sizeof(*outlet), row.size == OUTLET_OLDEST ? OUTLET_OLDEST : OUTLET_OLD);
}

bool outlet_get(struct turn *turn, struct text code, struct outlet *outlet)
{
	return outlet_read(turn_get(turn, TABLE_OUTLET, bytes_of_text(code)), outlet);
}

void outlet_put(struct turn *turn, struct text code, const struct outlet *outlet)
{
	turn_put(turn, TABLE_OUTLET, bytes_of_text(code), bytes_of(outlet, sizeof(*outlet)));
}

static const char *const channels[] = {"", "own_store", "official_site", "distributor", "dealer", "ecommerce_shop"};
#define CHANNELS (sizeof(channels) / sizeof(channels[0]))

uint8_t channel_of(struct text kind)
{
	for (uint8_t i = 1; i < CHANNELS; i++)
		if (text_equal(kind, text_of(channels[i])))
			return i;
	return 0;
}

struct text channel_text(uint8_t channel)
{
	return text_of(channels[channel < CHANNELS ? channel : 0]);
}

bool terminal_read(struct bytes row, struct terminal *terminal)
{
	return row_copy(row, terminal, sizeof(*terminal));
}

struct text terminal_outlet(const struct terminal *terminal)
{
	return (struct text){terminal->outlet, (uint32_t)strnlen(terminal->outlet, sizeof(terminal->outlet))};
}

bool terminal_get(struct turn *turn, struct text code, struct terminal *terminal)
{
	return terminal_read(turn_get(turn, TABLE_TERMINAL, bytes_of_text(code)), terminal);
}

void terminal_put(struct turn *turn, struct text code, const struct terminal *terminal)
{
	turn_put(turn, TABLE_TERMINAL, bytes_of_text(code), bytes_of(terminal, sizeof(*terminal)));
}

bool product_get(struct turn *turn, struct text sku, struct product *product)
{
	return row_copy_grown(turn_get(turn, TABLE_PRODUCT, bytes_of_text(sku)), product, sizeof(*product),
	                      PRODUCT_OLD);
}

void product_put(struct turn *turn, struct text sku, const struct product *product)
{
	turn_put(turn, TABLE_PRODUCT, bytes_of_text(sku), bytes_of(product, sizeof(*product)));
}

struct bytes ticket_key(uint8_t key[KEY_SIZE], struct text terminal, struct text day, struct text receipt)
{
	const struct text codes[] = {terminal, day, receipt};

	return key_join(key, codes, 3);
}

struct bytes ticket_key_after(uint8_t key[KEY_SIZE], struct text terminal)
{
	struct bytes joined = key_join(key, &terminal, 1);

	key[joined.size] = 1; /* behind every key that goes on with a zero byte */
	return bytes_of(key, joined.size + 1);
}

bool ticket_read(struct bytes row, struct ticket_row *ticket)
{
	return row_copy(row, ticket, sizeof(*ticket));
}

bool ticket_get(struct turn *turn, struct text terminal, struct text day, struct text receipt,
                struct ticket_row *row)
{
	uint8_t key[KEY_SIZE];

	return ticket_read(turn_get(turn, TABLE_TICKET, ticket_key(key, terminal, day, receipt)), row);
}

void ticket_put(struct turn *turn, struct text terminal, struct text day, struct text receipt,
                const struct ticket_row *row)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_TICKET, ticket_key(key, terminal, day, receipt), bytes_of(row, sizeof(*row)));
}

bool ticket_event(struct turn *turn, uint64_t seq, struct bytes *data)
{
	struct envelope envelope;

	*data = bytes_of(NULL, 0);
	if (!turn_own_event(turn, seq, &envelope))
		return false;
	uint8_t *copy = turn_take(turn, envelope.data.size);
	memcpy(copy, envelope.data.data, envelope.data.size);
	*data = bytes_of(copy, envelope.data.size);
	return true;
}

struct bytes order_key(uint8_t key[KEY_SIZE], struct text outlet, struct text order)
{
	const struct text codes[] = {outlet, order};

	return key_join(key, codes, 2);
}

bool order_read(struct bytes row, struct order_row *order)
{
	return row_copy_grown(row, order, sizeof(*order), ORDER_OLD);
}

struct text order_state_text(uint64_t state)
{
	return state == ORDER_CANCELLED ? TEXT_LITERAL("cancelled") : state == ORDER_HELD ? TEXT_LITERAL("held") : TEXT_LITERAL("accepted");
}

bool order_get(struct turn *turn, struct text outlet, struct text order, struct order_row *row)
{
	uint8_t key[KEY_SIZE];

	return order_read(turn_get(turn, TABLE_ORDER, order_key(key, outlet, order)), row);
}

void order_put(struct turn *turn, struct text outlet, struct text order, const struct order_row *row)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_ORDER, order_key(key, outlet, order), bytes_of(row, sizeof(*row)));
}

bool writeoff_known(struct turn *turn, struct text terminal, struct text day, struct text reference)
{
	uint8_t key[KEY_SIZE];

	return turn_get(turn, TABLE_WRITEOFF, ticket_key(key, terminal, day, reference)).data != NULL;
}

void writeoff_put(struct turn *turn, struct text terminal, struct text day, struct text reference)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_WRITEOFF, ticket_key(key, terminal, day, reference), bytes_of("", 0));
}

bool warranty_get(struct turn *turn, struct text sku, struct warranty *warranty)
{
	struct bytes row = turn_get(turn, TABLE_WARRANTY, bytes_of_text(sku));

	*warranty = (struct warranty){0};
	if (row.size != sizeof(*warranty))
		return false;
	memcpy(warranty, row.data, sizeof(*warranty));
	return true;
}

void warranty_put(struct turn *turn, struct text sku, const struct warranty *warranty)
{
	struct warranty known;

	if (warranty->days > 0 || warranty_get(turn, sku, &known))
		turn_put(turn, TABLE_WARRANTY, bytes_of_text(sku), bytes_of(warranty, sizeof(*warranty)));
}
