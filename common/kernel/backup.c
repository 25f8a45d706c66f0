/* backup.c -- a cut through all stores, copied; and copies that begin a new epoch. */
#include "kernel/backup.h"

#include <stdio.h>

#include "base/error.h"
#include "kernel/tools_inside.h"
#include "kernel/turn.h"

#define CUT_TRIES_MAX 1000
#define MAP_BYTES_MAX (UINT64_C(1) << 46)

struct cut {
	struct backup *backup;
	struct engine *engines[BACKUP_SERVICES_MAX];
	struct view views[BACKUP_SERVICES_MAX];
};

static void cut_close(struct cut *cut)
{
	for (unsigned i = 0; i < cut->backup->count; i++) {
		view_close(&cut->views[i]);
		engine_close(&cut->engines[i]);
	}
}

static int cut_open(struct cut *cut, struct backup *backup, const char *dir)
{
	struct tool_options options = {.dir = dir, .map_bytes_max = MAP_BYTES_MAX};
	int error = ERR_NONE;

	CHECK(backup->count <= BACKUP_SERVICES_MAX);
	*cut = (struct cut){.backup = backup};
	for (unsigned i = 0; i < backup->count && error == ERR_NONE; i++) {
		error = tools_open_upstream(&cut->engines[i], &options, backup->stores[i].service);
		if (error != ERR_NONE)
			backup->failed = backup->stores[i].service;
	}
	return error;
}

static int look(struct cut *cut, unsigned i)
{
	struct backup_store *store = &cut->backup->stores[i];

	view_close(&cut->views[i]);
	int error = view_open(&cut->views[i], engine_store(cut->engines[i]));
	if (error == ERR_NONE && !tools_meta(&cut->views[i], &store->meta))
		error = ERR_STORE_CORRUPT;
	if (error != ERR_NONE) {
		cut->backup->failed = store->service;
		return error;
	}
	(void)view_chain(&cut->views[i], KERNEL_JOURNAL, &store->journal);
	(void)view_chain(&cut->views[i], KERNEL_INTAKE, &store->intake);
	return ERR_NONE;
}

/* Whether `by` has heard no more than `of` has said in this cut: of its present epoch, or of one that a restore has ended. */
static bool has_said(struct cut *cut, unsigned of, unsigned by)
{
	const struct backup_store *source = &cut->backup->stores[of];
	struct bytes row = view_get(&cut->views[by], KERNEL_CURSOR, bytes_of_text(text_of(source->service)));
	struct cursor at;

	if (row.size != sizeof(at))
		return true; /* never heard */
	memcpy(&at, row.data, sizeof(at));
	if (at.epoch == source->meta.epoch)
		return at.through <= source->meta.head;
	const struct epoch *ended = epochs_find(engine_epochs(cut->engines[of]), at.epoch);
	return at.through == 0 || (ended != NULL && at.through <= ended->last);
}

/* The source that somebody is ahead of; -1: none, the cut is consistent. */
static int behind(struct cut *cut)
{
#if defined(MUTANT_CUT_UNCHECKED)
	return cut != NULL && cut->backup->failed == NULL ? -1 : 0;
#endif
	for (unsigned by = 0; by < cut->backup->count; by++)
		for (unsigned of = 0; of < cut->backup->count; of++)
			if (of != by && !has_said(cut, of, by)) {
				cut->backup->failed = cut->backup->stores[of].service;
				return (int)of;
			}
	cut->backup->failed = NULL;
	return -1;
}

/* Those who hear are looked at before those whom they hear. Inventory and logistics hear each other, so that is not always enough. */
static int cut_take(struct cut *cut)
{
	int error = ERR_NONE;

	for (unsigned i = cut->backup->count; i-- > 0 && error == ERR_NONE;)
		error = look(cut, i);
	for (unsigned tries = 0; error == ERR_NONE; tries++) {
		int late = behind(cut);

		if (late < 0)
			return ERR_NONE;
		error = tries < CUT_TRIES_MAX ? look(cut, (unsigned)late) : ERR_AGAIN;
	}
	return error;
}

static int look_through(struct backup *backup, const struct backup_store *store, struct view *view, unsigned table, const char *log)
{
	struct log_walk walk = {.table = table};
	enum log_state state = LOG_HOLDS;

	while (state == LOG_HOLDS)
		state = log_walk(view, &walk, UINT32_MAX);
	if (state == LOG_ENDED)
		return ERR_NONE;
	backup->failed = store->service;
	backup->damaged_log = log;
	backup->damaged_from = walk.damaged_from;
	backup->damaged_to = walk.damaged_to;
	return ERR_STORE_CORRUPT;
}

/* A backup that nobody has looked through is a hope. */
static int verify(struct backup *backup, const char *to)
{
	struct cut cut;
	int error = cut_open(&cut, backup, to);

	for (unsigned i = 0; i < backup->count && error == ERR_NONE; i++) {
		error = look(&cut, i);
		if (error == ERR_NONE)
			error = look_through(backup, &backup->stores[i], &cut.views[i], KERNEL_JOURNAL, "journal");
		if (error == ERR_NONE)
			error = look_through(backup, &backup->stores[i], &cut.views[i], KERNEL_INTAKE, "intake");
	}
	if (error == ERR_NONE && behind(&cut) >= 0)
		error = ERR_OUT_OF_RANGE;
	cut_close(&cut);
	return error;
}

int backup_take(struct backup *backup, const char *dir, const char *to, uint64_t bytes_per_second)
{
	char path[4096];
	struct cut cut;
	int error = cut_open(&cut, backup, dir);

	if (error == ERR_NONE)
		error = cut_take(&cut);
	for (unsigned i = 0; i < backup->count && error == ERR_NONE; i++) {
		snprintf(path, sizeof(path), "%s/%s", to, backup->stores[i].service);
		error = store_copy(&cut.views[i], path, bytes_per_second, &backup->stores[i].copied);
		if (error != ERR_NONE)
			backup->failed = backup->stores[i].service;
		view_close(&cut.views[i]);
	}
	cut_close(&cut);
	return error == ERR_NONE ? verify(backup, to) : error;
}

/* ---- copies that serve again ---- */

struct turn_of_epoch {
	struct backup *backup;
	struct engine *engine;
	uint64_t epoch;
	const char *names[BACKUP_SERVICES_MAX + 2];
	unsigned count;
};

static void move_cursor(void *context, struct text source, const struct cursor *cursor)
{
	struct turn_of_epoch *turn = context;

	CHECK(turn->count < sizeof(turn->names) / sizeof(turn->names[0]));
	if (cursor->epoch == 0)
		return;
	for (unsigned i = 0; i < turn->backup->count && turn->backup->only == NULL; i++)
		if (text_equal(source, text_of(turn->backup->stores[i].service)))
			turn->names[turn->count++] = turn->backup->stores[i].service;
	if (text_equal(source, TEXT_LITERAL("clock")))
		turn->names[turn->count++] = "clock";
	if (text_equal(source, TEXT_LITERAL(ENGINE_OPERATOR)))
		turn->names[turn->count++] = ENGINE_OPERATOR;
}

/* The services begin their new epochs together, so each knows those of the others; the clock and the operator number with ours. */
static int begin_epoch(struct backup *backup, const char *dir, unsigned index, uint64_t epoch)
{
	struct turn_of_epoch turn = {.backup = backup, .epoch = epoch};
	struct tool_options options = {.dir = dir, .map_bytes_max = MAP_BYTES_MAX};
	char name[128];

	snprintf(name, sizeof(name), "%s.restored", backup->stores[index].service);
	int error = tools_open_to_change(&turn.engine, &options, name);
	if (error == ERR_NONE && engine_meta(turn.engine)->epoch >= epoch)
		error = ERR_OUT_OF_RANGE;
	if (error == ERR_NONE)
		error = engine_begin(turn.engine, engine_meta(turn.engine)->now_us);
	if (error == ERR_NONE) {
		epochs_put(turn.engine->store, &turn.engine->meta, epoch);
		engine_each_cursor(turn.engine, move_cursor, &turn);
		for (unsigned i = 0; i < turn.count; i++) {
			struct cursor *cursor = sources_touch(&turn.engine->sources, text_of(turn.names[i]));
			uint64_t next = epoch;

#if defined(MUTANT_CURSOR_OF_OLD_EPOCH)
			next = cursor->epoch;
#endif
			cursor->epoch = next;
		}
		error = engine_commit(turn.engine);
	}
	engine_close(&turn.engine);
	return error;
}

static bool is_what_was_said(const struct backup_store *said, const struct backup_store *found)
{
	return said->copied.hash == found->copied.hash && said->copied.rows == found->copied.rows &&
	       said->meta.epoch == found->meta.epoch && said->meta.head == found->meta.head &&
	       said->journal.link == found->journal.link && said->intake.link == found->intake.link;
}

static bool is_wanted(const struct backup *backup, unsigned i)
{
	return backup->only == NULL || strcmp(backup->only, backup->stores[i].service) == 0;
}

int backup_fetch(struct backup *backup, const char *from, const char *dir, uint64_t epoch)
{
	struct backup found = *backup;
	char path[4096];
	struct cut cut;
	int error = cut_open(&cut, &found, from);

	if (error == ERR_NONE)
		error = cut_take(&cut);
	if (error == ERR_AGAIN)
		error = ERR_OUT_OF_RANGE;
	for (unsigned i = 0; i < found.count && error == ERR_NONE; i++) {
		if (!is_wanted(backup, i))
			continue;
		snprintf(path, sizeof(path), "%s/%s.restored", dir, found.stores[i].service);
		error = store_copy(&cut.views[i], path, 0, &found.stores[i].copied);
		if (error == ERR_NONE && !is_what_was_said(&backup->stores[i], &found.stores[i]))
			error = ERR_STORE_CORRUPT;
		if (error != ERR_NONE)
			found.failed = found.stores[i].service;
	}
	cut_close(&cut);
	for (unsigned i = 0; i < found.count && error == ERR_NONE; i++) {
		if (is_wanted(backup, i))
			error = begin_epoch(&found, dir, i, epoch);
		if (error != ERR_NONE)
			found.failed = found.stores[i].service;
	}
	backup->failed = found.failed;
	return error;
}
