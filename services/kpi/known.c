/* known.c -- one place for each of what a scope may hash to. */
#include "known.h"

#define KNOWN_BITS 8
#define KNOWN_MAX (1u << KNOWN_BITS)

struct knowledge {
	struct known scopes[KNOWN_MAX];
	struct known nameless; /* for a code that is too long to be known by it */
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

	for (uint32_t i = 0; i < currency.size; i++)
		kind = kind << 8 | (uint8_t)currency.data[i];
	return kind;
}

/* Up to eight bytes at either end of a code: they are what codes differ in. */
static uint64_t word_of(const char *at, uint32_t size)
{
	uint64_t word = 0;

	if (size >= 8)
		return load_8(at);
	for (uint32_t i = 0; i < size; i++)
		word = word << 8 | (uint8_t)at[i];
	return word;
}

static uint32_t place_of(uint32_t kind, struct text code)
{
	const uint64_t one = UINT64_C(0x9E3779B97F4A7C15), other = UINT64_C(0xD6E8FEB86659FD93);
	uint64_t first = word_of(code.data, code.size), last = code.size > 8 ? load_8(code.data + code.size - 8) : 0;

	return (uint32_t)(((first ^ kind) * one + last) * other >> (64 - KNOWN_BITS));
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
	if (known->day == day && known->kind == kind && known->code_size == code.size && memory_equal(known->code, code.data, code.size))
		return known;
	*known = (struct known){.day = day, .kind = kind, .code_size = (uint8_t)code.size};
	memory_copy(known->code, code.data, code.size);
	return known;
}

void known_forget(struct turn *turn)
{
	memset(knowledge_of(turn), 0, sizeof(struct knowledge));
}
