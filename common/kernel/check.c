/* check.c -- does a store hold together? */
#include <stdlib.h>

#include "base/error.h"
#include "kernel/tools_inside.h"

struct audit {
	const struct service *service;
	const struct tool_options *options;
	struct view view;
	uint64_t number;	/* of the journal entry that audit_event gave last; 0: none yet */
	bool ended;
	int wrongs;
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

void audit_wrong(struct audit *audit, const char *format, ...)
{
	va_list arguments;
	char text[900];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	audit->wrongs++;
	tools_say(audit->options->out, audit->service->name, "%s", text);
}

static struct bytes journal_next(struct audit *audit)
{
	uint64_t number = 0;
	struct bytes event = audit->number == 0 ? view_log_seek(&audit->view, KERNEL_JOURNAL, 1, &number)
						: view_log_next(&audit->view, KERNEL_JOURNAL, &number);

	if (event.data == NULL && number != 0)
		audit_wrong(audit, "journal entry %llu is damaged: its checksum does not hold", (unsigned long long)number);
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

static void check_journal(struct audit *audit, const struct meta *meta)
{
	struct text name = text_of(audit->service->name);
	uint64_t expected = 1;

	for (struct bytes event = journal_next(audit); !audit->ended; event = journal_next(audit), expected++) {
		struct reader reader = reader_of(event);
		struct envelope envelope;

		envelope_read(&reader, &envelope);
		if (audit->number != expected) {
			audit_wrong(audit, "journal: entry %llu is missing", (unsigned long long)expected);
			expected = audit->number;
		}
		if (reader_finish(&reader) != ERR_NONE || envelope.seq != audit->number || !text_equal(envelope.source, name))
			audit_wrong(audit, "journal entry %llu is not an event of this service",
				    (unsigned long long)audit->number);
	}
	if (expected != meta->head + 1 && audit->wrongs == 0)
		audit_wrong(audit, "journal ends at %llu, its head says %llu", (unsigned long long)expected - 1,
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
			audit_wrong(audit, "intake record %llu is damaged", (unsigned long long)number);
			return;
		}
		if (number != expected)
			audit_wrong(audit, "intake: input %llu is missing", (unsigned long long)expected);
		expected = number + run.count;
	}
	if (expected != meta->intake + 1)
		audit_wrong(audit, "intake ends at %llu, its head says %llu", (unsigned long long)expected - 1,
			    (unsigned long long)meta->intake);
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
	if (engine_meta(other)->epoch != cursor.epoch)
		audit_wrong(audit, "stands in epoch %llu of %s, whose epoch is %llu", (unsigned long long)cursor.epoch, upstream,
			    (unsigned long long)engine_meta(other)->epoch);
	else if (cursor.through > engine_meta(other)->head)
		audit_wrong(audit, "stands at %llu of %s, whose head is %llu", (unsigned long long)cursor.through, upstream,
			    (unsigned long long)engine_meta(other)->head);
	engine_close(&other);
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
		check_journal(audit, &meta);
		check_intake(audit, &meta);
		for (unsigned i = 0; with_upstreams && service->follows[i] != NULL; i++)
			check_cursor(audit, service->follows[i]);
		if (service->audit != NULL && audit->wrongs == 0)
			service->audit(audit);
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
