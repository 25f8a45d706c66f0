/* refusals.c -- refusals as rows and as answers. */
#include "refusals.h"

#include "kernel/turn.h"

#define CODE_MAX 40
#define MESSAGE_MAX 400

static struct bytes refusal_key(const struct run *run, uint64_t seq, uint8_t key[SOURCE_TEXT_MAX + 17])
{
	size_t size = run->source.size;

	CHECK(size <= SOURCE_TEXT_MAX);
	memcpy(key, run->source.data, size);
	key[size++] = 0;
	put_u64_be(key + size, run->epoch);
	put_u64_be(key + size + 8, seq);
	return bytes_of(key, size + 16);
}

void refusals_keep(struct engine *engine, const struct run *run, const struct refusal *refusal)
{
	uint8_t key[SOURCE_TEXT_MAX + 17], value[CODE_MAX + 1 + MESSAGE_MAX];
	uint32_t code = refusal->code.size < CODE_MAX ? refusal->code.size : CODE_MAX;
	uint32_t message = refusal->message.size < MESSAGE_MAX ? refusal->message.size : MESSAGE_MAX;

	memcpy(value, refusal->code.data, code);
	value[code] = 0;
	if (message > 0)
		memcpy(value + code + 1, refusal->message.data, message);
#if !defined(MUTANT_REFUSAL_FORGOTTEN)
	store_put(engine->store, KERNEL_REFUSED, refusal_key(run, refusal->seq, key), bytes_of(value, code + 1 + message));
#else
	(void)engine;
	(void)key;
	(void)run;
#endif
}

static struct text keep_text(struct engine *engine, struct text text)
{
	char *copy = arena_take(&engine->turn_arena, text.size);

	if (copy == NULL || text.size == 0)
		return (struct text){0};
	memcpy(copy, text.data, text.size);
	return (struct text){copy, text.size};
}

void refusals_add(struct engine *engine, struct admission *admission, const struct refusal *refusal)
{
	enum { STEP = 64 };
	struct refusal *list = (struct refusal *)(uintptr_t)admission->refusals;
	uint32_t count = admission->refusal_count;

	if (count % STEP == 0) {
		list = arena_take(&engine->turn_arena, (count + STEP) * sizeof(*list));
		if (list == NULL)
			return; /* it is kept as a row: a resend hears it */
		if (count > 0)
			memcpy(list, admission->refusals, count * sizeof(*list));
		admission->refusals = list;
	}
	list[count] = (struct refusal){.seq = refusal->seq,
				       .code = keep_text(engine, refusal->code),
				       .message = keep_text(engine, refusal->message)};
	admission->refusal_count++;
}

void refusals_again(struct engine *engine, const struct cursor *cursor, const struct run *run, uint64_t seq,
		    struct admission *admission)
{
	uint8_t key[SOURCE_TEXT_MAX + 17];

	if (admission->duplicate_first == 0)
		admission->duplicate_first = seq;
	admission->duplicate_last = seq;
	if (cursor->refusals == 0) /* as of every feed: services are not told */
		return;
	struct bytes row = store_get(engine->store, KERNEL_REFUSED, refusal_key(run, seq, key));
	const uint8_t *end = row.size > 0 ? memchr(row.data, 0, row.size) : NULL;

	if (end == NULL)
		return;
	struct refusal refusal = {.seq = seq,
				  .code = {(const char *)row.data, (uint32_t)(end - row.data)},
				  .message = {(const char *)end + 1, (uint32_t)(row.data + row.size - end - 1)}};

	refusals_add(engine, admission, &refusal);
}
