/* query.c -- rows of answers, packed as they are found. */
#include "query.h"

#include "base/error.h"
#include "kernel/scope.h"

struct query {
	struct engine *engine;
	struct view view;
	struct bytes arguments, from;
	struct writer writer;
	size_t row_at;		/* place of the present row's head; valid while row_open */
	bool row_open;
	uint16_t row_fields;
	uint32_t hidden;	/* rows of this page that the asker does not see */
	int64_t limit;		/* rows of this page, at most */
	struct page *page;
	const struct query_handler *handler;
	const struct guard_principal *principal; /* NULL: sees all */
};

static bool argument_find(const struct query *query, const char *name, struct reader *value)
{
	struct reader reader = reader_of(query->arguments);
	struct text wanted = text_of(name);

	if (query->arguments.size == 0)
		return false;
	for (uint32_t pairs = reader_map(&reader, 64); pairs > 0 && reader.error == ERR_NONE; pairs--) {
		struct text key = reader_text(&reader, 64);

		if (text_equal(key, wanted)) {
			*value = reader;
			return reader.error == ERR_NONE;
		}
		reader_skip(&reader);
	}
	return false;
}

struct text query_argument(const struct query *query, const char *name)
{
	struct reader value;

	if (!argument_find(query, name, &value) || reader_peek(&value) != READER_TEXT)
		return (struct text){0};
	return reader_text(&value, STORE_KEY_MAX);
}

int64_t query_argument_int(const struct query *query, const char *name, int64_t absent)
{
	struct reader value;

	if (!argument_find(query, name, &value) || reader_peek(&value) != READER_INT)
		return absent;
	return reader_int(&value);
}

struct bytes query_get(struct query *query, unsigned table, struct bytes key)
{
	if (key.size == 0)
		return bytes_of(NULL, 0); /* an argument that was not given names no row */
	return view_get(&query->view, KERNEL_TABLES + table, key);
}

struct bytes query_seek(struct query *query, unsigned table, struct bytes key, struct bytes *found_key)
{
	return view_seek(&query->view, KERNEL_TABLES + table, key, found_key);
}

struct bytes query_next(struct query *query, unsigned table, struct bytes *found_key)
{
	return view_next(&query->view, KERNEL_TABLES + table, found_key);
}

static bool row_is_seen(const struct query *query)
{
	struct bytes row = bytes_of(query->writer.buffer + query->row_at, query->writer.used - query->row_at);

	if (query->principal == NULL || guard_sees_all(query->principal))
		return true;
	struct scope scope = scope_of_row(query->handler, row);
	return guard_sees(query->principal, scope.outlet, scope.warehouse) || query->principal->role == GUARD_GATEWAY;
}

/* The head of a row is a map 16 whose count is known when the row ends. */
static void row_end(struct query *query)
{
	if (!query->row_open)
		return;
	uint8_t *head = query->writer.buffer + query->row_at;

	head[0] = 0xde;
	head[1] = (uint8_t)(query->row_fields >> 8);
	head[2] = (uint8_t)query->row_fields;
	query->row_open = false;
	if (row_is_seen(query)) {
		query->page->row_count++;
		return;
	}
	query->writer.used = query->row_at;
	query->hidden++;
}

bool query_row(struct query *query)
{
	row_end(query);
	if (query->writer.size - query->writer.used < QUERY_ROW_BYTES || query->hidden >= QUERY_HIDDEN_MAX ||
	    query->page->row_count >= query->limit)
		return false;
	query->row_at = query->writer.used;
	query->writer.used += 3;
	query->row_fields = 0;
	query->row_open = true;
	return true;
}

static void row_key(struct query *query, const char *key)
{
	CHECK(query->row_open);
	query->row_fields++;
	writer_text(&query->writer, text_of(key));
}

void query_text(struct query *query, const char *key, struct text value)
{
	row_key(query, key);
	writer_text(&query->writer, value);
}

void query_int(struct query *query, const char *key, int64_t value)
{
	row_key(query, key);
	writer_int(&query->writer, value);
}

void query_bool(struct query *query, const char *key, bool value)
{
	row_key(query, key);
	writer_bool(&query->writer, value);
}

void query_bin(struct query *query, const char *key, struct bytes value)
{
	row_key(query, key);
	writer_bin(&query->writer, bytes_of(value.data, value.size < 8192 ? value.size : 8192));
}

void query_more(struct query *query, struct bytes key)
{
	CHECK(key.size <= sizeof(query->page->from));
	memcpy(query->page->from, key.data, key.size);
	query->page->from_size = key.size;
	query->page->more = true;
}

struct bytes query_from(const struct query *query)
{
	return query->from;
}

struct engine *query_engine(struct query *query)
{
	return query->engine;
}

struct view *query_view_of(struct query *query)
{
	return &query->view;
}

static const struct query_handler *handler_find(const struct service *service, struct text what)
{
	for (unsigned i = 0; i < service->query_count; i++)
		if (text_equal(text_of(service->queries[i].name), what))
			return &service->queries[i];
	return query_kernel(what);
}

int query_run(struct engine *engine, struct text what, struct bytes arguments, struct bytes from, uint8_t *buffer,
	      struct page *page)
{
	return query_answer(engine, &(struct query_asked){.what = what, .arguments = arguments, .from = from}, buffer, page);
}

int query_answer(struct engine *engine, const struct query_asked *asked, uint8_t *buffer, struct page *page)
{
	const struct query_handler *handler = handler_find(engine_service(engine), asked->what);
	struct query query = {.engine = engine,
			      .arguments = asked->arguments,
			      .from = asked->from,
			      .writer = writer_of(buffer, QUERY_PAGE_BYTES),
			      .page = page,
			      .handler = handler,
			      .principal = asked->principal};

	*page = (struct page){0};
	query.limit = query_argument_int(&query, "limit", INT64_MAX);
	if (query.limit < 1)
		query.limit = 1;
	if (handler == NULL)
		return ERR_NOT_FOUND;
	if (asked->principal != NULL && !guard_may_ask(asked->principal, asked->what, scope_is_said(handler)))
		return ERR_FORBIDDEN;
	int error = view_open(&query.view, engine_store(engine));
	if (error != ERR_NONE)
		return error;
	handler->answer(&query);
	row_end(&query);
	error = query.view.failure;
	view_close(&query.view);
	if (error != ERR_NONE)
		return error; /* rows are missing: no answer is better than half of one */
	CHECK(query.writer.error == ERR_NONE); /* a row larger than QUERY_ROW_BYTES is our bug */
	page->rows = writer_bytes(&query.writer);
	return ERR_NONE;
}

int query_failure(const struct query *query)
{
	return query->view.failure;
}

int query_with_view(struct engine *engine, void (*look)(struct query *query, void *context), void *context)
{
	struct page page = {0};
	struct query query = {.engine = engine, .limit = INT64_MAX, .page = &page};
	int error = view_open(&query.view, engine_store(engine));

	if (error != ERR_NONE)
		return error;
	look(&query, context);
	error = query.view.failure;
	view_close(&query.view);
	return error;
}
