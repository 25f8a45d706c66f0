/*
 * test_event.c -- goal: event types are found by name; a struct that no decoder would take back is refused;
 * events that differ in any field are not equal; a printed event is one line. Method: the generated
 * description of a sale, with one field changed at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "events/orders.h"

static struct sale_recorded_line lines_of_sale[2];

static struct sale_recorded a_sale(void)
{
	for (int i = 0; i < 2; i++)
		lines_of_sale[i] = (struct sale_recorded_line){
		    .sku = TEXT_LITERAL("85123A"), .quantity = quantity_of(6000 + i),
			    .amount = money_of(1530)};
	return (struct sale_recorded){
	    .outlet = TEXT_LITERAL("OUT-001"),
	    .terminal = TEXT_LITERAL("OUT-001/T1"),
	    .receipt = TEXT_LITERAL("536365"),
	    .currency = TEXT_LITERAL("GBP"),
	    .day = TEXT_LITERAL("2010-12-01"),
	    .tier = 1,
	    .total = money_of(3060),
	    .units = quantity_of(12001),
	    .lines = {lines_of_sale, 2},
	};
}

static void assert_refused(const struct sale_recorded *sale, int error, const char *expected)
{
	const char *field = "none";

	assert_string_equal(error_name(event_check(&sale_recorded_type, sale, &field)), error_name(error));
	assert_string_equal(field, expected);
}

static void test_every_type_is_found_by_its_name(void **state)
{
	(void)state;
	assert_true(event_type_count >= 60);
	for (uint32_t i = 0; i < event_type_count; i++) {
		assert_ptr_equal(event_type_find(text_of(event_types[i]->name)), event_types[i]);
		if (i > 0)
			assert_true(strcmp(event_types[i - 1]->name, event_types[i]->name) < 0);
	}
}

static void test_names_that_are_none_are_not_found(void **state)
{
	static const struct text names[] = {
	    {NULL, 0}, {"", 0}, {"a", 1}, {"zzz", 3}, {"sale.recorde", 12}, {"sale.recordedx", 14},
	    {"sale.recorded\0", 14}, {"sale.rec\0rded", 13}, {"\0", 1}, {"\xff\xff", 2},
	    {"SALE.RECORDED", 13}, {"sale.", 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_null(event_type_find(names[i]));
}

/*
 * Near misses of every name: without its last letter unless that is a name, with one more, with the last
 * one changed.
 */
static void test_near_misses_are_not_found(void **state)
{
	char name[TYPE_TEXT_MAX + 2];

	(void)state;
	for (uint32_t i = 0; i < event_type_count; i++) {
		uint32_t size = (uint32_t)snprintf(name, sizeof(name), "%s~", event_types[i]->name);

		assert_null(event_type_find((struct text){name, size}));
		assert_null(event_type_find((struct text){name, size - 2}));
		name[size - 2] = '~';
		assert_null(event_type_find((struct text){name, size - 1}));
	}
}

static void test_a_good_event_passes(void **state)
{
	struct sale_recorded sale = a_sale();
	const char *field = "none";

	(void)state;
	assert_int_equal(event_check(&sale_recorded_type, &sale, &field), ERR_NONE);
	assert_null(field);
}

static void test_texts_are_checked(void **state)
{
	static const char thirty_three[] = "123456789012345678901234567890123";
	struct sale_recorded sale = a_sale();

	(void)state;
	sale.outlet = TEXT_LITERAL("");
	assert_refused(&sale, ERR_OUT_OF_RANGE, "outlet");
	sale.outlet = text_of(thirty_three);
	assert_refused(&sale, ERR_TOO_LARGE, "outlet");
	sale.outlet = TEXT_LITERAL("S\xff");
	assert_refused(&sale, ERR_NOT_UTF8, "outlet");
	sale = a_sale();
	sale.currency = TEXT_LITERAL("GB");
	assert_refused(&sale, ERR_OUT_OF_RANGE, "currency");
	sale = a_sale();
	lines_of_sale[1].sku = (struct text){0};
	assert_refused(&sale, ERR_OUT_OF_RANGE, "sku");
}

static void test_absent_fields_are_not_checked(void **state)
{
	struct sale_recorded sale = a_sale();

	(void)state;
	sale.brand = TEXT_LITERAL("\xff");
	assert_int_equal(event_check(&sale_recorded_type, &sale, &(const char *){NULL}), ERR_NONE);
	sale.has_brand = true;
	assert_refused(&sale, ERR_NOT_UTF8, "brand");
}

static void test_numbers_are_checked(void **state)
{
	struct sale_recorded sale = a_sale();

	(void)state;
	sale.tier = 3;
	assert_refused(&sale, ERR_OUT_OF_RANGE, "tier");
	sale.tier = 0;
	assert_refused(&sale, ERR_OUT_OF_RANGE, "tier");
	sale = a_sale();
	sale.total = money_of(NUMBER_MAX + 1);
	assert_refused(&sale, ERR_OUT_OF_RANGE, "total");
	sale.total = money_of(-NUMBER_MAX - 1);
	assert_refused(&sale, ERR_OUT_OF_RANGE, "total");
	sale = a_sale();
	lines_of_sale[0].quantity = quantity_of(INT64_MAX);
	assert_refused(&sale, ERR_OUT_OF_RANGE, "quantity");
	sale = a_sale();
	lines_of_sale[0].unit_price.e4 = INT64_MIN;
	assert_int_equal(event_check(&sale_recorded_type, &sale, &(const char *){NULL}), ERR_NONE);
	lines_of_sale[0].has_unit_price = true;
	assert_refused(&sale, ERR_OUT_OF_RANGE, "unit_price");
}

static void test_lists_are_checked(void **state)
{
	static struct sale_recorded_line many[1001];
	struct sale_recorded sale = a_sale();

	(void)state;
	for (size_t i = 0; i < 1001; i++)
		many[i] = lines_of_sale[0];
	sale.lines.items = many;
	sale.lines.count = 1000;
	assert_int_equal(event_check(&sale_recorded_type, &sale, &(const char *){NULL}), ERR_NONE);
	sale.lines.count = 1001;
	assert_refused(&sale, ERR_TOO_MANY, "lines");
	sale.lines.count = 0;
	assert_refused(&sale, ERR_OUT_OF_RANGE, "lines");
}

static void change_outlet(struct sale_recorded *sale)
{
	sale->outlet = TEXT_LITERAL("OUT-002");
}

static void change_day(struct sale_recorded *sale)
{
	sale->day = TEXT_LITERAL("2010-12-02");
}

static void change_tier(struct sale_recorded *sale)
{
	sale->tier = 2;
}

static void change_total(struct sale_recorded *sale)
{
	sale->total.minor++;
}

static void change_units(struct sale_recorded *sale)
{
	sale->units.milli--;
}

static void add_customer(struct sale_recorded *sale)
{
	sale->has_customer = true;
}

static void change_count(struct sale_recorded *sale)
{
	sale->lines.count = 1;
}

static struct sale_recorded_line other_lines[2];

static void change_last_sku(struct sale_recorded *sale)
{
	other_lines[1].sku = TEXT_LITERAL("85123B");
	sale->lines.items = other_lines;
}

static void change_last_service(struct sale_recorded *sale)
{
	other_lines[1].has_service = other_lines[1].service = true;
	sale->lines.items = other_lines;
}

static void change_first_amount(struct sale_recorded *sale)
{
	other_lines[0].amount.minor = 0;
	sale->lines.items = other_lines;
}

static void test_any_difference_is_seen(void **state)
{
	static void (*const changes[])(struct sale_recorded *) = {
	    change_outlet, change_day,	    change_tier,	 change_total,	     change_units,
	    add_customer,  change_count, change_last_sku, change_last_service, change_first_amount,
	};
	struct sale_recorded sale = a_sale();

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct sale_recorded other = sale;

		memcpy(other_lines, lines_of_sale, sizeof(other_lines));
		assert_true(event_equal(&sale_recorded_type, &sale, &other));
		changes[i](&other);
		assert_false(event_equal(&sale_recorded_type, &sale, &other));
		assert_false(event_equal(&sale_recorded_type, &other, &sale));
	}
}

static void test_what_is_absent_makes_no_difference(void **state)
{
	struct sale_recorded sale = a_sale(), other = sale;

	(void)state;
	other.customer = TEXT_LITERAL("12345"); /* but has_customer is false */
	assert_true(event_equal(&sale_recorded_type, &sale, &other));
	other.lines.items = other_lines;
	memcpy(other_lines, lines_of_sale, sizeof(other_lines));
	other.outlet.data = "OUT-001 elsewhere";
	assert_true(event_equal(&sale_recorded_type, &sale, &other));
}

static char *printed(const struct sale_recorded *sale)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	event_print(&sale_recorded_type, sale, out);
	fclose(out);
	return text;
}

static void test_an_event_prints_on_one_line(void **state)
{
	struct sale_recorded sale = a_sale();

	(void)state;
	lines_of_sale[1].has_service = lines_of_sale[1].service = true;
	char *text = printed(&sale);
	assert_string_equal(text, "sale.recorded outlet=OUT-001 terminal=OUT-001/T1 receipt=536365 "
				  "currency=GBP day=2010-12-01 tier=1 total=3060 units=12001 "
				  "lines=[sku=85123A quantity=6000 amount=1530; "
				  "sku=85123A quantity=6001 amount=1530 service=yes]\n");
	free(text);
	lines_of_sale[1].service = false;
	text = printed(&sale);
	assert_non_null(strstr(text, "; sku=85123A quantity=6001 amount=1530 service=no]\n"));
	free(text);
}

static void test_a_printed_text_cannot_pass_for_something_else(void **state)
{
	static const struct {
		const char *text, *printed;
	} table[] = {
	    {"a b", "outlet=\"a b\" "}, {"a\nb", "outlet=\"a\\x0ab\" "},
	    {"a\x7f", "outlet=\"a\\x7f\" "}, {"\x1b[2J", "outlet=\"\\x1b[2J\" "}, {"a=b", "outlet=\"a=b\" "}, {"\"", "outlet=\"\\\"\" "},
	    {"\\", "outlet=\"\\\\\" "}, {"x]", "outlet=\"x]\" "}, {"", "outlet=\"\" "},
	    {"\xe4\xb8\x80", "outlet=\"\xe4\xb8\x80\" "},
	};
	struct sale_recorded sale = a_sale();

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		sale.outlet = text_of(table[i].text);
		char *text = printed(&sale);
		assert_non_null(strstr(text, table[i].printed));
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_type_is_found_by_its_name),
	    cmocka_unit_test(test_names_that_are_none_are_not_found),
	    cmocka_unit_test(test_near_misses_are_not_found),
	    cmocka_unit_test(test_a_good_event_passes),
	    cmocka_unit_test(test_texts_are_checked),
	    cmocka_unit_test(test_absent_fields_are_not_checked),
	    cmocka_unit_test(test_numbers_are_checked),
	    cmocka_unit_test(test_lists_are_checked),
	    cmocka_unit_test(test_any_difference_is_seen),
	    cmocka_unit_test(test_what_is_absent_makes_no_difference),
	    cmocka_unit_test(test_an_event_prints_on_one_line),
	    cmocka_unit_test(test_a_printed_text_cannot_pass_for_something_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
