/* audit.c -- the truths of the rulebook: every record is what a declaration said last, its version counts them, and its history
 * is all of them. */
#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "money/audit_commission.h"
#include "rebates/audit_rebates.h"
#include "record.h"

#define ARENA_BYTES (1u << 20)

/* What was declared: two hashes per declaration, of its kind, version and fields, and of these with its time. */
struct audit_work {
	struct audit *audit;
	uint64_t *declared;
	size_t count, room;
	uint64_t conflicts; /* that were opened */
	uint64_t passed;    /* training results */
	int64_t per_kind[TABLE_COUNT];
	int64_t kept_of[TABLE_COUNT]; /* versions in the history */
	struct rebate_audit rebates;
	struct commission_audit commissions;
};

static uint64_t hash_of(unsigned kind, int64_t version, struct bytes fields)
{
	return hash_seeded(fields, (uint64_t)version * TABLE_COUNT + kind);
}

static uint64_t hash_at(uint64_t declaration, int64_t time_us)
{
	return hash_seeded(bytes_of(&declaration, sizeof(declaration)), (uint64_t)time_us);
}

static void add(struct audit_work *work, uint64_t hash)
{
	if (work->count == work->room) {
		work->room = work->room > 0 ? work->room * 2 : 1024;
		work->declared = realloc(work->declared, work->room * sizeof(*work->declared));
		CHECK(work->declared != NULL);
	}
	work->declared[work->count++] = hash;
}

static int by_number(const void *a, const void *b)
{
	uint64_t first, second;

	memcpy(&first, a, sizeof(first));
	memcpy(&second, b, sizeof(second));
	return (first > second) - (first < second);
}

static void add_declaration(struct audit_work *work, unsigned kind, const struct envelope *envelope,
                            struct arena *arena)
{
	const struct event_type *type = kinds[kind].declared;
	struct reader reader = reader_of(envelope->data);
	int64_t version;

	arena_reset(arena);
	void *declared = arena_take(arena, type->struct_size);
	if (type->unpack(declared, &reader, arena) != ERR_NONE) {
		audit_wrong(work->audit, "partners#%llu: does not decode", (unsigned long long)envelope->seq);
		return;
	}
	struct bytes fields = record_declared(&kinds[kind], declared, arena, &version);
	add(work, hash_of(kind, version, fields));
	add(work, hash_at(hash_of(kind, version, fields), envelope->time_us));
	work->per_kind[kind]++;
}

static bool is_passed(const struct envelope *envelope, struct arena *arena)
{
	struct training_completed completed;
	struct reader reader = reader_of(envelope->data);

	return text_equal(envelope->type, text_of(training_completed_type.name)) &&
	       training_completed_type.unpack(&completed, &reader, arena) == ERR_NONE &&
	       text_equal(completed.verdict, TEXT_LITERAL("passed"));
}

static void add_journal(struct audit_work *work)
{
	struct envelope envelope;
	struct arena arena;

	CHECK(arena_open(&arena, ARENA_BYTES) == ERR_NONE);
	while (audit_event(work->audit, &envelope)) {
		for (unsigned kind = 0; kind < TABLE_COUNT; kind++)
			if (kinds[kind].name != NULL && text_equal(envelope.type, text_of(kinds[kind].declared->name)))
				add_declaration(work, kind, &envelope, &arena);
		work->conflicts += text_equal(envelope.type, text_of(conflict_opened_type.name));
		work->passed += is_passed(&envelope, &arena);
		arena_reset(&arena);
		rebate_audit_event(&work->rebates, &envelope, &arena);
		commission_audit_event(&work->commissions, &envelope, &arena);
	}
	arena_close(&arena);
	if (work->count > 0)
		qsort(work->declared, work->count, sizeof(*work->declared), by_number);
}

static bool was_declared(const struct audit_work *work, uint64_t hash)
{
	return work->count > 0 &&
	       bsearch(&hash, work->declared, work->count, sizeof(*work->declared), by_number) != NULL;
}

/* Were the last declaration of a record another one, its version would be too low, and so would the sum of
 * all. */
static void check_kind(struct audit_work *work, unsigned kind)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, kind);
	struct bytes key, row;
	char shown[KEY_SIZE];
	int64_t versions = 0;

	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, table, &key)) {
		struct record record;

		if (!record_read(row, &record)) {
			audit_wrong(work->audit, "%s: a record cannot be read", kinds[kind].name);
			continue;
		}
		versions += record.version;
		if (was_declared(work, hash_of(kind, record.version, record.fields)))
			continue;
		struct text name = record_shown(key, shown);
		audit_wrong(work->audit, "%s %.*s: version %lld was never declared so", kinds[kind].name,
		            TEXT_ARGS(name), (long long)record.version);
	}
	if (versions != work->per_kind[kind])
		audit_wrong(work->audit, "%s: %lld declarations, but versions sum to %lld", kinds[kind].name,
		            (long long)work->per_kind[kind], (long long)versions);
}

/* What lies in the history was declared so, then. */
static void check_version(struct audit_work *work, struct bytes place, struct bytes row)
{
	struct version version;
	struct bytes key;
	char shown[KEY_SIZE];
	int64_t number;
	unsigned kind;

	if (!version_key_read(place, &kind, &key, &number) || !version_read(row, &version)) {
		audit_wrong(work->audit, "history: a version cannot be read");
		return;
	}
	work->kept_of[kind]++;
	if (was_declared(work, hash_at(hash_of(kind, number, version.fields), version.time_us)))
		return;
	struct text name = record_shown(key, shown);
	audit_wrong(work->audit, "%s %.*s: version %lld of its history was never declared so", kinds[kind].name, TEXT_ARGS(name),
		    (long long)number);
}

/* The history of a record is exactly its declarations: none that was not said, and as many as were. */
static void check_history(struct audit_work *work)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, TABLE_HISTORY);
	struct bytes place, row;

	for (row = view_seek(view, table, bytes_of(NULL, 0), &place); place.data != NULL; row = view_next(view, table, &place))
		check_version(work, place, row);
	for (unsigned kind = 0; kind < TABLE_COUNT; kind++)
		if (work->kept_of[kind] != work->per_kind[kind])
			audit_wrong(work->audit, "%s: %lld declarations, but %lld versions in the history: tributary rebuild partners --replace",
				    kinds[kind].name, (long long)work->per_kind[kind], (long long)work->kept_of[kind]);
}

void partners_audit(struct audit *audit)
{
	struct audit_work work = {.audit = audit, .rebates = {.audit = audit}, .commissions = {.audit = audit}};

	add_journal(&work);
	for (unsigned kind = 0; kind < TABLE_COUNT; kind++)
		if (kinds[kind].name != NULL)
			check_kind(&work, kind);
	check_history(&work);
	rebate_audit_rows(&work.rebates);
	commission_audit_rows(&work.commissions);
	free(work.declared);
	partners_audit_territories(audit);
	partners_audit_funds(audit);
	partners_audit_payments(audit);
	partners_audit_conflicts(audit, work.conflicts);
	partners_audit_matters(audit);
	partners_audit_training(audit, work.passed);
}
