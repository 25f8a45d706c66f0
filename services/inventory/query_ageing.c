/* query_ageing.c -- `get ageing`: how old what lies on every shelf is; `get abc`: what an outlet lives by, and how steadily it sells.
   Arguments: outlet, sku, day; of abc: outlet, sku, scope (network: of all outlets together). */
#include "base/when.h"
#include "layer.h"
#include "rank.h"

#define VARIES_X 5000
#define VARIES_Y 10000

static bool is_wanted(const struct query *query, struct bytes key)
{
	struct text outlet = query_argument(query, "outlet"), sku = query_argument(query, "sku");

	return (outlet.size == 0 || text_equal(outlet, key_part(key, 0))) && (sku.size == 0 || text_equal(sku, key_part(key, 1)));
}

/* The day that is asked for, else the day that business time has come to, in UTC. */
static int64_t day_asked(struct query *query)
{
	struct bytes row = query_get(query, TABLE_BOOK, bytes_of("now", 3));
	int64_t day, now_us = 0;

	if (day_number(query_argument(query, "day"), &day))
		return day;
	if (row.size == sizeof(now_us))
		memcpy(&now_us, row.data, sizeof(now_us));
	return now_us / US_PER_DAY;
}

static void row_value(struct query *query, struct text sku, struct quantity on_hand)
{
	struct bytes row = query_get(query, TABLE_PRODUCT, bytes_of_text(sku));
	struct product product;
	struct money value;

	if (row.size != sizeof(product))
		return;
	memcpy(&product, row.data, sizeof(product));
	if (product.currency[0] == 0 ||
	    !money_of_line(on_hand, product.cost, currency_exponent(CODE_TEXT(product.currency)), &value))
		return;
	query_text(query, "currency", CODE_TEXT(product.currency));
	query_int(query, "value_minor", value.minor);
}

static void row_ages(struct query *query, struct bytes key, struct quantity on_hand, const struct ages *ages)
{
	static const char *const names[AGES] = {"days_30_milli",  "days_60_milli", "days_90_milli",
	                                        "days_180_milli", "older_milli",   "unknown_milli"};

	query_text(query, "outlet", key_part(key, 0));
	query_text(query, "sku", key_part(key, 1));
	query_int(query, "on_hand_milli", on_hand.milli);
	for (unsigned i = 0; i < AGES; i++)
		query_int(query, names[i], ages->quantity[i].milli);
	query_int(query, "oldest_days", ages->oldest);
	row_value(query, key_part(key, 1), on_hand);
}

void query_ageing(struct query *query)
{
	int64_t today = day_asked(query);
	struct bytes key, value = query_seek(query, TABLE_SHELF, query_from(query), &key);
	struct shelf shelf;

	for (; key.data != NULL; value = query_next(query, TABLE_SHELF, &key)) {
		struct layers layers = {0};

		if (!shelf_read(value, &shelf) || shelf.stock.on_hand.milli <= 0 || !is_wanted(query, key))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		struct bytes row = query_get(query, TABLE_LAYER, key);
		if (row.size == sizeof(layers))
			memcpy(&layers, row.data, sizeof(layers));
		struct ages ages = layers_ages(&layers, shelf.stock.on_hand, today);
		row_ages(query, key, shelf.stock.on_hand, &ages);
	}
}

/* R106: A SKU varies by its smoothed deviation over its smoothed daily demand: at most half of it is X, at most all of it Y, more, or no
   demand at all, Z. */
static void row_xyz(struct query *query, struct bytes shelf_at)
{
	struct shelf shelf;

	(void)shelf_read(query_get(query, TABLE_SHELF, shelf_at), &shelf);
	bool sells = shelf.demand.level > 0;
	int64_t varies = sells ? divide_half_even((wide)shelf.demand.deviation * 10000, shelf.demand.level) : 0;

	query_text(query, "xyz",
	           !sells              ? TEXT_LITERAL("Z")
	           : varies <= VARIES_X ? TEXT_LITERAL("X")
	           : varies <= VARIES_Y ? TEXT_LITERAL("Y")
	                                : TEXT_LITERAL("Z"));
	if (sells)
		query_int(query, "varies_bp", varies);
}

/* struct ranking -- the goods of one outlet in one currency, as far as they were looked at. */
struct ranking {
	uint8_t prefix[KEY_SIZE];
	size_t prefix_size;
	wide total, before;
	int64_t rank;
};

static bool is_in(const struct ranking *ranking, struct bytes key)
{
	return key.data != NULL && ranking->prefix_size > 0 && key.size > ranking->prefix_size &&
	       memcmp(key.data, ranking->prefix, ranking->prefix_size) == 0;
}

/* The first of another outlet or currency: all of it is added up, and the walk goes back to where it was. */
static struct bytes ranking_begin(struct query *query, struct bytes key, struct ranking *ranking)
{
	uint8_t at[KEY_SIZE];
	size_t size = key.size;
	struct text sku;

	memcpy(at, key.data, size);
	*ranking = (struct ranking){.prefix_size = key_part(key, 0).size + key_part(key, 1).size + 2};
	memcpy(ranking->prefix, at, ranking->prefix_size);
	(void)query_seek(query, TABLE_RANK, bytes_of(ranking->prefix, ranking->prefix_size), &key);
	for (; is_in(ranking, key); (void)query_next(query, TABLE_RANK, &key)) {
		bool earlier = bytes_compare(key, bytes_of(at, size)) < 0;

		ranking->total += rank_value(key, &sku);
		ranking->before += earlier ? rank_value(key, &sku) : 0;
		ranking->rank += earlier;
	}
	(void)query_seek(query, TABLE_RANK, bytes_of(at, size), &key);
	return key;
}

/* How many shelves of the network it was sold from, or might have been. */
static void row_shelves(struct query *query, struct text currency, struct text sku)
{
	uint8_t key[KEY_SIZE];
	struct bytes row = query_get(query, TABLE_SHARED, shared_key(key, currency, sku));
	struct shared shared = {.shelves = 0};

	if (row.size == sizeof(shared))
		memcpy(&shared, row.data, sizeof(shared));
	query_int(query, "shelves", shared.shelves);
}

static void row_abc(struct query *query, const struct ranking *ranking, struct bytes key, struct text sku, int64_t value)
{
	uint8_t shelf_at[KEY_SIZE];
	wide before = ranking->before * 100;
	struct text grade = ranking->total <= 0             ? TEXT_LITERAL("C")
	                    : before < ranking->total * 80 ? TEXT_LITERAL("A")
	                    : before < ranking->total * 95 ? TEXT_LITERAL("B")
	                                                   : TEXT_LITERAL("C");

	bool is_network = key_part(key, 0).size == 0;

	if (!is_network)
		query_text(query, "outlet", key_part(key, 0));
	query_text(query, "sku", sku);
	query_text(query, "currency", key_part(key, 1));
	query_int(query, "rank", ranking->rank + 1);
	query_int(query, "sold_cost_e4", value);
	query_text(query, "abc", grade);
	if (is_network)
		row_shelves(query, key_part(key, 1), sku);
	else
		row_xyz(query, shelf_key(shelf_at, key_part(key, 0), sku));
}

void query_abc(struct query *query)
{
	struct text outlet = query_argument(query, "outlet"), wanted = query_argument(query, "sku"), sku;
	bool of_network = text_equal(query_argument(query, "scope"), TEXT_LITERAL("network"));
	struct ranking ranking = {.prefix_size = 0};
	struct bytes key, from = query_from(query);

	/* The network's rows have an empty place, and so come before those of all outlets. */
	(void)query_seek(query, TABLE_RANK, from.size > 0 || of_network ? from : bytes_of("\1", 1), &key);
	for (; key.data != NULL && (key.data[0] == 0) == of_network; (void)query_next(query, TABLE_RANK, &key)) {
		if (!is_in(&ranking, key))
			key = ranking_begin(query, key, &ranking);
		int64_t value = rank_value(key, &sku);

		if ((outlet.size == 0 || text_equal(outlet, key_part(key, 0))) && (wanted.size == 0 || text_equal(wanted, sku))) {
			if (!query_row(query)) {
				query_more(query, key);
				return;
			}
			row_abc(query, &ranking, key, sku, value);
		}
		ranking.before += value;
		ranking.rank++;
	}
}
