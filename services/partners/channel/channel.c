/* channel.c -- rules of the channel judged by themselves. */
#include "channel/channel.h"

unsigned severity_rank(struct text severity)
{
	static const char *const words[] = {"notice", "freeze", "terminate"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_equal(severity, text_of(words[i])))
			return i + 1;
	return 0;
}

bool ladder_rises(const struct corridor_submitted *corridor)
{
	int64_t size = 0;
	unsigned rank = 0;

	for (uint32_t i = 0; corridor->has_severities && i < corridor->severities.count; i++) {
		const struct corridor_submitted_rung *rung = &corridor->severities.items[i];
		unsigned next = severity_rank(rung->severity);

		if (rung->from_bp <= size || next <= rank)
			return false;
		size = rung->from_bp;
		rank = next;
	}
	return true;
}
