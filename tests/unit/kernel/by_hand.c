/* by_hand.c -- see by_hand.h. */
#include "by_hand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "kernel/turn.h"

static char said[8000]; /* by the last tool */

/* ---- a shop at rest and its tools ---- */

static int tool(struct shop *shop, const struct service *service, int (*run)(const struct service *, const struct tool_options *),
		bool replaces)
{
	char *words = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&words, &size);
	struct tool_options options = {.dir = shop->folder, .map_bytes_max = 64 << 20, .replace = replaces, .out = out};

	assert_non_null(out);
	shop_rest(shop);
	int result = run(service, &options);
	fclose(out);
	snprintf(said, sizeof(said), "%s", words);
	free(words);
	return result;
}

int check(struct shop *shop, const struct service *service)
{
	return tool(shop, service, tool_check, false);
}

int rebuild(struct shop *shop, const struct service *service)
{
	return tool(shop, service, tool_rebuild, false);
}

int replace(struct shop *shop, const struct service *service)
{
	return tool(shop, service, tool_rebuild, true);
}

void assert_said(const char *sentence)
{
	if (strstr(said, sentence) == NULL)
		fail_msg("not said: %s\nbut: %s", sentence, said);
}

/* ---- rows written by hand ---- */

void put_row(struct engine *engine, unsigned table, struct bytes key, struct bytes value)
{
	struct store *store = engine_store(engine);

	assert_int_equal(store_begin(store), ERR_NONE);
	store_put(store, table, key, value);
	assert_int_equal(store_commit(store), ERR_NONE);
}

void put_meta(struct engine *engine, struct meta meta)
{
	put_row(engine, KERNEL_META, bytes_of("meta", 4), bytes_of(&meta, sizeof(meta)));
}

void put_cursor(struct engine *engine, const char *source, uint64_t epoch, uint64_t through)
{
	struct cursor cursor = {.epoch = epoch, .through = through};

	put_row(engine, KERNEL_CURSOR, bytes_of_text(text_of(source)), bytes_of(&cursor, sizeof(cursor)));
}

void append_entry(struct engine *engine, unsigned table, uint64_t number, struct bytes value)
{
	struct store *store = engine_store(engine);

	assert_int_equal(store_begin(store), ERR_NONE);
	store_append(store, table, number, value);
	assert_int_equal(store_commit(store), ERR_NONE);
}

/* An entry of the journal of orders, as it would be were it its number. */
void append_event(struct engine *engine, uint64_t number)
{
	uint8_t event[300];

	append_entry(engine, KERNEL_JOURNAL, number,
	       bytes_of(event, toy_sale(event, sizeof(event), "orders", number, "S1", "R", 1000, SHOP_START_US)));
}

void append_run(struct engine *engine, const struct run *run)
{
	uint8_t record[1000];
	struct writer writer = writer_of(record, sizeof(record));
	struct meta meta = *engine_meta(engine);

	intake_write(&writer, run, SHOP_START_US);
	append_entry(engine, KERNEL_INTAKE, meta.intake + 1, writer_bytes(&writer));
	meta.intake += run->count;
	put_meta(engine, meta);
}

void put_epoch(struct engine *engine, uint64_t epoch, uint64_t last, uint64_t next, uint64_t intake)
{
	uint8_t key[8], row[32] = {0};

	put_u64_be(key, epoch);
	put_u64_be(row, last);
	put_u64_be(row + 8, next);
	put_u64_be(row + 16, intake);
	put_row(engine, KERNEL_EPOCHS, bytes_of(key, 8), bytes_of(row, 32));
}
