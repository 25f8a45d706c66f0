/* admit.c -- runs of inputs, one event after the other: duplicate, gap, quarantine, stamp, handler, cursor. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "kernel/refusals.h"
#include "kernel/suspect.h"
#include "kernel/turn.h"
#include "log/log.h"

#if defined(MUTANT_STAMPS_FORGOTTEN)
#define STAMPS_FORGOTTEN true
#else
#define STAMPS_FORGOTTEN false
#endif

static int64_t stamp(struct engine *engine, const struct run *run, uint32_t index)
{
	struct meta *meta = &engine->meta;

	if (engine->replay && !STAMPS_FORGOTTEN)
		meta->now_us = run->now_us + index;
#if defined(MUTANT_STAMPS_BY_TURN)
	else if (engine->turn_size > 0)
		return meta->now_us;
#endif
#if defined(MUTANT_STAMPS_JUMP)
	else if (engine->wall_us < meta->now_us)
		meta->now_us = engine->wall_us;
#endif
	else
		meta->now_us = engine->wall_us > meta->now_us ? engine->wall_us : meta->now_us + 1;
	return meta->now_us;
}

void quarantine_put(struct engine *engine, const struct run *run, uint64_t seq, struct bytes event, const char *reason)
{
	struct writer writer = writer_of(engine->record, engine->record_size);
	uint8_t key[8];

#if !defined(MUTANT_LOST_QUARANTINE)
	writer_array(&writer, 6);
	writer_text(&writer, run->source);
	writer_uint(&writer, run->epoch);
	writer_uint(&writer, seq);
	writer_int(&writer, engine->meta.now_us);
	writer_text(&writer, text_of(reason));
	writer_bin(&writer, event);
	put_u64_be(key, ++engine->meta.quarantined);
	store_put(engine->store, KERNEL_QUARANTINE, bytes_of(key, sizeof(key)), writer_bytes(&writer));
	engine->counts.quarantine_turn++;
#else
	(void)key;
	(void)seq;
	(void)event;
	(void)writer;
	(void)run;
	(void)engine;
#endif
	log_line(LOG_UNUSUAL, "quarantined", "source=%.*s epoch=%llu seq=%llu reason=\"%s\"", TEXT_ARGS(run->source),
		 (unsigned long long)run->epoch, (unsigned long long)seq, reason);
}

/*
 * The next event of a run. Its envelope is read first; where its data ends is known when somebody has unpacked them, or stepped
 * over them: each byte is walked once.
 */
struct incoming {
	struct reader *reader;	/* of the run; before the data while the event has no end */
	struct reader before;	/* where the event begins */
	const uint8_t *data;	/* where its data begins; NULL: it has no envelope */
	struct envelope envelope; /* data is not set */
	int error;		/* of reading the envelope */
	const char *field;	/* the part that failed */
	bool has_end;
	bool torn;		/* it could not be told apart from the rest of the run: all the rest is this event */
	struct bytes event;	/* once it has an end */
};

static void begin_event(struct reader *reader, struct incoming *in)
{
	*in = (struct incoming){.reader = reader, .before = *reader};
	envelope_open(reader, &in->envelope);
	in->error = reader->error;
	in->data = reader->error == ERR_NONE ? reader->at : NULL;
	in->field = reader->field;
}

static void end_here(struct incoming *in)
{
	const uint8_t *start = in->before.at;

	in->event = bytes_of(start, (size_t)((in->torn ? in->before.end : in->reader->at) - start));
	in->has_end = true;
}

/* Step over it, whatever it is: perhaps not an event, but a value that can be kept alone. */
static void end_event(struct incoming *in)
{
	if (in->has_end)
		return;
	*in->reader = in->before;
	(void)reader_value(in->reader);
	in->torn = in->reader->error != ERR_NONE;
	end_here(in);
}

static const struct route *route_of(struct engine *engine, struct text type)
{
	if (engine->routed == NULL || !text_equal(route_facts(engine, engine->routed)->name, type))
		engine->routed = engine_route(engine, type);
	return engine->routed;
}

/* Why an event cannot be taken, as its envelope tells, or NULL: *route is then set. */
static const char *event_fault(struct engine *engine, const struct run *run, uint64_t seq, const struct incoming *in,
			       const struct route **route, char reason[160])
{
	const struct envelope *envelope = &in->envelope;

	if (in->error != ERR_NONE) {
		CHECK(in->field != NULL);
		snprintf(reason, 160, "envelope: %s: %s", in->field, error_text(in->error));
		return reason;
	}
	bool retried = text_equal(run->source, TEXT_LITERAL(ENGINE_OPERATOR));
	if (!retried && (envelope->seq != seq || !text_equal(envelope->source, run->source)))
		return "envelope: source or sequence is not that of the message";
	*route = route_of(engine, envelope->type);
	if (*route == NULL) {
		snprintf(reason, 160, "type %.*s is not heard here", TEXT_ARGS(envelope->type));
		return reason;
	}
	return NULL;
}

/* Its data as the struct of its type, in the arena of the event; NULL: *fault says why not. */
static void *unpack_event(struct engine *engine, const struct run *run, struct incoming *in, const struct route *route,
			  const char **fault, char reason[160])
{
	struct reader *reader = in->reader;
	void *data = arena_take(&engine->turn.event_arena, route->type->struct_size);
	int error = route->type->unpack(data, reader, &engine->turn.event_arena);

	if (error == ERR_NONE) {
		reader_leave(reader);
		end_here(in);
		if (in->event.size <= EVENT_BYTES_MAX || run->feed)
			return data;
		error = ERR_TOO_LARGE;
	}
	snprintf(reason, 160, "data: %s: %s", reader->field != NULL ? reader->field : "map", error_text(error));
	*fault = reason;
	return NULL;
}

/* "source#42", written by hand: it is made for every event. */
static uint32_t input_id(char id[ID_TEXT_MAX], struct text source, uint64_t seq)
{
	char digits[20];
	uint32_t count = 0, size = source.size;

	_Static_assert(SOURCE_TEXT_MAX + 1 + sizeof(digits) <= ID_TEXT_MAX, "an id has room for its source and sequence");
	memory_copy(id, source.data, size);
	id[size++] = '#';
	do {
		digits[count++] = (char)('0' + seq % 10);
		seq /= 10;
	} while (seq > 0);
	while (count > 0)
		id[size++] = digits[--count];
	return size;
}

/* What an operator has taken out of quarantine is still what its source has said; of all others the envelope names the run's. */
static void run_handler(struct engine *engine, const struct route *route, const struct run *run,
			const struct envelope *envelope, void *data)
{
	struct turn *turn = &engine->turn;
	uint32_t size = input_id(turn->id, envelope->source, envelope->seq);

	turn->input = (struct input){.source = envelope->source,
				     .epoch = run->epoch,
				     .seq = envelope->seq,
				     .subject = envelope->subject,
				     .time_us = envelope->time_us,
				     .now_us = engine->meta.now_us,
				     .id = {turn->id, size},
				     .type = route_facts(engine, route)->name};
	route->handle(turn, data);
}

/* One event that is new: quarantine it or let its handler work. A poison event, which killed the process before, is set aside unread. */
static void take_event(struct engine *engine, struct cursor *cursor, const struct run *run, uint64_t seq, struct incoming *in,
		       const struct route *route, const char *fault, struct admission *admission)
{
	struct refusal refusal = {.seq = seq, .code = TEXT_LITERAL("malformed")};
	struct turn *turn = &engine->turn;
	char reason[160];
	void *data = NULL;

	turn->refused = false;
	arena_reset(&turn->event_arena);
	if (fault == NULL && suspect_is_poison(engine, run->source, run->epoch, seq))
		fault = "it has killed the process twice";
	if (fault == NULL)
		data = unpack_event(engine, run, in, route, &fault, reason);
	if (data != NULL) {
		suspect_note(engine, run->source, run->epoch, seq);
		run_handler(engine, route, run, &in->envelope, data);
		tally_turn(&engine->counts.heard, route->type->name, 1);
		cursor->heard_us = in->envelope.time_us > cursor->heard_us ? in->envelope.time_us : cursor->heard_us;
	} else {
		end_event(in);
		quarantine_put(engine, run, seq, in->event, fault);
		tally_turn(&engine->counts.inputs, "quarantined", 1);
		refusal.message = text_of(fault);
	}
	if (data != NULL && turn->refused) {
		refusal.code = turn->refusal.code;
		refusal.message = turn->refusal.message;
	}
	if ((data == NULL || turn->refused) && !run->feed) { /* services are not told: their events are facts already */
		tally_turn(&engine->counts.refused, refusal.code.data, 1);
		refusals_keep(engine, run, &refusal);
		refusals_add(engine, admission, &refusal);
		cursor->refusals++;
	}
}

/* clock.ticked as an input of its own: recorded with its time as a run of the source `clock`. */
static void take_tick(struct engine *engine, int64_t tick_us)
{
	static const struct text clock = {"clock", 5};
	const struct route *route = engine_route(engine, TEXT_LITERAL("clock.ticked"));
	struct cursor *cursor = sources_touch(&engine->sources, clock);
	uint8_t data[16], packed[96];
	struct writer body = writer_of(data, sizeof(data)), event = writer_of(packed, sizeof(packed));
	struct admission ignored = {0};

	CHECK(!engine->replay && route != NULL);
	cursor->epoch = engine->meta.epoch;
	cursor->through++;
	writer_map(&body, 1);
	writer_text(&body, TEXT_LITERAL("time"));
	writer_int(&body, tick_us);
	struct envelope envelope = {.source = clock,
				    .seq = cursor->through,
				    .type = TEXT_LITERAL("clock.ticked"),
				    .time_us = tick_us,
				    .data = writer_bytes(&body)};
	envelope_write(&event, &envelope);
	CHECK(event.error == ERR_NONE);
	struct run run = {.source = clock,
			  .epoch = cursor->epoch,
			  .after = cursor->through - 1,
			  .through = cursor->through,
			  .count = 1,
			  .events = writer_bytes(&event)};
	int64_t stamped = stamp(engine, &run, 0);
	struct writer record = writer_of(engine->record, engine->record_size);
	struct reader reader = reader_of(run.events);
	struct incoming in;

	intake_write(&record, &run, stamped);
	store_append(engine->store, KERNEL_INTAKE, ++engine->meta.intake, writer_bytes(&record));
	engine->meta.tick_us = tick_us;
	engine->turn_size++;
	begin_event(&reader, &in);
	take_event(engine, cursor, &run, cursor->through, &in, route, NULL, &ignored);
}

static bool hears_clock(const struct engine *engine)
{
	return engine_route(engine, TEXT_LITERAL("clock.ticked")) != NULL;
}

/* Before an event whose time crosses a minute the clock is heard; the first business event only starts it. */
static int64_t tick_due(struct engine *engine, const struct envelope *envelope, const struct route *route)
{
	int64_t business = envelope->time_us < engine->wall_us ? envelope->time_us : engine->wall_us;
	struct meta *meta = &engine->meta;

#if defined(MUTANT_TICK_LOST)
	return 0;
#endif
	if (engine->replay || !route_facts(engine, route)->moves_business_clock || business <= meta->business_us)
		return 0;
	int64_t minute = business - business % US_PER_MINUTE;
	bool started = meta->business_us != 0;

	meta->business_us = business;
	if (!started)
		meta->tick_us = minute;
	return started && minute > meta->tick_us && hears_clock(engine) ? minute : 0;
}

bool engine_tick(struct engine *engine)
{
	struct meta *meta = &engine->meta;
	int64_t idle = engine->wall_us - engine->idle_since_us;

	if (engine->replay || meta->business_us == 0 || idle < US_PER_MINUTE || !hears_clock(engine))
		return false;
	int64_t business = meta->business_us + idle;
	if (business > engine->wall_us)
		business = engine->wall_us;
	if (business - business % US_PER_MINUTE <= meta->tick_us)
		return false;
	meta->business_us = business;
	take_tick(engine, business - business % US_PER_MINUTE);
	return true;
}

/* The part of a run that is admitted without a tick between: one intake record. */
struct stretch {
	struct run run;
	int64_t now_us;
};

static void stretch_end(struct engine *engine, struct stretch *stretch, uint64_t through)
{
	if (stretch->run.count == 0)
		return;
	struct writer record = writer_of(engine->record, engine->record_size);

	stretch->run.through = through;
	intake_write(&record, &stretch->run, stretch->now_us);
	CHECK(record.error == ERR_NONE);
#if !defined(MUTANT_INTAKE_FORGOTTEN)
	store_append(engine->store, KERNEL_INTAKE, engine->meta.intake + 1, writer_bytes(&record));
#endif
	engine->meta.intake += stretch->run.count;
	stretch->run.count = 0;
	stretch->run.after = through;
}

static void stretch_add(struct engine *engine, struct stretch *stretch, struct bytes event)
{
	if (stretch->run.count == 0) {
		stretch->run.events = bytes_of(event.data, 0);
		stretch->now_us = engine->meta.now_us;
	}
	stretch->run.count++;
	stretch->run.events.size = (size_t)(event.data + event.size - stretch->run.events.data);
}

/* What it looked like, once it has an end. */
static uint64_t print_of(const struct incoming *in)
{
	const uint8_t *end = in->event.data + in->event.size;

	if (in->data == NULL || in->data > end)
		return prints_of((struct text){0}, in->event);
	return prints_of(in->envelope.type, bytes_of(in->data, (size_t)(end - in->data)));
}

static void take_new(struct engine *engine, struct cursor *cursor, const struct run *run, uint64_t seq,
		     struct incoming *in, struct stretch *stretch, struct admission *admission)
{
	const struct route *route = NULL;
	char reason[160];
	const char *fault = event_fault(engine, run, seq, in, &route, reason);
	int64_t tick_us = fault == NULL ? tick_due(engine, &in->envelope, route) : 0;

	if (tick_us != 0) {
		stretch_end(engine, stretch, cursor->through);
		take_tick(engine, tick_us);
	}
	stamp(engine, run, admission->admitted);
	take_event(engine, cursor, run, seq, in, route, fault, admission);
	stretch_add(engine, stretch, in->event);
	cursor->through = seq;
	if (!run->feed && !engine->replay)
		prints_note(&engine->prints, run, seq, print_of(in));
	admission->admitted++;
	engine->turn_size++;
}

/* A number that is taken, and not the same event: two say that they are this source. What was taken stays. */
static bool is_conflict(struct engine *engine, const struct run *run, uint64_t seq, const struct incoming *in, struct admission *admission)
{
	static const struct refusal conflict = {.code = {"conflict", 8},
						.message = {"another event has this number: somebody else publishes as this source", 69}};
	struct refusal refusal = conflict;

	if (run->feed || !prints_differ(&engine->prints, run, seq, print_of(in)))
		return false;
	refusal.seq = seq;
	if (admission->duplicate_first == 0)
		admission->duplicate_first = seq;
	admission->duplicate_last = seq;
	refusals_add(engine, admission, &refusal);
	tally_turn(&engine->counts.refused, "conflict", 1);
	if (prints_tell(&engine->prints, run))
		log_line(LOG_ALARM, "source_conflict", "source=%.*s epoch=%llu seq=%llu remedy=\"%s\"", TEXT_ARGS(run->source),
			 (unsigned long long)run->epoch, (unsigned long long)seq,
			 "a till was cloned, or its disk: revoke its key, enrol it again and look at what both have said");
	return true;
}

static void take_events(struct engine *engine, struct cursor *cursor, const struct run *run, struct admission *admission)
{
	struct stretch stretch = {.run = *run};
	struct reader reader = reader_of(run->events);
	struct incoming in = {.torn = false};

	stretch.run.after = cursor->through;
	stretch.run.count = 0;
	for (uint32_t i = 0; i < run->count && !in.torn && store_failure(engine->store) == ERR_NONE; i++) {
		begin_event(&reader, &in);
		uint64_t in_feed = in.error == ERR_NONE ? in.envelope.seq : cursor->through + 1;
		uint64_t seq = run->feed ? in_feed : run->after + 1 + i;

		bool is_known = seq <= cursor->through;
#if defined(MUTANT_NO_DEDUPE)
		is_known = false;
#endif
		if (is_known) {
			end_event(&in);
			if (is_conflict(engine, run, seq, &in, admission))
				continue;
			refusals_again(engine, cursor, run, seq, admission);
		} else {
			take_new(engine, cursor, run, seq, &in, &stretch, admission);
		}
	}
	stretch_end(engine, &stretch, cursor->through);
	if (run->feed && !in.torn && run->through > cursor->through)
		cursor->through = run->through;
}

/* Where the source stands for this run, or NULL with the answer in *admission. */
static struct cursor *admit_cursor(struct engine *engine, const struct run *run, struct admission *admission)
{
	struct cursor at = engine_cursor(engine, run->source);
	struct cursor *cursor;

#if defined(MUTANT_EPOCH_IGNORED)
	at.epoch = at.epoch != 0 ? run->epoch : 0;
#endif
	if (run->epoch < at.epoch) {
		admission->state = ADMISSION_FENCED;
		tally_add(&engine->counts.inputs, "fenced", 1); /* such a turn may have nothing to commit */
		admission->epoch = at.epoch;
		return NULL;
	}
	admission->through = run->epoch == at.epoch || run->continues ? at.through : 0;
	cursor = sources_touch(&engine->sources, run->source);
#if !defined(MUTANT_NO_GAP_CHECK)
	if (run->after > admission->through && !engine->replay) {
		admission->state = ADMISSION_GAP;
		tally_turn(&engine->counts.inputs, "gap", 1);
		cursor->gaps++;
		return NULL;
	}
#endif
	cursor->epoch = run->epoch;
	cursor->through = admission->through;
	return cursor;
}

void engine_admit(struct engine *engine, const struct run *run, struct admission *admission)
{
	*admission = (struct admission){.state = ADMISSION_DONE, .epoch = run->epoch};
	struct cursor *cursor = admit_cursor(engine, run, admission);

	if (cursor == NULL)
		return;
	take_events(engine, cursor, run, admission);
	if (admission->duplicate_first != 0) {
		uint64_t duplicates = admission->duplicate_last - admission->duplicate_first + 1;

		cursor->duplicates += duplicates;
		tally_turn(&engine->counts.inputs, "duplicate", duplicates);
	}
	if (admission->admitted > 0)
		tally_turn(&engine->counts.inputs, "new", admission->admitted);
	admission->through = cursor->through;
	if (store_failure(engine->store) != ERR_NONE)
		admission->state = ADMISSION_BROKEN;
}
