/* promotion.c -- what promotions give, and who pays for it. */
#include "promotion.h"

#include <stdio.h>

#define WHOLE_BP 10000

_Static_assert(sizeof(struct promotion_sum) == 88 && sizeof(struct promoted) == 64 && sizeof(struct promoted_back) == 32, "rows have no padding");

bool promoted_read(struct bytes row, struct promoted *promoted)
{
	memset(promoted, 0, sizeof(*promoted));
	if (row.size != sizeof(*promoted))
		return false;
	memcpy(promoted, row.data, sizeof(*promoted));
	return true;
}

bool promotion_sum_read(struct bytes row, struct promotion_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
	if (row.size != sizeof(*sum))
		return false;
	memcpy(sum, row.data, sizeof(*sum));
	return true;
}

bool promotion_sum_get(struct turn *turn, struct text code, struct promotion_sum *sum)
{
	return promotion_sum_read(turn_get(turn, TABLE_PROMOTION_SUM, bytes_of_text(code)), sum);
}

void promotion_sum_put(struct turn *turn, struct text code, const struct promotion_sum *sum)
{
	turn_put(turn, TABLE_PROMOTION_SUM, bytes_of_text(code), bytes_of(sum, sizeof(*sum)));
}

/* R87: The floor of a promotion is the list price less its share, rounded half to even, or less its amount, or its own; never above the list
 * price, and never below nothing. */
int64_t promotion_floor(const struct promotion *rule, int64_t list_e4)
{
	int64_t floor = rule->value;

	if (rule->mechanic == MECHANIC_PERCENT)
		floor = divide_half_even((wide)list_e4 * (WHOLE_BP - rule->value), WHOLE_BP);
	else if (rule->mechanic == MECHANIC_AMOUNT)
		floor = list_e4 - rule->value;
	return floor < 0 ? 0 : floor < list_e4 ? floor : list_e4;
}

static bool has_room(const struct promotion *rule, const struct promotion_sum *sum)
{
	return !sum->ended && (!rule->has_cap || sum->given < rule->cap);
}

/* R86: The promotion of a line is the most specific one of its day and currency, as its corridor is, a channel in the place of a territory;
 * one that has ended or has given its cap counts for nothing, and nothing else takes its place. */
bool promotion_offer(struct turn *turn, const struct asked *asked, const struct product *product, int64_t list_e4, struct offer *offer)
{
	struct promotion_sum sum;
	struct text code;

	if (asked->scopes.seen[RULES_PROMOTION] == 0 || list_e4 <= 0 ||
	    !specific_find(turn, asked, product, RULES_PROMOTION, &offer->rule, &code))
		return false;
	code = turn_text(turn, "%.*s", TEXT_ARGS(code));
	if (!promotion_sum_get(turn, code, &sum) || !has_room(&offer->rule, &sum))
		return false;
	offer->promotion = code;
	offer->list_e4 = list_e4;
	offer->floor_e4 = promotion_floor(&offer->rule, list_e4);
	return true;
}

/* R89: On a line is given what its price lies below the list price, down to the floor of the promotion, times the quantity, rounded half to
 * even, and no more than the cap leaves. */
static int64_t given_on(const struct promoted_line *line, int exponent, const struct promotion_sum *sum)
{
	int64_t price = line->price.e4 > line->offer.floor_e4 ? line->price.e4 : line->offer.floor_e4;
	int64_t left = (line->offer.rule.has_cap ? line->offer.rule.cap : NUMBER_MAX) - sum->given;
	struct money amount;

	if (price >= line->offer.list_e4 || left <= 0 ||
	    !money_of_line(line->quantity, (struct price){line->offer.list_e4 - price}, exponent, &amount))
		return 0;
#if defined(MUTANT_CAP_PASSED)
	return amount.minor;
#endif
	return amount.minor < left ? amount.minor : left;
}

struct bytes promoted_key(uint8_t key[KEY_SIZE], const struct promoted_ticket *ticket, uint32_t line)
{
	char number[12];
	const struct text codes[] = {ticket->terminal, ticket->day, ticket->receipt,
	                             {number, line == 0 ? 0 : (uint32_t)snprintf(number, sizeof(number), "%04u", line)}};

	return key_join(key, codes, 4);
}

static void promoted_put(struct turn *turn, const struct promoted_ticket *ticket, const struct promoted_line *line, int64_t amount, int64_t brand)
{
	struct promoted row = {.amount = amount, .brand = brand, .dealer = amount - brand, .version = line->offer.rule.version};
	uint8_t key[KEY_SIZE];

	CODE_PUT(row.promotion, line->offer.promotion);
	turn_put(turn, TABLE_PROMOTED, promoted_key(key, ticket, line->line), bytes_of(&row, sizeof(row)));
}

/* R92: A promotion that has given its cap says so. */
static void say_exhausted(struct turn *turn, const struct promoted_line *line, const struct promotion_sum *sum)
{
	if (!line->offer.rule.has_cap || sum->given < line->offer.rule.cap)
		return;
	emit_promotion_exhausted(turn, &(struct promotion_exhausted){.promotion = line->offer.promotion,
								     .promotion_version = line->offer.rule.version,
								     .has_outlet = sum->outlet[0] != 0,
								     .outlet = CODE_TEXT(sum->outlet),
								     .currency = CODE_TEXT(sum->currency),
								     .cap = money_of(line->offer.rule.cap),
								     .amount = money_of(sum->given),
								     .brand_amount = money_of(sum->brand),
								     .dealer_amount = money_of(sum->dealer)});
}

/* R90: The principal pays its share of what is given, rounded half to even, and the dealer the rest. */
static void apply_line(struct turn *turn, const struct promoted_ticket *ticket, const struct promoted_line *line)
{
	struct promotion_sum sum;

	if (!promotion_sum_get(turn, line->offer.promotion, &sum))
		return;
	int64_t amount = given_on(line, ticket->exponent, &sum);
	int64_t brand = divide_half_even((wide)amount * line->offer.rule.brand_bp, WHOLE_BP);
	int64_t dealer = amount - brand;
#if defined(MUTANT_BOTH_ROUNDED)
	dealer = divide_half_even((wide)amount * (WHOLE_BP - line->offer.rule.brand_bp), WHOLE_BP);
#endif
	if (amount <= 0)
		return;
	sum.given += amount;
	sum.brand += brand;
	sum.dealer += dealer;
	sum.lines++;
	promotion_sum_put(turn, line->offer.promotion, &sum);
	promoted_put(turn, ticket, line, amount, brand);
	emit_promotion_applied(turn, &(struct promotion_applied){.outlet = ticket->outlet,
								 .terminal = ticket->terminal,
								 .receipt = ticket->receipt,
								 .day = ticket->day,
								 .line = line->line,
								 .sku = line->sku,
								 .quantity = line->quantity,
								 .currency = ticket->currency,
								 .unit_price = line->price,
								 .list = {line->offer.list_e4},
								 .floor = {line->offer.floor_e4},
								 .promotion = line->offer.promotion,
								 .promotion_version = line->offer.rule.version,
								 .amount = money_of(amount),
								 .brand_amount = money_of(brand),
								 .dealer_amount = money_of(dealer)});
	say_exhausted(turn, line, &sum);
}

void promotion_apply(struct turn *turn, const struct promoted_ticket *ticket, const struct promoted_line *lines)
{
	for (; lines != NULL; lines = lines->next)
		apply_line(turn, ticket, lines);
}

void promotion_take(struct turn *turn, const struct promoted *row, const struct promoted *taken, struct promotion_reversed *said)
{
	struct promotion_sum sum;

	said->promotion = CODE_TEXT(row->promotion);
	said->promotion_version = row->version;
	said->amount = money_of(taken->amount);
	said->brand_amount = money_of(taken->brand);
	said->dealer_amount = money_of(taken->dealer);
	if (!promotion_sum_get(turn, said->promotion, &sum))
		return;
#if !defined(MUTANT_CAP_NOT_FREED)
	sum.given -= taken->amount;
#endif
	sum.brand -= taken->brand;
	sum.dealer -= taken->dealer;
	sum.lines -= !said->has_return_receipt;
	promotion_sum_put(turn, said->promotion, &sum);
	emit_promotion_reversed(turn, said);
}

/* What returns have taken already is not taken again. */
static void undo_line(struct turn *turn, const struct sale_recorded *sale, uint32_t line, const struct promoted *row)
{
	const struct promoted_ticket ticket = {.terminal = sale->terminal, .day = sale->day, .receipt = sale->receipt};
	struct promoted left = *row;
	struct promoted_back back;
	uint8_t key[KEY_SIZE];

	if (line == 0 || line > sale->lines.count)
		return;
	struct bytes at = promoted_key(key, &ticket, line);
	if (promoted_back_read(turn_get(turn, TABLE_PROMOTED_BACK, at), &back)) {
		left.brand -= back.brand;
		left.dealer -= back.dealer;
		left.amount = left.brand + left.dealer;
		turn_del(turn, TABLE_PROMOTED_BACK, at);
	}
	promotion_take(turn, row, &left,
		       &(struct promotion_reversed){.outlet = sale->outlet,
						    .terminal = sale->terminal,
						    .receipt = sale->receipt,
						    .day = sale->day,
						    .line = line,
						    .sku = sale->lines.items[line - 1].sku,
						    .currency = sale->currency});
}

/* R91: A ticket that is void takes back what was given on its lines, and the cap has that room again. */
void promotion_undo(struct turn *turn, const struct sale_recorded *sale)
{
	const struct promoted_ticket ticket = {.terminal = sale->terminal, .day = sale->day, .receipt = sale->receipt};
	uint8_t at[KEY_SIZE];
	size_t prefix = promoted_key(at, &ticket, 0).size;

	if (scopes_seen(turn).seen[RULES_PROMOTION] == 0)
		return;
	for (;;) {
		struct bytes key, row = turn_seek(turn, TABLE_PROMOTED, bytes_of(at, prefix), &key);
		struct promoted promoted;

		if (key.size != prefix + 4 || memcmp(key.data, at, prefix) != 0 || row.size != sizeof(promoted))
			return;
		uint8_t place[KEY_SIZE];
		uint32_t line = 0;
		memcpy(&promoted, row.data, sizeof(promoted));
		memcpy(place, key.data, key.size);
		for (size_t i = prefix; i < prefix + 4; i++)
			line = line * 10 + (uint32_t)(place[i] - '0');
		turn_del(turn, TABLE_PROMOTED, bytes_of(place, prefix + 4));
		undo_line(turn, sale, line, &promoted);
	}
}
