/* audit_process.c -- every count of steps, and what waits, is what the visits of all things give. */
#include "process.h"
#include "tally.h"

struct process_audit {
	struct audit *audit;
	struct view *view;
	struct tally hops, waits;
};

static void add_hop(void *context, struct bytes key, int64_t count)
{
	struct process_audit *work = context;

	tally_row(&work->hops, key)->count += count;
}

static void add_process(struct process_audit *work, struct bytes key, struct bytes row)
{
	struct text name = key_part(key, 0), thing = key_part(key, 1);
	int place = flow_find(name);
	struct process process;
	uint8_t wait[KEY_SIZE];
	struct bytes at;

	if (place < 0 || !process_read(row, &process)) {
		audit_wrong(work->audit, "process: a row of %zu bytes that is none", row.size);
		return;
	}
	for (uint32_t i = 0; i < process.count; i++)
		if (process.visits[i].state >= flow_states(flows[place]) || (i > 0 && process.visits[i].time_us < process.visits[i - 1].time_us)) {
			audit_wrong(work->audit, "%.*s %.*s: its visits are not in order", TEXT_ARGS(name), TEXT_ARGS(thing));
			return;
		}
	process_hops(flows[place], &process, 0, 1, add_hop, work);
	if (process_wait(flows[place], &process, thing, wait, &at))
		tally_row(&work->waits, at)->count++;
}

/* The rows of a table against what was added up: the same keys, the same counts. */
static void compare(struct process_audit *work, enum kpi_table table, struct tally *tally, const char *name)
{
	struct bytes key, value;
	int64_t count;

	for (value = view_seek(work->view, audit_table(work->audit, table), bytes_of(NULL, 0), &key); key.data != NULL;
	     value = view_next(work->view, audit_table(work->audit, table), &key)) {
		struct tally_row *row = tally_row(tally, key);

		row->seen = true;
		if (table == TABLE_WAIT)
			count = 1;
		else if (!copy_row(value, &count, sizeof(count)))
			audit_wrong(work->audit, "%s: a row of %zu bytes", name, value.size);
		if (row->count != count)
			audit_wrong(work->audit, "%s %.*s: the things give %lld", name, TEXT_ARGS(key_part(key, 0)), (long long)row->count);
	}
	for (uint32_t i = 0; i < tally->count; i++)
		if (!tally->rows[i].seen && tally->rows[i].count != 0)
			audit_wrong(work->audit, "%s: a row is missing", name);
}

void kpi_audit_processes(struct audit *audit)
{
	struct process_audit work = {.audit = audit, .view = audit_view(audit)};
	unsigned table = audit_table(audit, TABLE_PROCESS);
	struct bytes key, row;

	for (row = view_seek(work.view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(work.view, table, &key))
		add_process(&work, key, row);
	compare(&work, TABLE_HOP, &work.hops, "hop");
	compare(&work, TABLE_WAIT, &work.waits, "wait");
	tally_close(&work.hops);
	tally_close(&work.waits);
}
