/* say.c -- values as people read them, and the sentences of decisions. */
#include "say.h"

#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "base/units.h"
#include "base/when.h"

#define MOMENT_US (INT64_C(1000000) * US_PER_SECOND) /* from here on it is a moment, below a span */
#define ITEMS_SAID 8				     /* of a list; of the others only how many there are */

/* Words of lists in the other language; what is not here stays as it is. */
static const struct {
	const char *word, *zh;
	const char *field; /* of this field only; NULL: of any */
} words[] = {
	{"active", "主动成交", "contact"}, {"revenue", "销售额", NULL}, {"units", "销量", NULL}, {"tickets", "成交单数", NULL},
	{"planned", "已计划", NULL}, {"picked", "已拣货", NULL}, {"dispatched", "已发运", NULL}, {"master", "既定策略", NULL},
	{"computed", "计算策略", NULL}, {"order", "门店订货", NULL}, {"largest_remainder", "最大余数法", NULL}, {"outlet", "门店", NULL},
	{"warehouse", "仓库", NULL}, {"lane", "线路", NULL}, {"carrier", "承运商", NULL}, {"supplier", "供应商", NULL},
	{"product", "商品", NULL}, {"price", "价格", NULL}, {"prospect", "意向", NULL}, {"qualified", "已评估", NULL},
	{"contracted", "已签约", NULL}, {"onboarding", "开业筹备", NULL}, {"active", "营业", NULL}, {"exiting", "退出中", NULL},
	{"ended", "已终止", NULL}, {"stock_policy", "库存策略", NULL}, {"target", "目标", NULL}, {"terminal", "收银机", NULL},
	{"notice", "提醒", NULL}, {"freeze", "冻结", NULL}, {"terminate", "终止合作", NULL}, {"exclusive", "独家", NULL},
	{"protected", "保护", NULL}, {"shared", "共享", NULL}, {"open", "开放", NULL}, {"passive", "被动成交", NULL},
	{"relocation", "消费者搬迁", NULL}, {"transfer", "获准调货", NULL}, {"step_crossed", "跨档", NULL}, {"return", "退货", NULL},
	{"void", "作废", NULL}, {"late_sale", "迟到销售", NULL}, {"policy", "方案变更", NULL}, {"base_changed", "基数变更", NULL},
	{"violation", "违规", NULL}, {"credit", "抵扣", NULL}, {"goods", "货物", NULL}, {"cash", "现金", NULL},
};

struct saying say_begin(char *out, size_t size, enum say_language language)
{
	CHECK(size > 8);
	out[0] = 0;
	return (struct saying){.out = out, .size = size, .language = language};
}

void say(struct saying *saying, const char *format, ...)
{
	size_t room = saying->size - saying->used;
	va_list list;

	va_start(list, format);
	int length = vsnprintf(saying->out + saying->used, room, format, list);
	va_end(list);
	if (length >= 0 && (size_t)length < room) {
		saying->used += (size_t)length;
		return;
	}
	saying->used = saying->size - 1; /* full: the last character may not be whole */
	while (saying->used > 0 && (saying->out[saying->used - 1] & 0xC0) == 0x80)
		saying->used--;
	saying->used -= saying->used > 0 && (saying->out[saying->used - 1] & 0xC0) == 0xC0;
	saying->out[saying->used] = 0;
}

void say_decimal(char cell[SAY_NUMBER_BYTES], int64_t value, int places, bool trim)
{
	uint64_t scale = 1, size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char digits[24]; /* of what stands behind the point, with all zeros before it */
	int length;

	CHECK(places >= 0 && places < 19);
	for (int i = 0; i < places; i++)
		scale *= 10;
	length = snprintf(cell, SAY_NUMBER_BYTES, "%s%llu", value < 0 ? "-" : "", (unsigned long long)(size / scale));
	if (places == 0 || (trim && size % scale == 0))
		return;
	snprintf(digits, sizeof(digits), "%019llu", (unsigned long long)(size % scale));
	length += snprintf(cell + length, SAY_NUMBER_BYTES - (size_t)length, ".%s", digits + 19 - places);
	while (trim && cell[length - 1] == '0')
		cell[--length] = 0;
}

void say_span(char cell[SAY_NUMBER_BYTES], int64_t us)
{
	long long seconds = us / US_PER_SECOND;

	if (us < US_PER_SECOND)
		snprintf(cell, SAY_NUMBER_BYTES, "%lld us", (long long)us);
	else if (seconds < 60)
		snprintf(cell, SAY_NUMBER_BYTES, "%lld s", seconds);
	else if (seconds < 86400)
		snprintf(cell, SAY_NUMBER_BYTES, "%lld h %02lld min", seconds / 3600, seconds / 60 % 60);
	else
		snprintf(cell, SAY_NUMBER_BYTES, "%lld d %02lld h", seconds / 86400, seconds / 3600 % 24);
}

void say_time(char cell[SAY_NUMBER_BYTES], int64_t us)
{
	char text[WHEN_TEXT_SIZE];

	if (us < MOMENT_US) {
		say_span(cell, us);
		return;
	}
	when_text(us, text);
	snprintf(cell, SAY_NUMBER_BYTES, "%.19sZ", text);
}

static int exponent_of(const struct saying *saying)
{
	int exponent = currency_exponent(saying->currency);

	return exponent >= 0 ? exponent : 2;
}

static void say_amount(struct saying *saying, int64_t value, int places)
{
	char cell[SAY_NUMBER_BYTES];

	/* A price has four decimals; those that its money does not have are said where they count. */
	for (; places > exponent_of(saying) && value % 10 == 0; places--)
		value /= 10;
	say_decimal(cell, value, places, false);
	say(saying, "%s%s%.*s", cell, saying->currency.size > 0 ? " " : "", TEXT_ARGS(saying->currency));
}

static void say_by_unit(struct saying *saying, const struct field *field, int64_t value)
{
	char cell[SAY_NUMBER_BYTES];

	if (strstr(field->unit, "by `metric`") != NULL && text_equal(saying->metric, TEXT_LITERAL("revenue"))) {
		say_amount(saying, value, exponent_of(saying));
	} else if (strstr(field->unit, "by `metric`") != NULL && text_equal(saying->metric, TEXT_LITERAL("units"))) {
		say_decimal(cell, value, 3, true);
		say(saying, "%s", cell);
	} else if (strcmp(field->unit, "basis points") == 0) {
		say_decimal(cell, value, 2, true);
		say(saying, "%s %%", cell);
	} else if (strcmp(field->unit, "microseconds") == 0 || strcmp(field->unit, "minutes") == 0) {
		say_span(cell, strcmp(field->unit, "minutes") == 0 ? value * US_PER_MINUTE : value);
		say(saying, "%s", cell);
	} else {
		say(saying, "%lld", (long long)value);
	}
}

void say_number(struct saying *saying, const struct field *field, int64_t value)
{
	char cell[SAY_NUMBER_BYTES] = "";

	switch (field->kind) {
	case FIELD_MONEY:
		say_amount(saying, value, exponent_of(saying));
		return;
	case FIELD_PRICE:
		say_amount(saying, value, 4);
		return;
	case FIELD_QUANTITY:
		say_decimal(cell, value, 3, true);
		break;
	case FIELD_TIME:
		say_time(cell, value);
		break;
	case FIELD_INT:
	case FIELD_TEXT:
	case FIELD_BOOL:
	case FIELD_LIST:
		say_by_unit(saying, field, value);
		return;
	}
	say(saying, "%s", cell);
}

void say_word(struct saying *saying, const struct field *field, struct text word)
{
	for (size_t i = 0; saying->language == SAY_ZH && field->choices != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (text_equal(word, text_of(words[i].word)) && (words[i].field == NULL || strcmp(words[i].field, field->name) == 0)) {
			say(saying, "%s", words[i].zh);
			return;
		}
	say(saying, "%.*s", TEXT_ARGS(word));
}

void say_flag(struct saying *saying, bool flag)
{
	if (saying->language == SAY_ZH)
		say(saying, flag ? "是" : "否");
	else
		say(saying, flag ? "yes" : "no");
}

bool say_language_of(const char *word, enum say_language *language)
{
	*language = strcmp(word, "zh") == 0 ? SAY_ZH : SAY_EN;
	return *language == SAY_ZH || strcmp(word, "en") == 0;
}

void say_json(const char *text)
{
	putchar('"');
	for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++)
		if (*at < ' ')
			printf("\\u%04x", *at);
		else
			printf("%s%c", *at == '"' || *at == '\\' ? "\\" : "", *at);
	putchar('"');
}

/* ---- sentences ---- */

static bool find(struct bytes map, struct text name, struct reader *value)
{
	struct reader reader = reader_of(map);

	for (uint32_t pairs = reader_map(&reader, 1000); pairs > 0 && reader.error == ERR_NONE; pairs--) {
		if (text_equal(reader_text(&reader, 64), name)) {
			*value = reader;
			return reader.error == ERR_NONE;
		}
		reader_skip(&reader);
	}
	return false;
}

static void say_field(struct saying *saying, const struct field *fields, struct bytes map, struct text name)
{
	const struct field *field = fields;
	struct reader value;

	while (!text_equal(text_of(field->name), name))
		field++; /* the generator has seen to it that it is there */
	if (!find(map, name, &value))
		return;
	if (field->kind == FIELD_TEXT)
		say_word(saying, field, reader_text(&value, UINT32_MAX));
	else if (field->kind == FIELD_BOOL)
		say_flag(saying, reader_bool(&value));
	else if (field->kind == FIELD_LIST)
		say(saying, "%u", reader_array(&value, UINT32_MAX));
	else
		say_number(saying, field, reader_int(&value));
}

/* What stands before the sign, or all.   within -- what stands between the sign at `at` and the one that closes it. */
static struct text before(struct text text, char sign)
{
	const char *end = memchr(text.data, sign, text.size);

	return (struct text){text.data, end != NULL ? (uint32_t)(end - text.data) : text.size};
}

static struct text within(struct text text, uint32_t at, char sign)
{
	return before((struct text){text.data + at + 1, text.size - at - 1}, sign);
}

/* Whether every field that is named in a part in brackets is given. */
static bool all_given(struct bytes map, struct text part)
{
	struct reader value;

	for (uint32_t at = 0; at < part.size; at++)
		if (part.data[at] == '{' && !find(map, within(part, at, '}'), &value))
			return false;
	return true;
}

/* A part without lists; brackets around what is given say nothing themselves. */
static void say_part(struct saying *saying, const struct field *fields, struct bytes map, struct text part)
{
	for (uint32_t at = 0; at < part.size; at++) {
		struct text plain = {part.data + at, 1}, name;

		switch (part.data[at]) {
		case '{':
			name = within(part, at, '}');
			say_field(saying, fields, map, name);
			at += name.size + 1;
			break;
		case '[':
			at += all_given(map, within(part, at, ']')) ? 0 : within(part, at, ']').size + 1;
			break;
		case ']':
			break;
		default:
			while (at + 1 < part.size && strchr("{[]", part.data[at + 1]) == NULL)
				at++;
			plain.size = (uint32_t)(part.data + at + 1 - plain.data);
			say(saying, "%.*s", TEXT_ARGS(plain));
		}
	}
}

/* "lines|{sku} short of {missing}", for each of the first few. */
static void say_items(struct saying *saying, const struct event_type *type, struct bytes data, struct text part)
{
	struct text name = before(part, '|');
	const struct field *field = type->fields;
	struct reader list;

	while (!text_equal(text_of(field->name), name))
		field++;
	if (!find(data, name, &list))
		return;
	uint32_t count = reader_array(&list, UINT32_MAX);
	for (uint32_t i = 0; i < count && i < ITEMS_SAID; i++) {
		if (i > 0)
			say(saying, saying->language == SAY_ZH ? "；" : "; ");
		say_part(saying, field->fields, reader_value(&list), within(part, name.size, 0));
	}
	if (count > ITEMS_SAID)
		say(saying, saying->language == SAY_ZH ? "……共 %u 项" : " ... %u in all", count);
}

bool say_event(struct saying *saying, const struct event_type *type, struct bytes data)
{
	const char *sentence = saying->language == SAY_ZH ? type->explain_zh : type->explain_en;
	struct reader value;

	if (sentence == NULL)
		return false;
	if (find(data, TEXT_LITERAL("currency"), &value))
		saying->currency = reader_text(&value, 3);
	if (find(data, TEXT_LITERAL("metric"), &value)) /* else what the caller knows of it */
		saying->metric = reader_text(&value, 64);
	for (struct text rest = text_of(sentence); rest.size > 0;) {
		struct text plain = before(rest, '<');

		say_part(saying, type->fields, data, plain);
		rest = (struct text){rest.data + plain.size, rest.size - plain.size};
		if (rest.size == 0)
			break;
		struct text items = within(rest, 0, '>');
		say_items(saying, type, data, items);
		rest = (struct text){rest.data + items.size + 2, rest.size - items.size - 2};
	}
	return true;
}
