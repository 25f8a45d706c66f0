/* measures.c -- rows of the live view, kept up to date. */
#include "measures.h"

#include <stdlib.h>

#include "http.h"
#include "pack/row.h"
#include "routes.h"

#define CREDIT 50000
#define KEPT_US (5 * US_PER_MINUTE) /* without anybody who looks, so that who comes back is told only what has changed */
#define BEAT_US (10 * US_PER_SECOND)
#define WAIT_US (DOOR_MS * 1000)

/* The view's keys and those of `get kpi`, where they differ. */
static const struct {
	const char *said, *told;
} names[] = {{"revenue", "revenue_minor"},	   {"returns", "returns_minor"},	   {"units", "units_milli"},
	     {"returned_units", "returned_units_milli"}, {"average_ticket", "average_ticket_minor"}, {"stock_value", "stock_value_minor"},
	     {"stock_units", "stock_units_milli"}, {"days_of_cover", "days_of_cover_milli"}, {"lead_time", "lead_time_us"},
	     {"watermark", "watermark_us"}};

static struct body *text_of_row(struct bytes data)
{
	struct buffer buffer = {0};
	struct reader reader = reader_of(data);
	uint32_t pairs = reader_map(&reader, 100);

	for (uint32_t i = 0; i < pairs && reader.error == ERR_NONE; i++) {
		struct text name = reader_text(&reader, 64);

		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++)
			if (text_equal(name, text_of(names[j].said))) {
				name = text_of(names[j].told);
				break;
			}
		buffer_text(&buffer, i > 0 ? "," : "{");
		buffer_quoted(&buffer, name);
		buffer_text(&buffer, ":");
		buffer_packed(&buffer, reader_value(&reader));
	}
	buffer_text(&buffer, "}");
	return body_of(&buffer);
}

/* ---- who looks ---- */

static void viewer_more(struct viewer *viewer)
{
	if (!viewer->waits)
		request_more(viewer->request);
}

/* Before the first byte it can still be told why there will be none. */
static void refuse_waiting(struct measures *measures, const struct line_end *end, int64_t before_us)
{
	for (struct viewer *viewer = measures->viewers, *next; viewer != NULL; viewer = next) {
		next = viewer->next;
		if (!viewer->waits || viewer->said_us > before_us)
			continue;
		struct request *request = request_keep(viewer->request);

		request->on_gone(request); /* the viewer is no more */
		request_failed(request, "kpi", end);
		request_release(request);
	}
}

static void is_known(struct measures *measures)
{
	measures->known = true;
	for (struct viewer *viewer = measures->viewers; viewer != NULL; viewer = viewer->next)
		if (viewer->waits) {
			viewer->waits = false;
			request_stream(viewer->request, "text/event-stream");
		}
}

/* ---- the list by version: the last is the latest ---- */

static void unlink_row(struct measures *measures, struct row *row)
{
	for (struct viewer *viewer = measures->viewers; viewer != NULL; viewer = viewer->next)
		if (viewer->at == row)
			viewer->at = row->behind;
	*(row->before != NULL ? &row->before->behind : &measures->first) = row->behind;
	*(row->behind != NULL ? &row->behind->before : &measures->last) = row->before;
}

static void append_row(struct measures *measures, struct row *row)
{
	row->version = ++measures->version;
	row->before = measures->last;
	row->behind = NULL;
	*(measures->last != NULL ? &measures->last->behind : &measures->first) = row;
	measures->last = row;
	for (struct viewer *viewer = measures->viewers; viewer != NULL; viewer = viewer->next) {
		if (viewer->at == NULL)
			viewer->at = row;
		viewer_more(viewer);
	}
}

static struct row *row_find(struct measures *measures, struct bytes data, bool *is_new)
{
	char key[sizeof(((struct row *)0)->key)];
	struct text scope = row_text(data, "scope"), code = row_text(data, "key");
	struct row *row = NULL;

	int size = snprintf(key, sizeof(key), "%.*s %.*s %.*s %.*s", TEXT_ARGS(scope), TEXT_ARGS(code), TEXT_ARGS(row_text(data, "day")),
			TEXT_ARGS(row_text(data, "currency")));
	if (size < 0 || (size_t)size >= sizeof(key))
		return NULL;
	HASH_FIND(hh, measures->rows, key, (size_t)size, row);
	*is_new = row == NULL;
	if (row != NULL || HASH_COUNT(measures->rows) >= ROWS_MAX)
		return row;
	row = calloc(1, sizeof(*row));
	if (row == NULL)
		return NULL;
	memcpy(row->key, key, sizeof(key));
	snprintf(row->scope, sizeof(row->scope), "%.*s", TEXT_ARGS(scope));
	snprintf(row->code, sizeof(row->code), "%.*s", TEXT_ARGS(code));
	HASH_ADD(hh, measures->rows, key, (size_t)size, row);
	return row;
}

/* R10: a stream never holds more for a slow reader than one bound: the latest state of each row, or so many events and then a count. */
static void take_row(struct measures *measures, struct bytes data)
{
	bool is_new = false;
	struct row *row = row_find(measures, data, &is_new);
	struct body *text = row != NULL ? text_of_row(data) : NULL;

	if (text == NULL) {
		measures->gateway->counts.dropped++;
		return;
	}
	bool same = row->text != NULL && row->text->size == text->size && memcmp(row->text->bytes, text->bytes, text->size) == 0;
	if (same) { /* everything again, after a lost connection */
		body_release(&text);
		return;
	}
	body_release(&row->text);
	row->text = text;
	if (!is_new)
		unlink_row(measures, row);
	append_row(measures, row);
}

static void take_batch(struct measures *measures, const struct message *message)
{
	struct reader reader = reader_of(message->events);

	for (uint32_t i = 0; i < message->event_count && reader.error == ERR_NONE; i++) {
		struct envelope envelope;

		envelope_read(&reader, &envelope);
		if (reader.error == ERR_NONE)
			take_row(measures, envelope.data);
	}
	measures->heard += message->event_count;
	line_credit(measures->feed, message->event_count, message->through);
}

static void is_whole(struct measures *measures)
{
	if (measures->whole)
		return;
	measures->whole = true;
	for (struct viewer *viewer = measures->viewers; viewer != NULL; viewer = viewer->next)
		viewer_more(viewer);
}

static void on_feed(void *context, const struct line_end *end, const struct message *message)
{
	struct measures *measures = context;

	if (message == NULL) { /* the token is nobody's any more, or there is no door: whoever looks asks again and is told why */
		refuse_waiting(measures, end, INT64_MAX);
		for (struct viewer *viewer = measures->viewers; viewer != NULL; viewer = viewer->next)
			http_drop(viewer->request);
		measures->known = measures->whole = false;
		line_unfollow(&measures->feed);
		return;
	}
	is_known(measures);
	if (message->kind == MESSAGE_BATCH)
		take_batch(measures, message);
	else if (message->kind == MESSAGE_HEAD ? message->head == message->through : measures->heard < CREDIT)
		is_whole(measures);
}

static bool follow(struct measures *measures)
{
	const struct text type = TEXT_LITERAL("kpi.updated");
	struct line_wish wish = {.types = &type, .type_count = 1, .credit = CREDIT, .is_view = true};

	measures->heard = 0;
	measures->feed = line_follow(measures->gateway->lines, measures->token, service_index(TEXT_LITERAL("kpi")), &wish, on_feed, measures);
	return measures->feed != NULL;
}

struct measures *measures_of(struct gateway *gateway, const char *token)
{
	struct measures *measures = gateway->measures;

	while (measures != NULL && strcmp(measures->token, token) != 0)
		measures = measures->next;
	if (measures == NULL) {
		measures = calloc(1, sizeof(*measures));
		if (measures == NULL)
			return NULL;
		measures->gateway = gateway;
		measures->start = (uint64_t)bus_now_us(gateway->bus);
		snprintf(measures->token, sizeof(measures->token), "%s", token);
		measures->next = gateway->measures;
		gateway->measures = measures;
	}
	measures->unused_us = bus_monotonic_us(gateway->bus);
	return measures->feed != NULL || follow(measures) ? measures : NULL;
}

static void measures_free(struct measures *measures)
{
	struct row *row, *next;

	line_unfollow(&measures->feed);
	HASH_ITER(hh, measures->rows, row, next) {
		HASH_DEL(measures->rows, row);
		body_release(&row->text);
		free(row);
	}
	free(measures);
}

void measures_second(struct gateway *gateway)
{
	int64_t now_us = bus_monotonic_us(gateway->bus);

	for (struct measures **at = &gateway->measures; *at != NULL;) {
		struct measures *measures = *at;

		if (measures->viewers != NULL)
			measures->unused_us = now_us;
		for (struct viewer *viewer = measures->viewers; viewer != NULL; viewer = viewer->next)
			if (now_us - viewer->said_us > BEAT_US) {
				viewer->beat = true;
				viewer_more(viewer);
			}
		refuse_waiting(measures, &(struct line_end){.error = ERR_TIMEOUT}, now_us - WAIT_US);
		if (now_us - measures->unused_us < KEPT_US) {
			at = &measures->next;
			continue;
		}
		*at = measures->next;
		measures_free(measures);
	}
}

void measures_close(struct gateway *gateway)
{
	while (gateway->measures != NULL) {
		struct measures *measures = gateway->measures;

		gateway->measures = measures->next;
		measures_free(measures);
	}
}
