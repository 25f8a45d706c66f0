/* audit_metric.c -- every registered metric is fed by its own events, or by what is kept of them anyhow, and nothing else is counted. */
#include "metric.h"

static bool listens(struct audit *audit, struct text event, struct text code)
{
	uint8_t key[KEY_SIZE];

	return view_get(audit_view(audit), audit_table(audit, TABLE_LISTEN), key_pair(key, event, code.data, code.size)).data != NULL;
}

static struct bytes row_of(struct audit *audit, struct text code)
{
	return view_get(audit_view(audit), audit_table(audit, TABLE_METRIC), bytes_of_text(code));
}

static uint32_t check_rows(struct audit *audit)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_METRIC);
	struct metric_row metric;
	struct bytes key, row;
	uint32_t count = 0;

	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key), count++) {
		struct text code = {(const char *)key.data, (uint32_t)key.size};

		if (!copy_row(row, &metric, sizeof(metric)))
			audit_wrong(audit, "metric %.*s: a row of %zu bytes", TEXT_ARGS(code), row.size);
		else if (listens(audit, CODE_TEXT(metric.event), code) != metric_listens(&metric))
			audit_wrong(audit, "metric %.*s: what it counts is not what it hears", TEXT_ARGS(code));
	}
	return count;
}

static void check_listening(struct audit *audit)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_LISTEN);
	struct metric_row metric;
	struct bytes key;

	for (view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; view_next(view, table, &key)) {
		struct text event = key_part(key, 0), code = key_part(key, 1);

		if (!copy_row(row_of(audit, code), &metric, sizeof(metric)) || !text_equal(CODE_TEXT(metric.event), event))
			audit_wrong(audit, "metric %.*s: it hears %.*s, which it does not count", TEXT_ARGS(code), TEXT_ARGS(event));
	}
}

static void check_counters(struct audit *audit)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_COUNTER);
	struct metric_row metric;
	struct bytes key, row;
	int64_t count;

	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		struct text name = key_part(key, 0);

		if (!copy_row(row, &count, sizeof(count)) ||
		    (!metric_is_kept(name) && !(copy_row(row_of(audit, name), &metric, sizeof(metric)) && metric_listens(&metric))))
			audit_wrong(audit, "counter %.*s, %.*s: nobody counts that", TEXT_ARGS(name), TEXT_ARGS(key_part(key, 1)));
	}
}

void kpi_audit_metrics(struct audit *audit)
{
	struct bytes key, row = view_seek(audit_view(audit), audit_table(audit, TABLE_BOOK), bytes_of(NULL, 0), &key);
	uint32_t count = check_rows(audit);
	struct book book = {0};

	if (key.data != NULL && !copy_row(row, &book, sizeof(book)))
		audit_wrong(audit, "book: a row of %zu bytes", row.size);
	else if (book.metrics != count)
		audit_wrong(audit, "metrics: %u rows, and %u are known", count, book.metrics);
	check_listening(audit);
	check_counters(audit);
}
