/* quarantine.c -- what an operator can do with an input that could not be taken: try it again, or let it go. */
#include "base/error.h"
#include "kernel/quarantine.h"
#include "kernel/turn.h"

bool quarantine_read(struct bytes row, struct quarantined *out)
{
	struct reader reader = reader_of(row);

	(void)reader_array(&reader, 6);
	out->source = reader_text(&reader, SOURCE_TEXT_MAX);
	out->epoch = reader_uint(&reader);
	out->seq = reader_uint(&reader);
	out->now_us = reader_int(&reader);
	out->reason = reader_text(&reader, 400);
	out->event = reader_bin(&reader, UINT32_MAX);
	reader_leave(&reader);
	return reader_finish(&reader) == ERR_NONE;
}

/* Takes the record out, in the open turn; the bytes are copied into the turn's arena. */
static bool take_out(struct engine *engine, uint64_t number, struct quarantined *record)
{
	uint8_t key[8];

	put_u64_be(key, number);
	struct bytes row = store_get(engine->store, KERNEL_QUARANTINE, bytes_of(key, sizeof(key)));
	if (row.data == NULL)
		return false;
	uint8_t *copy = arena_take(&engine->turn_arena, row.size);
	CHECK(copy != NULL); /* the turn is new, and a value smaller than its arena */
	memcpy(copy, row.data, row.size);
	store_del(engine->store, KERNEL_QUARANTINE, bytes_of(key, sizeof(key)));
	engine->counts.quarantine_turn--;
	return quarantine_read(bytes_of(copy, row.size), record);
}

int engine_discard(struct engine *engine, uint64_t number, int64_t now_us)
{
	struct quarantined record;
	int error = engine_begin(engine, now_us);

	if (error != ERR_NONE)
		return error;
	if (!take_out(engine, number, &record)) {
		engine_abort(engine);
		return ERR_NOT_FOUND;
	}
	return engine_commit(engine);
}

int engine_retry(struct engine *engine, uint64_t number, int64_t now_us)
{
	struct quarantined record;
	struct admission admission;
	uint64_t before = engine->meta.quarantined;
	int error = engine_begin(engine, now_us);

	if (error != ERR_NONE)
		return error;
	if (!take_out(engine, number, &record)) {
		engine_abort(engine);
		return ERR_NOT_FOUND;
	}
	struct cursor at = engine_cursor(engine, TEXT_LITERAL(ENGINE_OPERATOR));
	struct run run = {.source = TEXT_LITERAL(ENGINE_OPERATOR),
			  .epoch = engine->meta.epoch,
			  .after = at.through,
			  .count = 1,
			  .events = record.event};

	engine_admit(engine, &run, &admission);
	if (engine->meta.quarantined != before) { /* still not to be taken: it stays where it was */
		engine_abort(engine);
		return ERR_SYNTAX;
	}
	return engine_commit(engine);
}
