/* json_check.c -- RFC 8259 to the letter, because the parser behind it forgives too much. */
#include "json.h"

#include "base/error.h"

struct scan {
	const char *at;
	int error;
	uint32_t depth;
};

static void scan_value(struct scan *scan);

static void fail(struct scan *scan, int error)
{
	if (scan->error == ERR_NONE)
		scan->error = error;
}

/* What is not what it should be: the end of the text, or a wrong character. */
static void fail_here(struct scan *scan)
{
	fail(scan, *scan->at == 0 ? ERR_TRUNCATED : ERR_SYNTAX);
}

static void scan_space(struct scan *scan)
{
	while (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r')
		scan->at++;
}

static bool scan_char(struct scan *scan, char wanted)
{
	if (scan->error != ERR_NONE || *scan->at != wanted)
		return false;
	scan->at++;
	return true;
}

static void scan_word(struct scan *scan, const char *word)
{
	while (*word != 0 && *scan->at == *word) {
		scan->at++;
		word++;
	}
	if (*word != 0)
		fail_here(scan);
}

static uint32_t scan_digits(struct scan *scan)
{
	uint32_t count = 0;

	while (*scan->at >= '0' && *scan->at <= '9') {
		scan->at++;
		count++;
	}
	if (count == 0)
		fail_here(scan);
	return count;
}

static void scan_number(struct scan *scan)
{
	const char *start = scan->at;
	bool exact = true;
	uint32_t digits = 1, exponent = 0;

	(void)scan_char(scan, '-');
	if (!scan_char(scan, '0'))
		digits = scan_digits(scan);
	if (scan_char(scan, '.')) {
		digits += scan_digits(scan);
		exact = false;
	}
	if (scan->error == ERR_NONE && (*scan->at == 'e' || *scan->at == 'E')) {
		scan->at++;
		if (*scan->at == '+' || *scan->at == '-')
			scan->at++;
		exponent = scan_digits(scan);
		exact = false;
	}
	if (scan->error == ERR_NONE && !exact && (digits > JSON_DIGITS_EXACT || exponent > 2)) {
		scan->at = start;
		fail(scan, ERR_OUT_OF_RANGE);
	}
}

/* The four digits after \u; 0 when they are none, which is refused as well. */
static uint32_t scan_unit(struct scan *scan)
{
	uint32_t unit = 0;

	for (int i = 0; i < 4; i++) {
		char c = *scan->at;
		uint32_t digit = c >= '0' && c <= '9' ? (uint32_t)(c - '0')
				 : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
				 : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10 : 16;

		if (digit > 15) {
			fail_here(scan);
			return 0;
		}
		unit = unit << 4 | digit;
		scan->at++;
	}
	return unit;
}

static bool is_surrogate(uint32_t unit, uint32_t first)
{
	return unit >= first && unit < first + 0x400;
}

static void scan_escape(struct scan *scan)
{
	if (*scan->at != 'u') {
		if (*scan->at == 0 || strchr("\"\\/bfnrt", *scan->at) == NULL)
			fail_here(scan);
		else
			scan->at++;
		return;
	}
	scan->at++;
	uint32_t unit = scan_unit(scan);
	if (scan->error == ERR_NONE && unit == 0)
		fail(scan, ERR_OUT_OF_RANGE);
	if (is_surrogate(unit, 0xdc00))
		fail(scan, ERR_NOT_UTF8);
	if (!is_surrogate(unit, 0xd800))
		return;
	if (!scan_char(scan, '\\') || !scan_char(scan, 'u') || !is_surrogate(scan_unit(scan), 0xdc00))
		fail(scan, ERR_NOT_UTF8);
}

static void scan_text(struct scan *scan)
{
	if (!scan_char(scan, '"')) {
		fail_here(scan);
		return;
	}
	const char *start = scan->at;
	while (scan->error == ERR_NONE && *scan->at != '"') {
		if ((unsigned char)*scan->at < 0x20)
			fail_here(scan);
		else if (*scan->at++ == '\\')
			scan_escape(scan);
	}
	if (scan->error != ERR_NONE)
		return;
	if (!reader_utf8(start, (size_t)(scan->at - start))) {
		scan->at = start;
		fail(scan, ERR_NOT_UTF8);
		return;
	}
	scan->at++;
}

/* The members of an array or object behind its opening bracket, and the closing one. */
static void scan_members(struct scan *scan, char close)
{
	scan_space(scan);
	if (scan_char(scan, close))
		return;
	do {
		if (close == '}') {
			scan_space(scan);
			scan_text(scan);
			scan_space(scan);
			if (!scan_char(scan, ':'))
				fail_here(scan);
		}
		if (scan->error == ERR_NONE)
			scan_value(scan);
	} while (scan_char(scan, ','));
	if (!scan_char(scan, close))
		fail_here(scan);
}

static void scan_inside(struct scan *scan)
{
	char close = *scan->at == '{' ? '}' : ']';

	if (scan->depth == JSON_DEPTH_MAX) {
		fail(scan, ERR_TOO_DEEP);
		return;
	}
	scan->depth++;
	scan->at++;
	scan_members(scan, close);
	scan->depth--;
}

/* Recursion goes as deep as JSON_DEPTH_MAX. */
static void scan_value(struct scan *scan)
{
	scan_space(scan);
	if (*scan->at == '{' || *scan->at == '[')
		scan_inside(scan);
	else if (*scan->at == '"')
		scan_text(scan);
	else if (*scan->at == 't')
		scan_word(scan, "true");
	else if (*scan->at == 'f')
		scan_word(scan, "false");
	else if (*scan->at == 'n')
		scan_word(scan, "null");
	else if (*scan->at == '-' || (*scan->at >= '0' && *scan->at <= '9'))
		scan_number(scan);
	else
		fail_here(scan);
	if (scan->error == ERR_NONE)
		scan_space(scan);
}

int json_check(const char *text, size_t *failed_at)
{
	struct scan scan = {.at = text};

	scan_value(&scan);
	if (scan.error == ERR_NONE && *scan.at != 0)
		scan.error = ERR_TRAILING;
	*failed_at = (size_t)(scan.at - text);
	return scan.error;
}
