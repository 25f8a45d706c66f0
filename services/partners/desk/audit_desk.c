/* audit_desk.c -- the truths of what somebody has to do: its lines are all there, its deadline is waited for, and no other is; every ticket is a matter. */
#include "aims/red.h"
#include "desk/matter.h"
#include "desk/notice.h"

static void check_matter(struct audit *audit, struct bytes key, const struct matter *matter)
{
	struct text name = key_part(key, 0), thing = key_part(key, 1);
	int place = flow_find(name);
	struct view *view = audit_view(audit);
	uint8_t at[KEY_SIZE];

	if (place < 0 || matter->state >= flow_states(flows[place])) {
		audit_wrong(audit, "matter %.*s: no state of its flow", TEXT_ARGS(thing));
		return;
	}
	for (uint32_t number = 1; number <= matter->lines; number++)
		if (view_get(view, audit_table(audit, TABLE_MATTER_LINE), matter_line_key(at, flows[place], thing, number)).data == NULL)
			audit_wrong(audit, "%.*s %.*s: its line %u is missing", TEXT_ARGS(name), TEXT_ARGS(thing), number);
	if (matter->due_us != 0 &&
	    view_get(view, audit_table(audit, TABLE_MATTER_DUE), matter_due_key(at, matter->due_us, flows[place], thing)).data == NULL)
		audit_wrong(audit, "%.*s %.*s: nobody waits for its deadline", TEXT_ARGS(name), TEXT_ARGS(thing));
}

static void check_due(struct audit *audit, struct bytes key)
{
	struct bytes name = bytes_of(key.data + 8, key.size > 8 ? key.size - 8 : 0);
	struct matter matter;

	if (!matter_read(view_get(audit_view(audit), audit_table(audit, TABLE_MATTER), name), &matter) ||
	    matter.due_us != (int64_t)get_u64_be(key.data))
		audit_wrong(audit, "a deadline is waited for that nothing has");
}

/* Each red target is waited for at its moment, and nothing else is. */
static void check_red(struct audit *audit)
{
	struct view *view = audit_view(audit);
	struct bytes key, row;
	int64_t targets = 0, moments = 0;

	for (row = view_seek(view, audit_table(audit, TABLE_DESK_FIND), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_DESK_FIND), &key)) {
		struct red red;
		uint8_t at[KEY_SIZE];

		moments += key.data[0] == 'd';
		if (key.data[0] != 't')
			continue;
		struct text target = {(const char *)key.data + 1, (uint32_t)key.size - 1};
		targets++;
		if (!red_read(row, &red) || view_get(view, audit_table(audit, TABLE_DESK_FIND), red_time_key(at, red.time_us, target)).data == NULL)
			audit_wrong(audit, "target %.*s: is red for ever", TEXT_ARGS(target));
	}
	if (targets != moments)
		audit_wrong(audit, "red: %lld targets, %lld moments", (long long)targets, (long long)moments);
}

/* A receipt is of a version that the notice has had. */
static void check_receipts(struct audit *audit)
{
	struct view *view = audit_view(audit);
	struct bytes key, row;

	for (row = view_seek(view, audit_table(audit, TABLE_RECEIPT), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_RECEIPT), &key)) {
		struct text notice = key_part(key, 0);
		struct receipt receipt;
		struct record record;

		(void)record_read(view_get(view, audit_table(audit, TABLE_NOTICE), bytes_of_text(notice)), &record);
		if (!receipt_read(row, &receipt) || receipt.version < 1 || receipt.version > record.version)
			audit_wrong(audit, "notice %.*s: a receipt of a version that it never had", TEXT_ARGS(notice));
	}
}

void partners_audit_matters(struct audit *audit)
{
	struct view *view = audit_view(audit);
	struct bytes key, row;
	struct matter matter;
	uint8_t at[KEY_SIZE];

	for (row = view_seek(view, audit_table(audit, TABLE_MATTER), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_MATTER), &key)) {
		if (matter_read(row, &matter))
			check_matter(audit, key, &matter);
		else
			audit_wrong(audit, "matter %.*s: cannot be read", (int)key.size, (const char *)key.data);
	}
	for ((void)view_seek(view, audit_table(audit, TABLE_MATTER_DUE), bytes_of(NULL, 0), &key); key.data != NULL;
	     (void)view_next(view, audit_table(audit, TABLE_MATTER_DUE), &key))
		check_due(audit, key);
	for ((void)view_seek(view, audit_table(audit, TABLE_TICKET), bytes_of(NULL, 0), &key); key.data != NULL;
	     (void)view_next(view, audit_table(audit, TABLE_TICKET), &key))
		if (view_get(view, audit_table(audit, TABLE_MATTER), matter_key(at, &flow_ticket, key_part(key, 0))).data == NULL)
			audit_wrong(audit, "ticket %.*s: is no matter", (int)key.size, (const char *)key.data);
	check_red(audit);
	check_receipts(audit);
}
