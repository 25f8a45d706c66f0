/* rebuild.c -- the recorded inputs through the handlers once more, into a store beside; equal hashes or the first difference. */
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "kernel/epochs.h"
#include "kernel/sources.h"
#include "kernel/tools_inside.h"

#define CHUNK_RECORDS 512	/* intake records between two looks at the old store, so that no view lives long */
#define FEED_BYTES (8u << 20)
#define FOLLOWS_MAX 8

struct rebuild {
	const struct service *service;
	const struct tool_options *options;
	struct engine *old, *fresh;
	struct engine *upstreams[FOLLOWS_MAX];
	struct meta meta;	/* of the old store, when the rebuild began */
	struct sources cursors; /* of the same moment */
	bool cursors_differ;
	uint64_t state_hash;
	uint64_t next;		/* intake number to read next */
	uint8_t *feed;		/* FEED_BYTES: events fetched from an upstream's journal */
	bool is_true;		/* the fresh journal says all that the old one is known to have said */
	char path[4096];
};

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

static int open_all(struct rebuild *r)
{
	struct engine_options options = {.path = r->path,
					 .map_bytes = 64 << 20,
					 .map_bytes_max = r->options->map_bytes_max,
					 .settings = r->options->settings,
					 .replay = true,
					 .now_us = 1};
	int error = tools_open(&r->old, r->service, r->options, r->service->name);

	for (unsigned i = 0; r->service->follows[i] != NULL && error == ERR_NONE; i++)
		error = tools_open_upstream(&r->upstreams[i], r->options, r->service->follows[i]);
	if (error != ERR_NONE)
		return error;
	snprintf(r->path, sizeof(r->path), "%s/%s.rebuild", r->options->dir, r->service->name);
	(void)nftw(r->path, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* of an earlier rebuild that was stopped */
	return engine_open(&r->fresh, r->service, &options);
}

static int look_at_meta(struct rebuild *r, struct view *view, struct meta *meta)
{
	int error = view_open(view, engine_store(r->old));

	if (error == ERR_NONE && !tools_meta(view, meta))
		error = ERR_STORE_CORRUPT;
	return error;
}

/* Counts, cursors and state of one moment. The service may be running: cursors count when no input came while they were read. */
static int note_old(struct rebuild *r)
{
	struct view view = {0};
	struct meta before;
	int error;

	do {
		view_close(&view);
		error = look_at_meta(r, &view, &before);
		view_close(&view);
		sources_close(&r->cursors);
		if (error == ERR_NONE)
			error = sources_load(&r->cursors, engine_store(r->old));
		if (error == ERR_NONE)
			error = look_at_meta(r, &view, &r->meta);
	} while (error == ERR_NONE && before.intake != r->meta.intake);
	if (error == ERR_NONE && !r->options->replace) /* what is to be replaced may not be readable */
		r->state_hash = view_state_hash(&view);
	view_close(&view);
	return error;
}

/* The events of a run as the upstream's journal has them: those of the types that this service hears, when it is idle or when it is not. */
static uint32_t gather(struct rebuild *r, struct view *view, const struct run *run, bool is_idle, struct writer *events)
{
	uint64_t number;
	uint32_t count = 0;

	*events = writer_of(r->feed, FEED_BYTES);
	for (struct bytes event = view_log_seek(view, KERNEL_JOURNAL, run->after + 1, &number);
	     event.data != NULL && number <= run->through; event = view_log_next(view, KERNEL_JOURNAL, &number)) {
		struct reader reader = reader_of(event);
		struct envelope envelope;

		envelope_read(&reader, &envelope);
		if (engine_route(r->fresh, envelope.type) == NULL || (is_idle && service_is_spared(r->service, envelope.type)))
			continue;
		writer_raw(events, event);
		count++;
	}
	return count;
}

/* What came through a feed stands in the upstream's journal. Whether the service was idle when it came, its count tells. */
static int fetch(struct rebuild *r, struct run *run)
{
	struct engine *upstream = NULL;
	struct view view = {0};
	struct writer events;

	for (unsigned i = 0; r->service->follows[i] != NULL; i++)
		if (text_equal(text_of(r->service->follows[i]), run->source))
			upstream = r->upstreams[i];
	if (upstream == NULL)
		return ERR_NOT_FOUND;
	int error = view_open(&view, engine_store(upstream));
	if (error != ERR_NONE)
		return error;
#if defined(MUTANT_REBUILD_BEGINS_LATE)
	run->after += run->after > 0;
#endif
	uint32_t count = gather(r, &view, run, false, &events);
	if (count != run->count && r->service->is_idle != NULL)
		count = gather(r, &view, run, true, &events);
	view_close(&view);
	run->events = writer_bytes(&events);
	if (count != run->count)
		return ERR_NOT_FOUND;
	return events.error;
}

/* A restore that came before this input moved the journal's numbers on. */
static void skip_epochs(struct rebuild *r, uint64_t input)
{
	const struct epochs *epochs = engine_epochs(r->old);

	for (unsigned i = 0; i < epochs->count; i++)
		if (epochs->list[i].intake < input && epochs->list[i].next - 1 > engine_meta(r->fresh)->head)
			engine_skip(r->fresh, epochs->list[i].next - 1);
}

static int play_record(struct rebuild *r, struct bytes record, uint64_t number)
{
	struct admission admission;
	struct run run;

	if (!intake_read(record, &run))
		return ERR_STORE_CORRUPT;
	int error = run.feed ? fetch(r, &run) : ERR_NONE;
	if (error != ERR_NONE) {
		tools_say(r->options->out, r->service->name, "input %" PRIu64 ": the events %" PRIu64 "..%" PRIu64 " of %.*s are not all there",
			  number, run.after + 1, run.through, TEXT_ARGS(run.source));
		return error;
	}
	skip_epochs(r, number);
	engine_admit(r->fresh, &run, &admission);
	r->next = number + run.count;
	return admission.state == ADMISSION_DONE ? ERR_NONE : ERR_STORE_IO;
}

/* One turn over the next records; *more tells whether any were left. */
static int play_chunk(struct rebuild *r, bool *more)
{
	struct view view = {0};
	uint64_t number;
	int error = view_open(&view, engine_store(r->old));

	*more = false;
	if (error != ERR_NONE)
		return error;
	error = engine_begin(r->fresh, 1);
	struct bytes record = view_log_seek(&view, KERNEL_INTAKE, r->next, &number);
	for (unsigned i = 0; i < CHUNK_RECORDS && record.data != NULL && number <= r->meta.intake && error == ERR_NONE; i++) {
		*more = true;
		error = play_record(r, record, number);
		record = view_log_next(&view, KERNEL_INTAKE, &number);
	}
	view_close(&view);
	if (!*more)
		skip_epochs(r, r->meta.intake + 1);
	if (error != ERR_NONE)
		engine_abort(r->fresh);
	return error != ERR_NONE ? error : engine_commit(r->fresh);
}

/* An event that a service wrote before it wrote keys by their numbers is the same event. */
static bool is_same_event(struct bytes was, struct bytes is)
{
	static uint8_t rooms[2][EVENT_OWN_BYTES_MAX]; /* house: large, and a tool has one thread */
	struct writer named[2] = {writer_of(rooms[0], sizeof(rooms[0])), writer_of(rooms[1], sizeof(rooms[1]))};

	if (bytes_equal(was, is))
		return true;
	CHECK(event_named(was, &named[0]) == ERR_NONE && event_named(is, &named[1]) == ERR_NONE); /* there is room for the largest with names */
	return bytes_equal(writer_bytes(&named[0]), writer_bytes(&named[1]));
}

/* Number of the first journal entry that differs up to the noted head; 0: none. A damaged one differs, unless it may be replaced. */
static uint64_t first_difference(struct rebuild *r)
{
	bool damaged_differs = !r->options->replace;

	struct view old = {0}, fresh = {0};
	uint64_t a, b, found = 0;

	if (view_open(&old, engine_store(r->old)) != ERR_NONE)
		return 1;
	if (view_open(&fresh, engine_store(r->fresh)) != ERR_NONE) {
		view_close(&old);
		return 1;
	}
	struct bytes was = view_log_seek(&old, KERNEL_JOURNAL, 1, &a);
	struct bytes is = view_log_seek(&fresh, KERNEL_JOURNAL, 1, &b);
	while (found == 0 && (a != 0 || b != 0) && a <= r->meta.head) {
		bool is_damaged = a == b && was.data == NULL && is.data != NULL;

		if (is_damaged ? damaged_differs : is.data == NULL || a != b || !is_same_event(was, is))
			found = a != 0 && (a < b || b == 0) ? a : b;
		was = view_log_next(&old, KERNEL_JOURNAL, &a);
		is = view_log_next(&fresh, KERNEL_JOURNAL, &b);
	}
	view_close(&fresh);
	view_close(&old);
	return found;
}

static bool is_feed(const struct rebuild *r, struct text source)
{
	for (unsigned i = 0; r->service->follows[i] != NULL; i++)
		if (text_equal(source, text_of(r->service->follows[i])))
			return true;
	return false;
}

/* A cursor stands where the last input of its source stands; that of a feed may have passed events that are not heard here. */
static void compare_cursor(void *context, struct text source, const struct cursor *old)
{
	struct rebuild *r = context;
	struct cursor fresh = engine_cursor(r->fresh, source);
	bool feed = is_feed(r, source);

	if (old->through == fresh.through || (feed && old->through > fresh.through))
		return;
	r->cursors_differ = true;
	tools_say(r->options->out, r->service->name, "stands at %" PRIu64 " of %.*s, its inputs at %" PRIu64, old->through,
		  TEXT_ARGS(source), fresh.through);
}

static void compare_books(struct rebuild *r)
{
	if (r->options->replace)
		return;
	sources_each(&r->cursors, compare_cursor, r);
	if (r->meta.intake > 0 && r->meta.now_us != engine_meta(r->fresh)->now_us) {
		r->cursors_differ = true;
		tools_say(r->options->out, r->service->name, "its last stamp is not that of its last input");
	}
}

static int compare(struct rebuild *r)
{
	struct view view = {0};
	int error = view_open(&view, engine_store(r->fresh));

	if (error != ERR_NONE)
		return error;
	uint64_t hash = view_state_hash(&view);
	view_close(&view);
	uint64_t difference = first_difference(r);
	compare_books(r);
	bool equal = hash == r->state_hash && difference == 0 && engine_meta(r->fresh)->head == r->meta.head && !r->cursors_differ;

	if (difference != 0)
		tools_say(r->options->out, r->service->name, "journal entry %" PRIu64 " is not what its inputs give", difference);
	else if (hash != r->state_hash && !r->options->replace)
		tools_say(r->options->out, r->service->name, "the state is not what its inputs give");
	r->is_true = difference == 0 && engine_meta(r->fresh)->head == r->meta.head;
	fprintf(r->options->out,
		"{\"service\":\"%s\",\"inputs\":%" PRIu64 ",\"events\":%" PRIu64 ",\"state_hash\":\"%016" PRIx64
		"\",\"rebuilt_hash\":\"%016" PRIx64 "\",\"equal\":%s}\n",
		r->service->name, r->meta.intake, r->meta.head, r->state_hash, hash, equal ? "true" : "false");
	return equal ? 0 : 1;
}

static int play_all(struct rebuild *r)
{
	bool more = true;
	int error = note_old(r);

	while (error == ERR_NONE && more)
		error = play_chunk(r, &more);
	return error == ERR_NONE ? compare(r) : error;
}

int tool_replay(struct engine *old, struct engine *const *upstreams, struct engine *fresh, FILE *out)
{
	struct tool_options options = {.out = out};
	struct rebuild r = {.service = engine_service(old), .options = &options, .old = old, .fresh = fresh, .next = 1, .feed = malloc(FEED_BYTES)};

	for (unsigned i = 0; r.service->follows[i] != NULL; i++)
		r.upstreams[i] = upstreams[i];
	int error = r.feed != NULL ? play_all(&r) : ERR_MEMORY;
	sources_close(&r.cursors);
	free(r.feed);
	return error;
}

int tool_rebuild(const struct service *service, const struct tool_options *options)
{
	struct rebuild r = {.service = service, .options = options, .next = 1, .feed = malloc(FEED_BYTES)};
	int error = r.feed != NULL ? open_all(&r) : ERR_MEMORY;

	if (error == ERR_NONE)
		error = play_all(&r);
	if (options->replace && error >= 0)
		error = r.is_true ? tools_replace(&r.old, &r.fresh, &r.meta, options->dir, r.path) : 1;
	engine_close(&r.fresh);
	if (r.path[0] != 0)
		(void)nftw(r.path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	for (unsigned i = 0; i < FOLLOWS_MAX; i++)
		engine_close(&r.upstreams[i]);
	engine_close(&r.old);
	sources_close(&r.cursors);
	free(r.feed);
	return error;
}
