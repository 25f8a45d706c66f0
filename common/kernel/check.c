/* check.c -- does a store hold together? */
#include <stdlib.h>

#include "base/error.h"
#include "kernel/epochs.h"
#include "kernel/tools_inside.h"

struct audit {
	const struct service *service;
	const struct tool_options *options;
	struct view view;
	uint64_t number;	/* of the journal entry that audit_event gave last; 0: none yet */
	bool ended;
	int wrongs;
	bool journal_damaged, intake_damaged, forked;
};

struct view *audit_view(struct audit *audit)
{
	return &audit->view;
}

unsigned audit_table(const struct audit *audit, unsigned table)
{
	(void)audit;
	return KERNEL_TABLES + table;
}

static void wrong(struct audit *audit, const char *format, va_list arguments)
{
	char text[900];

	vsnprintf(text, sizeof(text), format, arguments);
	audit->wrongs++;
	tools_say(audit->options->out, audit->service->name, "%s", text);
}

void audit_wrong(struct audit *audit, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	wrong(audit, format, arguments);
	va_end(arguments);
}

__attribute__((format(printf, 2, 3))) static void journal_wrong(struct audit *audit, const char *format, ...)
{
	va_list arguments;

	audit->journal_damaged = true;
	va_start(arguments, format);
	wrong(audit, format, arguments);
	va_end(arguments);
}

__attribute__((format(printf, 2, 3))) static void intake_wrong(struct audit *audit, const char *format, ...)
{
	va_list arguments;

	audit->intake_damaged = true;
	va_start(arguments, format);
	wrong(audit, format, arguments);
	va_end(arguments);
}

static struct bytes journal_next(struct audit *audit)
{
	uint64_t number = 0;
	struct bytes event = audit->number == 0 ? view_log_seek(&audit->view, KERNEL_JOURNAL, 1, &number)
						: view_log_next(&audit->view, KERNEL_JOURNAL, &number);

	if (event.data == NULL && number != 0)
		journal_wrong(audit, "journal entry %llu is damaged: its checksum does not hold", (unsigned long long)number);
	audit->number = number;
	audit->ended = event.data == NULL;
	return event;
}

bool audit_event(struct audit *audit, struct envelope *envelope)
{
	if (audit->ended)
		return false;
	struct bytes event = journal_next(audit);
	struct reader reader = reader_of(event);

	if (event.data == NULL)
		return false;
	envelope_read(&reader, envelope);
	return reader_finish(&reader) == ERR_NONE;
}

/* The journal's numbers rise by one, except where a restore has begun a new epoch. */
static void check_journal(struct audit *audit, const struct meta *meta, const struct epochs *epochs)
{
	struct text name = text_of(audit->service->name);
	uint64_t expected = 1, hole;

	for (struct bytes event = journal_next(audit); !audit->ended; event = journal_next(audit), expected++) {
		struct reader reader = reader_of(event);
		struct envelope envelope;

		hole = epochs_hole(epochs, expected);
		if (hole != 0 && audit->number == hole + 1)
			expected = audit->number;
		envelope_read(&reader, &envelope);
		if (audit->number != expected) {
			journal_wrong(audit, "journal: entry %llu is missing", (unsigned long long)expected);
			expected = audit->number;
		}
		if (reader_finish(&reader) != ERR_NONE || envelope.seq != audit->number || !text_equal(envelope.source, name))
			journal_wrong(audit, "journal entry %llu is not an event of this service", (unsigned long long)audit->number);
	}
	hole = epochs_hole(epochs, expected);
	if (expected != meta->head + 1 && hole != meta->head && !audit->journal_damaged)
		journal_wrong(audit, "journal ends at %llu, its head says %llu", (unsigned long long)expected - 1,
			      (unsigned long long)meta->head);
	audit->number = 0;
	audit->ended = false;
}

static void check_intake(struct audit *audit, const struct meta *meta)
{
	uint64_t number, expected = 1;

	for (struct bytes record = view_log_seek(&audit->view, KERNEL_INTAKE, 1, &number); number != 0;
	     record = view_log_next(&audit->view, KERNEL_INTAKE, &number)) {
		struct run run;

		if (record.data == NULL || !intake_read(record, &run)) {
			intake_wrong(audit, "intake record %llu is damaged", (unsigned long long)number);
			return;
		}
		if (number != expected)
			intake_wrong(audit, "intake: input %llu is missing", (unsigned long long)expected);
		expected = number + run.count;
	}
	if (expected != meta->intake + 1)
		intake_wrong(audit, "intake ends at %llu, its head says %llu", (unsigned long long)expected - 1,
			     (unsigned long long)meta->intake);
}

/* All entries against the notes of their chain: also what is whole, and stands in its place, but is not what was written. */
static void check_chain(struct audit *audit, unsigned table, const char *name, bool *damaged)
{
	struct log_walk walk = {.table = table};
	enum log_state state = LOG_HOLDS;

	while (state != LOG_ENDED) {
		state = log_walk(&audit->view, &walk, UINT32_MAX);
		if (state != LOG_DAMAGED)
			continue;
		*damaged = true;
		audit_wrong(audit, "%s: its chain does not hold among %llu to %llu", name, (unsigned long long)walk.damaged_from,
			    (unsigned long long)walk.damaged_to);
	}
	if (audit->view.failure != ERR_NONE) {
		*damaged = true;
		audit_wrong(audit, "%s cannot be read to its end: %s", name, error_text(audit->view.failure));
		audit->view.failure = ERR_NONE;
	}
}

static void cursor_wrong(struct audit *audit, const char *upstream, const struct cursor *cursor, const struct meta *meta)
{
	audit->forked = true;
	audit_wrong(audit, "stands at %llu of epoch %llu of %s, which is in epoch %llu and has said %llu", (unsigned long long)cursor->through,
		    (unsigned long long)cursor->epoch, upstream, (unsigned long long)meta->epoch, (unsigned long long)meta->head);
}

static void check_cursor(struct audit *audit, const char *upstream)
{
	struct engine *other = NULL;
	struct bytes row = view_get(&audit->view, KERNEL_CURSOR, bytes_of_text(text_of(upstream)));
	struct cursor cursor;

	if (row.size != sizeof(cursor))
		return; /* never heard */
	memcpy(&cursor, row.data, sizeof(cursor));
	if (tools_open_upstream(&other, audit->options, upstream) != ERR_NONE) {
		audit_wrong(audit, "the store of %s cannot be opened", upstream);
		return;
	}
	const struct meta *meta = engine_meta(other);
	const struct epoch *ended = epochs_find(engine_epochs(other), cursor.epoch);
	uint64_t last = cursor.epoch == meta->epoch ? meta->head : ended != NULL ? ended->last : 0;
	if (cursor.through > last)
		cursor_wrong(audit, upstream, &cursor, meta);
	engine_close(&other);
}

/* What can be done about it, and what cannot. */
static void say_remedy(const struct audit *audit)
{
	const char *name = audit->service->name, *remedy;

	if (audit->wrongs == 0)
		return;
	if (audit->intake_damaged)
		remedy = "the recorded inputs are damaged: no other store holds them. Stop the network and restore a backup (tributary restore); "
			 "tills and warehouses send again what it misses, as far as they still hold it";
	else if (audit->forked)
		remedy = "it has heard what its source does not know any more. Stop the network and restore all stores from one backup "
			 "(tributary restore)";
	else
		remedy = "the recorded inputs hold. Stop the network; tributary rebuild --replace writes journal and rows again from them and "
			 "sets this store aside";
	fprintf(audit->options->out, "{\"service\":\"%s\",\"remedy\":\"%s\"}\n", name, remedy);
}

/* Journal, intake and the service's own truths, with what others say of it in between. */
static int check_store(struct audit *audit, struct engine *engine, bool with_upstreams)
{
	const struct service *service = audit->service;
	struct meta meta;
	int error = view_open(&audit->view, engine_store(engine));

	if (error == ERR_NONE && !tools_meta(&audit->view, &meta))
		error = ERR_STORE_CORRUPT;
	if (error == ERR_NONE) {
		check_journal(audit, &meta, engine_epochs(engine));
		check_chain(audit, KERNEL_JOURNAL, "journal", &audit->journal_damaged);
		check_intake(audit, &meta);
		check_chain(audit, KERNEL_INTAKE, "intake", &audit->intake_damaged);
		for (unsigned i = 0; with_upstreams && service->follows[i] != NULL; i++)
			check_cursor(audit, service->follows[i]);
		if (service->audit != NULL && audit->wrongs == 0)
			service->audit(audit);
		if (audit->view.failure != ERR_NONE)
			audit_wrong(audit, "a row cannot be read: %s", error_text(audit->view.failure));
		say_remedy(audit);
	}
	view_close(&audit->view);
	return error != ERR_NONE ? error : audit->wrongs;
}

int tool_audit(struct engine *engine, FILE *out)
{
	struct tool_options options = {.out = out};
	struct audit audit = {.service = engine_service(engine), .options = &options};

	return check_store(&audit, engine, false);
}

int tool_check(const struct service *service, const struct tool_options *options)
{
	struct audit audit = {.service = service, .options = options};
	struct engine *engine = NULL;
	int result = tools_open(&engine, service, options, service->name);

	if (result != ERR_NONE)
		return result;
	result = check_store(&audit, engine, true);
	engine_close(&engine);
	return result;
}
