/* audit_channel.c -- the truths of territories: those that count stand at every area that they name, and nothing else does;
 * and of cases: each was opened once, its lines are all there, and one that is not closed is found by what it is about. */
#include "base/error.h"
#include "channel/conflict_rows.h"
#include "channel/territory.h"

#define ARENA_BYTES (1u << 20)

struct looking {
	struct audit *audit;
	struct arena arena;
};

static bool is_active(const struct territory_submitted *territory)
{
	return !territory->has_status || text_equal(territory->status, TEXT_LITERAL("active"));
}

static bool territory_of(struct looking *look, struct bytes row, struct territory_submitted *territory)
{
	struct record record;

	arena_reset(&look->arena);
	if (!record_read(row, &record))
		return false;
	struct reader reader = reader_of(record.fields);
	return territory_submitted_type.unpack(territory, &reader, &look->arena) == ERR_NONE;
}

static void check_areas(struct looking *look, const struct territory_submitted *territory)
{
	for (uint32_t i = 0; is_active(territory) && i < territory->areas.count; i++) {
		const struct text codes[] = {territory->areas.items[i].area, territory->territory};
		uint8_t key[KEY_SIZE];

		if (view_get(audit_view(look->audit), audit_table(look->audit, TABLE_GRANT), key_join(key, codes, 2)).size !=
		    sizeof(struct grant))
			audit_wrong(look->audit, "territory %.*s: its area %.*s has no row", TEXT_ARGS(codes[1]), TEXT_ARGS(codes[0]));
	}
}

/* A territory that has points has its row, and no other has one. */
static void check_shape(struct looking *look, struct text code, const struct territory_submitted *territory)
{
	struct bytes row = view_get(audit_view(look->audit), audit_table(look->audit, TABLE_SHAPE), bytes_of_text(code));

	if ((row.size == sizeof(struct shape)) != (is_active(territory) && territory->has_points))
		audit_wrong(look->audit, "territory %.*s: the row of its points is %s", TEXT_ARGS(code), row.size > 0 ? "too many" : "missing");
}

static void check_grant(struct looking *look, struct bytes key)
{
	struct text area = key_part(key, 0), code = key_part(key, 1);
	struct territory_submitted territory;
	bool is_named = false;

	if (territory_of(look, view_get(audit_view(look->audit), audit_table(look->audit, TABLE_TERRITORY), bytes_of_text(code)),
			 &territory))
		for (uint32_t i = 0; is_active(&territory) && i < territory.areas.count; i++)
			is_named = is_named || text_equal(territory.areas.items[i].area, area);
	if (!is_named)
		audit_wrong(look->audit, "area %.*s: territory %.*s does not grant it", TEXT_ARGS(area), TEXT_ARGS(code));
}

void partners_audit_territories(struct audit *audit)
{
	struct looking look = {.audit = audit};
	struct view *view = audit_view(audit);
	struct bytes key, row;

	CHECK(arena_open(&look.arena, ARENA_BYTES) == ERR_NONE);
	for (row = view_seek(view, audit_table(audit, TABLE_TERRITORY), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_TERRITORY), &key)) {
		struct territory_submitted territory;

		if (!territory_of(&look, row, &territory))
			continue;
		check_areas(&look, &territory);
		check_shape(&look, territory.territory, &territory);
	}
	for (row = view_seek(view, audit_table(audit, TABLE_GRANT), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_GRANT), &key))
		check_grant(&look, key);
	arena_close(&look.arena);
}

static void check_conflict(struct audit *audit, struct text code, const struct conflict *conflict)
{
	struct view *view = audit_view(audit);
	uint8_t key[KEY_SIZE];

	for (uint32_t number = 1; number <= conflict->lines; number++)
		if (view_get(view, audit_table(audit, TABLE_CONFLICT_LINE), conflict_line_key(key, code, number)).data == NULL)
			audit_wrong(audit, "conflict %.*s: its line %u is missing", TEXT_ARGS(code), number);
	struct bytes open = view_get(view, audit_table(audit, TABLE_CONFLICT_FIND), open_key(key, conflict));
	bool is_found = bytes_equal(open, bytes_of_text(code));
	if (is_found == (conflict->state == STATE_CLOSED))
		audit_wrong(audit, "conflict %.*s: %s", TEXT_ARGS(code), is_found ? "is closed, and found as open" : "is open, and not found");
	if (conflict->due_us != 0 &&
	    view_get(view, audit_table(audit, TABLE_CONFLICT_FIND), due_key(key, conflict->due_us, code)).data == NULL)
		audit_wrong(audit, "conflict %.*s: nobody waits for its deadline", TEXT_ARGS(code));
}

void partners_audit_conflicts(struct audit *audit, uint64_t opened)
{
	struct view *view = audit_view(audit);
	struct bytes key, row;
	uint64_t cases = 0;

	for (row = view_seek(view, audit_table(audit, TABLE_CONFLICT), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_CONFLICT), &key)) {
		struct conflict conflict;

		cases++;
		if (conflict_read(row, &conflict))
			check_conflict(audit, key_part(key, 0), &conflict);
		else
			audit_wrong(audit, "conflict %.*s: cannot be read", (int)key.size, (const char *)key.data);
	}
	if (cases != opened)
		audit_wrong(audit, "conflicts: %llu were opened, there are %llu", (unsigned long long)opened, (unsigned long long)cases);
}
