/* audit_commission.c -- the parts of every commission sum to it, and the sums of outlets are those of their parts. */
#include <stddef.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "money/audit_commission.h"

_Static_assert(offsetof(struct commission_part, key) == 0 && offsetof(struct commission_move, key) == 0, "items begin with their key");

static int64_t day_of(struct text day)
{
	int64_t number = 0;

	return day_number(day, &number) ? number : 0;
}

static void note(struct commission_audit *work, struct bytes key, int64_t amount)
{
	if (work->count == work->room) {
		work->room = work->room > 0 ? work->room * 2 : 1024;
		work->parts = realloc(work->parts, work->room * sizeof(*work->parts));
		CHECK(work->parts != NULL);
	}
	work->parts[work->count++] = (struct commission_part){hash_bytes(key), amount};
}

static void note_move(struct commission_audit *work, struct text outlet, struct text currency, struct text period, struct commission_move move)
{
	const struct commission_place place = {outlet, currency, commission_month((int32_t)day_of(period))};
	uint8_t key[KEY_SIZE];

	if (work->move_count == work->move_room) {
		work->move_room = work->move_room > 0 ? work->move_room * 2 : 1024;
		work->moves = realloc(work->moves, work->move_room * sizeof(*work->moves));
		CHECK(work->moves != NULL);
	}
	move.key = hash_bytes(commission_statement_key(key, &place));
	work->moves[work->move_count++] = move;
}

static void add_split(struct commission_audit *work, const struct envelope *envelope, const struct commission_split *said)
{
	const struct commission_split split = *said;
	uint8_t key[KEY_SIZE];

	work->sum = split.part == 1 ? split.amount.minor : work->sum + split.amount.minor;
	work->shares = split.part == 1 ? split.share_bp : work->shares + split.share_bp;
	if (split.part == split.parts && (work->sum != split.total.minor || work->shares != SPLIT_WHOLE))
		audit_wrong(work->audit, "partners#%llu: the parts of a commission sum to %lld at %lld, not to %lld",
			    (unsigned long long)envelope->seq, (long long)work->sum, (long long)work->shares, (long long)split.total.minor);
	note(work, commission_sum_key(key, split.outlet, split.role, split.currency, commission_month((int32_t)day_of(split.day))),
	     split.amount.minor);
	note_move(work, split.outlet, split.currency, split.day,
		  (struct commission_move){.seq = envelope->seq,
					   .kind = text_equal(split.cause, TEXT_LITERAL("sale")) ? MOVE_SALE : MOVE_OTHER,
					   .amount = split.amount.minor});
}

void commission_audit_event(struct commission_audit *work, const struct envelope *envelope, struct arena *arena)
{
	static const struct event_type *const types[] = {&commission_split_type, &commission_locked_type, &commission_settled_type};
	struct reader reader = reader_of(envelope->data);
	union {
		struct commission_split split;
		struct commission_locked locked;
		struct commission_settled settled;
	} event;
	unsigned type = 0;

	while (type < 3 && !text_equal(envelope->type, text_of(types[type]->name)))
		type++;
	if (type == 3)
		return;
	if (types[type]->unpack(&event, &reader, arena) != ERR_NONE)
		audit_wrong(work->audit, "partners#%llu: does not decode", (unsigned long long)envelope->seq);
	else if (type == 0)
		add_split(work, envelope, &event.split);
	else if (type == 1)
		note_move(work, event.locked.outlet, event.locked.currency, event.locked.period,
			  (struct commission_move){envelope->seq, envelope->seq, MOVE_LOCK, event.locked.amount.minor, 0});
	else
		note_move(work, event.settled.outlet, event.settled.currency, event.settled.period,
			  (struct commission_move){
			      envelope->seq, envelope->seq, MOVE_PAYOUT, event.settled.amount.minor, event.settled.balance.minor});
}

static int by_key(const void *a, const void *b)
{
	const struct commission_part *first = a, *second = b;

	return (first->key > second->key) - (first->key < second->key);
}

/* The first of sorted items whose key is no less than this one; count: there is none. An item begins with its key. */
static size_t first_of(const void *items, size_t count, size_t size, uint64_t key)
{
	size_t from = 0, until = count;

	while (from < until) {
		size_t middle = from + (until - from) / 2;
		uint64_t found;

		memcpy(&found, (const char *)items + middle * size, sizeof(found));
		if (found < key)
			from = middle + 1;
		else
			until = middle;
	}
	return from;
}

/* What the journal gives for a key; how many parts. */
static struct commission_sum given(const struct commission_audit *work, uint64_t key)
{
	struct commission_sum sum = {0};

	for (size_t from = first_of(work->parts, work->count, sizeof(*work->parts), key); from < work->count && work->parts[from].key == key; from++) {
		sum.amount = sum_of(sum.amount, work->parts[from].amount);
		sum.parts++;
	}
	return sum;
}

/* ---- statements ---- */

static int by_statement(const void *a, const void *b)
{
	const struct commission_move *first = a, *second = b;

	if (first->key != second->key)
		return first->key > second->key ? 1 : -1;
	return (first->seq > second->seq) - (first->seq < second->seq);
}

/* What the journal makes of the statement whose moves begin there; what a lock and a payout have said is what it was then. */
static struct commission_statement replayed(struct commission_audit *work, size_t from)
{
	struct commission_statement made = {0};

	for (size_t i = from; i < work->move_count && work->moves[i].key == work->moves[from].key; i++) {
		const struct commission_move *move = &work->moves[i];
		bool is_part = move->kind == MOVE_SALE || move->kind == MOVE_OTHER;

		if (move->kind == MOVE_SALE && !made.is_locked)
			made.accrued = sum_of(made.accrued, move->amount);
		else if (is_part)
			made.adjusted = sum_of(made.adjusted, move->amount);
		made.parts += is_part;
		made.is_locked |= move->kind == MOVE_LOCK;
		made.settled = sum_of(made.settled, move->kind == MOVE_PAYOUT ? move->amount : 0);
		if ((move->kind == MOVE_LOCK && commission_shown(sum_of(made.accrued, made.adjusted)).minor != move->amount) ||
		    (move->kind == MOVE_PAYOUT && commission_shown(commission_balance(&made)).minor != move->balance))
			audit_wrong(work->audit, "partners#%llu: commissions are said as %lld, the journal gives %lld",
				    (unsigned long long)move->seq, (long long)(move->kind == MOVE_LOCK ? move->amount : move->balance),
				    (long long)commission_balance(&made));
	}
	return made;
}

static void check_statements(struct commission_audit *work)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, TABLE_COMMISSION_STATEMENT);
	struct bytes key, row;
	uint64_t parts = 0;

	if (work->move_count > 0)
		qsort(work->moves, work->move_count, sizeof(*work->moves), by_statement);
	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		struct commission_statement kept, made = {0};
		struct commission_place place;

		if (!commission_statement_read(key, row, &place, &kept)) {
			audit_wrong(work->audit, "a statement of commissions cannot be read");
			continue;
		}
		size_t at = first_of(work->moves, work->move_count, sizeof(*work->moves), hash_bytes(key));
		if (at < work->move_count && work->moves[at].key == hash_bytes(key))
			made = replayed(work, at);
		parts += kept.parts;
		if (kept.accrued != made.accrued || kept.adjusted != made.adjusted || kept.settled != made.settled ||
		    kept.is_locked != made.is_locked || kept.parts != made.parts)
			audit_wrong(work->audit,
				    "commissions of %.*s: %lld accrued, %lld adjusted, %lld settled; the journal gives %lld, %lld, %lld",
				    TEXT_ARGS(place.outlet), (long long)kept.accrued, (long long)kept.adjusted, (long long)kept.settled,
				    (long long)made.accrued, (long long)made.adjusted, (long long)made.settled);
	}
	if (parts != work->count)
		audit_wrong(work->audit, "commissions: %zu parts in the journal, %llu of them in statements", work->count,
			    (unsigned long long)parts);
	free(work->moves);
	work->moves = NULL;
}

/* What a rule counts of a sale is what its lines have not come back with. */
static void check_lines(struct commission_audit *work)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, TABLE_COMMISSION_LINE);
	struct bytes key, row;

	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		struct bytes taken = view_get(view, audit_table(work->audit, TABLE_COMMISSIONED), key);
		size_t entries = taken.size > sizeof(struct commission_taken)
				     ? (taken.size - sizeof(struct commission_taken)) / sizeof(struct commission_entry)
				     : 0;
		int64_t rest = 0;

		for (size_t i = 0; i < entries; i++) {
			struct commission_entry entry;

			memcpy(&entry, taken.data + sizeof(struct commission_taken) + i * sizeof(entry), sizeof(entry));
			rest += entry.basis;
		}
		for (size_t at = 0; at + sizeof(struct commission_line) <= row.size; at += sizeof(struct commission_line)) {
			struct commission_line line;

			memcpy(&line, row.data + at, sizeof(line));
			rest -= line.left;
		}
		if (rest != 0)
			audit_wrong(work->audit, "commissions: receipt %.*s of %.*s is counted with %lld more than its lines have left",
				    TEXT_ARGS(key_part(key, 2)), TEXT_ARGS(key_part(key, 0)), (long long)rest);
	}
}

void commission_audit_rows(struct commission_audit *work)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, TABLE_COMMISSION_SUM);
	struct bytes key, row;
	uint64_t parts = 0;

	if (work->count > 0)
		qsort(work->parts, work->count, sizeof(*work->parts), by_key);
	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		struct commission_sum sum, told = given(work, hash_bytes(key));
		struct text outlet, role, currency;
		int32_t month;

		if (!commission_sum_read(key, row, &outlet, &role, &currency, &month, &sum)) {
			audit_wrong(work->audit, "a sum of commissions cannot be read");
			continue;
		}
		parts += told.parts;
		if (sum.amount != told.amount || sum.parts != told.parts)
			audit_wrong(work->audit, "commissions of %.*s as %.*s: %lld in %llu parts, the journal gives %lld in %llu",
				    TEXT_ARGS(outlet), TEXT_ARGS(role), (long long)sum.amount, (unsigned long long)sum.parts,
				    (long long)told.amount, (unsigned long long)told.parts);
	}
	if (parts != work->count)
		audit_wrong(work->audit, "commissions: %zu parts in the journal, %llu of them in the rows", work->count,
			    (unsigned long long)parts);
	free(work->parts);
	work->parts = NULL;
	check_lines(work);
	check_statements(work);
}
