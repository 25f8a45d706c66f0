/* known.c -- one place for each of what a scope may hash to. */
#include "known.h"

#define KNOWN_BITS 8
#define KNOWN_MAX (1u << KNOWN_BITS)

struct knowledge {
	struct known scopes[KNOWN_MAX];
	struct known nameless; /* for a code that is too long to be known by it */
	const struct book *book;
};

_Static_assert(sizeof(struct known) == 64, "what is known of a scope is one line of the processor's cache");
_Static_assert(sizeof(struct knowledge) <= TURN_NOTES_BYTES, "it has to fit");

static struct knowledge *knowledge_of(struct turn *turn)
{
	return turn_notes(turn, sizeof(struct knowledge));
}

/* A scope and a currency of at most three letters in one number. */
static uint32_t kind_of(char scope, struct text currency)
{
	uint32_t kind = (uint8_t)scope;

	if (currency.size == 3)
		return kind << 24 | (uint32_t)(uint8_t)currency.data[0] << 16 | (uint32_t)(uint8_t)currency.data[1] << 8 |
		       (uint8_t)currency.data[2];
	for (uint32_t i = 0; i < currency.size; i++)
		kind = kind << 8 | (uint8_t)currency.data[i];
	return kind;
}

/* Four to eight bytes of a code, or less of a shorter one. */
static uint64_t word_of(struct text code)
{
	if (code.size >= 4)
		return (uint64_t)load_4(code.data) << 32 | load_4(code.data + code.size - 4);
	return code.size > 0 ? (uint64_t)(uint8_t)code.data[0] << 8 | (uint8_t)code.data[code.size - 1] : 0;
}

/* By what the codes of a network differ in: their ends, mostly the last. Not by the day: see known_scope. */
static uint32_t place_of(uint32_t kind, struct text code)
{
	uint64_t middle = code.size > 8 ? load_8(code.data + (code.size - 8) / 2) : 0;

	return (uint32_t)(((word_of(code) ^ (uint64_t)kind << 16) + middle * 31) * UINT64_C(0x9E3779B97F4A7C15) >> (64 - KNOWN_BITS));
}

struct known *known_scope(struct turn *turn, char scope, struct text code, struct text currency, int32_t day)
{
	struct knowledge *knowledge = knowledge_of(turn);
	uint32_t kind = kind_of(scope, currency);

	if (code.size > KNOWN_CODE_SIZE) {
		knowledge->nameless = (struct known){0};
		return &knowledge->nameless;
	}
	struct known *known = &knowledge->scopes[place_of(kind, code)];
	bool is_same = known->day == day;
#if defined(MUTANT_ANOTHER_DAY)
	is_same = true;
#endif
	if (is_same && known->kind == kind && known->code_size == code.size && memory_equal(known->code, code.data, code.size))
		return known;
	*known = (struct known){.day = day, .kind = kind, .code_size = (uint8_t)code.size};
	memory_copy(known->code, code.data, code.size);
	return known;
}

const struct book **known_book(struct turn *turn)
{
	return &knowledge_of(turn)->book;
}

void known_forget(struct turn *turn)
{
	memset(knowledge_of(turn), 0, sizeof(struct knowledge));
}
