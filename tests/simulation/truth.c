/* truth.c -- looking into services that are at rest. */
#include "truth.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "kernel/query.h"
#include "simulate.h"

const struct truth_check truth_checks[] = {
    {"check_tickets", "every ticket that a till has said is recorded once", check_tickets},
    {"check_figures", "the figures are the sum of the tickets", check_figures},
    {"check_goods", "goods are conserved from the warehouse to the customer", check_goods},
    {"check_restocks", "a shelf has one open restock at most", check_restocks},
    {"check_rules", "every decision is what the rule's version says that it names", check_rules},
    {"check_rebates", "a rebate is what the last ladder gives for all that was sold", check_rebates},
    {"check_commissions", "each has its part of what the rest of every sale brings, whatever came back before it was sold", check_commissions},
    {"check_territories", "goods in an area of another are evidence by the version that says whose it is", check_territories},
    {"check_appraisals", "a score is what the last version gives for all that was sold", check_appraisals},
    {"check_metrics", "a metric counts all that its last version counts, from the beginning", check_metrics},
    {"check_stores", "every store holds together, and nothing was put aside", check_stores},
    {"check_replay", "the recorded inputs give the same state and the same events", check_replay},
    {"check_dashboard", "a dashboard that reads late shows the same figures", check_dashboard},
    {"check_rights", "what is sold is said where nobody is trained for it, and nowhere else", check_rights}, /* the last: it sells */
};
const unsigned truth_check_count = sizeof(truth_checks) / sizeof(truth_checks[0]);

void truth_broken(const char *format, ...)
{
	va_list arguments;

	printf("[  FAILED  ] %s\nseed %llu: ", simulate_present->check, (unsigned long long)simulate_present->seed);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	simulate_present->wrongs++;
}

const struct truth *truth_tickets(void)
{
	static struct truth truth;

	story_truth(&truth);
	return &truth;
}

void truth_each_event(struct network *network, enum service_number service,
                      void (*each)(void *context, const struct envelope *envelope), void *context)
{
	struct view view = {0};
	uint64_t number;

	if (view_open(&view, engine_store(network_engine(network, service))) != ERR_NONE) {
		truth_broken("a journal cannot be read");
		return;
	}
	for (struct bytes event = view_log_seek(&view, KERNEL_JOURNAL, 1, &number); event.data != NULL;
	     event = view_log_next(&view, KERNEL_JOURNAL, &number)) {
		struct reader reader = reader_of(event);
		struct envelope envelope;

		envelope_read(&reader, &envelope);
		if (reader_finish(&reader) != ERR_NONE)
			truth_broken("event %llu of service %d cannot be read", (unsigned long long)number, service);
		else
			each(context, &envelope);
	}
	view_close(&view);
}

bool truth_unpack(const struct event_type *type, const struct envelope *envelope, void *event)
{
	static uint8_t memory[1 << 18];
	struct arena arena = {.block = memory, .size = sizeof(memory)};
	struct reader reader = reader_of(envelope->data);

	return text_equal(envelope->type, text_of(type->name)) && type->unpack(event, &reader, &arena) == ERR_NONE;
}

static bool row_find(struct bytes row, const char *key, struct reader *value)
{
	*value = reader_of(row);
	for (uint32_t pairs = reader_map(value, 64); pairs > 0 && value->error == ERR_NONE; pairs--) {
		if (text_equal(reader_text(value, 64), text_of(key)))
			return true;
		reader_skip(value);
	}
	truth_broken("a row has no %s", key);
	return false;
}

struct text truth_row_text(struct bytes row, const char *key)
{
	struct reader value;

	return row_find(row, key, &value) ? reader_text(&value, 400) : (struct text){"", 0};
}

int64_t truth_row_int(struct bytes row, const char *key)
{
	struct reader value;

	return row_find(row, key, &value) ? reader_int(&value) : 0;
}

void truth_each_row(struct network *network, enum service_number service, const char *what,
                    void (*each)(void *context, struct bytes row), void *context)
{
	static uint8_t buffer[QUERY_PAGE_BYTES];
	static const uint8_t nothing[] = {0x80};
	struct page page = {.more = true}, before;

	while (page.more) {
		before = page; /* where the next page begins */
		if (query_run(network_engine(network, service), text_of(what), bytes_of(nothing, 1),
		              bytes_of(before.from, before.from_size), buffer, &page) != ERR_NONE) {
			truth_broken("%s cannot be asked", what);
			return;
		}
		struct reader reader = reader_of(page.rows);
		for (uint32_t i = 0; i < page.row_count; i++)
			each(context, reader_value(&reader));
	}
}
