/* root.c -- an entry as text, and its hash over the hash of the one before. */
#include "rebate/root.h"

#include "audit/audit_line.h"

#define NUMBER_TEXT 21 /* a sign, 19 digits, and what stands before it */

_Static_assert(ROOT_TEXT == AUDIT_HASH_TEXT, "a root is a hash");

struct leaf {
	char *text;
	size_t size;
};

static void put_text(struct leaf *leaf, struct text text)
{
	memcpy(leaf->text + leaf->size, text.data, text.size);
	leaf->size += text.size;
}

static void put_int(struct leaf *leaf, char before, int64_t number)
{
	char digits[NUMBER_TEXT];
	size_t at = sizeof(digits);
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		digits[--at] = '-';
	leaf->text[leaf->size++] = before;
	put_text(leaf, (struct text){digits + at, (uint32_t)(sizeof(digits) - at)});
}

void root_begin(char root[ROOT_TEXT])
{
	memset(root, '0', ROOT_TEXT);
}

size_t root_bytes(const struct root_entry *entry)
{
	return ROOT_TEXT + (size_t)entry->word.size + entry->sale.size + (8 + ROOT_CONDITIONS) * NUMBER_TEXT + (size_t)entry->line_count * 3 * NUMBER_TEXT;
}

void root_next(char root[ROOT_TEXT], const struct root_entry *entry, char *buffer)
{
	const int64_t numbers[] = {entry->basis, entry->base, entry->share, entry->amount};
	struct leaf leaf = {.text = buffer};
	char hash[AUDIT_HASH_TEXT + 1];

#if !defined(MUTANT_ROOT_UNCHAINED)
	put_text(&leaf, (struct text){root, ROOT_TEXT});
#endif
	put_int(&leaf, '\n', entry->number);
	leaf.text[leaf.size++] = ' ';
	put_text(&leaf, entry->word);
	put_int(&leaf, ' ', entry->version);
	leaf.text[leaf.size++] = ' ';
	put_text(&leaf, entry->sale.size > 0 ? entry->sale : TEXT_LITERAL("-"));
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		put_int(&leaf, ' ', numbers[i]);
	for (unsigned i = 0; entry->has_conditions && i < ROOT_CONDITIONS; i++)
		put_int(&leaf, '/', entry->conditions[i]);
	for (uint32_t i = 0; i < entry->line_count; i++) {
		put_int(&leaf, ' ', entry->lines[i].line);
		put_int(&leaf, ':', entry->lines[i].basis);
		put_int(&leaf, ':', entry->lines[i].amount);
	}
	leaf.text[leaf.size++] = '\n';
	audit_hash(leaf.text, leaf.size, hash);
	memcpy(root, hash, ROOT_TEXT);
}
