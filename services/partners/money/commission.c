/* commission.c -- which rule counts a line, and who gets what. */
#include "money/commission.h"

#include "base/error.h"
#include "network/outlet.h"
#include "record.h"
#include "rules.h"

_Static_assert(sizeof(struct commission) == 112 && sizeof(struct commission_entry) == 56 && sizeof(struct commission_line) == 48,
	       "rows have no padding");

const char *const commission_roles[ROLES] = {"seller", "handed_over_by", "picked_up_at", "serviced_by"};

/* ---- rows ---- */

struct bytes commission_key(uint8_t key[KEY_SIZE], struct text terminal, struct text day, struct text receipt)
{
	const struct text codes[] = {terminal, day, receipt};

	return key_join(key, codes, 3);
}

int32_t commission_month(int32_t day)
{
	const struct scheme month = {.period = PERIOD_MONTH};

	return period_of(&month, day).from;
}

struct bytes commission_sum_key(uint8_t key[KEY_SIZE], struct text outlet, struct text role, struct text currency, int32_t month)
{
	char first[DAY_TEXT_SIZE];

	day_text(month, first);
	const struct text codes[] = {outlet, role, currency, text_of(first)};
	return key_join(key, codes, 4);
}

bool commission_sum_read(struct bytes key, struct bytes row, struct text *outlet, struct text *role, struct text *currency, int32_t *month,
			 struct commission_sum *sum)
{
	int64_t day;

	*outlet = key_part(key, 0);
	*role = key_part(key, 1);
	*currency = key_part(key, 2);
	if (row.size != sizeof(*sum) || !day_number(key_part(key, 3), &day))
		return false;
	*month = (int32_t)day;
	memcpy(sum, row.data, sizeof(*sum));
	return true;
}

static void sum_add(struct turn *turn, struct bytes key, int64_t amount)
{
	struct commission_sum *known = turn_edit(turn, TABLE_COMMISSION_SUM, key, sizeof(*known));
	const struct commission_sum first = {amount, 1};

	if (known == NULL) {
		turn_put(turn, TABLE_COMMISSION_SUM, key, bytes_of(&first, sizeof(first)));
		return;
	}
	known->amount = sum_of(known->amount, amount);
	known->parts++;
}

static struct bytes version_of(uint8_t key[KEY_SIZE], struct text code, int64_t version)
{
	struct bytes joined = key_join(key, &code, 1);

	key[joined.size] = 0;
	put_u64_be(key + joined.size + 1, (uint64_t)version);
	return bytes_of(key, joined.size + 9);
}

static bool commission_get(struct turn *turn, struct text code, int64_t version, struct commission *commission)
{
	uint8_t key[KEY_SIZE];
	struct bytes row = turn_get(turn, TABLE_COMMISSION_RULE, version_of(key, code, version));

	memset(commission, 0, sizeof(*commission));
	if (row.size != sizeof(*commission))
		return false;
	memcpy(commission, row.data, sizeof(*commission));
	return true;
}

/* Rules of one place, some goods and a currency are found together; codes have no control characters. */
static struct text aim_code(char code[KEY_SIZE], char place, struct text at, struct goods_code goods, struct text currency)
{
	const struct text parts[] = {{&place, 1}, at, {"\1", 1}, {&goods.kind, 1}, goods.code, {"\1", 1}, currency};
	uint32_t size = 0;

	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].size > 0)
			memcpy(code + size, parts[i].data, parts[i].size);
		size += parts[i].size;
	}
	return (struct text){code, size};
}

/* ---- rules ---- */

static int32_t day_or(bool has, struct text day, int32_t absent)
{
	int64_t number;

	return has && day_number(day, &number) ? (int32_t)number : absent;
}

void commission_compile(const struct commission_submitted *submitted, struct commission *commission)
{
	char tier = (char)('0' + submitted->tier);
	const struct text by_tier = {&tier, submitted->has_tier};

	*commission = (struct commission){.from = day_or(submitted->has_from, submitted->from, 0),
					  .until = day_or(submitted->has_until, submitted->until, DAY_MAX),
					  .rate_bp = (uint32_t)submitted->rate_bp,
					  .place = submitted->has_outlet ? 'o' : submitted->has_tier ? 't' : 'a',
					  .goods = submitted->has_sku	    ? 's'
						   : submitted->has_category ? 'c'
						   : submitted->has_brand    ? 'b'
									     : 'a'};
	for (uint32_t i = 0; i < submitted->shares.count; i++)
		for (unsigned role = 0; role < ROLES; role++)
			if (text_equal(submitted->shares.items[i].role, text_of(commission_roles[role])))
				commission->shares[role] = (uint32_t)submitted->shares.items[i].share_bp;
	CODE_PUT(commission->currency, submitted->currency);
	CODE_PUT(commission->at, submitted->has_outlet ? submitted->outlet : by_tier);
	CODE_PUT(commission->of, submitted->has_sku	      ? submitted->sku
				 : submitted->has_category ? submitted->category
				 : submitted->has_brand    ? submitted->brand
							   : (struct text){0});
}

bool commission_latest(struct turn *turn, struct text code, struct commission *commission)
{
	int64_t version = record_get(turn, TABLE_COMMISSION, bytes_of_text(code)).version;

	return version > 0 && turn_must(turn, commission_get(turn, code, version, commission));
}

void commission_declare(struct turn *turn, struct text code, const struct commission *commission)
{
	struct book book = book_get(turn);
	struct aim aim = {.version = commission->version};
	uint8_t key[KEY_SIZE];
	char at[KEY_SIZE];

	turn_put(turn, TABLE_COMMISSION_RULE, version_of(key, code, commission->version), bytes_of(commission, sizeof(*commission)));
	CODE_PUT(aim.scheme, code);
	aims_put(turn, 'm',
		 aim_code(at, commission->place, CODE_TEXT(commission->at),
			  (struct goods_code){commission->goods, CODE_TEXT(commission->of)}, CODE_TEXT(commission->currency)),
		 &aim);
	book.places |= PLACE_COMMISSION;
	book_put(turn, &book);
}

/* Of the rules of exactly this scope, the one that holds the day and begins latest, then the one whose code sorts first. */
static bool rule_at(struct turn *turn, struct text scope, int32_t day, struct commission_entry *entry)
{
	struct commission best = {.from = -1}, commission;
	size_t count;
	const struct aim *aims = aims_get(turn, 'm', scope, &count);

	for (size_t i = 0; i < count; i++) {
		struct text code = CODE_TEXT(aims[i].scheme);

		if (!turn_must(turn, commission_get(turn, code, aims[i].version, &commission)))
			return false;
		if (day < commission.from || day > commission.until || commission.from < best.from ||
		    (commission.from == best.from && memcmp(entry->code, aims[i].scheme, CODE_SIZE) < 0))
			continue;
		best = commission;
		memcpy(entry->code, aims[i].scheme, CODE_SIZE);
		entry->version = aims[i].version;
	}
	return best.from >= 0;
}

/* R153: A line is counted by the most specific commission of its day and currency: of the selling outlet, else of its tier, else of all; then
 * of the SKU, else of its category, else of its brand, else of everything; of several the one that begins latest, then the one whose code
 * sorts first. */
static bool rule_for(struct turn *turn, const struct ticket *ticket, const struct counted *line, struct commission_entry *entry)
{
	char tier = (char)('0' + ticket->tier), scope[KEY_SIZE];
	const struct goods_code places[] = {{'o', ticket->outlet}, {'t', {&tier, 1}}, {'a', {0}}};
	const struct goods_code goods[] = {
	    {'s', line->sku}, {'c', CODE_TEXT(line->goods.category)}, {'b', CODE_TEXT(line->goods.brand)}, {'a', {0}}};

	for (unsigned i = 0; i < 3; i++)
		for (unsigned k = 0; k < 4; k++)
			if ((k == 3 || goods[k].code.size > 0) &&
			    rule_at(turn, aim_code(scope, places[i].kind, places[i].code, goods[k], ticket->currency), ticket->day, entry))
				return true;
	return false;
}

/* ---- splitting ---- */

/* The shares of a rule for a ticket: those of roles that nobody has are the seller's. */
static void shares_of(const struct commission *commission, const struct text of[ROLES], uint32_t shares[ROLES])
{
	for (unsigned role = 0; role < ROLES; role++)
		shares[role] = 0;
	for (unsigned role = 0; role < ROLES; role++)
		shares[of[role].size > 0 ? role : ROLE_SELLER] += commission->shares[role];
}

/* The whole of a basis and its parts. */
static int64_t parts_of(const struct commission *commission, int64_t basis, const uint32_t *shares, unsigned count, int64_t *parts)
{
	int64_t total = divide_half_even((wide)basis * commission->rate_bp, SPLIT_WHOLE);

	split_amount(total, shares, count, parts);
	return total;
}

static void say_part(struct turn *turn, const struct commission_ticket *of, struct commission_split *split)
{
	uint8_t key[KEY_SIZE];
	int32_t day;

	CHECK(day_counts(of->day, &day));
	const struct commission_place place = {split->outlet, split->currency, commission_month(day)};
	sum_add(turn, commission_sum_key(key, place.outlet, split->role, place.currency, place.month), split->amount.minor);
	commission_state_add(turn, &place, split->amount.minor, text_equal(split->cause, TEXT_LITERAL("sale")));
	split->terminal = of->terminal;
	split->receipt = of->receipt;
	split->day = of->day;
	split->has_original = split->has_original_day = of->sold_day.size > 0;
	split->original = of->sold_on;
	split->original_day = of->sold_day;
	emit_commission_split(turn, split);
}

/* R154: The commission of a sale is the rate of what the lines that a rule counts were sold for, rounded half to even; each role gets its share
 * by largest remainder, so that the parts sum to it; the share of a role that no known outlet has falls to the seller. */
void commission_say(struct turn *turn, const struct commission_ticket *of, const struct text outlets[ROLES], const struct commission_said *said)
{
	struct text code = CODE_TEXT(said->entry->code);
	struct commission commission;
	uint32_t shares[ROLES], used[ROLES];
	int64_t before[ROLES], after[ROLES];
	unsigned roles[ROLES], count = 0;

	if (!turn_must(turn, commission_get(turn, code, said->entry->version, &commission)))
		return;
	shares_of(&commission, outlets, shares);
	for (unsigned role = 0; role < ROLES; role++)
		if (shares[role] > 0) {
			used[count] = shares[role];
			roles[count++] = role;
		}
	int64_t total = -parts_of(&commission, said->before, used, count, before);
	total += parts_of(&commission, said->entry->basis, used, count, after);
	for (unsigned i = 0; i < count; i++)
		say_part(turn, of,
			 &(struct commission_split){.commission = code,
						    .commission_version = said->entry->version,
						    .outlet = outlets[roles[i]],
						    .role = text_of(commission_roles[roles[i]]),
						    .share_bp = used[i],
						    .amount = money_of(after[i] - before[i]),
						    .part = i + 1,
						    .parts = count,
						    .total = money_of(total),
						    .basis = money_of(said->entry->basis - said->before),
						    .rate_bp = commission.rate_bp,
						    .currency = CODE_TEXT(commission.currency),
						    .seller = outlets[ROLE_SELLER],
						    .cause = text_of(said->cause)});
}

/* Lines by the rules that count them, in the order of their first lines; and which line is counted by which. */
static uint32_t collect(struct turn *turn, const struct ticket *ticket, struct commission_entry *entries, struct commission_line *lines,
			uint32_t *line_count)
{
	uint32_t count = 0;

	*line_count = 0;
	for (uint32_t i = 0; i < ticket->count; i++) {
		struct commission_entry entry = {0};
		uint32_t at = 0;

		if (!rule_for(turn, ticket, &ticket->lines[i], &entry))
			continue;
		while (at < count && memcmp(entries[at].code, entry.code, sizeof(entry.code)) != 0)
			at++;
		if (at == count)
			entries[count++] = entry;
		entries[at].basis = money_add(money_of(entries[at].basis), money_of(ticket->lines[i].revenue)).minor;
		struct commission_line *line = &lines[(*line_count)++];
		*line = (struct commission_line){.entry = at, .left = ticket->lines[i].revenue};
		CODE_PUT(line->sku, ticket->lines[i].sku);
	}
	return count;
}

void commission_count(struct turn *turn, struct ticket *ticket, const struct commission_ticket *of, const struct sale_recorded_line *lines,
		      uint32_t count)
{
	struct text outlets[ROLES] = {ticket->outlet};
	struct outlet_submitted known;
	unsigned others = 0;

	/* A sale that nobody else had a part in costs nothing. */
	for (unsigned role = ROLE_SELLER + 1; role < ROLES; role++)
		others += of->of[role].size > 0;
	if (others == 0 || (book_get(turn).places & PLACE_COMMISSION) == 0 || !day_counts(of->day, &ticket->day))
		return;
	for (unsigned role = ROLE_SELLER + 1; role < ROLES; role++)
		if (outlet_known(turn, of->of[role], &known))
			outlets[role] = of->of[role];
	goods_take(turn, ticket, lines, count);
	goods_of_lines(turn, ticket);
	size_t size = sizeof(struct commission_taken) + ticket->count * sizeof(struct commission_entry);
	struct commission_taken *taken = turn_take(turn, size);
	struct commission_entry *entries = (struct commission_entry *)(void *)(taken + 1);
	struct commission_line *sold = turn_take(turn, (ticket->count + 1) * sizeof(*sold));
	uint32_t sold_count;
	memset(taken, 0, size);
	for (unsigned role = 0; role < ROLES; role++)
		CODE_PUT(taken->of[role], outlets[role]);
	uint32_t found = collect(turn, ticket, entries, sold, &sold_count);
	for (uint32_t i = 0; i < found; i++)
		commission_say(turn, of, outlets, &(struct commission_said){&entries[i], 0, ticket->is_return ? "return" : "sale"});
	uint8_t key[KEY_SIZE];
	if (found == 0)
		return;
	struct bytes at = commission_key(key, of->terminal, of->day, of->receipt);
	turn_put(turn, TABLE_COMMISSIONED, at, bytes_of(taken, sizeof(*taken) + found * sizeof(*entries)));
	if (!ticket->is_return)
		turn_put(turn, TABLE_COMMISSION_LINE, at, bytes_of(sold, sold_count * sizeof(*sold)));
}

/* R155: A return that names its roles is split as a sale is, with the other sign; what is void takes back exactly what its ticket brought, by
 * the version that it was split by. */
void commission_void(struct turn *turn, const struct commission_ticket *of)
{
	struct text outlets[ROLES];
	struct commission_taken taken;
	uint8_t key[KEY_SIZE];

	if ((book_get(turn).places & PLACE_COMMISSION) == 0)
		return;
	struct bytes at = commission_key(key, of->terminal, of->day, of->receipt), row = turn_get(turn, TABLE_COMMISSIONED, at);
	if (row.size < sizeof(taken))
		return;
	uint8_t *copy = turn_take(turn, row.size);
	memcpy(copy, row.data, row.size);
	memcpy(&taken, copy, sizeof(taken));
	for (unsigned role = 0; role < ROLES; role++)
		outlets[role] = CODE_TEXT(taken.of[role]);
	for (size_t offset = sizeof(taken); offset + sizeof(struct commission_entry) <= row.size; offset += sizeof(struct commission_entry)) {
		struct commission_entry entry;

		memcpy(&entry, copy + offset, sizeof(entry));
		int64_t before = entry.basis;
		entry.basis = 0;
#if defined(MUTANT_VOID_BY_TODAY)
		entry.version = record_get(turn, TABLE_COMMISSION, bytes_of_text(CODE_TEXT(entry.code))).version;
#endif
		if (before != 0)
			commission_say(turn, of, outlets, &(struct commission_said){&entry, before, "void"});
	}
	turn_del(turn, TABLE_COMMISSIONED, at);
	turn_del(turn, TABLE_COMMISSION_LINE, at);
}
