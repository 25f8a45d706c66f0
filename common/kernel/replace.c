/* replace.c -- a rebuilt store takes the place of a damaged one. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/tools_inside.h"
#include "kernel/turn.h"

/* Whether nobody serves from it; the lock is the writer's own (place.h), held until the returned folder is closed. -1: somebody does. */
static int hold(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) != 0) {
		close(folder);
		folder = -1;
	}
	return folder;
}

/* What an operator has taken out of quarantine is not in the inputs as such: it stays out. */
static int take_out(struct engine *fresh, struct view *old)
{
	struct view view = {0};
	struct bytes key = {0};
	int error = view_open(&view, fresh->store);

	if (error != ERR_NONE)
		return error;
	for (view_seek(&view, KERNEL_QUARANTINE, key, &key); key.data != NULL; view_next(&view, KERNEL_QUARANTINE, &key))
		if (view_get(old, KERNEL_QUARANTINE, key).data == NULL)
			store_del(fresh->store, KERNEL_QUARANTINE, key);
	error = view.failure != ERR_NONE ? view.failure : old->failure; /* a row that cannot be read was not taken out */
	view_close(&view);
	return error;
}

static void take_epochs(struct engine *fresh, struct view *old)
{
	struct bytes key = {0};

	for (struct bytes row = view_seek(old, KERNEL_EPOCHS, key, &key); key.data != NULL; row = view_next(old, KERNEL_EPOCHS, &key))
		store_put(fresh->store, KERNEL_EPOCHS, key, row);
}

/* The same epoch, since it is the same journal; the same clocks, since they go on. */
static int take_over(struct engine *old, struct engine *fresh, const struct meta *meta)
{
	struct view view = {0};
	int error = view_open(&view, old->store);

	if (error == ERR_NONE)
		error = engine_begin(fresh, meta->now_us);
	if (error == ERR_NONE) {
		fresh->meta = *meta;
		take_epochs(fresh, &view);
		error = take_out(fresh, &view);
		if (error == ERR_NONE)
			error = engine_commit(fresh);
	}
	view_close(&view);
	return error;
}

static int exchange(const char *dir, const char *name, const char *path)
{
	char now[4200], aside[4300];
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time); /* house: a name for people */
	snprintf(now, sizeof(now), "%s/%s", dir, name);
	snprintf(aside, sizeof(aside), "%s.damaged-%lld", now, (long long)time.tv_sec);
	if (rename(now, aside) != 0)
		return ERR_SYSTEM;
	if (rename(path, now) != 0) {
		(void)rename(aside, now); /* a damaged store is better than none */
		return ERR_SYSTEM;
	}
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = folder >= 0 && fsync(folder) == 0 ? ERR_NONE : ERR_SYSTEM;
	if (folder >= 0)
		close(folder);
	return error;
}

int tools_replace(struct engine **old, struct engine **fresh, const struct meta *meta, const char *dir, const char *path)
{
	const char *name = (*fresh)->service->name;
	char present[4200];

	snprintf(present, sizeof(present), "%s/%s", dir, name);
	int held = hold(present);
	if (held < 0)
		return ERR_STORE_BUSY;
	int error = engine_meta(*old)->intake == meta->intake ? take_over(*old, *fresh, meta) : ERR_STORE_BUSY;
	engine_close(fresh);
	engine_close(old);
	if (error == ERR_NONE)
		error = exchange(dir, name, path);
	close(held);
	return error;
}
