/* query_kernel.c -- what every service answers about itself. */
#include <stdio.h>

#include "base/error.h"
#include "kernel/epochs.h"
#include "kernel/metrics.h"
#include "kernel/quarantine.h"
#include "kernel/query.h"
#include "kernel/scrub.h"

static struct text service_name(struct query *query)
{
	return text_of(engine_service(query_engine(query))->name);
}

static void answer_sources(struct query *query)
{
	struct text wanted = query_argument(query, "source");
	struct bytes key = query_from(query), row;
	struct view *view = query_view_of(query);

	for (row = view_seek(view, KERNEL_CURSOR, key, &key); key.data != NULL;
	     row = view_next(view, KERNEL_CURSOR, &key)) {
		struct text source = {(const char *)key.data, (uint32_t)key.size};
		struct cursor cursor;

		if (row.size != sizeof(cursor) || (wanted.size > 0 && !text_equal(wanted, source)))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		memcpy(&cursor, row.data, sizeof(cursor));
		query_text(query, "service", service_name(query));
		query_text(query, "source", source);
		query_int(query, "epoch", (int64_t)cursor.epoch);
		query_int(query, "through", (int64_t)cursor.through);
		query_int(query, "gaps", (int64_t)cursor.gaps);
		query_int(query, "duplicates", (int64_t)cursor.duplicates);
		query_int(query, "refusals", (int64_t)cursor.refusals);
		query_int(query, "heard_us", cursor.heard_us);
	}
}

static void answer_quarantine(struct query *query)
{
	struct bytes key = query_from(query), row;
	struct view *view = query_view_of(query);
	int64_t wanted = query_argument_int(query, "number", 0);

	for (row = view_seek(view, KERNEL_QUARANTINE, key, &key); key.data != NULL;
	     row = view_next(view, KERNEL_QUARANTINE, &key)) {
		struct quarantined record;

		if (key.size != 8 || !quarantine_read(row, &record) || (wanted != 0 && (uint64_t)wanted != get_u64_be(key.data)))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		query_text(query, "service", service_name(query));
		query_int(query, "number", (int64_t)get_u64_be(key.data));
		query_text(query, "source", record.source);
		query_int(query, "epoch", (int64_t)record.epoch);
		query_int(query, "seq", (int64_t)record.seq);
		query_text(query, "reason", record.reason);
		query_int(query, "at_us", record.now_us);
		query_int(query, "bytes", (int64_t)record.event.size);
		if (wanted != 0)
			query_bin(query, "event", record.event);
	}
}

static bool read_meta(struct query *query, struct meta *meta)
{
	struct bytes row = view_get(query_view_of(query), KERNEL_META, bytes_of("meta", 4));

	if (row.size != sizeof(*meta))
		return false;
	memcpy(meta, row.data, sizeof(*meta));
	return true;
}

/* An empty page has room for it. */
static void first_row(struct query *query)
{
	bool has_room = query_row(query);

	CHECK(has_room);
}

static void answer_status(struct query *query)
{
	struct store_usage usage;
	struct meta meta;

	if (!read_meta(query, &meta))
		return;
	first_row(query);
	store_usage(engine_store(query_engine(query)), &usage);
	query_text(query, "service", service_name(query));
	query_int(query, "epoch", (int64_t)meta.epoch);
	query_int(query, "head", (int64_t)meta.head);
	query_int(query, "intake", (int64_t)meta.intake);
	query_int(query, "quarantined", (int64_t)meta.quarantined);
	query_int(query, "business_us", meta.business_us);
	query_int(query, "now_us", meta.now_us);
	query_int(query, "file_bytes", (int64_t)usage.file_bytes);
	query_int(query, "map_bytes", (int64_t)usage.map_bytes);
	query_int(query, "used_bytes", (int64_t)usage.used_bytes);
	query_int(query, "commits", (int64_t)usage.commits);
	query_int(query, "commit_us_last", (int64_t)usage.commit_us_last);
	query_int(query, "commit_us_max", (int64_t)usage.commit_us_max);
	const struct scrub *scrub = engine_scrubbed(query_engine(query));
	query_int(query, "scrubbed", (int64_t)atomic_load_explicit(&scrub->entries, memory_order_relaxed));
	query_int(query, "scrub_rounds", (int64_t)atomic_load_explicit(&scrub->rounds, memory_order_relaxed));
	query_int(query, "damaged", (int64_t)atomic_load_explicit(&scrub->damaged, memory_order_relaxed));
	query_int(query, "cache_rows", (int64_t)usage.cache_rows);
	query_int(query, "cache_bytes", (int64_t)usage.cache_bytes);
}

static void answer_epochs(struct query *query)
{
	const struct epochs *epochs = engine_epochs(query_engine(query));

	for (unsigned i = 0; i < epochs->count; i++) {
		if (!query_row(query))
			return;
		query_text(query, "service", service_name(query));
		query_int(query, "epoch", (int64_t)epochs->list[i].epoch);
		query_int(query, "last", (int64_t)epochs->list[i].last);
		query_int(query, "next", (int64_t)epochs->list[i].next);
	}
}

static void answer_settings(struct query *query)
{
	const struct service *service = engine_service(query_engine(query));

	for (unsigned i = 0; i < service->setting_count; i++) {
		if (!query_row(query))
			return; /* whoever asked for fewer rows has them */
		query_text(query, "service", service_name(query));
		query_text(query, "name", text_of(service->settings[i].name));
		query_int(query, "value", engine_setting(query_engine(query), i));
		query_int(query, "default", service->settings[i].value);
		query_text(query, "unit", text_of(service->settings[i].unit));
		query_text(query, "sentence", text_of(service->settings[i].sentence));
	}
}

static void answer_hash(struct query *query)
{
	char hash[17];
	struct meta meta;

	if (!read_meta(query, &meta))
		return;
	first_row(query);
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)view_state_hash(query_view_of(query)));
	query_text(query, "service", service_name(query));
	query_text(query, "state_hash", text_of(hash));
	query_int(query, "intake", (int64_t)meta.intake);
	query_int(query, "head", (int64_t)meta.head);
}

const struct query_handler *query_kernel(struct text what)
{
	static const struct query_handler handlers[] = {
	    {.name = "sources", .answer = answer_sources, .sentence = "where every source stands here"},
	    {.name = "quarantine", .answer = answer_quarantine, .sentence = "inputs that could not be taken, and why"},
	    {.name = "status", .answer = answer_status, .sentence = "epoch, head, intake, clocks and storage"},
	    {.name = "epochs",
	     .answer = answer_epochs,
	     .sentence = "epochs of its journal that a restore has ended: their last number, and the first behind it"},
	    {.name = "settings", .answer = answer_settings, .sentence = "effective settings"},
	    {.name = "metrics",
	     .answer = answer_metrics,
	     .sentence = "figures for whoever watches the network: counters, gauges, how long commits take"},
	    {.name = "hash", .answer = answer_hash, .sentence = "one number over the whole state"},
	};

	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (text_equal(text_of(handlers[i].name), what))
			return &handlers[i];
	return NULL;
}
