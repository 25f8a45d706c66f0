/* audit.c -- running is the sum of days, the whole that of outlets and tiers, stock is worth its balances. */
#include "appraisal.h"
#include "hour.h"
#include "stock.h"
#include "tally.h"
#include "target.h"
#include "till.h"

enum { OF_OUTLETS, OF_TIERS, OF_ALL };

struct audit_work {
	struct audit *audit;
	struct view *view;
	struct tally scopes;  /* by currency and day */
	struct tally outlets; /* by outlet: what its balances are worth */
	struct tally hours;   /* by key of the table heard */
	struct tally days;    /* by key of the table measure: what its hours add up to */
};

/* One run over a table; value and key lend until the next step. */
struct pass {
	struct view *view;
	unsigned table;
	struct bytes key, value;
};

static bool pass_begin(struct pass *pass, const struct audit_work *work, enum kpi_table table,
		       struct bytes from)
{
	pass->view = work->view;
	pass->table = audit_table(work->audit, table);
	pass->value = view_seek(pass->view, pass->table, from, &pass->key);
	return pass->key.data != NULL;
}

static bool pass_next(struct pass *pass)
{
	pass->value = view_next(pass->view, pass->table, &pass->key);
	return pass->key.data != NULL;
}

/* Whether the key is a code and a tail of so many bytes: what is none has not been written here, and is not looked into. */
static bool key_holds(struct audit_work *work, const struct pass *pass, const char *table, size_t tail)
{
	if (pass->key.size > tail && pass->key.size - tail <= CODE_SIZE + 1)
		return true;
	audit_wrong(work->audit, "%s: a key of %zu bytes", table, pass->key.size);
	return false;
}

static struct bytes row_of(const struct audit_work *work, enum kpi_table table, struct bytes key)
{
	return view_get(work->view, audit_table(work->audit, table), key);
}

/* ---- running against days, the whole against outlets and tiers ---- */

struct group {
	uint8_t key[KEY_SIZE];
	size_t prefix;
	struct standing standing;
	struct measures sum;
	bool open_day_seen, any;
};

static void scopes_add(struct audit_work *work, const struct measure_parts *parts,
		       const struct measures *measures, const struct level *level)
{
	uint8_t key[7];
	unsigned of = OF_ALL;

	if (parts->scope == SCOPE_CATEGORY || parts->scope == SCOPE_BRAND || text_equal(parts->currency, CURRENCY_UNKNOWN))
		return;
	if (parts->scope == SCOPE_OUTLET || parts->scope == SCOPE_TIER)
		of = parts->scope == SCOPE_OUTLET ? OF_OUTLETS : OF_TIERS;
	memcpy(key, parts->currency.data, 3);
	number_key(key + 3, (uint32_t)parts->day);
	struct tally_row *row = tally_row(&work->scopes, bytes_of(key, sizeof(key)));
	measures_add(&row->measures[of], measures);
	if (level != NULL)
		level_add(&row->level[of], level, 1);
}

static void group_end(struct audit_work *work, struct group *group)
{
	struct measure_parts parts;

	if (!group->any || !measure_parts(bytes_of(group->key, group->prefix + 4), &parts))
		return;
	measures_add(&group->sum, &group->standing.today);
	if (memcmp(&group->sum, &group->standing.running, sizeof(group->sum)) != 0)
		audit_wrong(work->audit, "%c %.*s %.*s: the running sums are not the sums of the days",
			    parts.scope, TEXT_ARGS(parts.code), TEXT_ARGS(parts.currency));
	if (group->open_day_seen != (group->standing.day != 0))
		audit_wrong(work->audit, "%c %.*s %.*s: the latest day has no row", parts.scope,
			    TEXT_ARGS(parts.code), TEXT_ARGS(parts.currency));
}

static void group_row(struct audit_work *work, struct group *group, const struct measure_parts *parts,
		      struct bytes value)
{
	struct measures day;

	if (parts->day == 0) {
		if (!copy_row(value, &group->standing, sizeof(group->standing)))
			audit_wrong(work->audit, "measure: a running row of %zu bytes", value.size);
		scopes_add(work, parts, &group->standing.running, &group->standing.stock);
	} else if (value.size == 0) {
		group->open_day_seen = parts->day == group->standing.day;
		scopes_add(work, parts, &group->standing.today, NULL);
	} else if (copy_row(value, &day, sizeof(day))) {
		measures_add(&group->sum, &day);
		scopes_add(work, parts, &day, NULL);
	} else {
		audit_wrong(work->audit, "measure: a day's row of %zu bytes", value.size);
	}
}

static void check_days(struct audit_work *work)
{
	struct group group = {0};
	struct measure_parts parts;
	struct pass pass;

	for (bool on = pass_begin(&pass, work, TABLE_MEASURE, bytes_of(NULL, 0)); on; on = pass_next(&pass)) {
		if (pass.key.size > KEY_SIZE || !measure_parts(pass.key, &parts)) {
			audit_wrong(work->audit, "measure: a key of %zu bytes", pass.key.size);
			continue;
		}
		size_t prefix = pass.key.size - 4;
		if (!group.any || prefix != group.prefix || memcmp(group.key, pass.key.data, prefix) != 0) {
			group_end(work, &group);
			group = (struct group){.any = true, .prefix = prefix};
			memcpy(group.key, pass.key.data, pass.key.size);
		}
		group_row(work, &group, &parts, pass.value);
	}
	group_end(work, &group);
}

static bool level_equal(const struct level *a, const struct level *b)
{
	return a->value == b->value && a->moment == b->moment && a->units == b->units;
}

static void check_scopes(struct audit_work *work)
{
	for (uint32_t i = 0; i < work->scopes.count; i++) {
		struct tally_row *row = &work->scopes.rows[i];
		int32_t day = (int32_t)number_of_key(row->key + 3);

		for (unsigned of = OF_OUTLETS; of <= OF_TIERS; of++) {
			const char *whose = of == OF_OUTLETS ? "outlets" : "tiers";

			if (memcmp(&row->measures[of], &row->measures[OF_ALL], sizeof(struct measures)) != 0)
				audit_wrong(work->audit, "%.3s day %d: the whole is not the sum of its %s",
					    (char *)row->key, day, whose);
			if (!level_equal(&row->level[of], &row->level[OF_ALL]))
				audit_wrong(work->audit, "%.3s: the stock of the whole is not that of its %s",
					    (char *)row->key, whose);
		}
	}
}

/* ---- the hours of sales against their days ---- */

static bool day_measures(struct audit_work *work, const struct measure_parts *parts, struct measures *day)
{
	struct standing standing;
	uint8_t key[KEY_SIZE];

	if (copy_row(row_of(work, TABLE_MEASURE, measure_key(key, parts->scope, parts->code, parts->currency, parts->day)), day, sizeof(*day)))
		return true;
	if (!copy_row(row_of(work, TABLE_MEASURE, measure_key(key, parts->scope, parts->code, parts->currency, 0)), &standing,
		      sizeof(standing)) ||
	    standing.day != parts->day)
		return false;
	*day = standing.today;
	return true;
}

static int32_t days_add(struct audit_work *work)
{
	int32_t first = 0;
	struct pass pass;

	for (bool on = pass_begin(&pass, work, TABLE_HOUR, bytes_of(NULL, 0)); on; on = pass_next(&pass)) {
		struct hour_parts parts;
		struct hour hour;
		uint8_t key[KEY_SIZE];

		if (pass.key.size > KEY_SIZE || !hour_parts(pass.key, &parts) || !copy_row(pass.value, &hour, sizeof(hour))) {
			audit_wrong(work->audit, "hour: a key of %zu bytes, a row of %zu", pass.key.size, pass.value.size);
			continue;
		}
		first = first == 0 ? parts.of.day : first;
		struct tally_row *row =
		    tally_row(&work->days, measure_key(key, parts.of.scope, parts.of.code, parts.of.currency, parts.of.day));
		const struct measures add = {.revenue = {hour.revenue}, .units = {hour.units}, .tickets = hour.tickets};
		measures_add(&row->measures[OF_ALL], &add);
	}
	return first;
}

/* A store that is older than its hours has them from the middle of a day on: the first one is not held against anything. */
static void check_hours(struct audit_work *work)
{
	int32_t first = days_add(work);

	for (uint32_t i = 0; i < work->days.count; i++) {
		const struct tally_row *row = &work->days.rows[i];
		const struct measures *sum = &row->measures[OF_ALL];
		struct measure_parts parts;
		struct measures day;

		if (!measure_parts(bytes_of(row->key, row->key_size), &parts) || parts.day == first)
			continue;
		if (!day_measures(work, &parts, &day) || day.revenue.minor != sum->revenue.minor || day.units.milli != sum->units.milli ||
		    day.tickets != sum->tickets)
			audit_wrong(work->audit, "%c %.*s %.*s, day %d: the hours do not add up to the day", parts.scope, TEXT_ARGS(parts.code),
				    TEXT_ARGS(parts.currency), parts.day);
	}
}

/* ---- stock against balances and prices ---- */

static struct bytes finder_get(void *context, struct bytes key)
{
	return row_of(context, TABLE_PRICE, key);
}

static void outlet_of(const struct audit_work *work, struct text place, struct outlet *outlet)
{
	if (!copy_row(row_of(work, TABLE_OUTLET, bytes_of_text(place)), outlet, sizeof(*outlet)))
		CODE_PUT(outlet->currency, CURRENCY_UNKNOWN);
}

static void balance_add(struct audit_work *work, struct text place, struct text sku, int64_t balance,
			bool is_stray)
{
	struct price_finder finder = {finder_get, work};
	struct tally_row *row = tally_row(&work->outlets, bytes_of_text(place));
	struct product product;
	struct outlet outlet;

	row->level[OF_OUTLETS].units += balance;
	if (is_stray || balance == 0)
		return;
	outlet_of(work, place, &outlet);
	if (copy_row(row_of(work, TABLE_PRODUCT, bytes_of_text(sku)), &product, sizeof(product)))
		row->level[OF_OUTLETS].value +=
		    (wide)balance * price_find(&finder, &product, sku, place, &outlet);
}

static void add_balances(struct audit_work *work)
{
	struct pass pass;
	uint8_t number[4];

	for (bool on = pass_begin(&pass, work, TABLE_SHELF, bytes_of(NULL, 0)); on; on = pass_next(&pass)) {
		if (!key_holds(work, &pass, "shelf", 5))
			continue;
		struct text place = {(const char *)pass.key.data, (uint32_t)pass.key.size - 5};
		uint32_t first = number_of_key(pass.key.data + pass.key.size - 4) * BLOCK_SKUS;

		for (uint32_t i = 0; i < BLOCK_SKUS; i++) {
			int64_t balance = stock_balance(pass.value, first + i);
			struct bytes sku = row_of(work, TABLE_NUMBER, number_key(number, first + i));

			bool is_nameless = balance != 0 && sku.data == NULL;
			if (is_nameless)
				audit_wrong(work->audit, "%.*s: product number %u has a balance and no SKU",
					    TEXT_ARGS(place), first + i);
			balance_add(work, place, (struct text){(const char *)sku.data, (uint32_t)sku.size},
				    balance, is_nameless);
		}
	}
	for (bool on = pass_begin(&pass, work, TABLE_STRAY, bytes_of(NULL, 0)); on; on = pass_next(&pass)) {
		const uint8_t *zero = memchr(pass.key.data, 0, pass.key.size);
		int64_t balance;

		if (zero == NULL || !copy_row(pass.value, &balance, sizeof(balance))) {
			audit_wrong(work->audit, "stray: a row of %zu bytes", pass.value.size);
			continue;
		}
		struct text place = {(const char *)zero + 1,
				     (uint32_t)(pass.key.data + pass.key.size - zero - 1)};
		balance_add(work, place, (struct text){0}, balance, true);
	}
}

static void check_stock(struct audit_work *work)
{
	uint8_t place[KEY_SIZE];
	struct standing standing;
	struct outlet outlet;

	for (uint32_t i = 0; i < work->outlets.count; i++) {
		struct tally_row *row = &work->outlets.rows[i];
		struct text code = {(const char *)row->key, (uint32_t)row->key_size};

		outlet_of(work, code, &outlet);
		struct bytes key = measure_key(place, SCOPE_OUTLET, code, CODE_TEXT(outlet.currency), 0);
		copy_row(row_of(work, TABLE_MEASURE, key), &standing, sizeof(standing));
		if (standing.stock.units != row->level[OF_OUTLETS].units)
			audit_wrong(work->audit, "%.*s: stock of %lld, its balances add up to %lld",
				    TEXT_ARGS(code), (long long)standing.stock.units,
				    (long long)row->level[OF_OUTLETS].units);
		if (standing.stock.value != row->level[OF_OUTLETS].value)
			audit_wrong(work->audit, "%.*s: the stock is not worth its balances at list price",
				    TEXT_ARGS(code));
	}
}

/* ---- tills, products, targets ---- */

static void hours_add(struct audit_work *work, char scope, struct text code, uint32_t hour)
{
	uint8_t key[KEY_SIZE];
	size_t size = key_scope(key, scope, code).size;

	key[size] = 0;
	number_key(key + size + 1, hour);
	tally_row(&work->hours, bytes_of(key, size + 5))->count++;
}

static void add_tills(struct audit_work *work)
{
	struct pass pass;
	struct till till;

	for (bool on = pass_begin(&pass, work, TABLE_TILL, bytes_of(NULL, 0)); on; on = pass_next(&pass)) {
		if (!copy_row(pass.value, &till, sizeof(till)) || !till.counted)
			continue;
		for (unsigned hour = 0; hour < 2; hour++) {
			if (hour == 1 && till.heard_us == 0)
				continue;
			uint32_t at = hour == 0 ? 0 : hour_at(till.heard_us);
			hours_add(work, SCOPE_OUTLET, CODE_TEXT(till.outlet), at);
			hours_add(work, SCOPE_TOTAL, TOTAL_CODE, at);
			if (till.tier != 0)
				hours_add(work, SCOPE_TIER, tier_code(till.tier), at);
		}
	}
}

static void check_tills(struct audit_work *work)
{
	struct pass pass;
	int64_t count;

	add_tills(work);
	for (bool on = pass_begin(&pass, work, TABLE_HEARD, bytes_of(NULL, 0)); on; on = pass_next(&pass)) {
		if (!key_holds(work, &pass, "heard", 5))
			continue;
		struct tally_row *row = tally_row(&work->hours, pass.key);
		row->seen = true;
		if (!copy_row(pass.value, &count, sizeof(count)) || count != row->count)
			audit_wrong(work->audit, "heard %.*s: the tills count %lld", (int)pass.key.size - 5,
				    (const char *)pass.key.data, (long long)row->count);
	}
	for (uint32_t i = 0; i < work->hours.count; i++)
		if (!work->hours.rows[i].seen)
			audit_wrong(work->audit, "heard %.*s: a row is missing",
				    (int)work->hours.rows[i].key_size - 5,
				    (const char *)work->hours.rows[i].key);
}

static void check_products(struct audit_work *work)
{
	struct pass pass;
	struct product product;
	uint8_t number[4];

	for (bool on = pass_begin(&pass, work, TABLE_PRODUCT, bytes_of(NULL, 0)); on; on = pass_next(&pass)) {
		copy_row(pass.value, &product, sizeof(product));
		if (!bytes_equal(row_of(work, TABLE_NUMBER, number_key(number, product.number)), pass.key))
			audit_wrong(work->audit, "%.*s: its number %u is another's", (int)pass.key.size,
				    (const char *)pass.key.data, product.number);
	}
	for (bool on = pass_begin(&pass, work, TABLE_WAITING, bytes_of(NULL, 0)); on; on = pass_next(&pass))
		if (key_holds(work, &pass, "waiting", 17) &&
		    row_of(work, TABLE_PRODUCT, bytes_of(pass.key.data, pass.key.size - 17)).data != NULL)
			audit_wrong(work->audit, "%.*s: a ticket waits, the product is there",
				    (int)pass.key.size - 17, (const char *)pass.key.data);
}

static int64_t target_sum(struct audit_work *work, const struct target *target)
{
	uint8_t prefix[KEY_SIZE];
	struct text code;
	char scope = target_scope(target, &code);
	size_t size = key_scope(prefix, scope, code).size;
	struct standing standing = {0};
	struct measure_parts parts;
	struct measures day;
	struct pass pass;
	int64_t sum = 0;

	prefix[size++] = 0;
	for (bool on = pass_begin(&pass, work, TABLE_MEASURE, bytes_of(prefix, size)); on;
	     on = pass_next(&pass)) {
		if (pass.key.size < size || memcmp(pass.key.data, prefix, size) != 0 ||
		    !measure_parts(pass.key, &parts))
			break;
		if (parts.day == 0)
			copy_row(pass.value, &standing, sizeof(standing));
		if (parts.day < target->from || parts.day > target->until ||
		    (target->metric == METRIC_REVENUE &&
		     !text_equal(parts.currency, CODE_TEXT(target->currency))))
			continue;
		if (!copy_row(pass.value, &day, sizeof(day)))
			day = standing.today;
		sum += metric_sum((enum metric)target->metric, &day);
	}
	return sum;
}

/* A narrow target's own days. */
static int64_t narrow_sum(struct audit_work *work, struct text code, const struct target *target)
{
	uint8_t prefix[KEY_SIZE];
	size_t size = key_pair(prefix, code, NULL, 0).size;
	struct pass pass;
	int64_t day, sum = 0;

	for (bool on = pass_begin(&pass, work, TABLE_NARROW, bytes_of(prefix, size)); on; on = pass_next(&pass)) {
		if (pass.key.size != size + 4 || memcmp(pass.key.data, prefix, size) != 0)
			break;
		int32_t at = (int32_t)number_of_key(pass.key.data + size);
		if (at >= target->from && at <= target->until && copy_row(pass.value, &day, sizeof(day)))
			sum += day;
	}
	return sum;
}

/* A part lies under its parent with its own value. */
static void check_part(struct audit_work *work, struct text code, const struct target *target)
{
	uint8_t key[KEY_SIZE];
	struct text parent = CODE_TEXT(target->parent);
	int64_t value;

	if (parent.size > 0 &&
	    (!copy_row(row_of(work, TABLE_PART, key_pair(key, parent, code.data, code.size)), &value,
		       sizeof(value)) ||
	     value != target->value))
		audit_wrong(work->audit, "target %.*s: its parent %.*s adds it up with another value",
			    TEXT_ARGS(code), TEXT_ARGS(parent));
}

static void check_targets(struct audit_work *work)
{
	struct target target;
	struct pass pass;

	for (bool on = pass_begin(&pass, work, TABLE_TARGET, bytes_of(NULL, 0)); on; on = pass_next(&pass)) {
		struct text code = {(const char *)pass.key.data, (uint32_t)pass.key.size};

		if (!target_read(pass.value, &target)) {
			audit_wrong(work->audit, "target: a row of %zu bytes", pass.value.size);
			continue;
		}
		check_part(work, code, &target);
		int64_t sum = target_is_narrow(&target) ? narrow_sum(work, code, &target)
							: target_sum(work, &target);
		if (sum != target.achieved)
			audit_wrong(work->audit, "target %.*s: achieved %lld, its days add up to %lld",
				    TEXT_ARGS(code), (long long)target.achieved, (long long)sum);
	}
}

/* Both parts of what a promotion has given sum to it. */
static void check_promotions(struct audit_work *work)
{
	struct promotion promotion;
	struct pass pass;

	for (bool on = pass_begin(&pass, work, TABLE_PROMOTION, bytes_of(NULL, 0)); on; on = pass_next(&pass))
		if (!copy_row(pass.value, &promotion, sizeof(promotion)) || promotion.brand + promotion.dealer != promotion.given)
			audit_wrong(work->audit, "promotion %.*s: %lld given, %lld and %lld paid", (int)pass.key.size,
				    (const char *)pass.key.data, (long long)promotion.given, (long long)promotion.brand,
				    (long long)promotion.dealer);
}

/* ---- scores ---- */

static void check_scores(struct audit_work *work)
{
	struct sheet sheet;
	struct pass pass;

	for (bool on = pass_begin(&pass, work, TABLE_SCORE, bytes_of(NULL, 0)); on; on = pass_next(&pass)) {
		struct text appraisal = key_part(pass.key, 0), outlet = key_part(pass.key, 1);
		int64_t sum = 0;

		if (!sheet_read(pass.value, &sheet)) {
			audit_wrong(work->audit, "score: a row of %zu bytes", pass.value.size);
			continue;
		}
		for (int64_t i = 0; i < sheet.score.count; i++)
			sum += sheet.inputs[i].contribution_bp;
		if (sum != sheet.score.score_bp)
			audit_wrong(work->audit, "appraisal %.*s, %.*s: a score of %lld, its inputs add up to %lld",
				    TEXT_ARGS(appraisal), TEXT_ARGS(outlet), (long long)sheet.score.score_bp, (long long)sum);
	}
	for (bool on = pass_begin(&pass, work, TABLE_GRANT, bytes_of(NULL, 0)); on; on = pass_next(&pass)) {
		struct text appraisal = key_part(pass.key, 0), outlet = key_part(pass.key, 1);
		uint8_t key[KEY_SIZE];

		if (row_of(work, TABLE_SCORE, key_pair(key, appraisal, outlet.data, outlet.size)).data == NULL)
			audit_wrong(work->audit, "appraisal %.*s, %.*s: a reward without a final score",
				    TEXT_ARGS(appraisal), TEXT_ARGS(outlet));
	}
}

void kpi_audit(struct audit *audit)
{
	struct audit_work work = {.audit = audit, .view = audit_view(audit)};

	check_days(&work);
	check_scopes(&work);
	check_hours(&work);
	add_balances(&work);
	check_stock(&work);
	check_tills(&work);
	check_products(&work);
	check_targets(&work);
	check_promotions(&work);
	check_scores(&work);
	kpi_audit_processes(audit);
	kpi_audit_training(audit);
	kpi_audit_metrics(audit);
	tally_close(&work.scopes);
	tally_close(&work.outlets);
	tally_close(&work.hours);
	tally_close(&work.days);
}
