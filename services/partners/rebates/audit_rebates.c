/* audit_rebates.c -- accrued + adjusted - settled is the balance, of every period, worked out again from the journal. */
#include "rebates/audit_rebates.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "rebate/entry.h"
#include "rebates/early.h"

/* What the journal says of one period. */
struct tally {
	uint8_t key[KEY_SIZE];
	size_t size; /* 0: free */
	int64_t accrued, adjusted, settled, basis;
	int64_t entries;
	char root[ROOT_TEXT];
	bool is_locked;
};

/* What accruals and adjustments have in common. */
struct entry {
	struct place place;
	struct root_entry root;
	int64_t balance;
};

static struct tally *slot_of(struct tally *periods, size_t room, struct bytes key)
{
	size_t at = (size_t)hash_bytes(key) & (room - 1);

	while (periods[at].size > 0 && !bytes_equal(bytes_of(periods[at].key, periods[at].size), key))
		at = (at + 1) & (room - 1);
	return &periods[at];
}

static void grow(struct rebate_audit *work)
{
	size_t room = work->room > 0 ? work->room * 2 : 256;
	struct tally *periods = calloc(room, sizeof(*periods));

	CHECK(periods != NULL);
	for (size_t i = 0; i < work->room; i++)
		if (work->periods[i].size > 0)
			*slot_of(periods, room, bytes_of(work->periods[i].key, work->periods[i].size)) = work->periods[i];
	free(work->periods);
	work->periods = periods;
	work->room = room;
}

static struct tally *tally_of(struct rebate_audit *work, const struct place *place)
{
	uint8_t key[KEY_SIZE];
	struct bytes wanted = standing_key(key, place);

	if (work->count * 2 >= work->room)
		grow(work);
	struct tally *tally = slot_of(work->periods, work->room, wanted);
	if (tally->size == 0) {
		memcpy(tally->key, wanted.data, wanted.size);
		tally->size = wanted.size;
		root_begin(tally->root);
		work->count++;
	}
	return tally;
}

static struct place place_of(struct text outlet, struct text scheme, struct text period)
{
	int64_t day = 0;

	return (struct place){outlet, scheme, day_number(period, &day) ? (int32_t)day : 0};
}

static struct entry entry_of(const struct rebate_accrued *told, struct text word, struct arena *arena)
{
	struct root_line *lines = arena_take(arena, (told->lines.count + 1) * sizeof(*lines));

	CHECK(lines != NULL);
	return (struct entry){.place = place_of(told->outlet, told->scheme, told->period),
			      .balance = told->balance.minor,
			      .root = entry_root(told, word, lines)};
}

/* Its lines sum to its amount and to the step of its basis, and it follows the one before it. */
static void add_entry(struct rebate_audit *work, const struct envelope *envelope, const struct entry *entry, struct arena *arena)
{
	struct tally *tally = tally_of(work, &entry->place);
	const struct root_entry *root = &entry->root;
	unsigned long long seq = envelope->seq;
	int64_t amount = 0, basis = tally->basis;
	char *buffer = arena_take(arena, root_bytes(root));
	bool is_accrual = text_equal(root->word, TEXT_LITERAL("accrued"));

	CHECK(buffer != NULL);
	for (uint32_t i = 0; i < root->line_count; i++) {
		amount += root->lines[i].amount;
		basis = sum_of(basis, root->lines[i].basis);
	}
	if (is_accrual && (root->line_count == 0 || !text_equal(root->sale, envelope->cause)))
		audit_wrong(work->audit, "partners#%llu: an accrual that names no line of its sale", seq);
	if (root->line_count > 0 && (amount != root->amount || basis != root->basis))
		audit_wrong(work->audit, "partners#%llu: its lines sum to %lld of %lld", seq, (long long)amount, (long long)basis);
	if (root->number != ++tally->entries)
		audit_wrong(work->audit, "partners#%llu: entry %lld of its period, not %lld", seq, (long long)tally->entries,
			    (long long)root->number);
	root_next(tally->root, root, buffer);
	*(is_accrual ? &tally->accrued : &tally->adjusted) += root->amount;
	tally->basis = root->basis;
	if (tally->accrued + tally->adjusted - tally->settled != entry->balance)
		audit_wrong(work->audit, "partners#%llu: a balance of %lld where entries give %lld", seq, (long long)entry->balance,
			    (long long)(tally->accrued + tally->adjusted - tally->settled));
}

static void add_locked(struct rebate_audit *work, const struct envelope *envelope, const struct rebate_locked *e)
{
	const struct place place = place_of(e->outlet, e->scheme, e->period);
	struct tally *tally = tally_of(work, &place);

	if (tally->is_locked || e->accrued.minor != tally->accrued || e->adjusted.minor != tally->adjusted || e->entries != tally->entries ||
	    e->amount.minor != tally->accrued + tally->adjusted || !text_equal(e->root, (struct text){tally->root, ROOT_TEXT}))
		audit_wrong(work->audit, "partners#%llu: what is locked is not what its entries give", (unsigned long long)envelope->seq);
	tally->is_locked = true;
}

static void add_settled(struct rebate_audit *work, const struct envelope *envelope, const struct rebate_settled *e)
{
	const struct place place = place_of(e->outlet, e->scheme, e->period);
	struct tally *tally = tally_of(work, &place);

	tally->settled += e->amount.minor;
	if (!tally->is_locked || tally->accrued + tally->adjusted - tally->settled != e->balance.minor || e->balance.minor < 0)
		audit_wrong(work->audit, "partners#%llu: settled beyond what is owed, or before it was locked",
			    (unsigned long long)envelope->seq);
}

void rebate_audit_event(struct rebate_audit *work, const struct envelope *envelope, struct arena *arena)
{
	static const struct event_type *const types[] = {&rebate_accrued_type, &rebate_adjusted_type, &rebate_locked_type,
							 &rebate_settled_type};
	const struct event_type *type = NULL;
	struct reader reader = reader_of(envelope->data);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (text_equal(envelope->type, text_of(types[i]->name)))
			type = types[i];
	if (type == NULL)
		return;
	void *event = arena_take(arena, type->struct_size);
	CHECK(event != NULL);
	if (type->unpack(event, &reader, arena) != ERR_NONE) {
		audit_wrong(work->audit, "partners#%llu: does not decode", (unsigned long long)envelope->seq);
	} else if (type == &rebate_locked_type) {
		add_locked(work, envelope, event);
	} else if (type == &rebate_settled_type) {
		add_settled(work, envelope, event);
	} else if (type == &rebate_accrued_type) {
		struct entry entry = entry_of(event, TEXT_LITERAL("accrued"), arena);

		add_entry(work, envelope, &entry, arena);
	} else {
		const struct rebate_adjusted *adjusted = event;
		struct rebate_accrued told = entry_accrued(adjusted);
		struct entry entry = entry_of(&told, adjusted->cause, arena);

		add_entry(work, envelope, &entry, arena);
	}
	arena_reset(arena);
}

static bool scheme_of(struct audit *audit, const struct place *place, int64_t version, struct scheme *scheme)
{
	uint8_t key[KEY_SIZE];
	struct bytes row = view_get(audit_view(audit), audit_table(audit, TABLE_REBATE_FACT), scheme_key(key, place->scheme, version));

	return scheme_read(row, scheme);
}

/* What the sums of days give for a span. */
static int64_t days_of(struct rebate_audit *work, const struct place *place, const struct scheme *scheme, struct goods_code goods,
		       struct span span)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, TABLE_REBATE_FACT);
	uint8_t wanted[KEY_SIZE];
	struct bytes from = day_key(wanted, place->outlet, CODE_TEXT(scheme->currency), &goods, span.from), key, row;
	int64_t sum = 0;

	for (row = view_seek(view, table, from, &key); key.size == from.size && memcmp(key.data, wanted, from.size - 4) == 0;
	     row = view_next(view, table, &key)) {
		struct day_sum day;

		if (day_of_key(key) > span.until || row.size != sizeof(day))
			break;
		memcpy(&day, row.data, sizeof(day));
		sum = sum_of(sum, scheme->basis == BASIS_REVENUE ? day.revenue : day.units);
	}
	return sum;
}

static int64_t early_of(struct rebate_audit *work, const struct place *place, const struct scheme *scheme, struct span span)
{
	char code[CODE_SIZE];
	int64_t sum = 0;

	for (int64_t days = 0; days < (int64_t)scheme->paid_within; days++)
		sum = sum_of(sum, days_of(work, place, scheme, early_goods(days, code), span));
	return sum;
}

/* A period has counted what its days have sold; but for one SKU no days are kept, and an outlet may have been of another tier. */
static void check_days(struct rebate_audit *work, const struct place *place, const struct scheme *scheme, const struct standing *standing)
{
	struct span span = period_of(scheme, place->period);

	if (scheme->goods_kind == 's' || scheme->mix_skus > 0 || scheme->tier != 0)
		return;
	const struct goods_code goods = {scheme->goods_kind, CODE_TEXT(scheme->goods)}, mixed = {scheme->mix_kind, CODE_TEXT(scheme->mix)};
	int64_t base = scheme->growth != GROWTH_NONE ? days_of(work, place, scheme, goods, period_base(scheme, place->period)) : 0;
	span.from = span.from < scheme->from ? scheme->from : span.from;
	span.until = span.until > scheme->until ? scheme->until : span.until;
	int64_t basis = scheme->paid_within > 0 ? early_of(work, place, scheme, span) : days_of(work, place, scheme, goods, span);
	int64_t mix = scheme->mix_kind != 0 ? days_of(work, place, scheme, mixed, span) : 0;
	if (basis != standing->basis || base != standing->base || mix != standing->mix)
		audit_wrong(work->audit, "rebate %.*s of %.*s: counts %lld over %lld with a mix of %lld, its days give %lld over %lld with %lld",
			    TEXT_ARGS(place->scheme), TEXT_ARGS(place->outlet), (long long)standing->basis, (long long)standing->base,
			    (long long)standing->mix, (long long)basis, (long long)base, (long long)mix);
}

/* What staff has found in a period is what the rows of its findings give. */
static void check_found(struct rebate_audit *work, const struct place *place, const struct scheme *scheme, const struct standing *standing)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, TABLE_REBATE_FACT);
	struct span span = {standing->from, standing->until};
	int64_t counts[2] = {0};

	for (unsigned i = 0; i < 2; i++) {
		struct found_walk walk = found_begin(i == 0 ? 'w' : 'v', place, span);
		struct bytes key;

		do
			(void)view_seek(view, table, bytes_of(walk.key, walk.size), &key);
		while (found_next(&walk, key));
		counts[i] = walk.count;
	}
	if (standing->displays != (scheme->display_days > 0 ? counts[0] : 0) || standing->cases != (scheme->clean_only > 0 ? counts[1] : 0))
		audit_wrong(work->audit, "rebate %.*s of %.*s: %lld displays and %lld cases, its findings give %lld and %lld",
			    TEXT_ARGS(place->scheme), TEXT_ARGS(place->outlet), (long long)standing->displays, (long long)standing->cases,
			    (long long)counts[0], (long long)counts[1]);
}

static void check_row(struct rebate_audit *work, struct bytes key, const struct standing *standing)
{
	struct tally *tally = slot_of(work->periods, work->room, key);
	struct footing footing = rebate_footing(standing);
	struct place place;
	struct scheme scheme;

	if (!standing_place(key, &place) || !scheme_of(work->audit, &place, standing->version, &scheme)) {
		audit_wrong(work->audit, "a rebate is of no version of a scheme");
		return;
	}
	if (standing->accrued != tally->accrued || standing->adjusted != tally->adjusted || standing->settled != tally->settled ||
	    (int64_t)standing->entries != tally->entries || (standing->is_locked != 0) != tally->is_locked)
		audit_wrong(work->audit, "rebate %.*s of %.*s: %lld accrued, %lld adjusted, %lld settled, its entries give %lld, %lld, %lld",
			    TEXT_ARGS(place.scheme), TEXT_ARGS(place.outlet), (long long)standing->accrued, (long long)standing->adjusted,
			    (long long)standing->settled, (long long)tally->accrued, (long long)tally->adjusted, (long long)tally->settled);
	if (tally->entries > 0 && memcmp(standing->root, tally->root, ROOT_TEXT) != 0)
		audit_wrong(work->audit, "rebate %.*s of %.*s: its root is not that of its entries", TEXT_ARGS(place.scheme),
			    TEXT_ARGS(place.outlet));
	check_days(work, &place, &scheme, standing);
	check_found(work, &place, &scheme, standing);
	if (ladder_due(&scheme, &footing) != standing->accrued + standing->adjusted)
		audit_wrong(work->audit, "rebate %.*s of %.*s: %lld are due for %lld, not %lld", TEXT_ARGS(place.scheme),
			    TEXT_ARGS(place.outlet), (long long)ladder_due(&scheme, &footing), (long long)standing->basis,
			    (long long)(standing->accrued + standing->adjusted));
}

void rebate_audit_rows(struct rebate_audit *work)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, TABLE_REBATE);
	struct bytes key, row;
	size_t rows = 0;

	if (work->room == 0)
		grow(work);
	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		struct standing standing;

		if (!standing_read(row, &standing)) {
			audit_wrong(work->audit, "a rebate cannot be read");
			continue;
		}
		check_row(work, key, &standing);
		rows += slot_of(work->periods, work->room, key)->size > 0;
	}
	if (rows != work->count)
		audit_wrong(work->audit, "rebates: %zu periods in the journal, %zu of them in the rows", work->count, rows);
	free(work->periods);
	work->periods = NULL;
}
