/* event_text.c -- an event as JSON. */
#include "event_text.h"

#include "base/error.h"
#include "base/when.h"

void event_text(struct buffer *buffer, const struct envelope *e, uint64_t epoch)
{
	char id[SOURCE_TEXT_MAX + 32], when[WHEN_TEXT_SIZE];
	int size = snprintf(id, sizeof(id), "%.*s#%llu", TEXT_ARGS(e->source), (unsigned long long)e->seq);

	when_text(e->time_us, when);
	buffer_text(buffer, "{\"id\":");
	buffer_quoted(buffer, (struct text){id, (uint32_t)size});
	buffer_text(buffer, ",\"source\":");
	buffer_quoted(buffer, e->source);
	buffer_format(buffer, ",\"epoch\":%llu,\"seq\":%llu,\"type\":", (unsigned long long)epoch, (unsigned long long)e->seq);
	buffer_quoted(buffer, e->type);
	buffer_text(buffer, ",\"subject\":");
	buffer_quoted(buffer, e->subject);
	buffer_format(buffer, ",\"time\":\"%s\",\"time_us\":%lld,\"cause\":", when, (long long)e->time_us);
	buffer_quoted(buffer, e->cause);
	buffer_format(buffer, ",\"recorded_us\":%lld,\"data\":", (long long)e->recorded_us);
	if (e->data.size > 0)
		buffer_packed(buffer, e->data);
	else
		buffer_text(buffer, "null");
	buffer_text(buffer, "}");
}

unsigned words_split(const char *words, struct text *out, unsigned most)
{
	unsigned count = 0;

	for (const char *at = words; at != NULL && *at != 0;) {
		size_t size = strcspn(at, ",");

		if (size > 0 && count == most)
			return most + 1;
		if (size > 0)
			out[count++] = (struct text){at, (uint32_t)size};
		at += size + (at[size] == ',');
	}
	return count;
}

bool words_have(const struct text *words, unsigned count, struct text wanted)
{
	for (unsigned i = 0; i < count; i++)
		if (text_equal(words[i], wanted))
			return true;
	return false;
}
