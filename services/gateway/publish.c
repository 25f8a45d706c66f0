/* publish.c -- `POST /v1/events`: to the doors with them, and a verdict for each when its door has it on disk. */
#include <stdlib.h>

#include "cloudevents.h"
#include "routes.h"

#define ARENA_BYTES (32u << 20)
#define PACKED_BYTES_MAX (2 * BODY_BYTES_MAX) /* of a body's events: an envelope repeats the subject, all else is shorter than its JSON */

enum word { WORD_NONE, WORD_ACCEPTED, WORD_DUPLICATE, WORD_REFUSED, WORD_MALFORMED, WORD_GAP, WORD_FENCED, WORD_LATER, WORD_NOT_TAKEN };

static const char *const words[] = {"", "accepted", "duplicate", "refused", "malformed", "gap", "fenced", "later", "not_taken"};

struct outcome {
	char source[SOURCE_TEXT_MAX + 1];
	uint64_t epoch, seq, expected;
	enum word word;
	char *code, *message; /* NULL: none */
};

/* A post: its runs are under way, each event has an outcome in the end. */
struct post {
	struct request *request;
	struct outcome *outcomes;
	unsigned count, runs;
	struct run_of_post *first_run;
	bool begun;	     /* every run was said */
	struct line_end end; /* the first that went wrong, without texts */
	char code[MESSAGE_CODE_MAX + 1], text[MESSAGE_TEXT_MAX + 1];
	int64_t after_ms;
};

struct run_of_post {
	struct run_of_post *next;
	struct post *post;
	unsigned first, count; /* its outcomes */
};

/* ---- the answer ---- */

static void put_verdicts(struct buffer *buffer, const struct post *post)
{
	buffer_text(buffer, "\"verdicts\":[");
	for (unsigned i = 0; i < post->count; i++) {
		const struct outcome *o = &post->outcomes[i];

		buffer_text(buffer, i > 0 ? ",\n{\"source\":" : "{\"source\":");
		buffer_quoted(buffer, text_of(o->source));
		buffer_format(buffer, ",\"sequence\":%llu,\"verdict\":\"%s\"", (unsigned long long)o->seq, words[o->word]);
		if (o->code != NULL) {
			buffer_text(buffer, ",\"code\":");
			buffer_quoted(buffer, text_of(o->code));
		}
		if (o->message != NULL) {
			buffer_text(buffer, ",\"message\":");
			buffer_quoted(buffer, text_of(o->message));
		}
		if (o->expected != 0)
			buffer_format(buffer, ",\"expected\":%llu", (unsigned long long)o->expected);
		buffer_text(buffer, "}");
	}
	buffer_text(buffer, "]");
}

static const struct outcome *first_of(const struct post *post, enum word word)
{
	for (unsigned i = 0; i < post->count; i++)
		if (post->outcomes[i].word == word)
			return &post->outcomes[i];
	return NULL;
}

/* A problem that carries the verdicts, and of a gap where to go on. */
static void say_problem(struct post *post, int status, const char *code, const char *detail, const struct outcome *of)
{
	struct buffer buffer = {0};

	problem_begin(&buffer, status, code, detail);
	if (of != NULL) {
		buffer_text(&buffer, ",\"source\":");
		buffer_quoted(&buffer, text_of(of->source));
		buffer_format(&buffer, ",\"epoch\":%llu", (unsigned long long)of->epoch);
		if (of->expected != 0)
			buffer_format(&buffer, ",\"expected\":%llu", (unsigned long long)of->expected);
	}
	buffer_text(&buffer, ",");
	put_verdicts(&buffer, post);
	buffer_text(&buffer, "}\n");
	if (status == 503 || status == 429)
		request_header(post->request, "Retry-After: %lld", (long long)(post->after_ms + 999) / 1000 > 0 ? (long long)(post->after_ms + 999) / 1000 : 1);
	request_answer(post->request, status, "application/problem+json", body_of(&buffer));
}

static void say_verdicts(struct post *post)
{
	const struct outcome *gap = first_of(post, WORD_GAP), *fenced = first_of(post, WORD_FENCED), *later = first_of(post, WORD_LATER);
	struct buffer buffer = {0};

	if (fenced != NULL) {
		say_problem(post, 409, "epoch_fenced", "A later epoch of this source is known. Whoever publishes under this one has an outdated copy.", fenced);
	} else if (gap != NULL) {
		say_problem(post, 409, "gap", "Sequences are missing before this event. Send from `expected` on.", gap);
	} else if (later != NULL) {
		say_problem(post, post->code[0] != 0 && strcmp(post->code, "quota") == 0 ? 429 : 503, post->code,
			    "Not all of it was taken. Send the same request again later: what was taken is not taken twice.", later);
	} else {
		buffer_text(&buffer, "{");
		put_verdicts(&buffer, post);
		buffer_text(&buffer, "}\n");
		request_json(post->request, 200, &buffer);
	}
}

static void post_free(struct post *post)
{
	while (post->first_run != NULL) {
		struct run_of_post *run = post->first_run;

		post->first_run = run->next;
		free(run);
	}
	for (unsigned i = 0; i < post->count; i++) {
		free(post->outcomes[i].code);
		free(post->outcomes[i].message);
	}
	free(post->outcomes);
	free(post);
}

static void end_if_over(struct post *post)
{
	if (!post->begun || post->runs > 0)
		return;
	struct gateway *gateway = post->request->gateway;

	gateway->counts.requests_open--;
	for (unsigned i = 0; i < post->count; i++) {
		gateway->counts.events_published += post->outcomes[i].word == WORD_ACCEPTED || post->outcomes[i].word == WORD_DUPLICATE;
		gateway->counts.events_refused += post->outcomes[i].word == WORD_REFUSED;
	}
	if (post->end.error != ERR_NONE && post->end.error != ERR_AGAIN && post->end.error != ERR_TIMEOUT) {
		post->end.code = text_of(post->code);
		post->end.text = text_of(post->text);
		request_failed(post->request, "the door", &post->end);
	} else {
		say_verdicts(post);
	}
	request_release(post->request);
	post_free(post);
}

/* ---- what the doors say ---- */

static char *copy_of(struct text text)
{
	return strndup(text.data, text.size);
}

static void take_ack(struct post *post, const struct run_of_post *run, const struct message *message)
{
	struct reader reader = reader_of(message->refusals);
	uint64_t first = post->outcomes[run->first].seq;

	for (unsigned i = 0; i < run->count; i++)
		post->outcomes[run->first + i].word = WORD_ACCEPTED;
	for (uint32_t i = 0; i < message->range_count; i++)
		for (unsigned j = 0; j < run->count; j++)
			if (first + j >= message->ranges[i].first && first + j <= message->ranges[i].last)
				post->outcomes[run->first + j].word = WORD_DUPLICATE;
	for (uint32_t i = 0; i < message->refusal_count; i++) {
		struct message_refusal refusal;

		message_refusal_next(&reader, &refusal);
		if (refusal.seq < first || refusal.seq - first >= run->count)
			continue;
		struct outcome *o = &post->outcomes[run->first + (refusal.seq - first)];
		o->word = text_equal(refusal.code, TEXT_LITERAL("malformed")) ? WORD_MALFORMED : WORD_REFUSED;
		if (o->code == NULL) {
			o->code = copy_of(refusal.code);
			o->message = copy_of(refusal.message);
		}
	}
}

static void take_resend(struct post *post, const struct run_of_post *run, const struct message *message)
{
	bool fenced = message->seq == 0, gap = text_equal(message->code, TEXT_LITERAL("gap"));

	for (unsigned i = 0; i < run->count; i++) {
		struct outcome *o = &post->outcomes[run->first + i];

		if (!fenced && o->seq < message->seq) {
			o->word = WORD_DUPLICATE; /* there before */
			continue;
		}
		o->word = fenced ? WORD_FENCED : gap ? WORD_GAP : WORD_LATER;
		o->expected = gap ? message->seq : 0;
		if (fenced)
			o->epoch = message->epoch;
	}
	if (!fenced && !gap)
		snprintf(post->code, sizeof(post->code), "%.*s", TEXT_ARGS(message->code));
	if ((int64_t)message->after_ms > post->after_ms)
		post->after_ms = (int64_t)message->after_ms;
}

/* R8: what is answered 200 is on disk at its service: the door's own word is waited for, and a run that was lost on the way is said again. */
static void on_said(void *context, const struct line_end *end, const struct message *message)
{
	struct run_of_post *run = context;
	struct post *post = run->post;

	if (message != NULL && message->kind == MESSAGE_ACK) {
		take_ack(post, run, message);
	} else if (message != NULL) {
		take_resend(post, run, message);
	} else {
		for (unsigned i = 0; i < run->count; i++)
			post->outcomes[run->first + i].word = WORD_LATER;
		post->end.error = end->error;
		snprintf(post->code, sizeof(post->code), "%.*s", TEXT_ARGS(end->code));
		snprintf(post->text, sizeof(post->text), "%.*s", TEXT_ARGS(end->text));
	}
	post->runs--;
	end_if_over(post);
}

/* ---- what is posted ---- */

static bool continues(const struct offered *a, const struct offered *b)
{
	return text_equal(a->source, b->source) && a->epoch == b->epoch && a->service == b->service && b->seq == a->seq + 1;
}

static bool say_run(struct post *post, const struct offered *events, unsigned first, unsigned count, uint8_t *bytes)
{
	struct run_of_post *run = malloc(sizeof(*run));
	size_t used = 0;

	if (run == NULL)
		return false;
	*run = (struct run_of_post){.next = post->first_run, .post = post, .first = first, .count = count};
	post->first_run = run;
	for (unsigned i = 0; i < count; i++) {
		CHECK(used + events[first + i].event.size <= PACKED_BYTES_MAX);
		memcpy(bytes + used, events[first + i].event.data, events[first + i].event.size);
		used += events[first + i].event.size;
	}
	struct line_run said = {.source = events[first].source, .epoch = events[first].epoch, .first = events[first].seq,
				.last = events[first].seq + count - 1, .events = bytes_of(bytes, used)};
	post->runs++;
	line_publish(post->request->gateway->lines, post->request->caller.token, service_index(text_of(events[first].service)), &said, PUBLISH_MS,
		     on_said, run);
	return true;
}

static void say_all(struct post *post, const struct offered *events)
{
	static uint8_t bytes[PACKED_BYTES_MAX]; /* house: large, and the loop's thread is one */

	for (unsigned first = 0, i = 1; i <= post->count; i++) {
		if (i < post->count && continues(&events[i - 1], &events[i]))
			continue;
		if (!say_run(post, events, first, i - first, bytes))
			post->end.error = ERR_AGAIN;
		first = i;
	}
	post->begun = true;
	end_if_over(post);
}

static struct post *post_make(struct request *request, const struct offered *events, unsigned count)
{
	struct post *post = calloc(1, sizeof(*post));

	if (post == NULL)
		return NULL;
	post->outcomes = calloc(count, sizeof(*post->outcomes));
	if (post->outcomes == NULL) {
		free(post);
		return NULL;
	}
	post->request = request_keep(request);
	post->count = count;
	for (unsigned i = 0; i < count; i++) {
		struct outcome *o = &post->outcomes[i];

		snprintf(o->source, sizeof(o->source), "%.*s", TEXT_ARGS(events[i].source));
		o->epoch = events[i].epoch;
		o->seq = events[i].seq;
		o->word = events[i].fault[0] != 0 ? WORD_MALFORMED : WORD_NOT_TAKEN;
		o->message = events[i].fault[0] != 0 ? strdup(events[i].fault) : NULL;
	}
	request->gateway->counts.requests_open++;
	return post;
}

/* One that is not valid: nothing is taken, since what follows it would stand behind a gap. */
static void refuse_all(struct post *post)
{
	const struct outcome *bad = first_of(post, WORD_MALFORMED);
	char detail[FAULT_BYTES + 80];

	snprintf(detail, sizeof(detail), "%s: nothing of this request was taken. Correct the event and send it again.",
		 bad->message != NULL ? bad->message : "not valid");
	say_problem(post, 422, "malformed", detail, NULL);
	post->request->gateway->counts.requests_open--;
	request_release(post->request);
	post_free(post);
}

static bool kind_of(struct request *request, enum body_kind *kind)
{
	static const struct {
		const char *type;
		enum body_kind kind;
	} types[] = {{"application/cloudevents-batch+json", BODY_BATCH}, {"application/cloudevents+json", BODY_EVENT},
		     {"application/json", BODY_EVENT},			   {"application/msgpack", BODY_PACKED}};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t size = strlen(types[i].type);

		if (strncasecmp(request->content_type, types[i].type, size) == 0 &&
		    (request->content_type[size] == 0 || request->content_type[size] == ';' || request->content_type[size] == ' ')) {
			*kind = types[i].kind;
			return true;
		}
	}
	request_problem(request, 415, NULL, "Content-Type must be application/cloudevents+json, application/cloudevents-batch+json or application/msgpack.");
	return false;
}

void post_events(struct request *request)
{
	static struct offered events[OFFERED_MAX]; /* house: large, and the loop's thread is one */
	static struct arena arena;		   /* the same */
	char reason[FAULT_BYTES];
	enum body_kind kind;
	unsigned count;

	if (!kind_of(request, &kind))
		return;
	if (request->body_size == 0) {
		request_problem(request, 400, NULL, "There is no body.");
		return;
	}
	if (request->gateway->counts.requests_open >= REQUESTS_MAX || (arena.block == NULL && arena_open(&arena, ARENA_BYTES) != ERR_NONE)) {
		request_problem(request, 503, "busy", "Too many requests wait already. Try again later.");
		return;
	}
	arena_reset(&arena);
	int error = cloudevents_read(kind, (const char *)request->body, request->body_size, bus_now_us(request->gateway->bus), &arena, events, &count,
				     reason);
	if (error != ERR_NONE) {
		request_problem(request, error == ERR_TOO_MANY || error == ERR_TOO_LARGE ? 413 : 400, NULL, "The body is %s.", reason);
		return;
	}
	struct post *post = post_make(request, events, count);
	if (post == NULL)
		request_problem(request, 503, NULL, "The gateway is short of memory. Try again later.");
	else if (first_of(post, WORD_MALFORMED) != NULL)
		refuse_all(post);
	else
		say_all(post, events);
}
